#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "identity/password_profile.hpp"

namespace probity::identity {

// What every profile asks of a password (password_profile.hpp has what they differ in): length,
// strength and block-lists (NIST SP 800-63B-4, 3.1.1.2).

/// Code points a password has at least under the default profile. Beside a second factor eight
/// would do for NIST; one rule for all is easier to keep, and the factor can be lost.
inline constexpr std::size_t k_password_least = 15;
/// Code points at most; bounds the work of hashing and normalising.
inline constexpr std::size_t k_password_most = 256;
/// Guesses an attacker who knows the usual tricks needs at least: the estimator's level 3 of 4,
/// 10^8, in bits.
inline constexpr double k_strength_least_bits = 26.6;
/// Bytes given to the estimator: its time grows faster than its input.
inline constexpr std::size_t k_strength_input_bytes_max = 100;
/// Code points that must be left when the names everybody here knows are taken out.
inline constexpr std::size_t k_password_own_least = 8;

/// What a password may not consist of.
struct PasswordContext {
  std::string organisation{};  ///< Name of the organisation; may be empty.
  std::string slug{};          ///< Short name of the tenant.
  std::string email{};         ///< Of the member.
  ProfileKind profile = ProfileKind::NistR4;
  std::string field = "/password";  ///< Where the password stood in the request.
};

/// The password as it is hashed (NFKC). PasswordRefused with one FieldError for each rule that is
/// broken, each reason beginning with the rule's name: min_length, max_length, kinds, common,
/// repeated, sequential, context, strength.
[[nodiscard]] Result<SecretBytes> check_password(std::string_view password,
                                                 const PasswordContext& context);

/// The refusal of a password that was used before, by its owner or by another member. Does not say
/// by whom: whoever asks would learn a password of somebody else.
[[nodiscard]] Error reused_password(const PasswordContext& context);

/// A profile as JSON: its name and version, every bound, every rule in words, and what others
/// there are.
[[nodiscard]] std::string policy_json(ProfileKind kind);

/// Capital letters, small letters, digits and marks (whatever else there is): all four.
[[nodiscard]] bool has_four_kinds(std::string_view text);

// The parts, each pure; `text` is folded.

/// A password glued together from at most three building blocks of leaked ones (words and keyboard
/// walks, also spelt with digits and marks), any digits, and at most three further letters.
[[nodiscard]] bool is_common(std::string_view text);
/// One piece again and again, or hardly any different characters.
[[nodiscard]] bool is_repeated(std::string_view text);
/// A run of neighbours (abcdef, 987654, qwertz, asdfgh) makes up half of it or more.
[[nodiscard]] bool is_sequential(std::string_view text);
/// Bits by the zxcvbn estimate of the first k_strength_input_bytes_max bytes.
[[nodiscard]] double strength_bits(std::string_view password, const PasswordContext& context);

}  // namespace probity::identity
