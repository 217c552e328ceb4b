#include <utility>

#include <fmt/format.h>

#include "attest/drill_house.hpp"
#include "attest/probes_drills.hpp"
#include "web/address.hpp"

namespace probity::attest {
namespace {

// Documentation addresses (RFC 5737), each in a network of its own.
constexpr std::string_view k_office = "198.51.100.20";
constexpr std::string_view k_denied = "203.0.113.7";
constexpr std::string_view k_elsewhere = "192.0.2.33";

Order rule(std::string_view members) {
  return {
      .method = "PATCH", .path = "/api/v1/tenant/settings", .body = fmt::format("{{{}}}", members)};
}

/// Somebody with a session and a token, and where they try both.
struct Traveller {
  ScratchMember member;
  Visitor visitor;
  std::string token;
};

Result<Traveller> make_traveller(House& house, Observations& seen) {
  PROBITY_TRY(member, house_member(house, identity::Role::Owner));
  PROBITY_TRY(visitor, enter(house, member, house.password));
  PROBITY_TRY(made,
              visitor.post("/api/v1/tokens", R"({"name":"probe","scopes":["surveys.read"]})"));
  seen.need(made.status == 201, "no token could be made");
  return Traveller{member, std::move(visitor), made.member("token")};
}

/// What the session, the token and a log-in get from an address.
struct Told {
  int session = 0;
  int token = 0;
  int login = 0;

  [[nodiscard]] bool all(int status) const {
    return session == status && token == status && login == status;
  }
};

Result<Told> try_from(House& house, Traveller& traveller, std::string_view address) {
  const auto peer = web::parse_address(address);
  if (!peer) return fail(Code::Internal, "a probe's address does not parse");
  house.server->come_from(*peer);
  Told told;
  PROBITY_TRY(session, traveller.visitor.get("/api/v1/surveys"));
  told.session = session.status;
  PROBITY_TRY(listener, house.server->find()());
  Visitor program(listener);
  program.take_bearer(traveller.token);
  PROBITY_TRY(by_token, program.get("/api/v1/surveys"));
  told.token = by_token.status;
  Visitor fresh(listener);
  PROBITY_TRY(login, fresh.log_in(House::k_slug, traveller.member, house.password));
  told.login = login.status;
  return told;
}

Result<Finding> networks(const MakeIsolated& make) {
  Observations seen;
  PROBITY_TRY(house, make_house(make));
  PROBITY_TRY(traveller, make_traveller(house, seen));
  house.server->come_from(*web::parse_address(k_office));
  PROBITY_TRY(owner, enter(house, identity::Role::Owner));
  const auto set = [&](std::string_view members) -> Result<int> {
    house.server->come_from(*web::parse_address(k_office));
    PROBITY_TRY(reply, owner.send(rule(members)));
    return reply.status;
  };
  PROBITY_TRY(before, try_from(house, traveller, k_denied));
  PROBITY_TRY(denied, set(fmt::format(R"("network_deny":["{}"])", k_denied)));
  seen.need(before.all(200) && denied == 204, "no rule could be made");
  if (seen.has_given_up()) return seen.finding();
  PROBITY_TRY(out, try_from(house, traveller, k_denied));
  seen.expect(out.all(403), "an address that is denied is let in");
  PROBITY_TRY(other, try_from(house, traveller, k_elsewhere));
  seen.expect(other.all(200), "an address that is not denied is kept out");
  PROBITY_TRY(allowed,
              set(R"("network_deny":[],"network_allow":["198.51.100.0/24","203.0.113.0/24"])"));
  seen.need(allowed == 204, "no rule could be made");
  PROBITY_TRY(inside, try_from(house, traveller, k_denied));
  seen.expect(inside.all(200), "an address that is allowed is kept out");
  PROBITY_TRY(outside, try_from(house, traveller, k_elsewhere));
  seen.expect(outside.all(403), "an address that is not allowed is let in");
  PROBITY_TRY(guarded, set(R"("network_deny":["198.51.100.0/24"])"));
  seen.expect(guarded == 409, "somebody can shut themselves out unasked");
  return seen.finding();
}

}  // namespace

Probes network_probes(const MakeIsolated& make) {
  Probes probes;
  probes.push_back({.name = "accounts.networks_restricted",
                    .run = [make](const Deadline&) { return networks(make); }});
  return probes;
}

}  // namespace probity::attest
