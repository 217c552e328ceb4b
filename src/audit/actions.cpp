#include "audit/actions.hpp"

#include <algorithm>

namespace probity::audit {

static_assert(std::ranges::is_sorted(k_actions, {}, &Action::name),
              "is_action searches by halving: keep the catalogue in order of name");

bool is_action(std::string_view name) {
  return std::ranges::binary_search(k_actions, name, {}, &Action::name);
}

std::string_view sentence_of(std::string_view name) {
  const auto found = std::ranges::lower_bound(k_actions, name, {}, &Action::name);
  return found != k_actions.end() && found->name == name ? found->sentence : name;
}

}  // namespace probity::audit
