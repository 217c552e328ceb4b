#include "crypto/keys.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "crypto/hash.hpp"
#include "crypto/key_file.hpp"

namespace probity::crypto {
namespace {

namespace fs = std::filesystem;

const std::string k_hex_a(64, 'a');
const std::string k_hex_b(64, 'b');

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "probity-keys-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path file(std::string_view name = "data.key") const { return path_ / name; }
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, std::string_view text, mode_t mode = 0600) {
  std::ofstream(file, std::ios::binary) << text;
  ASSERT_EQ(::chmod(file.c_str(), mode), 0);
}

mode_t mode_of(const fs::path& file) {
  struct stat status{};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(Key, TakesThirtyTwoBytesOnly) {
  EXPECT_FALSE(Key::from_bytes(Bytes(31)));
  EXPECT_FALSE(Key::from_bytes(Bytes(33)));
  EXPECT_EQ(Key::from_bytes({}).error().code, Code::IntegrityError);
  const auto key = Key::from_bytes(Bytes(32, 9));
  ASSERT_TRUE(key);
  EXPECT_EQ(to_bytes(key->expose()), Bytes(32, 9));
}

TEST(Key, RandomOnesDiffer) {
  const Key a = Key::random();
  const Key b = Key::random();
  EXPECT_EQ(a.expose().size(), k_key_bytes);
  EXPECT_NE(to_hex(a.expose()), to_hex(b.expose()));
}

TEST(Key, MovesAndLeavesNothing) {
  Key a = Key::random();
  const std::string hex = to_hex(a.expose());
  Key b = std::move(a);
  EXPECT_EQ(to_hex(b.expose()), hex);
  EXPECT_TRUE(a.expose().empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
  Key c = Key::random();
  c = std::move(b);
  EXPECT_EQ(to_hex(c.expose()), hex);
}

TEST(Key, DuplicatesHoldTheSameBytesElsewhere) {
  const Key a = Key::random();
  const Key b = a.duplicate();
  EXPECT_EQ(to_hex(a.expose()), to_hex(b.expose()));
  EXPECT_NE(a.expose().data(), b.expose().data());
}

TEST(Key, DerivesByHkdfAndPurpose) {
  const auto key = Key::from_bytes(Bytes(32, 1));
  ASSERT_TRUE(key);
  const Key derived = key->derive("store");
  EXPECT_EQ(to_bytes(derived.expose()),
            hkdf_sha256(Bytes(32, 1), {}, as_bytes("probity.key.store"), 32));
  EXPECT_EQ(to_hex(derived.expose()), to_hex(key->derive("store").expose()));
  EXPECT_NE(to_hex(derived.expose()), to_hex(key->derive("store2").expose()));
  EXPECT_NE(to_hex(derived.expose()), to_hex(key->expose()));
}

TEST(KeyDeathTest, CannotBeWrittenOver) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Key key = Key::random();
  auto* const bytes = const_cast<std::uint8_t*>(key.expose().data());
  EXPECT_DEATH(bytes[0] = 1, "");
}

TEST(MasterKeys, CreateMakesAPrivateFileWithOneKey) {
  const Folder folder;
  const mode_t before = ::umask(0);
  const auto keys = MasterKeys::create(folder.file());
  ::umask(before);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->newest(), 1U);
  EXPECT_EQ(mode_of(folder.file()), 0600U);
  EXPECT_EQ(folder.count(), 1U);
  const std::string text = read(folder.file());
  EXPECT_EQ(text.size(), 19U + 2 + 64 + 1);
  EXPECT_TRUE(text.starts_with("probity-key-file 1\n1 "));
}

TEST(MasterKeys, CreateNeverReplaces) {
  const Folder folder;
  ASSERT_TRUE(MasterKeys::create(folder.file()));
  const std::string text = read(folder.file());
  EXPECT_EQ(MasterKeys::create(folder.file()).error().code, Code::Conflict);
  EXPECT_EQ(read(folder.file()), text);
  EXPECT_EQ(folder.count(), 1U);
}

TEST(MasterKeys, CreateSaysWhenItCannotWrite) {
  const Folder folder;
  EXPECT_EQ(MasterKeys::create(folder.file("none") / "data.key").error().code, Code::StorageFailed);
}

TEST(MasterKeys, UnwrapsAfterLoading) {
  const Folder folder;
  const auto made = MasterKeys::create(folder.file());
  ASSERT_TRUE(made);
  const Key key = Key::random();
  const Bytes wrapped = made->wrap(key, as_bytes("tenant"));
  EXPECT_EQ(wrapped.size(), 64U);
  const auto loaded = MasterKeys::load(folder.file());
  ASSERT_TRUE(loaded);
  const auto unwrapped = loaded->unwrap(wrapped, as_bytes("tenant"));
  ASSERT_TRUE(unwrapped);
  EXPECT_EQ(to_hex(unwrapped->expose()), to_hex(key.expose()));
}

TEST(MasterKeys, UnwrapRefusesAFlippedBitAndAnotherBinding) {
  const Folder folder;
  const auto keys = MasterKeys::create(folder.file());
  ASSERT_TRUE(keys);
  const Bytes wrapped = keys->wrap(Key::random(), as_bytes("tenant"));
  EXPECT_EQ(keys->unwrap(wrapped, as_bytes("tenants")).error().code, Code::IntegrityError);
  EXPECT_EQ(keys->unwrap(wrapped, {}).error().code, Code::IntegrityError);
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    Bytes changed = wrapped;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto unwrapped = keys->unwrap(changed, as_bytes("tenant"));
    ASSERT_FALSE(unwrapped);
    EXPECT_EQ(unwrapped.error().code, bit < 32 ? Code::KeyUnavailable : Code::IntegrityError);
  }
  for (const std::size_t size : {0U, 3U, 63U})
    EXPECT_EQ(keys->unwrap(BytesView(wrapped).first(size), as_bytes("tenant")).error().code,
              Code::IntegrityError);
}

TEST(MasterKeys, WrapsTheSameKeyDifferentlyEachTime) {
  const Folder folder;
  const auto keys = MasterKeys::create(folder.file());
  ASSERT_TRUE(keys);
  const Key key = Key::random();
  EXPECT_NE(keys->wrap(key, {}), keys->wrap(key, {}));
}

TEST(MasterKeys, RotationKeepsTheOldOpenUntilItIsDropped) {
  const Folder folder;
  auto keys = MasterKeys::create(folder.file());
  ASSERT_TRUE(keys);
  const Bytes old_wrap = keys->wrap(Key::random(), {});
  ASSERT_TRUE(keys->add_key(folder.file()));
  EXPECT_EQ(keys->newest(), 2U);
  const Bytes new_wrap = keys->wrap(Key::random(), {});
  EXPECT_EQ(MasterKeys::number_of(old_wrap), 1U);
  EXPECT_EQ(MasterKeys::number_of(new_wrap), 2U);
  EXPECT_TRUE(MasterKeys::load(folder.file())->unwrap(old_wrap, {}));
  ASSERT_TRUE(keys->drop_old(folder.file()));
  EXPECT_EQ(keys->unwrap(old_wrap, {}).error().code, Code::KeyUnavailable);
  EXPECT_TRUE(keys->unwrap(new_wrap, {}));
  const auto loaded = MasterKeys::load(folder.file());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->newest(), 2U);
  EXPECT_TRUE(loaded->unwrap(new_wrap, {}));
  EXPECT_FALSE(loaded->unwrap(old_wrap, {}));
  EXPECT_EQ(mode_of(folder.file()), 0600U);
  EXPECT_EQ(folder.count(), 1U);
}

TEST(MasterKeys, RefusesToWriteOverAKeyItDoesNotKnow) {
  const Folder folder;
  auto ours = MasterKeys::create(folder.file());
  auto theirs = MasterKeys::load(folder.file());
  ASSERT_TRUE(ours && theirs);
  ASSERT_TRUE(theirs->add_key(folder.file()));
  const std::string text = read(folder.file());
  EXPECT_EQ(ours->add_key(folder.file()).error().code, Code::Conflict);
  EXPECT_EQ(ours->drop_old(folder.file()).error().code, Code::Conflict);
  EXPECT_EQ(ours->newest(), 1U);
  EXPECT_EQ(read(folder.file()), text);
}

TEST(MasterKeys, AFailedWriteLeavesFileAndObjectAsTheyWere) {
  const Folder folder;
  auto keys = MasterKeys::create(folder.file());
  ASSERT_TRUE(keys);
  const std::string text = read(folder.file());
  // A file may hold a few bytes only: the write is cut short, then refused, like on a full disk.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{10, before.rlim_max};
  auto* const old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto added = keys->add_key(folder.file());
  const auto made = MasterKeys::create(folder.file("other"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::StorageFailed);
  EXPECT_FALSE(made);
  EXPECT_EQ(keys->newest(), 1U);
  EXPECT_EQ(read(folder.file()), text);
  EXPECT_EQ(folder.count(), 1U);
}

TEST(MasterKeys, AddsNothingWhenTheFileIsGone) {
  const Folder folder;
  auto keys = MasterKeys::create(folder.file());
  ASSERT_TRUE(keys);
  fs::remove(folder.file());
  EXPECT_EQ(keys->add_key(folder.file()).error().code, Code::KeyUnavailable);
  EXPECT_EQ(keys->newest(), 1U);
  EXPECT_EQ(folder.count(), 0U);
}

TEST(MasterKeys, TheFileHasALargestNumberAndALargestCount) {
  const Folder folder;
  write(folder.file(), "probity-key-file 1\n4294967295 " + k_hex_a + "\n");
  auto last = MasterKeys::load(folder.file());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->newest(), 4294967295U);
  EXPECT_EQ(last->add_key(folder.file()).error().code, Code::Conflict);
  std::string full = "probity-key-file 1\n";
  for (std::size_t i = 1; i < k_key_file_keys_max; ++i)
    full += std::to_string(i) + " " + k_hex_a + "\n";
  write(folder.file(), full);
  auto nearly = MasterKeys::load(folder.file());
  ASSERT_TRUE(nearly);
  EXPECT_TRUE(nearly->add_key(folder.file()));
  EXPECT_EQ(nearly->newest(), k_key_file_keys_max);
  EXPECT_EQ(nearly->add_key(folder.file()).error().code, Code::Conflict);
  EXPECT_TRUE(MasterKeys::load(folder.file()));
  std::ofstream(folder.file(), std::ios::app) << "501 " << k_hex_b << "\n";
  EXPECT_EQ(MasterKeys::load(folder.file()).error().code, Code::KeyUnavailable);
}

TEST(MasterKeys, RefusesAFileOthersMayTouch) {
  const Folder folder;
  const std::string text = "probity-key-file 1\n1 " + k_hex_a + "\n";
  for (const mode_t mode : {0600U, 0400U}) {
    write(folder.file(), text, mode);
    EXPECT_TRUE(MasterKeys::load(folder.file())) << std::oct << mode;
  }
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U, 0666U}) {
    write(folder.file(), text, mode);
    const auto keys = MasterKeys::load(folder.file());
    ASSERT_FALSE(keys) << std::oct << mode;
    EXPECT_EQ(keys.error().code, Code::KeyUnavailable);
    EXPECT_NE(keys.error().detail.find("chmod 600"), std::string::npos);
  }
}

TEST(MasterKeys, RefusesWhatIsNoFile) {
  const Folder folder;
  EXPECT_EQ(MasterKeys::load(folder.file()).error().code, Code::KeyUnavailable);
  EXPECT_EQ(MasterKeys::load(folder.path()).error().code, Code::KeyUnavailable);
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(MasterKeys::load(folder.file("pipe")).error().code, Code::KeyUnavailable);
  write(folder.file("large"), std::string(64 * 1024 + 1, 'x'));
  EXPECT_EQ(MasterKeys::load(folder.file("large")).error().code, Code::KeyUnavailable);
}

TEST(MasterKeys, FollowsASymbolicLinkAndKeepsIt) {
  const Folder folder;
  ASSERT_TRUE(MasterKeys::create(folder.file("real")));
  fs::create_symlink(folder.file("real"), folder.file());
  auto keys = MasterKeys::load(folder.file());
  ASSERT_TRUE(keys);
  ASSERT_TRUE(keys->add_key(folder.file()));
  EXPECT_TRUE(fs::is_symlink(folder.file()));
  EXPECT_EQ(MasterKeys::load(folder.file("real"))->newest(), 2U);
}

TEST(KeyFile, RefusesWhatIsMalformed) {
  const std::string head = "probity-key-file 1\n";
  const std::string good = "1 " + k_hex_a + "\n";
  EXPECT_TRUE(parse_key_file(head + good));
  EXPECT_TRUE(parse_key_file(head + good + "7 " + std::string(64, 'F') + "\n"));
  const std::array bad{std::string(),
                       std::string("\n"),
                       head,
                       "probity-key-file 2\n" + good,
                       "probity-key-file 1\r\n" + good,
                       good,
                       head + good + "\n",
                       head + "\n" + good,
                       head + "1 " + k_hex_a,                    // The line does not end.
                       head + "1 " + k_hex_a.substr(1) + "\n",   // A digit less, a digit more.
                       head + "1 a" + k_hex_a + "\n",            //
                       head + "1 g" + k_hex_a.substr(1) + "\n",  // No hexadecimal digit.
                       head + "1  " + k_hex_a + "\n",            // Two spaces.
                       head + "1\t" + k_hex_a + "\n",            //
                       head + " 1 " + k_hex_a + "\n",            //
                       head + "0 " + k_hex_a + "\n",   // Numbers out of range or written oddly.
                       head + "01 " + k_hex_a + "\n",  //
                       head + "-1 " + k_hex_a + "\n",  //
                       head + "+1 " + k_hex_a + "\n",  //
                       head + "4294967296 " + k_hex_a + "\n",   //
                       head + "99999999999 " + k_hex_a + "\n",  //
                       head + good + good,                      // Not growing.
                       head + "2 " + k_hex_a + "\n" + good,     //
                       head + good + "# comment\n",
                       head + good + "2 " + k_hex_a + " extra\n"};
  for (const std::string& text : bad) {
    const auto keys = parse_key_file(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, Code::KeyUnavailable);
    EXPECT_NE(keys.error().detail.find("line"), std::string::npos);
  }
}

TEST(KeyFile, AnErrorShowsNoDigitOfAKey) {
  const auto keys = parse_key_file("probity-key-file 1\n1 " + k_hex_b.substr(1) + "\n");
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().detail.find("bbbb"), std::string::npos);
  EXPECT_TRUE(keys.error().hint.empty());
  EXPECT_TRUE(keys.error().fields.empty());
}

TEST(KeyFile, WritesWhatItReads) {
  const std::string text = "probity-key-file 1\n3 " + k_hex_a + "\n4294967295 " + k_hex_b + "\n";
  const auto keys = parse_key_file(text);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(format_key_file(*keys).expose_text(), text);
}

}  // namespace
}  // namespace probity::crypto
