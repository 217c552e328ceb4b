#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "feature/survey/dice.hpp"
#include "form/value.hpp"

namespace probity::survey {

/// Answers nobody gave, for the demonstration: people who like a thing rate it well, recommend it
/// and say so, in their language; what they say hangs together with who they are. The same for one
/// seed on every machine. One thread.
class Inventor {
 public:
  /// `words`: member `words` of assets/demonstration.json; must outlive it.
  Inventor(const form::Value& words, std::uint64_t seed) : words_(words), dice_(seed) {}

  /// Answers of a visitor of the library.
  [[nodiscard]] form::Value visitor();
  /// Answers of somebody at work in the last two weeks.
  [[nodiscard]] form::Value colleague();
  /// For when and from where they came.
  [[nodiscard]] Dice& dice() { return dice_; }

 private:
  static constexpr std::size_t k_topic_count = 5;
  struct Person {
    std::string_view language;
    std::string_view often;
    std::string_view age;
    std::array<int, k_topic_count> topics{};  ///< How well each was found, 0 to 100.
    std::size_t best = 0;
    std::size_t worst = 0;
    int score = 0;  ///< 0 to 10.
  };

  [[nodiscard]] Person person();
  [[nodiscard]] std::string_view language();
  void say_score(const Person& who, form::Value& answers);
  void say_used(const Person& who, form::Value& answers);
  void say_aspects(const Person& who, form::Value& answers);
  /// One of the texts in that language at "topics/hours/good"; empty when there is none.
  [[nodiscard]] std::string words(std::initializer_list<std::string_view> path,
                                  std::string_view language);

  const form::Value& words_;
  Dice dice_;
};

}  // namespace probity::survey
