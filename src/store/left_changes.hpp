#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "store/commit_log.hpp"
#include "store/sqlite_file.hpp"

namespace probity::store {

/// What the last process left in the commit log, by tenant, until the tenant's file is opened and
/// owes it. Nothing of the log is overwritten before. Threads: any.
class LeftChanges {
 public:
  /// IntegrityError when a batch does not hold together. Called once.
  [[nodiscard]] Result<void> take(CommitLog::Recovered left);
  [[nodiscard]] std::vector<TenantId> tenants();
  [[nodiscard]] bool is_empty();
  /// Hands a file what was left for it; false when there was nothing.
  [[nodiscard]] bool give_to(OpenFile& file, const TenantId& tenant);
  /// Drops what was left for a tenant that is no more.
  void forget(const TenantId& tenant);

 private:
  void let_go_when_empty();

  std::mutex mutex_;
  std::map<TenantId, std::vector<LoggedChange>> by_tenant_;
  CommitLog::Hold hold_;
};

}  // namespace probity::store
