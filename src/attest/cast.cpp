#include "attest/cast.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  return out;
}

}  // namespace

Result<Cast> cast_member(const Ground& ground, const FindListener& find, identity::Role role,
                         Which which) {
  PROBITY_TRY(listener, find());
  PROBITY_TRY(tenant, ground.scratch.tenant(which));
  Cast cast{std::move(tenant), {}, random_password(), Visitor(std::move(listener))};
  PROBITY_TRY(member, make_scratch_member(ground.engine, cast.tenant.id, role, cast.password,
                                          ground.clock.now()));
  cast.member = std::move(member);
  PROBITY_TRY(reply, cast.visitor.log_in(cast.tenant.slug, cast.member, cast.password));
  if (reply.status != 200)
    return fail(Code::BadCredentials, "a scratch member could not log in: " + reply.body);
  return cast;
}

Leaving::~Leaving() {
  // The last owner may not go; the next one takes its place and the one after that removes it.
  static_cast<void>(remove_scratch_member(ground_.engine, member_, ground_.clock.now()));
}

Result<std::vector<DeclaredRoute>> declared_routes(Visitor& visitor) {
  PROBITY_TRY(reply, visitor.get("/api/openapi.json"));
  PROBITY_TRY(document, parse_json(reply.body, {.depth_max = 64, .bytes_max = 8 * 1024 * 1024}));
  const json::object* root = document.if_object();
  const json::value* paths = root != nullptr ? root->if_contains("paths") : nullptr;
  if (paths == nullptr || !paths->is_object())
    return fail(Code::NotBuilt, "the routes are not described");
  std::vector<DeclaredRoute> routes;
  for (const auto& path : paths->get_object()) {
    if (!path.value().is_object()) continue;
    for (const auto& operation : path.value().get_object()) {
      const json::object* object = operation.value().if_object();
      const json::value* access = object ? object->if_contains("x-probity-access") : nullptr;
      if (access == nullptr || !access->is_string()) continue;
      const json::value* objects = object->if_contains("x-probity-objects");
      const bool is_common =
          objects != nullptr && objects->is_string() && objects->get_string() == "common";
      routes.push_back({upper(operation.key()), std::string(path.key()),
                        std::string(access->get_string()), is_common});
    }
  }
  if (routes.empty()) return fail(Code::NotBuilt, "the routes are not described");
  return routes;
}

std::string filled(std::string_view pattern, std::string_view value) {
  std::string path;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    path += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    path += value;
    const std::size_t close = pattern.find('}', open);
    pattern.remove_prefix(close == std::string_view::npos ? pattern.size() : close + 1);
  }
  return path;
}

bool needs_person(const DeclaredRoute& route) {
  return route.access == "signed-in" || route.access.starts_with("permission:");
}

}  // namespace probity::attest
