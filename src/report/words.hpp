#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "report/questions.hpp"

namespace probity::report {

/// How many responses say a word.
struct WordCount {
  std::string word;  ///< As it is compared: case and accents folded.
  std::uint64_t responses = 0;
};

/// Counts the words of texts, each once for a text. Words are letters and digits with single
/// apostrophes or hyphens between, of two characters or more; words that carry no meaning in
/// English, Spanish, French or German are left out where the questionnaire has that language.
/// Memory: k_words_max words; beyond them new ones are not counted. Threads: one.
class WordTally {
 public:
  static constexpr std::size_t k_words_max = 200'000;
  explicit WordTally(const Questionnaire& questionnaire);

  void add(std::string_view text);
  /// Texts counted.
  [[nodiscard]] std::uint64_t texts() const { return texts_; }
  /// The most frequent words that at least `least` texts say, at most `limit`.
  [[nodiscard]] std::vector<WordCount> top(std::uint64_t least, std::size_t limit) const;

 private:
  std::unordered_set<std::string_view> stop_words_;
  std::unordered_map<std::string, std::uint64_t> counts_;
  std::unordered_set<std::string> seen_;
  std::uint64_t texts_ = 0;
};

}  // namespace probity::report
