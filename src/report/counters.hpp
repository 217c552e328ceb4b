#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "report/facet.hpp"
#include "report/key_table.hpp"
#include "report/questions.hpp"

namespace probity::report {

/// How one question is counted: where its counters lie and how an answer finds its choice.
struct AnswerPlan {
  std::size_t from = 0;         ///< First counter of the question.
  std::size_t count = 0;        ///< Counters of the question.
  KeyTable choices;             ///< Values of choices by text.
  std::vector<double> numbers;  ///< Values of choices by number; NaN where it is no number.
  KeyTable parts;               ///< Rows or items.

  /// The choice a scalar means; KeyTable::k_none when this version declares none such.
  [[nodiscard]] std::uint32_t find(const simdjson::dom::element& value) const;
};

/// Where the counters of a block lie, and which of them an answer adds to. Any thread may read one.
class Counters : public Offsets {
 public:
  explicit Counters(const Questionnaire& form);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const AnswerPlan& plan(std::uint32_t question) const { return plans_[question]; }

  /// Calls `bump` with each counter that an answer adds to, but not with that of `answered`.
  template <typename Bump>
  void count(std::uint32_t index, const simdjson::dom::element& answer, const Bump& bump) const {
    switch (form_->questions[index].kind) {
      case Kind::Text:
      case Kind::Comment:
      case Kind::Html: return;
      case Kind::Radiogroup:
      case Kind::Dropdown:
      case Kind::Rating:
      case Kind::Boolean: return count_choice(index, answer, bump);
      case Kind::Checkbox:
      case Kind::Tagbox: return count_list(index, answer, bump);
      case Kind::Ranking: return count_ranking(index, answer, bump);
      case Kind::Matrix: return count_matrix(index, answer, bump);
      case Kind::MultipleText: return count_items(index, answer, bump);
    }
  }

  /// One choice, alone or in a list.
  template <typename Bump>
  void count_choice(std::uint32_t index, const simdjson::dom::element& value,
                    const Bump& bump) const {
    const AnswerPlan& own = plans_[index];
    const std::uint32_t choice = own.find(value);
    bump(choice == KeyTable::k_none ? undeclared + index : own.from + choice);
  }
  /// One item of a ranking.
  template <typename Bump>
  void count_place(std::uint32_t index, const simdjson::dom::element& value, std::size_t place,
                   const Bump& bump) const {
    const AnswerPlan& own = plans_[index];
    const std::uint32_t choice = own.find(value);
    const bool is_placed = choice != KeyTable::k_none && place < own.choices.size();
    bump(is_placed ? own.from + choice * own.choices.size() + place : undeclared + index);
  }
  /// One row of a matrix.
  template <typename Bump>
  void count_row(std::uint32_t index, std::string_view name, const simdjson::dom::element& value,
                 const Bump& bump) const {
    const AnswerPlan& own = plans_[index];
    const std::uint32_t row = own.parts.find(name);
    const std::uint32_t column = own.find(value);
    const bool is_declared = row != KeyTable::k_none && column != KeyTable::k_none;
    bump(is_declared ? own.from + row * own.choices.size() + column : undeclared + index);
  }
  /// One line of a multipletext.
  template <typename Bump>
  void count_item(std::uint32_t index, std::string_view name, const Bump& bump) const {
    const AnswerPlan& own = plans_[index];
    const std::uint32_t item = own.parts.find(name);
    if (item != KeyTable::k_none) bump(own.from + item);
  }

 private:
  template <typename Bump>
  void count_list(std::uint32_t index, const simdjson::dom::element& answer,
                  const Bump& bump) const {
    simdjson::dom::array list;
    if (answer.get_array().get(list)) return count_choice(index, answer, bump);
    for (const simdjson::dom::element item : list)
      count_choice(index, item, bump);
  }
  template <typename Bump>
  void count_ranking(std::uint32_t index, const simdjson::dom::element& answer,
                     const Bump& bump) const {
    simdjson::dom::array list;
    if (answer.get_array().get(list)) return;
    std::size_t place = 0;
    for (const simdjson::dom::element item : list)
      count_place(index, item, place++, bump);
  }
  template <typename Bump>
  void count_matrix(std::uint32_t index, const simdjson::dom::element& answer,
                    const Bump& bump) const {
    simdjson::dom::object rows;
    if (answer.get_object().get(rows)) return;
    for (const auto& [name, value] : rows)
      count_row(index, name, value, bump);
  }
  template <typename Bump>
  void count_items(std::uint32_t index, const simdjson::dom::element& answer,
                   const Bump& bump) const {
    simdjson::dom::object items;
    if (answer.get_object().get(items)) return;
    for (const auto& [name, value] : items)
      count_item(index, name, bump);
  }

  const Questionnaire* form_;
  std::vector<AnswerPlan> plans_;
  std::size_t size_ = 0;
};

/// The place of a choice in an answer with several, the first where it stands twice.
[[nodiscard]] std::optional<std::uint32_t> place_in_answer(const AnswerPlan& plan,
                                                           const simdjson::dom::element& answer,
                                                           std::uint32_t choice);
/// The number of an answer to a question that may hold one.
[[nodiscard]] std::optional<double> number_in_answer(const Question& question,
                                                     const simdjson::dom::element& answer);
/// What an answer of the weighing question weighs: 0 when it is no number above 0.
[[nodiscard]] double weight_in_answer(const Question& question, const AnswerPlan& plan,
                                      const simdjson::dom::element& answer);

}  // namespace probity::report
