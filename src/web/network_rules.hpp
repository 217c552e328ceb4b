#pragma once

#include <string_view>

#include "identity/principal.hpp"
#include "web/address.hpp"

namespace probity::web {

/// Whether the rules of a tenant let a client in (WI-22). A line that is no block lets nobody in by
/// the list of those allowed, and keeps everybody out by that of those denied: doubt fails closed.
[[nodiscard]] bool lets_in(const identity::NetworkRules& rules, const Address& client);

/// One list as it is stored, from what somebody gave: blocks as this program writes them, each
/// once. BadRequest and LimitExceeded name the field and the line.
[[nodiscard]] Result<std::string> network_list(std::string_view field,
                                               const std::vector<std::string>& blocks);

}  // namespace probity::web
