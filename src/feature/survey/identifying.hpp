#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace probity::survey {

/// What the cells of a column of a table say of the person who answered.
enum class Identifying : std::uint8_t { Nothing, Email, Phone, Network, Name };
/// "email", "phone", "network_address", "name"; empty for nothing.
[[nodiscard]] std::string_view text_of(Identifying what);

/// Looks at the cells of one column, so that whoever imports it into an anonymous survey is told. A
/// column is told by its cells where half of them are addresses or telephone numbers; a name only
/// by its heading, in the languages of the templates, where nearly every cell differs.
class IdentifyingCells {
 public:
  void add(std::string_view cell);
  /// `distinct` of `filled` cells differ.
  [[nodiscard]] Identifying judge(std::string_view heading, std::size_t distinct,
                                  std::size_t filled) const;

 private:
  std::size_t emails_ = 0;
  std::size_t phones_ = 0;
  std::size_t networks_ = 0;
};

}  // namespace probity::survey
