#include "net/plain.hpp"

#include "net/wire.hpp"
#include "web/security_headers.hpp"

namespace probity::net {
namespace {

constexpr std::size_t k_method_max_bytes = 8;

/// No order to use HTTPS alone among them: browsers pass it over where it came in clear.
std::string protection() {
  return "content-security-policy: " + std::string(web::k_inert_policy) +
         "\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n";
}

std::string refusal() {
  return "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 34\r\n" +
         protection() + "connection: close\r\n\r\nThis port speaks HTTPS (TLS) only.";
}

/// Scheme and host, and port where there is one.
std::string_view origin_of(std::string_view public_url) {
  const std::size_t host = public_url.find("://");
  if (host == std::string_view::npos) return public_url;
  return public_url.substr(0, public_url.find('/', host + 3));
}

bool is_ours(std::string_view host, std::string_view own_address) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == own_address;
}

}  // namespace

std::optional<std::string> answer_plain(std::string_view input, const PlainTarget& target) {
  const std::size_t space = input.substr(0, k_method_max_bytes).find(' ');
  const std::string_view method = input.substr(0, space);
  if (space == std::string_view::npos) {
    const bool may_become_one =
        std::string_view("GET ").starts_with(input) || std::string_view("HEAD ").starts_with(input);
    if (may_become_one) return {};
    return refusal();
  }
  if (method != "GET" && method != "HEAD") return refusal();
  const auto head = HeadReader().read(input);
  if (!head) return refusal();
  if (!*head) return {};
  const std::size_t start = method.size() + 1;
  const std::string_view path = input.substr(start, input.find(' ', start) - start);
  if (!path.starts_with('/')) return refusal();
  std::string origin(origin_of(target.public_url));
  if (origin.empty()) {
    if (!is_ours((*head)->request.host, target.own_address)) return refusal();
    origin = "https://" + std::string((*head)->request.header("host"));
  }
  return "HTTP/1.1 308 Permanent Redirect\r\nlocation: " + origin + std::string(path) +
         "\r\ncontent-length: 0\r\n" + protection() + "connection: close\r\n\r\n";
}

}  // namespace probity::net
