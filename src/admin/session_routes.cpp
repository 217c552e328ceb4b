#include <boost/json.hpp>

#include "admin/passkey_json.hpp"
#include "admin/routes.hpp"
#include "base/json_writer.hpp"
#include "identity/links.hpp"
#include "identity/policy.hpp"
#include "identity/sessions.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "web/body.hpp"

namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::LaneKind;
using web::Method;
using web::Response;

constexpr web::Limits k_password_limits{web::k_body_small_max_bytes, LaneKind::Passwords,
                                        web::k_request_deadline};
constexpr std::size_t k_password_field_bytes = 1024;
constexpr std::size_t k_email_field_bytes = 1024;

constexpr std::string_view k_me_schema =
    R"({"type":"object","required":["tenant","user","enrolment_due","password","csrf_token",)"
    R"("session"],"properties":{)"
    R"("tenant":{"type":"string"},"organisation":{"type":"string"},"user":{"type":"object",)"
    R"("required":["id","email","role","permissions"],"properties":{"id":{"type":"string"},)"
    R"("email":{"type":"string"},"role":{"enum":["none","owner","editor","analyst","auditor"]},)"
    R"("permissions":{"type":"array","items":{"type":"string"}}}},)"
    R"("enrolment_due":{"type":"boolean"},"password":{"type":"object",)"
    R"("required":["ends_at","reminder","expired"],"properties":{)"
    R"("ends_at":{"type":["string","null"],"format":"date-time"},)"
    R"("reminder":{"type":"boolean"},"expired":{"type":"boolean"}}},)"
    R"("csrf_token":{"type":"string"},"session":{"type":"object",)"
    R"("required":["id","expires_at","idle_expires_at"],"properties":{)"
    R"("id":{"type":"string"},"expires_at":{"type":"string","format":"date-time"},)"
    R"("idle_expires_at":{"type":"string","format":"date-time"}}}}})";
constexpr std::string_view k_login_schema =
    R"({"type":"object","required":["tenant","email","password"],"additionalProperties":false,)"
    R"("properties":{"tenant":{"type":"string","maxLength":63},)"
    R"("email":{"type":"string","maxLength":254},"password":{"type":"string","maxLength":256},)"
    R"("otp":{"type":"string","maxLength":64},"credential":{"type":"object"}}})";
constexpr std::string_view k_passkey_login_schema =
    R"({"type":"object","required":["credential"],"additionalProperties":false,)"
    R"("properties":{"credential":{"type":"object"}}})";
constexpr std::string_view k_options_schema =
    R"({"type":"object","required":["options"],"properties":{"options":{"type":"object"}}})";
constexpr std::string_view k_setup_schema =
    R"({"type":"object","required":["token","password"],"additionalProperties":false,)"
    R"("properties":{"token":{"type":"string"},)"
    R"("password":{"type":"string","minLength":15,"maxLength":256}}})";
constexpr std::string_view k_password_schema =
    R"({"type":"object","required":["current","new"],"additionalProperties":false,)"
    R"("properties":{"current":{"type":"string"},)"
    R"("new":{"type":"string","minLength":15,"maxLength":256}}})";
constexpr std::string_view k_revoke_schema =
    R"({"type":"object","additionalProperties":false,"properties":{"tokens":{"type":"boolean"}}})";
constexpr std::string_view k_sessions_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object",)"
    R"("required":["id","started_at","last_active_at","network","is_current"],)"
    R"("properties":{"id":{"type":"string"},)"
    R"("started_at":{"type":"string"},"last_active_at":{"type":"string"},)"
    R"("network":{"type":"string"},"is_current":{"type":"boolean"}}}},"next":{"type":"null"}}})";
constexpr std::string_view k_policy_schema =
    R"({"type":"object","required":["profile","version","min_length","max_length",)"
    R"("composition_rules","rotation_days","reminder_day","history","unique_among_members",)"
    R"("rules","profiles"],"properties":{"profile":{"type":"string"},)"
    R"("version":{"type":"integer"},"min_length":{"type":"integer"},)"
    R"("max_length":{"type":"integer"},"composition_rules":{"type":"boolean"},)"
    R"("rotation_days":{"type":["integer","null"]},"reminder_day":{"type":["integer","null"]},)"
    R"("history":{"type":"integer"},"unique_among_members":{"type":"boolean"},)"
    R"("rules":{"type":"array","items":{"type":"object","required":["name","text"],)"
    R"("properties":{"name":{"type":"string"},"text":{"type":"string"}}}},)"
    R"("profiles":{"type":"array","items":{"type":"string"}}}})";

/// What /me and a log-in tell a member of itself.
struct Self {
  identity::Member member;
  std::string tenant;
  std::string email;
  std::string csrf_token;
  std::string organisation = {};  ///< Its name; a log-in does not look it up and leaves it out.
};

std::string self_json(const Self& self) {
  JsonWriter json;
  json.begin_object();
  json.field("tenant", self.tenant);
  if (!self.organisation.empty()) json.field("organisation", self.organisation);
  json.key("user");
  json.begin_object();
  json.field("id", self.member.user.text());
  json.field("email", self.email);
  json.field("role", identity::text_of(self.member.role));
  json.key("permissions");
  json.begin_array();
  const auto held = identity::permissions_of(self.member.role);
  for (std::size_t i = 0; i < identity::k_permission_count; ++i) {
    const auto permission = static_cast<identity::Permission>(i);
    if (held.has(permission)) json.value(identity::text_of(permission));
  }
  json.end_array();
  json.end_object();
  json.field("enrolment_due", self.member.is_enrolment_due);
  const identity::PasswordAge& password = self.member.password;
  json.key("password");
  json.begin_object();
  json.key("ends_at");
  password.ends_at ? json.value(to_rfc3339(*password.ends_at)) : json.null();
  json.field("reminder", password.is_reminder_due);
  json.field("expired", password.is_over);
  json.end_object();
  json.field("csrf_token", self.csrf_token);
  json.key("session");
  json.begin_object();
  json.field("id", self.member.session.text());
  json.field("expires_at", to_rfc3339(self.member.expires_at));
  json.field("idle_expires_at", to_rfc3339(self.member.idle_expires_at));
  json.end_object();
  json.end_object();
  return std::move(json).text();
}

/// How a log-in ends, after its commit. `options`: for the passkeys that may be its second step.
Response signed_in(const AdminParts& parts, const identity::LoginOutcome& outcome,
                   const std::string& tenant, const std::string& options,
                   const RequestId& request) {
  if (!outcome.member && outcome.refusal == Code::MfaRequired)
    return factor_missing(options, request);
  if (!outcome.member) return web::problem_response(Error{outcome.refusal, {}, {}, {}, 0}, request);
  const auto csrf = parts.authenticator.csrf_token(*outcome.member);
  if (!csrf) return web::problem_response(csrf.error(), request);
  Response response =
      web::json_response(200, self_json({*outcome.member, tenant, outcome.email, *csrf}));
  response.with("set-cookie", identity::set_cookie_text(outcome.cookie));
  return response;
}

/// A planned log-in as an answer.
Result<Answer> answer_login(Call& call, const AdminParts& parts,
                            identity::Planned<identity::LoginOutcome> plan) {
  PROBITY_TRY(tenant, parts.engine.tenant(call.tenant()));
  std::string options;
  if (!plan.outcome->ticket.empty()) {
    PROBITY_TRY(offered, second_step_options(call, parts, plan.outcome->user));
    options = std::move(offered);
  }
  return answer_with(std::move(plan), [parts, slug = tenant.slug, options = std::move(options),
                                       id = call.id()](const identity::LoginOutcome& outcome) {
    return signed_in(parts, outcome, slug, options, id);
  });
}

Result<Answer> login(Call& call, const AdminParts& parts) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  LoginRequest request;
  request.tenant = fields.text("tenant", {.bytes_max = 255});
  request.email = fields.text("email", {.bytes_max = k_email_field_bytes});
  request.password = fields.text("password", {.bytes_max = k_password_field_bytes});
  request.code = fields.maybe_text("otp", {.bytes_max = 64, .may_be_empty = true}).value_or("");
  const boost::json::value* credential = fields.any("credential");
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(assertion, maybe_assertion(call, parts, credential));
  request.assertion = std::move(assertion);
  PROBITY_TRY(plan, plan_login(call, parts, request));
  return answer_login(call, parts, std::move(plan));
}

Result<Answer> challenge(Call& call, const AdminParts& parts) {
  PROBITY_TRY(party, relying_party_of(call, parts));
  PROBITY_TRY(cipher, parts.engine.cipher(store::Space::system()));
  PROBITY_TRY(made,
              identity::make_challenge(*cipher, identity::k_challenge_to_anybody, {}, call.now()));
  JsonWriter json;
  json.begin_object();
  json.key("options");
  json.raw(request_options(party, made, {}));
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> login_by_passkey(Call& call, const AdminParts& parts) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const boost::json::value* credential = fields.any("credential");
  if (credential == nullptr) fields.refuse("credential", "What the browser gave is needed.");
  PROBITY_CHECK(fields.finish());
  LoginRequest request;
  PROBITY_TRY(assertion, maybe_assertion(call, parts, credential));
  request.assertion = std::move(assertion);
  PROBITY_TRY(plan, plan_passkey_login(call, parts, request));
  return answer_login(call, parts, std::move(plan));
}

Result<Answer> me(Call& call, const AdminParts& parts) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(user, identity::find_user(*reader, *cipher, member.user));
  if (!user) return fail(Code::Unauthenticated, "the member is gone");
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  PROBITY_TRY(tenant, parts.engine.tenant(member.tenant));
  PROBITY_TRY(csrf, parts.authenticator.csrf_token(member));
  return web::json_response(
      200, self_json({member, tenant.slug, user->email, csrf, settings.organisation_name}));
}

Result<Answer> logout(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_logout(acting, member.session));
  return answer_with(std::move(plan), [] {
    return std::move(no_content().with("set-cookie", identity::clear_cookie_text()));
  });
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(records, identity::list_sessions(*reader, acting, member.user));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& record : records) {
    json.begin_object();
    json.field("id", record.id.text());
    json.field("started_at", to_rfc3339(record.started_at));
    json.field("last_active_at", to_rfc3339(record.last_active_at));
    json.field("network", record.network);
    json.field("is_current", record.id == member.session);
    json.end_object();
  }
  json.end_array();
  json.key("next");
  json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> end_one(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(session, call.path_id<SessionId>("id"));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_end_session(acting, member.user, session));
  return answer_with(std::move(plan), no_content);
}

Result<Answer> revoke_all(Call& call) {
  PROBITY_TRY(member, member_of(call));
  auto tokens = identity::Tokens::Keep;
  if (!call.request().body.empty()) {
    PROBITY_TRY(body, call.json_body());
    web::Fields fields(body);
    if (fields.maybe_truth("tokens").value_or(false)) tokens = identity::Tokens::Revoke;
    PROBITY_CHECK(fields.finish());
  }
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_revoke_all(acting, member.user, tokens));
  return answer_with(std::move(plan), [] {
    return std::move(no_content().with("set-cookie", identity::clear_cookie_text()));
  });
}

Result<Answer> setup(Call& call, const AdminParts& parts) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string token = fields.text("token", {.bytes_max = 255});
  const std::string password = fields.text("password", {.bytes_max = k_password_field_bytes});
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(plan, plan_setup(call, parts, token, password));
  return answer_with(std::move(plan), no_content);
}

Result<Answer> change_password(Call& call, const AdminParts& parts) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string current = fields.text("current", {.bytes_max = k_password_field_bytes});
  const std::string fresh = fields.text("new", {.bytes_max = k_password_field_bytes});
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(tenant, parts.engine.tenant(member.tenant));
  PROBITY_TRY(
      plan, parts.login.change_password(*reader, acting, {member.user, current, fresh, tenant.slug},
                                        address_of(call)));
  return answer_with(std::move(plan), [id = call.id()](const identity::PasswordOutcome& outcome) {
    if (!outcome.is_changed)
      return web::problem_response(Error{Code::BadCredentials, {}, {}, {}, 0}, id);
    return std::move(no_content().with("set-cookie", identity::clear_cookie_text()));
  });
}

/// The rules asked for by name; those of the caller's organisation; the default ones.
Result<Answer> policy(Call& call, const AdminParts& parts) {
  if (const auto name = call.request().param("profile")) {
    const auto kind = identity::parse_profile(*name);
    if (!kind) return fail(Code::NotFound, "no such profile");
    return web::json_response(200, identity::policy_json(*kind));
  }
  const auto cookie = call.request().cookie(identity::k_session_cookie);
  const auto principal =
      cookie ? parts.authenticator.by_cookie(*cookie, identity::Activity::Background)
             : Result<identity::Principal>(identity::Anonymous());
  const auto* member = principal ? std::get_if<identity::Member>(&*principal) : nullptr;
  if (member == nullptr)
    return web::json_response(200, identity::policy_json(identity::ProfileKind::NistR4));
  PROBITY_CHECK(call.enter(member->tenant));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(kind, identity::password_profile(*reader));
  return web::json_response(200, identity::policy_json(kind));
}

void add_own_routes(Routes& routes, const AdminParts& parts) {
  web::RouteDoc doc{.summary = "The signed-in member, its session and its CSRF token",
                    .request_schema = {},
                    .response_schema = k_me_schema};
  const Access always = Access::signed_in_before_enrolment().also_with_old_password();
  routes.emplace_back(Method::Get, "/api/v1/me", always, web::Limits{}, doc,
                      [parts](Call& call) { return me(call, parts); });
  doc = {.summary = "Change the own password; ends every session",
         .request_schema = k_password_schema,
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/me/password",
                      Access::signed_in().also_with_old_password(), k_password_limits, doc,
                      [parts](Call& call) { return change_password(call, parts); });
  doc = {.summary = "End this session",
         .request_schema = {},
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/logout", always, web::Limits{}, doc, logout);
  doc = {.summary = "The member's own sessions",
         .request_schema = {},
         .response_schema = k_sessions_schema};
  routes.emplace_back(Method::Get, "/api/v1/sessions", Access::signed_in(), web::Limits{}, doc,
                      list);
  doc = {.summary = "End one of the own sessions",
         .request_schema = {},
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Delete, "/api/v1/sessions/{id}", Access::signed_in(), web::Limits{},
                      doc, end_one);
  doc = {.summary = "End all own sessions, and on request all own API tokens",
         .request_schema = k_revoke_schema,
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/sessions/revoke-all", Access::signed_in(),
                      web::Limits{}, doc, revoke_all);
}

}  // namespace

void add_session_routes(Routes& routes, const AdminParts& parts) {
  web::RouteDoc doc{.summary = "Log in; answers with the session cookie",
                    .request_schema = k_login_schema,
                    .response_schema = k_me_schema};
  routes.emplace_back(Method::Post, "/api/v1/login",
                      Access::open_to_everyone("whoever logs in is not known yet"),
                      k_password_limits, doc, [parts](Call& call) { return login(call, parts); });
  doc = {.summary = "What a browser asks a passkey for, to log in by it alone",
         .request_schema = {},
         .response_schema = k_options_schema};
  routes.emplace_back(Method::Get, "/api/v1/login/passkey/options",
                      Access::open_to_everyone("whoever logs in is not known yet"), web::Limits{},
                      doc, [parts](Call& call) { return challenge(call, parts); });
  doc = {.summary = "Log in by a passkey alone; answers with the session cookie",
         .request_schema = k_passkey_login_schema,
         .response_schema = k_me_schema};
  routes.emplace_back(Method::Post, "/api/v1/login/passkey",
                      Access::open_to_everyone("whoever logs in is not known yet"), web::Limits{},
                      doc, [parts](Call& call) { return login_by_passkey(call, parts); });
  doc = {.summary = "Set a password with a set-up or invitation link; does not log in",
         .request_schema = k_setup_schema,
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/setup", Access::by_link(), k_password_limits, doc,
                      [parts](Call& call) { return setup(call, parts); });
  doc = {.summary = "The rules for passwords: those named, the own organisation's, or the default",
         .request_schema = {},
         .response_schema = k_policy_schema};
  doc.query = {"profile"};
  routes.emplace_back(Method::Get, "/api/v1/policy/password",
                      Access::open_to_everyone("the policy is published"), web::Limits{}, doc,
                      [parts](Call& call) { return policy(call, parts); });
  add_own_routes(routes, parts);
}

}  // namespace probity::admin
