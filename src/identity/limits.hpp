#pragma once

#include <cstdint>

#include "base/instant.hpp"

namespace probity::identity {

// Every bound of this room, with its reason.

/// A session ends after this, whatever happens (WI-53).
inline constexpr Span k_session_absolute = Span::days(7);
/// A session ends after this long without activity of its user (WI-54). Also the most a tenant may
/// set: nobody can lengthen it.
inline constexpr std::int64_t k_session_idle_most_s = 4 * 60 * 60;
/// The least a tenant may set (WI-55 asks for 900); less would end sessions while somebody reads.
inline constexpr std::int64_t k_session_idle_least_s = 300;
/// Activity is exact in memory and written to the store when the stored time is older than this.
/// After a restart, or on another node, a session may end up to this much early, never late.
inline constexpr Span k_session_touch_every = Span::seconds(15);
/// Random bytes of a session (WI-52).
inline constexpr std::size_t k_session_secret_bytes = 64;
/// Sessions of one member at a time; the oldest go first. Bounds what one account can store.
inline constexpr std::int64_t k_sessions_per_user_max = 200;
/// Sessions whose exact activity is kept in memory; beyond it the stored times count.
inline constexpr std::size_t k_activity_entries_max = 100'000;

/// A set-up or invitation link: long enough for a weekend.
inline constexpr Span k_link_life = Span::hours(72);
/// Random bytes of a link, and of an API token.
inline constexpr std::size_t k_link_secret_bytes = 32;
inline constexpr std::size_t k_token_secret_bytes = 32;
/// How long a dead link is still answered with "gone" before it is forgotten.
inline constexpr Span k_link_memory = Span::days(30);

/// Failed log-ins in a row that cost nothing: people mistype.
inline constexpr std::int64_t k_failures_free = 5;
/// Failed log-ins in a row an account takes before only a new set-up link helps (NIST SP
/// 800-63B-4, 3.2.2). They are divided, so that nobody elsewhere can shut a member out: from
/// networks the member has come in from within k_network_memory, and from all others. Each part has
/// waits of its own by the same rule, so the hundred guesses at one password stay a hundred, and
/// somebody who spends the strangers' part (75 waits, 16 h 32 min) gets no further and keeps out
/// strangers alone.
inline constexpr std::int64_t k_failures_max = 100;
inline constexpr std::int64_t k_failures_of_known_max = 20;
inline constexpr std::int64_t k_failures_of_strangers_max =
    k_failures_max - k_failures_of_known_max;
/// The wait doubles from one second up to this.
inline constexpr Span k_failure_wait_most = Span::minutes(15);
/// Counters of names that no account has are forgotten after this long without a failure.
inline constexpr Span k_attempt_memory = Span::days(30);
/// A network is known for this long after the last log-in from it.
inline constexpr Span k_network_memory = k_attempt_memory;
/// Failures one address may cause at once, and how long one takes to be forgiven: 600 an hour.
inline constexpr std::int64_t k_address_failures_max = 50;
inline constexpr Span k_address_forgive_every = Span::seconds(6);
/// Addresses remembered at a time.
inline constexpr std::size_t k_address_entries_max = 65'536;

/// Second factors of one member: an app on each of some devices.
inline constexpr std::int64_t k_factors_per_user_max = 10;
inline constexpr std::size_t k_factor_name_bytes_max = 100;
/// How long what an app was offered can be confirmed, and how long after the password its code can
/// be typed (NIST SP 800-63B-4, 3.2.10: minutes, not hours).
inline constexpr Span k_offer_life = Span::minutes(10);
inline constexpr Span k_second_step_life = Span::minutes(5);
/// How long a browser may take to answer a challenge with a passkey (WebAuthn, 15.1: 5 minutes).
inline constexpr Span k_challenge_life = Span::minutes(5);
/// Recovery codes: random bytes of one (more than the 112 bits from which a plain hash is enough,
/// ASVS 6.5.2), and how many there are.
inline constexpr std::size_t k_recovery_code_bytes = 16;
inline constexpr std::size_t k_recovery_codes = 10;

/// API tokens: a token without an end is possible, one with an end at most this far off.
inline constexpr std::int64_t k_token_days_max = 3660;
inline constexpr std::size_t k_token_name_bytes_max = 200;

}  // namespace probity::identity
