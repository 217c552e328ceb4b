#include "feature/survey/page_assets.hpp"

#include <fmt/format.h>

#include <array>

#include "base/deflate.hpp"
#include "crypto/hash.hpp"
#include "feature/survey/gzip.hpp"
#include "form/contrast.hpp"
#include "form/render.hpp"
#include "web/call.hpp"
#include "web/page.hpp"

namespace probity::survey {
namespace {

constexpr std::string_view k_colour_start = "colour-";
constexpr std::string_view k_folder = "/assets/pages/";

struct File {
  std::string name;
  std::string_view content_type;
  std::string_view content;
  std::string packed;
};

File file_of(std::string_view ending, std::string_view content_type, std::string_view content) {
  const crypto::Digest digest = crypto::sha256(as_bytes(content));
  return {fmt::format("respondent-{}.{}", to_hex(BytesView(digest).first(8)), ending), content_type,
          content, deflate_text(content, Wrapping::Gzip)};
}

const std::array<File, 2>& files() {
  static const std::array<File, 2> all{
      file_of("css", "text/css; charset=utf-8", form::respondent_stylesheet()),
      file_of("js", "text/javascript; charset=utf-8", form::respondent_script())};
  return all;
}

/// The sheet of a colour named by its six digits: nothing of a survey stands in it.
std::optional<std::string> colour_sheet(std::string_view name) {
  if (!name.starts_with(k_colour_start) || !name.ends_with(".css")) return {};
  name.remove_prefix(k_colour_start.size());
  const auto colour = form::parse_colour("#" + std::string(name.substr(0, name.size() - 4)));
  if (!colour) return {};
  return form::colour_stylesheet(*colour);
}

Result<web::Answer> send_file(web::Call& call) {
  if (const auto sheet = colour_sheet(call.path_value("name"))) {
    web::Response response = web::empty_response(200);
    response.with("content-type", "text/css; charset=utf-8");
    response.with("cache-control", "public, max-age=86400");
    response.body = *sheet;
    return response;
  }
  for (const File& file : files()) {
    if (file.name != call.path_value("name")) continue;
    web::Response response = web::empty_response(200);
    response.with("content-type", file.content_type).with("vary", "accept-encoding");
    response.with("cache-control", "public, max-age=31536000, immutable");
    const bool is_packed = takes_gzip(call.request());
    if (is_packed) response.with("content-encoding", "gzip");
    response.body = is_packed ? file.packed : std::string(file.content);
    return response;
  }
  return fail(Code::NotFound, "no such asset");
}

}  // namespace

const PageAssets& page_assets() {
  static const PageAssets assets{std::string(k_folder) + files()[0].name,
                                 std::string(k_folder) + files()[1].name};
  return assets;
}

std::string colour_address(std::string_view colour) {
  return fmt::format("{}{}{}.css", k_folder, k_colour_start, colour.substr(1));
}

std::vector<web::Route> page_asset_routes() {
  web::RouteDoc doc;
  doc.summary = "The style sheet or the script of respondents' pages, named by its hash";
  doc.response_type = "text/css";
  std::vector<web::Route> routes;
  routes.emplace_back(web::Method::Get, "/assets/pages/{name}",
                      web::Access::open_to_everyone("style sheets hold no data"), web::Limits{},
                      doc, send_file);
  routes.push_back(web::asset_route(
      {"/assets/respondent.css", "text/css; charset=utf-8", form::respondent_stylesheet()}));
  return routes;
}

}  // namespace probity::survey
