#include <boost/json.hpp>

#include "admin/passkey_json.hpp"
#include "admin/routes.hpp"
#include "base/json_writer.hpp"
#include "identity/factors.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "web/body.hpp"
#include "web/qr_code.hpp"

// A member's own second factors. Setting one up and taking one away needs the password again, and a
// factor where there is one (ASVS 7.5.1), under the throttle of log-ins: a stolen session is no
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
    R"("code":{"type":"string","maxLength":64},"credential":{"type":"object"}}})";
constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next","recovery_codes","is_required"],)"
    R"("properties":{"items":{"type":"array","items":{"type":"object",)"
    R"("required":["id","kind","name","created_at","used_at"],"properties":{)"
    R"("id":{"type":"string"},"kind":{"enum":["totp","passkey"]},"name":{"type":"string"},)"
    R"("created_at":{"type":"string","format":"date-time"},)"
    R"("used_at":{"type":["string","null"],"format":"date-time"}}}},"next":{"type":"null"},)"
    R"("recovery_codes":{"type":"integer"},"is_required":{"type":"boolean"}}})";
constexpr std::string_view k_offer_schema =
    R"({"type":"object","required":["ticket","secret","uri","qr_svg"],"properties":{)"
    R"("ticket":{"type":"string"},"secret":{"type":"string"},"uri":{"type":"string"},)"
    R"("qr_svg":{"type":"string"}}})";
constexpr std::string_view k_passkey_schema =
    R"({"type":"object","required":["options"],"properties":{"options":{"type":"object"}}})";
constexpr std::string_view k_enrol_schema =
    R"({"type":"object","required":["name"],"additionalProperties":false,)"
    R"("properties":{"ticket":{"type":"string","maxLength":512},)"
    R"("code":{"type":"string","maxLength":64},"credential":{"type":"object"},)"
    R"("name":{"type":"string","maxLength":100}}})";
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

/// What comes of asking who it is once more.
struct Again {
  std::optional<Answer> answer;              ///< It ends here: wrong, or a factor is missing.
  std::optional<identity::UsedFactor> used;  ///< To be used up by what is done (spending).
};

/// Puts the failure on record, and says so.
web::Prepared refused(Call& call, store::Change failure) {
  return {std::move(failure), [id = call.id()] {
            const Error error{
                Code::BadCredentials, {}, "The password or the second factor is wrong.", {}, 0};
            return web::problem_response(error, id);
          }};
}

/// Password and factor once more, from the body. `reader` as for the rest of the request.
Result<Again> authenticate_again(Call& call, const AdminParts& parts, store::Reader& reader) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string password = fields.text("password", {.bytes_max = k_password_field_bytes});
  const std::string code =
      fields.maybe_text("code", {.bytes_max = 64, .may_be_empty = true}).value_or("");
  const boost::json::value* credential = fields.any("credential");
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(assertion, maybe_assertion(call, parts, credential));
  PROBITY_TRY(acting, acting_of(call));
  auto again = parts.login.authenticate_again(
      reader, acting, member.user, {password, {code, pointer_to(assertion)}, address_of(call)});
  if (!again && again.error().code == Code::MfaRequired) {
    PROBITY_TRY(options, second_step_options(call, parts, member.user));
    return Again{Answer(factor_missing(options, call.id())), {}};
  }
  if (!again) return std::unexpected(std::move(again).error());
  if (again->refusal) return Again{Answer(refused(call, std::move(*again->refusal))), {}};
  return Again{{}, again->used};
}

/// The answer of something that is not stored itself, after the factor was used up for it.
Answer answer_spending(const UserId& user, const Again& again, Instant now, std::string json) {
  if (!again.used) return web::json_response(200, std::move(json));
  store::Change change{identity::k_grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [](store::Tx&) -> Result<store::Journal> { return store::Journal{}; };
  return web::Prepared{identity::spending(std::move(change), user, again.used, now),
                       [text = std::move(json)] { return web::json_response(200, text); }};
}

/// The name an authenticator shows for the organisation.
Result<std::string> organisation_of(store::Reader& reader, const AdminParts& parts,
                                    const identity::Acting& acting) {
  PROBITY_TRY(settings, identity::load_settings(reader, *acting.cipher));
  if (!settings.organisation_name.empty()) return settings.organisation_name;
  PROBITY_TRY(tenant, parts.engine.tenant(acting.tenant));
  return tenant.slug;
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

Result<Answer> offer_app(Call& call, const AdminParts& parts) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.answer) return std::move(*again.answer);
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(user, identity::find_user(*reader, *acting.cipher, member.user));
  if (!user) return fail(Code::Unauthenticated, "the member is gone");
  PROBITY_TRY(organisation, organisation_of(*reader, parts, acting));
  PROBITY_TRY(offered, identity::offer_totp(acting, member.user, organisation, user->email));
  PROBITY_TRY(code, web::qr_code_of(offered.uri));
  JsonWriter json;
  json.begin_object();
  json.field("ticket", offered.ticket);
  json.field("secret", offered.secret);
  json.field("uri", offered.uri);
  json.field("qr_svg", web::qr_svg(code));
  json.end_object();
  return answer_spending(member.user, again, acting.now, std::move(json).text());
}

Result<Answer> offer_passkey(Call& call, const AdminParts& parts) {
  PROBITY_TRY(party, relying_party_of(call, parts));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.answer) return std::move(*again.answer);
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  const crypto::Cipher& cipher = *acting.cipher;
  PROBITY_TRY(user, identity::find_user(*reader, cipher, member.user));
  if (!user) return fail(Code::Unauthenticated, "the member is gone");
  PROBITY_TRY(organisation, organisation_of(*reader, parts, acting));
  PROBITY_TRY(known, identity::list_passkeys(*reader, cipher, member.user, party.id));
  PROBITY_TRY(challenge, identity::make_challenge(cipher, identity::k_challenge_to_make,
                                                  member.user.bytes(), acting.now));
  JsonWriter json;
  json.begin_object();
  json.key("options");
  json.raw(creation_options({party, organisation, user->email,
                             identity::passkey_handle_of(member.tenant, member.user), challenge,
                             known}));
  json.end_object();
  return answer_spending(member.user, again, acting.now, std::move(json).text());
}

/// What the body shows of a factor that works.
Result<identity::ShownFactor> shown_factor(Call& call, const AdminParts& parts,
                                           const identity::Acting& acting, std::string& name) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const boost::json::value* credential = fields.any("credential");
  const auto ticket = fields.maybe_text("ticket", {.bytes_max = 512});
  const auto code = fields.maybe_text("code", {.bytes_max = 64});
  name = fields.text("name", {.bytes_max = identity::k_factor_name_bytes_max});
  if (credential == nullptr) {
    if (!ticket) fields.refuse("ticket", "That of an app is needed, or a passkey's credential.");
    if (ticket && !code) fields.refuse("code", "The code the app shows is needed.");
  } else if (ticket || code) {
    fields.refuse("credential", "Of an app or of a passkey, not of both.");
  }
  PROBITY_CHECK(fields.finish());
  if (credential == nullptr) return identity::confirm_totp(acting, member.user, *ticket, *code);
  PROBITY_TRY(party, relying_party_of(call, parts));
  PROBITY_TRY(attestation, read_attestation(*credential, std::move(party)));
  return identity::confirm_passkey(acting, member.user, attestation);
}

Result<Answer> enrol(Call& call, const AdminParts& parts) {
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  std::string name;
  PROBITY_TRY(factor, shown_factor(call, parts, acting, name));
  PROBITY_TRY(plan,
              identity::plan_enrol(acting, {member.user, member.session, name}, std::move(factor)));
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
  if (again.answer) return std::move(*again.answer);
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_remove_factor(acting, member.user, member.session, factor));
  plan.change = identity::spending(std::move(plan.change), member.user, again.used, acting.now);
  return answer_with(std::move(plan), no_content);
}

Result<Answer> renew_codes(Call& call, const AdminParts& parts) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(again, authenticate_again(call, parts, *reader));
  if (again.answer) return std::move(*again.answer);
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
                      [parts](Call& call) { return offer_app(call, parts); });
  doc = {.summary = "What a browser makes a passkey from; nothing is stored yet",
         .request_schema = k_password_schema,
         .response_schema = k_passkey_schema};
  routes.emplace_back(Method::Post, "/api/v1/me/factors/passkey", own, k_password_limits, doc,
                      [parts](Call& call) { return offer_passkey(call, parts); });
  doc = {.summary = "Set up an app by its code or a passkey by its credential",
         .request_schema = k_enrol_schema,
         .response_schema = k_enrolled_schema,
         .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/me/factors", own, web::Limits{}, doc,
                      [parts](Call& call) { return enrol(call, parts); });
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
