#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/core.h>

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

/// An OpenEngine of either kind; on PostgreSQL in a database of its own.
struct EitherEngine : OpenEngine {
  explicit EitherEngine(const std::string& kind, store::Journaler* journaler = nullptr)
      : OpenEngine(journaler) {
    if (kind != "postgres") return;
    engine->stop(Span::seconds(5));
    engine.reset();
    database = std::make_unique<OwnDatabase>();
    const auto prepared = store::prepare_postgres(database->owner_url(), "probity_app", log);
    EXPECT_TRUE(prepared) << prepared.error().detail;
    reopen(journaler);
  }
  ~EitherEngine() {
    if (engine) engine->stop(Span::seconds(5));
    engine.reset();
  }
  EitherEngine(const EitherEngine&) = delete;
  EitherEngine& operator=(const EitherEngine&) = delete;

  void reopen(store::Journaler* journaler = nullptr) {
    if (!database) return OpenEngine::reopen(journaler);
    if (engine) engine->stop(Span::seconds(5));
    engine.reset();
    store::Journaler* chosen = journaler != nullptr ? journaler : &loose;
    auto opened = store::open_postgres(
        database->app_url(), {.clock = clock, .log = log, .master = *master, .journaler = chosen});
    ASSERT_TRUE(opened) << opened.error().detail << opened.error().hint;
    engine = std::move(*opened);
  }

  std::unique_ptr<OwnDatabase> database;
};

/// A test whose parameter is the engine's kind; skipped where there is no PostgreSQL to test on.
class OnEitherEngine : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "postgres" && OwnDatabase::server().empty())
      GTEST_SKIP() << "PROBITY_TEST_POSTGRES is not set: the URL of a superuser of a PostgreSQL 15 "
                      "cluster";
  }
};

/// For INSTANTIATE_TEST_SUITE_P.
inline auto both_engines() { return ::testing::Values("sqlcipher", "postgres"); }
inline std::string engine_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace probity::support
