#pragma once

#include <cstdint>
#include <vector>

#include "report/class_tree.hpp"
#include "report/count.hpp"

namespace probity::report {

enum class Verdict : std::uint8_t {
  Everything,   ///< No selection, or one that everybody belongs to.
  Group,        ///< A group that may be shown.
  TooSmall,     ///< The group, its rest, or a group between it and another is too small.
  Unlike,       ///< It divides people who are too few to be told apart.
  TooDetailed,  ///< It looks at more than is counted apart.
};

/// How the values of a facet may be told apart in a group.
struct FacetRelease {
  static constexpr std::uint32_t k_nobody = ClassTree::k_none;
  /// By value, the class it is counted in; k_nobody for a value that nobody of the whole has.
  std::vector<std::uint32_t> class_of;
  std::size_t classes = 0;  ///< With fewer than two nothing is told.
};

/// The rule of small groups (docs/decisions/031). It decides from the whole alone and keeps no
/// record of what was asked: what it lets out of all selections together, added and subtracted in
/// any way, does not tell what fewer than `least` people answered, where people are described by
/// what they answered and when. Threads: any.
class Release {
 public:
  /// Looks at what a tally counted; the tally must outlive it. `others`: empty, or for each
  /// question whether groups are told of it by other classes elsewhere (counted_otherwise), and so
  /// not here.
  Release(const Tally& tally, std::uint64_t least, std::vector<bool> others = {});

  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] bool is_shown() const {
    return verdict_ == Verdict::Everything || verdict_ == Verdict::Group;
  }
  /// Of all responses; of the selected ones, when they are shown.
  [[nodiscard]] const Block& whole() const { return whole_; }
  [[nodiscard]] const Block& group() const { return group_; }
  /// What may be told of a facet in the group.
  [[nodiscard]] FacetRelease facet(const Facet& facet) const;
  /// What may be told of a facet by weight: also over everything only by classes, because the sum
  /// of the weights of a few people is what these answered to the weighing question. A few are also
  /// those among many who have a weight at all.
  [[nodiscard]] FacetRelease weighted_facet(const Facet& facet) const;

 private:
  class Judge;
  enum class Whose : std::uint8_t { All, Weighed };
  [[nodiscard]] Verdict judge();
  [[nodiscard]] bool are_guards_told(std::uint32_t question) const;
  /// The finest classes of a facet that may be told in the group: for each leaf its class.
  [[nodiscard]] std::vector<std::uint32_t> cut_of(const Facet& facet, const ClassTree& tree) const;
  [[nodiscard]] ClassTree tree_of(const Facet& facet,
                                  const std::vector<std::uint64_t>& counts) const;
  [[nodiscard]] bool has_few_in_two_rows(const Facet& facet) const;
  [[nodiscard]] std::vector<Facet> kin_of(const Facet& facet) const;
  [[nodiscard]] std::vector<std::vector<std::uint64_t>> values_of_kin(const std::vector<Facet>& kin,
                                                                      const Block& block,
                                                                      Whose whose) const;
  [[nodiscard]] ClassTree tree_of_kin(const std::vector<Facet>& kin, ClassTree::Order order) const;

  [[nodiscard]] bool is_told_elsewhere(std::uint32_t question) const {
    return !others_.empty() && others_[question];
  }

  const Tally& tally_;
  std::uint64_t least_;
  std::vector<bool> others_;
  Block whole_;
  Block group_;
  /// What the selection divides the whole into.
  std::vector<Block> cells_;
  /// Whether values are told apart only where each of those parts has nobody or enough of them.
  bool is_strict_ = false;
  Verdict verdict_ = Verdict::Everything;
};

}  // namespace probity::report
