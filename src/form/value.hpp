#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace probity::form {

struct Member;

/// One JSON value: what answers, choices and constants of conditions are made of. Numbers are
/// IEEE doubles (integers are exact up to 2^53); members keep the order of the text. A plain value:
/// copies are deep, any thread may read one that nobody writes.
class Value {
 public:
  using List = std::vector<Value>;
  using Members = std::vector<Member>;

  Value() = default;
  explicit Value(bool truth);
  explicit Value(double number);
  explicit Value(std::string text);
  explicit Value(std::string_view text);
  explicit Value(const char* text);
  explicit Value(List list);
  explicit Value(Members members);

  [[nodiscard]] bool is_null() const { return held_.index() == 0; }
  /// Each gives null when the value is of another kind.
  [[nodiscard]] const bool* truth() const { return std::get_if<bool>(&held_); }
  [[nodiscard]] const double* number() const { return std::get_if<double>(&held_); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&held_); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&held_); }
  [[nodiscard]] List* list() { return std::get_if<List>(&held_); }
  [[nodiscard]] const Members* members() const { return std::get_if<Members>(&held_); }
  [[nodiscard]] Members* members() { return std::get_if<Members>(&held_); }
  /// The member of that name, or null when there is none or this is not an object.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// Replaces or appends a member; a value that is no object becomes one.
  void set(std::string_view name, Value value);
  /// Removes a member if it is there.
  void erase(std::string_view name);
  /// True for a bool, a number or a text.
  [[nodiscard]] bool is_scalar() const { return held_.index() >= 1 && held_.index() <= 3; }
  /// True for null, an empty text of white space only, an empty list, an object of such.
  [[nodiscard]] bool is_blank() const;

  /// Exact: same kind, same content, members in the same order.
  [[nodiscard]] bool operator==(const Value& other) const;

 private:
  std::variant<std::monostate, bool, double, std::string, List, Members> held_;
};

/// One member of an object.
struct Member {
  std::string name;
  Value value;
  [[nodiscard]] bool operator==(const Member&) const = default;
};

// Out of the class, where Member is complete.
inline Value::Value(bool truth) : held_(truth) {}
inline Value::Value(double number) : held_(number) {}
inline Value::Value(std::string text) : held_(std::move(text)) {}
inline Value::Value(std::string_view text) : held_(std::string(text)) {}
inline Value::Value(const char* text) : held_(std::string(text)) {}
inline Value::Value(List list) : held_(std::move(list)) {}
inline Value::Value(Members members) : held_(std::move(members)) {}

/// Bounds of a JSON text.
struct ValueLimits {
  std::size_t bytes_max;
  std::size_t depth_max;
};

/// Parses strict JSON (RFC 8259, UTF-8); of members with one name the last counts, as parse_json of
/// room base has it. LimitExceeded names the bound, BadRequest the byte at which it stops being
/// JSON. Threads: any; each keeps one parser.
[[nodiscard]] Result<Value> parse_value(std::string_view json, ValueLimits limits);

/// Appends compact JSON, inert inside a page (see JsonWriter).
void append_value(std::string& out, const Value& value);

/// Shortest decimal text of a number, as JavaScript writes it for integers ("5", "-2.5", "1e+30").
[[nodiscard]] std::string number_text(double number);

/// The text a scalar is known by: texts as they are, numbers by number_text, "true" and "false".
/// Empty for anything else. Choices are compared by it, so that 5 and "5" are the same choice.
[[nodiscard]] std::string scalar_text(const Value& value);

/// The whole text as a finite decimal number (JSON's form, surrounding spaces allowed).
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace probity::form
