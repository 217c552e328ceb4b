#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "identity/acting.hpp"
#include "identity/address.hpp"
#include "identity/limits.hpp"
#include "identity/password_profile.hpp"
#include "identity/principal.hpp"
#include "store/engine.hpp"

namespace probity::identity {

inline constexpr std::int64_t k_group_size_least = 5;  ///< Below it, single people could be seen.
inline constexpr std::int64_t k_group_size_most = 1000;
inline constexpr std::size_t k_organisation_name_bytes_max = 200;
inline constexpr std::size_t k_privacy_contact_bytes_max = 500;
/// Blocks in a list of networks, and the bytes of one as text.
inline constexpr std::size_t k_network_blocks_max = 200;
inline constexpr std::size_t k_network_block_bytes_max = 64;
inline constexpr std::size_t k_network_list_bytes_max =
    k_network_blocks_max * (k_network_block_bytes_max + 1);

/// Policy of one tenant.
struct TenantSettings {
  std::int64_t version = 0;                             ///< For ETag; grows with every change.
  std::int64_t session_idle_s = k_session_idle_most_s;  ///< WI-54, WI-55.
  std::string organisation_name;                        ///< Shown to respondents; may be empty.
  AddressFormat address_format = AddressFormat::V4Slash24;
  std::string privacy_contact;                       ///< Whom respondents can ask; may be empty.
  std::int64_t group_size_min = k_group_size_least;  ///< Smallest group a filtered report shows.
  bool is_approval_required = false;  ///< Two people for what cannot be taken back (ASVS 2.3.5).
  Roles second_factor_roles;          ///< Whose members need a second factor (MW-14).
  ProfileKind password_profile = ProfileKind::NistR4;  ///< MC-17, MC-18, MC-19.
  NetworkRules networks;                               ///< WI-22.
};

/// What is to be changed; what is absent stays.
struct SettingsPatch {
  std::optional<std::int64_t> session_idle_s;
  std::optional<std::string> organisation_name;
  std::optional<AddressFormat> address_format;
  std::optional<std::string> privacy_contact;
  std::optional<std::int64_t> group_size_min;
  std::optional<bool> is_approval_required;
  std::optional<Roles> second_factor_roles;
  std::optional<ProfileKind> password_profile;
  std::optional<std::string> network_allow;  ///< As NetworkRules has them; checked by the caller.
  std::optional<std::string> network_deny;
  bool is_end_approved = false;  ///< A second person approved that is_approval_required ends.
  std::optional<std::int64_t> expected_version;  ///< From If-Match.
};

/// Settings of the reader's tenant, defaults where none are stored. The reader's grant must read
/// "identity".
[[nodiscard]] Result<TenantSettings> load_settings(store::Reader& reader,
                                                   const crypto::Cipher& cipher);

/// Whether the reader's tenant wants a second person for what cannot be taken back.
[[nodiscard]] Result<bool> is_approval_required(store::Reader& reader);

/// The roles of the reader's tenant whose members need a second factor.
[[nodiscard]] Result<Roles> second_factor_roles(store::Reader& reader);

/// The rules for passwords of the reader's tenant.
[[nodiscard]] Result<ProfileKind> password_profile(store::Reader& reader);

/// The networks the reader's tenant lets in.
[[nodiscard]] Result<NetworkRules> network_rules(store::Reader& reader,
                                                 const crypto::Cipher& cipher);
/// The same of lists that were read already, as they are stored; empty for nothing. Fails closed.
[[nodiscard]] Result<NetworkRules> open_networks(store::Engine& engine, const TenantId& tenant,
                                                 BytesView allow, BytesView deny);

/// Stores a patch. BadRequest names what is out of bounds. Conflict when it would end
/// is_approval_required by one person alone. PreconditionFailed (from the Change)
/// when somebody else changed them. Sessions that had ended under the old idle limit stay ended
/// under a longer one: they are removed. The outcome is the new version.
[[nodiscard]] Result<Planned<std::int64_t>> plan_change_settings(const Acting& acting,
                                                                 const SettingsPatch& patch);

/// Whether a stored setting (its number, its text) is one this program stores and reads; what comes
/// from elsewhere, such as an archive, is checked by it.
[[nodiscard]] bool is_setting(std::string_view name, std::optional<std::int64_t> number,
                              const std::optional<std::string>& text);

/// The idle limit in force for a stored setting (nothing: the default), within its bounds.
[[nodiscard]] Span idle_span_of(std::optional<std::int64_t> stored_s);

}  // namespace probity::identity
