#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "identity/acting.hpp"
#include "identity/limits.hpp"
#include "store/tx.hpp"

// Second factors of members (MW-14, docs/decisions/060): what they have, how they get and lose
// them, and how one is used at a log-in (Login in login.hpp calls that part).
namespace probity::identity {

/// Purposes of sealed secrets and names, bound to the factor's id.
inline constexpr crypto::Purpose k_factor_secret_purpose = "factor.secret";
inline constexpr crypto::Purpose k_factor_name_purpose = "factor.name";

/// What kind of thing a member has; stored.
enum class FactorKind : std::uint8_t { Totp = 0, Passkey = 1 };
[[nodiscard]] std::string_view text_of(FactorKind kind);

/// A second factor as its member sees it.
struct FactorRecord {
  FactorId id;
  FactorKind kind = FactorKind::Totp;
  std::string name;
  Instant created_at;
  std::optional<Instant> used_at;  ///< Of the last log-in with it.
};
struct FactorList {
  std::vector<FactorRecord> factors;  ///< In order of arrival.
  std::int64_t recovery_codes = 0;    ///< Those not used yet.
};
[[nodiscard]] Result<FactorList> list_factors(store::Reader& reader, const crypto::Cipher& cipher,
                                              const UserId& user);

/// What an authenticator app is given. Nothing is stored until a code of it has been seen.
struct TotpOffer {
  std::string ticket;  ///< Sealed: the secret, for whom and when. For plan_enrol.
  std::string secret;  ///< Base 32, for typing.
  std::string uri;     ///< "otpauth://totp/…", for a camera.
};
/// `issuer` and `email` are what the app shows.
[[nodiscard]] Result<TotpOffer> offer_totp(const Acting& acting, const UserId& user,
                                           std::string_view issuer, std::string_view email);

/// A factor whose holder has just shown that it works: an app by its code, a passkey by making one
/// for us (confirm_passkey in passkeys.hpp).
struct ShownFactor {
  FactorKind kind = FactorKind::Totp;
  SecretBytes secret;           ///< What is kept of it, sealed.
  std::int64_t counter = 0;     ///< Step of an app's code; 0 of a passkey, not used yet.
  std::int64_t sign_count = 0;  ///< Of a passkey.
  Bytes credential;             ///< Of a passkey: its id…
  std::string relying_party;    ///< …and the host name it is bound to.
};
/// The app that took an offer. BadRequest names /ticket (not an offer to this member, or older than
/// k_offer_life) or /code.
[[nodiscard]] Result<ShownFactor> confirm_totp(const Acting& acting, const UserId& user,
                                               std::string_view ticket, std::string_view code);

/// Who sets it up, and what the member calls it.
struct Enrolment {
  UserId user;
  SessionId session;      ///< Goes on; every other of the member ends.
  std::string_view name;  ///< 1 to k_factor_name_bytes_max bytes.
};
struct Enrolled {
  FactorId id;
  std::vector<std::string> recovery_codes;  ///< With the first factor; shown this once.
};
/// BadRequest names /name. From the Change: Conflict beyond k_factors_per_user_max and for a
/// passkey that is there already; Gone for a member who is gone.
[[nodiscard]] Result<Planned<Enrolled>> plan_enrol(const Acting& acting, const Enrolment& enrolment,
                                                   ShownFactor factor);

/// Takes one away, and with the last one the recovery codes; ends every other session of the
/// member. From the Change: NotFound; Conflict for the last one where the member's role needs one.
[[nodiscard]] Result<Planned<Nothing>> plan_remove_factor(const Acting& acting, const UserId& user,
                                                          const SessionId& session,
                                                          const FactorId& factor);

/// New recovery codes; the old ones die. From the Change: Conflict without any factor.
[[nodiscard]] Result<Planned<std::vector<std::string>>> plan_renew_recovery_codes(
    const Acting& acting, const UserId& user);

/// Everything of it, without an entry: part of other Changes.
[[nodiscard]] Result<void> delete_factors(store::Tx& tx, const UserId& user);

/// By which factor somebody comes in.
struct UsedFactor {
  std::string_view name;           ///< "totp", "passkey", "recovery_code": for the audit log.
  std::optional<FactorId> factor;  ///< Nothing for a recovery code.
  /// Step of the code; moment of the challenge, in microseconds since 1970.
  std::int64_t counter = 0;
  std::int64_t sign_count = 0;
  bool is_user_verified = false;  ///< A passkey that asked for a PIN, a finger or a face.
  crypto::Digest code_hash{};
};
/// What a factor that was given comes to.
struct FactorMatch {
  std::optional<UsedFactor> used;  ///< Nothing for a wrong one, or one that was used.
  bool is_copy_suspected = false;  ///< A passkey that signed rightly, and counts as a copy would.
};
[[nodiscard]] Result<bool> has_factor(store::Reader& reader, const UserId& user);
/// The factor whose code was given, in any spelling with spaces and hyphens.
[[nodiscard]] Result<FactorMatch> match_code(store::Reader& reader, const crypto::Cipher& cipher,
                                             const UserId& user, std::string_view code,
                                             Instant now);
/// Whether a passkey's count of signatures goes on from the one known. Those that do not count say
/// 0 for ever.
[[nodiscard]] bool counts_on(std::int64_t known, std::int64_t now);
/// Within a Change: false when somebody was quicker with the same code.
[[nodiscard]] Result<bool> use_factor(store::Tx& tx, const UserId& user, const UsedFactor& used,
                                      Instant now);

/// The Change, after the factor was used up for it; as it is without one. From the Change:
/// BadCredentials when somebody was quicker with the same code.
[[nodiscard]] store::Change spending(store::Change change, const UserId& user,
                                     const std::optional<UsedFactor>& used, Instant now);

}  // namespace probity::identity
