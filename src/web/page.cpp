#include "web/page.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "crypto/hash.hpp"
#include "embedded/page_css.hpp"
#include "web/call.hpp"

namespace probity::web {
namespace {

std::string stylesheet_link(std::string_view path) {
  return fmt::format("<link rel=\"stylesheet\" href=\"{}\">\n", html_escape(path));
}

std::string footer(const PageParts& parts) {
  if (!parts.has_footer) return {};
  return fmt::format(
      "<footer class=\"page-footer\"><nav aria-label=\"About this service\">"
      "<a href=\"/security\">Security statement</a> <a href=\"{}\">Privacy</a>"
      "</nav></footer>\n",
      html_escape(parts.privacy_path));
}

/// Whether a media type stands in Accept; types with q=0 do not count as asked for.
bool accepts(const Request& request, std::string_view type) {
  for (const std::string_view part : split(request.header("accept"), ',')) {
    const auto semicolon = part.find(';');
    if (trim(part.substr(0, semicolon)) != type) continue;
    const std::string_view rest =
        semicolon == std::string_view::npos ? std::string_view() : part.substr(semicolon);
    if (!rest.ends_with("q=0") && !rest.ends_with("q=0.0")) return true;
  }
  return false;
}

/// A heading for people; the rest of what they read is the code's own sentence and hint.
std::string_view heading_of(const Error& error) {
  switch (code_info(error.code).http_status) {
    case 401: return "Please log in";
    case 403: return "This is not for you to open";
    case 404: return "There is nothing at this address";
    case 410: return "No longer here";
    case 500: return "Something went wrong on our side";
    case 501: return "Not built yet";
    case 503: return "Please try again shortly";
    case 507: return "Nothing more can be stored just now";
    default: return "This did not work";
  }
}

}  // namespace

bool wants_page(const Request& request, const Route* route) {
  const bool wants_html = accepts(request, "text/html");
  if (route == nullptr) return wants_html;
  if (route->doc.response_type != "text/html") return false;
  return wants_html ||
         !(accepts(request, "application/json") || accepts(request, "application/problem+json"));
}

Response refusal_page(const Refusal& refusal) {
  const CodeInfo& info = code_info(refusal.error.code);
  PageParts parts;
  parts.title = heading_of(refusal.error);
  parts.main_html = heading(parts.title);
  if (info.http_status == 404)
    parts.main_html += paragraph("Check that the address is complete and spelt as you got it.");
  else
    parts.main_html += paragraph(info.sentence);
  if (!refusal.error.hint.empty()) parts.main_html += paragraph(refusal.error.hint);
  parts.main_html += fmt::format(
      "<p><a href=\"/\">To the start page</a></p>\n"
      "<p class=\"hint\">If you ask somebody about it, give this number: "
      "<span class=\"code\">{}</span></p>\n",
      html_escape(refusal.id.text()));
  return page_response(info.http_status, parts);
}

std::string page(const PageParts& parts) {
  std::string linked = stylesheet_link("/assets/probity.css");
  for (const std::string& path : parts.stylesheets)
    linked += stylesheet_link(path);
  if (!parts.script.empty())
    linked +=
        fmt::format("<script type=\"module\" src=\"{}\"></script>\n", html_escape(parts.script));
  const std::string banner = parts.organisation.empty()
                                 ? ""
                                 : fmt::format("<header class=\"page-header\"><p>{}</p></header>\n",
                                               html_escape(parts.organisation));
  return fmt::format(
      "<!doctype html>\n<html lang=\"{}\" dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n{}</head>\n<body>\n"
      "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n{}"
      "<main id=\"main\">\n{}\n</main>\n{}</body>\n</html>\n",
      html_escape(parts.lang), html_escape(parts.dir), html_escape(parts.title), linked, banner,
      parts.main_html, footer(parts));
}

Response page_response(int status, const PageParts& parts) {
  return html_response(status, page(parts));
}

std::string paragraph(std::string_view text) {
  return fmt::format("<p>{}</p>\n", html_escape(text));
}

std::string heading(std::string_view text) {
  return fmt::format("<h1>{}</h1>\n", html_escape(text));
}

Route asset_route(const Asset& asset) {
  const crypto::Digest digest = crypto::sha256(as_bytes(asset.content));
  const std::string etag = "\"" + to_hex(BytesView(digest).first(8)) + "\"";
  RouteDoc doc;
  doc.summary = "A style sheet or script of the program's own pages";
  doc.response_type = asset.content_type;
  return Route(Method::Get, asset.path, Access::open_to_everyone("style sheets hold no data"), {},
               doc, [asset, etag](Call& call) -> Result<Answer> {
                 const bool is_known = call.request().header("if-none-match") == etag;
                 Response response = empty_response(is_known ? 304 : 200);
                 response.with("etag", etag).with("cache-control", "public, max-age=86400");
                 if (is_known) return response;
                 response.with("content-type", asset.content_type);
                 response.body = asset.content;
                 return response;
               });
}

Asset page_stylesheet() {
  return {"/assets/probity.css", "text/css; charset=utf-8", embedded::page_css};
}

}  // namespace probity::web
