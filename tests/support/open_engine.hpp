#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "sql/migrations.hpp"
#include "store/engine.hpp"

namespace probity::support {

/// A directory of its own, gone with the test.
class OwnDirectory {
 public:
  OwnDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "probity-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~OwnDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Takes every journal and keeps none, for rooms that do not test the audit log.
class LooseJournaler final : public store::Journaler {
 public:
  Result<void> append(store::Tx&, const std::vector<const store::JournalEntry*>&) override {
    return {};
  }
  Result<void> ready(store::Tx& /*tx*/) override { return {}; }
  Result<void> admit(const store::JournalEntry& /*entry*/) override { return {}; }
};

/// A SQLCipher store with every table of the program, in a directory of its own.
struct OpenEngine {
  OwnDirectory directory;
  FakeClock clock;
  Log log{STDERR_FILENO, clock, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master;
  LooseJournaler loose;
  std::unique_ptr<store::Engine> engine;

  explicit OpenEngine(store::Journaler* journaler = nullptr) {
    auto made = crypto::MasterKeys::create(directory.path() / "master.key");
    EXPECT_TRUE(made);
    if (made) master = std::make_unique<crypto::MasterKeys>(std::move(*made));
    reopen(journaler);
  }
  ~OpenEngine() {
    if (engine) engine->stop(Span::seconds(5));
  }
  OpenEngine(const OpenEngine&) = delete;
  OpenEngine& operator=(const OpenEngine&) = delete;

  [[nodiscard]] std::filesystem::path data() const { return directory.path() / "data"; }
  void reopen(store::Journaler* journaler = nullptr) {
    if (engine) engine->stop(Span::seconds(5));
    engine.reset();
    store::Journaler* chosen = journaler != nullptr ? journaler : &loose;
    auto opened = store::open_sqlcipher(
        data(), {.clock = clock, .log = log, .master = *master, .journaler = chosen});
    ASSERT_TRUE(opened) << opened.error().detail << opened.error().hint;
    engine = std::move(*opened);
  }
};

}  // namespace probity::support
