#include "feature/survey/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"

namespace probity::survey {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// The value of `name` among the parameters behind the first semicolon of a header, unquoted.
std::string parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    const std::size_t equals = header.find('=', at);
    if (equals == std::string_view::npos) return {};
    const std::string_view found = trim(header.substr(at + 1, equals - at - 1));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value.push_back(header[at]);
      }
      at = header.find(';', at);
    } else {
      const std::size_t end = std::min(header.find(';', at), header.size());
      value = trim(header.substr(at, end - at));
      at = end;
    }
    if (is_same_name(found, name)) return value;
  }
  return {};
}

std::unexpected<Error> broken(std::string_view what) {
  return refuse(Code::BadRequest, fmt::format("The multipart body is broken: {}.", what));
}

Result<FormPart> read_part(std::string_view text) {
  constexpr std::string_view k_end = "\r\n\r\n";
  const std::size_t end = text.substr(0, k_form_part_header_max).find(k_end);
  if (end == std::string_view::npos) {
    if (text.size() < k_form_part_header_max) return broken("a part has no header");
    return refuse(
        Code::LimitExceeded,
        fmt::format("The header of a part has more than {} bytes; give the file a shorter "
                    "name.",
                    k_form_part_header_max));
  }
  FormPart part;
  part.content = text.substr(end + k_end.size());
  for (const std::string_view line : split(text.substr(0, end), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = trim(line.substr(colon + 1));
    if (is_same_name(trim(line.substr(0, colon)), "content-disposition")) {
      part.name = parameter(value, "name");
      part.file_name = parameter(value, "filename");
    } else if (is_same_name(trim(line.substr(0, colon)), "content-type")) {
      part.content_type = trim(value.substr(0, value.find(';')));
    }
  }
  if (part.name.empty()) return broken("a part has no name");
  return part;
}

}  // namespace

Result<std::vector<FormPart>> split_parts(std::string_view content_type, std::string_view body) {
  const std::string boundary = parameter(content_type, "boundary");
  // RFC 2046, section 5.1.1.
  if (boundary.empty() || boundary.size() > 70) return broken("it has no boundary");
  const std::string opening = "--" + boundary;
  const std::string between = "\r\n" + opening;
  if (!body.starts_with(opening)) return broken("it does not begin with its boundary");
  body.remove_prefix(opening.size());
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return broken("a boundary does not end its line");
    body.remove_prefix(2);
    const std::size_t end = body.find(between);
    if (end == std::string_view::npos) return broken("its last boundary is missing");
    PROBITY_TRY(part, read_part(body.substr(0, end)));
    if (parts.size() == k_form_parts_max) {
      return refuse(Code::LimitExceeded,
                    fmt::format("More than {} parts; send file and plan alone.", k_form_parts_max));
    }
    parts.push_back(std::move(part));
    body.remove_prefix(end + between.size());
  }
  return parts;
}

}  // namespace probity::survey
