#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::web {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options };

[[nodiscard]] std::string_view text_of(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);

/// A network address, IPv4 or IPv6 (IPv4-mapped ones are stored as IPv4).
struct Address {
  std::array<std::uint8_t, 16> bytes{};  ///< IPv4: the first four.
  bool is_v6 = false;
  bool operator==(const Address&) const = default;
};

struct NamedText {
  std::string name;  ///< Header names in lower case.
  std::string value;
};

/// What a client sent: plain text, no library's types. Owned by the exchange; handlers see it
/// const.
struct Request {
  Method method = Method::Get;
  std::string path;                   ///< Percent-decoded per segment, always begins with '/'.
  std::vector<std::string> segments;  ///< The path's segments, decoded; empty for "/".
  std::vector<NamedText> query;       ///< Decoded, in order, repeated names kept.
  std::vector<NamedText> headers;     ///< Names in lower case, values trimmed.
  std::string body;
  Address peer;      ///< Of the client, by --trusted-proxy rules.
  std::string host;  ///< Host header without port, lower case.
  bool is_tls = true;
  std::uint64_t content_length = 0;  ///< As declared; 0 when chunked.
  bool is_chunked = false;

  /// First header of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// First query parameter of that name; nothing when absent.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
  /// All query parameters of that name.
  [[nodiscard]] std::vector<std::string_view> params(std::string_view name) const;
  /// Value of a cookie; nothing when absent or sent twice.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

/// "https://ask.example" without a slash at its end: where people reach this server. As configured,
/// or as the request's own Host header says when nothing is.
[[nodiscard]] std::string origin_of(const Request& request, std::string_view public_url);

/// Splits a request target ("/a/b?x=1") into path, segments and query. BadRequest on broken
/// escapes, control characters, NUL, backslashes, dot segments, or invalid UTF-8.
[[nodiscard]] Result<void> set_target(Request& request, std::string_view target);

}  // namespace probity::web
