#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace probity::report {

/// Responses of a block by what they have in common: refined by one value after the other.
class Grouping {
 public:
  explicit Grouping(std::size_t rows) : groups_(rows), count_(rows > 0 ? 1 : 0) {}

  /// Divides by a value of each response, all below `limit`.
  void refine(std::span<const std::uint16_t> values, std::size_t limit) {
    constexpr std::size_t k_table_max = 1UL << 18;
    level_.clear();
    if (count_ * limit <= k_table_max) {
      table_.assign(count_ * limit, k_none);
      divide(values, [&](std::uint32_t group, std::uint16_t value) -> std::uint32_t& {
        return table_[group * limit + value];
      });
    } else {
      hashed_.clear();
      divide(values, [&](std::uint32_t group, std::uint16_t value) -> std::uint32_t& {
        return hashed_.try_emplace(static_cast<std::uint64_t>(group) << 16 | value, k_none)
            .first->second;
      });
    }
    count_ = level_.size();
    levels_.push_back(level_);
  }

  /// By response.
  [[nodiscard]] const std::vector<std::uint32_t>& groups() const { return groups_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// The values all responses of a group have, in the order of refining.
  [[nodiscard]] std::vector<std::uint16_t> values_of(std::uint32_t group) const {
    std::vector<std::uint16_t> out(levels_.size());
    for (std::size_t level = levels_.size(); level-- > 0;) {
      out[level] = levels_[level][group].value;
      group = levels_[level][group].before;
    }
    return out;
  }

 private:
  static constexpr std::uint32_t k_none = 0xFFFFFFFF;
  struct Step {
    std::uint32_t before;  ///< The group it was part of.
    std::uint16_t value;
  };

  template <typename Find>
  void divide(std::span<const std::uint16_t> values, const Find& find) {
    for (std::size_t row = 0; row < groups_.size(); ++row) {
      std::uint32_t& group = find(groups_[row], values[row]);
      if (group == k_none) {
        group = static_cast<std::uint32_t>(level_.size());
        level_.push_back({groups_[row], values[row]});
      }
      groups_[row] = group;
    }
  }

  std::vector<std::uint32_t> groups_;
  std::size_t count_;
  std::vector<std::vector<Step>> levels_;
  std::vector<Step> level_;
  std::vector<std::uint32_t> table_;
  std::unordered_map<std::uint64_t, std::uint32_t> hashed_;
};

}  // namespace probity::report
