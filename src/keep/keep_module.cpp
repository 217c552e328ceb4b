#include "keep/keep_module.hpp"

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "approval/approval.hpp"
#include "base/json_writer.hpp"
#include "keep/archive.hpp"
#include "sql/keep.hpp"
#include "web/call.hpp"

namespace probity::keep {
namespace {

constexpr std::array<std::string_view, 1> k_reads{"*"};
constexpr std::array<std::string_view, 1> k_writes{"keep"};
const store::Grant k_grant{"keep", k_reads, k_writes};
constexpr std::string_view k_done = "ready";

constexpr std::string_view k_job_schema =
    R"({"type":"object","required":["job"],"properties":{"job":{"type":"object",)"
    R"("required":["id","status","requested_at","expires_at","archive"],)"
    R"("properties":{"id":{"type":"string"},)"
    R"("status":{"type":"string"},"requested_at":{"type":"string"},)"
    R"("expires_at":{"type":"string"},"archive":{"type":"string"}}}}})";

std::string job_json(const JobId& id, Instant requested_at) {
  JsonWriter json;
  json.begin_object();
  json.key("job");
  json.begin_object();
  json.field("id", id.text());
  json.field("status", k_done);
  json.field("requested_at", to_rfc3339(requested_at));
  json.field("expires_at", to_rfc3339(requested_at + k_export_life));
  json.field("archive", fmt::format("/api/v1/export/{}/archive", id.text()));
  json.end_object();
  json.end_object();
  return std::move(json).text();
}

constexpr std::string_view k_export_action = "tenant.export";

/// Stores the request to export as `id`, on behalf of whoever calls.
Result<web::Prepared> prepare_export(web::Call& call, const JobId& id) {
  const Instant now = call.now();
  PROBITY_TRY(entry, call.entry("tenant.export", id.text(), R"({"step":"requested"})"));
  const auto apply = [id, now, entry = entry](store::Tx& tx) -> Result<store::Journal> {
    const TenantId tenant = tx.space().tenant();
    PROBITY_CHECK(tx.run(sql::keep::drop_exports_before, {tenant, now - k_export_life}));
    PROBITY_CHECK(tx.run(sql::keep::insert_export, {tenant, id, now, entry.actor}));
    return store::Journal{entry};
  };
  return web::Prepared{{k_grant, apply, {}, store::Growth::Essential}, [id, now] {
                         auto response = web::json_response(202, job_json(id, now));
                         response.with("location", fmt::format("/api/v1/export/{}", id.text()));
                         return response;
                       }};
}

/// A second person's approval lets the export be taken that somebody asked for.
Result<web::Prepared> prepare_approved(web::Call& call, const module::Wish& wish) {
  const auto id = JobId::parse(wish.object);
  if (!id) return fail(Code::Internal, "a request to export without its job");
  return prepare_export(call, *id);
}

Result<web::Answer> ask(web::Call& call) {
  const JobId id = JobId::make(call.now());
  PROBITY_TRY(is_required, approval::is_required(call));
  if (is_required) return approval::ask(call, {k_export_action, id.text(), {}});
  PROBITY_TRY(prepared, prepare_export(call, id));
  return std::move(prepared);
}

/// When the export was asked for; NotFound when it never was, or too long ago.
Result<Instant> requested_at(web::Call& call, const JobId& id) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(at, reader->first(sql::keep::find_export, {call.tenant(), id},
                                [](const store::Row& row) { return row.instant(0); }));
  if (!at || call.now() >= *at + k_export_life) return fail(Code::NotFound, "no such export");
  return *at;
}

/// The archive is made of what is there when it is taken: one that somebody asked for alone is not
/// given out any more once two people decide.
Result<void> check_approved(web::Call& call, const JobId& id) {
  PROBITY_TRY(is_required, approval::is_required(call));
  if (!is_required) return {};
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(was_approved, approval::was_approved(*reader, {k_export_action, id.text(), {}}));
  if (was_approved) return {};
  return refuse(Code::Conflict, "Two people decide since this was asked for: ask for it again.");
}

Result<web::Answer> state(web::Call& call) {
  PROBITY_TRY(id, call.path_id<JobId>("id"));
  PROBITY_TRY(at, requested_at(call, id));
  return web::json_response(200, job_json(id, at));
}

/// An archive on its way to a client.
class Download final : public web::BodySource {
 public:
  explicit Download(std::unique_ptr<ArchiveStream> stream) : stream_(std::move(stream)) {}
  Result<Piece> next() override {
    Piece piece;
    PROBITY_TRY(has_more, stream_->next(piece.bytes));
    piece.is_last = !has_more;
    return piece;
  }

 private:
  std::unique_ptr<ArchiveStream> stream_;
};

class KeepModule final : public module::Module {
 public:
  explicit KeepModule(KeepParts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::string_view name() const override { return "keep"; }
  [[nodiscard]] store::Grant grant() const override { return k_grant; }
  [[nodiscard]] std::vector<web::Route> routes() override;
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override {
    return {{"keep_export", "requested_by", "Id of the member who asked for an export",
             "To know who took the data out", "One day", module::Storage::Clear}};
  }
  [[nodiscard]] std::vector<module::Approvable> approvables() override {
    return {{k_export_action, identity::Permission::TenantExport, prepare_approved}};
  }

 private:
  Result<web::Answer> archive(web::Call& call);

  KeepParts parts_;
};

Result<web::Answer> KeepModule::archive(web::Call& call) {
  PROBITY_TRY(id, call.path_id<JobId>("id"));
  PROBITY_CHECK(requested_at(call, id));
  PROBITY_CHECK(check_approved(call, id));
  PROBITY_TRY(tenant, parts_.engine.tenant(call.tenant()));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(snapshot, call.take_snapshot());
  web::Response response;
  response.with("content-type", "application/gzip");
  response.with("content-disposition",
                fmt::format("attachment; filename=\"{}-export.tar.gz\"", tenant.slug));
  response.source = std::make_unique<Download>(std::make_unique<ArchiveStream>(
      std::move(snapshot), cipher, parts_.tables(), tenant, call.now()));
  return response;
}

std::vector<web::Route> KeepModule::routes() {
  const auto access = web::Access::require(identity::Permission::TenantExport);
  std::vector<web::Route> routes;
  web::RouteDoc doc{.summary = "Ask for an archive of everything of the tenant",
                    .request_schema = {},
                    .response_schema = k_job_schema,
                    .success_status = 202};
  routes.emplace_back(web::Method::Post, "/api/v1/export", access, web::Limits{}, doc, ask);
  doc = {.summary = "State of an export", .request_schema = {}, .response_schema = k_job_schema};
  routes.emplace_back(web::Method::Get, "/api/v1/export/{id}", access, web::Limits{}, doc, state);
  doc = {.summary = "The archive: gzip-compressed tar, made while it is read",
         .request_schema = {},
         .response_schema = {},
         .success_status = 200,
         .query = {},
         .request_type = {},
         .response_type = "application/gzip"};
  const web::Limits bulk{.lane = web::LaneKind::Bulk};
  routes.push_back(web::Route(web::Method::Get, "/api/v1/export/{id}/archive", access, bulk, doc,
                              [this](web::Call& call) { return archive(call); })
                       .audited_as("tenant.export"));
  return routes;
}

}  // namespace

std::unique_ptr<module::Module> make_keep_module(KeepParts parts) {
  return std::make_unique<KeepModule>(std::move(parts));
}

}  // namespace probity::keep
