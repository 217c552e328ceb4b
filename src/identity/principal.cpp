#include "identity/principal.hpp"

namespace probity::identity {
namespace {

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

Decision authorise(const Principal& principal, Permission permission) {
  return std::visit(
      Overloaded{
          [](const Anonymous&) { return Decision{false, "no_credentials"}; },
          [](const Respondent&) { return Decision{false, "respondents_hold_no_permission"}; },
          [&](const Member& member) {
            return permissions_of(member.role).has(permission)
                       ? Decision{true, "role_grants"}
                       : Decision{false, "role_lacks_permission"};
          },
          [&](const TokenHolder& holder) {
            return holder.permissions.has(permission) ? Decision{true, "scope_grants"}
                                                      : Decision{false, "scope_missing"};
          },
      },
      principal);
}

TenantId tenant_of(const Principal& principal) {
  return std::visit(Overloaded{
                        [](const Anonymous&) { return TenantId(); },
                        [](const auto& known) { return known.tenant; },
                    },
                    principal);
}

UserId user_of(const Principal& principal) {
  if (const auto* member = std::get_if<Member>(&principal)) return member->user;
  if (const auto* holder = std::get_if<TokenHolder>(&principal)) return holder->made_by;
  return {};
}

std::string actor_of(const Principal& principal) {
  return std::visit(Overloaded{
                        [](const Anonymous&) { return std::string("anonymous"); },
                        [](const Respondent&) { return std::string("respondent"); },
                        [](const Member& member) { return member.user.text(); },
                        [](const TokenHolder& holder) { return holder.token.text(); },
                    },
                    principal);
}

const NetworkRules* networks_of(const Principal& principal) {
  if (const auto* member = std::get_if<Member>(&principal)) return &member->networks;
  if (const auto* holder = std::get_if<TokenHolder>(&principal)) return &holder->networks;
  return nullptr;
}

}  // namespace probity::identity
