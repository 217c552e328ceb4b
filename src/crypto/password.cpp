#include "crypto/password.hpp"

#include <sodium.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/sodium.hpp"

namespace probity::crypto {
namespace {

constexpr std::string_view k_kind = "$argon2id$v=19$m=";
constexpr std::size_t k_memory_bytes_max = std::size_t{1} << 30U;
constexpr unsigned long long k_passes_max = 16;

/// A hash of the default cost that no password is known for: salt and hash are arbitrary bytes.
constexpr const char* k_nobody =
    "$argon2id$v=19$m=19456,t=2,p=1$cHJvYml0eS1ub2JvZHktMQ"
    "$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
static_assert(PasswordCost{}.memory_bytes == std::size_t{19456} * 1024);
static_assert(PasswordCost{}.passes == 2);

/// The decimal number at the start of `text`, and `end` after it, both taken.
std::optional<unsigned long long> take_number(std::string_view& text, std::string_view end) {
  unsigned long long value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  if (!text.starts_with(end)) return {};
  text.remove_prefix(end.size());
  return value;
}

std::optional<PasswordCost> cost_of(std::string_view encoded) {
  if (encoded.size() >= crypto_pwhash_STRBYTES || !encoded.starts_with(k_kind)) return {};
  encoded.remove_prefix(k_kind.size());
  const auto memory_kib = take_number(encoded, ",t=");
  const auto passes = memory_kib ? take_number(encoded, ",p=") : std::nullopt;
  if (!passes || *memory_kib > k_memory_bytes_max / 1024 || *passes > k_passes_max) return {};
  return PasswordCost{static_cast<std::size_t>(*memory_kib) * 1024, *passes};
}

Result<void> check(std::string_view password, const PasswordCost& cost) {
  if (password.size() > k_password_bytes_max)
    return refuse(Code::LimitExceeded, "A password has at most 4096 bytes.");
  if (cost.memory_bytes < crypto_pwhash_MEMLIMIT_MIN || cost.memory_bytes > k_memory_bytes_max ||
      cost.passes < crypto_pwhash_OPSLIMIT_MIN || cost.passes > k_passes_max)
    return fail(Code::Config, "Argon2id takes 8 KiB to 1 GiB and 1 to 16 passes");
  return {};
}

}  // namespace

Result<std::array<std::uint8_t, 32>> password_tag(std::string_view password,
                                                  std::span<const std::uint8_t, 16> salt,
                                                  PasswordCost cost) {
  PROBITY_CHECK(check(password, cost));
  start_sodium();
  std::array<std::uint8_t, 32> out{};
  if (crypto_pwhash(out.data(), out.size(), password.data(), password.size(), salt.data(),
                    cost.passes, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Code::Overloaded, "no memory for Argon2id");
  return out;
}

Result<std::string> hash_password(std::string_view password, PasswordCost cost) {
  PROBITY_CHECK(check(password, cost));
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Code::Overloaded, "no memory for Argon2id");
  return std::string(out.data());
}

bool verify_password(std::string_view encoded, std::string_view password) {
  if (password.size() > k_password_bytes_max || !cost_of(encoded)) return false;
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  std::memcpy(text.data(), encoded.data(), encoded.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

void spend_as_if_verifying(std::string_view password) {
  [[maybe_unused]] const bool never = verify_password(k_nobody, password);
}

}  // namespace probity::crypto
