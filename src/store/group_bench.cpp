// Rows a second through the writers, 600-byte sealed rows (LIMITS: one writer, groups of 64).
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <vector>

#include "sql/migrations.hpp"
#include "store/engine.hpp"

namespace probity::store {
namespace {

constexpr std::size_t k_row_bytes = 600;

constexpr Query k_insert{"bench.insert",
                         "bench",
                         "INSERT INTO bench (tenant_id, row_id, at, body) VALUES (?1, ?2, ?3, ?4)",
                         "INSERT INTO bench (tenant_id, row_id, at, body) VALUES ($1, $2, $3, $4)",
                         4,
                         true};
constexpr Query k_scan{"bench.scan",
                       "bench",
                       "SELECT row_id, body FROM bench ORDER BY row_id",
                       "SELECT row_id, body FROM bench ORDER BY row_id",
                       0,
                       false};
constexpr Migration k_step{
    9002,
    "9002_tenant_bench",
    false,
    "CREATE TABLE bench (tenant_id BLOB NOT NULL, row_id BLOB NOT NULL, at BIGINT NOT NULL, body "
    "BLOB NOT NULL, PRIMARY KEY (tenant_id, row_id)) WITHOUT ROWID;",
    "CREATE TABLE bench (tenant_id BYTEA NOT NULL, row_id BYTEA NOT NULL, at BIGINT NOT NULL, body "
    "BYTEA NOT NULL, PRIMARY KEY (tenant_id, row_id));",
    "bench"};

// An engine in a directory of its own (PROBITY_BENCH_DIRECTORY, else the temporary one).
class Bed {
 public:
  explicit Bed(int tenants) : master_(make_master()) {
    migrations_.assign(sql::migrations().begin(), sql::migrations().end());
    migrations_.push_back(k_step);
    auto engine =
        open_sqlcipher(directory_ / "data", {clock_, log_, *master_, nullptr, migrations_});
    if (!engine) std::abort();
    engine_ = std::move(*engine);
    for (int i = 0; i < tenants; ++i) {
      auto tenant = engine_->create_tenant("t" + std::to_string(i), "");
      if (!tenant) std::abort();
      tenants_.push_back(tenant->id);
    }
  }
  ~Bed() {
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  // Submits `count` Changes over the tenants in turn and keeps at most `ahead` unanswered.
  void write(int count, int ahead) {
    for (int i = 0; i < count; ++i) {
      {
        std::unique_lock lock(mutex_);
        answered_.wait(lock, [&] { return waiting_ < ahead; });
        ++waiting_;
      }
      const TenantId tenant = tenants_[static_cast<std::size_t>(next_++) % tenants_.size()];
      engine_->submit(Space::of(tenant), change(tenant), [this](const Result<void>& result) {
        if (!result) std::abort();
        const std::lock_guard lock(mutex_);
        --waiting_;
        answered_.notify_one();
      });
    }
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [&] { return waiting_ == 0; });
  }
  [[nodiscard]] std::int64_t scan() {
    auto reader = engine_->read(Space::of(tenants_.front()), k_grant_all);
    std::int64_t bytes = 0;
    const auto read = (*reader)->each(k_scan, {}, [&](const Row& row) {
      bytes += static_cast<std::int64_t>(row.bytes(1).size());
      return true;
    });
    if (!read) std::abort();
    return bytes;
  }
  [[nodiscard]] double rows_per_group() const {
    const auto stats = engine_->stats();
    return static_cast<double>(stats.changes_committed) /
           static_cast<double>(stats.groups_committed);
  }

 private:
  static std::filesystem::path make_directory() {
    const char* wanted = std::getenv("PROBITY_BENCH_DIRECTORY");
    const auto parent =
        wanted != nullptr ? std::filesystem::path(wanted) : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "probity-bench-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  std::unique_ptr<crypto::MasterKeys> make_master() {
    auto made = crypto::MasterKeys::create(directory_ / "master.key");
    if (!made) std::abort();
    return std::make_unique<crypto::MasterKeys>(std::move(*made));
  }
  Change change(TenantId tenant) {
    return {k_grant_all,
            [this, tenant](Tx& tx) -> Result<Journal> {
              const auto id = ResponseId::make(clock_.now());
              PROBITY_CHECK(tx.run(k_insert, {tenant, id, clock_.now(), body_}));
              return Journal{};
            },
            {},
            Growth::Essential};
  }

  std::filesystem::path directory_ = make_directory();
  SystemClock clock_;
  Log log_{STDERR_FILENO, clock_, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master_;
  std::vector<Migration> migrations_;
  std::unique_ptr<Engine> engine_;
  std::vector<TenantId> tenants_;
  Bytes body_ = Bytes(k_row_bytes, 7);
  std::mutex mutex_;
  std::condition_variable answered_;
  int waiting_ = 0;
  std::int64_t next_ = 0;
};

void groups(benchmark::State& state) {
  Bed bed(static_cast<int>(state.range(1)));
  const int ahead = static_cast<int>(state.range(0));
  constexpr int k_rows = 20'000;
  for (auto _ : state)
    bed.write(k_rows, ahead);
  state.SetItemsProcessed(state.iterations() * k_rows);
  state.counters["rows_per_group"] = bed.rows_per_group();
}
BENCHMARK(groups)
    ->ArgNames({"ahead", "tenants"})
    ->Args({1, 1})
    ->Args({64, 1})
    ->Args({128, 1})
    ->Args({512, 1})
    ->Args({64, 100})
    ->Args({64, 1'000})
    ->UseRealTime()
    ->MinTime(2)
    ->Unit(benchmark::kMillisecond);

void scan(benchmark::State& state) {
  Bed bed(1);
  constexpr int k_rows = 100'000;
  bed.write(k_rows, 512);
  for (auto _ : state)
    benchmark::DoNotOptimize(bed.scan());
  state.SetItemsProcessed(state.iterations() * k_rows);
}
BENCHMARK(scan)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace probity::store
