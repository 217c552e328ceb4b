#pragma once

#include <cstdint>
#include <string_view>

#include "identity/permission.hpp"

namespace probity::web {

/// Who may call a route. There is no default: a route cannot be made without one.
class Access {
 public:
  enum class Kind : std::uint8_t { Permission, SignedIn, Link, Everyone, TestMode };

  /// A member or token holding the permission.
  [[nodiscard]] static constexpr Access require(identity::Permission permission) {
    return Access(Kind::Permission, permission, "holders of the permission");
  }
  /// Any member with a live session, about itself alone (its profile, its sessions).
  [[nodiscard]] static constexpr Access signed_in() {
    return Access(Kind::SignedIn, {}, "every member, about itself");
  }
  /// The same, also while the member has yet to set up the second factor its role needs. Every
  /// other route is shut until then.
  [[nodiscard]] static constexpr Access signed_in_before_enrolment() {
    Access access(Kind::SignedIn, {}, "every member, about itself, also before enrolment");
    access.is_open_before_enrolment_ = true;
    return access;
  }
  /// The same, also while the member's password is past its age: what ends that, and what tells of
  /// it.
  [[nodiscard]] constexpr Access also_with_old_password() const {
    Access access = *this;
    access.is_open_with_old_password_ = true;
    return access;
  }
  /// Whoever holds the public link named in the path; the handler enters the link's tenant.
  [[nodiscard]] static constexpr Access by_link() {
    return Access(Kind::Link, {}, "whoever holds the link");
  }
  /// Everyone, with the reason in words.
  [[nodiscard]] static constexpr Access open_to_everyone(std::string_view why) {
    return Access(Kind::Everyone, {}, why);
  }
  /// Loopback clients of a server in test mode; the route does not exist otherwise.
  [[nodiscard]] static constexpr Access test_mode() {
    return Access(Kind::TestMode, {}, "test mode only");
  }

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  /// Meaningful for Kind::Permission only.
  [[nodiscard]] constexpr identity::Permission permission() const { return permission_; }
  [[nodiscard]] constexpr std::string_view why() const { return why_; }
  [[nodiscard]] constexpr bool is_open_before_enrolment() const {
    return is_open_before_enrolment_;
  }
  [[nodiscard]] constexpr bool is_open_with_old_password() const {
    return is_open_with_old_password_;
  }
  /// Whether credentials are needed at all.
  [[nodiscard]] constexpr bool needs_identity() const {
    return kind_ == Kind::Permission || kind_ == Kind::SignedIn;
  }

 private:
  constexpr Access(Kind kind, identity::Permission permission, std::string_view why)
      : kind_(kind), permission_(permission), why_(why) {}
  Kind kind_;
  identity::Permission permission_;
  std::string_view why_;
  bool is_open_before_enrolment_ = false;
  bool is_open_with_old_password_ = false;
};

}  // namespace probity::web
