#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "audit/chain.hpp"
#include "support/own_database.hpp"

namespace probity::support {

/// A test on both engines with the real audit chain and one tenant, "main". The parameter is the
/// engine's kind.
class BothEngines : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto made = crypto::MasterKeys::create(directory.path() / "master.key");
    ASSERT_TRUE(made);
    master = std::make_unique<crypto::MasterKeys>(std::move(*made));
    if (is_postgres()) {
      if (OwnDatabase::server().empty())
        GTEST_SKIP() << "PROBITY_TEST_POSTGRES is not set: the URL of a superuser of a PostgreSQL "
                        "15 cluster";
      database = std::make_unique<OwnDatabase>();
      const auto prepared = store::prepare_postgres(database->owner_url(), "probity_app", log);
      ASSERT_TRUE(prepared) << prepared.error().detail;
    }
    engine = open();
    auto record = engine->create_tenant("main", "");
    ASSERT_TRUE(record) << record.error().detail;
    tenant = record->id;
    has_tenant_ = true;
    begin();
  }
  void TearDown() override {
    if (has_tenant_) end();
    if (engine) engine->stop(Span::seconds(5));
    engine.reset();
  }
  /// What a derived fixture sets up once the tenant is there, and takes down before the engine.
  virtual void begin() {}
  virtual void end() {}

  [[nodiscard]] bool is_postgres() const { return GetParam() == "postgres"; }
  [[nodiscard]] store::Space space() const { return store::Space::of(tenant); }

  /// A first engine, or one more on the same data.
  [[nodiscard]] std::unique_ptr<store::Engine> open() {
    const store::EngineParts parts{
        .clock = clock, .log = log, .master = *master, .journaler = &chain};
    auto opened = is_postgres() ? store::open_postgres(database->app_url(), parts)
                                : store::open_sqlcipher(directory.path() / "data", parts);
    EXPECT_TRUE(opened) << opened.error().detail;
    if (!opened) std::abort();
    return std::move(*opened);
  }
  void reopen() {
    engine->stop(Span::seconds(5));
    engine.reset();
    engine = open();
  }

  OwnDirectory directory;
  FakeClock clock;
  Log log{STDERR_FILENO, clock, LogLevel::Failure};
  audit::Chain chain;
  std::unique_ptr<crypto::MasterKeys> master;
  std::unique_ptr<OwnDatabase> database;
  std::unique_ptr<store::Engine> engine;
  TenantId tenant;

 private:
  bool has_tenant_ = false;
};

}  // namespace probity::support
