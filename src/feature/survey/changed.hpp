#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feature/survey/logo.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/survey.hpp"
#include "form/questionnaire.hpp"
#include "web/call.hpp"
#include "web/response.hpp"

// Inside the room: what the routes share that change a survey.
namespace probity::survey {

struct Services;

/// What a Change leaves for the answer that is built after its commit.
struct Outcome {
  SurveyRecord survey;
  std::string title;
  std::vector<form::Warning> warnings;
  std::optional<std::string> token;
  std::optional<PageSettings> pages;
  std::optional<LogoFacts> logo;
};

/// The survey as it is after the Change, with its ETag.
[[nodiscard]] web::Response survey_response(int status, const Outcome& outcome);

/// A Change of a survey, answered with the survey as it is then. What is kept for its link is made
/// anew. Threads: as for web::Prepared.
[[nodiscard]] web::Prepared changed_survey(
    Services& services, std::move_only_function<Result<store::Journal>(store::Tx&)> apply,
    std::shared_ptr<const Outcome> outcome, store::Growth growth = store::Growth::Grows);

/// What somebody is told whose change began from a state that is no more: the state there is, so
/// that both can be joined without asking again. Nothing when If-Match names the present state.
[[nodiscard]] Result<std::optional<web::Response>> refuse_stale(web::Call& call,
                                                                const SurveyRecord& survey);

/// Whether a second person has approved what a Change is about to lose.
enum class Approved : bool { No, Yes };

/// Whether to lose the responses there are takes two people.
[[nodiscard]] Result<bool> loss_takes_two(store::Reader& reader, const SurveyRecord& survey);

/// JSON Schema of a survey, as these routes answer it.
inline constexpr std::string_view k_survey_schema =
    R"({"type":"object","required":["id","title","mode","status","version","published_version",)"
    R"("responses","opens_at","closes_at","response_cap","retention_days","created_at",)"
    R"("updated_at"],"properties":{)"
    R"("id":{"type":"string"},"title":{"type":"string"},"mode":{"enum":["anonymous",)"
    R"("confidential","identified"]},"status":{"enum":["draft","open","closed"]},)"
    R"("version":{"type":"integer"},"published_version":{"type":["integer","null"]},)"
    R"("responses":{"type":"integer"},"opens_at":{"type":["string","null"]},)"
    R"("closes_at":{"type":["string","null"]},"response_cap":{"type":["integer","null"]},)"
    R"("retention_days":{"type":["integer","null"]},"created_at":{"type":"string"},)"
    R"("updated_at":{"type":"string"},"updated_by":{"type":["string","null"]},)"
    R"("token":{"type":"string"},)"
    R"("pages":{"type":"object"},"logo":{"type":["object","null"]},)"
    R"("warnings":{"type":"array","items":{"type":"object","required":["path","reason"],)"
    R"("properties":{"path":{"type":"string"},"reason":{"type":"string"}}}},)"
    R"("questionnaire":{"type":"object"}}})";

}  // namespace probity::survey
