#include "identity/acting.hpp"

#include <array>

namespace probity::identity {
namespace {

constexpr std::array<std::string_view, 1> k_rooms{"identity"};

}  // namespace

const store::Grant k_grant{"identity", k_rooms, k_rooms};

Acting acting_as_operator(TenantId tenant, Instant now,
                          std::shared_ptr<const crypto::Cipher> cipher) {
  return {tenant, "cli", Permissions::from_bits(~0U), now, std::move(cipher)};
}

}  // namespace probity::identity
