#include "report/class_tree.hpp"

#include <algorithm>

namespace probity::report {
namespace {

/// What has been joined so far, in the order of its first value.
struct Class {
  std::vector<std::uint32_t> values;
  std::uint64_t count = 0;
  std::uint32_t node = 0;
  std::uint8_t group = 0;
};

std::size_t smallest(const std::vector<Class>& classes) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < classes.size(); ++i)
    if (classes[i].count < classes[best].count) best = i;
  return best;
}

/// The next smallest, of the same group where there is another.
std::size_t next_smallest(const std::vector<Class>& classes, std::size_t at) {
  const auto is_kin = [&](std::size_t i) { return classes[i].group == classes[at].group; };
  std::size_t best = at == 0 ? 1 : 0;
  for (std::size_t i = best + 1; i < classes.size(); ++i) {
    if (i == at) continue;
    if (is_kin(i) != is_kin(best) ? is_kin(i) : classes[i].count < classes[best].count) best = i;
  }
  return best;
}

std::size_t neighbour(const std::vector<Class>& classes, std::size_t at) {
  if (at == 0) return 1;
  if (at + 1 == classes.size()) return at - 1;
  const Class& before = classes[at - 1];
  const Class& after = classes[at + 1];
  const bool is_before_kin = before.group == classes[at].group;
  const bool is_after_kin = after.group == classes[at].group;
  if (is_before_kin != is_after_kin) return is_before_kin ? at - 1 : at + 1;
  return before.count <= after.count ? at - 1 : at + 1;
}

/// Joins the smallest class with its partner; where the joined class stands.
std::size_t join_smallest(std::vector<Class>& classes, ClassTree::Order order) {
  const std::size_t small = smallest(classes);
  const std::size_t partner =
      order == ClassTree::Order::Free ? next_smallest(classes, small) : neighbour(classes, small);
  const std::size_t first = std::min(small, partner);
  const std::size_t second = std::max(small, partner);
  Class& into = classes[first];
  Class& from = classes[second];
  if (from.count > into.count) into.group = from.group;
  into.count += from.count;
  into.values.insert(into.values.end(), from.values.begin(), from.values.end());
  classes.erase(classes.begin() + static_cast<std::ptrdiff_t>(second));
  return first;
}

}  // namespace

ClassTree::ClassTree(std::span<const std::uint64_t> counts, std::span<const std::uint8_t> groups,
                     Order order, std::uint64_t least)
    : leaf_of_value_(counts.size(), k_none) {
  std::vector<Class> classes;
  for (std::uint32_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      classes.push_back({{i}, counts[i], 0, groups.empty() ? std::uint8_t{0} : groups[i]});
  while (classes.size() > 1 && classes[smallest(classes)].count < least)
    join_smallest(classes, order);
  leaves_ = classes.size();
  for (std::uint32_t leaf = 0; leaf < classes.size(); ++leaf) {
    classes[leaf].node = leaf;
    nodes_.emplace_back();
    for (const std::uint32_t value : classes[leaf].values)
      leaf_of_value_[value] = leaf;
  }
  while (classes.size() > 1) {
    std::vector<std::uint32_t> before;
    for (const Class& each : classes)
      before.push_back(each.node);
    const std::size_t at = join_smallest(classes, order);
    std::size_t gone = at + 1;
    while (gone < classes.size() && classes[gone].node == before[gone])
      ++gone;
    nodes_.push_back({before[at], before[gone]});
    classes[at].node = static_cast<std::uint32_t>(nodes_.size() - 1);
  }
}

ClassTree ClassTree::refined(const ClassTree& by) const {
  ClassTree out = *this;
  const std::uint32_t place = leaf_of_value_.front();
  const bool is_alone = std::ranges::count(leaf_of_value_, place) == 1;
  const bool is_divided = place != k_none && is_alone && by.leaves_ > 1;
  std::vector<std::uint32_t> leaves = by.leaf_of_value_;
  for (std::uint32_t& leaf : leaves)
    if (leaf != k_none && !is_divided) leaf = place;
  leaves.insert(leaves.end(), leaf_of_value_.begin() + 1, leaf_of_value_.end());
  out.leaf_of_value_ = std::move(leaves);
  if (!is_divided) return out;
  // Leaves first, then inner nodes, each behind what it joins: first the other tree's, then ours.
  const auto inner = static_cast<std::uint32_t>(by.leaves_);
  const auto inner_nodes = static_cast<std::uint32_t>(by.nodes_.size());
  const auto own = static_cast<std::uint32_t>(leaves_);
  out.leaves_ = by.leaves_ + leaves_ - 1;
  const auto from_inner = [&](std::uint32_t n) { return n < inner ? n : n + own - 1; };
  const auto from_own = [&](std::uint32_t n) {
    if (n == place) return from_inner(inner_nodes - 1);
    if (n < own) return inner + n - (n > place ? 1 : 0);
    return inner_nodes + n - 1;
  };
  for (std::size_t i = by.leaf_of_value_.size(); i < out.leaf_of_value_.size(); ++i)
    if (out.leaf_of_value_[i] != k_none) out.leaf_of_value_[i] = from_own(out.leaf_of_value_[i]);
  out.nodes_.assign(out.leaves_, Node());
  for (std::uint32_t n = inner; n < inner_nodes; ++n)
    out.nodes_.push_back({from_inner(by.nodes_[n].left), from_inner(by.nodes_[n].right)});
  for (std::uint32_t n = own; n < nodes_.size(); ++n)
    out.nodes_.push_back({from_own(nodes_[n].left), from_own(nodes_[n].right)});
  return out;
}

}  // namespace probity::report
