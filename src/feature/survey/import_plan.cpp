#include "feature/survey/import_plan.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

using form::Value;

std::unexpected<Error> wrong(std::string_view path, std::string_view reason) {
  return refuse_field(Code::BadRequest, std::string(path), std::string(reason));
}

std::unexpected<Error> too_much(std::string_view path, std::string reason) {
  return refuse_field(Code::LimitExceeded, std::string(path), std::move(reason));
}

Result<std::string> title_text(const Value& value, std::string_view path) {
  if (value.text() == nullptr) return wrong(path, "must be text");
  return read_title(*value.text(), path);
}

Result<void> read_type(std::string_view name, std::string_view path, QuestionWish& wish) {
  constexpr std::array k_shapes = {Shape::Comment,  Shape::Text,   Shape::Choice, Shape::Dropdown,
                                   Shape::Checkbox, Shape::Rating, Shape::Matrix};
  wish.is_left_out = name == "none";
  if (name == "number") wish.shape = Shape::Number;
  for (const Shape shape : k_shapes)
    if (shape_type(shape) == name) wish.shape = shape;
  if (wish.is_left_out || wish.shape) return {};
  return wrong(path,
               "must be comment, text, number, radiogroup, dropdown, rating, checkbox, matrix or "
               "none");
}

Result<void> read_positions(const Value& value, std::string_view path, QuestionWish& wish) {
  const Value::List* list = value.list();
  if (list == nullptr || list->empty())
    return wrong(path, fmt::format("must be a list of 1 to {} positions", form::k_choices_max));
  if (list->size() > form::k_choices_max) {
    return too_much(path, fmt::format("At most {} columns make one question; make several of them.",
                                      form::k_choices_max));
  }
  for (const Value& item : *list) {
    const double* number = item.number();
    const bool is_position = number != nullptr && *number >= 0 && *number == std::trunc(*number) &&
                             *number < static_cast<double>(k_import_columns_max);
    if (!is_position) {
      return wrong(path,
                   fmt::format("holds what is no position; columns count from 0 to {} at most",
                               k_import_columns_max - 1));
    }
    wish.columns.push_back(static_cast<std::size_t>(*number));
  }
  return {};
}

Result<QuestionWish> read_wish(const Value& value, const std::string& path) {
  QuestionWish wish;
  if (value.members() == nullptr) return wrong(path, "must be an object");
  for (const auto& [name, member] : *value.members()) {
    const std::string at = path + "/" + name.substr(0, 64);
    if (name == "columns") {
      PROBITY_CHECK(read_positions(member, at, wish));
    } else if (name == "title") {
      PROBITY_TRY(title, title_text(member, at));
      wish.title = std::move(title);
    } else if (name == "type") {
      if (member.text() == nullptr) return wrong(at, "must be text");
      PROBITY_CHECK(read_type(*member.text(), at, wish));
    } else {
      return refuse_field(Code::UnknownField, at, "is no member of a question of the plan");
    }
  }
  if (wish.columns.empty()) return wrong(path + "/columns", "is missing");
  return wish;
}

Result<void> read_missing(const Value& value, std::string_view path, TableRules& rules) {
  const Value::List* list = value.list();
  if (list == nullptr) return wrong(path, "must be a list of texts");
  rules.missing.clear();
  for (const Value& item : *list) {
    if (item.text() == nullptr) return wrong(path, "must be a list of texts");
    PROBITY_CHECK(add_missing(*item.text(), path, rules));
  }
  return {};
}

Result<void> read_questions(const Value& value, std::string_view path, TableRules& rules) {
  const Value::List* list = value.list();
  if (list == nullptr)
    return wrong(path, fmt::format("must be a list of at most {} objects", k_import_columns_max));
  if (list->size() > k_import_columns_max) {
    return too_much(path, fmt::format("At most {} questions; leave out those that are to stay as "
                                      "they were recognised.",
                                      k_import_columns_max));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    PROBITY_TRY(wish, read_wish((*list)[i], fmt::format("{}/{}", path, i)));
    rules.wishes.push_back(std::move(wish));
  }
  return {};
}

Result<void> read_member(const form::Member& member, TableRules& rules) {
  const std::string path = "/" + member.name.substr(0, 64);
  if (member.name == "questions") return read_questions(member.value, path, rules);
  if (member.name == "missing") return read_missing(member.value, path, rules);
  if (member.name == "title") {
    PROBITY_TRY(title, title_text(member.value, path));
    rules.title = std::move(title);
    return {};
  }
  if (member.name == "joined") {
    if (member.value.truth() == nullptr) return wrong(path, "must be true or false");
    rules.is_joining = *member.value.truth();
    return {};
  }
  if (member.name == "header_rows") {
    const double* rows = member.value.number();
    if (rows == nullptr || (*rows != 1 && *rows != 2 && *rows != 3))
      return wrong(path, "must be 1, 2 or 3");
    rules.header_rows = static_cast<int>(*rows);
    return {};
  }
  return refuse_field(Code::UnknownField, path, "is no member of a plan");
}

Result<Value> parse_plan(std::string_view json) {
  if (json.size() > k_import_plan_max_bytes) {
    return too_much("plan", fmt::format("At most {} bytes; leave out what is to stay as it was "
                                        "recognised.",
                                        k_import_plan_max_bytes));
  }
  auto plan = form::parse_value(json, {k_import_plan_max_bytes, k_import_plan_depth_max});
  if (!plan && plan.error().code == Code::LimitExceeded) {
    return too_much("plan", fmt::format("Nested more than {} levels deep; take out what a plan "
                                        "does not need.",
                                        k_import_plan_depth_max));
  }
  return plan;
}

}  // namespace

Result<void> add_missing(std::string_view text, std::string_view path, TableRules& rules) {
  const std::string_view word = trim(text);
  if (word.size() > k_import_missing_max_bytes) {
    return too_much(path, fmt::format("At most {} bytes in one word that means no answer; name "
                                      "shorter ones.",
                                      k_import_missing_max_bytes));
  }
  rules.missing.emplace(word);
  if (rules.missing.size() <= k_import_missing_max) return {};
  return too_much(path, fmt::format("At most {} words that mean no answer; name fewer, or empty "
                                    "those cells in the table.",
                                    k_import_missing_max));
}

Result<std::string> read_title(std::string_view text, std::string_view path) {
  std::string title(trim(text));
  if (title.size() <= form::k_title_max_bytes) return title;
  return too_much(path, fmt::format("At most {} bytes; shorten it.", form::k_title_max_bytes));
}

Result<void> read_plan(std::string_view json, TableRules& rules) {
  PROBITY_TRY(plan, parse_plan(json));
  if (plan.members() == nullptr) return wrong("plan", "must be an object");
  for (const form::Member& member : *plan.members())
    PROBITY_CHECK(read_member(member, rules));
  return {};
}

}  // namespace probity::survey
