#include <boost/json.hpp>

#include "admin/routes.hpp"
#include "base/json_writer.hpp"
#include "identity/factors.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "web/body.hpp"
#include "web/qr_code.hpp"

// A member's own second factors. Setting one up and taking one away needs the password again, and a
// code where there is a factor (ASVS 7.5.1), under the throttle of log-ins: a stolen session is no
// way to either.
namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr web::Limits k_password_limits{web::k_body_small_max_bytes, web::LaneKind::Passwords,
                                        web::k_request_deadline};
constexpr std::size_t k_password_field_bytes = 1024;

constexpr std::string_view k_password_schema =
    R"({"type":"object","required":["password"],"additionalProperties":false,)"
    R"("properties":{"password":{"type":"string","maxLength":256},)"
    R"("code":{"type":"string","maxLength":64}}})";
constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next","recovery_codes","is_required"],)"
    R"("properties":{"items":{"type":"array","items":{"type":"object",)"
    R"("required":["id","kind","name","created_at","used_at"],"properties":{)"
    R"("id":{"type":"string"},"kind":{"enum":["totp"]},"name":{"type":"string"},)"
    R"("created_at":{"type":"string","format":"date-time"},)"
    R"("used_at":{"type":["string","null"],"format":"date-time"}}}},"next":{"type":"null"},)"
    R"("recovery_codes":{"type":"integer"},"is_required":{"type":"boolean"}}})";
constexpr std::string_view k_offer_schema =
    R"({"type":"object","required":["ticket","secret","uri","qr_svg"],"properties":{)"
    R"("ticket":{"type":"string"},"secret":{"type":"string"},"uri":{"type":"string"},)"
    R"("qr_svg":{"type":"string"}}})";
constexpr std::string_view k_enrol_schema =
    R"({"type":"object","required":["ticket","code","name"],"additionalProperties":false,)"
    R"("properties":{"ticket":{"type":"string","maxLength":512},)"
    R"("code":{"type":"string","maxLength":64},"name":{"type":"string","maxLength":100}}})";
constexpr std::string_view k_enrolled_schema =
    R"({"type":"object","required":["id","recovery_codes"],"properties":{"id":{"type":"string"},)"
    R"("recovery_codes":{"type":"array","items":{"type":"string"}}}})";
constexpr std::string_view k_codes_schema =
    R"({"type":"object","required":["recovery_codes"],"properties":{)"
    R"("recovery_codes":{"type":"array","items":{"type":"string"}}}})";

void add_codes(JsonWriter& json, const std::vector<std::string>& codes) {
  json.key("recovery_codes");
  json.begin_array();
  for (const std::string& code : codes)
    json.value(code);
  json.end_array();
}

/// Password and code once more, from the body. `reader` as for the rest of the request.
Result<identity::Reauthentication> authenticate_again(Call& call, const AdminParts& parts,
                                                      store::Reader& reader) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string password = fields.text("password", {.bytes_max = k_password_field_bytes});
  const std::string code =
      fields.maybe_text("code", {.bytes_max = 64, .may_be_empty = true}).value_or("");
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  return parts.login.authenticate_again(reader, acting, member.user,
                                        {password, code, address_of(call)});
}

/// Puts the failure on record, and says so.
web::Prepared refused(Call& call, store::Change failure) {
  return {std::move(failure), [id = call.id()] {
            const Error error{
                Code::BadCredentials, {}, "The password or the code is wrong.", {}, 0};
            return web::problem_response(error, id);
          }};
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(held, identity::list_factors(*reader, *cipher, member.user));
  PROBITY_TRY(roles, identity::second_factor_roles(*reader));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const identity::FactorRecord& factor : held.factors) {
    json.begin_object();
    json.field("id", factor.id.text());
    json.field("kind", identity::text_of(factor.kind));
    json.field("name", factor.name);
    json.field("created_at", to_rfc3339(factor.created_at));
    json.key("used_at");
    factor.used_at ? json.value(to_rfc3339(*factor.used_at)) : json.null();
    json.end_object();
  }
  json.end_array();
  json.key("next");
  json.null();
  json.field("recovery_codes", held.recovery_codes);
  json.field("is_required", roles.has(member.role));
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> offer(Call& call, const AdminParts& parts) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.refusal) return refused(call, std::move(*again.refusal));
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(settings, identity::load_settings(*reader, *acting.cipher));
  PROBITY_TRY(user, identity::find_user(*reader, *acting.cipher, member.user));
  if (!user) return fail(Code::Unauthenticated, "the member is gone");
  PROBITY_TRY(tenant, parts.engine.tenant(member.tenant));
  const std::string& issuer =
      settings.organisation_name.empty() ? tenant.slug : settings.organisation_name;
  PROBITY_TRY(offered, identity::offer_totp(acting, member.user, issuer, user->email));
  PROBITY_TRY(code, web::qr_code_of(offered.uri));
  JsonWriter json;
  json.begin_object();
  json.field("ticket", offered.ticket);
  json.field("secret", offered.secret);
  json.field("uri", offered.uri);
  json.field("qr_svg", web::qr_svg(code));
  json.end_object();
  if (!again.used) return web::json_response(200, std::move(json).text());
  store::Change change{identity::k_grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [](store::Tx&) -> Result<store::Journal> { return store::Journal{}; };
  return web::Prepared{identity::spending(std::move(change), member.user, again.used, acting.now),
                       [text = std::move(json).text()] { return web::json_response(200, text); }};
}

Result<Answer> enrol(Call& call) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string ticket = fields.text("ticket", {.bytes_max = 512});
  const std::string code = fields.text("code", {.bytes_max = 64});
  const std::string name = fields.text("name", {.bytes_max = identity::k_factor_name_bytes_max});
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan,
              identity::plan_enrol(acting, {member.user, member.session, ticket, code, name}));
  return answer_with(std::move(plan), [](const identity::Enrolled& enrolled) {
    JsonWriter json;
    json.begin_object();
    json.field("id", enrolled.id.text());
    add_codes(json, enrolled.recovery_codes);
    json.end_object();
    return web::json_response(201, std::move(json).text());
  });
}

Result<Answer> remove(Call& call, const AdminParts& parts) {
  PROBITY_TRY(factor, call.path_id<FactorId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.refusal) return refused(call, std::move(*again.refusal));
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_remove_factor(acting, member.user, member.session, factor));
  plan.change = identity::spending(std::move(plan.change), member.user, again.used, acting.now);
  return answer_with(std::move(plan), no_content);
}

Result<Answer> renew_codes(Call& call, const AdminParts& parts) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.refusal) return refused(call, std::move(*again.refusal));
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_renew_recovery_codes(acting, member.user));
  plan.change = identity::spending(std::move(plan.change), member.user, again.used, acting.now);
  return answer_with(std::move(plan), [](const std::vector<std::string>& codes) {
    JsonWriter json;
    json.begin_object();
    add_codes(json, codes);
    json.end_object();
    return web::json_response(201, std::move(json).text());
  });
}

}  // namespace

void add_factor_routes(Routes& routes, const AdminParts& parts) {
  const Access own = Access::signed_in_before_enrolment();
  web::RouteDoc doc{.summary = "The member's own second factors",
                    .request_schema = {},
                    .response_schema = k_list_schema};
  routes.emplace_back(Method::Get, "/api/v1/me/factors", own, web::Limits{}, doc, list);
  doc = {.summary = "A secret for an authenticator app; nothing is stored yet",
         .request_schema = k_password_schema,
         .response_schema = k_offer_schema};
  routes.emplace_back(Method::Post, "/api/v1/me/factors/totp", own, k_password_limits, doc,
                      [parts](Call& call) { return offer(call, parts); });
  doc = {.summary = "Set up what was offered, with a code of the app; ends every other session",
         .request_schema = k_enrol_schema,
         .response_schema = k_enrolled_schema,
         .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/me/factors", own, web::Limits{}, doc, enrol);
  doc = {.summary = "Take one of the own second factors away; ends every other session",
         .request_schema = k_password_schema,
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/me/factors/{id}/remove", own, k_password_limits, doc,
                      [parts](Call& call) { return remove(call, parts); });
  doc = {.summary = "New recovery codes; the old ones die",
         .request_schema = k_password_schema,
         .response_schema = k_codes_schema,
         .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/me/recovery-codes", own, k_password_limits, doc,
                      [parts](Call& call) { return renew_codes(call, parts); });
}

}  // namespace probity::admin
