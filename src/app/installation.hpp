#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "app/config.hpp"
#include "audit/chain.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "feature/survey/ledger.hpp"
#include "store/engine.hpp"

namespace probity::app {

/// The opened data of an installation: clock, log, master keys, audit chain and store, in the order
/// in which they need one another. Every command that touches data goes through here.
class Installation {
 public:
  /// Whether a missing key file (and with it a new installation) may be made.
  enum class Keys : bool { MustExist, MayBeMade };
  /// Who opens it: a server keeps the store's commit log for itself.
  enum class Opener : bool { Command, Server };

  /// Runs the known-answer tests, loads the keys, opens the store. The data directory is made when
  /// missing. `as_role`: see store::open_postgres. KeyUnavailable, Config, NewerData or
  /// StorageFailed as the parts say.
  [[nodiscard]] static Result<std::unique_ptr<Installation>> open(const Config& config, Keys keys,
                                                                  const std::string& as_role = {},
                                                                  Opener opener = Opener::Command);
  ~Installation();

  [[nodiscard]] SystemClock& clock() { return clock_; }
  [[nodiscard]] Log& log() { return log_; }
  [[nodiscard]] crypto::MasterKeys& master() { return *master_; }
  [[nodiscard]] store::Engine& engine() { return *engine_; }
  /// What the survey module shares with the redoer of logged submissions.
  [[nodiscard]] const std::shared_ptr<survey::IdempotencyLedger>& ledger() const { return ledger_; }
  /// Puts another engine in front of the opened one; for benchmarks, before anything uses it.
  template <typename Wrap>
  void replace_engine(Wrap wrap) {
    engine_ = wrap(std::move(engine_));
  }
  /// True when this call made the key file.
  [[nodiscard]] bool has_new_keys() const { return has_new_keys_; }

 private:
  explicit Installation(LogLevel level) : log_(2, clock_, level) {}
  [[nodiscard]] Result<void> load_keys(const Config& config, Keys keys);
  [[nodiscard]] Result<void> load_test_clock(const Config& config);
  [[nodiscard]] Result<void> open_engine(const Config& config, const std::string& as_role,
                                         Opener opener);

  SystemClock clock_;
  Log log_;
  std::unique_ptr<crypto::MasterKeys> master_;
  audit::Chain chain_;
  std::shared_ptr<survey::IdempotencyLedger> ledger_;
  std::unique_ptr<store::Redoer> redoer_;
  std::array<store::Redoer*, 1> redoers_{};
  std::unique_ptr<store::Engine> engine_;
  bool has_new_keys_ = false;
};

/// "debug" and so on; Info for anything else.
[[nodiscard]] LogLevel parse_log_level(std::string_view text);

/// The store's fault plan from `--test-fault` texts ("fail_write=7", "fail_sync=3",
/// "drop_unsynced", "pretend_log_syncs", "free_bytes=1000"). Config when one is unknown.
[[nodiscard]] Result<store::FaultPlan> parse_faults(const std::vector<std::string>& texts);

}  // namespace probity::app
