#include "feature/survey/report_links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json.hpp"
#include "crypto/random.hpp"
#include "feature/survey/findings.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/report_document.hpp"
#include "feature/survey/report_page.hpp"
#include "form/limits.hpp"
#include "sql/survey.hpp"
#include "web/body.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr crypto::Purpose k_settings_purpose = "survey.report_link.settings";
constexpr std::size_t k_secret_bytes = 32;
constexpr std::size_t k_date_max_bytes = 40;

/// What stands in a link: the tenant, so that nothing is looked up across tenants, and 32 random
/// bytes; 64 characters of base64url.
struct ReportToken {
  TenantId tenant;
  Bytes secret;

  static ReportToken make(TenantId tenant) {
    return {tenant, crypto::random_bytes(k_secret_bytes)};
  }
  static std::optional<ReportToken> parse(std::string_view text) {
    constexpr std::size_t k_tenant_bytes = 16;
    constexpr std::size_t k_text_length = 64;
    if (text.size() != k_text_length) return {};
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != k_tenant_bytes + k_secret_bytes) return {};
    const auto tenant = TenantId::from_bytes(BytesView(*bytes).first(k_tenant_bytes));
    if (!tenant || tenant->is_nil()) return {};
    return ReportToken{*tenant, to_bytes(BytesView(*bytes).subspan(k_tenant_bytes))};
  }
  [[nodiscard]] std::string text() const {
    Bytes bytes = to_bytes(tenant.bytes());
    bytes.insert(bytes.end(), secret.begin(), secret.end());
    return to_base64url(bytes);
  }
  [[nodiscard]] auto hash(const crypto::Cipher& cipher) const {
    return cipher.lookup_hash("survey.report_link", secret);
  }
};

/// What a link shows, and what it is called by who made it.
struct LinkSettings {
  std::string name;
  ReportQuery query;
  GroupLabels labels;
};

/// The texts of the settings by their names in JSON.
struct SettingText {
  std::string_view name;
  std::size_t bytes_max;
  std::string& (*of)(LinkSettings&);
};
constexpr std::array k_setting_texts{
    SettingText{"name", k_report_link_name_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.name; }},
    SettingText{"filter", form::k_filter_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.query.filter; }},
    SettingText{"from", k_date_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.query.from; }},
    SettingText{"to", k_date_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.query.to; }},
    SettingText{"compare", form::k_filter_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.query.compare; }},
    SettingText{"weight", form::k_name_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.query.weight; }},
    SettingText{"label", k_group_label_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.labels.first; }},
    SettingText{"compare_label", k_group_label_max_bytes,
                [](LinkSettings& link) -> std::string& { return link.labels.second; }},
};

void write_settings(JsonWriter& json, const LinkSettings& settings) {
  LinkSettings copy = settings;
  for (const SettingText& text : k_setting_texts)
    json.field(text.name, text.of(copy));
  json.field("version", settings.query.version);
}

void read_settings(web::Fields& fields, LinkSettings& out) {
  for (const SettingText& text : k_setting_texts) {
    text.of(out) = fields.maybe_text(text.name, {.bytes_max = text.bytes_max, .may_be_empty = true})
                       .value_or("");
  }
  constexpr std::int64_t k_version_max = 1'000'000'000;
  out.query.version = fields.maybe_integer("version", 1, k_version_max);
}

Result<LinkSettings> open_settings(const crypto::Cipher& cipher, const ReportLinkId& id,
                                   BytesView sealed) {
  PROBITY_TRY(plain, cipher.open(k_settings_purpose, id.bytes(), sealed));
  auto json = parse_json(as_text(plain), {});
  if (!json) return fail(Code::IntegrityError, "stored settings of a link are not understood");
  if (auto* object = json->if_object())
    if (const auto* version = object->if_contains("version"); version && version->is_null())
      object->erase("version");
  web::Fields fields(*json);
  LinkSettings out;
  read_settings(fields, out);
  if (!fields.finish())
    return fail(Code::IntegrityError, "stored settings of a link are not understood");
  return out;
}

/// A link gives the report to others: who makes it must be able to read it.
Result<void> require_reading(const Call& call) {
  if (identity::authorise(call.principal(), Permission::ReportsRead).is_allowed) return {};
  return fail(Code::Forbidden, "a link to a report made without reports.read");
}

/// Refuses what the report itself would refuse.
Result<void> check_settings(Call& call, const SurveyId& id, const LinkSettings& settings) {
  PROBITY_CHECK(check_query(settings.query));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  const std::int64_t current = survey.version > 0 ? survey.version : survey.newest_version;
  PROBITY_TRY(version,
              load_version(*reader, *cipher, id, settings.query.version.value_or(current)));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  PROBITY_CHECK(plan_of(*questionnaire, settings.query, survey.mode));
  return {};
}

struct NewLink {
  LinkSettings settings;
  std::int64_t hours = 0;
};

Result<NewLink> new_link(Call& call) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  NewLink out;
  read_settings(fields, out.settings);
  const auto hours = fields.maybe_integer("expires_in_hours", 1, k_report_link_hours_max);
  if (!hours) {
    fields.refuse("expires_in_hours", fmt::format("Hours from 1 to {}.", k_report_link_hours_max));
  }
  PROBITY_CHECK(fields.finish());
  out.hours = *hours;
  return out;
}

Result<Answer> make_link(Services&, Call& call) {
  PROBITY_CHECK(require_reading(call));
  PROBITY_TRY(survey, call.path_id<SurveyId>("id"));
  PROBITY_TRY(wanted, new_link(call));
  PROBITY_CHECK(check_weight(call, wanted.settings.query));
  PROBITY_CHECK(check_settings(call, survey, wanted.settings));
  PROBITY_TRY(cipher, call.cipher());
  const ReportLinkId id = ReportLinkId::make(call.now());
  const ReportToken token = ReportToken::make(call.tenant());
  PROBITY_TRY(hash, token.hash(*cipher));
  JsonWriter json;
  json.begin_object();
  write_settings(json, wanted.settings);
  json.end_object();
  PROBITY_TRY(sealed, cipher->seal(k_settings_purpose, id.bytes(), as_bytes(json.text())));
  PROBITY_TRY(entry, call.entry("report.share", survey.text()));
  const Instant now = call.now();
  const Instant ends = now + Span::hours(wanted.hours);
  const std::string actor = identity::actor_of(call.principal());
  auto apply = [=](store::Tx& tx) -> Result<store::Journal> {
    const TenantId tenant = tx.space().tenant();
    PROBITY_CHECK(load_survey(tx, survey));
    PROBITY_CHECK(tx.run(q::drop_expired_report_links, {tenant, survey, now}));
    PROBITY_TRY(count, tx.first(q::report_link_count, {tenant, survey},
                                [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(k_report_links_max)) {
      return refuse(Code::LimitExceeded,
                    fmt::format("A survey has at most {} links to its report; take one away first.",
                                k_report_links_max));
    }
    PROBITY_CHECK(
        tx.run(q::insert_report_link, {tenant, survey, id, hash, now, ends, actor, sealed}));
    return store::Journal{entry};
  };
  auto respond = [id, ends, text = token.text()] {
    JsonWriter out;
    out.begin_object();
    out.field("id", id.text());
    out.field("token", text);
    out.field("path", "/r/" + text);
    out.field("expires_at", to_rfc3339(ends));
    out.end_object();
    return web::json_response(201, std::move(out).text());
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Grows},
                       std::move(respond)};
}

/// A row of `report_links`.
struct LinkRow {
  ReportLinkId id;
  Instant created_at;
  Instant expires_at;
  std::string created_by;
  Bytes settings;
};

Result<Answer> list_links(Services&, Call& call) {
  PROBITY_TRY(survey, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_CHECK(load_survey(*reader, survey));
  PROBITY_TRY(rows, reader->all(q::report_links,
                                {call.tenant(), survey, static_cast<int>(k_report_links_max)},
                                [](const store::Row& row) {
                                  return LinkRow{row.id<ReportLinkId>(0), row.instant(1),
                                                 row.instant(2), std::string(row.text(3)),
                                                 to_bytes(row.bytes(4))};
                                }));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const LinkRow& row : rows) {
    PROBITY_TRY(settings, open_settings(*cipher, row.id, row.settings));
    json.begin_object();
    json.field("id", row.id.text());
    json.field("created_at", to_rfc3339(row.created_at));
    json.field("expires_at", to_rfc3339(row.expires_at));
    json.field("created_by", row.created_by);
    json.field("is_expired", row.expires_at <= call.now());
    write_settings(json, settings);
    json.end_object();
  }
  json.end_array();
  json.key("next");
  json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> revoke_link(Services&, Call& call) {
  PROBITY_TRY(survey, call.path_id<SurveyId>("id"));
  PROBITY_TRY(link, call.path_id<ReportLinkId>("link"));
  PROBITY_TRY(entry, call.entry("report.unshare", survey.text()));
  auto apply = [=](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(load_survey(tx, survey));
    PROBITY_TRY(dropped, tx.run(q::drop_report_link, {tx.space().tenant(), survey, link}));
    if (dropped == 0) return fail(Code::NotFound);
    return store::Journal{entry};
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Essential},
                       [] { return web::empty_response(204); }};
}

/// What a link leads to.
struct Behind {
  SurveyId survey;
  ReportLinkId id;
  LinkSettings settings;
};

Result<Behind> behind_link(Call& call) {
  const auto token = ReportToken::parse(call.path_value("token"));
  if (!token) return fail(Code::NotFound);
  PROBITY_CHECK(call.enter_as_respondent(token->tenant));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(hash, token->hash(*cipher));
  PROBITY_TRY(reader, call.read());
  struct Found {
    SurveyId survey;
    ReportLinkId id;
    Instant ends;
    Bytes settings;
  };
  PROBITY_TRY(
      found, reader->first(q::behind_report_link, {token->tenant, hash}, [](const store::Row& row) {
        return Found{row.id<SurveyId>(0), row.id<ReportLinkId>(1), row.instant(2),
                     to_bytes(row.bytes(3))};
      }));
  if (!found || found->ends <= call.now()) return fail(Code::NotFound);
  PROBITY_TRY(settings, open_settings(*cipher, found->id, found->settings));
  return Behind{found->survey, found->id, std::move(settings)};
}

Result<std::string> page_of(Services& services, Call& call, const Behind& behind) {
  PROBITY_TRY(found, find_report(services, call, behind.survey, behind.settings.query));
  // Where no address is configured the page names the one it was asked at, and that is a stranger's
  // to choose: what one was shown is not kept for others.
  const std::string origin = web::origin_of(call.request(), services.public_url);
  const std::string state = found.etag + " " + origin;
  if (auto kept = services.report_pages.find(behind.id, state)) return std::move(*kept);
  PROBITY_TRY(document, document_of(call, *found.findings, {behind.settings.labels, origin}));
  std::string page = report_page(document);
  services.report_pages.put(behind.id, state, page);
  return page;
}

Result<Answer> show_link(Services& services, Call& call) {
  PROBITY_TRY(behind, behind_link(call));
  PROBITY_CHECK(services.report_pages.enter(behind.id, call.now()));
  auto page = page_of(services, call, behind);
  if (!page) {
    // Questions may have changed since the link was made: what it asks for names things that
    // whoever follows it need not learn of.
    constexpr int k_server_errors = 500;
    const bool is_of_link = code_info(page.error().code).http_status < k_server_errors;
    return is_of_link ? fail(Code::NotFound, page.error().detail)
                      : std::unexpected(std::move(page).error());
  }
  PROBITY_TRY(entry, call.entry("report.read", behind.id.text()));
  store::Change change{survey_grant(), {}, {}, store::Growth::Essential};
  change.apply = [entry](store::Tx&) -> Result<store::Journal> { return store::Journal{entry}; };
  auto body = std::make_shared<std::string>(std::move(*page));
  return web::Prepared{std::move(change), [body] {
                         web::Response response = web::html_response(200, std::move(*body));
                         response.with("x-robots-tag", "noindex, nofollow, noarchive");
                         return response;
                       }};
}

constexpr std::string_view k_new_schema =
    R"({"type":"object","required":["expires_in_hours"],"additionalProperties":false,)"
    R"("properties":{"expires_in_hours":{"type":"integer","minimum":1,"maximum":8760},)"
    R"("name":{"type":"string","maxLength":200},"filter":{"type":"string"},)"
    R"("from":{"type":"string"},"to":{"type":"string"},"compare":{"type":"string"},)"
    R"("weight":{"type":"string"},"label":{"type":"string","maxLength":200},)"
    R"("compare_label":{"type":"string","maxLength":200},)"
    R"("version":{"type":"integer","minimum":1}}})";
constexpr std::string_view k_made_schema =
    R"({"type":"object","required":["id","token","path","expires_at"],"properties":{)"
    R"("id":{"type":"string"},"token":{"type":"string"},"path":{"type":"string"},)"
    R"("expires_at":{"type":"string"}}})";
constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["id","name","created_at","expires_at","created_by",)"
    R"("is_expired"],"properties":{"id":{"type":"string"},"name":{"type":"string"},)"
    R"("created_at":{"type":"string"},"expires_at":{"type":"string"},)"
    R"("created_by":{"type":"string"},"is_expired":{"type":"boolean"},)"
    R"("filter":{"type":"string"},"from":{"type":"string"},"to":{"type":"string"},)"
    R"("compare":{"type":"string"},"weight":{"type":"string"},"label":{"type":"string"},)"
    R"("compare_label":{"type":"string"},"version":{"type":["integer","null"]}}}},)"
    R"("next":{"type":"null"}}})";

}  // namespace

std::vector<web::Route> report_link_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  constexpr std::string_view k_links = "/api/v1/surveys/{id}/report/links";
  const auto edit = Access::require(Permission::SurveysEdit);
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  std::vector<web::Route> routes;
  routes.emplace_back(
      Method::Post, k_links, edit, web::Limits{},
      web::RouteDoc{"Make a link to the report; shown this once", k_new_schema, k_made_schema, 201},
      bind(make_link));
  routes.emplace_back(Method::Get, k_links, edit, web::Limits{},
                      web::RouteDoc{"Links to the report", {}, k_list_schema, 200},
                      bind(list_links));
  routes.emplace_back(Method::Delete, "/api/v1/surveys/{id}/report/links/{link}", edit,
                      web::Limits{}, web::RouteDoc{"Take a link to the report away", {}, {}, 204},
                      bind(revoke_link));
  web::RouteDoc page{"A report, for whoever has its link", {}, {}, 200, {}};
  page.response_type = "text/html";
  routes.emplace_back(Method::Get, "/r/{token}", Access::by_link(), bulk, page, bind(show_link));
  routes.push_back(web::asset_route(report_stylesheet()));
  return routes;
}

}  // namespace probity::survey
