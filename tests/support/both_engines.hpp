#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/core.h>

#include "audit/chain.hpp"
#include "store/postgres_connection.hpp"
#include "support/open_engine.hpp"

namespace probity::support {

/// A PostgreSQL database of its own in the cluster PROBITY_TEST_POSTGRES names, dropped at the end.
class OwnDatabase {
 public:
  OwnDatabase() {
    static std::atomic<int> count{0};
    name_ = fmt::format("probity_room_{}_{}", ::getpid(), ++count);
    run_on(server(), "CREATE DATABASE " + name_);
  }
  ~OwnDatabase() { run_on(server(), fmt::format("DROP DATABASE {} WITH (FORCE)", name_)); }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;

  [[nodiscard]] static std::string server() {
    const char* url = std::getenv("PROBITY_TEST_POSTGRES");
    return url == nullptr ? "" : url;
  }
  [[nodiscard]] std::string owner_url() const { return with("dbname=" + name_); }
  [[nodiscard]] std::string app_url() const {
    return with(fmt::format("dbname={}&user=probity_app", name_));
  }
  /// As the superuser, whom row-level security does not hold.
  void run(const std::string& text) const { run_on(owner_url(), text); }

 private:
  // Later words of a connection URL win over earlier ones.
  [[nodiscard]] static std::string with(const std::string& words) {
    return server() + (server().find('?') == std::string::npos ? "?" : "&") + words;
  }
  static void run_on(const std::string& url, const std::string& text) {
    auto connection = store::PgConnection::open(url, {});
    ASSERT_TRUE(connection) << connection.error().detail;
    const auto ran = (*connection)->script(text);
    EXPECT_TRUE(ran) << text << ": " << ran.error().detail;
  }
  std::string name_;
};

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

/// For INSTANTIATE_TEST_SUITE_P.
inline auto both_engines() { return ::testing::Values("sqlcipher", "postgres"); }
inline std::string engine_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace probity::support
