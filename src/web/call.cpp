#include "web/call.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "web/router.hpp"

namespace probity::web {

Call::Call(const CallServices& services, const Route& route, const Request& request,
           std::vector<std::string_view> path_values, identity::Principal principal, RequestId id,
           Deadline deadline)
    : services_(services),
      route_(route),
      request_(request),
      path_values_(std::move(path_values)),
      principal_(std::move(principal)),
      id_(id),
      deadline_(deadline),
      now_(services.clock.now()),
      tenant_(identity::tenant_of(principal_)) {}

std::string_view Call::path_value(std::string_view name) const {
  std::size_t index = 0;
  for (const std::string_view segment : pattern_segments(route_.pattern)) {
    const std::string_view placeholder = placeholder_name(segment);
    if (placeholder.empty()) continue;
    if (placeholder == name) return index < path_values_.size() ? path_values_[index] : "";
    ++index;
  }
  return {};
}

Result<void> Call::enter(TenantId tenant) {
  const bool may_enter =
      route_.access.kind() == Access::Kind::Everyone || route_.access.kind() == Access::Kind::Link;
  if (!may_enter || !tenant_.is_nil())
    return fail(Code::Internal, "a call entered a tenant it does not belong to");
  PROBITY_TRY(record, services_.engine.tenant(tenant));
  if (record.state == "destroyed") return fail(Code::NotFound, "tenant destroyed");
  tenant_ = record.id;
  return {};
}

Result<void> Call::enter_slug(std::string_view slug) {
  PROBITY_TRY(record, services_.engine.find_tenant(slug));
  return enter(record.id);
}

Result<void> Call::enter_as_respondent(TenantId tenant) {
  PROBITY_CHECK(enter(tenant));
  principal_ = identity::Respondent{tenant};
  return {};
}

Result<store::Reader*> Call::read() {
  if (!snapshot_) {
    PROBITY_TRY(opened, open(store::Freshness::Acknowledged));
    snapshot_ = std::move(opened);
  }
  return snapshot_.get();
}

Result<store::Reader*> Call::read_committed() {
  if (snapshot_) return snapshot_.get();
  if (!committed_) {
    PROBITY_TRY(opened, open(store::Freshness::Committed));
    committed_ = std::move(opened);
  }
  return committed_.get();
}

Result<std::unique_ptr<store::Reader>> Call::open(store::Freshness freshness) {
  if (tenant_.is_nil()) return fail(Code::Internal, "a call without tenant reads");
  return services_.engine.snapshot(store::Space::of(tenant_), route_.grant, freshness);
}

Result<std::unique_ptr<store::Reader>> Call::take_snapshot() {
  if (services_.streams == nullptr) return fail(Code::Internal, "a call that may not stream");
  PROBITY_CHECK(read());
  return services_.streams->count(principal_, std::move(snapshot_));
}

Result<std::shared_ptr<const crypto::Cipher>> Call::cipher() {
  if (tenant_.is_nil()) return fail(Code::Internal, "a call without tenant asks for keys");
  return services_.engine.cipher(store::Space::of(tenant_));
}

Result<store::JournalEntry> Call::entry(std::string_view action, std::string object,
                                        std::string_view detail_json) {
  store::JournalEntry entry;
  entry.id = AuditId::make(now_);
  entry.at = now_;
  entry.action = action;
  entry.actor = identity::actor_of(principal_);
  entry.object = std::move(object);
  if (!detail_json.empty()) {
    PROBITY_TRY(keys, cipher());
    PROBITY_TRY(sealed, keys->seal("audit.detail", entry.id.bytes(), as_bytes(detail_json)));
    entry.detail = std::move(sealed);
  }
  return entry;
}

store::JournalEntry Call::coarse_entry(std::string_view action, std::string object) const {
  store::JournalEntry entry;
  entry.id = AuditId::make_hourly(now_);
  entry.at = now_.hour();
  entry.action = action;
  entry.actor = "respondent";
  entry.object = std::move(object);
  return entry;
}

Result<boost::json::value> Call::json_body() const {
  const std::string_view type = request_.header("content-type");
  const std::string_view media = trim(type.substr(0, type.find(';')));
  if (media != "application/json" && !media.ends_with("+json")) {
    return refuse(Code::UnsupportedMedia,
                  "Send the body as JSON with Content-Type: application/json.");
  }
  JsonLimits limits;
  limits.bytes_max = route_.limits.body_max_bytes;
  return parse_json(request_.body, limits);
}

Result<int> Call::list_limit() const {
  const auto text = request_.param("limit");
  if (!text) return k_list_limit_default;
  const auto limit = parse_int(*text);
  if (!limit || *limit < 1 || *limit > k_list_limit_max) {
    return refuse_field(Code::BadRequest, "limit",
                        fmt::format("A whole number from 1 to {}.", k_list_limit_max));
  }
  return static_cast<int>(*limit);
}

}  // namespace probity::web
