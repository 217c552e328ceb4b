#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.hpp"

namespace probity::identity {

/// Rules for passwords a tenant can choose (docs/decisions/062); stored by number.
enum class ProfileKind : std::uint8_t { NistR4 = 0, Vwo = 1, MindaClient = 2 };
inline constexpr std::size_t k_profile_count = 3;

/// What a profile asks for besides what all do: no password that is common, leaked, repeated,
/// sequential, made of names everybody here knows, or guessed too soon (policy.hpp).
struct PasswordProfile {
  std::string_view name;
  std::int64_t version = 1;      ///< Grows with any change of its rules.
  std::size_t length_least = 0;  ///< Code points.
  /// Below this length a password has capital and small letters, digits and marks; 0: never asked.
  std::size_t phrase_least = 0;
  std::int64_t rotation_days = 0;  ///< A password, and an API token, lasts so long; 0: no end.
  std::int64_t reminder_day = 0;   ///< From this day of its life on its owner is reminded.
  std::int64_t history = 0;        ///< A password is none of so many before it, itself included.
  bool is_unique = false;          ///< …and not the one of another member.
};

[[nodiscard]] const PasswordProfile& profile_of(ProfileKind kind);
/// The one in force for a stored setting; nothing, or a number of a later build: the default.
[[nodiscard]] ProfileKind profile_kind_of(std::optional<std::int64_t> stored);
[[nodiscard]] std::optional<ProfileKind> parse_profile(std::string_view name);

/// How a password stands in its life.
struct PasswordAge {
  std::optional<Instant> ends_at;  ///< Nothing where it does not end.
  bool is_reminder_due = false;    ///< Its owner is to be reminded.
  bool is_over = false;            ///< From its end on: only the form for a new one opens.
};
[[nodiscard]] PasswordAge password_age(const PasswordProfile& profile,
                                       std::optional<Instant> changed_at, Instant now);

}  // namespace probity::identity
