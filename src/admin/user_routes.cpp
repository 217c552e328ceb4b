#include <boost/json.hpp>

#include "admin/routes.hpp"
#include "base/json_writer.hpp"
#include "identity/users.hpp"
#include "web/body.hpp"

namespace probity::admin {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_invite_schema =
    R"({"type":"object","required":["email"],"additionalProperties":false,"properties":{)"
    R"("email":{"type":"string","maxLength":254},)"
    R"("role":{"enum":["none","owner","editor","analyst","auditor"]}}})";
constexpr std::string_view k_invited_schema =
    R"({"type":"object","required":["id","invite_path"],"properties":{"id":{"type":"string"},)"
    R"("invite_path":{"type":"string"}}})";
constexpr std::string_view k_change_schema =
    R"({"type":"object","additionalProperties":false,"properties":{)"
    R"("role":{"enum":["none","owner","editor","analyst","auditor"]},)"
    R"("disabled":{"type":"boolean"}}})";
constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["id","email","role","state","created_at",)"
    R"("last_login_at"],"properties":{"id":{"type":"string"},"email":{"type":"string"},)"
    R"("role":{"enum":["none","owner","editor","analyst","auditor"]},)"
    R"("state":{"enum":["invited","active","disabled"]},"created_at":{"type":"string"},)"
    R"("last_login_at":{"type":["string","null"]}}}},"next":{"type":["string","null"]}}})";

std::string invited_json(const identity::Invited& invited) {
  JsonWriter json;
  json.begin_object();
  json.field("id", invited.id.text());
  json.field("invite_path", setup_path(invited.token));
  json.end_object();
  return std::move(json).text();
}

std::optional<identity::Role> role_field(web::Fields& fields) {
  const auto text = fields.maybe_text("role", {.bytes_max = 20});
  if (!text) return {};
  const auto role = identity::parse_role(*text);
  if (!role) fields.refuse("role", "One of none, owner, editor, analyst, auditor.");
  return role;
}

Result<Answer> create(Call& call) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const std::string email = fields.text("email", {.bytes_max = 1024});
  const auto role = role_field(fields);
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_invite(acting, email, role.value_or(identity::Role::None)));
  return answer_with(std::move(plan), [](const identity::Invited& invited) {
    return web::json_response(201, invited_json(invited));
  });
}

Result<Answer> reissue(Call& call) {
  PROBITY_TRY(user, call.path_id<UserId>("id"));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_reissue(acting, user));
  return answer_with(std::move(plan), [](const identity::Invited& invited) {
    return web::json_response(201, invited_json(invited));
  });
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(after, call.after_id<UserId>());
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  // One more than asked for tells whether there is a next page.
  PROBITY_TRY(records, identity::list_users(*reader, *cipher, after, limit + 1));
  const bool has_more = records.size() > static_cast<std::size_t>(limit);
  if (has_more) records.pop_back();
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& record : records) {
    json.begin_object();
    json.field("id", record.id.text());
    json.field("email", record.email);
    json.field("role", identity::text_of(record.role));
    json.field("state", record.state);
    json.field("created_at", to_rfc3339(record.created_at));
    json.key("last_login_at");
    record.last_login_at ? json.value(to_rfc3339(*record.last_login_at)) : json.null();
    json.end_object();
  }
  json.end_array();
  json.key("next");
  has_more ? json.value(records.back().id.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> change(Call& call) {
  PROBITY_TRY(user, call.path_id<UserId>("id"));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  identity::UserChange wanted;
  wanted.role = role_field(fields);
  wanted.is_disabled = fields.maybe_truth("disabled");
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_change_user(acting, user, wanted));
  return answer_with(std::move(plan), no_content);
}

Result<Answer> reset_factors(Call& call) {
  PROBITY_TRY(user, call.path_id<UserId>("id"));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_reset_factors(acting, user));
  return answer_with(std::move(plan), no_content);
}

Result<Answer> remove(Call& call) {
  PROBITY_TRY(user, call.path_id<UserId>("id"));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_delete_user(acting, user));
  return answer_with(std::move(plan), no_content);
}

}  // namespace

void add_user_routes(Routes& routes, const AdminParts&) {
  const Access manage = Access::require(Permission::UsersManage);
  web::RouteDoc doc{.summary = "Members of the tenant",
                    .request_schema = {},
                    .response_schema = k_list_schema,
                    .success_status = 200,
                    .query = {"after", "limit"}};
  routes.push_back(web::Route(Method::Get, "/api/v1/users", Access::require(Permission::UsersRead),
                              web::Limits{}, doc, list)
                       .audited_as("user.read"));
  doc = {.summary = "Add a member; answers with the path of its set-up link",
         .request_schema = k_invite_schema,
         .response_schema = k_invited_schema,
         .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/users", manage, web::Limits{}, doc, create);
  doc = {.summary = "Change a member's role or shut it out; ends its sessions",
         .request_schema = k_change_schema,
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Patch, "/api/v1/users/{id}", manage, web::Limits{}, doc, change);
  doc = {.summary = "Delete a member with everything personal",
         .request_schema = {},
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Delete, "/api/v1/users/{id}", manage, web::Limits{}, doc, remove);
  doc = {.summary = "A new set-up link for a member; earlier ones die",
         .request_schema = {},
         .response_schema = k_invited_schema,
         .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/users/{id}/invite", manage, web::Limits{}, doc,
                      reissue);
  doc = {.summary =
             "Take a member's second factors away, for one who has lost them; ends its sessions",
         .request_schema = {},
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Post, "/api/v1/users/{id}/reset-factors", manage, web::Limits{}, doc,
                      reset_factors);
}

}  // namespace probity::admin
