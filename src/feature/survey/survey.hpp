#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "crypto/cipher.hpp"
#include "form/questionnaire.hpp"
#include "store/tx.hpp"

namespace probity::survey {

/// What respondents are promised. Stored as these numbers.
enum class Mode : std::uint8_t {
  Anonymous = 0,     ///< Nothing but the answers and the hour.
  Confidential = 1,  ///< Also the time and the anonymised address; no names are asked for.
  Identified = 2,    ///< The questionnaire itself asks who answers.
};
[[nodiscard]] std::string_view text_of(Mode mode);
[[nodiscard]] std::optional<Mode> parse_mode(std::string_view text);
/// Who will know what, in words, for respondents.
[[nodiscard]] std::string who_will_know(Mode mode, std::string_view locale);
/// The same, and that a question may be left out; for programs that show a survey by themselves.
/// Our own page says that in its own words, in the respondent's language.
[[nodiscard]] std::string promise_of(Mode mode);

enum class Status : std::uint8_t { Draft = 0, Open = 1, Closed = 2, Deleted = 3 };
[[nodiscard]] std::string_view text_of(Status status);

/// A survey's two rows, opened.
struct SurveyRecord {
  SurveyId id;
  Mode mode = Mode::Anonymous;
  std::int64_t revision = 0;
  std::int64_t version = 0;  ///< Published now; 0 before the first publication.
  std::optional<std::int64_t> retention_days;
  Instant created_at;
  Instant updated_at;
  Bytes sealed_title;
  Status status = Status::Draft;
  std::optional<Instant> opens_at;
  std::optional<Instant> closes_at;
  std::optional<std::int64_t> response_cap;
  std::int64_t accepted = 0;
  std::int64_t erased = 0;
  std::int64_t newest_version = 0;  ///< Of the draft when there is one, else as `version`.
  /// Who changed it last, as the audit log names them; nothing when it is not known.
  std::optional<std::string> updated_by;

  /// Responses stored now.
  [[nodiscard]] std::int64_t stored() const { return accepted - erased; }
  [[nodiscard]] std::string etag() const;
};

/// A row of the statements `survey` and `surveys`.
[[nodiscard]] SurveyRecord survey_of(const store::Row& row);
/// NotFound when there is none, or a deleted one.
[[nodiscard]] Result<SurveyRecord> load_survey(store::Reader& reader, const SurveyId& id);

/// What the survey's times say now; a published survey may still not be open.
enum class Opening : std::uint8_t { Open, NotYet, Over };
[[nodiscard]] Opening opening_at(const SurveyRecord& survey, Instant now);

/// The questionnaire's text, compressed and sealed, bound to survey and version.
[[nodiscard]] Result<Bytes> seal_questionnaire(const crypto::Cipher& cipher, const SurveyId& id,
                                               std::int64_t version, std::string_view json);
[[nodiscard]] Result<std::string> open_questionnaire(const crypto::Cipher& cipher,
                                                     const SurveyId& id, std::int64_t version,
                                                     BytesView sealed);

/// A version's text and its parsed form.
struct LoadedVersion {
  std::int64_t version = 0;
  std::optional<Instant> published_at;
  std::string json;
};
/// NotFound when there is no such version.
[[nodiscard]] Result<LoadedVersion> load_version(store::Reader& reader,
                                                 const crypto::Cipher& cipher, const SurveyId& id,
                                                 std::int64_t version);
/// The draft when there is one, else the version published last.
[[nodiscard]] Result<LoadedVersion> load_newest(store::Reader& reader, const crypto::Cipher& cipher,
                                                const SurveyId& id);
/// Parses what was stored; IntegrityError when an older build stored what this one refuses.
[[nodiscard]] Result<std::shared_ptr<const form::Questionnaire>> parse_stored(
    std::string_view json);

[[nodiscard]] Result<std::string> open_title(const crypto::Cipher& cipher,
                                             const SurveyRecord& survey);
[[nodiscard]] Result<Bytes> seal_title(const crypto::Cipher& cipher, const SurveyId& id,
                                       std::string_view title);

/// Purposes of this room's sealed columns.
inline constexpr crypto::Purpose k_answers_purpose = "survey.answers";
inline constexpr crypto::Purpose k_block_purpose = "survey.block";
inline constexpr crypto::Purpose k_origin_purpose = "survey.origin";
inline constexpr crypto::Purpose k_link_purpose = "survey.link.secret";

}  // namespace probity::survey
