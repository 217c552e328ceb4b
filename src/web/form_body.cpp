#include "web/form_body.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"

namespace probity::web {
namespace {

Result<std::string> form_part(std::string_view text) {
  auto decoded = percent_decode(text, Plus::Space);
  if (!decoded || !is_utf8(*decoded)) return refuse(Code::BadRequest, "The form is malformed.");
  return std::move(*decoded);
}

Result<FormFields> fields_of(std::string_view body) {
  FormFields form;
  const auto pairs = split(body, '&');
  if (pairs.size() > k_form_fields_max)
    return refuse(Code::LimitExceeded, fmt::format("At most {} fields.", k_form_fields_max));
  for (const std::string_view pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    PROBITY_TRY(name, form_part(pair.substr(0, equals)));
    PROBITY_TRY(value, form_part(pair.substr(equals + 1)));
    form.insert_or_assign(std::move(name), std::move(value));
  }
  return form;
}

}  // namespace

Result<FormFields> read_form(const Request& request) {
  const std::string_view type = request.header("content-type");
  if (trim(type.substr(0, type.find(';'))) != k_form_type)
    return refuse(Code::UnsupportedMedia, "Send the form as the page does.");
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return fail(Code::Csrf);
  return fields_of(request.body);
}

std::optional<std::string> form_field(std::string_view body, std::string_view name) {
  const auto fields = fields_of(body);
  if (!fields) return std::nullopt;
  const auto found = fields->find(name);
  if (found == fields->end()) return std::nullopt;
  return found->second;
}

}  // namespace probity::web
