#include "admin/routes.hpp"
#include "audit/read.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","properties":{"seq":{"type":"integer"},"id":{"type":"string"},)"
    R"("at":{"type":"string"},"action":{"type":"string"},"actor":{"type":"string"},)"
    R"("object":{"type":"string"},"outcome":{"type":"string"},"detail":{},)"
    R"("hash":{"type":"string"}}}},"next":{"type":["integer","null"]}}})";

Result<std::int64_t> after_seq(const Call& call) {
  const auto text = call.request().param("after");
  if (!text) return 0;
  const auto seq = parse_int(*text);
  if (!seq || *seq < 0)
    return refuse_field(Code::BadRequest, "after", "The value of `next` of the page before.");
  return *seq;
}

Result<void> write_entry(JsonWriter& json, const crypto::Cipher& cipher,
                         const audit::ChainedEntry& chained) {
  PROBITY_TRY(detail, audit::open_detail(cipher, chained.entry));
  json.begin_object();
  json.field("seq", chained.seq);
  json.field("id", chained.entry.id.text());
  json.field("at", to_rfc3339(chained.entry.at));
  json.field("action", chained.entry.action);
  json.field("actor", chained.entry.actor);
  json.field("object", chained.entry.object);
  json.field("outcome", chained.entry.outcome);
  json.key("detail");
  detail.empty() ? json.null() : json.raw(detail);
  json.field("hash", to_hex(chained.hash));
  json.end_object();
  return {};
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(after, after_seq(call));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(entries, audit::list_entries(*reader, after, limit + 1));
  const bool has_more = entries.size() > static_cast<std::size_t>(limit);
  if (has_more) entries.pop_back();
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& entry : entries)
    PROBITY_CHECK(write_entry(json, *cipher, entry));
  json.end_array();
  json.key("next");
  has_more ? json.value(entries.back().seq) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

}  // namespace

void add_audit_routes(Routes& routes, const AdminParts&) {
  const web::RouteDoc doc{.summary = "Entries of the audit log, oldest first; this is recorded too",
                          .request_schema = {},
                          .response_schema = k_list_schema,
                          .success_status = 200,
                          .query = {"after", "limit"}};
  routes.push_back(web::Route(Method::Get, "/api/v1/audit",
                              Access::require(identity::Permission::AuditRead), web::Limits{}, doc,
                              list)
                       .audited_as("audit.read"));
}

}  // namespace probity::admin
