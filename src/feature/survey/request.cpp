#include "feature/survey/request.hpp"

#include "base/text.hpp"

namespace probity::survey {

Result<void> require_json(const web::Request& request) {
  const std::string_view type = request.header("content-type");
  const std::string_view media = trim(type.substr(0, type.find(';')));
  if (media == "application/json" || media.ends_with("+json")) return {};
  return refuse(Code::UnsupportedMedia,
                "Send the body as JSON with Content-Type: application/json.");
}

Result<void> IfMatch::check(std::string_view etag) const {
  if (wanted_.empty()) return {};
  for (const std::string_view part : split(wanted_, ',')) {
    const std::string_view tag = trim(part);
    if (tag == "*" || tag == etag) return {};
  }
  return fail(Code::PreconditionFailed, "If-Match names another revision");
}

Result<std::int64_t> after_number(const web::Request& request) {
  const auto text = request.param("after");
  if (!text || text->empty()) return 0;
  const auto number = parse_int(*text);
  if (number && *number >= 0) return *number;
  return refuse_field(Code::BadRequest, "after", "The value of `next` of the page before.");
}

Result<std::optional<std::int64_t>> maybe_version(const web::Request& request) {
  const auto text = request.param("version");
  if (!text) return std::optional<std::int64_t>();
  const auto number = parse_int(*text);
  if (number && *number >= 1) return number;
  return refuse_field(Code::BadRequest, "version", "A whole number from 1.");
}

}  // namespace probity::survey
