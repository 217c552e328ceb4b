#include "store/left_changes.hpp"

namespace probity::store {

Result<void> LeftChanges::take(CommitLog::Recovered left) {
  const std::lock_guard lock(mutex_);
  for (const Bytes& batch : left.batches) {
    PROBITY_TRY(changes, read_records(batch));
    for (LoggedChange& change : changes)
      by_tenant_[change.tenant].push_back(std::move(change));
  }
  hold_ = std::move(left.hold);
  let_go_when_empty();
  return {};
}

std::vector<TenantId> LeftChanges::tenants() {
  const std::lock_guard lock(mutex_);
  std::vector<TenantId> tenants;
  for (const auto& [tenant, changes] : by_tenant_)
    tenants.push_back(tenant);
  return tenants;
}

bool LeftChanges::is_empty() {
  const std::lock_guard lock(mutex_);
  return by_tenant_.empty();
}

bool LeftChanges::give_to(OpenFile& file, const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  const auto found = by_tenant_.find(tenant);
  if (found == by_tenant_.end()) return false;
  const std::lock_guard writing(file.writer_mutex());
  file.owed().changes = std::move(found->second);
  file.owed().holds.push_back(hold_);
  file.begin_debt();
  by_tenant_.erase(found);
  let_go_when_empty();
  return true;
}

void LeftChanges::forget(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  by_tenant_.erase(tenant);
  let_go_when_empty();
}

void LeftChanges::let_go_when_empty() {
  if (by_tenant_.empty()) hold_.reset();
}

}  // namespace probity::store
