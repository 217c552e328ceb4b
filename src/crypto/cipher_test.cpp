#include "crypto/cipher.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crypto/aes_gcm.hpp"

namespace probity::crypto {
namespace {

const Bytes k_tenant(16, 0x11);
const Bytes k_other_tenant(16, 0x12);
const Bytes k_row(16, 0x21);
constexpr std::string_view k_text = "I would not recommend the canteen.";

Key key_of(std::uint8_t fill) { return *Key::from_bytes(Bytes(k_key_bytes, fill)); }

struct OneKey {
  OneKey() { cipher.add_key(1, key_of(7)); }
  Cipher cipher{k_tenant};
};

Bytes must_seal(const Cipher& cipher, std::string_view text = k_text) {
  auto sealed = cipher.seal("test.answer", k_row, as_bytes(text));
  EXPECT_TRUE(sealed);
  return sealed ? *sealed : Bytes();
}

Code open_code(const Cipher& cipher, BytesView sealed, Purpose purpose = "test.answer",
               BytesView row = k_row) {
  const auto plain = cipher.open(purpose, row, sealed);
  EXPECT_FALSE(plain);
  return plain ? Code::Internal : plain.error().code;
}

TEST(Cipher, OpensWhatItSealed) {
  const OneKey one;
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 512U, 65536U}) {
    const Bytes plain(size, 0x5a);
    const auto sealed = one.cipher.seal("test.answer", k_row, plain);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), size + k_sealed_overhead);
    const auto opened = one.cipher.open("test.answer", k_row, *sealed);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, plain);
  }
}

TEST(Cipher, NamesAlgorithmAndKeyInFront) {
  Cipher cipher(k_tenant);
  cipher.add_key(0x01020304, key_of(7));
  const Bytes sealed = must_seal(cipher);
  EXPECT_EQ(to_hex(BytesView(sealed).first(5)), "0101020304");
  EXPECT_EQ(Cipher::key_number_of(sealed), 0x01020304U);
}

TEST(Cipher, ShowsNothingOfThePlaintext) {
  const OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  EXPECT_EQ(as_text(sealed).find("canteen"), std::string_view::npos);
}

TEST(Cipher, SealsTheSameTextDifferentlyEachTime) {
  const OneKey one;
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(must_seal(one.cipher));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Cipher, RefusesAFlippedBit) {
  const OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const bool is_in_number = bit / 8 >= 1 && bit / 8 < 5;
    EXPECT_EQ(open_code(one.cipher, changed),
              is_in_number ? Code::KeyUnavailable : Code::IntegrityError)
        << "bit " << bit;
  }
}

TEST(Cipher, RefusesEveryTruncation) {
  const OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_EQ(open_code(one.cipher, BytesView(sealed).first(size)), Code::IntegrityError) << size;
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(open_code(one.cipher, longer), Code::IntegrityError);
}

TEST(Cipher, BindsToTenantPurposeAndRow) {
  const OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  EXPECT_EQ(open_code(one.cipher, sealed, "test.title"), Code::IntegrityError);
  EXPECT_EQ(open_code(one.cipher, sealed, ""), Code::IntegrityError);
  EXPECT_EQ(open_code(one.cipher, sealed, "test.answer", Bytes(16, 0x22)), Code::IntegrityError);
  EXPECT_EQ(open_code(one.cipher, sealed, "test.answer", {}), Code::IntegrityError);
  Cipher other(k_other_tenant);
  other.add_key(1, key_of(7));
  EXPECT_EQ(open_code(other, sealed), Code::IntegrityError);
}

TEST(Cipher, TellsWherePurposeEndsAndRowBegins) {
  const OneKey one;
  const auto sealed = one.cipher.seal("ab", as_bytes("c"), as_bytes(k_text));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open_code(one.cipher, *sealed, "a", as_bytes("bc")), Code::IntegrityError);
}

TEST(Cipher, TakesPurposesAndRowsOfAnyLength) {
  const OneKey one;
  for (const std::size_t size : {0U, 150U, 151U, 152U, 153U, 5000U}) {
    const Bytes row(size, 1);
    const auto sealed = one.cipher.seal("p", row, as_bytes(k_text));
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(one.cipher.open("p", row, *sealed)) << size;
  }
}

TEST(Cipher, RefusesAnotherKey) {
  const OneKey one;
  Cipher other(k_tenant);
  other.add_key(1, key_of(8));
  EXPECT_EQ(open_code(other, must_seal(one.cipher)), Code::IntegrityError);
}

TEST(Cipher, SealsWithTheNewestAndOpensWithAll) {
  Cipher cipher(k_tenant);
  cipher.add_key(1, key_of(1));
  const Bytes first = must_seal(cipher);
  cipher.add_key(3, key_of(3));
  const Bytes third = must_seal(cipher);
  cipher.add_key(2, key_of(2));
  EXPECT_EQ(cipher.newest_key(), 3U);
  EXPECT_EQ(Cipher::key_number_of(first), 1U);
  EXPECT_EQ(Cipher::key_number_of(third), 3U);
  EXPECT_EQ(Cipher::key_number_of(must_seal(cipher)), 3U);
  EXPECT_TRUE(cipher.open("test.answer", k_row, first));
  EXPECT_TRUE(cipher.open("test.answer", k_row, third));
}

TEST(Cipher, IgnoresANumberItHasAndZero) {
  Cipher cipher(k_tenant);
  cipher.add_key(0, key_of(1));
  EXPECT_FALSE(cipher.is_usable());
  cipher.add_key(1, key_of(1));
  const Bytes sealed = must_seal(cipher);
  cipher.add_key(1, key_of(2));
  EXPECT_TRUE(cipher.open("test.answer", k_row, sealed));
}

TEST(Cipher, SaysWhenAKeyIsNotHeld) {
  Cipher cipher(k_tenant);
  cipher.add_key(2, key_of(2));
  const OneKey one;
  EXPECT_EQ(open_code(cipher, must_seal(one.cipher)), Code::KeyUnavailable);
}

TEST(Cipher, DoesNothingWithoutAKey) {
  const Cipher cipher(k_tenant);
  EXPECT_FALSE(cipher.is_usable());
  EXPECT_EQ(cipher.newest_key(), 0U);
  EXPECT_EQ(cipher.seal("p", k_row, {}).error().code, Code::KeyUnavailable);
  EXPECT_EQ(cipher.lookup_hash("p", {}).error().code, Code::KeyUnavailable);
  EXPECT_EQ(open_code(cipher, Bytes(64)), Code::KeyUnavailable);
}

TEST(Cipher, DestroyEndsEverything) {
  OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  ASSERT_TRUE(one.cipher.lookup_hash("p", as_bytes("x")));
  one.cipher.destroy();
  EXPECT_FALSE(one.cipher.is_usable());
  EXPECT_EQ(one.cipher.newest_key(), 0U);
  EXPECT_EQ(one.cipher.seal("test.answer", k_row, {}).error().code, Code::KeyUnavailable);
  EXPECT_EQ(open_code(one.cipher, sealed), Code::KeyUnavailable);
  EXPECT_EQ(one.cipher.lookup_hash("p", as_bytes("x")).error().code, Code::KeyUnavailable);
  one.cipher.destroy();
}

TEST(Cipher, DestroyIsForGood) {
  OneKey one;
  one.cipher.destroy();
  one.cipher.add_key(2, key_of(2));
  EXPECT_FALSE(one.cipher.is_usable());
}

TEST(Cipher, DestroyReachesThreadsWithContexts) {
  OneKey one;
  std::latch has_sealed(4);
  std::latch is_destroyed(1);
  std::atomic<int> refused{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Bytes sealed = must_seal(one.cipher);
      EXPECT_TRUE(one.cipher.open("test.answer", k_row, sealed));
      EXPECT_TRUE(one.cipher.lookup_hash("p", {}));
      has_sealed.count_down();
      is_destroyed.wait();
      if (!one.cipher.seal("test.answer", k_row, {})) ++refused;
      if (!one.cipher.open("test.answer", k_row, sealed)) ++refused;
      if (!one.cipher.lookup_hash("p", {})) ++refused;
    });
  }
  has_sealed.wait();
  one.cipher.destroy();
  is_destroyed.count_down();
  threads.clear();
  EXPECT_EQ(refused.load(), 12);
}

TEST(Cipher, StaysWholeWhileThreadsSealRotateAndDestroy) {
  constexpr int k_rounds = 30;
  for (int round = 0; round < k_rounds; ++round) {
    OneKey one;
    const Bytes sealed = must_seal(one.cipher);
    std::atomic<bool> has_ended{false};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {  // More than there are slots.
      threads.emplace_back([&] {
        while (!has_ended.load()) {
          const auto made = one.cipher.seal("test.answer", k_row, as_bytes(k_text));
          EXPECT_TRUE(made || made.error().code == Code::KeyUnavailable);
          const auto opened = one.cipher.open("test.answer", k_row, sealed);
          EXPECT_TRUE(opened ? as_text(*opened) == k_text
                             : opened.error().code == Code::KeyUnavailable);
        }
      });
    }
    one.cipher.add_key(2, key_of(2));
    must_seal(one.cipher);
    one.cipher.destroy();
    EXPECT_FALSE(one.cipher.seal("test.answer", k_row, {}));
    has_ended = true;
  }
}

TEST(Cipher, ThreadsNeverShareANonce) {
  const OneKey one;
  constexpr std::size_t k_each = 2000;
  std::vector<std::vector<Bytes>> nonces(12);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : nonces) {
      threads.emplace_back([&one, &mine] {
        for (std::size_t i = 0; i < k_each; ++i) {
          const Bytes sealed = must_seal(one.cipher, "x");
          mine.push_back(to_bytes(BytesView(sealed).subspan(5, 12)));
        }
      });
    }
  }
  std::set<Bytes> seen;
  for (const auto& mine : nonces)
    seen.insert(mine.begin(), mine.end());
  EXPECT_EQ(seen.size(), k_each * nonces.size());
}

TEST(Cipher, AForkedChildDrawsOtherNonces) {
  const OneKey one;
  must_seal(one.cipher);  // The context and its nonces exist before the fork.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto sealed = one.cipher.seal("test.answer", k_row, as_bytes("x"));
    const bool is_written = sealed && ::write(ends[1], sealed->data() + 5, 12) == 12;
    ::_exit(is_written ? 0 : 1);
  }
  ASSERT_GT(child, 0);
  int status = 1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  Bytes of_child(12);
  ASSERT_EQ(::read(ends[0], of_child.data(), of_child.size()), 12);
  ::close(ends[0]);
  ::close(ends[1]);
  const Bytes sealed = must_seal(one.cipher, "x");
  // Not even the same sequence: the 8 random bytes differ.
  EXPECT_NE(to_hex(BytesView(of_child).first(8)), to_hex(BytesView(sealed).subspan(5, 8)));
}

TEST(Cipher, OpenIntoKeepsItsMemory) {
  const OneKey one;
  const Bytes sealed = must_seal(one.cipher);
  Bytes plain;
  plain.reserve(256);
  const auto* const memory = plain.data();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(one.cipher.open_into("test.answer", k_row, sealed, plain));
    EXPECT_EQ(as_text(plain), k_text);
    EXPECT_EQ(plain.data(), memory);
  }
}

TEST(Cipher, AFailedOpenLeavesNothing) {
  const OneKey one;
  Bytes sealed = must_seal(one.cipher);
  sealed.back() ^= 1;
  Bytes plain = to_bytes(as_bytes("what was here before, longer than the text that follows"));
  const auto* const memory = plain.data();
  ASSERT_FALSE(one.cipher.open_into("test.answer", k_row, sealed, plain));
  EXPECT_TRUE(plain.empty());
  // The block was decrypted in place before its tag was checked; it must not stay there.
  const BytesView left(memory, k_text.size());
  EXPECT_EQ(as_text(left).find("canteen"), std::string_view::npos);
}

TEST(Cipher, RefusesMoreThanItSeals) {
  const OneKey one;
  Bytes plain(k_gcm_plain_bytes_max);
  EXPECT_TRUE(one.cipher.seal("p", k_row, plain));
  plain.push_back(0);
  EXPECT_EQ(one.cipher.seal("p", k_row, plain).error().code, Code::LimitExceeded);
}

TEST(Cipher, LookupIsEqualForEqualTextsOnly) {
  const OneKey one;
  const auto hash = one.cipher.lookup_hash("user.email", as_bytes("a@example.org"));
  ASSERT_TRUE(hash);
  EXPECT_EQ(*hash, *one.cipher.lookup_hash("user.email", as_bytes("a@example.org")));
  EXPECT_NE(*hash, *one.cipher.lookup_hash("user.email", as_bytes("b@example.org")));
  EXPECT_NE(*hash, *one.cipher.lookup_hash("user.phone", as_bytes("a@example.org")));
  Cipher other_tenant(k_other_tenant);
  other_tenant.add_key(1, key_of(7));
  EXPECT_NE(*hash, *other_tenant.lookup_hash("user.email", as_bytes("a@example.org")));
  Cipher other_key(k_tenant);
  other_key.add_key(1, key_of(8));
  EXPECT_NE(*hash, *other_key.lookup_hash("user.email", as_bytes("a@example.org")));
}

TEST(Cipher, LookupSurvivesRotation) {
  OneKey one;
  const auto before = one.cipher.lookup_hash("user.email", as_bytes("a@example.org"));
  one.cipher.add_key(2, key_of(9));
  const auto after = one.cipher.lookup_hash("user.email", as_bytes("a@example.org"));
  ASSERT_TRUE(before && after);
  EXPECT_EQ(*before, *after);
}

TEST(Cipher, KeyNumberOfAnythingElseIsZero) {
  EXPECT_EQ(Cipher::key_number_of({}), 0U);
  EXPECT_EQ(Cipher::key_number_of(Bytes(32, 1)), 0U);
  EXPECT_EQ(Cipher::key_number_of(Bytes(33, 2)), 0U);
  EXPECT_EQ(Cipher::key_number_of(Bytes(33, 1)), 0x01010101U);
}

}  // namespace
}  // namespace probity::crypto
