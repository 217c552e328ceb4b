#include "identity/settings.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "audit/entry.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "sql/identity.hpp"

namespace probity::identity {
namespace {

constexpr std::string_view k_idle = "session_idle_s";
constexpr std::string_view k_organisation = "organisation_name";
constexpr std::string_view k_address = "address_format";
constexpr std::string_view k_contact = "privacy_contact";
constexpr std::string_view k_group = "group_size_min";
constexpr std::string_view k_approval = "approval_required";
constexpr std::string_view k_factors = "second_factor_roles";
constexpr std::string_view k_profile = "password_profile";
constexpr std::string_view k_allow = "network_allow";
constexpr std::string_view k_deny = "network_deny";
constexpr std::string_view k_version = "version";
/// Far more changes than anybody makes, far from where counting on ends.
constexpr std::int64_t k_settings_version_most = 1'000'000'000'000;

/// One setting ready to be stored: sealed where a person typed it.
struct Stored {
  std::string_view name;
  std::optional<std::int64_t> number;
  std::optional<Bytes> sealed;
};

std::string purpose_of(std::string_view name) { return fmt::format("setting.{}", name); }

Result<std::string> open_text(const crypto::Cipher& cipher, const TenantId& tenant,
                              std::string_view name, BytesView sealed) {
  PROBITY_TRY(plain, cipher.open(purpose_of(name), tenant.bytes(), sealed));
  return std::string(as_text(plain));
}

void check_number(std::vector<FieldError>& errors, std::string_view name,
                  std::optional<std::int64_t> value, std::pair<std::int64_t, std::int64_t> bounds) {
  if (value && (*value < bounds.first || *value > bounds.second)) {
    errors.push_back({fmt::format("/{}", name),
                      fmt::format("A whole number from {} to {}.", bounds.first, bounds.second)});
  }
}

void check_text(std::vector<FieldError>& errors, std::string_view name,
                const std::optional<std::string>& value, std::size_t bytes_max) {
  if (value && (value->size() > bytes_max || !is_utf8(*value)))
    errors.push_back({fmt::format("/{}", name), fmt::format("At most {} bytes.", bytes_max)});
}

Result<void> check(const SettingsPatch& patch) {
  Error error{Code::BadRequest, {}, {}, {}, 0};
  auto& fields = error.fields;
  check_number(fields, k_idle, patch.session_idle_s,
               {k_session_idle_least_s, k_session_idle_most_s});
  check_number(fields, k_group, patch.group_size_min, {k_group_size_least, k_group_size_most});
  check_text(fields, k_organisation, patch.organisation_name, k_organisation_name_bytes_max);
  check_text(fields, k_contact, patch.privacy_contact, k_privacy_contact_bytes_max);
  check_text(fields, k_allow, patch.network_allow, k_network_list_bytes_max);
  check_text(fields, k_deny, patch.network_deny, k_network_list_bytes_max);
  if (!fields.empty()) return std::unexpected(std::move(error));
  return {};
}

Result<std::vector<Stored>> prepare(const Acting& acting, const SettingsPatch& patch) {
  std::vector<Stored> rows;
  const auto add_text = [&](std::string_view name,
                            const std::optional<std::string>& text) -> Result<void> {
    if (!text) return {};
    PROBITY_TRY(sealed, acting.cipher->seal(purpose_of(name), acting.tenant.bytes(),
                                            as_bytes(trim(*text))));
    rows.push_back({name, {}, std::move(sealed)});
    return {};
  };
  if (patch.session_idle_s) rows.push_back({k_idle, patch.session_idle_s, {}});
  if (patch.group_size_min) rows.push_back({k_group, patch.group_size_min, {}});
  if (patch.is_approval_required)
    rows.push_back({k_approval, *patch.is_approval_required ? 1 : 0, {}});
  if (patch.second_factor_roles) rows.push_back({k_factors, patch.second_factor_roles->bits(), {}});
  if (patch.password_profile)
    rows.push_back({k_profile, static_cast<std::int64_t>(*patch.password_profile), {}});
  if (patch.address_format)
    rows.push_back({k_address, static_cast<std::int64_t>(*patch.address_format), {}});
  PROBITY_CHECK(add_text(k_organisation, patch.organisation_name));
  PROBITY_CHECK(add_text(k_contact, patch.privacy_contact));
  PROBITY_CHECK(add_text(k_allow, patch.network_allow));
  PROBITY_CHECK(add_text(k_deny, patch.network_deny));
  return rows;
}

/// Names of what was changed; numbers with their new value.
std::string detail_of(const std::vector<Stored>& rows) {
  JsonWriter json;
  json.begin_object();
  for (const Stored& row : rows) {
    json.key(row.name);
    row.number ? json.value(*row.number) : json.value("changed");
  }
  json.end_object();
  return std::move(json).text();
}

Result<std::optional<std::int64_t>> stored_number(store::Reader& reader, std::string_view name) {
  return reader.first(sql::identity::setting_number, {reader.space().tenant(), name},
                      [](const store::Row& row) { return row.integer(0); });
}

Result<std::int64_t> move_version(store::Tx& tx, std::optional<std::int64_t> expected) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_CHECK(tx.run(sql::identity::begin_settings, {tenant}));
  PROBITY_TRY(version, tx.first(sql::identity::setting_number, {tenant, k_version},
                                [](const store::Row& row) { return row.integer(0); }));
  const std::int64_t current = version.value_or(1);
  if (expected && *expected != current) return fail(Code::PreconditionFailed);
  PROBITY_TRY(moved, tx.run(sql::identity::move_settings_version, {tenant, current, current + 1}));
  if (moved != 1) return fail(Code::PreconditionFailed, "the settings moved on");
  return current + 1;
}

Result<void> end_idle_sessions(store::Tx& tx, Instant now) {
  const TenantId& tenant = tx.space().tenant();
  PROBITY_TRY(before, tx.first(sql::identity::setting_number, {tenant, k_idle},
                               [](const store::Row& row) { return row.integer(0); }));
  PROBITY_CHECK(
      tx.run(sql::identity::delete_sessions_idle_since, {tenant, now - idle_span_of(before)}));
  return {};
}

}  // namespace

Span idle_span_of(std::optional<std::int64_t> stored_s) {
  return Span::seconds(std::clamp(stored_s.value_or(k_session_idle_most_s), k_session_idle_least_s,
                                  k_session_idle_most_s));
}

bool is_setting(std::string_view name, std::optional<std::int64_t> number,
                const std::optional<std::string>& text) {
  constexpr auto k_formats = static_cast<std::int64_t>(AddressFormat::None);
  const auto has_number = [&](std::int64_t least, std::int64_t most) {
    return number && !text && *number >= least && *number <= most;
  };
  const auto has_text = [&](std::size_t bytes_max) {
    return text && !number && text->size() <= bytes_max && is_utf8(*text);
  };
  if (name == k_idle) return has_number(k_session_idle_least_s, k_session_idle_most_s);
  if (name == k_group) return has_number(k_group_size_least, k_group_size_most);
  if (name == k_address) return has_number(0, k_formats);
  if (name == k_approval) return has_number(0, 1);
  if (name == k_factors) return has_number(0, Roles::k_all);
  if (name == k_profile) return has_number(0, k_profile_count - 1);
  if (name == k_version) return has_number(1, k_settings_version_most);
  if (name == k_organisation) return has_text(k_organisation_name_bytes_max);
  if (name == k_allow || name == k_deny) return has_text(k_network_list_bytes_max);
  return name == k_contact && has_text(k_privacy_contact_bytes_max);
}

Result<TenantSettings> load_settings(store::Reader& reader, const crypto::Cipher& cipher) {
  const TenantId& tenant = reader.space().tenant();
  TenantSettings settings;
  settings.version = 1;
  PROBITY_CHECK(reader.each(sql::identity::list_settings, {tenant},
                            [&](const store::Row& row) -> Result<bool> {
                              const std::string_view name = row.text(0);
                              const std::int64_t number = row.is_null(1) ? 0 : row.integer(1);
                              if (name == k_version) settings.version = number;
                              if (name == k_idle)
                                settings.session_idle_s = idle_span_of(number).s();
                              if (name == k_group)
                                settings.group_size_min = std::max(number, k_group_size_least);
                              if (name == k_approval) settings.is_approval_required = number != 0;
                              if (name == k_factors)
                                settings.second_factor_roles = Roles::from_bits(number);
                              if (name == k_profile)
                                settings.password_profile = profile_kind_of(number);
                              if (name == k_address && number >= 0 && number <= 3)
                                settings.address_format = static_cast<AddressFormat>(number);
                              if (row.is_null(2)) return true;
                              PROBITY_TRY(text, open_text(cipher, tenant, name, row.bytes(2)));
                              if (name == k_organisation) settings.organisation_name = text;
                              if (name == k_contact) settings.privacy_contact = text;
                              if (name == k_allow) settings.networks.allow = text;
                              if (name == k_deny) settings.networks.deny = text;
                              return true;
                            }));
  return settings;
}

Result<bool> is_approval_required(store::Reader& reader) {
  PROBITY_TRY(number, stored_number(reader, k_approval));
  return number.value_or(0) != 0;
}

Result<Roles> second_factor_roles(store::Reader& reader) {
  PROBITY_TRY(number, stored_number(reader, k_factors));
  return Roles::from_bits(number.value_or(0));
}

Result<ProfileKind> password_profile(store::Reader& reader) {
  PROBITY_TRY(number, stored_number(reader, k_profile));
  return profile_kind_of(number);
}

Result<NetworkRules> network_rules(store::Reader& reader, const crypto::Cipher& cipher) {
  PROBITY_TRY(settings, load_settings(reader, cipher));
  return settings.networks;
}

Result<NetworkRules> open_networks(store::Engine& engine, const TenantId& tenant, BytesView allow,
                                   BytesView deny) {
  NetworkRules rules;
  if (allow.empty() && deny.empty()) return rules;
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  for (const auto& [name, sealed, list] :
       {std::tuple{k_allow, allow, &rules.allow}, std::tuple{k_deny, deny, &rules.deny}}) {
    if (sealed.empty()) continue;
    PROBITY_TRY(text, open_text(*cipher, tenant, name, sealed));
    *list = text;
  }
  return rules;
}

Result<Planned<std::int64_t>> plan_change_settings(const Acting& acting,
                                                   const SettingsPatch& patch) {
  PROBITY_CHECK(check(patch));
  PROBITY_TRY(rows, prepare(acting, patch));
  const std::string detail = detail_of(rows);
  PROBITY_TRY(entry, audit::make_entry(*acting.cipher,
                                       {acting.now, "settings.change", acting.actor, {}, detail}));
  Planned<std::int64_t> plan{{k_grant, {}, std::nullopt, store::Growth::Grows},
                             std::make_shared<std::int64_t>(0)};
  plan.change.apply = [rows = std::move(rows), entry = std::move(entry), now = acting.now,
                       expected = patch.expected_version,
                       has_idle = patch.session_idle_s.has_value(),
                       may_end = patch.is_end_approved || patch.is_approval_required.value_or(true),
                       version = plan.outcome](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(moved, move_version(tx, expected));
    // Looked at here as well: somebody may have asked for two people since the caller looked.
    PROBITY_TRY(is_required, is_approval_required(tx));
    if (is_required && !may_end)
      return refuse(Code::Conflict, "Two people decide since just now: ask again.");
    if (has_idle) PROBITY_CHECK(end_idle_sessions(tx, now));
    for (const Stored& row : rows) {
      PROBITY_CHECK(tx.run(sql::identity::put_setting,
                           {tx.space().tenant(), row.name, row.number, row.sealed}));
    }
    *version = moved;
    return store::Journal{entry};
  };
  return plan;
}

}  // namespace probity::identity
