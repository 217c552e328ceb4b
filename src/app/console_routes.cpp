#include "app/console_routes.hpp"

#include <fmt/format.h>

#include "console/assets.hpp"
#include "web/call.hpp"
#include "web/page.hpp"

namespace probity::app {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;
using web::Route;
using web::RouteDoc;

constexpr std::string_view k_why = "files of the program; what they show comes by the API";
/// A file keeps its name only as long as its content.
constexpr std::string_view k_cache_forever = "public, max-age=31536000, immutable";
/// The index names the files of this build, so it is asked for again each time.
constexpr std::string_view k_cache_never = "no-cache";
/// As the server's own, and no text becomes markup or script but through the one policy of the
/// console's renderer.
constexpr std::string_view k_index_csp =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; report-uri /policy-report; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

Response file_response(const Call& call, const console::Asset& asset, std::string_view cache) {
  const bool is_known = call.request().header("if-none-match") == asset.etag;
  Response response = web::empty_response(is_known ? 304 : 200);
  response.with("etag", asset.etag).with("cache-control", cache);
  if (is_known) return response;
  response.with("content-type", asset.content_type).with("content-encoding", "gzip");
  response.body = asset.gzip;
  return response;
}

Result<Answer> show_file(Call& call) {
  const console::Asset* asset =
      console::find_asset("assets/" + std::string(call.path_value("file")));
  if (asset == nullptr) return fail(Code::NotFound, "no such file of the console");
  return file_response(call, *asset, k_cache_forever);
}

Response missing_page() {
  web::PageParts page;
  page.title = "No console in this build";
  page.main_html = web::heading(page.title) +
                   web::paragraph(
                       "This program was built without the console for staff. Surveys, "
                       "responses, members and settings are reached by the programming "
                       "interface (/api/openapi.json).");
  return web::page_response(404, page);
}

Result<Answer> show_index(Call& call) {
  const console::Asset* index = console::index();
  if (index == nullptr) return missing_page();
  Response response = file_response(call, *index, k_cache_never);
  response.with("content-security-policy", k_index_csp);
  return response;
}

}  // namespace

std::vector<Route> console_routes() {
  RouteDoc doc;
  doc.summary = "A file of the console";
  doc.response_type = "application/octet-stream";
  std::vector<Route> routes;
  routes.emplace_back(Method::Get, "/console/assets/{file}", Access::open_to_everyone(k_why),
                      web::Limits{}, doc, show_file);
  doc.summary = "The console for staff; its pages are made in the browser";
  doc.response_type = "text/html";
  for (const std::string_view pattern :
       {"/console", "/console/{page}", "/console/{page}/{object}",
        "/console/{page}/{object}/{view}", "/console/{page}/{object}/{view}/{part}"})
    routes.emplace_back(Method::Get, pattern, Access::open_to_everyone(k_why), web::Limits{}, doc,
                        show_index);
  return routes;
}

}  // namespace probity::app
