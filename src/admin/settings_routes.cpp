#include <boost/json.hpp>

#include <fmt/core.h>

#include "admin/routes.hpp"
#include "approval/approval.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "identity/settings.hpp"
#include "web/body.hpp"
#include "web/network_rules.hpp"

namespace probity::admin {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_settings_schema =
    R"({"type":"object","required":["session_idle_s","organisation_name","address_format",)"
    R"("privacy_contact","group_size_min","approval_required","second_factor_roles",)"
    R"("password_profile","network_allow","network_deny","own_address"],"properties":{)"
    R"("session_idle_s":{"type":"integer","minimum":300,)"
    R"("maximum":14400},"organisation_name":{"type":"string","maxLength":200},)"
    R"("address_format":{"enum":["v4/24","v4/16","v4/8","none"]},)"
    R"("privacy_contact":{"type":"string","maxLength":500},)"
    R"("group_size_min":{"type":"integer","minimum":5,"maximum":1000},)"
    R"("approval_required":{"type":"boolean"},"second_factor_roles":{"type":"array","maxItems":5,)"
    R"("items":{"enum":["none","owner","editor","analyst","auditor"]}},)"
    R"("password_profile":{"enum":["nist-r4","vwo","mindaclient"]},)"
    R"("network_allow":{"type":"array","items":{"type":"string"}},)"
    R"("network_deny":{"type":"array","items":{"type":"string"}},)"
    R"("own_address":{"type":"string"}}})";

constexpr std::string_view k_patch_schema =
    R"({"type":"object","additionalProperties":false,"properties":{)"
    R"("session_idle_s":{"type":"integer","minimum":300,"maximum":14400},)"
    R"("organisation_name":{"type":"string","maxLength":200},)"
    R"("address_format":{"enum":["v4/24","v4/16","v4/8","none"]},)"
    R"("privacy_contact":{"type":"string","maxLength":500},)"
    R"("group_size_min":{"type":"integer","minimum":5,"maximum":1000},)"
    R"("approval_required":{"type":"boolean"},"second_factor_roles":{"type":"array","maxItems":5,)"
    R"("items":{"enum":["none","owner","editor","analyst","auditor"]}},)"
    R"("password_profile":{"enum":["nist-r4","vwo","mindaclient"]},)"
    R"("network_allow":{"type":"array","maxItems":200,"items":{"type":"string","maxLength":64}},)"
    R"("network_deny":{"type":"array","maxItems":200,"items":{"type":"string","maxLength":64}},)"
    R"("network_force":{"type":"boolean"}}})";

constexpr std::string_view k_end_approvals = "settings.end_approvals";

std::string etag_of(std::int64_t version) { return fmt::format("\"{}\"", version); }

void add_blocks(JsonWriter& json, std::string_view name, std::string_view list) {
  json.key(name);
  json.begin_array();
  if (!list.empty())
    for (const std::string_view block : split(list, '\n'))
      json.value(block);
  json.end_array();
}

Result<Answer> show(Call& call) {
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  JsonWriter json;
  json.begin_object();
  json.field("session_idle_s", settings.session_idle_s);
  json.field("organisation_name", settings.organisation_name);
  json.field("address_format", identity::text_of(settings.address_format));
  json.field("privacy_contact", settings.privacy_contact);
  json.field("group_size_min", settings.group_size_min);
  json.field("approval_required", settings.is_approval_required);
  json.key("second_factor_roles");
  json.begin_array();
  for (std::size_t i = 0; i < identity::k_role_count; ++i) {
    const auto role = static_cast<identity::Role>(i);
    if (settings.second_factor_roles.has(role)) json.value(identity::text_of(role));
  }
  json.end_array();
  json.field("password_profile", identity::profile_of(settings.password_profile).name);
  add_blocks(json, "network_allow", settings.networks.allow);
  add_blocks(json, "network_deny", settings.networks.deny);
  json.field("own_address", web::address_text(call.request().peer));
  json.end_object();
  return std::move(
      web::json_response(200, std::move(json).text()).with("etag", etag_of(settings.version)));
}

/// The version If-Match names; nothing when it is absent or "*".
Result<std::optional<std::int64_t>> expected_version(const Call& call) {
  const std::string_view match = call.request().header("if-match");
  if (match.empty() || match == "*") return std::optional<std::int64_t>();
  if (match.size() < 3 || match.front() != '"' || match.back() != '"')
    return fail(Code::PreconditionFailed, "If-Match is no entity tag of ours");
  const auto version = parse_int(match.substr(1, match.size() - 2));
  if (!version) return fail(Code::PreconditionFailed, "If-Match is no entity tag of ours");
  return version;
}

/// Whether a patch ends the rule of two people: it would be none if one could.
Result<bool> ends_approvals(Call& call, const identity::SettingsPatch& patch) {
  if (patch.is_approval_required.value_or(true)) return false;
  return approval::is_required(call);
}

/// A list of roles; nothing where it is absent.
std::optional<identity::Roles> roles_field(web::Fields& fields, std::string_view name) {
  if (fields.any(name) == nullptr) return {};
  identity::Roles roles;
  for (const std::string& text :
       fields.texts(name, {.bytes_max = 20, .items_max = identity::k_role_count})) {
    const auto role = identity::parse_role(text);
    if (!role) fields.refuse(name, "Of owner, editor, analyst, auditor, none.");
    if (role) roles.add(*role);
  }
  return roles;
}

/// A list of networks as it is stored; nothing where it is absent.
Result<std::optional<std::string>> blocks_field(web::Fields& fields, std::string_view name) {
  if (fields.any(name) == nullptr) return std::optional<std::string>();
  const auto blocks = fields.texts(name, {.bytes_max = identity::k_network_block_bytes_max,
                                          .items_max = identity::k_network_blocks_max});
  PROBITY_TRY(list, web::network_list(name, blocks));
  return std::optional<std::string>(std::move(list));
}

/// Conflict where the rules that would then hold shut out whoever makes them.
Result<void> check_own_way_in(Call& call, const identity::SettingsPatch& patch) {
  if (!patch.network_allow && !patch.network_deny) return {};
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(rules, identity::network_rules(*reader, *cipher));
  if (patch.network_allow) rules.allow = *patch.network_allow;
  if (patch.network_deny) rules.deny = *patch.network_deny;
  if (web::lets_in(rules, call.request().peer)) return {};
  const std::string_view field =
      web::lets_in({rules.allow, {}}, call.request().peer) ? "/network_deny" : "/network_allow";
  return refuse_field(Code::Conflict, std::string(field),
                      fmt::format("This would shut you out: you come from {}. Send network_force "
                                  "with it if that is meant.",
                                  web::address_text(call.request().peer)));
}

Result<Answer> change(Call& call) {
  PROBITY_TRY(body, call.json_body());
  web::Fields fields(body);
  identity::SettingsPatch patch;
  patch.session_idle_s = fields.maybe_integer("session_idle_s", identity::k_session_idle_least_s,
                                              identity::k_session_idle_most_s);
  patch.organisation_name = fields.maybe_text(
      "organisation_name",
      {.bytes_max = identity::k_organisation_name_bytes_max, .may_be_empty = true});
  patch.privacy_contact =
      fields.maybe_text("privacy_contact",
                        {.bytes_max = identity::k_privacy_contact_bytes_max, .may_be_empty = true});
  patch.group_size_min = fields.maybe_integer("group_size_min", identity::k_group_size_least,
                                              identity::k_group_size_most);
  if (const auto format = fields.maybe_text("address_format", {.bytes_max = 20})) {
    patch.address_format = identity::parse_address_format(*format);
    if (!patch.address_format) fields.refuse("address_format", "One of v4/24, v4/16, v4/8, none.");
  }
  patch.is_approval_required = fields.maybe_truth("approval_required");
  patch.second_factor_roles = roles_field(fields, "second_factor_roles");
  if (const auto name = fields.maybe_text("password_profile", {.bytes_max = 20})) {
    patch.password_profile = identity::parse_profile(*name);
    if (!patch.password_profile)
      fields.refuse("password_profile", "One of nist-r4, vwo, mindaclient.");
  }
  PROBITY_TRY(allow, blocks_field(fields, "network_allow"));
  PROBITY_TRY(deny, blocks_field(fields, "network_deny"));
  patch.network_allow = allow;
  patch.network_deny = deny;
  const bool is_forced = fields.maybe_truth("network_force").value_or(false);
  PROBITY_CHECK(fields.finish());
  if (!is_forced) PROBITY_CHECK(check_own_way_in(call, patch));
  PROBITY_TRY(expected, expected_version(call));
  patch.expected_version = expected;
  PROBITY_TRY(ends_rule, ends_approvals(call, patch));
  if (ends_rule) {
    if (body.as_object().size() > 1) {
      return refuse_field(Code::Conflict, "/approval_required",
                          "Send it alone: a second person has to approve that it ends.");
    }
    return approval::ask(call, {k_end_approvals});
  }
  PROBITY_TRY(acting, acting_of(call));
  PROBITY_TRY(plan, identity::plan_change_settings(acting, patch));
  return answer_with(std::move(plan), [](std::int64_t version) {
    return std::move(no_content().with("etag", etag_of(version)));
  });
}

Result<web::Prepared> prepare_end_of_approvals(Call& call, const module::Wish&) {
  PROBITY_TRY(acting, acting_of(call));
  identity::SettingsPatch patch;
  patch.is_approval_required = false;
  patch.is_end_approved = true;
  PROBITY_TRY(plan, identity::plan_change_settings(acting, patch));
  return web::Prepared{std::move(plan.change), no_content};
}

}  // namespace

module::Approvable end_of_approvals() {
  return {k_end_approvals, Permission::SettingsManage, prepare_end_of_approvals};
}

void add_settings_routes(Routes& routes, const AdminParts&) {
  web::RouteDoc doc{.summary = "Settings of the tenant, with their version as ETag",
                    .request_schema = {},
                    .response_schema = k_settings_schema};
  routes.emplace_back(Method::Get, "/api/v1/tenant/settings",
                      Access::require(Permission::SettingsRead), web::Limits{}, doc, show);
  doc = {.summary = "Change settings; with If-Match only if nobody else did",
         .request_schema = k_patch_schema,
         .response_schema = {},
         .success_status = 204};
  doc.waiting_schema = approval::k_asked_schema;
  routes.emplace_back(Method::Patch, "/api/v1/tenant/settings",
                      Access::require(Permission::SettingsManage), web::Limits{}, doc, change);
}

}  // namespace probity::admin
