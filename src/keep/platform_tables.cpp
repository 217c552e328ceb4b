#include "keep/platform_tables.hpp"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "audit/entry.hpp"
#include "identity/email.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/keep.hpp"

namespace probity::keep {
namespace {

namespace q = sql::keep;
using module::ArchiveRow;
using module::RowKeys;
using module::RowStore;

constexpr auto k_user_columns =
    std::to_array<std::string_view>({"id", "email", "role", "is_disabled", "created_at"});
constexpr auto k_setting_columns = std::to_array<std::string_view>({"name", "number", "text"});
constexpr auto k_audit_columns = std::to_array<std::string_view>(
    {"seq", "id", "at", "action", "actor", "object", "outcome", "detail", "hash"});

std::unexpected<Error> not_understood(std::string_view table) {
  return fail(Code::BadRequest, fmt::format("a row of {} is not understood", table));
}

std::optional<std::string> text_in(const ArchiveRow& row, std::string_view name) {
  const auto* value = row.values.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

std::optional<std::int64_t> number_in(const ArchiveRow& row, std::string_view name) {
  const auto* value = row.values.if_contains(name);
  if (value == nullptr || !value->is_int64()) return {};
  return value->get_int64();
}

bool is_moment(std::int64_t us) { return us >= 0 && us <= module::k_archive_moment_most_us; }

Result<void> write_user(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto id = row.id<UserId>(0);
  PROBITY_TRY(email, keys.cipher.open(identity::k_email_purpose, id.bytes(), row.bytes(4)));
  json.field("id", id.text());
  json.field("email", as_text(email));
  json.field("role", row.text(1));
  json.field("is_disabled", row.text(2) == identity::k_state_disabled);
  json.field("created_at", row.integer(3));
  return {};
}

Result<RowStore> read_user(const ArchiveRow& row, const RowKeys& keys) {
  const auto id = UserId::parse(text_in(row, "id").value_or(""));
  const auto email = text_in(row, "email");
  const auto role = text_in(row, "role");
  const auto created = number_in(row, "created_at");
  const auto* disabled = row.values.if_contains("is_disabled");
  if (!id || !email || !role || !created || !disabled || !disabled->is_bool() ||
      !identity::parse_role(*role) || !identity::check_email(*email) || !is_moment(*created))
    return not_understood("identity_user");
  PROBITY_TRY(hash, identity::email_hash(keys.cipher, *email));
  PROBITY_TRY(sealed, keys.cipher.seal(identity::k_email_purpose, id->bytes(), as_bytes(*email)));
  const auto state = disabled->get_bool() ? identity::k_state_disabled : identity::k_state_invited;
  return [tenant = keys.tenant, id = *id, hash = hash, sealed = std::move(sealed), role = *role,
          state, created = *created](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::import_user, {tenant, id, sealed, hash, role, state, created}));
    return {};
  };
}

std::string purpose_of(std::string_view setting) { return fmt::format("setting.{}", setting); }

Result<void> write_setting(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  json.field("name", row.text(1));
  std::optional<std::int64_t> number;
  if (!row.is_null(2)) number = row.integer(2);
  json.field("number", number);
  std::optional<std::string> text;
  if (!row.is_null(3)) {
    PROBITY_TRY(opened,
                keys.cipher.open(purpose_of(row.text(1)), keys.tenant.bytes(), row.bytes(3)));
    text = std::string(as_text(opened));
  }
  json.field("text", text);
  return {};
}

Result<RowStore> read_setting(const ArchiveRow& row, const RowKeys& keys) {
  const auto name = text_in(row, "name");
  if (!name) return not_understood("identity_setting");
  const auto number = number_in(row, "number");
  const auto text = text_in(row, "text");
  if (!identity::is_setting(*name, number, text)) return not_understood("identity_setting");
  std::optional<Bytes> sealed;
  if (text) {
    PROBITY_TRY(made, keys.cipher.seal(purpose_of(*name), keys.tenant.bytes(), as_bytes(*text)));
    sealed = std::move(made);
  }
  return [tenant = keys.tenant, name = *name, number,
          sealed = std::move(sealed)](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::import_setting, {tenant, name, number, sealed}));
    return {};
  };
}

Result<void> write_audit(const store::Row& row, const RowKeys& keys, JsonWriter& json) {
  const auto id = row.id<AuditId>(2);
  json.field("seq", row.integer(1));
  json.field("id", id.text());
  json.field("at", row.integer(3));
  json.field("action", row.text(4));
  json.field("actor", row.text(5));
  json.field("object", row.text(6));
  json.field("outcome", row.text(7));
  std::optional<std::string> detail;
  if (!row.bytes(8).empty()) {
    PROBITY_TRY(opened, keys.cipher.open(audit::k_detail_purpose, id.bytes(), row.bytes(8)));
    detail = std::string(as_text(opened));
  }
  json.field("detail", detail);
  json.field("hash", to_hex(row.bytes(9)));
  return {};
}

}  // namespace

std::vector<module::ExportTable> platform_tables() {
  return {
      {"identity_user", &q::export_users, k_user_columns, write_user, read_user, &q::clear_users},
      {"identity_setting", &q::export_settings, k_setting_columns, write_setting, read_setting,
       &q::clear_settings},
      {"audit_entry", &q::export_audit, k_audit_columns, write_audit, nullptr, nullptr},
  };
}

}  // namespace probity::keep
