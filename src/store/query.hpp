#pragma once

#include <cstddef>
#include <string_view>

namespace probity::store {

/// A statement from sql/queries, generated at build time: the only SQL a room can run.
struct Query {
  std::string_view name;      ///< "survey.insert_response".
  std::string_view room;      ///< "survey": the file it stands in; what a Grant names.
  std::string_view sqlite;    ///< Text for SQLCipher (?1…).
  std::string_view postgres;  ///< Text for PostgreSQL ($1…).
  int arity = 0;
  bool writes = false;
};

}  // namespace probity::store
