#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/engine.hpp"

namespace probity::store {

/// A directory of its own, gone with the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const auto parent = std::filesystem::temp_directory_path();
    std::string pattern = (parent / "probity-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A room of the tests' own: one tenant table, known to this test program alone.
inline constexpr Query k_insert_note{
    "note.insert",
    "note",
    "INSERT INTO note (tenant_id, note_id, place, body) VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO note (tenant_id, note_id, place, body) VALUES ($1, $2, $3, $4)",
    4,
    true};
inline constexpr Query k_count_notes{
    "note.count", "note", "SELECT count(*) FROM note", "SELECT count(*) FROM note", 0, false};
inline constexpr Query k_notes{"note.list",
                               "note",
                               "SELECT note_id, place, body FROM note ORDER BY note_id",
                               "SELECT note_id, place, body FROM note ORDER BY note_id",
                               0,
                               false};
inline constexpr Query k_move_note{"note.move",
                                   "note",
                                   "UPDATE note SET place = ?2 WHERE note_id = ?1",
                                   "UPDATE note SET place = $2 WHERE note_id = $1",
                                   2,
                                   true};
inline constexpr Query k_insert_line{
    "note.insert_line",
    "note",
    "INSERT INTO note_line (tenant_id, note_id, line) VALUES (?1, ?2, ?3)",
    "INSERT INTO note_line (tenant_id, note_id, line) VALUES ($1, $2, $3)",
    3,
    true};
inline constexpr Query k_types{
    "note.types",
    "note",
    "SELECT ?1 + 0, ?2 + 0.5, ?3 || '', sum(place), max(body) FROM note",
    "SELECT $1::bigint + 0, $2::float8 + 0.5, $3::text || '', sum(place), "
    "(array_agg(body))[1] FROM note",
    3,
    false};

inline constexpr Migration k_note_step{
    9001,
    "9001_tenant_note",
    false,
    "CREATE TABLE note (tenant_id BLOB NOT NULL, note_id BLOB NOT NULL, place BIGINT NOT NULL "
    "UNIQUE, body BLOB, PRIMARY KEY (tenant_id, note_id));"
    "CREATE TABLE note_line (tenant_id BLOB NOT NULL, note_id BLOB NOT NULL, line BIGINT NOT NULL,"
    "PRIMARY KEY (tenant_id, note_id, line),"
    "FOREIGN KEY (tenant_id, note_id) REFERENCES note (tenant_id, note_id));",
    "CREATE TABLE note (tenant_id BYTEA NOT NULL, note_id BYTEA NOT NULL, place BIGINT NOT NULL, "
    "body BYTEA, PRIMARY KEY (tenant_id, note_id), UNIQUE (tenant_id, place));"
    "CREATE TABLE note_line (tenant_id BYTEA NOT NULL, note_id BYTEA NOT NULL, line BIGINT NOT "
    "NULL, PRIMARY KEY (tenant_id, note_id, line),"
    "FOREIGN KEY (tenant_id, note_id) REFERENCES note (tenant_id, note_id));"
    "ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY note_tenant ON note"
    "  USING (tenant_id = decode(current_setting('probity.tenant', true), 'hex'))"
    "  WITH CHECK (tenant_id = decode(current_setting('probity.tenant', true), 'hex'));"
    "ALTER TABLE note_line ENABLE ROW LEVEL SECURITY;"
    "ALTER TABLE note_line FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY note_line_tenant ON note_line"
    "  USING (tenant_id = decode(current_setting('probity.tenant', true), 'hex'))"
    "  WITH CHECK (tenant_id = decode(current_setting('probity.tenant', true), 'hex'));",
    "00000000000000000000000000000000000000000000000000000000000000a1"};

/// The steps of the system that are built in, and the tests' table.
[[nodiscard]] std::span<const Migration> test_migrations();

/// Everything an engine is made from, kept as long as the test.
struct Surroundings {
  ScratchDirectory directory;
  FakeClock clock;
  Log log{STDERR_FILENO, clock, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master;
  Journaler* journaler = nullptr;
  std::span<const Migration> migrations = test_migrations();

  Surroundings();
  [[nodiscard]] EngineParts parts();
  [[nodiscard]] std::filesystem::path data() const { return directory.path() / "data"; }
  [[nodiscard]] std::filesystem::path key_file() const { return directory.path() / "master.key"; }
};

/// A PostgreSQL database of its own in the cluster PROBITY_TEST_POSTGRES names, dropped at the end.
class ScratchDatabase {
 public:
  ScratchDatabase();
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;
  /// Connection text for a role of this database.
  [[nodiscard]] std::string url(const std::string& role) const;
  [[nodiscard]] std::string owner_url() const;
  /// Runs statements as the superuser.
  void run(const std::string& text) const;

 private:
  std::string name_;
};

/// True when PROBITY_TEST_POSTGRES is set.
[[nodiscard]] bool has_postgres();
inline constexpr const char* k_no_postgres =
    "PROBITY_TEST_POSTGRES is not set: the URL of a superuser of a PostgreSQL 15 cluster";
/// The role the tests' servers connect as.
inline constexpr const char* k_test_role = "probity_app";

/// A test of both engines: the parameter is the engine's kind.
class BothEngines : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  /// A first engine, or one more on the same data.
  [[nodiscard]] std::unique_ptr<Engine> open();
  [[nodiscard]] Result<std::unique_ptr<Engine>> try_open();
  [[nodiscard]] bool is_postgres() const { return GetParam() == "postgres"; }

  Surroundings s_;
  std::unique_ptr<ScratchDatabase> database_;
};

/// The tenant "main" of a fresh store.
[[nodiscard]] TenantId make_tenant(Engine& engine, std::string_view slug = "main");
/// A Change that inserts one note.
[[nodiscard]] Change insert_note(TenantId tenant, std::int64_t place, Bytes body = {1, 2, 3});
/// A Change of a function alone.
[[nodiscard]] Change change_of(std::move_only_function<Result<Journal>(Tx&)> apply);
/// How many notes a snapshot sees; -1 when it cannot be read.
[[nodiscard]] std::int64_t count_notes(Engine& engine, TenantId tenant);
/// Waits for something that happens on another thread, at most `within`; true when it did.
[[nodiscard]] bool happens(const std::function<bool()>& it, Span within = Span::seconds(10));

/// In a forked child: it ends when the test that made it does.
void die_with_parent();
/// Forks a child that runs `write`, which tells the places it was acknowledged through the given
/// pipe and does not return; kills it once it told of `wanted`; all it told of.
[[nodiscard]] std::set<std::int64_t> told_until_killed(std::size_t wanted,
                                                       const std::function<void(int pipe)>& write);
/// Tells a place through the pipe; ends the process when nobody listens.
void tell(int pipe, std::int64_t place);
/// The places of all notes of a tenant; fails the test when one is there twice.
[[nodiscard]] std::set<std::int64_t> places_of(Engine& engine, TenantId tenant);
/// How many of the first are not among the second.
[[nodiscard]] std::size_t missing(const std::set<std::int64_t>& wanted,
                                  const std::set<std::int64_t>& found);

/// Keeps a space's writer busy until released, so that what is submitted meanwhile forms one group.
class HeldWriter {
 public:
  HeldWriter(Engine& engine, Space space);
  ~HeldWriter() { release(); }
  HeldWriter(const HeldWriter&) = delete;
  HeldWriter& operator=(const HeldWriter&) = delete;
  void release();

 private:
  std::promise<void> entered_;
  std::promise<void> may_go_;
  std::promise<void> done_;
  bool is_released_ = false;
};

/// Submits many Changes and collects what became of each.
class Submissions {
 public:
  void submit(Engine& engine, Space space, Change change);
  /// Waits for all; one result each, in the order of submission.
  [[nodiscard]] std::vector<Result<void>> wait();

 private:
  std::vector<std::future<Result<void>>> answers_;
};

}  // namespace probity::store
