#include <utility>

#include <fmt/format.h>

#include "attest/probes.hpp"
#include "identity/limits.hpp"
#include "identity/sessions.hpp"
#include "identity/settings.hpp"

namespace probity::attest {
namespace {

using identity::Activity;

constexpr Span k_second = Span::seconds(1);

/// A clock of the probe's own, for looking at the same code and the same store at another time.
class ProbeClock final : public Clock {
 public:
  explicit ProbeClock(Instant start) : now_(start) {}
  [[nodiscard]] Instant now() const override { return now_; }
  void set(Instant to) { now_ = to; }

 private:
  Instant now_;
};

/// A scratch member with a session that began at `start`, and the control that judges it.
struct Stage {
  ProbeClock clock;
  ScratchMember member;
  ScratchSession session;
  std::unique_ptr<identity::Authenticator> authenticator;

  /// Whether the session is let in at `at`.
  [[nodiscard]] Result<identity::Principal> ask(Instant at, Activity activity) {
    clock.set(at);
    return authenticator->by_cookie(session.cookie, activity);
  }
};

Result<std::unique_ptr<Stage>> make_stage(const Ground& ground, const SessionSubject& subject,
                                          TenantId tenant, Instant start) {
  const std::string password = random_password();
  PROBITY_TRY(member,
              make_scratch_member(ground.engine, tenant, identity::Role::Analyst, password, start));
  auto stage =
      std::make_unique<Stage>(ProbeClock(start), std::move(member), ScratchSession{}, nullptr);
  PROBITY_TRY(session, log_in_scratch(ground.engine, stage->clock, stage->member, password));
  stage->session = std::move(session);
  stage->authenticator = subject.make_authenticator(ground.engine, stage->clock);
  return stage;
}

bool is_expired(const Result<identity::Principal>& answer) {
  return !answer && answer.error().code == Code::SessionExpired;
}

/// Uses the session every three hours, so that only its age can end it.
bool keep_alive(Stage& stage, Instant from, Instant to) {
  for (Instant at = from + Span::hours(3); at < to; at = at + Span::hours(3))
    if (!stage.ask(at, Activity::User)) return false;
  return true;
}

Result<Finding> lifetime(const Ground& ground, const SessionSubject& subject) {
  Observations seen;
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  const Instant start = ground.clock.now() - identity::k_session_absolute;
  PROBITY_TRY(stage, make_stage(ground, subject, tenant.id, start));
  const Instant end = start + Span::days(7);
  seen.expect(keep_alive(*stage, start, end - Span::minutes(1)),
              "a used session ended before seven days");
  seen.expect(stage->ask(end - k_second, Activity::User).has_value(),
              "refused one second before seven days");
  seen.expect(is_expired(stage->ask(end + k_second, Activity::User)),
              "let in one second after seven days");
  seen.note("limit_s", Span::days(7).s());
  PROBITY_CHECK(remove_scratch_member(ground.engine, stage->member, ground.clock.now()));
  return seen.finding();
}

/// Lets a session rest for a limit less and a limit plus a second.
Result<void> look_at_idle(const Ground& ground, const SessionSubject& subject, TenantId tenant,
                          Span limit, Observations& seen) {
  const Instant start = ground.clock.now() - Span::hours(12);
  PROBITY_TRY(stage, make_stage(ground, subject, tenant, start));
  const std::string limit_text = fmt::format("{} s", limit.s());
  const Instant first_end = start + limit;
  // Background requests come and go; they are no activity.
  for (Instant at = start + Span::minutes(2); at < first_end - k_second; at = at + limit / 8)
    seen.need(stage->ask(at, Activity::Background).has_value(), "a live session was refused");
  seen.expect(stage->ask(first_end - k_second, Activity::User).has_value(),
              "refused one second before " + limit_text);
  const Instant second_end = first_end - k_second + limit;
  seen.expect(stage->ask(second_end - k_second, Activity::Background).has_value(),
              "activity did not move the end");
  seen.expect(is_expired(stage->ask(second_end + k_second, Activity::User)),
              "let in one second after " + limit_text);
  return remove_scratch_member(ground.engine, stage->member, ground.clock.now());
}

Result<void> set_idle(const Ground& ground, TenantId tenant, std::int64_t idle_s, Instant now) {
  PROBITY_TRY(cipher, ground.engine.cipher(store::Space::of(tenant)));
  const auto acting = identity::acting_as_operator(tenant, now, cipher);
  identity::SettingsPatch patch;
  patch.session_idle_s = idle_s;
  PROBITY_TRY(planned, identity::plan_change_settings(acting, patch));
  return ground.engine.apply(store::Space::of(tenant), std::move(planned.change));
}

/// A lowered limit binds a session that is open already.
Result<void> look_at_lowering(const Ground& ground, const SessionSubject& subject, TenantId tenant,
                              Observations& seen) {
  const Instant start = ground.clock.now() - Span::hours(12);
  PROBITY_TRY(stage, make_stage(ground, subject, tenant, start));
  seen.need(stage->ask(start + k_second, Activity::User).has_value(), "a new session was refused");
  PROBITY_CHECK(set_idle(ground, tenant, 900, start + k_second));
  seen.expect(is_expired(stage->ask(start + Span::seconds(902), Activity::User)),
              "a lowered limit did not bind an open session");
  return remove_scratch_member(ground.engine, stage->member, ground.clock.now());
}

Result<Finding> idle(const Ground& ground, const SessionSubject& subject) {
  Observations seen;
  // The second organisation: its settings are this probe's own.
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::Second));
  PROBITY_CHECK(set_idle(ground, tenant.id, identity::k_session_idle_most_s, ground.clock.now()));
  PROBITY_CHECK(look_at_idle(ground, subject, tenant.id, Span::hours(4), seen));
  PROBITY_CHECK(look_at_lowering(ground, subject, tenant.id, seen));
  PROBITY_CHECK(look_at_idle(ground, subject, tenant.id, Span::minutes(15), seen));
  PROBITY_CHECK(set_idle(ground, tenant.id, identity::k_session_idle_most_s, ground.clock.now()));
  const auto longer =
      set_idle(ground, tenant.id, identity::k_session_idle_most_s + 1, ground.clock.now());
  seen.expect(!longer.has_value(), "a limit above four hours was accepted");
  for (const identity::Role role : {identity::Role::None, identity::Role::Editor,
                                    identity::Role::Analyst, identity::Role::Auditor})
    seen.expect(!subject.permissions_of(role).has(identity::Permission::SettingsManage),
                "a role other than owner may change the limit");
  seen.note("limits_s", "14400, 900");
  return seen.finding();
}

}  // namespace

SessionSubject product_sessions() {
  SessionSubject subject;
  subject.make_authenticator = [](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<identity::Authenticator>(
        std::make_unique<identity::StoreAuthenticator>(engine, clock));
  };
  return subject;
}

Probes session_probes(const Ground& ground, SessionSubject subject) {
  Probes probes;
  probes.push_back(
      {.name = "sessions.lifetime_enforced",
       .run = [ground, subject](const Deadline&) { return lifetime(ground, subject); }});
  probes.push_back({.name = "sessions.idle_enforced",
                    .run = [ground, subject = std::move(subject)](const Deadline&) {
                      return idle(ground, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
