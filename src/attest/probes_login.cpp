#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "attest/probes_access.hpp"
#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "identity/sessions.hpp"
#include "identity/users.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

constexpr int k_unauthorised = 401;
constexpr Span k_stream_ends_within = Span::seconds(1);

Result<int> status_with(Visitor& visitor, std::string cookie, const std::string& path) {
  visitor.take_cookie(std::move(cookie));
  PROBITY_TRY(reply, visitor.get(path));
  return reply.status;
}

Result<int> me_with(const FindListener& find, const std::string& cookie) {
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  return status_with(visitor, cookie, "/api/v1/me");
}

// --- sessions.signed_out_refused

bool has_attribute(std::string_view set_cookie, std::string_view name) {
  return set_cookie.find(name) != std::string_view::npos;
}

Result<Finding> signed_out(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Analyst));
  const Leaving cast_leaves(ground, cast);
  PROBITY_TRY(again, cast.visitor.log_in(cast.tenant.slug, cast.member, cast.password));
  for (const std::string_view line : again.headers_named("set-cookie"))
    seen.expect(!has_attribute(line, "Max-Age") && !has_attribute(line, "Expires"),
                "a cookie outlives the browser");
  const std::string cookie = cast.visitor.cookie();
  PROBITY_TRY(routes, declared_routes(cast.visitor));
  PROBITY_TRY(out, cast.visitor.post("/api/v1/logout"));
  seen.need(out.status == 204, "the log-out failed");
  PROBITY_TRY(listener, find());
  int called = 0;
  for (const DeclaredRoute& route : routes) {
    if (!needs_person(route)) continue;
    ++called;
    const std::string path = filled(route.pattern, "none");
    for (const std::string& presented : {std::string(), cookie}) {
      Visitor visitor(listener);
      visitor.take_cookie(presented);
      PROBITY_TRY(reply, visitor.send({.method = route.method, .path = path}));
      seen.expect(reply.status == k_unauthorised,
                  fmt::format("{} {} answers {} without a session", route.method, route.pattern,
                              reply.status));
    }
  }
  Visitor nobody(listener);
  PROBITY_TRY(bare, nobody.log_in(cast.tenant.slug, cast.member, ""));
  seen.expect(bare.status != 200, "a log-in without a password succeeds");
  seen.note("routes", called);
  return seen.finding();
}

// --- sessions.cookie_sealed

/// Every seventh character exchanged, one at a time.
std::vector<std::string> altered_cookies(const std::string& cookie) {
  std::vector<std::string> list;
  for (std::size_t at = 0; at < cookie.size(); at += 7) {
    std::string altered = cookie;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    list.push_back(std::move(altered));
  }
  return list;
}

void look_at_attributes(const Reply& login, Observations& seen) {
  const auto lines = login.headers_named("set-cookie");
  seen.expect(lines.size() == 1, "not exactly one cookie");
  for (const std::string_view line : lines)
    seen.expect(line.starts_with("__Host-probity=") && has_attribute(line, "; Secure") &&
                    has_attribute(line, "; HttpOnly") && has_attribute(line, "; SameSite=") &&
                    has_attribute(line, "; Path=/") && !has_attribute(line, "Domain"),
                "the cookie lacks an attribute");
}

Result<void> look_inside(const Ground& ground, const Cast& cast, Observations& seen) {
  PROBITY_TRY(system, ground.engine.cipher(store::Space::system()));
  const auto content = identity::open_cookie(*system, cast.visitor.cookie());
  seen.expect(content.has_value(), "the cookie is no sealed parcel of this server");
  if (!content) return {};
  seen.expect(content->tenant == cast.tenant.id, "the cookie names another organisation");
  seen.expect(content->secret.expose().size() == 64, "the cookie does not hold 64 bytes");
  seen.expect(content->secret.expose_text().find(cast.password) == std::string_view::npos,
              "the password is in the cookie");
  // Version, session, organisation and number, sealed: there is no room for anything else.
  const auto raw = from_base64url(cast.visitor.cookie());
  seen.expect(raw && raw->size() == 1 + 16 + 16 + 64 + crypto::k_sealed_overhead,
              "the cookie holds an undeclared field");
  return {};
}

Result<Finding> cookie_sealed(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Analyst));
  const Leaving cast_leaves(ground, cast);
  PROBITY_TRY(login, cast.visitor.log_in(cast.tenant.slug, cast.member, cast.password));
  look_at_attributes(login, seen);
  const std::string cookie = cast.visitor.cookie();
  PROBITY_TRY(untouched, me_with(find, cookie));
  seen.need(untouched == 200, "the unchanged cookie was refused");
  int altered = 0;
  for (const std::string& changed : altered_cookies(cookie)) {
    PROBITY_TRY(status, me_with(find, changed));
    seen.expect(status == k_unauthorised, "an altered cookie is accepted");
    ++altered;
  }
  PROBITY_CHECK(look_inside(ground, cast, seen));
  PROBITY_TRY(out, cast.visitor.post("/api/v1/logout"));
  PROBITY_TRY(replayed, me_with(find, cookie));
  seen.expect(out.status == 204 && replayed == k_unauthorised, "a cookie outlives the log-out");
  seen.note("altered", altered);
  return seen.finding();
}

// --- sessions.id_fresh

constexpr std::size_t k_sample = 500;

/// Numbers drawn by the function that makes sessions: all different, and as many ones as zeros.
Result<void> look_at_sample(const Ground& ground, Observations& seen) {
  PROBITY_TRY(system, ground.engine.cipher(store::Space::system()));
  std::set<Bytes> secrets;
  std::size_t ones = 0;
  for (std::size_t i = 0; i < k_sample; ++i) {
    PROBITY_TRY(session, identity::make_session(*system, TenantId(), ground.clock.now()));
    PROBITY_TRY(content, identity::open_cookie(*system, session.cookie));
    for (const std::uint8_t byte : content.secret.expose())
      ones += static_cast<std::size_t>(std::popcount(byte));
    secrets.insert(to_bytes(content.secret.expose()));
  }
  seen.expect(secrets.size() == k_sample, "a session number came twice");
  // Six standard deviations of a fair coin: half the root of the number of bits.
  const double bits = static_cast<double>(k_sample * 64 * 8);
  const double off = static_cast<double>(ones) - bits / 2;
  seen.expect(off * off < 36 * bits / 4, "session numbers are not random");
  seen.note("sample", static_cast<std::int64_t>(k_sample));
  return {};
}

/// What is stored of a session is the hash of its number, and never the number.
Result<void> look_at_stored(const Ground& ground, const std::string& cookie, TenantId tenant,
                            Observations& seen) {
  PROBITY_TRY(system, ground.engine.cipher(store::Space::system()));
  const auto content = identity::open_cookie(*system, cookie);
  seen.need(content.has_value(), "the cookie does not open");
  if (!content) return {};
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_grant));
  PROBITY_TRY(stored, reader->first(sql::attest::stored_session, {tenant, content->session},
                                    [](const store::Row& row) { return to_bytes(row.bytes(0)); }));
  seen.need(stored.has_value(), "the session is not stored");
  if (!stored) return {};
  const crypto::Digest hash = crypto::sha256(content->secret.expose());
  seen.expect(*stored == Bytes(hash.begin(), hash.end()), "a session's number itself is stored");
  return {};
}

Result<Finding> id_fresh(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Analyst));
  const Leaving cast_leaves(ground, cast);
  std::set<std::string> cookies{cast.visitor.cookie()};
  constexpr std::size_t k_logins = 4;
  for (std::size_t i = 1; i < k_logins; ++i) {
    // The visitor presents the cookie it has; at the third log-in, one it made up.
    if (i == 2) cast.visitor.take_cookie(random_word(97));
    PROBITY_TRY(reply, cast.visitor.log_in(cast.tenant.slug, cast.member, cast.password));
    seen.need(reply.status == 200, "a log-in failed");
    cookies.insert(cast.visitor.cookie());
  }
  seen.expect(cookies.size() == k_logins, "a log-in kept or adopted a session");
  PROBITY_CHECK(look_at_sample(ground, seen));
  PROBITY_CHECK(look_at_stored(ground, cast.visitor.cookie(), cast.tenant.id, seen));
  PROBITY_TRY(before, me_with(find, cast.visitor.cookie()));
  seen.need(before == 200, "a session did not work beforehand");
  PROBITY_TRY(cipher, ground.engine.cipher(store::Space::of(cast.tenant.id)));
  const auto acting = identity::acting_as_operator(cast.tenant.id, ground.clock.now(), cipher);
  PROBITY_TRY(change,
              identity::plan_change_user(acting, cast.member.id,
                                         {.role = identity::Role::Editor, .is_disabled = {}}));
  PROBITY_CHECK(ground.engine.apply(store::Space::of(cast.tenant.id), std::move(change.change)));
  PROBITY_TRY(old_one, me_with(find, cast.visitor.cookie()));
  seen.expect(old_one == k_unauthorised, "a session outlives a change of role");
  return seen.finding();
}

// --- sessions.revoked_everywhere

struct Sessions {
  std::vector<std::string> cookies;
  std::string token;
};

Result<int> me_with_token(const FindListener& find, const std::string& token) {
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  visitor.take_bearer(token);
  // Tokens are not members: they ask for something their scope opens.
  PROBITY_TRY(reply, visitor.get("/api/v1/surveys"));
  return reply.status;
}

Result<Sessions> open_sessions(Cast& cast, Observations& seen) {
  Sessions sessions;
  for (int i = 0; i < 3; ++i) {
    PROBITY_TRY(reply, cast.visitor.log_in(cast.tenant.slug, cast.member, cast.password));
    seen.need(reply.status == 200, "a log-in failed");
    sessions.cookies.push_back(cast.visitor.cookie());
  }
  PROBITY_TRY(made,
              cast.visitor.post("/api/v1/tokens", R"({"name":"probe","scopes":["surveys.read"]})"));
  seen.need(made.status == 201 || made.status == 200, "a token could not be made");
  sessions.token = made.member("token");
  return sessions;
}

Result<void> expect_sessions_dead(const FindListener& find, const Sessions& sessions,
                                  Observations& seen) {
  for (const std::string& cookie : sessions.cookies) {
    PROBITY_TRY(status, me_with(find, cookie));
    seen.expect(status == k_unauthorised, "a session survives being revoked");
  }
  return {};
}

Result<Finding> revoked_everywhere(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Owner));
  const Leaving cast_leaves(ground, cast);
  PROBITY_TRY(first, open_sessions(cast, seen));
  for (const std::string& cookie : first.cookies) {
    PROBITY_TRY(status, me_with(find, cookie));
    seen.need(status == 200, "a session did not work beforehand");
  }
  PROBITY_TRY(token_before, me_with_token(find, first.token));
  seen.need(token_before == 200, "the token did not work beforehand");
  if (seen.has_given_up()) return seen.finding();
  PROBITY_TRY(revoked, cast.visitor.post("/api/v1/sessions/revoke-all"));
  seen.expect(revoked.status == 204, "revoking was refused");
  PROBITY_CHECK(expect_sessions_dead(find, first, seen));
  PROBITY_TRY(token_kept, me_with_token(find, first.token));
  seen.expect(token_kept == 200, "a token ends unasked");

  PROBITY_TRY(second, open_sessions(cast, seen));
  PROBITY_TRY(all, cast.visitor.post("/api/v1/sessions/revoke-all", R"({"tokens":true})"));
  seen.expect(all.status == 204, "revoking was refused");
  PROBITY_CHECK(expect_sessions_dead(find, second, seen));
  for (const std::string& token : {first.token, second.token}) {
    PROBITY_TRY(status, me_with_token(find, token));
    seen.expect(status == k_unauthorised, "a token survives being revoked");
  }
  return seen.finding();
}

// --- sessions.account_change_ends

/// An event stream under one session, and when it ended.
class Stream {
 public:
  Stream(OwnListener listener, const std::string& cookie)
      : thread_([this, listener = std::move(listener), cookie] {
          const Order order{.path = "/api/v1/events",
                            .headers = {{"Cookie", "__Host-probity=" + cookie}}};
          const auto talk = listener.dialer->talk({.server_name = listener.host,
                                                   .trusted_pem = {},
                                                   .only = {},
                                                   .send = request_text(order, listener.host),
                                                   .early_data = {},
                                                   .within = Span::seconds(4)});
          const auto reply =
              talk ? parse_reply(talk->received) : Result<Reply>(fail(Code::Overloaded));
          status_ = reply ? reply->status : 0;
          ended_ = monotonic_now();
        }) {}
  /// Waits for its end.
  void finish() { thread_.join(); }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] Span ended() const { return ended_; }

 private:
  int status_ = 0;
  Span ended_;
  std::jthread thread_;
};

/// What is done to the account, by itself or by an owner.
using AccountChange = std::function<Result<Reply>(Cast& owner, Cast& member)>;

Result<void> look_at_change(const Ground& ground, const FindListener& find, std::string_view what,
                            const AccountChange& change, Observations& seen) {
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(member, cast_member(ground, find, identity::Role::Analyst));
  const Leaving member_leaves(ground, member);
  const std::string first = member.visitor.cookie();
  PROBITY_TRY(again, member.visitor.log_in(member.tenant.slug, member.member, member.password));
  const std::string second = member.visitor.cookie();
  PROBITY_TRY(before, me_with(find, first));
  seen.need(again.status == 200 && before == 200, "a session did not work beforehand");
  PROBITY_TRY(listener, find());
  Stream stream(listener, second);
  // The stream is open once its session has been looked at; a moment is enough.
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  PROBITY_TRY(changed, change(owner, member));
  const Span done = monotonic_now();
  seen.need(changed.status >= 200 && changed.status < 300, "the change was refused");
  for (const std::string& cookie : {first, second}) {
    PROBITY_TRY(status, me_with(find, cookie));
    seen.expect(status == k_unauthorised, fmt::format("a session survives: {}", what));
  }
  stream.finish();
  seen.need(stream.status() == 200, "the event stream did not open");
  seen.expect(stream.ended() - done <= k_stream_ends_within,
              fmt::format("an event stream survives: {}", what));
  PROBITY_TRY(back, member.visitor.log_in(member.tenant.slug, member.member, member.password));
  seen.expect(back.status != 200, fmt::format("the old log-in works after: {}", what));
  return {};
}

Result<Reply> change_own_password(Cast&, Cast& member) {
  JsonWriter body;
  body.begin_object();
  body.field("current", member.password);
  body.field("new", random_password());
  body.end_object();
  return member.visitor.post("/api/v1/me/password", std::move(body).text());
}

Result<Reply> disable(Cast& owner, Cast& member) {
  return owner.visitor.send({.method = "PATCH",
                             .path = "/api/v1/users/" + member.member.id.text(),
                             .body = R"({"disabled":true})"});
}

Result<Reply> remove(Cast& owner, Cast& member) {
  return owner.visitor.send(
      {.method = "DELETE", .path = "/api/v1/users/" + member.member.id.text()});
}

Result<Finding> account_change(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_CHECK(look_at_change(ground, find, "a changed password", change_own_password, seen));
  PROBITY_CHECK(look_at_change(ground, find, "a disabled account", disable, seen));
  PROBITY_CHECK(look_at_change(ground, find, "a deleted account", remove, seen));
  seen.note("within_ms", k_stream_ends_within.ms());
  return seen.finding();
}

}  // namespace

Probes login_probes(const Ground& ground, const FindListener& find) {
  Probes probes;
  const auto add = [&](std::string name,
                       Result<Finding> (*run)(const Ground&, const FindListener&)) {
    probes.push_back({.name = std::move(name),
                      .run = [ground, find, run](const Deadline&) { return run(ground, find); }});
  };
  add("sessions.signed_out_refused", signed_out);
  add("sessions.cookie_sealed", cookie_sealed);
  add("sessions.id_fresh", id_fresh);
  add("sessions.revoked_everywhere", revoked_everywhere);
  add("sessions.account_change_ends", account_change);
  return probes;
}

}  // namespace probity::attest
