#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "identity/acting.hpp"
#include "identity/authenticator.hpp"
#include "identity/limits.hpp"

namespace probity::identity {

/// What a session cookie holds, once opened: no password, nothing of the member but its session
/// (MW-10, MW-11).
struct CookieContent {
  SessionId session;
  TenantId tenant;
  SecretBytes secret;  ///< k_session_secret_bytes from the kernel's generator (WI-52).
};

/// Purpose of the sealed network of a session, bound to its id.
inline constexpr crypto::Purpose k_network_purpose = "session.network";

/// A session that is about to be stored.
struct NewSession {
  SessionId id;
  crypto::Digest secret_hash{};
  std::string cookie;  ///< Value of the cookie: base64url of the sealed content.
};

/// A fresh session: new id and new secret each time (WI-51). `system` is the system's cipher.
[[nodiscard]] Result<NewSession> make_session(const crypto::Cipher& system, TenantId tenant,
                                              Instant now);
/// Unauthenticated when the value is not one of ours.
[[nodiscard]] Result<CookieContent> open_cookie(const crypto::Cipher& system,
                                                std::string_view value);

/// Set-Cookie texts: a session cookie in the strict sense, without Max-Age and Expires.
[[nodiscard]] std::string set_cookie_text(std::string_view value);
/// Replaces it by an empty one.
[[nodiscard]] std::string clear_cookie_text();

/// When each session was last active, exactly, on this node. Bounded: when it is full the stored
/// times (at most k_session_touch_every older) count. Threads: any.
class ActivityBook {
 public:
  explicit ActivityBook(std::size_t entries_max = k_activity_entries_max)
      : entries_max_(entries_max) {}
  /// Notes activity; true when it is to be written to the store, where `stored` stands.
  [[nodiscard]] bool note(const SessionId& id, Instant now, Instant stored);
  /// The later of `stored` and what was noted.
  [[nodiscard]] Instant last(const SessionId& id, Instant stored) const;
  void forget(const SessionId& id);
  [[nodiscard]] std::size_t entries() const;

 private:
  struct Entry {
    Instant last;
    Instant written;
  };
  std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::unordered_map<SessionId, Entry> entries_;
};

/// The Authenticator of the product: cookies and API tokens against the store. Threads: any worker.
class StoreAuthenticator final : public Authenticator {
 public:
  StoreAuthenticator(store::Engine& engine, const Clock& clock) : engine_(engine), clock_(clock) {}
  [[nodiscard]] Result<Principal> by_cookie(std::string_view cookie, Activity activity) override;
  [[nodiscard]] Result<Principal> by_bearer(std::string_view token) override;
  [[nodiscard]] Result<std::string> csrf_token(const Member& member) override;
  [[nodiscard]] ActivityBook& activity() { return activity_; }

 private:
  struct StoredSession;
  [[nodiscard]] Result<StoredSession> load(const CookieContent& content);
  void touch(const Member& member, Instant now, Instant stored);

  store::Engine& engine_;
  const Clock& clock_;
  ActivityBook activity_;
};

/// A member's session as the member sees it.
struct SessionRecord {
  SessionId id;
  Instant started_at;
  Instant last_active_at;
  std::string network;  ///< Anonymised ("203.0.113.0/24"); may be empty.
};

/// Sessions of one member, newest first, without those that have ended.
[[nodiscard]] Result<std::vector<SessionRecord>> list_sessions(store::Reader& reader,
                                                               const Acting& acting, UserId user);
/// Ends one session of `user`; NotFound when it is not one of theirs.
[[nodiscard]] Result<Planned<Nothing>> plan_end_session(const Acting& acting, UserId user,
                                                        SessionId session);
/// The caller's own log-out. Also succeeds when the session has ended in between.
[[nodiscard]] Result<Planned<Nothing>> plan_logout(const Acting& acting, SessionId session);

/// Whether API tokens go as well.
enum class Tokens : bool { Keep, Revoke };
/// Ends every session of the account, the caller's too (WI-24).
[[nodiscard]] Result<Planned<Nothing>> plan_revoke_all(const Acting& acting, UserId user,
                                                       Tokens tokens);

}  // namespace probity::identity
