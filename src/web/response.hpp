#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "web/request.hpp"

namespace probity::web {

/// A body that is made while it is sent: exports and event streams. Pulled on a lane of workers,
/// never on an I/O thread; one pull at a time.
class BodySource {
 public:
  struct Piece {
    std::string bytes;  ///< May be empty.
    bool is_last = false;
    Span wait;  ///< How long to pause before the next pull (event streams).
  };
  virtual ~BodySource() = default;
  /// An error ends the connection without a proper end of body, so that a client sees the cut.
  [[nodiscard]] virtual Result<Piece> next() = 0;
};

/// What is sent back. Plain values; `source` instead of `body` when it streams.
struct Response {
  int status = 200;
  std::vector<NamedText> headers;  ///< Names in lower case; security headers are added later.
  std::string body;
  std::unique_ptr<BodySource> source;
  bool closes_connection = false;

  Response& with(std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
    return *this;
  }
};

[[nodiscard]] Response json_response(int status, std::string json);
[[nodiscard]] Response html_response(int status, std::string html);
[[nodiscard]] Response empty_response(int status);
/// 303 for browsers after a form post.
[[nodiscard]] Response redirect_response(int status, std::string_view location);

/// A member of a problem document besides the usual ones.
struct ProblemMember {
  std::string_view name = {};
  std::string_view json = {};  ///< Empty: the document has no such member.
};

/// The problem document of an error (RFC 9457): type, title, status, code, request_id, and where
/// they exist detail, errors[{field,reason}] and Retry-After. Never the error's own `detail`.
/// For PreconditionFailed `more` is `current`: the state that is there instead of the named one.
[[nodiscard]] Response problem_response(const Error& error, const RequestId& id,
                                        ProblemMember more = {});
/// The headers an error brings along in whatever form it is told: Retry-After, WWW-Authenticate.
[[nodiscard]] Response with_refusal_headers(Response response, const Error& error);

}  // namespace probity::web
