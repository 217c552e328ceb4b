#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"
#include "crypto/password.hpp"

namespace probity::identity {

/// Slow hashing of passwords, as a log-in uses it; replaced in tests to count the work instead of
/// timing it. Threads: any; blocks for tens of milliseconds, so the password lane only.
class Hasher {
 public:
  virtual ~Hasher() = default;
  [[nodiscard]] virtual Result<std::string> hash(std::string_view password) = 0;
  [[nodiscard]] virtual bool verify(std::string_view encoded, std::string_view password) = 0;
  /// Equal bytes for equal passwords under one salt; as slow.
  [[nodiscard]] virtual Result<crypto::Digest> tag(std::string_view password,
                                                   std::span<const std::uint8_t, 16> salt) = 0;
  /// The same work as verify, for accounts that have no password to verify.
  virtual void spend(std::string_view password) = 0;
};

/// Argon2id at the given cost (MW-13).
class Argon final : public Hasher {
 public:
  explicit Argon(crypto::PasswordCost cost = {}) : cost_(cost) {}
  [[nodiscard]] Result<std::string> hash(std::string_view password) override {
    return crypto::hash_password(password, cost_);
  }
  [[nodiscard]] bool verify(std::string_view encoded, std::string_view password) override {
    return crypto::verify_password(encoded, password);
  }
  [[nodiscard]] Result<crypto::Digest> tag(std::string_view password,
                                           std::span<const std::uint8_t, 16> salt) override {
    return crypto::password_tag(password, salt, cost_);
  }
  void spend(std::string_view password) override { crypto::spend_as_if_verifying(password); }

 private:
  crypto::PasswordCost cost_;
};

/// Purpose of sealed password hashes, bound to the user's id.
inline constexpr crypto::Purpose k_password_purpose = "user.password";

/// A password as it is hashed and compared: NFKC, so that the same keys on another keyboard give
/// the same bytes (NIST SP 800-63B-4). BadRequest when it is not valid UTF-8.
[[nodiscard]] Result<SecretBytes> normal_password(std::string_view password);

}  // namespace probity::identity
