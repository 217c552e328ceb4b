#include "feature/survey/pages.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "crypto/random.hpp"
#include "feature/survey/gzip.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/page_assets.hpp"
#include "feature/survey/stored_logo.hpp"
#include "feature/survey/submit.hpp"
#include "form/render.hpp"
#include "form/wording.hpp"
#include "identity/settings.hpp"
#include "web/call.hpp"
#include "web/language.hpp"
#include "web/page.hpp"
#include "web/security_headers.hpp"

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
constexpr std::string_view k_opened_field = "sent-opened";
/// Answers in a form are a little larger than in JSON: every byte may be percent-encoded.
constexpr std::size_t k_form_max_bytes = 3 * form::k_answers_max_bytes;

/// A link with this in its query is for a shared screen.
constexpr std::string_view k_kiosk_param = "kiosk";
/// A kiosk shows its thanks so long before it begins anew.
constexpr std::int64_t k_kiosk_thanks_s = 10;

using form::Phrase;

form::PageFrame frame_of(std::string_view locale) {
  form::PageFrame frame;
  frame.locale = locale;
  frame.stylesheet = page_assets().stylesheet;
  frame.script = page_assets().script;
  frame.links = {{"/privacy", form::phrase(locale, Phrase::Privacy)},
                 {"/security", form::phrase(locale, Phrase::Security)}};
  return frame;
}

/// Of "/s/TOKEN" and what lies below.
std::string_view token_of(const web::Request& request) {
  return request.segments.size() < 2 ? std::string_view() : std::string_view(request.segments[1]);
}

/// Whether the page stands on a shared screen: the survey always does, or this address says so.
bool is_kiosk(const web::Request& request, const PageSettings& settings) {
  return settings.is_kiosk || request.param(k_kiosk_param).has_value();
}

/// The survey's address, with what of the query goes along to every page.
std::string own_address(const web::Request& request, std::string_view lang = {}) {
  std::string address = "/s/" + percent_encode(token_of(request));
  if (request.param(k_kiosk_param)) address += fmt::format("?{}=1", k_kiosk_param);
  if (lang.empty()) return address;
  return fmt::format("{}{}lang={}", address, address.find('?') == std::string::npos ? '?' : '&',
                     percent_encode(lang));
}

/// The frame of a survey's own pages: with its colour, logo and imprint.
form::PageFrame frame_of(const web::Request& request, std::string_view locale,
                         const Published& published) {
  const PageSettings& settings = published.pages;
  const std::string_view token = token_of(request);
  form::PageFrame frame = frame_of(locale);
  if (is_kiosk(request, settings)) {
    frame.kiosk_idle_s = settings.idle_s;
    frame.kiosk_address = own_address(request);
  }
  if (published.logo) {
    frame.logo = logo_address(token, *published.logo);
    frame.logo_alt = settings.logo_alt;
    frame.logo_width = published.logo->width;
    frame.logo_height = published.logo->height;
  }
  if (!settings.colour.empty()) frame.colours = colour_address(settings.colour);
  frame.imprint = settings.imprint;
  frame.imprint_address = settings.imprint_url;
  frame.frame_origin = settings.frame_origin;
  return frame;
}

/// Lets the one declared origin show the page in a frame.
Response framed(Response response, const Published& published) {
  if (!published.pages.frame_origin.empty())
    web::allow_frames_of(response, published.pages.frame_origin);
  return response;
}

/// When a form was first shown, sealed so that nobody can choose it. It lies in the form alone: no
/// cookie, and nothing of it is stored.
constexpr crypto::Purpose k_opened_purpose = "survey.page.opened";

Result<std::string> seal_opened(Call& call, const SurveyId& survey) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(sealed, cipher->seal(k_opened_purpose, survey.bytes(),
                                   as_bytes(fmt::to_string(call.now().us()))));
  return to_base64url(sealed);
}

/// How long ago the form was first shown; nothing when its mark is missing or not ours.
std::optional<Span> open_for(Call& call, const SurveyId& survey, std::string_view mark) {
  const auto sealed = from_base64url(mark);
  const auto cipher = call.cipher();
  if (!sealed || !cipher) return {};
  const auto plain = (*cipher)->open(k_opened_purpose, survey.bytes(), *sealed);
  const auto at = plain ? parse_int(as_text(*plain)) : std::nullopt;
  if (!at) return {};
  return call.now() - Instant::from_us(*at);
}

/// Who asks and who will know, above the questions.
Result<std::string> notice_of(Call& call, const Published& published, std::string_view locale) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  std::string notice;
  if (!settings.organisation_name.empty())
    notice = form::phrase(locale, Phrase::AsksYou, settings.organisation_name) + " ";
  notice += who_will_know(published.mode, locale);
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

/// The language of a page that says nothing of the author's: the survey's (or the one chosen of
/// its languages), else what the browser prefers, else English.
std::string language_of(const web::Request& request, std::string_view spoken) {
  const auto known = form::phrase_locales();
  for (const std::string_view wanted : {spoken, request.param("lang").value_or("")}) {
    const std::string_view language = form::phrase_language(wanted);
    if (wanted.starts_with(language)) return std::string(language);
  }
  const std::string_view preferred =
      web::preferred_language(request.header("accept-language"), known);
  return std::string(preferred.empty() ? std::string_view("en") : preferred);
}

/// What a respondent typed, for pages that take it no further.
struct Typed {
  std::shared_ptr<const form::Questionnaire> questionnaire;
  form::Value answers;
};

Response message_page(int status, const std::string& language, const form::Message& message) {
  return page(status, form::render_message(frame_of(language), message));
}

/// Why nothing is taken: the editor's own words for a closed survey, else ours; and what was typed.
Response declined_page(const Published& published, const form::PageFrame& frame,
                       std::pair<Phrase, Phrase> words, const Typed* typed) {
  const std::string& language = frame.locale;
  form::Message message;
  message.heading = form::phrase(language, words.first);
  const bool is_own = words.second == Phrase::Closed && !published.pages.closed.empty();
  message.paragraphs.push_back(is_own ? published.pages.closed
                                      : form::phrase(language, words.second));
  if (typed != nullptr && !typed->answers.is_blank()) {
    message.questionnaire = typed->questionnaire.get();
    message.answers = &typed->answers;
  }
  return framed(
      page(code_info(Code::SurveyClosed).http_status, form::render_message(frame, message)),
      published);
}

Response closed_page(const Call& call, const Published& published, Opening opening,
                     const Typed* typed = nullptr) {
  const std::string language = language_of(call.request(), call.language());
  return declined_page(published, frame_of(call.request(), language, published),
                       {Phrase::NotOpenTitle, why_closed(opening)}, typed);
}

/// The sentences for an error, by what the respondent wanted: to see a page or to send one.
std::pair<Phrase, Phrase> words_of(const Error& error, Method method) {
  const bool is_sending = method == Method::Post;
  if (error.code == Code::NotFound) return {Phrase::UnknownTitle, Phrase::UnknownText};
  if (error.code == Code::SurveyClosed) return {Phrase::NotOpenTitle, Phrase::Closed};
  const int status = code_info(error.code).http_status;
  if (status < 500 && error.code != Code::RequestTimeout)
    return {Phrase::NotTakenTitle, Phrase::NotTaken};
  // A store that failed may have stored it.
  if (status == 500 || error.code == Code::StorageFailed)
    return {Phrase::FailedTitle, is_sending ? Phrase::FailedSend : Phrase::FailedShow};
  return {Phrase::BusyTitle, is_sending ? Phrase::BusySend : Phrase::BusyShow};
}

/// The fields of a form that could not be taken now, to be sent again as they are.
void offer_again(const web::Request& request, form::Message& message) {
  auto fields = form::parse_form_body(request.body);
  if (!fields || fields->empty()) return;
  message.again_action = own_address(request, request.param("lang").value_or(""));
  message.again = std::move(*fields);
}

/// What a person reads instead of a problem document; dressed as the survey where it is known.
Response refusal_page(Services& services, const web::Refusal& refusal) {
  const std::string language = language_of(refusal.request, refusal.language);
  const auto [heading, text] = words_of(refusal.error, refusal.request.method);
  form::Message message;
  message.heading = form::phrase(language, heading);
  message.paragraphs.push_back(form::phrase(language, text));
  if (refusal.error.code != Code::NotFound)
    message.paragraphs.push_back(form::phrase(language, Phrase::AskNumber, refusal.id.text()));
  const bool may_pass = text == Phrase::BusySend || text == Phrase::FailedSend;
  if (may_pass) offer_again(refusal.request, message);
  const int status = code_info(refusal.error.code).http_status;
  const auto known = refusal.error.code == Code::NotFound
                         ? nullptr
                         : services.links.known(token_of(refusal.request));
  if (!known) return message_page(status, language, message);
  return framed(
      page(status, form::render_message(frame_of(refusal.request, language, *known), message)),
      *known);
}

/// One rendering of a page with everything that travels with it.
struct Shown {
  std::int64_t version = 0;
  std::string key;
  std::string opened;  ///< Sealed; empty: now.
  std::string locale;
  form::RenderOptions options;
};

Result<Response> show(Call& call, const Published& published,
                      const form::Questionnaire& questionnaire, Shown shown) {
  PROBITY_TRY(notice, notice_of(call, published, shown.locale));
  const PageSettings& settings = published.pages;
  shown.options.frame = frame_of(call.request(), shown.locale, published);
  shown.options.frame.notice = std::move(notice);
  const std::string address = own_address(call.request());
  const bool is_own_language = shown.locale == questionnaire.locale;
  shown.options.action =
      own_address(call.request(), is_own_language ? std::string_view() : shown.locale);
  shown.options.language_address =
      address + (address.find('?') == std::string::npos ? "?lang=" : "&lang=");
  shown.options.reviews = settings.reviews;
  shown.options.has_trap = settings.has_trap;
  shown.options.keeps_locally = settings.keeps_locally && !is_kiosk(call.request(), settings);
  if (shown.opened.empty()) {
    PROBITY_TRY(opened, seal_opened(call, published.survey));
    shown.opened = std::move(opened);
  }
  shown.options.hidden = {{std::string(k_key_field), shown.key},
                          {std::string(k_version_field), fmt::to_string(shown.version)},
                          {std::string(k_opened_field), shown.opened}};
  return framed(page(200, form::render_page(questionnaire, shown.options)), published);
}

Result<Answer> first_look(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  const form::Questionnaire& questionnaire = *published->questionnaire;
  const std::string locale = locale_of(call.request(), questionnaire);
  call.speak(locale);
  const Opening opening = published->opening(call.now());
  if (opening != Opening::Open) return closed_page(call, *published, opening);
  const form::Value defaults = form::default_answers(questionnaire);
  Shown shown;
  shown.version = published->version;
  shown.key = to_base64url(crypto::random_bytes(16));
  shown.locale = locale;
  shown.options.page = form::first_page(questionnaire);
  shown.options.answers = &defaults;
  shown.options.is_fresh = true;
  PROBITY_TRY(first, show(call, *published, questionnaire, std::move(shown)));
  return packed_for(call.request(), std::move(first));
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

/// "/s/TOKEN/receipts/RECEIPT", in the language the page is read in.
std::string receipt_address(std::string_view token, const std::string& receipt,
                            const std::string& language) {
  return fmt::format("/s/{}/receipts/{}?lang={}", token, receipt, language);
}

Result<Answer> store_form(Services& services, Call& call, const Submission& submission,
                          std::shared_ptr<const Typed> typed) {
  const std::string locale(call.language());
  const std::string language = language_of(call.request(), locale);
  const std::string token(call.path_value("token"));
  const std::shared_ptr<const Published> published = submission.published;
  // What is said after the commit no longer sees the request.
  const form::PageFrame frame = frame_of(call.request(), locale, *published);
  const std::string anew =
      is_kiosk(call.request(), published->pages) ? own_address(call.request()) : std::string();
  return prepare_submission(
      services, call, submission,
      [published, typed, frame, language, token, anew](const Received& received) {
        if (received.declined) {
          form::PageFrame declined = frame;
          declined.locale = language;
          return declined_page(*published, declined, {Phrase::NotStoredTitle, *received.declined},
                               typed.get());
        }
        form::Thanks thanks = thanks_of(published->pages, received.receipt);
        thanks.receipt_address = receipt_address(token, received.receipt, language);
        thanks.anew = anew;
        thanks.anew_s = k_kiosk_thanks_s;
        return framed(page(200, form::render_thanks(*typed->questionnaire, frame, thanks)),
                      *published);
      });
}

/// Whether the answers of a receipt are stored, for people.
Result<Answer> show_receipt(Services& services, Call& call) {
  const auto hour = stored_hour(services, call);
  if (!hour && hour.error().code != Code::NotFound) return std::unexpected(hour.error());
  const std::string language = language_of(call.request(), {});
  form::Message message;
  message.heading = form::phrase(language, Phrase::ReceiptTitle);
  if (!hour) {
    message.paragraphs.push_back(form::phrase(language, Phrase::ReceiptUnknown));
    return message_page(code_info(Code::NotFound).http_status, language, message);
  }
  // "2026-03-04T14:00:00Z" as people write it.
  const std::string text = to_rfc3339(*hour);
  const std::string when = text.substr(0, 10) + " " + text.substr(11, 5);
  message.paragraphs.push_back(form::phrase(language, Phrase::ReceiptStored, when));
  return message_page(200, language, message);
}

/// Why complete answers look like a program's, or come in a flood; nothing when they do not. Told
/// with the page as it was, so that a person only presses the button again.
std::optional<Phrase> doubt_of(Call& call, const Published& published,
                               const std::vector<form::FormField>& fields) {
  const PageSettings& settings = published.pages;
  if (settings.has_trap && !field_of(fields, form::k_trap_field).empty()) return Phrase::Trapped;
  if (settings.seconds_min > 0) {
    const auto open = open_for(call, published.survey, field_of(fields, k_opened_field));
    if (!open || *open < Span::seconds(settings.seconds_min)) return Phrase::TooQuick;
  }
  if (!published.waiting->is_within_rate(settings.per_minute, monotonic_now()))
    return Phrase::TooManyNow;
  return {};
}

/// A posted page that is not stored yet: the next one, or the same again.
Result<Answer> show_step(Call& call, const Published& published, const Typed& typed, Shown shown) {
  const Opening opening = published.opening(call.now());
  if (opening != Opening::Open) return closed_page(call, published, opening, &typed);
  if (shown.key.empty()) shown.key = to_base64url(crypto::random_bytes(16));
  shown.options.answers = &typed.answers;
  return show(call, published, *typed.questionnaire, std::move(shown));
}

Result<Answer> posted(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  call.speak(locale_of(call.request(), *published->questionnaire));
  PROBITY_CHECK(require_form(call.request()));
  PROBITY_TRY(fields, form::parse_form_body(call.request().body));
  Shown shown;
  shown.version = parse_int(field_of(fields, k_version_field)).value_or(published->version);
  PROBITY_TRY(questionnaire, services.links.version_of(call, *published, shown.version));
  PROBITY_TRY(post, form::read_form(*questionnaire, fields));
  shown.locale = post.locale.empty() ? locale_of(call.request(), *questionnaire) : post.locale;
  call.speak(shown.locale);
  if (const std::string_view key = field_of(fields, k_key_field); is_idempotency_key(key))
    shown.key = key;
  // A mark that is not ours counts from now on.
  if (const auto mark = field_of(fields, k_opened_field); open_for(call, published->survey, mark))
    shown.opened = mark;
  const auto ending = published->pages.reviews ? form::Ending::Review : form::Ending::Straight;
  form::Step step = form::advance(*questionnaire, post, shown.locale, ending);
  const auto typed = std::make_shared<const Typed>(questionnaire, std::move(post.answers));
  if (step.is_complete) {
    auto answers = form::validate_answers(*questionnaire, typed->answers, {.locale = shown.locale});
    std::optional<Phrase> doubt;
    if (answers && form::is_blank_sheet(*questionnaire, *answers))
      doubt = Phrase::NothingAnswered;
    else if (answers)
      doubt = doubt_of(call, *published, fields);
    if (doubt) {
      shown.options.not_sent = form::phrase(shown.locale, *doubt);
    } else if (answers) {
      const Submission submission{published, shown.version, std::move(answers->json), shown.key,
                                  {},        true};
      return store_form(services, call, submission, typed);
    } else {
      step.errors = std::move(answers.error().fields);
    }
    step.page = post.page;
  }
  shown.options.page = step.page;
  shown.options.errors = std::move(step.errors);
  shown.options.has_new_questions = step.has_new_questions;
  return show_step(call, *published, *typed, std::move(shown));
}

}  // namespace

std::vector<web::Route> page_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  web::RouteDoc look{"The survey as a page", {}, {}, 200, {"lang", "kiosk"}};
  look.response_type = "text/html";
  web::RouteDoc post{"One page of a survey, filled in", {}, {}, 200, {"lang", "kiosk"}};
  post.response_type = "text/html";
  post.request_type = "application/x-www-form-urlencoded";
  const web::Limits limits{.body_max_bytes = k_form_max_bytes};
  std::vector<web::Route> routes;
  const auto add = [&routes, &services](web::Route route) {
    routes.push_back(std::move(route).refused_with(
        [&services](const web::Refusal& refusal) { return refusal_page(services, refusal); }));
  };
  add({Method::Get, "/s/{token}", Access::by_link(), web::Limits{}, look, bind(first_look)});
  add({Method::Post, "/s/{token}", Access::by_link(), limits, post, bind(posted)});
  look.summary = "Whether the answers of a receipt are stored, as a page";
  add({Method::Get, "/s/{token}/receipts/{receipt}", Access::by_link(), web::Limits{}, look,
       bind(show_receipt)});
  for (web::Route& route : page_asset_routes())
    routes.push_back(std::move(route));
  return routes;
}

}  // namespace probity::survey
