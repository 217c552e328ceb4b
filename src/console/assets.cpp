#include "console/assets.hpp"

#include <algorithm>

namespace probity::console {

const Asset* find_asset(std::string_view path) {
  const std::span<const Asset> all = assets();
  const auto found = std::ranges::lower_bound(all, path, {}, &Asset::path);
  return found != all.end() && found->path == path ? &*found : nullptr;
}

const Asset* index() { return find_asset("index.html"); }

}  // namespace probity::console
