#include <utility>
#include <vector>

#include <fmt/format.h>

#include "attest/drill_house.hpp"
#include "attest/probes_drills.hpp"
#include "base/json_writer.hpp"
#include "identity/limits.hpp"

namespace probity::attest {
namespace {

// The strict profile as its promises have it.
constexpr int k_history = 24;
constexpr Span k_reminder = Span::days(25);
constexpr Span k_age = Span::days(30);
constexpr Span k_second = Span::seconds(1);

/// A house under the strict profile, and its owner.
Result<House> make_strict_house(const MakeIsolated& make, Observations& seen) {
  PROBITY_TRY(house, make_house(make));
  PROBITY_TRY(owner, enter(house, identity::Role::Owner));
  PROBITY_TRY(chosen, owner.send({.method = "PATCH",
                                  .path = "/api/v1/tenant/settings",
                                  .body = R"({"password_profile":"mindaclient"})"}));
  seen.need(chosen.status == 204, "the profile could not be chosen");
  return std::move(house);
}

/// What a member hears who wants another password; logs in first, as a change ends every session.
Result<Reply> change(House& house, const ScratchMember& member, std::string_view current,
                     std::string_view fresh) {
  PROBITY_TRY(visitor, enter(house, member, current));
  JsonWriter body;
  body.begin_object();
  body.field("current", current);
  body.field("new", fresh);
  body.end_object();
  return visitor.post("/api/v1/me/password", std::move(body).text());
}

bool is_refused_for(const Reply& reply, std::string_view rule) {
  return reply.status == 422 && reply.body.find(fmt::format("{}: ", rule)) != std::string::npos;
}

Result<Finding> reuse(const MakeIsolated& make) {
  Observations seen;
  PROBITY_TRY(house, make_strict_house(make, seen));
  // By the front door, as what is remembered is made there.
  const std::string first = random_password();
  const std::string others = random_password();
  PROBITY_TRY(other, house_member(house, identity::Role::Analyst, first));
  PROBITY_TRY(set, change(house, other, first, others));
  PROBITY_TRY(member, house_member(house, identity::Role::Analyst, first));
  std::vector<std::string> used;
  seen.need(set.status == 204, "a password could not be changed");
  for (int i = 0; i < k_history && !seen.has_given_up(); ++i) {
    // One after the other: the oldest is told by its time.
    house.server->hold_clock(house.start + Span::minutes(i + 1));
    const std::string fresh = random_password();
    PROBITY_TRY(done, change(house, member, used.empty() ? first : used.back(), fresh));
    seen.need(done.status == 204, "a password could not be changed");
    used.push_back(fresh);
  }
  if (seen.has_given_up()) return seen.finding();
  for (const std::string& old : {used.front(), used[k_history / 2], used.back()}) {
    PROBITY_TRY(refused, change(house, member, used.back(), old));
    seen.expect(is_refused_for(refused, "reused"), "one of the last passwords comes back");
    if (refused.status == 204) return seen.finding();
  }
  PROBITY_TRY(alike, change(house, member, used.back(), others));
  seen.expect(is_refused_for(alike, "reused"), "two members have one password");
  if (alike.status == 204) return seen.finding();
  PROBITY_TRY(leaked, change(house, member, used.back(), "Passw0rd!Passw0rd!"));
  seen.expect(is_refused_for(leaked, "common"), "a password known from leaks is taken");
  seen.note("remembered", k_history);
  return seen.finding();
}

Result<Finding> strict(const MakeIsolated& make) {
  Observations seen;
  PROBITY_TRY(house, make_strict_house(make, seen));
  const std::string first = random_password();
  PROBITY_TRY(member, house_member(house, identity::Role::Analyst, first));
  // Of three kinds each, or one character short.
  for (const std::string_view weak : {"kx7#mq2!vr9z", "KX7#MQ2!VR9Z", "Kxw#mQz!vRpZ",
                                      "Kx7ymQ2wvR9Z", "plum anvil zest", "Kx7#mQ2!vR9"}) {
    PROBITY_TRY(refused, change(house, member, first, weak));
    seen.expect(refused.status == 422, "a password of fewer kinds or characters is taken");
    if (refused.status != 422) return seen.finding();
  }
  PROBITY_TRY(listed, change(house, member, first, "Password123!"));
  seen.expect(is_refused_for(listed, "common"), "a password of the block-list is taken");
  if (listed.status != 422) return seen.finding();
  const std::string_view four_kinds = "Kx7#mQ2!vR9z";
  PROBITY_TRY(taken, change(house, member, first, four_kinds));
  seen.need(taken.status == 204, "twelve characters of four kinds were refused");
  if (seen.has_given_up()) return seen.finding();
  PROBITY_TRY(phrase, change(house, member, four_kinds, "plum anvil zest o"));
  seen.need(phrase.status == 204, "a phrase of sixteen was refused");
  return seen.finding();
}

/// What a member hears at a moment, after logging in: its own state, and something of the work.
struct Heard {
  std::string state;
  Reply work;
};
Result<Heard> hear(House& house, const ScratchMember& member, std::string_view password,
                   Instant at) {
  house.server->hold_clock(at);
  PROBITY_TRY(visitor, enter(house, member, password));
  PROBITY_TRY(state, visitor.get("/api/v1/me"));
  PROBITY_TRY(work, visitor.get("/api/v1/surveys"));
  return Heard{state.body, std::move(work)};
}

Result<Finding> age(const MakeIsolated& make) {
  Observations seen;
  PROBITY_TRY(house, make_strict_house(make, seen));
  const std::string first = random_password();
  PROBITY_TRY(member, house_member(house, identity::Role::Editor, first));
  const std::string owners = random_password();
  PROBITY_TRY(owner, house_member(house, identity::Role::Owner, owners));
  PROBITY_TRY(maker, enter(house, owner, owners));
  PROBITY_TRY(made, maker.post("/api/v1/tokens", R"({"name":"probe","scopes":["surveys.read"]})"));
  seen.need(made.status == 201, "no token could be made");
  const auto with_token = [&]() -> Result<Reply> {
    PROBITY_TRY(listener, house.server->find()());
    Visitor program(std::move(listener));
    program.take_bearer(made.member("token"));
    return program.get("/api/v1/surveys");
  };
  const auto reminded = [](const Heard& heard) {
    return heard.state.find(R"("reminder":true)") != std::string::npos;
  };
  PROBITY_TRY(early, hear(house, member, first, house.start + k_reminder - k_second));
  seen.expect(!reminded(early) && early.work.status == 200, "reminded before day 25");
  PROBITY_TRY(due, hear(house, member, first, house.start + k_reminder));
  seen.expect(reminded(due) && due.work.status == 200, "not reminded on day 25");
  PROBITY_TRY(last, hear(house, member, first, house.start + k_age - k_second));
  seen.expect(last.work.status == 200, "shut out before day 30");
  PROBITY_TRY(token_before, with_token());
  seen.need(token_before.status == 200, "the token did not work beforehand");
  PROBITY_TRY(over, hear(house, member, first, house.start + k_age + k_second));
  seen.expect(over.work.status == 403 && over.work.member("code") == "password_expired",
              "a password past its age opens more than the form");
  PROBITY_TRY(token_after, with_token());
  seen.expect(token_after.status == 401, "an API token outlives what a password may");
  PROBITY_TRY(changed, change(house, member, first, random_password()));
  seen.expect(changed.status == 204, "the form for a new password does not open");
  seen.note("days", k_age.s() / Span::days(1).s());
  return seen.finding();
}

}  // namespace

Probes profile_probes(const MakeIsolated& make) {
  Probes probes;
  const auto add = [&](std::string name, Result<Finding> (*run)(const MakeIsolated&)) {
    probes.push_back(
        {.name = std::move(name), .run = [make, run](const Deadline&) { return run(make); }});
  };
  add("passwords.reuse_refused", reuse);
  add("passwords.strict_enforced", strict);
  add("passwords.age_enforced", age);
  return probes;
}

}  // namespace probity::attest
