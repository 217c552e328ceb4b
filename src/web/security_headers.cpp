#include "web/security_headers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace probity::web {
namespace {

using Header = std::pair<std::string_view, std::string_view>;

// The console's own files are the only scripts and styles that ever run; forms post to this host.
#define PROBITY_POLICY                                                              \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " \
  "font-src 'self'; connect-src 'self'; object-src 'none'; form-action 'self'; "    \
  "base-uri 'none'; report-uri /policy-report; frame-ancestors "

constexpr std::string_view k_policy = PROBITY_POLICY "'none'";
constexpr std::string_view k_policy_start = PROBITY_POLICY;

#undef PROBITY_POLICY

constexpr std::array k_always{
    Header{"content-security-policy", k_policy},
    Header{"x-content-type-options", "nosniff"},
    Header{"referrer-policy", "no-referrer"},
    Header{"x-frame-options", "DENY"},
    Header{"cross-origin-opener-policy", "same-origin"},
    Header{"cross-origin-resource-policy", "same-origin"},
    Header{"permissions-policy",
           "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), "
           "usb=(), interest-cohort=()"},
};

bool has(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [&](const NamedText& header) { return header.name == name; });
}

}  // namespace

void allow_own_frames(Response& response) { allow_frames_of(response, "'self'"); }

void allow_frames_of(Response& response, std::string_view source) {
  response.with("content-security-policy", std::string(k_policy_start) + std::string(source));
  // The older header knows no origins; browsers that know frame-ancestors pass it over.
  response.with("x-frame-options", "SAMEORIGIN");
}

void add_security_headers(Response& response, std::string_view hsts, const RequestId& id) {
  for (const auto& [name, value] : k_always)
    if (!has(response, name)) response.with(name, value);
  if (!has(response, "strict-transport-security")) response.with("strict-transport-security", hsts);
  if (!has(response, "cache-control")) response.with("cache-control", "no-store");
  response.with("x-request-id", id.text());
}

}  // namespace probity::web
