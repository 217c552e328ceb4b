#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace probity::net {

/// Where plain HTTP may be sent.
struct PlainTarget {
  /// "https://ask.example.org", where everybody is sent; empty: to the host asked for, when it is
  /// one of ours.
  std::string_view public_url;
  /// The address the client reached, as a Host header names it ("192.0.2.1", "[2001:db8::1]").
  std::string_view own_address;
};

/// What is said to a client that speaks plain HTTP to the TLS port: a GET or HEAD is sent to https,
/// never to a host that only the request names; anything else is refused as soon as its method is
/// read, so that neither a body nor a credential is ever looked at. Nothing while more bytes are
/// needed.
[[nodiscard]] std::optional<std::string> answer_plain(std::string_view input,
                                                      const PlainTarget& target);

}  // namespace probity::net
