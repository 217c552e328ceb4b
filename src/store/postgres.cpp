#include "store/postgres.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include <fmt/core.h>

#include "sql/migrations.hpp"
#include "sql/store.hpp"
#include "store/durable_file.hpp"
#include "store/postgres_dump.hpp"
#include "store/postgres_schema.hpp"

namespace probity::store {
namespace {

constexpr int k_care_every_ms = 500;

class PgSnapshot final : public Reader {
 public:
  PgSnapshot(Space space, Grant grant, std::shared_ptr<PgReaders> readers,
             std::unique_ptr<PgConnection> connection)
      : space_(space),
        grant_(grant),
        readers_(std::move(readers)),
        connection_(std::move(connection)) {}
  ~PgSnapshot() override {
    connection_->forget_queued();
    if (connection_->is_lost() || !connection_->control("ROLLBACK")) connection_.reset();
    readers_->give_back(std::move(connection_));
  }
  PgSnapshot(const PgSnapshot&) = delete;
  PgSnapshot& operator=(const PgSnapshot&) = delete;

  [[nodiscard]] Result<void> begin() {
    connection_->before("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // The first statement fixes what the snapshot sees.
    return connection_->fetch(
        sql::store::enter_snapshot, {tenant_setting(space_)}, [](const Row&) { return true; },
        PgConnection::Rows::Whole);
  }
  [[nodiscard]] bool is_lost() const { return connection_->is_lost(); }
  [[nodiscard]] const Space& space() const override { return space_; }
  [[nodiscard]] Result<void> each(const Query& query, Values values, const OnRow& on_row) override {
    PROBITY_CHECK(admit(grant_, query, values.size(), Access::Read));
    return connection_->fetch(query, values, on_row, PgConnection::Rows::Streamed);
  }

 private:
  Space space_;
  Grant grant_;
  std::shared_ptr<PgReaders> readers_;
  std::unique_ptr<PgConnection> connection_;
};

}  // namespace

PgReaders::PgReaders(std::string url, std::string as_role, std::size_t max)
    : url_(std::move(url)), as_role_(std::move(as_role)), max_(max) {}

Result<std::unique_ptr<PgConnection>> PgReaders::borrow() {
  {
    std::unique_lock lock(mutex_);
    const bool is_free = free_.wait_for(lock, std::chrono::milliseconds(k_reader_wait_ms),
                                        [this] { return lent_ < max_; });
    if (!is_free) return fail(Code::Overloaded, "no free connection to read with");
    ++lent_;
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (!connection->has_ended_meanwhile()) return connection;
    }
  }
  auto opened = PgConnection::open(url_, as_role_);
  if (!opened) give_back(nullptr);
  return opened;
}

void PgReaders::give_back(std::unique_ptr<PgConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection) idle_.push_back(std::move(connection));
  }
  free_.notify_one();
}

PostgresEngine::PostgresEngine(std::string url, EngineParts parts, std::string as_role)
    : EngineCore(parts),
      url_(std::move(url)),
      as_role_(std::move(as_role)),
      readers_(std::make_shared<PgReaders>(url_, as_role_, k_pg_readers_max)) {
  if (parts_.migrations.empty()) parts_.migrations = sql::migrations();
}

PostgresEngine::~PostgresEngine() { stop(Span::seconds(10)); }

Result<void> PostgresEngine::start() {
  writing_.resize(writer_threads());
  PROBITY_CHECK(connect(writing_.front()));
  PROBITY_CHECK(check_postgres(*writing_.front(), parts_.migrations));
  writers_ = std::make_unique<Writers>(
      writing_.size(), [this](const Space& space, std::span<Pending> group, std::size_t writer) {
        run_group(space, group, writer);
      });
  PROBITY_CHECK(ensure_system_key());
  poll_changes();
  carer_ = std::jthread([this] { run_care(); });
  return {};
}

Result<void> PostgresEngine::connect(std::unique_ptr<PgConnection>& connection) const {
  if (connection && !connection->has_ended_meanwhile()) return {};
  connection.reset();
  PROBITY_TRY(fresh, PgConnection::open(url_, as_role_));
  connection = std::move(fresh);
  return {};
}

Result<std::unique_ptr<Snapshot>> PostgresEngine::snapshot(Space space, Grant grant,
                                                           Freshness /*freshness*/) {
  if (!space.is_system()) PROBITY_CHECK(require_readable(space.tenant()));
  // Connections that were idle may have been closed by the server: then with the next, at last with
  // a new one. What a live connection refuses, another one refuses as well.
  for (int attempt = 0;; ++attempt) {
    PROBITY_TRY(connection, readers_->borrow());
    auto snapshot = std::make_unique<PgSnapshot>(space, grant, readers_, std::move(connection));
    auto begun = snapshot->begin();
    if (begun) return snapshot;
    if (!snapshot->is_lost() || attempt >= static_cast<int>(k_pg_readers_max)) {
      return std::unexpected(std::move(begun).error());
    }
  }
}

void PostgresEngine::submit(Space space, Change change, Done done) {
  writers_->submit(space, std::move(change), std::move(done));
}

void PostgresEngine::run_group(const Space& space, std::span<Pending> group, std::size_t writer) {
  GroupOutcome outcome;
  if (auto known = space.is_system() ? Result<void>() : require_readable(space.tenant()); known) {
    outcome = try_group(writing_[writer], space, group);
  } else {
    outcome.error = std::move(known).error();
  }
  counts_.add(group, outcome);
  if (outcome.end != GroupEnd::Committed) {
    parts_.log.failure(
        "group_failed",
        {{"space", space.tenant()}, {"changes", group.size()}, {"detail", outcome.error.detail}});
  }
  answer_group(group, outcome);
}

GroupOutcome PostgresEngine::try_group(std::unique_ptr<PgConnection>& connection,
                                       const Space& space, std::span<Pending> group) {
  const GroupRules rules{parts_.journaler, parts_.log, false};
  GroupOutcome outcome;
  for (int attempt = 0; attempt < k_pg_attempts_max; ++attempt) {
    if (auto connected = connect(connection); !connected) {
      outcome = {GroupEnd::Failed, std::move(connected).error(), Trouble::Broken, false};
      return outcome;
    }
    try {
      PgSession session(space, *connection);
      outcome = attempt_group(session, group, rules);
    } catch (const std::exception& e) {
      // Closing the connection rolls back.
      connection.reset();
      return {GroupEnd::Failed, {Code::StorageFailed, e.what(), {}, {}, 0}, Trouble::Broken, false};
    }
    // A connection lost before the commit was sent has committed nothing: the group may run again.
    // Lost during the commit nobody knows, and nothing is acknowledged.
    const bool is_harmless = connection->is_lost() && !outcome.was_committing;
    if (outcome.trouble == Trouble::Broken) connection.reset();
    if (outcome.end != GroupEnd::Rerun && !is_harmless) break;
  }
  return outcome;
}

void PostgresEngine::run_care() {
  pthread_setname_np(pthread_self(), "store-care");
  while (true) {
    {
      std::unique_lock lock(care_mutex_);
      care_wakes_.wait_for(lock, std::chrono::milliseconds(k_care_every_ms),
                           [this] { return is_stopping_; });
      if (is_stopping_) return;
    }
    poll_changes();
  }
}

Result<void> PostgresEngine::prepares(Space, const Query& query) {
  PROBITY_TRY(connection, readers_->borrow());
  auto prepared = connection->prepares(query);
  readers_->give_back(std::move(connection));
  return prepared;
}

EngineStats PostgresEngine::stats() const {
  EngineStats stats = counts_.stats();
  // The server's disk is the server's to watch.
  stats.free_bytes = std::numeric_limits<std::uint64_t>::max();
  return stats;
}

void PostgresEngine::stop(Span within) {
  if (writers_) writers_->stop(within);
  {
    const std::lock_guard lock(care_mutex_);
    is_stopping_ = true;
  }
  care_wakes_.notify_all();
  if (carer_.joinable()) carer_.join();
}

Result<std::vector<std::string>> PostgresEngine::snapshot_to(
    const std::filesystem::path& directory) {
  PROBITY_TRY(connection, PgConnection::open(url_, as_role_));
  return dump_rows(*connection, directory, [](Moment&) { return Result<void>(); });
}

Result<std::unique_ptr<Engine>> open_postgres(const std::string& url, EngineParts parts,
                                              const std::string& as_role) {
  auto engine = std::make_unique<PostgresEngine>(url, parts, as_role);
  PROBITY_CHECK(engine->start());
  return engine;
}

}  // namespace probity::store
