#include "feature/survey/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/token.hpp"
#include "form/limits.hpp"
#include "form/questionnaire.hpp"
#include "identity/address.hpp"
#include "sql/survey.hpp"
#include "web/address.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using module::ArchiveRow;
using module::RowKeys;
using module::RowStore;

constexpr auto k_survey_columns =
    std::to_array<std::string_view>({"id", "mode", "revision", "version", "retention_days",
                                     "created_at", "updated_at", "title", "updated_by"});
constexpr auto k_gate_columns = std::to_array<std::string_view>(
    {"survey", "status", "opens_at", "closes_at", "response_cap", "accepted", "erased"});
constexpr auto k_version_columns =
    std::to_array<std::string_view>({"survey", "version", "published_at", "questionnaire"});
constexpr auto k_link_columns = std::to_array<std::string_view>({"survey", "created_at", "token"});
constexpr auto k_page_columns = std::to_array<std::string_view>({"survey", "settings"});
constexpr auto k_logo_columns = std::to_array<std::string_view>({"survey", "picture"});
constexpr auto k_stored_columns =
    std::to_array<std::string_view>({"survey", "kind", "version", "stored_by", "bytes"});
constexpr auto k_response_columns = std::to_array<std::string_view>(
    {"survey", "id", "received_at", "version", "origin", "answers"});

std::optional<std::int64_t> maybe(const store::Row& row, int column) {
  if (row.is_null(column)) return {};
  return row.integer(column);
}

std::optional<std::string> maybe_text(const store::Row& row, int column) {
  if (row.is_null(column)) return {};
  return std::string(row.text(column));
}

/// What a number of an archive may be: somebody else may have written it, and it is stored as it
/// is.
struct Bounds {
  std::int64_t least;
  std::int64_t most;
  [[nodiscard]] bool hold(std::int64_t value) const { return value >= least && value <= most; }
};
constexpr Bounds k_modes{0, static_cast<std::int64_t>(Mode::Identified)};
constexpr Bounds k_statuses{0, static_cast<std::int64_t>(Status::Deleted)};
constexpr Bounds k_moments{0, module::k_archive_moment_most_us};
constexpr Bounds k_schedules{module::k_archive_date_least_us, module::k_archive_moment_most_us};
constexpr Bounds k_versions{1, 1'000'000'000};
constexpr Bounds k_published{0, k_versions.most};
constexpr Bounds k_revisions{1, 1'000'000'000'000};
constexpr Bounds k_counts{0, 1'000'000'000'000};
constexpr Bounds k_stored_kinds{0, static_cast<std::int64_t>(StoredKind::Logo)};
constexpr Bounds k_retentions{1, k_retention_days_max};
constexpr Bounds k_caps{1, k_response_cap_max};

/// By StoredKind. A table's rows take more than its file, so it has no bound of its own.
constexpr std::array k_stored_bytes{Bounds{0, form::k_document_max_bytes}, k_counts,
                                    Bounds{0, k_logo_max_bytes}};

/// Reads the members of a row; afterwards `check` says whether all were there and in their bounds.
class Members {
 public:
  explicit Members(const ArchiveRow& row) : row_(row) {}

  std::int64_t number(std::string_view name, Bounds bounds) {
    const auto* value = row_.values.if_contains(name);
    if (value == nullptr || !value->is_int64() || !bounds.hold(value->get_int64())) {
      is_whole_ = false;
      return bounds.least;
    }
    return value->get_int64();
  }
  /// A number or null.
  std::optional<std::int64_t> maybe_number(std::string_view name, Bounds bounds) {
    const auto* value = row_.values.if_contains(name);
    if (value != nullptr && value->is_null()) return {};
    return number(name, bounds);
  }
  std::string text(std::string_view name) {
    const auto* value = row_.values.if_contains(name);
    if (value == nullptr || !value->is_string()) {
      is_whole_ = false;
      return {};
    }
    return std::string(value->get_string());
  }
  /// Who did something, as the audit log names it; null and absent (older archives) are the same.
  std::optional<std::string> maybe_actor(std::string_view name) {
    const auto* value = row_.values.if_contains(name);
    if (value == nullptr || value->is_null()) return {};
    std::string actor = text(name);
    if (!UserId::parse(actor) && !TokenId::parse(actor) && actor != "cli") is_whole_ = false;
    return actor;
  }
  template <typename AnyId>
  AnyId id(std::string_view name) {
    const auto parsed = AnyId::parse(text(name));
    if (!parsed) is_whole_ = false;
    return parsed.value_or(AnyId());
  }
  [[nodiscard]] Result<void> check(std::string_view table) const {
    if (is_whole_) return {};
    return fail(Code::BadRequest, "a row of " + std::string(table) + " is not understood");
  }

 private:
  const ArchiveRow& row_;
  bool is_whole_ = true;
};

std::unexpected<Error> refuse_archive(std::string_view why) {
  return refuse(Code::BadRequest, fmt::format("{} Nothing was imported.", why));
}

/// The text of the object that is a row's last member, byte for byte as it was written.
Result<std::string> last_object(std::string_view line, std::string_view name) {
  const std::string key = ",\"" + std::string(name) + "\":{";
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos || !line.ends_with("}}"))
    return fail(Code::BadRequest, "a row of the archive was rearranged");
  const std::size_t begin = at + key.size() - 1;
  return std::string(line.substr(begin, line.size() - 1 - begin));
}

/// JSON on one line: outside of its strings line ends are white space, inside there are none.
std::string on_one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

Result<void> write_survey(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto id = row.id<SurveyId>(0);
  SurveyRecord survey;
  survey.id = id;
  survey.sealed_title = to_bytes(row.bytes(7));
  PROBITY_TRY(title, open_title(keys.cipher, survey));
  json.field("id", id.text());
  json.field("mode", row.integer(1));
  json.field("revision", row.integer(2));
  json.field("version", row.integer(3));
  json.field("retention_days", maybe(row, 4));
  json.field("created_at", row.integer(5));
  json.field("updated_at", row.integer(6));
  json.field("title", title);
  json.field("updated_by", maybe_text(row, 8));
  return {};
}

Result<RowStore> read_survey(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto id = members.id<SurveyId>("id");
  const auto mode = members.number("mode", k_modes);
  const auto revision = members.number("revision", k_revisions);
  const auto version = members.number("version", k_published);
  const auto retention = members.maybe_number("retention_days", k_retentions);
  const auto created = members.number("created_at", k_moments);
  const auto updated = members.number("updated_at", k_moments);
  const auto editor = members.maybe_actor("updated_by");
  const std::string text = members.text("title");
  PROBITY_CHECK(members.check("survey_survey"));
  if (text.size() > form::k_title_max_bytes)
    return refuse_archive(fmt::format("The title of survey {} has {} bytes; {} are taken.",
                                      id.text(), text.size(), form::k_title_max_bytes));
  PROBITY_TRY(title, seal_title(keys.cipher, id, text));
  return [=, tenant = keys.tenant, title = std::move(title)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::import_survey, {tenant, id, mode, revision, version, retention, created,
                                            updated, title, editor}));
    return {};
  };
}

Result<void> write_gate(const store::Row& row, const RowKeys&, JsonWriter& json) {
  json.field("survey", row.id<SurveyId>(0).text());
  json.field("status", row.integer(1));
  json.field("opens_at", maybe(row, 2));
  json.field("closes_at", maybe(row, 3));
  json.field("response_cap", maybe(row, 4));
  json.field("accepted", row.integer(5));
  json.field("erased", row.integer(6));
  return {};
}

Result<RowStore> read_gate(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const auto status = members.number("status", k_statuses);
  const auto opens = members.maybe_number("opens_at", k_schedules);
  const auto closes = members.maybe_number("closes_at", k_schedules);
  const auto cap = members.maybe_number("response_cap", k_caps);
  const auto accepted = members.number("accepted", k_counts);
  const auto erased = members.number("erased", {0, accepted});
  PROBITY_CHECK(members.check("survey_gate"));
  return [=, tenant = keys.tenant](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(
        tx.run(q::import_gate, {tenant, survey, status, opens, closes, cap, accepted, erased}));
    return {};
  };
}

Result<void> write_version(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto survey = row.id<SurveyId>(1);
  PROBITY_TRY(text, open_questionnaire(keys.cipher, survey, row.integer(2), row.bytes(4)));
  json.field("survey", survey.text());
  json.field("version", row.integer(2));
  json.field("published_at", maybe(row, 3));
  json.key("questionnaire");
  json.raw(on_one_line(std::move(text)));
  return {};
}

/// A questionnaire that does not parse would be stored, and its survey could not be shown.
Result<void> check_questionnaire(const SurveyId& survey, std::int64_t version,
                                 std::string_view text) {
  const auto parsed = form::parse_questionnaire(text);
  if (parsed) return {};
  const Error& error = parsed.error();
  std::string why = error.hint.empty() ? std::string(code_info(error.code).sentence) : error.hint;
  if (!error.fields.empty())
    why = fmt::format("{}: {}", error.fields.front().field, error.fields.front().reason);
  return refuse(
      Code::BadRequest,
      fmt::format("The questionnaire of survey {}, version {}, cannot be used; {} Nothing "
                  "was imported.",
                  survey.text(), version, why));
}

Result<RowStore> read_version(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const auto version = members.number("version", k_versions);
  const auto published = members.maybe_number("published_at", k_moments);
  PROBITY_CHECK(members.check("survey_version"));
  PROBITY_TRY(text, last_object(row.line, "questionnaire"));
  PROBITY_CHECK(check_questionnaire(survey, version, text));
  PROBITY_TRY(sealed, seal_questionnaire(keys.cipher, survey, version, text));
  return [=, tenant = keys.tenant, sealed = std::move(sealed)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::insert_version, {tenant, survey, version, published, sealed}));
    return {};
  };
}

Result<void> write_link(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto survey = row.id<SurveyId>(1);
  PROBITY_TRY(token, keys.cipher.open(k_link_purpose, survey.bytes(), row.bytes(3)));
  json.field("survey", survey.text());
  json.field("created_at", row.integer(2));
  json.field("token", as_text(token));
  return {};
}

Result<RowStore> read_link(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const auto created = members.number("created_at", k_moments);
  const std::string text = members.text("token");
  PROBITY_CHECK(members.check("survey_link"));
  const auto token = LinkToken::parse(text);
  if (!token || token->tenant != keys.tenant)
    return fail(Code::BadRequest, "a link of the archive is of another tenant");
  PROBITY_TRY(hash, token->hash(keys.cipher));
  PROBITY_TRY(sealed, keys.cipher.seal(k_link_purpose, survey.bytes(), as_bytes(text)));
  return [=, tenant = keys.tenant, hash = hash,
          sealed = std::move(sealed)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::insert_link, {tenant, hash, survey, created, sealed}));
    return {};
  };
}

Result<void> write_page(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto survey = row.id<SurveyId>(0);
  PROBITY_TRY(settings, open_page_settings(keys.cipher, survey, row.bytes(1)));
  json.field("survey", survey.text());
  json.key("settings");
  write_page_settings(json, settings);
  return {};
}

Result<RowStore> read_page(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  PROBITY_CHECK(members.check("survey_page"));
  const auto* value = row.values.if_contains("settings");
  PageSettings settings;
  if (value == nullptr || !change_page_settings(*value, settings))
    return fail(Code::BadRequest, "a row of survey_page is not understood");
  PROBITY_TRY(sealed, seal_page_settings(keys.cipher, survey, settings));
  return [=, tenant = keys.tenant, sealed = std::move(sealed)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::put_page_settings, {tenant, survey, sealed}));
    return {};
  };
}

Result<void> write_archived_logo(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto survey = row.id<SurveyId>(0);
  PROBITY_TRY(logo, open_logo(keys.cipher, survey, row.bytes(1)));
  json.field("survey", survey.text());
  json.field("picture", to_base64url(logo.bytes));
  return {};
}

Result<RowStore> read_archived_logo(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const std::string text = members.text("picture");
  PROBITY_CHECK(members.check("survey_logo"));
  const auto bytes = from_base64url(text);
  const Result<Logo> logo = bytes ? read_logo(*bytes) : fail(Code::BadRequest);
  if (!logo) return fail(Code::BadRequest, "a row of survey_logo is not understood");
  PROBITY_TRY(sealed, seal_logo(keys.cipher, survey, *logo));
  return [=, sealed = std::move(sealed)](store::Tx& tx) -> Result<void> {
    return store_logo(tx, survey, sealed);
  };
}

/// Who stored what goes with it: the numbers of members stay theirs wherever the tenant moves.
Result<void> write_stored(const store::Row& row, const RowKeys&, JsonWriter& json) {
  json.field("survey", row.id<SurveyId>(1).text());
  json.field("kind", row.integer(2));
  json.field("version", row.integer(3));
  json.field("stored_by", row.id<UserId>(4).text());
  json.field("bytes", row.integer(5));
  return {};
}

Result<RowStore> read_stored(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const auto kind = members.number("kind", k_stored_kinds);
  const auto version = members.number("version", k_versions);
  const auto member = members.id<UserId>("stored_by");
  const auto bytes = members.number("bytes", k_stored_bytes.at(static_cast<std::size_t>(kind)));
  PROBITY_CHECK(members.check("survey_stored"));
  return [=, tenant = keys.tenant](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::put_stored, {tenant, survey, kind, version, member, bytes}));
    return {};
  };
}

Result<void> write_response(const StoredResponse& response, const SurveyId& survey,
                            const RowKeys& keys, JsonWriter& json) {
  const BytesView id = response.id.bytes();
  PROBITY_TRY(answers, keys.cipher.open(k_answers_purpose, id, response.answers));
  json.begin_object();
  json.field("survey", survey.text());
  json.field("id", response.id.text());
  json.field("received_at", response.received_at.us());
  json.field("version", response.version);
  std::optional<std::string> origin;
  if (response.origin) {
    PROBITY_TRY(opened, keys.cipher.open(k_origin_purpose, id, *response.origin));
    origin = std::string(as_text(opened));
  }
  json.field("origin", origin);
  json.key("answers");
  json.raw(on_one_line(std::string(as_text(answers))));
  json.end_object();
  return {};
}

/// The parts of the key of a response in an export: its survey's id and its own.
struct ResponseKey {
  SurveyId survey;
  ResponseId response;

  explicit ResponseKey(BytesView key) {
    if (key.size() != 32) return;
    survey = SurveyId::from_bytes(key.first(16)).value_or(SurveyId());
    response = ResponseId::from_bytes(key.last(16)).value_or(ResponseId());
  }
};

/// Every response of the tenant, survey by survey in id order.
Result<void> walk_archived_responses(store::Reader& reader, const RowKeys& keys, BytesView after,
                                     const module::TakeLine& take) {
  ResponseKey last(after);
  std::optional<SurveyId> survey;
  if (!after.empty()) survey = last.survey;
  for (;;) {
    bool is_over = false;
    const auto on_response = [&](const StoredResponse& response) -> Result<bool> {
      JsonWriter json;
      PROBITY_CHECK(write_response(response, *survey, keys, json));
      Bytes key = to_bytes(survey->bytes());
      key.insert(key.end(), response.id.bytes().begin(), response.id.bytes().end());
      PROBITY_TRY(wants_more, take(key, json));
      is_over = !wants_more;
      return wants_more;
    };
    if (survey) PROBITY_CHECK(each_response_in_order(reader, *survey, last.response, on_response));
    if (is_over) return {};
    const Bytes previous = survey ? to_bytes(survey->bytes()) : Bytes();
    PROBITY_TRY(next, reader.first(q::export_survey_after, {keys.tenant, previous},
                                   [](const store::Row& row) { return row.id<SurveyId>(0); }));
    if (!next) return {};
    survey = next;
    last.response = ResponseId();
  }
}

/// What a response says of its arrival.
struct Moment {
  std::int64_t received_us;
  bool has_origin;
};

/// What this program keeps of an address has lost its host part; a whole one is not taken in.
Result<void> check_origin(const ResponseId& id, std::string_view origin) {
  const auto address = web::parse_address(origin);
  const bool is_cut =
      address && web::anonymise_address(*address, identity::AddressFormat::V4Slash24) == *address;
  if (origin.empty() || is_cut) return {};
  return refuse_archive(fmt::format(
      "The origin of response {} is not an address whose end was set to zero.", id.text()));
}

/// An anonymous response tells the hour it came in and no more, nor where from.
Result<void> check_anonymity(store::Tx& tx, const SurveyId& survey, const ResponseId& id,
                             const Moment& moment) {
  PROBITY_TRY(mode, tx.first(q::mode_of, {tx.space().tenant(), survey},
                             [](const store::Row& row) { return row.integer(0); }));
  if (mode != static_cast<std::int64_t>(Mode::Anonymous)) return {};
  const Instant received = Instant::from_us(moment.received_us);
  if (received.hour() != received)
    return refuse_archive(fmt::format(
        "Response {} of an anonymous survey says when it came in to less than the hour.",
        id.text()));
  if (moment.has_origin)
    return refuse_archive(
        fmt::format("Response {} of an anonymous survey says where it came from.", id.text()));
  return {};
}

Result<RowStore> read_response(const ArchiveRow& row, const RowKeys& keys) {
  Members members(row);
  const auto survey = members.id<SurveyId>("survey");
  const auto id = members.id<ResponseId>("id");
  const auto received = members.number("received_at", k_moments);
  const auto version = members.number("version", k_versions);
  PROBITY_CHECK(members.check("survey_response"));
  PROBITY_TRY(text, last_object(row.line, "answers"));
  // Whatever counts or exports answers reads them with these bounds.
  PROBITY_CHECK(parse_json(text, {form::k_answers_depth_max, k_import_answers_max_bytes}));
  PROBITY_TRY(answers, keys.cipher.seal(k_answers_purpose, id.bytes(), as_bytes(text)));
  std::optional<Bytes> origin;
  if (const auto* value = row.values.if_contains("origin"); value && value->is_string()) {
    PROBITY_CHECK(check_origin(id, value->get_string()));
    PROBITY_TRY(sealed, keys.cipher.seal(k_origin_purpose, id.bytes(),
                                         as_bytes(std::string_view(value->get_string()))));
    origin = std::move(sealed);
  }
  return [=, answers = std::move(answers),
          origin = std::move(origin)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(check_anonymity(tx, survey, id, {received, origin.has_value()}));
    const NewResponse response{survey, id, Instant::from_us(received), version, answers, origin};
    std::array<const NewResponse*, 1> one{&response};
    return store_responses(tx, one);
  };
}

}  // namespace

std::vector<module::ExportTable> survey_archive() {
  // Links last: what they lead to is there by then.
  return {
      {"survey_survey", &q::export_surveys, k_survey_columns, write_survey, read_survey,
       &q::clear_surveys, nullptr, &q::strays},
      {"survey_gate", &q::export_gates, k_gate_columns, write_gate, read_gate, &q::clear_gates},
      {"survey_version", &q::export_versions, k_version_columns, write_version, read_version,
       &q::clear_versions},
      {"survey_page", &q::export_pages, k_page_columns, write_page, read_page, &q::clear_pages},
      {"survey_logo", &q::export_logos, k_logo_columns, write_archived_logo, read_archived_logo,
       &q::clear_logos},
      {"survey_stored", &q::export_stored, k_stored_columns, write_stored, read_stored,
       &q::clear_stored},
      {"survey_response", nullptr, k_response_columns, nullptr, read_response, &q::clear_responses,
       walk_archived_responses},
      {"survey_link", &q::export_links, k_link_columns, write_link, read_link, &q::clear_links},
  };
}

}  // namespace probity::survey
