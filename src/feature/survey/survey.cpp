#include "feature/survey/survey.hpp"

#include <fmt/format.h>

#include <array>

#include "feature/survey/sheet.hpp"
#include "form/limits.hpp"
#include "form/wording.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr std::array<std::string_view, 3> k_modes{"anonymous", "confidential", "identified"};
constexpr std::array<std::string_view, 4> k_statuses{"draft", "open", "closed", "deleted"};
constexpr crypto::Purpose k_questionnaire_purpose = "survey.questionnaire";
constexpr crypto::Purpose k_title_purpose = "survey.title";

std::optional<std::int64_t> maybe_integer(const store::Row& row, int column) {
  if (row.is_null(column)) return {};
  return row.integer(column);
}

Bytes version_binding(const SurveyId& id, std::int64_t version) {
  Bytes binding = to_bytes(id.bytes());
  append_u64(binding, static_cast<std::uint64_t>(version));
  return binding;
}

struct SealedVersion {
  std::int64_t version = 0;
  std::optional<Instant> published_at;
  Bytes sealed;
};

Result<LoadedVersion> opened(const crypto::Cipher& cipher, const SurveyId& id,
                             const std::optional<SealedVersion>& row) {
  if (!row) return fail(Code::NotFound, "no such version");
  PROBITY_TRY(json, open_questionnaire(cipher, id, row->version, row->sealed));
  return LoadedVersion{row->version, row->published_at, std::move(json)};
}

}  // namespace

std::string_view text_of(Mode mode) { return k_modes[static_cast<std::size_t>(mode)]; }

std::optional<Mode> parse_mode(std::string_view text) {
  for (std::size_t i = 0; i < k_modes.size(); ++i)
    if (k_modes[i] == text) return static_cast<Mode>(i);
  return {};
}

std::string who_will_know(Mode mode, std::string_view locale) {
  switch (mode) {
    case Mode::Anonymous: return form::phrase(locale, form::Phrase::WhoAnonymous);
    case Mode::Confidential: return form::phrase(locale, form::Phrase::WhoConfidential);
    case Mode::Identified: return form::phrase(locale, form::Phrase::WhoIdentified);
  }
  return {};
}

std::string promise_of(Mode mode) {
  return who_will_know(mode, "en") +
         " A question that is not required may be left out: the other answers count just the same.";
}

std::string_view text_of(Status status) { return k_statuses[static_cast<std::size_t>(status)]; }

std::string SurveyRecord::etag() const { return fmt::format("\"{}\"", revision); }

SurveyRecord survey_of(const store::Row& row) {
  SurveyRecord survey;
  survey.id = row.id<SurveyId>(0);
  survey.mode = static_cast<Mode>(row.integer(1));
  survey.revision = row.integer(2);
  survey.version = row.integer(3);
  survey.retention_days = maybe_integer(row, 4);
  survey.created_at = row.instant(5);
  survey.updated_at = row.instant(6);
  survey.sealed_title = to_bytes(row.bytes(7));
  survey.status = static_cast<Status>(row.integer(8));
  survey.opens_at = row.maybe_instant(9);
  survey.closes_at = row.maybe_instant(10);
  survey.response_cap = maybe_integer(row, 11);
  survey.accepted = row.integer(12);
  survey.erased = row.integer(13);
  survey.newest_version = row.integer(14);
  if (!row.is_null(15)) survey.updated_by = std::string(row.text(15));
  return survey;
}

Result<SurveyRecord> load_survey(store::Reader& reader, const SurveyId& id) {
  PROBITY_TRY(survey, reader.first(q::survey, {reader.space().tenant(), id}, survey_of));
  if (!survey) return fail(Code::NotFound, "no such survey");
  return std::move(*survey);
}

Opening opening_at(const SurveyRecord& survey, Instant now) {
  if (survey.status != Status::Open) return Opening::Over;
  if (survey.opens_at && now < *survey.opens_at) return Opening::NotYet;
  if (survey.closes_at && now >= *survey.closes_at) return Opening::Over;
  return Opening::Open;
}

Result<Bytes> seal_questionnaire(const crypto::Cipher& cipher, const SurveyId& id,
                                 std::int64_t version, std::string_view json) {
  return cipher.seal(k_questionnaire_purpose, version_binding(id, version),
                     as_bytes(deflate_text(json)));
}

Result<std::string> open_questionnaire(const crypto::Cipher& cipher, const SurveyId& id,
                                       std::int64_t version, BytesView sealed) {
  PROBITY_TRY(packed, cipher.open(k_questionnaire_purpose, version_binding(id, version), sealed));
  return inflate_text(as_text(packed), form::k_document_max_bytes);
}

Result<LoadedVersion> load_version(store::Reader& reader, const crypto::Cipher& cipher,
                                   const SurveyId& id, std::int64_t version) {
  PROBITY_TRY(
      row,
      reader.first(q::version, {reader.space().tenant(), id, version}, [&](const store::Row& r) {
        return SealedVersion{version, r.maybe_instant(0), to_bytes(r.bytes(1))};
      }));
  return opened(cipher, id, row);
}

Result<LoadedVersion> load_newest(store::Reader& reader, const crypto::Cipher& cipher,
                                  const SurveyId& id) {
  PROBITY_TRY(
      row, reader.first(q::newest_version, {reader.space().tenant(), id}, [](const store::Row& r) {
        return SealedVersion{r.integer(0), r.maybe_instant(1), to_bytes(r.bytes(2))};
      }));
  return opened(cipher, id, row);
}

Result<std::shared_ptr<const form::Questionnaire>> parse_stored(std::string_view json) {
  auto parsed = form::parse_questionnaire(json);
  if (!parsed) return fail(Code::IntegrityError, "a stored questionnaire does not parse");
  return std::make_shared<const form::Questionnaire>(std::move(parsed->questionnaire));
}

Result<std::string> open_title(const crypto::Cipher& cipher, const SurveyRecord& survey) {
  PROBITY_TRY(plain, cipher.open(k_title_purpose, survey.id.bytes(), survey.sealed_title));
  return std::string(as_text(plain));
}

Result<Bytes> seal_title(const crypto::Cipher& cipher, const SurveyId& id, std::string_view title) {
  return cipher.seal(k_title_purpose, id.bytes(), as_bytes(title));
}

}  // namespace probity::survey
