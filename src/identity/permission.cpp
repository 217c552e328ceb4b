#include "identity/permission.hpp"

namespace probity::identity {
namespace {

using enum Permission;

constexpr std::array<std::string_view, k_permission_count> k_permission_texts{
    "surveys.read", "surveys.edit",  "reports.read",  "responses.read",  "responses.erase",
    "users.read",   "users.manage",  "settings.read", "settings.manage", "tokens.manage",
    "audit.read",   "tenant.export", "evidence.read", "evidence.manage", "privacy.read",
};

constexpr std::array<std::string_view, 5> k_role_texts{"none", "owner", "editor", "analyst",
                                                       "auditor"};

}  // namespace

Permissions permissions_of(Role role) {
  switch (role) {
    case Role::None: return {};
    case Role::Owner: return Permissions::from_bits(~0U);
    case Role::Editor:
      return {SurveysRead, SurveysEdit, ReportsRead, ResponsesRead, SettingsRead, PrivacyRead};
    case Role::Analyst: return {SurveysRead, ReportsRead, ResponsesRead, PrivacyRead};
    case Role::Auditor:
      // Sees how the tenant is run, never what respondents said.
      return {SurveysRead, UsersRead, SettingsRead, AuditRead, EvidenceRead, PrivacyRead};
  }
  return {};
}

std::string_view text_of(Role role) { return k_role_texts[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < k_role_texts.size(); ++i)
    if (k_role_texts[i] == text) return static_cast<Role>(i);
  return {};
}

std::string_view text_of(Permission permission) {
  return k_permission_texts[static_cast<std::size_t>(permission)];
}

std::optional<Permission> parse_permission(std::string_view text) {
  for (std::size_t i = 0; i < k_permission_texts.size(); ++i)
    if (k_permission_texts[i] == text) return static_cast<Permission>(i);
  return {};
}

}  // namespace probity::identity
