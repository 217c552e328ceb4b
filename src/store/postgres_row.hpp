#pragma once

#include <libpq-fe.h>

#include "store/value.hpp"

namespace probity::store {

/// Type numbers of pg_catalog.pg_type as the wire carries them (PostgreSQL 15, pg_type.dat).
inline constexpr unsigned k_pg_bool = 16, k_pg_bytea = 17, k_pg_name = 19, k_pg_int8 = 20,
                          k_pg_int2 = 21, k_pg_int4 = 23, k_pg_text = 25, k_pg_float4 = 700,
                          k_pg_float8 = 701, k_pg_varchar = 1043, k_pg_numeric = 1700;

/// One row of a binary result.
class PgRow final : public Row {
 public:
  PgRow(const PGresult* result, int row) : result_(result), row_(row) {}
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] BytesView bytes(int column) const override;

 private:
  [[nodiscard]] BytesView raw(int column) const;
  const PGresult* result_;
  int row_;
};

}  // namespace probity::store
