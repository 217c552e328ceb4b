#include "feature/survey/pages.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "crypto/random.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/submit.hpp"
#include "form/render.hpp"
#include "identity/settings.hpp"
#include "web/call.hpp"
#include "web/page.hpp"

namespace probity::survey {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;

/// The hidden field by which a page sent twice (a double click, a reload) is stored once.
constexpr std::string_view k_key_field = "sent-key";
constexpr std::string_view k_version_field = "sent-version";
/// Answers in a form are a little larger than in JSON: every byte may be percent-encoded.
constexpr std::size_t k_form_max_bytes = 3 * form::k_answers_max_bytes;

form::PageFrame frame_of(std::string_view locale) {
  form::PageFrame frame;
  frame.locale = locale;
  frame.links = {{"/privacy", "Privacy"}, {"/security", "Security"}};
  return frame;
}

/// Who asks and who will know, above the questions.
Result<std::string> notice_of(Call& call, const Published& published) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  std::string notice;
  if (!settings.organisation_name.empty())
    notice = fmt::format("{} asks you. ", settings.organisation_name);
  notice += who_will_know(published.mode);
  return notice;
}

/// `lang` of the query when it is one of the questionnaire's languages.
std::string locale_of(const web::Request& request, const form::Questionnaire& questionnaire) {
  const std::string_view wanted = request.param("lang").value_or("");
  for (const std::string& locale : questionnaire.locales)
    if (locale == wanted) return locale;
  return questionnaire.locale;
}

Response page(int status, std::string html) {
  Response response = web::html_response(status, std::move(html));
  response.with("cache-control", "no-store");
  return response;
}

Response message_page(int status, std::string_view heading, std::string text) {
  return page(status, form::render_message(frame_of("en"), heading, {std::move(text)}));
}

/// What a person reads instead of a problem document; other errors stay what they are.
Result<Answer> page_of_error(Error error) {
  if (error.code == Code::SurveyClosed) return message_page(410, "Not open", error.hint);
  if (error.code == Code::NotFound) {
    return message_page(404, "Nothing here",
                        "There is no survey at this address. Check that the link is complete.");
  }
  if (error.code == Code::Overloaded || error.code == Code::StorageFull) {
    return message_page(code_info(error.code).http_status, "Please try again shortly",
                        "Your answers could not be stored just now. Nothing was lost: go back and "
                        "send the page again.");
  }
  return std::unexpected(std::move(error));
}

/// One rendering of a page with everything that travels with it.
struct Shown {
  std::int64_t version = 0;
  std::string key;
  std::string locale;
  form::RenderOptions options;
};

Result<Answer> show(Call& call, const Published& published,
                    const form::Questionnaire& questionnaire, Shown shown) {
  PROBITY_TRY(notice, notice_of(call, published));
  shown.options.frame = frame_of(shown.locale);
  shown.options.frame.notice = std::move(notice);
  const std::string path = fmt::format("/s/{}", call.path_value("token"));
  shown.options.action =
      shown.locale == questionnaire.locale ? path : path + "?lang=" + shown.locale;
  shown.options.language_address = path;
  shown.options.hidden = {{std::string(k_key_field), shown.key},
                          {std::string(k_version_field), fmt::to_string(shown.version)}};
  return page(200, form::render_page(questionnaire, shown.options));
}

Result<Answer> first_look(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  const Opening opening = published->opening(call.now());
  if (opening != Opening::Open) return refuse_closed(opening);
  const form::Questionnaire& questionnaire = *published->questionnaire;
  const form::Value defaults = form::default_answers(questionnaire);
  Shown shown;
  shown.version = published->version;
  shown.key = to_base64url(crypto::random_bytes(16));
  shown.locale = locale_of(call.request(), questionnaire);
  shown.options.page = form::first_page(questionnaire);
  shown.options.answers = &defaults;
  return show(call, *published, questionnaire, std::move(shown));
}

std::string_view field_of(const std::vector<form::FormField>& fields, std::string_view name) {
  for (const form::FormField& field : fields)
    if (field.name == name) return field.value;
  return {};
}

Result<void> require_form(const web::Request& request) {
  const std::string_view type = request.header("content-type");
  if (trim(type.substr(0, type.find(';'))) == "application/x-www-form-urlencoded") return {};
  return refuse(Code::UnsupportedMedia, "This address takes what its own form sends.");
}

/// The page after sending, with the receipt and where to check it.
Response thanks(const form::Questionnaire& questionnaire, const std::string& locale,
                const std::string& receipt_path, const Received& received) {
  return page(
      200, form::render_thanks(
               questionnaire, frame_of(locale), "Thank you. Your answers have been stored.",
               {"Your receipt: " + received.receipt,
                fmt::format(
                    "With it you can check later that your answers are still stored, at {}/{} . It "
                    "says nothing about what you answered.",
                    receipt_path, received.receipt)}));
}

Result<Answer> store_form(Services& services, Call& call, Submission submission,
                          std::shared_ptr<const form::Questionnaire> questionnaire) {
  const std::string locale = locale_of(call.request(), *questionnaire);
  const std::string path = fmt::format("/api/v1/public/{}/receipts", call.path_value("token"));
  return prepare_submission(services, call, std::move(submission),
                            [questionnaire, locale, path](const Received& received) {
                              if (!received.closed_reason.empty())
                                return message_page(410, "Not stored", received.closed_reason);
                              return thanks(*questionnaire, locale, path, received);
                            });
}

Result<Answer> posted(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  PROBITY_CHECK(require_form(call.request()));
  PROBITY_TRY(fields, form::parse_form_body(call.request().body));
  const auto version = parse_int(field_of(fields, k_version_field)).value_or(published->version);
  PROBITY_TRY(questionnaire, services.links.version_of(call, *published, version));
  const std::string locale = locale_of(call.request(), *questionnaire);
  PROBITY_TRY(post, form::read_form(*questionnaire, fields));
  const std::string_view key = field_of(fields, k_key_field);
  const bool has_key = is_idempotency_key(key);
  form::Step step = form::advance(*questionnaire, post, locale);
  if (step.is_complete) {
    auto answers = form::validate_answers(*questionnaire, post.answers, {.locale = locale});
    if (answers) {
      Submission submission{
          published, version, std::move(answers->json), has_key ? key : std::string_view(),
          {},        true};
      return store_form(services, call, std::move(submission), questionnaire);
    }
    step.errors = std::move(answers.error().fields);
    step.page = post.page;
  }
  const Opening opening = published->opening(call.now());
  if (opening != Opening::Open) return refuse_closed(opening);
  Shown shown;
  shown.version = version;
  shown.key = has_key ? std::string(key) : to_base64url(crypto::random_bytes(16));
  shown.locale = locale;
  shown.options.page = step.page;
  shown.options.answers = &post.answers;
  shown.options.errors = std::move(step.errors);
  shown.options.has_new_questions = step.has_new_questions;
  return show(call, *published, *questionnaire, std::move(shown));
}

}  // namespace

std::vector<web::Route> page_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) -> Result<Answer> {
      auto answer = function(services, call);
      if (!answer) return page_of_error(std::move(answer).error());
      return answer;
    };
  };
  web::RouteDoc look{"The survey as a page", {}, {}, 200, {"lang"}};
  look.response_type = "text/html";
  web::RouteDoc post{"One page of a survey, filled in", {}, {}, 200, {"lang"}};
  post.response_type = "text/html";
  post.request_type = "application/x-www-form-urlencoded";
  const web::Limits limits{.body_max_bytes = k_form_max_bytes};
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/s/{token}", Access::by_link(), web::Limits{}, look,
                      bind(first_look));
  routes.emplace_back(Method::Post, "/s/{token}", Access::by_link(), limits, post, bind(posted));
  routes.push_back(web::asset_route(
      {"/assets/respondent.css", "text/css; charset=utf-8", form::respondent_stylesheet()}));
  return routes;
}

}  // namespace probity::survey
