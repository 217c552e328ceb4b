#include "crypto/totp.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>

#include "crypto/openssl.hpp"

namespace probity::crypto {
namespace {

constexpr std::size_t k_sha1_bytes = 20;
using Sha1Mac = std::array<std::uint8_t, k_sha1_bytes>;

Sha1Mac hmac_sha1(BytesView key, BytesView data) {
  static std::string name = "SHA1";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                          OSSL_PARAM_construct_end()};
  const ssl::MacContext mac(ssl::require(EVP_MAC_CTX_new(ssl::hmac())));
  Sha1Mac out{};
  std::size_t size = 0;
  ssl::require(EVP_MAC_init(mac.get(), key.data(), key.size(), params.data()) == 1);
  ssl::require(EVP_MAC_update(mac.get(), data.data(), data.size()) == 1);
  ssl::require(EVP_MAC_final(mac.get(), out.data(), &size, out.size()) == 1);
  return out;
}

}  // namespace

std::int64_t totp_step_of(Instant at) { return at.us() / k_totp_step.us(); }

std::string totp_code(BytesView secret, std::int64_t step, int digits) {
  Bytes counter;
  append_u64(counter, static_cast<std::uint64_t>(step));
  const Sha1Mac mac = hmac_sha1(secret, counter);
  const BytesView piece = BytesView(mac).subspan(mac.back() & 0x0FU, 4);
  const std::uint32_t number = ByteReader(piece).u32() & 0x7FFF'FFFFU;
  std::uint32_t end = 1;
  for (int i = 0; i < digits; ++i)
    end *= 10;
  return fmt::format("{:0{}}", number % end, digits);
}

std::optional<std::int64_t> matching_totp_step(BytesView secret, std::string_view code, Instant at,
                                               std::int64_t used) {
  const std::int64_t now = totp_step_of(at);
  std::optional<std::int64_t> found;
  for (const std::int64_t step : {now - 1, now, now + 1}) {
    const bool is_it = equal_constant_time(as_bytes(totp_code(secret, step)), as_bytes(code));
    if (is_it && step > used && !found) found = step;
  }
  return found;
}

}  // namespace probity::crypto
