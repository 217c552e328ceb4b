#include "keep/backup.hpp"

#include <fstream>

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
    to = directory.path() / "backup.probity";
  }
  Result<BackupReport> make() { return make_backup(*engine, {}, to, parts()); }
  std::filesystem::path to;
};
INSTANTIATE_TEST_SUITE_P(Sqlcipher, Backup, ::testing::Values("sqlcipher"), support::engine_name);

class BackupOfPostgres : public KeepRoom {};
INSTANTIATE_TEST_SUITE_P(Postgres, BackupOfPostgres, ::testing::Values("postgres"),
                         support::engine_name);

TEST_P(Backup, RestoresToTheSameCountsAndChains) {
  const auto made = make();
  ASSERT_TRUE(made) << why(made);
  EXPECT_EQ(made->files, 3U);  // Key, system, tenant.
  EXPECT_EQ(made->census.at("tenant main").at("users"), "1");
  const auto restored = restore_backup(to, directory.path() / "new", parts());
  ASSERT_TRUE(restored) << why(restored);
  EXPECT_EQ(restored->census, made->census);
  EXPECT_EQ(restored->sha256_hex, made->sha256_hex);
  const auto counted = take_census(directory.path() / "new" / "store", parts());
  ASSERT_TRUE(counted) << why(counted);
  EXPECT_EQ(*counted, made->census);
}

TEST_P(Backup, LeavesNothingButTheFileAndNothingReadableInIt) {
  ASSERT_TRUE(make());
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial.copy"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup.probity.partial.check"));
  const std::string content = read_file(to);
  EXPECT_EQ(content.find(k_canary), std::string::npos);
  EXPECT_EQ(content.find("manifest"), std::string::npos);
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
  const auto restored =
      restore_backup(to, directory.path() / "new", CensusParts{clock, log, *other});
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Code::IntegrityError);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "new"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "new.partial"));
}

TEST_P(Backup, IsRefusedWhenAnyPartOfItIsChangedOrCut) {
  ASSERT_TRUE(make());
  const std::string whole = read_file(to);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{30}, std::size_t{90}, whole.size() / 2, whole.size() - 1}) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write_file(to, changed);
    EXPECT_FALSE(restore_backup(to, directory.path() / "new", parts())) << at;
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "new")) << at;
  }
  for (const std::size_t size : {std::size_t{5}, std::size_t{81}, whole.size() - 1}) {
    write_file(to, std::string_view(whole).substr(0, size));
    EXPECT_FALSE(restore_backup(to, directory.path() / "new", parts())) << size;
  }
  write_file(to, whole + "x");
  EXPECT_FALSE(restore_backup(to, directory.path() / "new", parts()));
  write_file(to, whole);
  EXPECT_TRUE(restore_backup(to, directory.path() / "new", parts()));
}

TEST_P(Backup, IsRestoredIntoEmptyDirectoriesOnly) {
  ASSERT_TRUE(make());
  const auto taken = directory.path() / "taken";
  std::filesystem::create_directory(taken);
  EXPECT_TRUE(restore_backup(to, taken, parts()));
  const auto again = restore_backup(to, taken, parts());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::Conflict);
}

TEST_P(BackupOfPostgres, SaysThatItIsNotBuilt) {
  const auto made = make_backup(*engine, {}, directory.path() / "backup", parts());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::NotBuilt);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "backup"));
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
