#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace probity::net {

/// What is said to a client that speaks plain HTTP to the TLS port: a GET or HEAD with a usable
/// Host is sent to https; anything else is refused as soon as its method is read, so that neither
/// a body nor a credential is ever looked at. Nothing while more bytes are needed.
[[nodiscard]] std::optional<std::string> answer_plain(std::string_view input);

}  // namespace probity::net
