#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace probity::identity {

/// What a principal may do. One bit each; the text forms are the scopes of API tokens.
enum class Permission : std::uint8_t {
  SurveysRead,     ///< See surveys and their questionnaires.
  SurveysEdit,     ///< Create, change, publish, close, import, delete surveys.
  ReportsRead,     ///< See counts and means (never a single response).
  ResponsesRead,   ///< See single responses and their text: confidential, every read is audited.
  ResponsesErase,  ///< Erase single responses.
  UsersRead,       ///< See members and their roles.
  UsersManage,     ///< Invite, change, disable, delete members.
  SettingsRead,    ///< See tenant settings.
  SettingsManage,  ///< Change tenant settings.
  TokensManage,    ///< Make and revoke API tokens.
  AuditRead,       ///< Read the audit log.
  TenantExport,    ///< Export everything of the tenant.
  EvidenceRead,    ///< See evidence records.
  EvidenceManage,  ///< File evidence records.
  PrivacyRead,     ///< See the privacy inventory.
};
inline constexpr std::size_t k_permission_count = 15;

/// A set of permissions.
class Permissions {
 public:
  constexpr Permissions() = default;
  constexpr Permissions(std::initializer_list<Permission> list) {
    for (const Permission p : list)
      add(p);
  }
  constexpr void add(Permission p) { bits_ |= bit(p); }
  [[nodiscard]] constexpr bool has(Permission p) const { return (bits_ & bit(p)) != 0; }
  [[nodiscard]] constexpr bool contains(Permissions other) const {
    return (other.bits_ & ~bits_) == 0;
  }
  [[nodiscard]] constexpr Permissions common_with(Permissions other) const {
    return from_bits(bits_ & other.bits_);
  }
  [[nodiscard]] constexpr bool is_empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  [[nodiscard]] static constexpr Permissions from_bits(std::uint32_t bits) {
    Permissions p;
    p.bits_ = bits & ((1U << k_permission_count) - 1);
    return p;
  }
  constexpr bool operator==(const Permissions&) const = default;

 private:
  static constexpr std::uint32_t bit(Permission p) { return 1U << static_cast<unsigned>(p); }
  std::uint32_t bits_ = 0;
};

/// Roles of a tenant's members. None can do nothing but see itself (WI-21).
enum class Role : std::uint8_t { None, Owner, Editor, Analyst, Auditor };

inline constexpr std::size_t k_role_count = 5;

/// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  [[nodiscard]] static constexpr Roles from_bits(std::int64_t bits) {
    Roles roles;
    roles.bits_ = bits & k_all;
    return roles;
  }
  constexpr void add(Role role) { bits_ |= bit(role); }
  [[nodiscard]] constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  [[nodiscard]] constexpr std::int64_t bits() const { return bits_; }
  static constexpr std::int64_t k_all = (1 << k_role_count) - 1;

 private:
  static constexpr std::int64_t bit(Role role) { return 1 << static_cast<unsigned>(role); }
  std::int64_t bits_ = 0;
};

/// The permission matrix, in this one place.
[[nodiscard]] Permissions permissions_of(Role role);

/// "owner", "surveys.read" and so on; nothing for an unknown text.
[[nodiscard]] std::string_view text_of(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);
[[nodiscard]] std::string_view text_of(Permission permission);
[[nodiscard]] std::optional<Permission> parse_permission(std::string_view text);

}  // namespace probity::identity
