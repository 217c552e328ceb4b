#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/core.hpp"
#include "store/postgres_connection.hpp"
#include "store/writers.hpp"

namespace probity::store {

/// Readers lent at one time; with as many for writing, a third of the 100 connections a cluster
/// takes unless told otherwise.
inline constexpr std::size_t k_pg_readers_max = 16;
/// How long a read waits for a free connection before it is refused with Overloaded.
inline constexpr int k_reader_wait_ms = 2'000;
/// How often a group is run again after a serialisation failure or a connection lost before its
/// commit.
inline constexpr int k_pg_attempts_max = 4;

/// The connections a node reads with: a few, lent one at a time. Threads: any.
class PgReaders {
 public:
  PgReaders(std::string url, std::string as_role, std::size_t max);
  /// Overloaded when none came free in time.
  [[nodiscard]] Result<std::unique_ptr<PgConnection>> borrow();
  /// Gives one back; null when it was lost.
  void give_back(std::unique_ptr<PgConnection> connection);

 private:
  const std::string url_;
  const std::string as_role_;
  const std::size_t max_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<PgConnection>> idle_;
};

/// The engine beyond one machine. Threads: any.
class PostgresEngine final : public EngineCore {
 public:
  PostgresEngine(std::string url, EngineParts parts, std::string as_role);
  ~PostgresEngine() override;
  /// Checks role, server and schema, then starts the threads. Once.
  [[nodiscard]] Result<void> start();

  [[nodiscard]] std::string_view kind() const override { return "postgres"; }
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> snapshot(Space space, Grant grant,
                                                           Freshness freshness) override;
  void submit(Space space, Change change, Done done) override;
  /// The schema is one for all tenants and complete at start: always false.
  [[nodiscard]] Result<bool> migrate_next() override { return false; }
  [[nodiscard]] Result<std::vector<std::string>> snapshot_to(
      const std::filesystem::path& directory) override;
  [[nodiscard]] Result<void> prepares(Space space, const Query& query) override;
  [[nodiscard]] EngineStats stats() const override;
  void stop(Span within) override;

 private:
  [[nodiscard]] Result<std::vector<NewKey>> make_space(const TenantId&) override {
    return std::vector<NewKey>();
  }
  void discard_space(const TenantId&) override {}
  void forget_space(const TenantId&) override {}
  [[nodiscard]] Result<int> rewrap_outside() override { return 0; }

  void run_group(const Space& space, std::span<Pending> group, std::size_t writer);
  [[nodiscard]] GroupOutcome try_group(std::unique_ptr<PgConnection>& connection,
                                       const Space& space, std::span<Pending> group);
  [[nodiscard]] Result<void> connect(std::unique_ptr<PgConnection>& connection) const;
  void run_care();

  std::string url_;
  std::string as_role_;
  std::shared_ptr<PgReaders> readers_;
  std::vector<std::unique_ptr<PgConnection>> writing_;  // One per writer, used by it alone.

  GroupCounts counts_;

  std::mutex care_mutex_;
  std::condition_variable care_wakes_;
  bool is_stopping_ = false;
  std::jthread carer_;
  std::unique_ptr<Writers> writers_;
};

}  // namespace probity::store
