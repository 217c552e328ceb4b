#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace probity::report {

/// How the values of one dimension (the choices of a question, the days of arrival) are pooled
/// where they are too few to be told apart. A fixed binary tree: its leaves are *classes* of at
/// least `least` responses of the whole, made by joining the smallest class with its neighbour
/// again and again; going on in the same way gives the inner nodes up to the root. Every table that
/// is ever shown cuts this one tree, so no two of them overlap by half (docs/decisions/031).
class ClassTree {
 public:
  static constexpr std::uint32_t k_none = 0xFFFFFFFF;
  enum class Order : std::uint8_t {
    Free,   ///< Smallest with next smallest.
    Along,  ///< Only with a neighbour in the order of values.
  };
  struct Node {
    std::uint32_t left = k_none;  ///< k_none in leaves.
    std::uint32_t right = k_none;
    [[nodiscard]] bool is_leaf() const { return left == k_none; }
  };

  ClassTree() = default;
  /// `counts`: responses of the whole for each value. `groups` (empty, or one for each value):
  /// what is of one group is joined before what is of two.
  ClassTree(std::span<const std::uint64_t> counts, std::span<const std::uint8_t> groups,
            Order order, std::uint64_t least);

  /// The same with the first value divided by another tree, whose values take its place; not where
  /// that value is pooled with others.
  [[nodiscard]] ClassTree refined(const ClassTree& by) const;

  /// Leaf of a value; k_none for a value that nobody gave.
  [[nodiscard]] std::uint32_t leaf_of(std::size_t value) const { return leaf_of_value_[value]; }
  /// Children stand before their parent; the root is the last. Empty when there is no response.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] std::size_t leaves() const { return leaves_; }

 private:
  std::vector<std::uint32_t> leaf_of_value_;
  std::vector<Node> nodes_;
  std::size_t leaves_ = 0;
};

}  // namespace probity::report
