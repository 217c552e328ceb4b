// Project Wycheproof's vectors through our wrappers. They live outside the repository; without them
// these tests say so and are skipped, and the fixtures beside each wrapper remain.

#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "base/json.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/hash.hpp"
#include "crypto/sign.hpp"

namespace probity::crypto {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Where the suites lie: PROBITY_SUITES, else beside the repository.
fs::path suite_file(const std::string& name) {
  const char* const given = std::getenv("PROBITY_SUITES");
  const fs::path suites =
      given != nullptr ? fs::path(given) : fs::path(PROBITY_SOURCE_DIR) / "../shared/suites";
  return suites / "wycheproof" / name;
}

Bytes hex(const json::object& object, std::string_view name) {
  const auto bytes = from_hex(object.at(name).as_string());
  EXPECT_TRUE(bytes) << name;
  return bytes.value_or(Bytes());
}

/// What one file came to. A test is accepted when our wrapper does what the vector says is right.
struct Tally {
  int tests = 0;
  std::set<std::int64_t> wrongly_accepted;
  std::set<std::int64_t> wrongly_refused;
};

using Judge = std::function<bool(const json::object& group, const json::object& test)>;

/// Nothing when the file is not there; the caller then skips.
std::optional<Tally> run(const std::string& name, const Judge& accepts) {
  std::ifstream in(suite_file(name), std::ios::binary);
  if (!in) return {};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto whole = parse_json(text, {.depth_max = 32, .bytes_max = 64U * 1024 * 1024});
  EXPECT_TRUE(whole);
  if (!whole) return {};
  Tally tally;
  for (const json::value& group : whole->at("testGroups").as_array()) {
    for (const json::value& entry : group.at("tests").as_array()) {
      const json::object& test = entry.as_object();
      const bool is_accepted = accepts(group.as_object(), test);
      const bool is_valid = test.at("result").as_string() == "valid";
      const std::int64_t id = test.at("tcId").as_int64();
      ++tally.tests;
      if (is_accepted && !is_valid) tally.wrongly_accepted.insert(id);
      if (!is_accepted && is_valid) tally.wrongly_refused.insert(id);
    }
  }
  EXPECT_EQ(tally.tests, whole->at("numberOfTests").as_int64());
  return tally;
}

#define SKIP_WITHOUT(tally, name) \
  if (!(tally))                   \
  GTEST_SKIP() << (name) << " is not there; set PROBITY_SUITES to the folder of the suites"

std::int64_t number(const json::object& object, std::string_view name) {
  return object.at(name).as_int64();
}

/// The named list of what we refuse although a vector calls it valid, with the number of them.
/// Everything else must be right. One key length and one nonce length is what we offer.
struct Refusal {
  std::string_view reason;
  bool (*applies)(std::int64_t key_bits, std::int64_t nonce_bits);
  int valid_vectors;
};

constexpr std::array k_gcm_refusals{
    Refusal{"keys of 128 and 192 bits: 256 bits are promised for everything stored (SW-17)",
            [](std::int64_t key_bits, std::int64_t) { return key_bits != 256; }, 153},
    Refusal{"nonces of another length than 96 bits: GCM hashes them, and then counting no longer "
            "proves that none repeats (SP 800-38D, 8.2)",
            [](std::int64_t key_bits, std::int64_t nonce_bits) {
              return key_bits == 256 && nonce_bits != 96;
            },
            37},
};

bool gcm_accepts(const json::object& test, bool is_offered) {
  const Bytes key = hex(test, "key");
  const Bytes nonce = hex(test, "iv");
  const Bytes bound = hex(test, "aad");
  const Bytes plain = hex(test, "msg");
  Bytes sealed = hex(test, "ct");
  const Bytes tag = hex(test, "tag");
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  const auto opened = aes_gcm_open(key, nonce, bound, sealed);
  const auto made = aes_gcm_seal(key, nonce, bound, plain);
  EXPECT_EQ(made.has_value(), is_offered);
  EXPECT_TRUE(is_offered || (!opened && opened.error().code == Code::Config));
  if (!opened) return false;
  EXPECT_EQ(*made, sealed);
  return *opened == plain;
}

TEST(Wycheproof, AesGcm) {
  std::array<int, k_gcm_refusals.size()> refused{};
  int accepted = 0;
  const auto tally =
      run("aes_gcm_test.json", [&](const json::object& group, const json::object& test) {
        const bool is_valid = test.at("result").as_string() == "valid";
        for (std::size_t i = 0; i < refused.size(); ++i) {
          if (!k_gcm_refusals[i].applies(number(group, "keySize"), number(group, "ivSize")))
            continue;
          EXPECT_FALSE(gcm_accepts(test, false));
          refused[i] += is_valid ? 1 : 0;
          return is_valid;  // On the list: neither wrongly accepted nor wrongly refused.
        }
        const bool is_accepted = gcm_accepts(test, true);
        accepted += is_accepted ? 1 : 0;
        return is_accepted;
      });
  SKIP_WITHOUT(tally, "aes_gcm_test.json");
  EXPECT_EQ(tally->tests, 316);
  EXPECT_EQ(accepted, 39);
  EXPECT_TRUE(tally->wrongly_accepted.empty());
  EXPECT_TRUE(tally->wrongly_refused.empty());
  for (std::size_t i = 0; i < refused.size(); ++i)
    EXPECT_EQ(refused[i], k_gcm_refusals[i].valid_vectors) << k_gcm_refusals[i].reason;
}

TEST(Wycheproof, HkdfSha256) {
  const auto tally =
      run("hkdf_sha256_test.json", [](const json::object&, const json::object& test) {
        const Bytes made = hkdf_sha256(hex(test, "ikm"), hex(test, "salt"), hex(test, "info"),
                                       static_cast<std::size_t>(number(test, "size")));
        return !made.empty() && made == hex(test, "okm");
      });
  SKIP_WITHOUT(tally, "hkdf_sha256_test.json");
  EXPECT_EQ(tally->tests, 86);
  EXPECT_TRUE(tally->wrongly_accepted.empty());
  EXPECT_TRUE(tally->wrongly_refused.empty());
}

TEST(Wycheproof, HmacSha256) {
  const auto tally =
      run("hmac_sha256_test.json", [](const json::object& group, const json::object& test) {
        const Digest made = hmac_sha256(hex(test, "key"), hex(test, "msg"));
        // Half of the vectors are shortened to 128 bits; we never shorten, so their front is
        // compared.
        const Bytes tag = hex(test, "tag");
        const auto size = static_cast<std::size_t>(number(group, "tagSize")) / 8;
        return tag.size() == size && equal_constant_time(BytesView(made).first(size), tag);
      });
  SKIP_WITHOUT(tally, "hmac_sha256_test.json");
  EXPECT_EQ(tally->tests, 174);
  EXPECT_TRUE(tally->wrongly_accepted.empty());
  EXPECT_TRUE(tally->wrongly_refused.empty());
}

TEST(Wycheproof, Ed25519) {
  const auto tally =
      run("ed25519_test.json", [](const json::object& group, const json::object& test) {
        const Bytes key = hex(group.at("publicKey").as_object(), "pk");
        return verify_signature(key, hex(test, "msg"), hex(test, "sig"));
      });
  SKIP_WITHOUT(tally, "ed25519_test.json");
  EXPECT_EQ(tally->tests, 151);
  EXPECT_TRUE(tally->wrongly_accepted.empty());
  EXPECT_TRUE(tally->wrongly_refused.empty());
}

}  // namespace
}  // namespace probity::crypto
