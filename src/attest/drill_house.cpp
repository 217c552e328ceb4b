#include "attest/drill_house.hpp"

#include <utility>

namespace probity::attest {

Result<House> make_house(const MakeIsolated& make) {
  House house;
  PROBITY_TRY(server, make());
  house.server = std::move(server);
  house.start = house.server->ground().clock.now();
  house.server->hold_clock(house.start);
  PROBITY_TRY(tenant, house.server->ground().engine.create_tenant(std::string(House::k_slug), ""));
  house.tenant = tenant.id;
  return house;
}

Result<ScratchMember> house_member(House& house, identity::Role role, std::string_view password) {
  const Ground ground = house.server->ground();
  return make_scratch_member(ground.engine, house.tenant, role,
                             password.empty() ? std::string_view(house.password) : password,
                             ground.clock.now());
}

Result<Visitor> enter(House& house, const ScratchMember& member, std::string_view password) {
  PROBITY_TRY(listener, house.server->find()());
  Visitor visitor(std::move(listener));
  PROBITY_TRY(reply, visitor.log_in(House::k_slug, member, password));
  if (reply.status != 200) return fail(Code::BadCredentials, "a member could not log in");
  return visitor;
}

Result<Visitor> enter(House& house, identity::Role role) {
  PROBITY_TRY(member, house_member(house, role));
  return enter(house, member, house.password);
}

}  // namespace probity::attest
