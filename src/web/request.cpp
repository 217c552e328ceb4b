#include "web/request.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace probity::web {
namespace {

struct NamedMethod {
  Method method;
  std::string_view text;
};

constexpr std::array k_methods{
    NamedMethod{Method::Get, "GET"},         NamedMethod{Method::Head, "HEAD"},
    NamedMethod{Method::Post, "POST"},       NamedMethod{Method::Put, "PUT"},
    NamedMethod{Method::Patch, "PATCH"},     NamedMethod{Method::Delete, "DELETE"},
    NamedMethod{Method::Options, "OPTIONS"},
};

/// More than any page of ours sends; parsing stays linear in a short list.
constexpr std::size_t k_params_max = 128;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// One decoded segment that names one thing only: no separator, no control, no way up.
Result<std::string> decode_segment(std::string_view raw) {
  auto text = percent_decode(raw, Plus::Literal);
  if (!text) return refuse(Code::BadRequest, "The path has a broken percent escape.");
  if (std::ranges::any_of(*text, is_control))
    return refuse(Code::BadRequest, "The path has a control character.");
  if (text->find_first_of("/\\") != std::string::npos)
    return refuse(Code::BadRequest, "A path segment has an escaped slash or a backslash.");
  if (*text == "." || *text == "..") return refuse(Code::BadRequest, "The path has a dot segment.");
  if (!is_utf8(*text)) return refuse(Code::BadRequest, "The path is not valid UTF-8.");
  return std::move(*text);
}

Result<std::string> decode_param(std::string_view raw) {
  auto text = percent_decode(raw, Plus::Space);
  if (!text) return refuse(Code::BadRequest, "The query has a broken percent escape.");
  if (std::ranges::any_of(*text, is_control))
    return refuse(Code::BadRequest, "The query has a control character.");
  if (!is_utf8(*text)) return refuse(Code::BadRequest, "The query is not valid UTF-8.");
  return std::move(*text);
}

Result<void> set_path(Request& request, std::string_view raw) {
  if (!raw.starts_with('/')) return refuse(Code::BadRequest, "The path does not begin with '/'.");
  request.path.clear();
  request.segments.clear();
  if (raw == "/") {
    request.path = "/";
    return {};
  }
  std::string_view rest = raw.substr(1);
  for (bool is_last = false; !is_last;) {
    const std::size_t slash = rest.find('/');
    is_last = slash == std::string_view::npos;
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() && !is_last) return refuse(Code::BadRequest, "The path has an empty segment.");
    PROBITY_TRY(segment, decode_segment(part));
    request.path.push_back('/');
    request.path += segment;
    request.segments.push_back(std::move(segment));
    if (!is_last) rest.remove_prefix(slash + 1);
  }
  return {};
}

Result<void> set_query(Request& request, std::string_view raw) {
  request.query.clear();
  while (!raw.empty()) {
    const std::size_t ampersand = raw.find('&');
    const std::string_view pair = raw.substr(0, ampersand);
    raw = ampersand == std::string_view::npos ? std::string_view() : raw.substr(ampersand + 1);
    if (pair.empty()) continue;
    if (request.query.size() == k_params_max) {
      return refuse(Code::BadRequest,
                    "The query has more than " + std::to_string(k_params_max) + " parameters.");
    }
    const std::size_t equals = pair.find('=');
    PROBITY_TRY(name, decode_param(pair.substr(0, equals)));
    NamedText param{std::move(name), {}};
    if (equals != std::string_view::npos) {
      PROBITY_TRY(value, decode_param(pair.substr(equals + 1)));
      param.value = std::move(value);
    }
    request.query.push_back(std::move(param));
  }
  return {};
}

}  // namespace

std::string_view text_of(Method method) { return k_methods[static_cast<std::size_t>(method)].text; }

std::optional<Method> parse_method(std::string_view text) {
  for (const NamedMethod& named : k_methods)
    if (named.text == text) return named.method;
  return {};
}

std::string_view Request::header(std::string_view name) const {
  for (const NamedText& field : headers)
    if (field.name == name) return field.value;
  return {};
}

std::optional<std::string_view> Request::param(std::string_view name) const {
  for (const NamedText& field : query)
    if (field.name == name) return field.value;
  return {};
}

std::vector<std::string_view> Request::params(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const NamedText& field : query)
    if (field.name == name) found.emplace_back(field.value);
  return found;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const NamedText& field : headers) {
    if (field.name != "cookie") continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t semicolon = rest.find(';');
      const std::string_view pair = trim(rest.substr(0, semicolon));
      rest = semicolon == std::string_view::npos ? std::string_view() : rest.substr(semicolon + 1);
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      // Two of one name: one may have been planted from a neighbouring host, and nobody can say
      // which.
      if (found) return {};
      found = pair.substr(equals + 1);
    }
  }
  return found;
}

std::string origin_of(const Request& request, std::string_view public_url) {
  if (public_url.empty()) return "https://" + std::string(request.header("host"));
  return std::string(public_url.substr(0, public_url.find_last_not_of('/') + 1));
}

Result<void> set_target(Request& request, std::string_view target) {
  for (const char c : target) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\' || c == '#')
      return refuse(Code::BadRequest, "The request target has a character that must be escaped.");
  }
  const std::size_t mark = target.find('?');
  PROBITY_CHECK(set_path(request, target.substr(0, mark)));
  return set_query(request,
                   mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
}

}  // namespace probity::web
