#include "feature/survey/survey_module.hpp"

#include <array>
#include <iterator>

#include "feature/survey/archive.hpp"
#include "feature/survey/block_maker.hpp"
#include "feature/survey/comments.hpp"
#include "feature/survey/import.hpp"
#include "feature/survey/manage.hpp"
#include "feature/survey/pages.hpp"
#include "feature/survey/pictures.hpp"
#include "feature/survey/preview.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/report.hpp"
#include "feature/survey/report_links.hpp"
#include "feature/survey/responses.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/settings.hpp"
#include "feature/survey/share.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/submit.hpp"
#include "feature/survey/sweep.hpp"
#include "feature/survey/templates.hpp"
#include "feature/survey/versions.hpp"

namespace probity::survey {
namespace {

constexpr std::array<std::string_view, 2> k_reads{"survey", "identity"};
constexpr std::array<std::string_view, 1> k_writes{"survey"};

void append(std::vector<web::Route>& routes, std::vector<web::Route> more) {
  routes.insert(routes.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

}  // namespace

const store::Grant& survey_grant() {
  static const store::Grant grant{"survey", k_reads, k_writes};
  return grant;
}

SurveyModule::SurveyModule(store::Engine& engine, const Clock& clock, Log& log,
                           std::shared_ptr<IdempotencyLedger> ledger)
    : services_(std::make_unique<Services>(engine, clock, log, std::move(ledger))) {}

SurveyModule::~SurveyModule() = default;

void SurveyModule::sign_forms_with(identity::Authenticator& authenticator) {
  services_->authenticator = &authenticator;
}

void SurveyModule::show_links_at(std::string public_url) {
  services_->public_url = std::move(public_url);
}

void SurveyModule::scan_files_with(web::FileScanner* scanner) { services_->scanner = scanner; }

void SurveyModule::bound_storage(const Amount& of_member) { services_->member_quota = of_member; }

store::Grant SurveyModule::grant() const { return survey_grant(); }

std::vector<web::Route> SurveyModule::routes() {
  std::vector<web::Route> routes = manage_routes(*services_);
  append(routes, settings_routes(*services_));
  append(routes, logo_routes(*services_));
  append(routes, quota_routes(*services_));
  append(routes, share_routes(*services_));
  append(routes, version_routes());
  append(routes, preview_routes(*services_));
  append(routes, template_routes());
  append(routes, import_routes(*services_));
  append(routes, submit_routes(*services_));
  append(routes, page_routes(*services_));
  append(routes, response_routes(*services_));
  append(routes, report_routes(*services_));
  append(routes, picture_routes(*services_));
  append(routes, report_link_routes(*services_));
  append(routes, comment_routes(*services_));
  return routes;
}

std::vector<module::Approvable> SurveyModule::approvables() {
  return {approvable_deletion(*services_), approvable_retention(*services_), approvable_erasure()};
}

std::vector<module::PersonalColumn> SurveyModule::personal_columns() const {
  using enum module::Storage;
  constexpr std::string_view k_survey_life = "Until the survey is deleted";
  constexpr std::string_view k_response_life =
      "Until the response or its survey is deleted, at most the survey's retention_days";
  constexpr std::string_view k_link_life =
      "Until it is taken away, another is made after it expired, or its survey is deleted";
  return {
      {"survey_response", "answers", "What a respondent answered",
       "To be counted and read by the organisation that asked", k_response_life, Sealed},
      {"survey_response", "origin",
       "Network address of a respondent without its host part; empty in anonymous surveys",
       "To notice abuse of a link", k_response_life, Sealed},
      {"survey_response", "id",
       "Random number of a response that begins with its time of arrival "
       "(in anonymous surveys: the hour)",
       "To find a response again", k_response_life, Clear},
      {"survey_response", "members",
       "Random numbers of the anonymous responses that share a row, each with the hour",
       "To find a response again", k_response_life, Clear},
      {"survey_block", "content",
       "What respondents answered, question by question, with the hour each answer came in",
       "To count it quickly", k_response_life, Sealed},
      {"survey_response", "received_at", "Time of arrival (in anonymous surveys: the hour)",
       "To report over a period and to erase in time", k_response_life, Clear},
      {"survey_survey", "title", "Title of a survey, as its author typed it",
       "To tell surveys apart", k_survey_life, Sealed},
      {"survey_survey", "updated_by", "Number of the member or token that changed a survey last",
       "So that two editors learn of each other", k_survey_life, Clear},
      {"survey_version", "questionnaire", "Questions, as their author typed them",
       "To ask them and to check answers", k_survey_life, Sealed},
      {"survey_page", "settings", "What the pages of a survey say beside its questions, as typed",
       "To show it to respondents", k_survey_life, Sealed},
      {"survey_logo", "picture", "Picture at the head of a survey's pages, as its editor chose it",
       "To show it to respondents", k_survey_life, Sealed},
      {"survey_logo", "about", "Format, sides and digest of that picture",
       "To lay out pages without reading it", k_survey_life, Sealed},
      {"survey_stored", "stored_by",
       "Number of the member who stored a version of a questionnaire, a table or a logo",
       "So that no member fills the storage alone", k_survey_life, Clear},
      {"survey_link", "secret", "Public link of a survey", "To show it to its author again",
       k_survey_life, Sealed},
      {"survey_link", "link_hash", "Keyed hash of a public link", "To find a survey by its link",
       k_survey_life, KeyedHash},
      {"survey_report_link", "settings", "What a link to a report shows, and what it is called",
       "To show that report and no other", k_link_life, Sealed},
      {"survey_report_link", "link_hash", "Keyed hash of a link to a report",
       "To find a report by its link", k_link_life, KeyedHash},
      {"survey_report_link", "created_by", "Number of the member or token that made a link",
       "So that the organisation knows whose link it is", k_link_life, Clear},
      {"survey_idempotency", "key_hash",
       "Keyed hash of an Idempotency-Key a respondent's program "
       "sent",
       "To store a response once however often it is sent", "24 hours", KeyedHash},
      {"survey_idempotency", "body_hash", "Keyed hash of what came with that key",
       "To refuse the key for anything else", "24 hours", KeyedHash},
      {"survey_idempotency", "masked_id", "Number of a response under a mask only the key gives",
       "To answer a repeated key with the same receipt", "24 hours", KeyedHash},
  };
}

std::vector<module::ExportTable> SurveyModule::exports() const { return survey_archive(); }

std::vector<jobs::Job> SurveyModule::jobs() {
  auto jobs = survey_jobs(*services_);
  for (jobs::Job& job : block_jobs(*services_))
    jobs.push_back(std::move(job));
  return jobs;
}

}  // namespace probity::survey
