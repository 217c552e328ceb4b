#include "feature/survey/preview.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "feature/survey/page_assets.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/survey.hpp"
#include "form/answers.hpp"
#include "form/limits.hpp"
#include "form/render.hpp"
#include "form/wording.hpp"
#include "web/call.hpp"
#include "web/form_body.hpp"
#include "web/security_headers.hpp"

namespace probity::survey {
namespace {

using form::Phrase;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;

/// What is being looked at.
struct Preview {
  SurveyRecord survey;
  std::shared_ptr<const form::Questionnaire> questionnaire;
  PageSettings settings;
  std::optional<LogoFacts> logo;
  std::string locale;
  std::string address;  ///< Of this preview, without the language.
  char separator = '?';
};

/// `lang` of the query when it is one of the questionnaire's languages, else its own.
std::string locale_of(const web::Request& request, const form::Questionnaire& questionnaire) {
  const std::string_view wanted = request.param("lang").value_or("");
  const auto known = std::ranges::find(questionnaire.locales, wanted);
  return known == questionnaire.locales.end() ? questionnaire.locale : *known;
}

Result<Preview> preview_of(Call& call) {
  Preview out;
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(wanted, maybe_version(call.request()));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(version, load_version(*reader, *cipher, id, wanted.value_or(survey.newest_version)));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  PROBITY_TRY(settings, load_page_settings(*reader, *cipher, id));
  out.settings = std::move(settings);
  PROBITY_TRY(logo, load_logo_facts(*reader, *cipher, id));
  out.logo = std::move(logo);
  out.survey = std::move(survey);
  out.questionnaire = std::move(questionnaire);
  out.locale = locale_of(call.request(), *out.questionnaire);
  call.speak(out.locale);
  out.address = fmt::format("/api/v1/surveys/{}/preview", id.text());
  if (wanted) {
    out.address += fmt::format("?version={}", *wanted);
    out.separator = '&';
  }
  return out;
}

/// Without links: what they lead to is not made to be shown in a frame.
form::PageFrame frame_of(const Preview& preview) {
  form::PageFrame frame;
  frame.locale = preview.locale;
  frame.stylesheet = page_assets().stylesheet;
  frame.script = page_assets().script;
  if (!preview.settings.colour.empty()) frame.colours = colour_address(preview.settings.colour);
  if (preview.logo) {
    frame.logo = fmt::format("/api/v1/surveys/{}/logo", preview.survey.id.text());
    frame.logo_alt = preview.settings.logo_alt;
    frame.logo_width = preview.logo->width;
    frame.logo_height = preview.logo->height;
  }
  frame.notice = form::phrase(preview.locale, Phrase::PreviewNotice) + " " +
                 who_will_know(preview.survey.mode, preview.locale);
  return frame;
}

Response framed(std::string html) {
  Response response = web::html_response(200, std::move(html));
  web::allow_own_frames(response);
  return response;
}

std::string action_of(const Preview& preview) {
  if (preview.locale == preview.questionnaire->locale) return preview.address;
  return fmt::format("{}{}lang={}", preview.address, preview.separator, preview.locale);
}

Result<Answer> show(Services& services, Call& call, const Preview& preview,
                    form::RenderOptions options) {
  options.frame = frame_of(preview);
  options.action = action_of(preview);
  options.reviews = preview.settings.reviews;
  options.language_address = fmt::format("{}{}lang=", preview.address, preview.separator);
  const auto* member = std::get_if<identity::Member>(&call.principal());
  if (member != nullptr && services.authenticator != nullptr) {
    PROBITY_TRY(token, services.authenticator->csrf_token(*member));
    options.hidden = {{std::string(web::k_csrf_field), token}};
  }
  return framed(form::render_page(*preview.questionnaire, options));
}

Result<Answer> first_look(Services& services, Call& call) {
  PROBITY_TRY(preview, preview_of(call));
  const form::Value defaults = form::default_answers(*preview.questionnaire);
  form::RenderOptions options;
  options.page = form::first_page(*preview.questionnaire);
  options.answers = &defaults;
  return show(services, call, preview, std::move(options));
}

Result<Answer> posted(Services& services, Call& call) {
  PROBITY_TRY(preview, preview_of(call));
  PROBITY_TRY(fields, form::parse_form_body(call.request().body));
  PROBITY_TRY(post, form::read_form(*preview.questionnaire, fields));
  if (!post.locale.empty()) preview.locale = post.locale;
  const auto ending = preview.settings.reviews ? form::Ending::Review : form::Ending::Straight;
  form::Step step = form::advance(*preview.questionnaire, post, preview.locale, ending);
  bool is_blank = false;
  if (step.is_complete) {
    auto answers =
        form::validate_answers(*preview.questionnaire, post.answers, {.locale = preview.locale});
    is_blank = answers && form::is_blank_sheet(*preview.questionnaire, *answers);
    if (answers && !is_blank) {
      form::Thanks none =
          thanks_of(preview.settings, form::phrase(preview.locale, Phrase::PreviewReceipt));
      none.receipt_address = action_of(preview);
      return framed(form::render_thanks(*preview.questionnaire, frame_of(preview), none));
    }
    if (!answers) step.errors = std::move(answers.error().fields);
    step.page = post.page;
  }
  form::RenderOptions options;
  options.page = step.page;
  if (is_blank) options.not_sent = form::phrase(preview.locale, Phrase::NothingAnswered);
  options.answers = &post.answers;
  options.errors = std::move(step.errors);
  options.has_new_questions = step.has_new_questions;
  return show(services, call, preview, std::move(options));
}

}  // namespace

std::vector<web::Route> preview_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const auto read = Access::require(Permission::SurveysRead);
  web::RouteDoc look{"A questionnaire as its respondents see it", {}, {}, 200, {"lang", "version"}};
  look.response_type = "text/html";
  web::RouteDoc post{
      "One page of a preview, filled in; nothing is stored", {}, {}, 200, {"lang", "version"}};
  post.response_type = "text/html";
  post.request_type = "application/x-www-form-urlencoded";
  // The form of a member: its CSRF token is a field of the body, which must be read to be seen.
  const web::Limits limits{.body_max_bytes = web::k_body_unproven_max_bytes};
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/preview", read, web::Limits{}, look,
                      bind(first_look));
  routes.emplace_back(Method::Post, "/api/v1/surveys/{id}/preview", read, limits, post,
                      bind(posted));
  return routes;
}

}  // namespace probity::survey
