#include "attest/evidence_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "attest/evidence.hpp"
#include "attest/grant.hpp"
#include "base/json_writer.hpp"
#include "sql/attest.hpp"
#include "web/call.hpp"

namespace probity::attest {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Route;

constexpr std::uint64_t k_body_max_bytes = 2 * 1024 * 1024;  ///< A file of 1 MiB in base64url.

constexpr std::string_view k_record_schema = R"({"type":"object",
"required":["id","kind","sha256","issuer","owner","issued","expires","filed_at"],
"properties":{"id":{"type":"string"},"kind":{"type":"string"},"sha256":{"type":"string"},
"issuer":{"type":"string"},"owner":{"type":"string"},
"issued":{"type":"string","format":"date-time"},"expires":{"type":"string","format":"date-time"},
"filed_at":{"type":"string","format":"date-time"}}})";
constexpr std::string_view k_list_schema = R"({"type":"object","required":["items","next"],
"properties":{"items":{"type":"array","items":{"$ref":
"#/paths/~1api~1v1~1evidence/post/responses/201/content/application~1json/schema"}},
"next":{"type":["string","null"]}}})";
constexpr std::string_view k_order_schema = R"({"type":"object","additionalProperties":false,
"required":["kind","issuer","owner","issued","expires"],
"properties":{"kind":{"type":"string"},"sha256":{"type":"string","pattern":"^[0-9a-fA-F]{64}$"},
"file":{"type":"string"},"issuer":{"type":"string","maxLength":200},
"owner":{"type":"string","maxLength":200},"issued":{"type":"string"},
"expires":{"type":"string"}}})";

Result<void> require_operator(store::Engine& engine, const Call& call) {
  PROBITY_TRY(tenant, operator_tenant(engine));
  // To everybody else it is as unknown as something that never was.
  if (call.tenant() == tenant) return {};
  return fail(Code::NotFound, "evidence belongs to the tenant that runs the installation");
}

Result<Answer> file(store::Engine& engine, const Catalogue& catalogue, Call& call) {
  PROBITY_CHECK(require_operator(engine, call));
  PROBITY_TRY(body, call.json_body());
  PROBITY_TRY(order, read_order(body, catalogue, call.now()));
  auto record = std::make_shared<EvidenceRecord>();
  record->id = EvidenceId::make(call.now());
  record->kind = order.kind;
  record->sha256 = order.sha256;
  record->issued_at = order.issued_at;
  record->expires_at = order.expires_at;
  record->filed_at = call.now();
  record->issuer = order.issuer;
  record->owner = order.owner;
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(issuer, cipher->seal(k_issuer_purpose, record->id.bytes(), as_bytes(order.issuer)));
  PROBITY_TRY(owner, cipher->seal(k_owner_purpose, record->id.bytes(), as_bytes(order.owner)));
  PROBITY_TRY(entry, call.entry("evidence.file", record->id.text()));
  store::Change change{
      .grant = k_grant,
      .apply = [record, issuer = std::move(issuer), owner = std::move(owner),
                entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
        const TenantId& tenant = tx.space().tenant();
        PROBITY_TRY(held, tx.first(sql::attest::count_evidence, {tenant},
                                   [](const store::Row& row) { return row.integer(0); }));
        if (held.value_or(0) >= static_cast<std::int64_t>(k_evidence_records_max))
          return refuse(Code::LimitExceeded,
                        "There are 1000 evidence records already; delete those that have expired.");
        PROBITY_CHECK(tx.run(sql::attest::insert_evidence,
                             {tenant, record->id, record->kind, record->sha256, record->issued_at,
                              record->expires_at, record->filed_at, issuer, owner}));
        return store::Journal{entry};
      },
      .on_refusal = {},
      .growth = store::Growth::Grows};
  return web::Prepared{std::move(change),
                       [record] { return web::json_response(201, evidence_json(*record)); }};
}

Result<Answer> list(store::Engine& engine, Call& call) {
  PROBITY_CHECK(require_operator(engine, call));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(after, call.after_id<EvidenceId>());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(records, list_evidence(*reader, *cipher, after, limit + 1));
  const bool has_more = records.size() > static_cast<std::size_t>(limit);
  if (has_more) records.pop_back();
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const EvidenceRecord& record : records)
    json.raw(evidence_json(record));
  json.end_array();
  json.key("next");
  if (has_more)
    json.value(records.back().id.text());
  else
    json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> remove(store::Engine& engine, Call& call) {
  PROBITY_TRY(id, call.path_id<EvidenceId>("id"));
  PROBITY_CHECK(require_operator(engine, call));
  PROBITY_TRY(entry, call.entry("evidence.delete", id.text()));
  store::Change change{
      .grant = k_grant,
      .apply = [id, entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
        PROBITY_TRY(rows, tx.run(sql::attest::delete_evidence, {tx.space().tenant(), id}));
        if (rows == 0) return fail(Code::NotFound);
        return store::Journal{entry};
      },
      .on_refusal = {},
      .growth = store::Growth::Essential};
  return web::Prepared{std::move(change), [] { return web::empty_response(204); }};
}

}  // namespace

std::vector<Route> evidence_routes(Publisher& publisher, store::Engine& engine) {
  std::vector<Route> routes;
  routes.emplace_back(
      web::Method::Post, "/api/v1/evidence", Access::require(Permission::EvidenceManage),
      web::Limits{.body_max_bytes = k_body_max_bytes},
      web::RouteDoc{.summary = "Files an evidence record",
                    .request_schema = k_order_schema,
                    .response_schema = k_record_schema,
                    .success_status = 201,
                    .query = {}},
      [&publisher, &engine](Call& call) { return file(engine, publisher.catalogue(), call); });
  routes.push_back(Route(web::Method::Get, "/api/v1/evidence",
                         Access::require(Permission::EvidenceRead), web::Limits{},
                         web::RouteDoc{.summary = "Evidence records, in order of filing",
                                       .request_schema = {},
                                       .response_schema = k_list_schema,
                                       .query = {"after", "limit"}},
                         [&engine](Call& call) { return list(engine, call); })
                       .audited_as("evidence.read"));
  routes.emplace_back(web::Method::Delete, "/api/v1/evidence/{id}",
                      Access::require(Permission::EvidenceManage), web::Limits{},
                      web::RouteDoc{.summary = "Deletes an evidence record",
                                    .request_schema = {},
                                    .response_schema = {},
                                    .success_status = 204,
                                    .query = {}},
                      [&engine](Call& call) { return remove(engine, call); });
  return routes;
}

}  // namespace probity::attest
