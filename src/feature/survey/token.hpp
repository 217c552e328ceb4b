#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"

namespace probity::survey {

/// What stands in a public link: the tenant and 16 random bytes, 43 characters of base64url. It
/// carries the tenant so that nothing has to be looked up across tenants.
struct LinkToken {
  TenantId tenant;
  std::array<std::uint8_t, 16> secret{};

  [[nodiscard]] static LinkToken make(TenantId tenant);
  [[nodiscard]] static std::optional<LinkToken> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  /// By which the link is found in its tenant: a keyed hash, so stored rows give no links.
  [[nodiscard]] Result<std::array<std::uint8_t, 32>> hash(const crypto::Cipher& cipher) const;
  auto operator<=>(const LinkToken&) const = default;
};

/// The receipt of a response: "rcp_" and 52 characters. The id under a deterministic authenticated
/// encryption made of two HMACs (a synthetic IV, as in RFC 5297): it cannot be guessed or forged,
/// says nothing to who holds it (staff who see ids cannot join it to one), needs no stored row, and
/// is the same each time it is asked for. It holds no answers.
[[nodiscard]] Result<std::string> make_receipt(const crypto::Cipher& cipher, const SurveyId& survey,
                                               const ResponseId& id);
/// The response a receipt of this survey stands for; NotFound when it is none.
[[nodiscard]] Result<ResponseId> open_receipt(const crypto::Cipher& cipher, const SurveyId& survey,
                                              std::string_view receipt);

}  // namespace probity::survey
