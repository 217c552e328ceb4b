#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "crypto/sign.hpp"

namespace probity::attest {

/// A passkey in memory, to measure with: signs by EdDSA what a browser would have signed, and says
/// that somebody was present and verified (W3C Web Authentication, 6.1 and 6.5). One thread.
class DrillPasskey {
 public:
  /// `origin`: of the page it says to be on, "https://ask.example".
  DrillPasskey(std::string relying_party, std::string origin);

  /// RegistrationResponseJSON for a challenge in base64url.
  [[nodiscard]] std::string make(std::string_view challenge) const;
  /// AuthenticationResponseJSON; counts on with each.
  [[nodiscard]] std::string use(std::string_view challenge);

 private:
  [[nodiscard]] std::string client_data(std::string_view type, std::string_view challenge) const;
  /// Hash of the relying party, flags, count.
  [[nodiscard]] Bytes head(std::uint8_t flags) const;

  std::string relying_party_;
  std::string origin_;
  crypto::SigningKey key_;
  Bytes id_;
  std::uint32_t count_ = 1;
};

}  // namespace probity::attest
