#include "web/openapi.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.hpp"

namespace probity::web {
namespace {

std::string access_text(const Access& access) {
  switch (access.kind()) {
    case Access::Kind::Permission:
      return "permission:" + std::string(identity::text_of(access.permission()));
    case Access::Kind::SignedIn: return "signed-in";
    case Access::Kind::Link: return "link";
    case Access::Kind::Everyone: return "everyone";
    case Access::Kind::TestMode: return "test-mode";
  }
  return "nobody";
}

std::string method_key(Method method) {
  std::string text(text_of(method));
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return text;
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view where) {
  json.begin_object();
  json.field("name", name);
  json.field("in", where);
  json.field("required", where == "path");
  json.key("schema");
  json.raw(R"({"type":"string"})");
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters");
  json.begin_array();
  for (const std::string_view segment : pattern_segments(route.pattern))
    if (const auto name = placeholder_name(segment); !name.empty())
      write_parameter(json, name, "path");
  for (const std::string_view name : route.doc.query)
    write_parameter(json, name, "query");
  json.end_array();
}

void write_content(JsonWriter& json, std::string_view type, std::string_view schema) {
  json.key("content");
  json.begin_object();
  json.key(type);
  json.begin_object();
  json.key("schema");
  json.raw(schema.empty() ? std::string_view("{}") : schema);
  json.end_object();
  json.end_object();
}

void write_responses(JsonWriter& json, const Route& route) {
  json.key("responses");
  json.begin_object();
  json.key(std::to_string(route.doc.success_status));
  json.begin_object();
  json.field("description", "Done");
  if (route.doc.success_status != 204)
    write_content(json, route.doc.response_type, route.doc.response_schema);
  json.end_object();
  if (!route.doc.waiting_schema.empty()) {
    json.key("202");
    json.begin_object();
    json.field("description", "It waits for a second person's approval");
    write_content(json, route.doc.response_type, route.doc.waiting_schema);
    json.end_object();
  }
  json.key("default");
  json.raw(R"json({"description":"A problem document (RFC 9457)","content":{)json"
           R"json("application/problem+json":{"schema":)json"
           R"json({"$ref":"#/components/schemas/Problem"}}}})json");
  json.end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.begin_object();
  json.field("summary", route.doc.summary);
  json.field("x-probity-access", access_text(route.access));
  json.field("x-probity-why", route.access.why());
  if (route.doc.objects == Objects::Common) json.field("x-probity-objects", "common");
  json.field("x-probity-body-max-bytes", static_cast<std::int64_t>(route.limits.body_max_bytes));
  json.key("security");
  json.raw(route.access.needs_identity() ? R"([{"session":[]},{"token":[]}])" : "[]");
  write_parameters(json, route);
  if (!route.doc.request_schema.empty()) {
    json.key("requestBody");
    json.begin_object();
    json.field("required", true);
    write_content(json, route.doc.request_type, route.doc.request_schema);
    json.end_object();
  }
  write_responses(json, route);
  json.end_object();
}

constexpr std::string_view k_components =
    R"({"schemas":{"Problem":{"type":"object","required":["type","title","status","code"],)"
    R"("properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},)"
    R"("request_id":{"type":"string"},"errors":{"type":"array","items":{"type":"object",)"
    R"("properties":{"field":{"type":"string"},"reason":{"type":"string"}}}}}}},)"
    R"("securitySchemes":{"session":{"type":"apiKey","in":"cookie","name":"__Host-probity"},)"
    R"("token":{"type":"http","scheme":"bearer"}}})";

}  // namespace

std::string openapi_json(const Router& router, std::string_view version, TestRoutes test_routes) {
  std::map<std::string_view, std::vector<const Route*>> paths;
  for (const auto& route : router.routes()) {
    if (test_routes == TestRoutes::Hidden && route->access.kind() == Access::Kind::TestMode)
      continue;
    paths[route->pattern].push_back(route.get());
  }
  JsonWriter json;
  json.begin_object();
  json.field("openapi", "3.1.0");
  json.key("info");
  json.begin_object();
  json.field("title", "Probity");
  json.field("version", version);
  json.end_object();
  json.key("paths");
  json.begin_object();
  for (const auto& [pattern, routes] : paths) {
    json.key(pattern);
    json.begin_object();
    for (const Route* route : routes) {
      json.key(method_key(route->method));
      write_operation(json, *route);
    }
    json.end_object();
  }
  json.end_object();
  json.key("components");
  json.raw(k_components);
  json.end_object();
  return std::move(json).text();
}

}  // namespace probity::web
