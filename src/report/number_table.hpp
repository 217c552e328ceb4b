#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "report/count.hpp"

namespace probity::report {

/// Different numbers in the order in which they were met: at most Tally::k_values_max.
struct NumberTable {
  static constexpr std::uint32_t k_full = 0xFFFFFFFF;
  std::unordered_map<double, std::uint32_t> positions;
  std::vector<double> values;

  std::uint32_t put(double value) {
    const auto found = positions.find(value);
    if (found != positions.end()) return found->second;
    if (values.size() >= Tally::k_values_max) return k_full;
    const auto position = static_cast<std::uint32_t>(values.size());
    positions.emplace(value, position);
    values.push_back(value);
    return position;
  }
  /// By position, the place among all values in ascending order.
  [[nodiscard]] std::vector<std::uint32_t> ranks() const {
    std::vector<std::uint32_t> order(values.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return values[i]; });
    std::vector<std::uint32_t> out(values.size());
    for (std::uint32_t rank = 0; rank < order.size(); ++rank)
      out[order[rank]] = rank;
    return out;
  }
};

}  // namespace probity::report
