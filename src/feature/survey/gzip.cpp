#include "feature/survey/gzip.hpp"

#include "base/deflate.hpp"
#include "base/text.hpp"

namespace probity::survey {
bool takes_gzip(const web::Request& request) {
  for (const std::string_view part : split(request.header("accept-encoding"), ',')) {
    const auto semicolon = part.find(';');
    if (trim(part.substr(0, semicolon)) != "gzip") continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trim(part.substr(semicolon + 1));
    return weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

web::Response packed_for(const web::Request& request, web::Response response) {
  response.with("vary", "accept-encoding");
  if (!takes_gzip(request)) return response;
  response.body = deflate_text(response.body, Wrapping::Gzip);
  response.with("content-encoding", "gzip");
  return response;
}

}  // namespace probity::survey
