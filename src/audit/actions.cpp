#include "audit/actions.hpp"

#include <algorithm>

namespace probity::audit {

static_assert(std::ranges::is_sorted(k_actions, {}, &Action::name),
              "is_action searches by halving: keep the catalogue in order of name");

bool is_action(std::string_view name) {
  return std::ranges::binary_search(k_actions, name, {}, &Action::name);
}

}  // namespace probity::audit
