#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "feature/survey/blocks.hpp"
#include "feature/survey/crowd.hpp"
#include "feature/survey/ledger.hpp"
#include "feature/survey/published.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/report_cache.hpp"
#include "feature/survey/report_shelf.hpp"
#include "identity/authenticator.hpp"
#include "store/engine.hpp"
#include "store/tx.hpp"
#include "web/file_scanner.hpp"

namespace probity::survey {

/// Tenants in which a survey was deleted since the last sweep, so that a sweep opens no others.
class SweepList {
 public:
  void add(TenantId tenant) {
    const std::scoped_lock lock(mutex_);
    tenants_.insert(tenant);
  }
  /// Takes what is on the list.
  [[nodiscard]] std::set<TenantId> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(tenants_, {});
  }

 private:
  std::mutex mutex_;
  std::set<TenantId> tenants_;
};

/// What this room's handlers and jobs share. Outlives them all.
struct Services {
  store::Engine& engine;
  const Clock& clock;
  Log& log;
  LinkCache links{};
  std::shared_ptr<IdempotencyLedger> own_ledger;
  IdempotencyLedger& ledger{*own_ledger};
  Crowds crowds{};
  SweepList to_sweep{};
  ReportCache reports{};
  BlockNotes block_notes{};
  ReportShelf report_pages{};
  /// Gives forms of signed-in members their token; null in tests without log-in.
  identity::Authenticator* authenticator = nullptr;
  /// "https://ask.example", where people reach the server; empty: as each request names it.
  std::string public_url;
  /// Looks into every file that somebody hands in; null: nobody does.
  web::FileScanner* scanner = nullptr;
  /// What one member may store in all.
  Amount member_quota = k_member_quota;

  /// `shared` is the ledger of the commit log's redoer; null where there is none.
  Services(store::Engine& e, const Clock& c, Log& l,
           std::shared_ptr<IdempotencyLedger> shared = nullptr)
      : engine(e),
        clock(c),
        log(l),
        own_ledger(shared ? std::move(shared) : std::make_shared<IdempotencyLedger>(e.kind())) {}
};

/// What this room's statements may touch: its own tables, and settings of the tenant for reading.
[[nodiscard]] const store::Grant& survey_grant();

}  // namespace probity::survey
