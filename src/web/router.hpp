#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "web/request.hpp"
#include "web/route.hpp"

namespace probity::web {

/// A route found for a request, with the values of its `{names}` in order of the pattern. The
/// values are views into the request's segments.
struct Match {
  const Route* route = nullptr;
  std::vector<std::string_view> values;
  /// Methods offered at the path when it exists but not for this method; for the Allow header.
  std::vector<Method> allowed;
};

/// All routes of the program as a trie of path segments. Built once; read by any thread.
class Router {
 public:
  /// Config when two routes have the same method and path, or a pattern is malformed.
  [[nodiscard]] static Result<Router> build(std::vector<Route> routes);

  /// `route` is null when nothing fits; then `allowed` tells whether the path exists at all. HEAD
  /// finds the GET route.
  [[nodiscard]] Match find(const Request& request) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;  ///< A `{name}` segment.
    std::map<Method, const Route*> by_method;
  };
  [[nodiscard]] Result<void> insert(const Route& route);

  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

/// Segments of a pattern ("/a/{b}" → "a", "{b}"); used by the router, OpenAPI and Call.
[[nodiscard]] std::vector<std::string_view> pattern_segments(std::string_view pattern);
/// The name inside "{…}", or empty for a literal segment.
[[nodiscard]] std::string_view placeholder_name(std::string_view segment);

}  // namespace probity::web
