#include <boost/json.hpp>

#include "admin/routes.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "identity/limits.hpp"
#include "identity/tokens.hpp"
#include "web/body.hpp"

namespace probity::admin {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_new_schema =
    R"({"type":"object","required":["name","scopes"],"additionalProperties":false,"properties":{)"
    R"("name":{"type":"string","maxLength":200},)"
    R"("scopes":{"type":"array","minItems":1,"items":{"type":"string"}},)"
    R"("expires_in_days":{"type":"integer","minimum":1,"maximum":3660}}})";
constexpr std::string_view k_made_schema =
    R"({"type":"object","required":["id","token"],"properties":{"id":{"type":"string"},)"
    R"("token":{"type":"string"}}})";
constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["id","name","scopes","made_by","created_at",)"
    R"("expires_at","used_on"],"properties":{"id":{"type":"string"},"name":{"type":"string"},)"
    R"("scopes":{"type":"array","items":{"type":"string"}},"made_by":{"type":"string"},)"
    R"("created_at":{"type":"string"},"expires_at":{"type":["string","null"]},)"
    R"("used_on":{"type":["string","null"]}}}},"next":{"type":["string","null"]}}})";

Result<Answer> create(Call& call) {
  // A token that could make tokens would outlive its own revocation.
  PROBITY_TRY(member, member_of(call));
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  identity::NewToken wanted;
  wanted.name = fields.text("name", {.bytes_max = identity::k_token_name_bytes_max});
  wanted.scopes = fields.texts("scopes", {.bytes_max = 40, .items_max = 40});
  wanted.expires_in_days = fields.maybe_integer("expires_in_days", 1, identity::k_token_days_max);
  PROBITY_CHECK(fields.finish());
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_token(acting, member.user, wanted));
  return answer_with(std::move(plan), [](const identity::MadeToken& token) {
    JsonWriter json;
    json.begin_object();
    json.field("id", token.id.text());
    json.field("token", token.text);
    json.end_object();
    return web::json_response(201, std::move(json).text());
  });
}

void write_token(JsonWriter& json, const identity::TokenRecord& record) {
  json.begin_object();
  json.field("id", record.id.text());
  json.field("name", record.name);
  json.key("scopes");
  json.begin_array();
  for (const std::string_view scope : split(record.scopes, ' '))
    json.value(scope);
  json.end_array();
  json.field("made_by", record.made_by.text());
  json.field("created_at", to_rfc3339(record.created_at));
  json.key("expires_at");
  record.expires_at ? json.value(to_rfc3339(*record.expires_at)) : json.null();
  json.key("used_on");
  record.used_on ? json.value(to_rfc3339(*record.used_on).substr(0, 10)) : json.null();
  json.end_object();
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(after, call.after_id<TokenId>());
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(records, identity::list_tokens(*reader, *cipher, after, limit + 1));
  const bool has_more = records.size() > static_cast<std::size_t>(limit);
  if (has_more) records.pop_back();
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& record : records)
    write_token(json, record);
  json.end_array();
  json.key("next");
  has_more ? json.value(records.back().id.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> revoke(Call& call) {
  PROBITY_TRY(token, call.path_id<TokenId>("id"));
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_revoke_token(acting, token));
  return answer_with(std::move(plan), no_content);
}

}  // namespace

void add_token_routes(Routes& routes, const AdminParts&) {
  const Access manage = Access::require(Permission::TokensManage);
  web::RouteDoc doc{.summary = "Make an API token; its text is shown this once",
                    .request_schema = k_new_schema,
                    .response_schema = k_made_schema,
                    .success_status = 201};
  routes.emplace_back(Method::Post, "/api/v1/tokens", manage, web::Limits{}, doc, create);
  doc = {.summary = "API tokens of the tenant",
         .request_schema = {},
         .response_schema = k_list_schema,
         .success_status = 200,
         .query = {"after", "limit"}};
  routes.emplace_back(Method::Get, "/api/v1/tokens", manage, web::Limits{}, doc, list);
  doc = {.summary = "Revoke an API token",
         .request_schema = {},
         .response_schema = {},
         .success_status = 204};
  routes.emplace_back(Method::Delete, "/api/v1/tokens/{id}", manage, web::Limits{}, doc, revoke);
}

}  // namespace probity::admin
