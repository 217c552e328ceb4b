#include <fmt/core.h>

#include <atomic>
#include <boost/json.hpp>
#include <memory>

#include "admin/passkey_json.hpp"
#include "admin/routes.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "embedded/login_js.hpp"
#include "embedded/passkeys_js.hpp"
#include "identity/links.hpp"
#include "identity/sessions.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "web/form_body.hpp"
#include "web/page.hpp"

// The pages a member needs before there is a session. They work without script, but for passkeys,
// which browsers give to scripts alone; what they post is checked by the same functions as the API.
namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr web::Limits k_form_limits{web::k_body_small_max_bytes, web::LaneKind::Passwords,
                                    web::k_request_deadline};
constexpr std::string_view k_script = "/assets/login.js";
constexpr std::string_view k_script_type = "text/javascript; charset=utf-8";

std::string_view field_of(const web::FormFields& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : std::string_view(found->second);
}

/// The sentence of a failure. A wait says its seconds: the header Retry-After has them anyway, and
/// they are those of an account nobody has as well.
std::string sentence_of(const Error& error) {
  if (!error.hint.empty()) return error.hint;
  if (error.code != Code::Throttled || error.retry_after_s <= 0)
    return std::string(code_info(error.code).sentence);
  return fmt::format("Too many attempts. Try again in {} {}.", error.retry_after_s,
                     error.retry_after_s == 1 ? "second" : "seconds");
}

/// Parameter of the log-in page that a set-up leads to.
constexpr std::string_view k_after_setup = "set_up";

/// What went wrong, where a screen reader announces it first.
std::string problem_html(const Error& error) {
  std::string html = "<div role=\"alert\" class=\"problem\">\n";
  if (error.fields.empty()) {
    html += web::paragraph(sentence_of(error));
    return html + "</div>\n";
  }
  html += web::paragraph("This password cannot be used:") + "<ul>\n";
  for (const FieldError& field : error.fields) {
    const auto colon = field.reason.find(": ");
    html += fmt::format(
        "<li>{}</li>\n",
        html_escape(colon == std::string::npos ? std::string_view(field.reason)
                                               : std::string_view(field.reason).substr(colon + 2)));
  }
  return html + "</ul>\n</div>\n";
}

std::string input_html(std::string_view name, std::string_view label, std::string_view rest) {
  return fmt::format("<p><label for=\"{0}\">{1}</label>\n<input id=\"{0}\" name=\"{0}\" {2}></p>\n",
                     name, label, rest);
}

web::Response page_of(int status, std::string title, const std::string& main_html,
                      std::string script = {}) {
  web::PageParts page;
  page.script = std::move(script);
  page.main_html = web::heading(title) + main_html;
  page.title = std::move(title);
  return web::page_response(status, page);
}

/// What a new password must be, in the rules of its organisation.
std::string rules_html(identity::ProfileKind kind) {
  const identity::PasswordProfile& profile = identity::profile_of(kind);
  const std::string kinds =
      profile.phrase_least > 0
          ? fmt::format(" Below {} characters: capital and small letters, digits and marks.",
                        profile.phrase_least)
          : "";
  return fmt::format(
      "<p id=\"rules\">At least {} characters.{} Several words are easy to remember; nothing well "
      "known, no name of the organisation, no e-mail address.</p>\n",
      profile.length_least, kinds);
}

web::Response setup_page(int status, std::string_view token, identity::ProfileKind kind,
                         const std::string& problem) {
  const std::string form = fmt::format(
                               "<form method=\"post\" action=\"/setup\">\n"
                               "<input type=\"hidden\" name=\"token\" value=\"{}\">\n",
                               html_escape(token)) +
                           rules_html(kind) +
                           input_html("password", "New password",
                                      "type=\"password\" autocomplete=\"new-password\" required "
                                      "aria-describedby=\"rules\"") +
                           "<p><button type=\"submit\">Set password</button></p>\n</form>\n";
  return page_of(status, "Set your password", problem + form);
}

/// A button for those whose browser has passkeys: shown by the script, which asks the browser and
/// sends what it gives. `options`: for the second step; without them any passkey lets in.
std::string passkey_form(const LoginRequest& shown, std::string_view options,
                         std::string_view label) {
  return fmt::format(
      "<form method=\"post\" action=\"/login\" id=\"passkey\" data-options=\"{}\" hidden>\n"
      "<input type=\"hidden\" name=\"tenant\" value=\"{}\">\n"
      "<input type=\"hidden\" name=\"ticket\" value=\"{}\">\n"
      "<input type=\"hidden\" name=\"credential\">\n"
      "<p><button type=\"submit\" class=\"secondary\">{}</button></p>\n"
      "<p role=\"alert\"></p>\n</form>\n",
      html_escape(options), html_escape(shown.tenant), html_escape(shown.ticket),
      html_escape(label));
}

/// `notice` stands above the form: what went wrong, or what is done.
web::Response login_page(int status, const LoginRequest& shown, const std::string& notice) {
  const std::string form =
      "<form method=\"post\" action=\"/login\">\n" +
      input_html("tenant", "Organisation (short name)",
                 fmt::format("required autocapitalize=\"none\" spellcheck=\"false\" "
                             "autocomplete=\"organization\" value=\"{}\"",
                             html_escape(shown.tenant))) +
      input_html("email", "E-mail address",
                 fmt::format("required inputmode=\"email\" autocapitalize=\"none\" "
                             "spellcheck=\"false\" autocomplete=\"username\" value=\"{}\"",
                             html_escape(shown.email))) +
      input_html("password", "Password",
                 "type=\"password\" autocomplete=\"current-password\" required") +
      "<p><button type=\"submit\">Log in</button></p>\n</form>\n" +
      passkey_form({}, {}, "Log in with a passkey");
  return page_of(status, "Log in", notice + form, std::string(k_script));
}

/// The second step: the password was right, which the ticket says.
web::Response code_page(int status, const LoginRequest& shown, std::string_view options,
                        const std::string& notice) {
  const std::string passkey = options.empty() ? "" : passkey_form(shown, options, "Use a passkey");
  const std::string form =
      fmt::format(
          "<form method=\"post\" action=\"/login\">\n"
          "<input type=\"hidden\" name=\"tenant\" value=\"{}\">\n"
          "<input type=\"hidden\" name=\"ticket\" value=\"{}\">\n"
          "<p id=\"hint\">The six digits your authenticator app shows now, or one of your recovery "
          "codes.</p>\n",
          html_escape(shown.tenant), html_escape(shown.ticket)) +
      input_html("code", "Code",
                 "required autofocus autocomplete=\"one-time-code\" autocapitalize=\"none\" "
                 "spellcheck=\"false\" aria-describedby=\"hint\"") +
      "<p><button type=\"submit\">Log in</button></p>\n</form>\n" + passkey +
      "<p>Lost it? Ask an owner of your organisation to reset your second factor.</p>\n";
  return page_of(status, "Second factor", notice + form, std::string(k_script));
}

web::Response dead_link(const Error& error) {
  return page_of(code_info(error.code).http_status, "This link does not work", problem_html(error));
}

bool is_about_the_link(Code code) { return code == Code::NotFound || code == Code::Gone; }

Result<Answer> show_setup(Call& call) {
  const std::string_view token = call.path_value("token");
  const auto look = [&]() -> Result<identity::ProfileKind> {
    PROBITY_CHECK(enter_link(call, token));
    PROBITY_TRY(reader, call.read());
    PROBITY_CHECK(identity::look_at_link(*reader, token, call.now()));
    return identity::password_profile(*reader);
  };
  const auto looked = look();
  if (looked) return setup_page(200, token, *looked, {});
  if (is_about_the_link(looked.error().code)) return dead_link(looked.error());
  return std::unexpected(looked.error());
}

Result<Answer> post_setup(Call& call, const AdminParts& parts) {
  PROBITY_TRY(form, web::read_form(call.request()));
  const std::string token(field_of(form, "token"));
  auto plan = plan_setup(call, parts, token, field_of(form, "password"));
  if (!plan) {
    const Error& error = plan.error();
    if (is_about_the_link(error.code)) return dead_link(error);
    if (error.code == Code::PasswordRefused) {
      PROBITY_TRY(reader, call.read());
      PROBITY_TRY(kind, identity::password_profile(*reader));
      return setup_page(code_info(error.code).http_status, token, kind, problem_html(error));
    }
    return std::unexpected(error);
  }
  // `init --demo` gives the name last, a moment before the link is followed.
  PROBITY_TRY(tenant, parts.engine.stored_tenant(call.tenant()));
  return answer_with(std::move(*plan), [slug = tenant.slug] {
    return web::redirect_response(
        303, fmt::format("/login?{}=yes&tenant={}", k_after_setup, percent_encode(slug)));
  });
}

/// The slug of the only organisation. `has_several` stays true once it was seen to be, so that
/// strangers who open the page do not have the list read each time.
std::string only_slug(store::Engine& engine, std::atomic<bool>& has_several) {
  if (has_several) return {};
  // A list that can not be read leaves the field to be typed.
  const auto tenants = engine.tenants();
  if (!tenants || tenants->empty()) return {};
  has_several = tenants->size() > 1;
  return has_several ? std::string() : tenants->front().slug;
}

/// The address names the organisation, or there is no other.
Result<Answer> show_login(Call& call, const AdminParts& parts, std::atomic<bool>& has_several) {
  LoginRequest shown;
  shown.tenant = std::string(call.request().param("tenant").value_or("")).substr(0, 63);
  if (!is_utf8(shown.tenant)) shown.tenant.clear();
  if (shown.tenant.empty()) shown.tenant = only_slug(parts.engine, has_several);
  const std::string done = call.request().param(k_after_setup)
                               ? "<div role=\"status\">\n" +
                                     web::paragraph("Your password is set. Log in with it.") +
                                     "</div>\n"
                               : std::string();
  return login_page(200, shown, done);
}

/// What a log-in that was refused shows: the step it was refused in, once more.
web::Response refused_login(const LoginRequest& request, const Error& error,
                            std::string_view options) {
  const int status = code_info(error.code).http_status;
  const bool is_second = !request.ticket.empty() && error.code != Code::Unauthenticated;
  web::Response response = is_second ? code_page(status, request, options, problem_html(error))
                                     : login_page(status, request, problem_html(error));
  if (error.retry_after_s > 0) response.with("retry-after", std::to_string(error.retry_after_s));
  return response;
}

/// The same failure in the words of its step.
Error in_words_of_step(Error error, const LoginRequest& request, bool is_by_passkey) {
  if (is_by_passkey) {
    const bool is_late = error.code == Code::Unauthenticated;
    if (is_late || error.code == Code::BadCredentials || error.code == Code::BadRequest)
      error.hint = is_late ? "That took too long. Try again."
                           : "This passkey does not let in here. Log in another way.";
    error.fields.clear();
    return error;
  }
  if (request.ticket.empty()) return error;
  if (error.code == Code::BadCredentials)
    error.hint = "This code is wrong, or it was used before. Wait for the next one.";
  if (error.code == Code::Unauthenticated) error.hint = "That took too long. Log in again.";
  if (error.code == Code::BadRequest) {
    error.hint = "Type the code.";
    error.fields.clear();
  }
  return error;
}

/// A log-in from the form, by whatever it holds.
Result<identity::Planned<identity::LoginOutcome>> plan_form_login(Call& call,
                                                                  const AdminParts& parts,
                                                                  LoginRequest& request,
                                                                  std::string_view credential) {
  if (!credential.empty()) {
    PROBITY_TRY(json,
                parse_json(credential, {.depth_max = 8, .bytes_max = web::k_body_small_max_bytes}));
    PROBITY_TRY(assertion, maybe_assertion(call, parts, &json));
    request.assertion = std::move(assertion);
    if (request.ticket.empty()) return plan_passkey_login(call, parts, request);
  }
  return plan_login(call, parts, request);
}

Result<Answer> post_login(Call& call, const AdminParts& parts) {
  PROBITY_TRY(form, web::read_form(call.request()));
  LoginRequest request{std::string(field_of(form, "tenant")), std::string(field_of(form, "email")),
                       std::string(field_of(form, "password")), std::string(field_of(form, "code")),
                       std::string(field_of(form, "ticket"))};
  const bool is_by_passkey = !field_of(form, "credential").empty();
  auto plan = plan_form_login(call, parts, request, field_of(form, "credential"));
  request.password.clear();
  if (!plan) {
    if (code_info(plan.error().code).http_status >= 500) return std::unexpected(plan.error());
    return refused_login(request, in_words_of_step(plan.error(), request, is_by_passkey), {});
  }
  std::string options;
  if (!plan->outcome->user.is_nil()) {
    PROBITY_TRY(offered, second_step_options(call, parts, plan->outcome->user));
    options = std::move(offered);
  }
  return answer_with(std::move(*plan), [request, options = std::move(options),
                                        is_by_passkey](const identity::LoginOutcome& outcome) {
    if (outcome.refusal == Code::MfaRequired && !outcome.member)
      return code_page(200, {request.tenant, {}, {}, {}, outcome.ticket}, options, {});
    if (!outcome.member) {
      const Error refused{outcome.refusal, {}, {}, {}, 0};
      return refused_login(request, in_words_of_step(refused, request, is_by_passkey), options);
    }
    return std::move(web::redirect_response(303, "/console")
                         .with("set-cookie", identity::set_cookie_text(outcome.cookie)));
  });
}

constexpr std::string_view k_public_links =
    "<li><a href=\"/security\">Security statement</a>, measured by this server</li>\n"
    "<li><a href=\"/privacy\">Privacy</a>: what is stored about people, and why</li>\n"
    "<li><a href=\"/api/openapi.json\">Programming interface</a> (OpenAPI)</li>\n</ul>\n";

/// The start page has the links of the footer in its own list.
web::Response start_page(std::string title, const std::string& main_html) {
  web::PageParts page;
  page.main_html = web::heading(title) + main_html;
  page.title = std::move(title);
  page.has_footer = false;
  return web::page_response(200, page);
}

web::Response home_of_nobody() {
  return start_page(
      "Probity", web::paragraph("This server collects what people say in confidence, and shows how "
                                "it keeps it safe.") +
                     "<ul>\n<li><a href=\"/login\">Log in</a></li>\n" +
                     std::string(k_public_links));
}

/// Who is logged in, and what there is: said as it is, without a promise.
web::Response home_of(const identity::UserRecord& user, const std::string& organisation,
                      const std::string& csrf) {
  const std::string who = fmt::format(
      "<dl class=\"who\">\n<dt>Logged in as</dt><dd>{}</dd>\n<dt>Role</dt><dd>{}</dd>\n"
      "<dt>Organisation</dt><dd>{}</dd>\n</dl>\n",
      html_escape(user.email), html_escape(identity::text_of(user.role)),
      html_escape(organisation));
  const std::string rest =
      "<p><a class=\"button\" href=\"/console\">Open the console</a></p>\n<ul>\n" +
      std::string(k_public_links) +
      fmt::format(
          "<form method=\"post\" action=\"/logout\">\n"
          "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n"
          "<p><button type=\"submit\">Log out</button></p>\n</form>\n",
          web::k_csrf_field, html_escape(csrf));
  return start_page("You are logged in", who + rest);
}

/// Everybody may see the start page; who has a session sees whose it is. A session that does not
/// hold is the same as none.
Result<Answer> show_home(Call& call, const AdminParts& parts) {
  const auto cookie = call.request().cookie(identity::k_session_cookie);
  if (!cookie) return home_of_nobody();
  const auto principal = parts.authenticator.by_cookie(*cookie, identity::Activity::User);
  if (!principal) {
    if (code_info(principal.error().code).http_status == 401) return home_of_nobody();
    return std::unexpected(principal.error());
  }
  const auto* member = std::get_if<identity::Member>(&*principal);
  if (member == nullptr) return home_of_nobody();
  PROBITY_CHECK(call.enter(member->tenant));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(user, identity::find_user(*reader, *cipher, member->user));
  if (!user) return home_of_nobody();
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  PROBITY_TRY(tenant, parts.engine.tenant(member->tenant));
  PROBITY_TRY(csrf, parts.authenticator.csrf_token(*member));
  return home_of(
      *user, settings.organisation_name.empty() ? tenant.slug : settings.organisation_name, csrf);
}

Result<Answer> post_logout(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_CHECK(web::read_form(call.request()));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_logout(acting, member.session));
  return answer_with(std::move(plan), [] {
    return std::move(
        web::redirect_response(303, "/").with("set-cookie", identity::clear_cookie_text()));
  });
}

}  // namespace

void add_page_routes(Routes& routes, const AdminParts& parts) {
  web::RouteDoc doc{.summary = "Page of a set-up link; looking at it does not use it up",
                    .request_schema = {},
                    .response_schema = {},
                    .success_status = 200,
                    .query = {},
                    .request_type = {},
                    .response_type = "text/html"};
  web::RouteDoc start = doc;
  start.summary = "Start page; with a session it says whose";
  routes.emplace_back(Method::Get, "/",
                      Access::open_to_everyone("without a session it holds no data"), web::Limits{},
                      start, [parts](Call& call) { return show_home(call, parts); });
  routes.emplace_back(Method::Get, "/setup/{token}", Access::by_link(), web::Limits{}, doc,
                      show_setup);
  routes.push_back(web::asset_route({k_script, k_script_type, embedded::login_js}));
  routes.push_back(web::asset_route({"/assets/passkeys.js", k_script_type, embedded::passkeys_js}));
  doc.summary = "Page to log in";
  doc.query = {"tenant", k_after_setup};
  routes.emplace_back(Method::Get, "/login",
                      Access::open_to_everyone("whoever logs in is not known yet"), web::Limits{},
                      doc,
                      [parts, several = std::make_shared<std::atomic<bool>>(false)](Call& call) {
                        return show_login(call, parts, *several);
                      });
  doc = {.summary = "Form of the set-up page",
         .request_schema = {},
         .response_schema = {},
         .success_status = 303,
         .query = {},
         .request_type = web::k_form_type,
         .response_type = "text/html"};
  routes.emplace_back(Method::Post, "/setup", Access::by_link(), k_form_limits, doc,
                      [parts](Call& call) { return post_setup(call, parts); });
  doc.summary = "Form of the start page: ends the session";
  routes.emplace_back(Method::Post, "/logout",
                      Access::signed_in_before_enrolment().also_with_old_password(),
                      web::Limits{.body_max_bytes = web::k_body_small_max_bytes}, doc, post_logout);
  doc.summary = "Form of the log-in page";
  routes.emplace_back(Method::Post, "/login",
                      Access::open_to_everyone("whoever logs in is not known yet"), k_form_limits,
                      doc, [parts](Call& call) { return post_login(call, parts); });
}

}  // namespace probity::admin
