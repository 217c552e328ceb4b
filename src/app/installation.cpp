#include "app/installation.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <system_error>

#include "app/test_clock.hpp"
#include "base/text.hpp"
#include "crypto/known_answers.hpp"
#include "feature/survey/redo.hpp"

namespace probity::app {

LogLevel parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::Debug;
  if (text == "warning") return LogLevel::Warning;
  if (text == "failure") return LogLevel::Failure;
  return LogLevel::Info;
}

Result<store::FaultPlan> parse_faults(const std::vector<std::string>& texts) {
  store::FaultPlan plan;
  for (const std::string& text : texts) {
    const std::string_view name = std::string_view(text).substr(0, text.find('='));
    const auto number =
        parse_int(std::string_view(text).substr(std::min(text.size(), name.size() + 1)));
    if (name == "pretend_log_syncs") {
      plan.pretend_log_syncs = true;
    } else if (name == "drop_unsynced") {
      plan.drop_unsynced_on_kill = true;
    } else if (name == "fail_write" && number) {
      plan.fail_every_kth_write = static_cast<int>(*number);
    } else if (name == "fail_sync" && number) {
      plan.fail_every_kth_sync = static_cast<int>(*number);
    } else if (name == "free_bytes" && number) {
      plan.pretend_free_bytes = static_cast<std::uint64_t>(*number);
    } else {
      return refuse_field(Code::Config, "--test-fault",
                          "One of fail_write=K, fail_sync=K, free_bytes=N, drop_unsynced, "
                          "pretend_log_syncs.");
    }
  }
  return plan;
}

Result<std::unique_ptr<Installation>> Installation::open(const Config& config, Keys keys,
                                                         const std::string& as_role,
                                                         Opener opener) {
  std::unique_ptr<Installation> opened(new Installation(parse_log_level(config.log_level)));
  PROBITY_TRY(answers, crypto::run_known_answers());
  opened->log_.write(LogLevel::Debug, "known_answers_passed", {{"count", answers.size()}});
  std::error_code error;
  std::filesystem::create_directories(config.data, error);
  if (error)
    return refuse(Code::StorageFailed,
                  fmt::format("{} cannot be used as the data directory: {}. Name a directory that "
                              "exists or can be made.",
                              config.data.string(), error.message()));
  // People's answers lie below: nobody but the server's own user may look in.
  ::chmod(config.data.c_str(), 0700);
  PROBITY_CHECK(opened->load_keys(config, keys));
  PROBITY_CHECK(opened->load_test_clock(config));
  PROBITY_CHECK(opened->open_engine(config, as_role, opener));
  return opened;
}

Installation::~Installation() {
  if (engine_) engine_->stop(Span::seconds(10));
}

Result<void> Installation::load_keys(const Config& config, Keys keys) {
  if (keys == Keys::MayBeMade && !std::filesystem::exists(config.key_file)) {
    if (std::filesystem::exists(config.data / "store" / "system.db"))
      return refuse(Code::KeyUnavailable,
                    fmt::format("{} holds data but its key file {} is missing. Put the key file "
                                "back or name it with --key-file.",
                                config.data.string(), config.key_file.string()));
    PROBITY_TRY(made, crypto::MasterKeys::create(config.key_file));
    master_ = std::make_unique<crypto::MasterKeys>(std::move(made));
    has_new_keys_ = true;
    return {};
  }
  PROBITY_TRY(loaded, crypto::MasterKeys::load(config.key_file));
  master_ = std::make_unique<crypto::MasterKeys>(std::move(loaded));
  return {};
}

Result<void> Installation::load_test_clock(const Config& config) {
  const auto file = test_clock_file(config.data);
  if (!std::filesystem::exists(file)) return {};
  PROBITY_TRY(offset, load_test_offset(file));
  clock_.advance(offset);
  return {};
}

Result<void> Installation::open_engine(const Config& config, const std::string& as_role,
                                       Opener opener) {
  ledger_ = std::make_shared<survey::IdempotencyLedger>(config.database.empty() ? "sqlcipher"
                                                                                : "postgres");
  redoer_ = std::make_unique<survey::SubmissionRedoer>(ledger_);
  redoers_[0] = redoer_.get();
  store::EngineParts parts{clock_, log_, *master_, &chain_};
  parts.redoers = redoers_;
  parts.keeps_commit_log = opener == Opener::Server;
  if (config.database.empty()) {
    PROBITY_TRY(faults, parse_faults(config.test_faults));
    PROBITY_TRY(opened, store::open_sqlcipher(config.data / "store", parts, faults));
    engine_ = std::move(opened);
    return {};
  }
  PROBITY_TRY(opened, store::open_postgres(config.database, parts, as_role));
  engine_ = std::move(opened);
  return {};
}

}  // namespace probity::app
