#include <utility>
#include <vector>

#include <fmt/format.h>

#include "attest/drill_house.hpp"
#include "attest/probes_drills.hpp"
#include "identity/limits.hpp"
#include "identity/settings.hpp"

namespace probity::attest {
namespace {

constexpr Span k_second = Span::seconds(1);

enum class Use : bool { Background, Person };

/// What the session's owner hears at that moment: 200, 401…
Result<Reply> ask(House& house, Visitor& visitor, Instant at, Use use = Use::Person) {
  house.server->hold_clock(at);
  Order order{.path = "/api/v1/me"};
  if (use == Use::Background) order.headers.push_back({"X-Probity-Background", "1"});
  return visitor.send(order);
}

bool is_expired(const Reply& reply) {
  return reply.status == 401 && reply.member("code") == "session_expired";
}

Result<Finding> lifetime(const MakeIsolated& make) {
  Observations seen;
  PROBITY_TRY(house, make_house(make));
  PROBITY_TRY(visitor, enter(house, identity::Role::Analyst));
  const Instant end = house.start + Span::days(7);
  // Used every three hours, so that only its age can end it.
  for (Instant at = house.start + Span::hours(3); at < end - k_second; at = at + Span::hours(3)) {
    PROBITY_TRY(reply, ask(house, visitor, at));
    seen.expect(reply.status == 200, "a used session ended before seven days");
  }
  PROBITY_TRY(before, ask(house, visitor, end - k_second));
  seen.expect(before.status == 200, "refused one second before seven days");
  PROBITY_TRY(after, ask(house, visitor, end + k_second));
  seen.expect(is_expired(after), "let in one second after seven days");
  seen.note("limit_s", Span::days(7).s());
  return seen.finding();
}

/// Lets a session rest for a limit less and a limit plus a second.
Result<void> look_at_idle(House& house, Span limit, Observations& seen) {
  const Instant start = house.server->ground().clock.now();
  PROBITY_TRY(visitor, enter(house, identity::Role::Analyst));
  const std::string limit_text = fmt::format("{} s", limit.s());
  const Instant first_end = start + limit;
  // Background requests come and go; they are no activity.
  for (Instant at = start + Span::minutes(1); at < first_end - k_second; at = at + limit / 8) {
    PROBITY_TRY(reply, ask(house, visitor, at, Use::Background));
    seen.need(reply.status == 200, "a live session was refused");
  }
  PROBITY_TRY(kept, ask(house, visitor, first_end - k_second));
  seen.expect(kept.status == 200, "refused one second before " + limit_text);
  const Instant second_end = first_end - k_second + limit;
  PROBITY_TRY(moved, ask(house, visitor, second_end - k_second, Use::Background));
  seen.expect(moved.status == 200, "activity did not move the end");
  PROBITY_TRY(ended, ask(house, visitor, second_end + k_second));
  seen.expect(is_expired(ended), "let in one second after " + limit_text);
  return {};
}

Order limit_order(std::int64_t idle_s) {
  return {.method = "PATCH",
          .path = "/api/v1/tenant/settings",
          .body = fmt::format(R"({{"session_idle_s":{}}})", idle_s)};
}

/// A lowered limit binds a session that is open already.
Result<void> look_at_lowering(House& house, std::int64_t idle_s, Observations& seen) {
  const Instant start = house.server->ground().clock.now();
  PROBITY_TRY(visitor, enter(house, identity::Role::Analyst));
  PROBITY_TRY(used, ask(house, visitor, start + k_second));
  seen.need(used.status == 200, "a new session was refused");
  PROBITY_TRY(owner, enter(house, identity::Role::Owner));
  PROBITY_TRY(lowered, owner.send(limit_order(idle_s)));
  seen.need(lowered.status < 300, "the limit could not be lowered");
  PROBITY_TRY(ended, ask(house, visitor, start + k_second + Span::seconds(idle_s + 1)));
  seen.expect(is_expired(ended), "a lowered limit did not bind an open session");
  return {};
}

/// Nobody may go above four hours, and nobody but the owner may set anything.
Result<void> look_at_who(House& house, Observations& seen) {
  PROBITY_TRY(owner, enter(house, identity::Role::Owner));
  PROBITY_TRY(longer, owner.send(limit_order(identity::k_session_idle_most_s + 1)));
  seen.expect(longer.status == 400 || longer.status == 422,
              "a limit above four hours was accepted");
  for (const identity::Role role :
       {identity::Role::Editor, identity::Role::Analyst, identity::Role::Auditor}) {
    PROBITY_TRY(other, enter(house, role));
    PROBITY_TRY(reply, other.send(limit_order(identity::k_session_idle_most_s)));
    seen.expect(reply.status == 403, "a role other than owner may change the limit");
  }
  return {};
}

Result<Finding> idle(const MakeIsolated& make) {
  constexpr std::int64_t k_quarter_s = 15 * 60;
  Observations seen;
  PROBITY_TRY(house, make_house(make));
  PROBITY_CHECK(look_at_idle(house, Span::hours(4), seen));
  PROBITY_CHECK(look_at_lowering(house, k_quarter_s, seen));
  PROBITY_CHECK(look_at_idle(house, Span::seconds(k_quarter_s), seen));
  PROBITY_CHECK(look_at_who(house, seen));
  seen.note("limits_s", "14400, 900");
  return seen.finding();
}

}  // namespace

Probes session_probes(const MakeIsolated& make) {
  Probes probes;
  const auto add = [&](std::string name, Result<Finding> (*run)(const MakeIsolated&)) {
    probes.push_back({.name = std::move(name),
                      .method = Method::Drill,
                      .every = k_drill_every,
                      .run = [make, run](const Deadline&) { return run(make); }});
  };
  add("sessions.lifetime_enforced", lifetime);
  add("sessions.idle_enforced", idle);
  return probes;
}

}  // namespace probity::attest
