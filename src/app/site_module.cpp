#include "app/site_module.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

#include "app/console_routes.hpp"
#include "app/policy_reports.hpp"
#include "app/test_clock.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "web/body.hpp"
#include "web/call.hpp"
#include "web/openapi.hpp"
#include "web/page.hpp"

namespace probity::app {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Route;
using web::RouteDoc;

/// security.txt must expire in less than a year (RFC 9116 section 2.5.5); it renews itself daily.
constexpr Span k_security_txt_life = Span::days(180);
/// A clock step answers within this, else 202: the jobs it made due go on.
constexpr Span k_clock_step_max = Span::seconds(60);

constexpr std::string_view k_inventory_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["module","table","column","what","purpose",)"
    R"("retention","storage"],"properties":{"module":{"type":"string"},)"
    R"("table":{"type":"string"},"column":{"type":"string"},"what":{"type":"string"},)"
    R"("purpose":{"type":"string"},"retention":{"type":"string"},)"
    R"("storage":{"type":"string"}}}},"next":{"type":"null"}}})";

std::string_view storage_text(module::Storage storage) {
  switch (storage) {
    case module::Storage::Clear: return "clear";
    case module::Storage::Sealed: return "sealed (AES-256-GCM)";
    case module::Storage::KeyedHash: return "keyed hash (HMAC-SHA-256)";
  }
  return "sealed";
}

class SiteModule final : public module::Module {
 public:
  explicit SiteModule(SiteParts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::string_view name() const override { return "site"; }
  [[nodiscard]] store::Grant grant() const override { return {"site", {}, {}}; }
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override { return {}; }
  std::vector<Route> routes() override;

 private:
  Result<Answer> ready(Call& call) const;
  Result<Answer> inventory(Call& call) const;
  Result<Answer> privacy_page(Call& call, std::string_view tenant_slug) const;
  Result<Answer> security_txt(Call& call) const;
  Result<Answer> read_clock(Call& call) const;
  Result<Answer> advance_clock(Call& call) const;
  void add_test_routes(std::vector<Route>& routes);
  [[nodiscard]] std::string privacy_table() const;

  SiteParts parts_;
};

Result<Answer> SiteModule::ready(Call&) const {
  if (!parts_.is_ready()) return fail(Code::Overloaded, "not ready");
  return web::json_response(200, R"({"status":"ready"})");
}

Result<Answer> SiteModule::inventory(Call&) const {
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& module : parts_.modules) {
    for (const module::PersonalColumn& column : module->personal_columns()) {
      json.begin_object();
      json.field("module", module->name());
      json.field("table", column.table);
      json.field("column", column.column);
      json.field("what", column.what);
      json.field("purpose", column.purpose);
      json.field("retention", column.retention);
      json.field("storage", storage_text(column.storage));
      json.end_object();
    }
  }
  json.end_array();
  json.key("next");
  json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

std::string SiteModule::privacy_table() const {
  std::string rows;
  for (const auto& module : parts_.modules)
    for (const module::PersonalColumn& column : module->personal_columns())
      fmt::format_to(std::back_inserter(rows),
                     "<tr><th scope=\"row\">{}</th><td data-label=\"What for\">{}</td>"
                     "<td data-label=\"How long\">{}</td>"
                     "<td data-label=\"How it is stored\">{}</td></tr>\n",
                     html_escape(column.what), html_escape(column.purpose),
                     html_escape(column.retention), storage_text(column.storage));
  return "<table class=\"stacks\" aria-label=\"What is stored\">"
         "<thead><tr><th scope=\"col\">What</th><th scope=\"col\">What for</th>"
         "<th scope=\"col\">How long</th><th scope=\"col\">How it is stored</th></tr></thead>\n"
         "<tbody>\n" +
         rows + "</tbody></table>\n";
}

Result<Answer> SiteModule::privacy_page(Call& call, std::string_view tenant_slug) const {
  web::PageParts page;
  page.title = "Privacy";
  if (!tenant_slug.empty()) {
    PROBITY_CHECK(call.enter_slug(tenant_slug));
    page.privacy_path = "/t/" + std::string(tenant_slug) + "/privacy";
  }
  page.main_html =
      web::heading("Privacy") +
      web::paragraph(
          "This page is made from the server's own inventory: every stored column that "
          "says something about a person stands here, and nothing else is stored.") +
      "<h2>If you answer a survey</h2>\n" +
      web::paragraph(
          "You may leave out anything that is not marked as required. An anonymous "
          "survey "
          "stores your answers and the hour, nothing else: no address, no browser, no "
          "name. Where a survey is confidential or asks who you are, its page says so "
          "before you answer.") +
      "<h2>What is stored</h2>\n" + privacy_table() + "<h2>Who receives it</h2>\n" +
      web::paragraph("Nobody outside: the server sends nothing to third parties.");
  return web::page_response(200, page);
}

Result<Answer> SiteModule::security_txt(Call& call) const {
  const Instant day = Instant::from_s(call.now().s() / 86'400 * 86'400);
  std::string text = fmt::format("Contact: {}\nExpires: {}\nPreferred-Languages: en\n",
                                 parts_.security_contact, to_rfc3339(day + k_security_txt_life));
  const std::string origin = web::origin_of(call.request(), parts_.public_url);
  text += "Canonical: " + origin + "/.well-known/security.txt\n";
  text += "Policy: " + origin + "/security\n";
  web::Response response = web::empty_response(200);
  response.with("content-type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

Result<Answer> SiteModule::read_clock(Call& call) const {
  JsonWriter json;
  json.begin_object();
  json.field("now", to_rfc3339(call.now()));
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> SiteModule::advance_clock(Call& call) const {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  const auto advance_s = fields.maybe_integer("advance_s", 0, 100LL * 366 * 86'400);
  if (!advance_s) fields.refuse("advance_s", "It is required: whole seconds, 0 or more.");
  PROBITY_CHECK(fields.finish());
  parts_.clock.advance(Span::seconds(*advance_s));
  PROBITY_CHECK(store_test_offset(parts_.test_clock_file, parts_.clock.offset()));
  PROBITY_TRY(is_done, parts_.scheduler.run_due(parts_.clock.now(), k_clock_step_max));
  JsonWriter json;
  json.begin_object();
  json.field("now", to_rfc3339(parts_.clock.now()));
  if (!is_done) json.field("pending", true);
  json.end_object();
  return web::json_response(is_done ? 200 : 202, std::move(json).text());
}

void SiteModule::add_test_routes(std::vector<Route>& routes) {
  RouteDoc doc;
  doc.summary = "The server's clock (test mode)";
  routes.emplace_back(Method::Get, "/api/v1/test/clock", Access::test_mode(), web::Limits{}, doc,
                      [this](Call& call) { return read_clock(call); });
  doc.summary = "Moves the clock forward and runs what fell due (test mode)";
  doc.request_schema = R"({"type":"object","required":["advance_s"],"properties":{)"
                       R"("advance_s":{"type":"integer","minimum":0}}})";
  web::Limits limits;
  limits.lane = web::LaneKind::Bulk;
  limits.deadline = web::k_bulk_deadline;
  routes.emplace_back(Method::Post, "/api/v1/test/clock", Access::test_mode(), limits, doc,
                      [this](Call& call) { return advance_clock(call); });
  RouteDoc outbox;
  outbox.summary = "Mail and messages sent so far (test mode); mail is not built yet";
  outbox.success_status = 501;
  routes.emplace_back(Method::Get, "/api/v1/test/outbox", Access::test_mode(), web::Limits{},
                      outbox, [](Call&) -> Result<Answer> { return fail(Code::NotBuilt); });
}

std::vector<Route> SiteModule::routes() {
  std::vector<Route> routes;
  const auto add = [&routes](std::string_view path, Access access, RouteDoc doc,
                             web::Handler handler) {
    routes.emplace_back(Method::Get, path, access, web::Limits{}, std::move(doc),
                        std::move(handler));
  };
  const auto doc = [](std::string_view summary, std::string_view type) {
    RouteDoc d;
    d.summary = summary;
    d.response_type = type;
    return d;
  };
  add("/healthz", Access::open_to_everyone("monitors have no log-in; no detail is told"),
      doc("Whether the process runs", "application/json"),
      [](Call&) -> Result<Answer> { return web::json_response(200, R"({"status":"ok"})"); });
  add("/readyz", Access::open_to_everyone("monitors have no log-in; no detail is told"),
      doc("Whether requests are served", "application/json"),
      [this](Call& call) { return ready(call); });
  add("/api/openapi.json", Access::open_to_everyone("the interface is public knowledge"),
      doc("This document", "application/json"), [this](Call&) -> Result<Answer> {
        const auto test =
            parts_.test_clock_file.empty() ? web::TestRoutes::Hidden : web::TestRoutes::Shown;
        return web::json_response(200, web::openapi_json(parts_.router(), parts_.version, test));
      });
  add("/.well-known/security.txt", Access::open_to_everyone("RFC 9116"),
      doc("Where to report security problems", "text/plain"),
      [this](Call& call) { return security_txt(call); });
  add("/privacy", Access::open_to_everyone("people read it before they answer"),
      doc("What is stored about people, and why", "text/html"),
      [this](Call& call) { return privacy_page(call, {}); });
  add("/t/{tenant}/privacy", Access::open_to_everyone("people read it before they answer"),
      doc("The same for one tenant", "text/html"),
      [this](Call& call) { return privacy_page(call, call.path_value("tenant")); });
  add(
      "/api/v1/privacy/inventory", Access::require(identity::Permission::PrivacyRead),
      [&] {
        RouteDoc d =
            doc("Every stored personal column with purpose and retention", "application/json");
        d.response_schema = k_inventory_schema;
        return d;
      }(),
      [this](Call& call) { return inventory(call); });
  routes.push_back(policy_report_route());
  routes.push_back(web::asset_route(web::page_stylesheet()));
  for (Route& route : console_routes())
    routes.push_back(std::move(route));
  add_test_routes(routes);
  return routes;
}

}  // namespace

std::unique_ptr<module::Module> make_site_module(SiteParts parts) {
  return std::make_unique<SiteModule>(std::move(parts));
}

}  // namespace probity::app
