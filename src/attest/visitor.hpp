#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attest/listener.hpp"
#include "attest/people.hpp"
#include "base/error.hpp"
#include "web/request.hpp"

namespace probity::attest {

/// An answer as a client reads it.
struct Reply {
  int status = 0;
  std::vector<web::NamedText> headers;  ///< Names in lower case.
  std::string body;

  /// First header of that name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> headers_named(std::string_view name) const;
  /// A text member of the JSON body ("code"), or empty.
  [[nodiscard]] std::string member(std::string_view name) const;
};

/// BadRequest when the bytes are no HTTP/1.1 answer. Pure.
[[nodiscard]] Result<Reply> parse_reply(std::string_view bytes);

struct Order {
  std::string method = "GET";
  std::string path;
  std::string body{};  ///< JSON; empty sends none.
  std::vector<web::NamedText> headers{};
};

/// The request as it is sent; closes the connection afterwards. Pure.
[[nodiscard]] std::string request_text(const Order& order, const std::string& host);

/// A client of the server's own listener, with the one cookie a browser would keep. One thread.
class Visitor {
 public:
  explicit Visitor(OwnListener listener) : listener_(std::move(listener)) {}

  [[nodiscard]] Result<Reply> send(const Order& order);
  [[nodiscard]] Result<Reply> get(std::string path) { return send({.path = std::move(path)}); }
  [[nodiscard]] Result<Reply> post(std::string path, std::string body = {}) {
    return send({.method = "POST", .path = std::move(path), .body = std::move(body)});
  }
  /// Logs in; keeps cookie and CSRF token when that succeeds.
  [[nodiscard]] Result<Reply> log_in(std::string_view slug, const ScratchMember& member,
                                     std::string_view password);
  /// Presents a session made elsewhere, as a browser that kept its cookie.
  void take_cookie(std::string cookie) { cookie_ = std::move(cookie); }
  void take_bearer(std::string token) { bearer_ = std::move(token); }
  [[nodiscard]] const std::string& cookie() const { return cookie_; }

 private:
  OwnListener listener_;
  std::string cookie_;
  std::string csrf_;
  std::string bearer_;
};

/// Value of the session cookie a Set-Cookie line sets; empty when it sets none.
[[nodiscard]] std::string cookie_of(const Reply& reply);

}  // namespace probity::attest
