#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace probity {

/// Writes compact JSON text from left to right. Commas are its own business. Text is escaped as RFC
/// 8259 asks and additionally `<`, `>`, `&`, U+2028 and U+2029, so the result is inert inside a
/// page.
class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// Name of the next member.
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth);
  void value(double number);
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  void value(Number number) {
    if constexpr (std::unsigned_integral<Number>)
      natural(number);
    else
      integer(number);
  }
  void null();
  template <typename T>
  void value(const std::optional<T>& maybe) {
    maybe ? value(*maybe) : null();
  }
  /// Text that is JSON already and known to be valid.
  void raw(std::string_view json);

  template <typename T>
  void field(std::string_view name, const T& v) {
    key(name);
    value(v);
  }

  [[nodiscard]] const std::string& text() const& { return out_; }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void integer(std::int64_t number);
  void natural(std::uint64_t number);
  void separate();

  std::string out_;
  bool needs_comma_ = false;
};

/// Appends `text` as a quoted JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace probity
