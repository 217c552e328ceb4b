#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"

namespace probity::store {

/// A statement's parameter. Texts and bytes are views: they must outlive the call.
class Value {
 public:
  using Content = std::variant<std::monostate, std::int64_t, double, std::string_view, BytesView>;

  // Implicit, so that the values of a statement stand in braces.
  // NOLINTBEGIN(google-explicit-constructor): a parameter is written as what it is.
  Value(std::nullptr_t) {}
  Value(std::int64_t v) : content_(v) {}
  Value(int v) : content_(static_cast<std::int64_t>(v)) {}
  Value(std::uint32_t v) : content_(static_cast<std::int64_t>(v)) {}
  Value(double v) : content_(v) {}
  Value(std::string_view v) : content_(v) {}
  Value(const char* v) : content_(std::string_view(v)) {}
  Value(const std::string& v) : content_(std::string_view(v)) {}
  Value(BytesView v) : content_(v) {}
  Value(const Bytes& v) : content_(BytesView(v)) {}
  template <std::size_t N>
  Value(const std::array<std::uint8_t, N>& v) : content_(BytesView(v)) {}
  Value(Instant v) : content_(v.us()) {}
  template <typename Tag>
  Value(const Id<Tag>& v) : content_(v.bytes()) {}
  template <typename T>
  Value(const std::optional<T>& v) {
    if (v) content_ = Value(*v).content_;
  }
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] const Content& content() const { return content_; }

 private:
  Content content_;
};

using Values = std::initializer_list<Value>;

/// One row of a result, valid until the next row. Columns count from 0. Reading a column as a type
/// it does not have is a bug and asserts.
class Row {
 public:
  virtual ~Row() = default;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual BytesView bytes(int column) const = 0;

  [[nodiscard]] Instant instant(int column) const { return Instant::from_us(integer(column)); }
  [[nodiscard]] std::optional<Instant> maybe_instant(int column) const {
    if (is_null(column)) return {};
    return instant(column);
  }
  /// The id in a 16-byte column; the nil id when the column holds anything else.
  template <typename AnyId>
  [[nodiscard]] AnyId id(int column) const {
    return AnyId::from_bytes(bytes(column)).value_or(AnyId());
  }
};

}  // namespace probity::store
