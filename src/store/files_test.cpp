#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "store/engine.hpp"
#include "store/sqlite_connection.hpp"
#include "store/store_fixture.hpp"
#include "store/vfs_file.hpp"
#include "support/lock_watch.hpp"

namespace probity::store {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Files, HoldNothingInClearAndAreForTheirOwnerAlone) {
  Surroundings s;
  auto engine = open_sqlcipher(s.data(), s.parts());
  ASSERT_TRUE(engine);
  const TenantId id = make_tenant(**engine, "slug-canary-7391");
  constexpr std::string_view k_canary = "body-canary-5520-kept-secret";
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE((*engine)->apply(Space::of(id), insert_note(id, i, to_bytes(as_bytes(k_canary)))));
  }
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(s.data())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string bytes = content_of(entry.path());
    EXPECT_EQ(bytes.find(k_canary), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find("slug-canary-7391"), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find("SQLite format"), std::string::npos) << entry.path();
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
  EXPECT_GE(files, 4);
}

// A database whose locks its process has lost is damaged by the next process that opens it.
TEST(Files, AreReadWithoutLosingTheLocksOnThem) {
  Surroundings s;
  std::unique_ptr<support::LockWatch> system;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    ASSERT_TRUE(engine);
    static_cast<void>(make_tenant(**engine));
    system = std::make_unique<support::LockWatch>(s.data() / "system.db");
    EXPECT_TRUE(system->sees_one());
    std::string read;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(s.data())) {
      if (!entry.is_regular_file()) continue;
      const bool is_index = entry.path().string().ends_with("-shm");
      const auto file = VfsFile::open_to_read(entry.path());
      ASSERT_EQ(file.has_value(), !is_index) << entry.path();
      if (is_index) continue;
      std::string piece(1'000, '\0');
      std::string whole;
      for (std::size_t count = 1; count > 0;) {
        const auto got = (*file)->read_at(static_cast<std::int64_t>(whole.size()), piece);
        ASSERT_TRUE(got) << got.error().detail;
        count = *got;
        whole.append(piece, 0, count);
      }
      EXPECT_EQ(whole.size(), entry.file_size()) << entry.path();
      if (entry.path().filename() == "system.db") read = std::move(whole);
    }
    EXPECT_TRUE(system->sees_one());
    // The control: any other way of reading it ends them.
    EXPECT_EQ(content_of(s.data() / "system.db"), read);
    EXPECT_FALSE(system->sees_one());
  }
  EXPECT_EQ(VfsFile::open_to_read(s.data() / "gone").error().code, Code::NotFound);
}

TEST(Files, OfEarlierBuildsAreReadAndWritten) {
  const ScratchDirectory directory;
  const auto path = directory.path() / "old.db";
  std::ofstream(path).close();
  const crypto::Key key = crypto::Key::random();
  {
    const auto old = Connection::open_as({path, key}, Use::Write, PageMac::Sha512);
    ASSERT_TRUE(old) << old.error().detail;
    ASSERT_TRUE((*old)->script("CREATE TABLE note (body BLOB); INSERT INTO note VALUES (x'01')"));
  }
  EXPECT_FALSE(Connection::open_as({path, key}, Use::Read, PageMac::Sha256));
  const auto writer = Connection::open({path, key}, Use::Write);
  ASSERT_TRUE(writer) << writer.error().detail;
  EXPECT_TRUE((*writer)->script("INSERT INTO note VALUES (x'02')"));
  const auto reader = Connection::open({path, key}, Use::Read);
  ASSERT_TRUE(reader);
  std::int64_t rows = 0;
  ASSERT_TRUE((*reader)->fetch(k_count_notes, {}, [&](const Row& row) -> Result<bool> {
    rows = row.integer(0);
    return false;
  }));
  EXPECT_EQ(rows, 2);
  EXPECT_FALSE(Connection::open({path, crypto::Key::random()}, Use::Read));
}

TEST(Files, ThatAreMissingAreNeverMadeAnew) {
  Surroundings s;
  TenantId id;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    id = make_tenant(**engine);
  }
  const auto file = s.data() / "tenants" / (id.text() + ".db");
  std::filesystem::rename(file, s.directory.path() / "away.db");
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    ASSERT_TRUE(engine);
    EXPECT_FALSE((*engine)->read(Space::of(id), k_grant_all));
    EXPECT_FALSE((*engine)->apply(Space::of(id), insert_note(id, 1)));
    EXPECT_FALSE(std::filesystem::exists(file));
  }
  std::filesystem::rename(s.data() / "system.db", s.directory.path() / "system.db");
  // A tenant's file beside a missing system: refused, and nothing is made.
  std::filesystem::rename(s.directory.path() / "away.db", file);
  EXPECT_EQ(open_sqlcipher(s.data(), s.parts()).error().code, Code::IntegrityError);
  EXPECT_FALSE(std::filesystem::exists(s.data() / "system.db"));
  std::filesystem::rename(s.directory.path() / "system.db", s.data() / "system.db");
  std::filesystem::remove(s.data() / "system.key");
  EXPECT_EQ(open_sqlcipher(s.data(), s.parts()).error().code, Code::KeyUnavailable);
}

TEST(Files, OfAnotherTenantDoNotOpen) {
  Surroundings s;
  TenantId one;
  TenantId two;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    one = make_tenant(**engine, "one");
    two = make_tenant(**engine, "two");
    ASSERT_TRUE((*engine)->apply(Space::of(one), insert_note(one, 1)));
  }
  const auto file = [&](TenantId id) { return s.data() / "tenants" / (id.text() + ".db"); };
  std::filesystem::copy_file(file(one), file(two),
                             std::filesystem::copy_options::overwrite_existing);
  auto engine = open_sqlcipher(s.data(), s.parts());
  const auto read = (*engine)->read(Space::of(two), k_grant_all);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::IntegrityError);
}

TEST(Files, StayOpenForAFewTenantsOnly) {
  Surroundings s;
  constexpr int k_few = 20;
  EngineParts parts = s.parts();
  parts.open_tenants_max = k_few;
  auto engine = open_sqlcipher(s.data(), parts);
  std::vector<TenantId> tenants;
  for (int i = 0; i < k_few + 12; ++i) {
    tenants.push_back(make_tenant(**engine, "t" + std::to_string(i)));
  }
  for (int round = 0; round < 2; ++round) {
    Submissions submissions;
    for (const TenantId& id : tenants) {
      submissions.submit(**engine, Space::of(id), insert_note(id, round));
    }
    for (const auto& result : submissions.wait())
      EXPECT_TRUE(result);
  }
  EXPECT_LE((*engine)->stats().open_tenants, static_cast<std::size_t>(k_few));
  for (const TenantId& id : tenants)
    EXPECT_EQ(count_notes(**engine, id), 2);
}

TEST(Files, KeepTheirLogShort) {
  Surroundings s;
  auto engine = open_sqlcipher(s.data(), s.parts());
  const TenantId id = make_tenant(**engine);
  for (int i = 0; i < 60; ++i) {
    Submissions submissions;
    for (int k = 0; k < 64; ++k) {
      submissions.submit(**engine, Space::of(id), insert_note(id, i * 64 + k, Bytes(8'000, 5)));
    }
    for (const auto& result : submissions.wait())
      EXPECT_TRUE(result);
  }
  auto log = s.data() / "tenants" / (id.text() + ".db-wal");
  // 31 MB were written; the log is begun anew well before it holds twice the restart limit.
  EXPECT_LT(std::filesystem::file_size(log), 64U * 1024 * 1024);
  EXPECT_EQ(count_notes(**engine, id), 60 * 64);
}

TEST(DirectoryLock, IsHeldByOneAndNamesIt) {
  const ScratchDirectory directory;
  {
    auto first = DirectoryLock::take(directory.path());
    ASSERT_TRUE(first);
    const auto second = DirectoryLock::take(directory.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::Locked);
    EXPECT_NE(second.error().detail.find(std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_TRUE(DirectoryLock::take(directory.path()));
}

}  // namespace
}  // namespace probity::store
