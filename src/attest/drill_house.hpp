#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "attest/isolated.hpp"
#include "attest/people.hpp"
#include "attest/visitor.hpp"

namespace probity::attest {

/// An isolated server whose clock stands where it is put, and the members of its organisation.
struct House {
  static constexpr std::string_view k_slug = "drill";

  std::unique_ptr<Isolated> server;
  TenantId tenant;
  Instant start;
  std::string password = random_password();
};
[[nodiscard]] Result<House> make_house(const MakeIsolated& make);

/// A new member with the house's password, or with one of its own.
[[nodiscard]] Result<ScratchMember> house_member(House& house, identity::Role role,
                                                 std::string_view password = {});
/// A member who has just logged in. BadCredentials when that fails.
[[nodiscard]] Result<Visitor> enter(House& house, const ScratchMember& member,
                                    std::string_view password);
/// A new member who has.
[[nodiscard]] Result<Visitor> enter(House& house, identity::Role role);

}  // namespace probity::attest
