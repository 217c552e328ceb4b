#include "identity/common_words.hpp"

#include <vector>

#include "base/text.hpp"
#include "embedded/common_words_txt.hpp"

namespace probity::identity {
namespace {

std::vector<std::string_view> read_words() {
  std::vector<std::string_view> words;
  for (const std::string_view line : split(embedded::common_words_txt, '\n'))
    if (!line.empty()) words.push_back(line);
  return words;
}

}  // namespace

std::span<const std::string_view> common_words() {
  static const std::vector<std::string_view> words = read_words();
  return words;
}

}  // namespace probity::identity
