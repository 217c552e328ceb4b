#include "feature/survey/settings.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "approval/approval.hpp"
#include "base/json_writer.hpp"
#include "feature/survey/changed.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/revision.hpp"
#include "feature/survey/stored_logo.hpp"
#include "identity/principal.hpp"
#include "identity/settings.hpp"
#include "sql/survey.hpp"
#include "web/body.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Answer;
using web::Call;

/// A setting that may be changed, cleared with null, or left alone.
template <typename T>
struct Patch {
  bool is_given = false;
  std::optional<T> value;
  void onto(std::optional<T>& target) const {
    if (is_given) target = value;
  }
};

struct SettingsPatch {
  Patch<Instant> opens_at;
  Patch<Instant> closes_at;
  Patch<std::int64_t> response_cap;
  Patch<std::int64_t> retention_days;
  std::optional<boost::json::value> pages;  ///< What to change about the pages.

  [[nodiscard]] bool is_retention_alone() const {
    return !opens_at.is_given && !closes_at.is_given && !response_cap.is_given && !pages;
  }
};

/// The body being read: `fields` reports, `json` tells null from absent.
struct SettingsBody {
  web::Fields& fields;
  const boost::json::value& json;

  [[nodiscard]] const boost::json::value* take(std::string_view name) const {
    static_cast<void>(fields.any(name));
    return json.is_object() ? json.get_object().if_contains(name) : nullptr;
  }
};

Patch<Instant> instant_patch(const SettingsBody& body, std::string_view name) {
  Patch<Instant> patch;
  const boost::json::value* value = body.take(name);
  if (value == nullptr) return patch;
  patch.is_given = true;
  if (value->is_null()) return patch;
  if (value->is_string()) patch.value = parse_rfc3339(std::string_view(value->get_string()));
  if (!patch.value)
    body.fields.refuse(name, "A time such as 2026-01-31T08:15:30Z, or null for none.");
  return patch;
}

Patch<std::int64_t> number_patch(const SettingsBody& body, std::string_view name,
                                 std::int64_t most) {
  Patch<std::int64_t> patch;
  const boost::json::value* value = body.take(name);
  if (value == nullptr) return patch;
  patch.is_given = true;
  if (value->is_null()) return patch;
  if (value->is_int64()) patch.value = value->get_int64();
  if (!patch.value || *patch.value < 1 || *patch.value > most)
    body.fields.refuse(name, fmt::format("A whole number from 1 to {}, or null for none.", most));
  return patch;
}

Result<SettingsPatch> settings_patch(Call& call) {
  PROBITY_TRY(json, call.json_body());
  web::Fields fields(json);
  const SettingsBody body{fields, json};
  SettingsPatch patch;
  patch.opens_at = instant_patch(body, "opens_at");
  patch.closes_at = instant_patch(body, "closes_at");
  patch.response_cap = number_patch(body, "response_cap", k_response_cap_max);
  patch.retention_days = number_patch(body, "retention_days", k_retention_days_max);
  if (const boost::json::value* pages = fields.any("pages")) patch.pages = *pages;
  PROBITY_CHECK(fields.finish());
  PageSettings unused;
  if (patch.pages) PROBITY_CHECK(change_page_settings(*patch.pages, unused));
  return patch;
}

/// The settings of the pages with what is to be changed; stored when anything is.
Result<PageSettings> store_pages(store::Tx& tx, const crypto::Cipher& cipher, const SurveyId& id,
                                 const SettingsPatch& patch) {
  PROBITY_TRY(pages, load_page_settings(tx, cipher, id));
  if (!patch.pages) return std::move(pages);
  PROBITY_CHECK(change_page_settings(*patch.pages, pages));
  PROBITY_CHECK(store_page_settings(tx, cipher, id, pages));
  return std::move(pages);
}

Result<void> store_settings(store::Tx& tx, SurveyRecord survey, const SettingsPatch& patch) {
  patch.opens_at.onto(survey.opens_at);
  patch.closes_at.onto(survey.closes_at);
  patch.response_cap.onto(survey.response_cap);
  patch.retention_days.onto(survey.retention_days);
  if (survey.opens_at && survey.closes_at && *survey.opens_at >= *survey.closes_at)
    return refuse_field(Code::BadRequest, "/closes_at", "Must be later than opens_at.");
  const TenantId tenant = tx.space().tenant();
  PROBITY_CHECK(tx.run(
      q::set_window, {tenant, survey.id, survey.opens_at, survey.closes_at, survey.response_cap}));
  PROBITY_CHECK(tx.run(q::set_retention, {tenant, survey.id, survey.retention_days}));
  return {};
}

/// What the audit log is told: when responses go is nobody's secret.
std::string detail_of(const SettingsPatch& patch) {
  JsonWriter json;
  json.begin_object();
  json.field("settings", true);
  if (patch.retention_days.is_given) {
    json.key("retention_days");
    const auto& days = patch.retention_days.value;
    days ? json.value(*days) : json.null();
  }
  json.end_object();
  return std::move(json).text();
}

constexpr std::string_view k_shortening = "survey.shorten_retention";

/// Whether responses would be erased sooner than before: the next sweep takes what is older.
bool shortens_retention(const SurveyRecord& survey, const SettingsPatch& patch) {
  const auto& days = patch.retention_days;
  if (!days.is_given || !days.value) return false;
  return !survey.retention_days || *days.value < *survey.retention_days;
}

/// Whether the patch takes two people. Responses need not be there yet: a published survey gets
/// them, and then they are erased sooner than whoever published it meant.
Result<bool> takes_two(store::Reader& reader, const SurveyRecord& survey,
                       const SettingsPatch& patch) {
  if (!shortens_retention(survey, patch)) return false;
  if (survey.version == 0) return loss_takes_two(reader, survey);
  return identity::is_approval_required(reader);
}

Result<web::Prepared> prepare_settings(Services& services, Call& call, const SurveyId& id,
                                       const SettingsPatch& patch, Approved approved) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(before, load_survey(*reader, id));
  auto outcome = std::make_shared<Outcome>();
  PROBITY_TRY(title, open_title(*cipher, before));
  outcome->title = title;
  PROBITY_TRY(entry, call.entry("survey.update", id.text(), detail_of(patch)));
  auto apply = [=, by = Editor(call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    if (approved == Approved::No) {
      // Somebody may have set it longer, or asked for two people, since the handler looked.
      PROBITY_TRY(is_required, takes_two(tx, survey, patch));
      if (is_required) return refuse(Code::Conflict, "It takes two people by now: ask again.");
    }
    PROBITY_CHECK(store_settings(tx, survey, patch));
    PROBITY_TRY(pages, store_pages(tx, *cipher, id, patch));
    outcome->pages = std::move(pages);
    PROBITY_TRY(logo, load_logo_facts(tx, *cipher, id));
    outcome->logo = std::move(logo);
    PROBITY_CHECK(touch(tx, survey, by));
    PROBITY_TRY(after, load_survey(tx, id));
    outcome->survey = after;
    return store::Journal{entry};
  };
  return changed_survey(services, std::move(apply), outcome);
}

Result<Answer> patch_settings(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(patch, settings_patch(call));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(before, load_survey(*reader, id));
  PROBITY_TRY(stale, refuse_stale(call, before));
  if (stale) return std::move(*stale);
  PROBITY_TRY(is_required, takes_two(*reader, before, patch));
  if (is_required) {
    if (!patch.is_retention_alone()) {
      return refuse_field(Code::Conflict, "/retention_days",
                          "Send it alone: a second person has to approve that it gets shorter.");
    }
    return approval::ask(call, {k_shortening, id.text(), patch.retention_days.value});
  }
  PROBITY_TRY(prepared, prepare_settings(services, call, id, patch, Approved::No));
  return std::move(prepared);
}

Result<web::Prepared> prepare_approved_retention(Services& services, Call& call,
                                                 const module::Wish& wish) {
  const auto id = SurveyId::parse(wish.object);
  if (!id || !wish.number) return fail(Code::Internal, "a wish without its days");
  SettingsPatch patch;
  patch.retention_days = {true, wish.number};
  return prepare_settings(services, call, *id, patch, Approved::Yes);
}

constexpr std::string_view k_settings_schema_start =
    R"({"type":"object","additionalProperties":false,"properties":{)"
    R"("opens_at":{"type":["string","null"],"format":"date-time"},)"
    R"("closes_at":{"type":["string","null"],"format":"date-time"},)"
    R"("response_cap":{"type":["integer","null"],"minimum":1},)"
    R"("retention_days":{"type":["integer","null"],"minimum":1},"pages":)";
std::string_view settings_schema() {
  static const std::string schema =
      fmt::format("{}{}}}}}", k_settings_schema_start, k_page_settings_schema);
  return schema;
}

}  // namespace

module::Approvable approvable_retention(Services& services) {
  return {k_shortening, Permission::SurveysEdit, [&services](Call& call, const module::Wish& wish) {
            return prepare_approved_retention(services, call, wish);
          }};
}

std::vector<web::Route> settings_routes(Services& services) {
  std::vector<web::Route> routes;
  web::RouteDoc doc{"Change when a survey is open, its cap, its retention and its pages",
                    settings_schema(), k_survey_schema};
  doc.waiting_schema = approval::k_asked_schema;
  routes.emplace_back(web::Method::Patch, "/api/v1/surveys/{id}/settings",
                      web::Access::require(Permission::SurveysEdit), web::Limits{}, doc,
                      [&services](Call& call) { return patch_settings(services, call); });
  return routes;
}

}  // namespace probity::survey
