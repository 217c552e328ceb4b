#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "identity/permission.hpp"
#include "web/route.hpp"

namespace probity::module {

/// Something a member wants done that nobody can take back.
struct Wish {
  std::string_view action;                  ///< Name of an Approvable: fixed text.
  std::string object{};                     ///< Ids of what it is about ("sur_…"); may be empty.
  std::optional<std::int64_t> number = {};  ///< What the action needs besides, such as days.

  bool operator==(const Wish&) const = default;
};

/// An action for which a tenant may want two people (ASVS 2.3.5): one who asks, another who
/// approves.
struct Approvable {
  std::string_view action;          ///< "survey.delete"; stable for good.
  identity::Permission permission;  ///< What both have to hold.
  /// Does what was wished for, on behalf of the call's principal, who approves it: the Change, and
  /// a `respond` that ends what it began (its Response is not sent). Runs on a worker.
  std::function<Result<web::Prepared>(web::Call&, const Wish&)> prepare;
};

}  // namespace probity::module
