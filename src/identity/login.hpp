#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/acting.hpp"
#include "identity/counters.hpp"
#include "identity/factors.hpp"
#include "identity/hasher.hpp"
#include "identity/links.hpp"
#include "identity/passkeys.hpp"
#include "identity/principal.hpp"
#include "identity/throttle.hpp"
#include "store/engine.hpp"

namespace probity::identity {

/// A second factor as it is given: what was typed, or what a passkey signed. Empty: none was.
struct GivenFactor {
  std::string_view code = {};  ///< Of an authenticator app, or a recovery code.
  const Assertion* assertion = nullptr;

  [[nodiscard]] bool is_empty() const { return code.empty() && assertion == nullptr; }
};

/// What somebody types to come in.
struct Credentials {
  TenantId tenant;  ///< Nil when the tenant named is unknown.
  std::string_view email;
  std::string_view password;
  BytesView address;  ///< Of the client, 4 or 16 bytes.
  GivenFactor factor = {};
};

/// The second step of somebody whose password was right a moment ago.
struct SecondStep {
  TenantId tenant;          ///< Nil when the tenant named is unknown.
  std::string_view ticket;  ///< From LoginOutcome::ticket.
  GivenFactor factor;
  BytesView address;
};

/// A passkey that asked for a PIN, a finger or a face: it takes the place of address and password.
struct PasskeyLogin {
  TenantId tenant;  ///< Of the handle; nil when there is no such tenant, or no handle of ours.
  const Assertion& assertion;
  BytesView address;
};

/// What became of a log-in, readable after its commit.
struct LoginOutcome {
  std::optional<Member> member;         ///< Nothing: refused, and that is on record.
  Code refusal = Code::BadCredentials;  ///< Or MfaRequired: the password is right, a code missing.
  std::string email;
  std::string cookie;  ///< Value of the session cookie.
  /// With MfaRequired: proof for k_second_step_life that the password was right, for SecondStep…
  std::string ticket;
  UserId user;  ///< …and whose, also where the factor was wrong: for make_challenge, list_passkeys.
};

/// Whether a password was changed; false: the current one was wrong, and that is on record.
struct PasswordOutcome {
  bool is_changed = false;
};

/// What a signed-in member gives once more before something about how they log in is changed.
struct Proof {
  std::string_view password;
  GivenFactor factor;  ///< Where the member has one.
  BytesView address;   ///< Of the client, 4 or 16 bytes.
};
struct Reauthentication {
  /// Set where it was wrong: puts the failure on record, to be answered with BadCredentials.
  std::optional<store::Change> refusal;
  /// The factor to be used up by the Change that follows (spending).
  std::optional<UsedFactor> used;
};

/// The way in: verifies, throttles and opens sessions. Unknown account, wrong password, disabled,
/// invited and unknown tenant cost one slow hash each and give the same answer. Threads: any;
/// blocks for a slow hash, so the password lane only.
class Login {
 public:
  Login(store::Engine& engine, const Clock& clock, Hasher& hasher)
      : engine_(engine),
        clock_(clock),
        hasher_(hasher),
        pending_(std::make_shared<PendingFailures>()) {}

  /// A Change to commit in either case, except: Throttled (with the wait) while the account name or
  /// the address rests, Banned after k_failures_of_strangers_max (from a network the member has
  /// come in from: k_failures_of_known_max), BadCredentials for an unknown tenant.
  [[nodiscard]] Result<Planned<LoginOutcome>> attempt(const Credentials& credentials);

  /// The same by a ticket in place of address and password: refused alike, at the same counters,
  /// and Unauthenticated for a ticket that is not ours, too old, or older than the password.
  [[nodiscard]] Result<Planned<LoginOutcome>> attempt_second(const SecondStep& step);

  /// A log-in by a passkey alone. Refused alike, whatever is wrong with it, at the address's
  /// counter only: signatures are not guessed, so nobody can shut a member out from it, and who
  /// guesses at the password does not keep its owner's passkey out. Throttled while the address
  /// rests; Unauthenticated for a challenge past its life. Costs no slow hash.
  [[nodiscard]] Result<Planned<LoginOutcome>> attempt_passkey(const PasskeyLogin& login);

  /// A log-in from a network the tenant lets nobody in from (WI-22): nothing is looked at, it is on
  /// record, and counts at the address. Throttled while that rests.
  [[nodiscard]] Result<Planned<LoginOutcome>> refuse_network(const TenantId& tenant,
                                                             BytesView address);

  /// Whether it is the member who asks, under the same throttle as a log-in. MfaRequired where the
  /// password is right and a code is missing.
  [[nodiscard]] Result<Reauthentication> authenticate_again(store::Reader& reader,
                                                            const Acting& acting,
                                                            const UserId& user, const Proof& proof);

  /// plan_change_password under the same throttle as a log-in: a stolen session is no way to guess.
  [[nodiscard]] Result<Planned<PasswordOutcome>> change_password(store::Reader& reader,
                                                                 const Acting& acting,
                                                                 const PasswordChange& change,
                                                                 BytesView address);

 private:
  struct Found;
  /// The account name tried, from where, and how many failures in a row are known of it there.
  struct Account {
    Counters counters;
    crypto::Digest network{};  ///< Row of the network it is tried from…
    bool is_known = false;     ///< …and whether that is one of the member's.
    std::int64_t failures = 0;

    [[nodiscard]] const crypto::Digest& counter() const {
      return is_known ? counters.known : counters.strangers;
    }
  };
  /// A failure on its way to the record.
  struct Refused {
    std::string object;                ///< The user, where there is one.
    const Account* account = nullptr;  ///< Whose counter it counts at; nothing for a passkey's.
    std::string_view detail = {};      ///< JSON.
  };
  /// Of an unknown tenant (nil): the same work as a log-in, then BadCredentials.
  [[nodiscard]] Result<void> check_tenant(const TenantId& tenant, std::string_view password,
                                          BytesView address, Instant now);
  /// check_waits for a member by its id.
  [[nodiscard]] Result<Account> account_of(store::Reader& reader, const Acting& acting,
                                           const UserId& user, BytesView address);
  /// Throttled or Banned, else the failures known.
  [[nodiscard]] Result<Account> check_waits(const Acting& acting, const crypto::Digest& name,
                                            BytesView address);
  [[nodiscard]] Result<Account> find_account(const Acting& acting, const crypto::Digest& name,
                                             BytesView address, Instant& failed_at);
  [[nodiscard]] Result<bool> is_right(const Acting& acting, const std::optional<Found>& found,
                                      std::string_view password);
  /// What follows a right password: the session, or the question for a second factor.
  [[nodiscard]] Result<Planned<LoginOutcome>> go_on(const Acting& acting, store::Reader& reader,
                                                    const Found& found, const Account& account,
                                                    const GivenFactor& factor, BytesView address);
  [[nodiscard]] Result<Planned<LoginOutcome>> ask_for_code(const Acting& acting,
                                                           const Found& found);
  [[nodiscard]] Result<Planned<LoginOutcome>> open(const Acting& acting, const Found& found,
                                                   const Account& account,
                                                   const std::optional<UsedFactor>& used,
                                                   BytesView address);
  /// Which factor of the member was given.
  [[nodiscard]] Result<FactorMatch> match(const Acting& acting, store::Reader& reader,
                                          const UserId& user, const GivenFactor& given);
  [[nodiscard]] Result<Planned<LoginOutcome>> refused(const Acting& acting, const Refused& refused,
                                                      BytesView address,
                                                      Code why = Code::BadCredentials);
  /// The Change that puts a failure on record.
  [[nodiscard]] Result<store::Change> failure(const Acting& acting, const Refused& refused,
                                              BytesView address, Code why = Code::BadCredentials);

  store::Engine& engine_;
  const Clock& clock_;
  Hasher& hasher_;
  AddressThrottle addresses_;
  std::shared_ptr<PendingFailures> pending_;
};

}  // namespace probity::identity
