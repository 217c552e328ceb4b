#pragma once

#include <string_view>

namespace probity::store {

/// A step of the schema from sql/migrations: ordered, hashed, forward only, never edited after it
/// has landed. System steps apply to the system space, the others to every tenant.
struct Migration {
  int number = 0;
  std::string_view name;
  bool system = false;
  std::string_view sqlite;
  std::string_view postgres;
  std::string_view sha256_hex;
};

}  // namespace probity::store
