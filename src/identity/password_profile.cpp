#include "identity/password_profile.hpp"

#include <algorithm>

namespace probity::identity {
namespace {

// nist-r4: NIST SP 800-63B-4, 3.1.1.2, and the default. vwo: WI (docs/promises.md), 90 days and no
// return to the last five. mindaclient: MC-17, MC-18, MC-19. The last two ask for what NIST advises
// against, because contracts do.
constexpr std::array<PasswordProfile, k_profile_count> k_profiles{{
    {.name = "nist-r4", .version = 1, .length_least = 15},
    {.name = "vwo",
     .version = 1,
     .length_least = 15,
     .rotation_days = 90,
     .reminder_day = 83,
     .history = 5},
    {.name = "mindaclient",
     .version = 1,
     .length_least = 12,
     .phrase_least = 16,
     .rotation_days = 30,
     .reminder_day = 25,
     .history = 24,
     .is_unique = true},
}};

}  // namespace

const PasswordProfile& profile_of(ProfileKind kind) {
  return k_profiles[static_cast<std::size_t>(kind)];
}

ProfileKind profile_kind_of(std::optional<std::int64_t> stored) {
  const bool is_known =
      stored && *stored >= 0 && *stored < static_cast<std::int64_t>(k_profile_count);
  return is_known ? static_cast<ProfileKind>(*stored) : ProfileKind::NistR4;
}

std::optional<ProfileKind> parse_profile(std::string_view name) {
  const auto found = std::ranges::find(k_profiles, name, &PasswordProfile::name);
  if (found == k_profiles.end()) return {};
  return static_cast<ProfileKind>(found - k_profiles.begin());
}

PasswordAge password_age(const PasswordProfile& profile, std::optional<Instant> changed_at,
                         Instant now) {
  if (profile.rotation_days == 0 || !changed_at) return {};
  const Instant end = *changed_at + Span::days(profile.rotation_days);
  return {end, now >= *changed_at + Span::days(profile.reminder_day), now >= end};
}

}  // namespace probity::identity
