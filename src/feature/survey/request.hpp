#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "web/request.hpp"

namespace probity::survey {

/// UnsupportedMedia unless the body is declared as JSON.
[[nodiscard]] Result<void> require_json(const web::Request& request);

/// The If-Match header: PreconditionFailed when it names another state than the stored one. A call
/// without the header is unconditional.
class IfMatch {
 public:
  explicit IfMatch(const web::Request& request) : wanted_(request.header("if-match")) {}
  [[nodiscard]] Result<void> check(std::string_view etag) const;

 private:
  std::string wanted_;
};

/// `after` of a list whose items are numbered; 0 when absent.
[[nodiscard]] Result<std::int64_t> after_number(const web::Request& request);
/// `version` of the query, from 1.
[[nodiscard]] Result<std::optional<std::int64_t>> maybe_version(const web::Request& request);

}  // namespace probity::survey
