#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "form/value.hpp"

namespace probity::form {

/// What a property may stand on; one bit each, so that a row of the table serves several.
enum class Owner : std::uint32_t {
  Survey = 1U << 0,
  Page = 1U << 1,
  Panel = 1U << 2,
  Text = 1U << 3,
  Comment = 1U << 4,
  Radiogroup = 1U << 5,
  Checkbox = 1U << 6,
  Dropdown = 1U << 7,
  Tagbox = 1U << 8,
  Rating = 1U << 9,
  Boolean = 1U << 10,
  Ranking = 1U << 11,
  Matrix = 1U << 12,
  MultipleText = 1U << 13,
  Html = 1U << 14,
  Choice = 1U << 15,
  RateValue = 1U << 16,
  Column = 1U << 17,
  MatrixRow = 1U << 18,
  Item = 1U << 19,
  NumericValidator = 1U << 20,
  TextValidator = 1U << 21,
  CountValidator = 1U << 22,
  EmailValidator = 1U << 23,
  ExpressionValidator = 1U << 24,
};

enum class Treatment : std::uint8_t {
  Kept,     ///< Read and obeyed.
  Ignored,  ///< Changes how something looks, not what is asked: a warning.
  Refused,  ///< Changes what is asked, of whom, or what an answer means.
};

/// What a kept property's value must look like.
enum class Shape : std::uint8_t {
  Any,
  Text,
  LocalText,
  Boolean,
  Number,
  Count,
  NumberOrText,
  Scalar,
  Expression,
  List,
};

struct Property {
  std::string_view name;
  std::uint32_t owners;  ///< Bits of Owner.
  Treatment treatment;
  Shape shape;
  /// Refused: why, and what to do. Ignored: what happens instead, when it is not obvious.
  std::string_view note;
};

/// The declared table of SurveyJS properties, older names included.
[[nodiscard]] std::span<const Property> properties();
/// The row for a name on an owner, or null when the name is not declared there.
[[nodiscard]] const Property* find_property(Owner owner, std::string_view name);
/// Like find_property without regard to case: for "did you mean".
[[nodiscard]] const Property* find_similar_property(Owner owner, std::string_view name);

/// How a `type` of an element or validator is treated.
struct TypeRow {
  std::string_view name;
  Treatment treatment;
  std::uint32_t owner;  ///< Bit of the Owner it is read as; 0 when refused.
  std::string_view note;
};
[[nodiscard]] std::span<const TypeRow> element_types();
[[nodiscard]] std::span<const TypeRow> validator_types();

/// False, null, "", [], {} and "none": a refused property with such a value asks for nothing.
[[nodiscard]] bool is_neutral(const Value& value);
/// True when the value has that shape. Booleans may be the texts "true" and "false", as older
/// documents write them; numbers may be texts of digits.
[[nodiscard]] bool has_shape(const Value& value, Shape shape);
/// What a reader is told a shape is ("text, or an object of texts by language").
[[nodiscard]] std::string_view shape_words(Shape shape);

}  // namespace probity::form
