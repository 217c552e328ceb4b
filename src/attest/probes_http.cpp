#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "attest/probes_tls.hpp"
#include "attest/visitor.hpp"
#include "base/text.hpp"

namespace probity::attest {
namespace {

constexpr std::int64_t k_least_age_s = 31'536'000;
constexpr std::string_view k_own_style = "/assets/probity.css";

/// The value of `max-age` in a Strict-Transport-Security header; -1 without one.
std::int64_t age_of(std::string_view hsts) {
  for (const std::string_view part : split(hsts, ';')) {
    const std::string_view directive = trim(part);
    if (directive.starts_with("max-age=")) return parse_int(directive.substr(8)).value_or(-1);
  }
  return -1;
}

/// References of a page: values of href, src, action and url(...).
std::set<std::string> references_in(std::string_view page) {
  std::set<std::string> found;
  for (const std::string_view mark : {"href=\"", "src=\"", "action=\"", "url(\"", "url("}) {
    for (std::size_t at = page.find(mark); at != std::string_view::npos;
         at = page.find(mark, at + 1)) {
      const std::string_view rest = page.substr(at + mark.size());
      found.emplace(rest.substr(0, rest.find_first_of("\")")));
    }
  }
  return found;
}

bool is_own(const std::string& reference) {
  if (reference.starts_with("//")) return false;
  if (reference.starts_with("data:,")) return true;
  return reference.empty() || reference.starts_with('/') || reference.starts_with('#') ||
         reference.starts_with('?');
}

struct Fetch {
  std::string method;
  std::string path;
  bool is_page;
};

/// Every kind of answer a stranger can get: pages, documents, styles, and an error of each class.
std::vector<Fetch> fetches() {
  return {{"GET", "/security", true},
          {"GET", "/security/versions", true},
          {"GET", "/privacy", true},
          {"GET", "/login", true},
          {"GET", "/.well-known/probity-statement.json", false},
          {"GET", std::string(k_own_style), false},
          {"GET", "/api/v1/me", false},
          {"GET", "/no-such-page", false},
          {"DELETE", "/security", false},
          {"POST", "/api/v1/login", false}};
}

Result<Finding> encrypted_only(const FindListener& find) {
  Observations seen;
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  int pages = 0;
  bool has_own_style = false;
  std::set<std::string> policies;
  for (const Fetch& fetch : fetches()) {
    PROBITY_TRY(reply, visitor.send({.method = fetch.method, .path = fetch.path}));
    const auto hsts = reply.headers_named("strict-transport-security");
    seen.expect(hsts.size() == 1 && age_of(hsts.front()) >= k_least_age_s &&
                    hsts.front().find("includeSubDomains") != std::string_view::npos,
                fmt::format("no order to use HTTPS alone: {} {}", fetch.method, fetch.path));
    if (!hsts.empty()) policies.emplace(hsts.front());
    if (!fetch.is_page || reply.status != 200) continue;
    ++pages;
    const auto references = references_in(reply.body);
    has_own_style = has_own_style || references.contains(std::string(k_own_style));
    for (const std::string& reference : references)
      seen.expect(is_own(reference), fmt::format("{} refers to {}", fetch.path, reference));
  }
  seen.expect(policies.size() == 1, "answers differ in their order to use HTTPS");
  seen.need(pages > 0 && has_own_style, "the control: the link to the own style was not found");
  seen.note("pages", pages);
  if (!policies.empty()) seen.note("strict_transport_security", *policies.begin());
  return seen.finding();
}

}  // namespace

Probes http_probes(const FindListener& find) {
  Probes probes;
  probes.push_back({.name = "http.pages_encrypted_only",
                    .run = [find](const Deadline&) { return encrypted_only(find); }});
  return probes;
}

}  // namespace probity::attest
