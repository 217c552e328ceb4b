#include "keep/backup.hpp"

#include <fstream>

#include <fmt/format.h>

#include "audit/verify.hpp"
#include "keep/journal.hpp"
#include "keep/keep_fixture.hpp"
#include "keep/rotate.hpp"
#include "keep/sealed_file.hpp"
#include "store/durable_file.hpp"

namespace probity::keep {
namespace {

class Backup : public KeepRoom {
 protected:
  void begin() override {
    KeepRoom::begin();
    ASSERT_TRUE(journal(*engine, store::Space::system(), "key.rotate", "{}", clock.now()));
    to = directory.path() / "backup.probity";
    target = directory.path() / "new";
    if (is_postgres()) target_database = std::make_unique<support::OwnDatabase>();
  }
  [[nodiscard]] CensusParts parts() {
    return {clock, log, *master, is_postgres() ? database->app_url() : ""};
  }
  [[nodiscard]] CensusParts target_parts(const crypto::MasterKeys& keys) {
    return {clock, log, keys, is_postgres() ? target_database->owner_url() : ""};
  }
  Result<BackupReport> make() { return make_backup(*engine, {}, to, parts()); }
  Result<BackupReport> restore() { return restore_backup(to, target, target_parts(*master)); }
  /// A server on what was restored.
  [[nodiscard]] Result<std::unique_ptr<store::Engine>> open_restored() {
    const store::EngineParts with{clock, log, *master, &chain};
    return is_postgres() ? store::open_postgres(target_database->app_url(), with)
                         : store::open_sqlcipher(target / "store", with);
  }
  /// Nothing of a restore is there: neither files nor, on PostgreSQL, anything a server could use.
  void expect_nothing_restored() {
    for (const char* ending : {"", ".partial", ".rows"})
      EXPECT_FALSE(std::filesystem::exists(target.string() + ending)) << ending;
    if (is_postgres()) {
      EXPECT_FALSE(open_restored());
    }
  }
  std::filesystem::path to;
  std::filesystem::path target;
  std::unique_ptr<support::OwnDatabase> target_database;
};
INSTANTIATE_TEST_SUITE_P(Engines, Backup, support::both_engines(), support::engine_name);

class BackupOfRows : public Backup {};
INSTANTIATE_TEST_SUITE_P(Postgres, BackupOfRows, ::testing::Values("postgres"),
                         support::engine_name);

TEST_P(Backup, RestoresToTheSameCountsAndChains) {
  const auto made = make();
  ASSERT_TRUE(made) << why(made);
  if (!is_postgres()) {
    EXPECT_EQ(made->files, 3U);  // Key, system, tenant.
  }
  EXPECT_EQ(made->census.at("tenant main").at("users"), "1");
  EXPECT_EQ(made->census.at("system").at("audit_entries"), "2");  // One is the tenant's making.
  const auto restored = restore();
  ASSERT_TRUE(restored) << why(restored);
  EXPECT_EQ(restored->census, made->census);
  EXPECT_EQ(restored->sha256_hex, made->sha256_hex);
  auto opened = open_restored();
  ASSERT_TRUE(opened) << why(opened);
  auto reader = (*opened)->read(space(), store::k_grant_all);
  ASSERT_TRUE(reader) << why(reader);
  const auto verdict = audit::verify(**reader);
  ASSERT_TRUE(verdict) << why(verdict);
  EXPECT_EQ(verdict->head_hash_hex, made->census.at("tenant main").at("audit_head"));
  reader->reset();
  (*opened)->stop(Span::seconds(5));
}

TEST_P(Backup, GivesBackServersThatOpenAndWriteWhatWasSealed) {
  ASSERT_TRUE(make());
  const auto restored = restore();
  ASSERT_TRUE(restored) << why(restored);
  auto opened = open_restored();
  ASSERT_TRUE(opened) << why(opened);
  auto cipher = (*opened)->cipher(space());
  ASSERT_TRUE(cipher) << why(cipher);
  auto reader = (*opened)->read(space(), store::k_grant_all);
  ASSERT_TRUE(reader) << why(reader);
  const auto users = identity::list_users(**reader, **cipher, UserId(), 10);
  ASSERT_TRUE(users) << why(users);
  ASSERT_EQ(users->size(), 1U);
  EXPECT_EQ(users->front().email, k_canary);
  reader->reset();
  EXPECT_TRUE(journal(**opened, space(), "backup.restore", "{}", clock.now()));
  EXPECT_TRUE((*opened)->create_tenant("next", ""));
  (*opened)->stop(Span::seconds(5));
}

TEST_P(Backup, KeepsTenantsApartThatHaveTheSameRows) {
  for (int i = 0; i < 3; ++i) {
    const auto more = engine->create_tenant(fmt::format("t{}", i), "");
    ASSERT_TRUE(more) << why(more);
    for (int k = 0; k <= i; ++k)
      ASSERT_TRUE(
          identity::create_owner(*engine, more->id, fmt::format("o{}@x.example", k), clock.now()));
  }
  const auto gone = engine->create_tenant("gone", "");
  ASSERT_TRUE(gone && engine->destroy_tenant(gone->id));
  const auto made = make();
  ASSERT_TRUE(made) << why(made);
  const auto restored = restore();
  ASSERT_TRUE(restored) << why(restored);
  EXPECT_EQ(restored->census.size(), 6U);  // The system, main, three more and the destroyed one.
  EXPECT_EQ(restored->census.at("tenant t2").at("users"), "3");
  EXPECT_EQ(restored->census.at("tenant gone").at("state"), "destroyed");
}

TEST_P(Backup, LeavesNothingButTheFileAndNothingReadableInIt) {
  ASSERT_TRUE(make());
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial.copy"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial.check"));
  const std::string content = read_file(to);
  EXPECT_EQ(content.find(k_canary), std::string::npos);
  EXPECT_EQ(content.find("manifest"), std::string::npos);
  EXPECT_EQ(content.find("PGCOPY"), std::string::npos);
  const std::string keys = read_file(directory.path() / "master.key");
  EXPECT_EQ(content.find(keys.substr(keys.find('\n') + 3, 64)), std::string::npos);
}

TEST_P(Backup, IsNeverWrittenOverAnotherFile) {
  write_file(to, "mine");
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Conflict);
  EXPECT_EQ(read_file(to), "mine");
}

TEST_P(Backup, WithAnotherKeyFileWritesNothing) {
  ASSERT_TRUE(make());
  auto other = crypto::MasterKeys::create(directory.path() / "other.key");
  ASSERT_TRUE(other);
  const auto restored = restore_backup(to, target, target_parts(*other));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Code::IntegrityError);
  expect_nothing_restored();
}

TEST_P(Backup, IsRefusedWhenAnyPartOfItIsChangedOrCut) {
  ASSERT_TRUE(make());
  const std::string whole = read_file(to);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{30}, std::size_t{90}, whole.size() / 2, whole.size() - 1}) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write_file(to, changed);
    EXPECT_FALSE(restore()) << at;
    expect_nothing_restored();
  }
  for (const std::size_t size : {std::size_t{5}, std::size_t{81}, whole.size() - 1}) {
    write_file(to, std::string_view(whole).substr(0, size));
    EXPECT_FALSE(restore()) << size;
    expect_nothing_restored();
  }
  write_file(to, whole + "x");
  EXPECT_FALSE(restore());
  expect_nothing_restored();
  write_file(to, whole);
  const auto restored = restore();
  EXPECT_TRUE(restored) << why(restored);
}

TEST_P(Backup, IsRestoredIntoEmptyPlacesOnly) {
  ASSERT_TRUE(make());
  std::filesystem::create_directory(target);
  EXPECT_TRUE(restore());
  auto again = restore();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::Conflict);
  if (!is_postgres()) return;
  // An empty directory does not help where the database is taken.
  target = directory.path() / "another";
  again = restore();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::Conflict);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_P(Backup, OfOneEngineSaysSoToTheOther) {
  ASSERT_TRUE(make());
  // Nobody connects: the first file of the backup already says what it is.
  const auto restored = restore_backup(
      to, target, CensusParts{clock, log, *master, is_postgres() ? "" : "postgresql:///nobody"});
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Code::Config);
  EXPECT_NE(restored.error().hint.find("probity export"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_P(BackupOfRows, LeavesNothingInTheDatabaseItWasTriedIn) {
  ASSERT_TRUE(make());
  database->run(
      "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 'audit_entry' AND "
      "relnamespace <> 'probity'::regnamespace) THEN RAISE 'something was left'; END IF; END $$");
}

TEST_P(BackupOfRows, NamesTheRemedyWhereTheRoleMayMakeNoTemporaryTables) {
  database->run(
      "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', "
      "current_database()); END $$");
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::Config);
  EXPECT_NE(made.error().hint.find("grant temporary on database"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(to));
  EXPECT_FALSE(std::filesystem::exists(to.string() + ".partial"));
}

TEST_P(BackupOfRows, WhoseKeysDoNotOpenIsNotMade) {
  database->run("UPDATE probity.wrapped_key SET wrapped = set_byte(wrapped, 40, 7)");
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::IntegrityError);
  EXPECT_FALSE(std::filesystem::exists(to));
}

TEST_P(BackupOfRows, WhoseAuditChainIsBrokenIsNotMade) {
  database->run("UPDATE probity.audit_entry SET action = 'user.delete' WHERE seq = 1");
  const auto made = make();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::IntegrityError);
  EXPECT_FALSE(std::filesystem::exists(to));
}

TEST_P(BackupOfRows, IsRestoredAgainAfterARestoreThatWasBrokenOff) {
  ASSERT_TRUE(make());
  // Whoever restores is cut off when the last rows have gone in, before the commit.
  target_database->run(
      "CREATE FUNCTION public.cut() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF tg_tag = 'GRANT' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;"
      "CREATE EVENT TRIGGER cut ON ddl_command_end EXECUTE FUNCTION public.cut()");
  EXPECT_FALSE(restore());
  target_database->run("DROP EVENT TRIGGER cut");
  expect_nothing_restored();
  // And what a process leaves that was killed at its worst moment: directory made, no commit.
  std::filesystem::create_directory(target);
  std::filesystem::create_directory(target.string() + ".rows");
  std::filesystem::create_directory(target.string() + ".partial");
  const auto restored = restore();
  ASSERT_TRUE(restored) << why(restored);
  EXPECT_FALSE(std::filesystem::exists(target.string() + ".rows"));
}

TEST_P(BackupOfRows, HoldsRowsInTheOrderOfTheirKeysAndNotOfTheirComing) {
  for (const char* id : {"ff", "00", "7f", "01"})
    database->run(fmt::format(
        "INSERT INTO probity.survey_link VALUES (decode('{0}','hex'), decode('{1}','hex'), "
        "decode('{0}','hex'), 1, decode('{1}','hex'))",
        to_hex(tenant.bytes()), id));
  const auto folder = directory.path() / "dump";
  const auto names = engine->snapshot_to(folder);
  ASSERT_TRUE(names) << why(names);
  const std::string rows = read_file(folder / "tenants" / tenant.text() / "survey_link.copy");
  std::string order;
  const std::string after_hash = std::string(1, 0) + std::string(1, 0) + std::string(1, 0) +
                                 '\x10' + std::string(as_text(tenant.bytes()));
  // Fields of a row: tenant, one byte of hash, survey.
  for (std::size_t at = rows.find(after_hash); at != std::string::npos;
       at = rows.find(after_hash, at + 1)) {
    const std::size_t hash = at + after_hash.size() + 4;
    if (hash < rows.size() && rows.compare(hash - 4, 4, std::string("\0\0\0\1", 4)) == 0)
      order += rows[hash];
  }
  EXPECT_EQ(order, std::string("\x00\x01\x7f\xff", 4));
}

class SealedFile : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, SealedFile,
                         ::testing::Values(0U, 1U, k_sealed_piece_bytes - 1, k_sealed_piece_bytes,
                                           k_sealed_piece_bytes + 1, 3 * k_sealed_piece_bytes));

TEST_P(SealedFile, GivesBackWhatWasPut) {
  const support::OwnDirectory directory;
  auto master = crypto::MasterKeys::create(directory.path() / "key");
  ASSERT_TRUE(master);
  const std::string content(GetParam(), 'p');
  {
    auto writer = SealedWriter::create(directory.path() / "file", *master);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->add(content));
    ASSERT_TRUE((*writer)->finish());
  }
  auto reader = SealedReader::open(directory.path() / "file", *master);
  ASSERT_TRUE(reader);
  const auto got = (*reader)->read(content.size() + 10);
  ASSERT_TRUE(got) << why(got);
  EXPECT_EQ(*got, content);
}

TEST(SealedFile, DoesNotReadWithAnyByteOfItChanged) {
  const support::OwnDirectory directory;
  const auto file = directory.path() / "file";
  auto master = crypto::MasterKeys::create(directory.path() / "key");
  ASSERT_TRUE(master);
  {
    auto writer = SealedWriter::create(file, *master);
    ASSERT_TRUE(writer && (*writer)->add("content") && (*writer)->finish());
  }
  const auto whole = store::read_small_file(file);
  ASSERT_TRUE(whole);
  for (std::size_t at = 0; at < whole->size(); ++at) {
    Bytes changed = *whole;
    changed[at] ^= 0xffU;
    std::ofstream(file, std::ios::binary) << as_text(changed);
    auto reader = SealedReader::open(file, *master);
    EXPECT_FALSE(reader && (*reader)->read(100)) << "byte " << at;
  }
}

TEST(SealedFile, ThatIsNotFinishedIsGone) {
  const support::OwnDirectory directory;
  auto master = crypto::MasterKeys::create(directory.path() / "key");
  ASSERT_TRUE(master);
  {
    ASSERT_TRUE(SealedWriter::create(directory.path() / "file", *master));
  }
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "file"));
}

class Rotate : public KeepRoom {
 protected:
  Result<Rotated> rotate(Rotation::Master which) {
    return rotate_keys(
        *engine, *master, directory.path() / "master.key", {.master = which},
        [this](Span) {
          // What a running server does meanwhile.
          EXPECT_TRUE(other_master->reload(directory.path() / "master.key"));
        },
        clock.now());
  }
  std::unique_ptr<crypto::MasterKeys> other_master;
  void begin() override {
    KeepRoom::begin();
    auto loaded = crypto::MasterKeys::load(directory.path() / "master.key");
    ASSERT_TRUE(loaded);
    other_master = std::make_unique<crypto::MasterKeys>(std::move(*loaded));
  }
  [[nodiscard]] std::unique_ptr<store::Engine> server() {
    const store::EngineParts parts{clock, log, *other_master, &chain};
    auto opened = is_postgres() ? store::open_postgres(database->app_url(), parts)
                                : store::open_sqlcipher(directory.path() / "data", parts);
    EXPECT_TRUE(opened) << why(opened);
    return opened ? std::move(*opened) : nullptr;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Rotate, support::both_engines(), support::engine_name);

TEST_P(Rotate, MakesNewSealingKeysAndOldContentStillOpens) {
  auto before = engine->cipher(space());
  ASSERT_TRUE(before);
  const auto sealed = (*before)->seal("test.x", tenant.bytes(), as_bytes("old"));
  ASSERT_TRUE(sealed);
  const auto done = rotate(Rotation::Master::Keep);
  ASSERT_TRUE(done) << why(done);
  EXPECT_EQ(done->sealing_keys, 2);
  EXPECT_EQ((*before)->newest_key(), 2U);
  EXPECT_TRUE((*before)->open("test.x", tenant.bytes(), *sealed));
  EXPECT_EQ(master->newest(), 1U);
}

TEST_P(Rotate, OfTheMasterKeyIsTakenOverByAServerThatRuns) {
  const auto running = server();
  ASSERT_TRUE(running);
  ASSERT_TRUE(running->cipher(space()));
  const auto done = rotate(Rotation::Master::Renew);
  ASSERT_TRUE(done) << why(done);
  EXPECT_GE(done->rewrapped, 4);  // Two sealing keys each of system and tenant, and file keys.
  ASSERT_TRUE(other_master->reload(directory.path() / "master.key"));
  EXPECT_EQ(other_master->newest(), 2U);
  const auto made = running->create_tenant("next", "");
  EXPECT_TRUE(made) << why(made);
  const auto read = running->read(space(), store::k_grant_all);
  EXPECT_TRUE(read) << why(read);
  running->stop(Span::seconds(5));
  // And from cold, with the new file alone.
  reopen();
  EXPECT_TRUE(engine->cipher(space()));
  EXPECT_EQ(read_file(directory.path() / "master.key").find("\n1 "), std::string::npos);
}

}  // namespace
}  // namespace probity::keep
