#include "web/router.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "web/form_body.hpp"

namespace probity::web {

std::vector<std::string_view> pattern_segments(std::string_view pattern) {
  if (pattern == "/") return {};
  return split(pattern.substr(1), '/');
}

std::string_view placeholder_name(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return {};
  return segment.substr(1, segment.size() - 2);
}

Result<Router> Router::build(std::vector<Route> routes) {
  Router router;
  router.root_ = std::make_unique<Node>();
  router.routes_.reserve(routes.size());
  for (Route& route : routes) {
    router.routes_.push_back(std::make_unique<Route>(std::move(route)));
    PROBITY_CHECK(router.insert(*router.routes_.back()));
  }
  return router;
}

Result<void> Router::insert(const Route& route) {
  if (!route.pattern.starts_with('/') || (route.pattern.size() > 1 && route.pattern.ends_with('/')))
    return fail(Code::Config, fmt::format("malformed route pattern {}", route.pattern));
  if (route.doc.objects == Objects::Common && route.method != Method::Get)
    return fail(Code::Config, fmt::format("{} {} is not a read: what is common to all tenants can "
                                          "be changed by none of them",
                                          text_of(route.method), route.pattern));
  // The CSRF token of a form is a field of its body, and what is larger is only read of somebody
  // who has shown the token before (Pipeline::look_at_head).
  if (route.doc.request_type == k_form_type && route.access.needs_identity() &&
      route.limits.body_max_bytes > k_body_unproven_max_bytes)
    return fail(Code::Config, fmt::format("the form of {} may be larger than {} bytes",
                                          route.pattern, k_body_unproven_max_bytes));
  Node* node = root_.get();
  for (const std::string_view segment : pattern_segments(route.pattern)) {
    std::unique_ptr<Node>* next = &node->any;
    if (placeholder_name(segment).empty()) next = &node->literals[std::string(segment)];
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  if (!node->by_method.emplace(route.method, &route).second)
    return fail(Code::Config,
                fmt::format("two routes for {} {}", text_of(route.method), route.pattern));
  return {};
}

Match Router::find(const Request& request) const {
  Match match;
  const Node* node = root_.get();
  for (const std::string& segment : request.segments) {
    // A literal wins over a placeholder; there is no way back, so patterns stay easy to read.
    if (const auto found = node->literals.find(segment); found != node->literals.end()) {
      node = found->second.get();
    } else if (node->any) {
      node = node->any.get();
      match.values.push_back(segment);
    } else {
      return {};
    }
  }
  const Method method = request.method == Method::Head ? Method::Get : request.method;
  if (const auto found = node->by_method.find(method); found != node->by_method.end()) {
    match.route = found->second;
    return match;
  }
  for (const auto& [allowed, route] : node->by_method)
    match.allowed.push_back(allowed);
  return match;
}

}  // namespace probity::web
