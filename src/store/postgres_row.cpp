#include "store/postgres_row.hpp"

#include <bit>
#include <cmath>

#include "store/row_type.hpp"

namespace probity::store {
namespace {

std::uint64_t big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes)
    value = value << 8 | byte;
  return value;
}

// Wire form of numeric: digit count, weight, sign, scale, then digits of base 10000.
double numeric_of(BytesView bytes) {
  constexpr std::size_t k_head = 8;
  constexpr std::uint64_t k_negative = 0x4000;
  constexpr double k_base = 10'000;
  if (bytes.size() < k_head) return 0;
  const auto weight = static_cast<std::int16_t>(big_endian(bytes.subspan(2, 2)));
  const bool is_negative = big_endian(bytes.subspan(4, 2)) == k_negative;
  double value = 0;
  int exponent = weight;
  for (std::size_t at = k_head; at + 2 <= bytes.size(); at += 2, --exponent) {
    value += static_cast<double>(big_endian(bytes.subspan(at, 2))) * std::pow(k_base, exponent);
  }
  return is_negative ? -value : value;
}

// A whole numeric, exact over the range of 64 bits (sum of bigint gives one).
bool whole_numeric(BytesView bytes, std::int64_t& out) {
  constexpr std::size_t k_head = 8;
  if (bytes.size() < k_head) return false;
  const auto digits = big_endian(bytes.subspan(0, 2));
  const auto weight = static_cast<std::int16_t>(big_endian(bytes.subspan(2, 2)));
  const bool is_negative = big_endian(bytes.subspan(4, 2)) == 0x4000;
  if (weight > 4 || static_cast<int>(digits) > weight + 1) return false;
  std::uint64_t value = 0;
  for (int i = 0; i <= weight; ++i) {
    const auto at = k_head + 2 * static_cast<std::size_t>(i);
    value = value * 10'000 +
            (static_cast<std::uint64_t>(i) < digits ? big_endian(bytes.subspan(at, 2)) : 0);
  }
  out = static_cast<std::int64_t>(is_negative ? 0 - value : value);
  return true;
}

}  // namespace

BytesView PgRow::raw(int column) const {
  const char* data = PQgetvalue(result_, row_, column);
  const int size = PQgetlength(result_, row_, column);
  return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

bool PgRow::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

std::int64_t PgRow::integer(int column) const {
  if (!is_null(column)) {
    std::int64_t whole = 0;
    switch (PQftype(result_, column)) {
      case k_pg_int8: return static_cast<std::int64_t>(big_endian(raw(column)));
      case k_pg_int4: return static_cast<std::int32_t>(big_endian(raw(column)));
      case k_pg_int2: return static_cast<std::int16_t>(big_endian(raw(column)));
      case k_pg_bool: return static_cast<std::int64_t>(big_endian(raw(column)));
      case k_pg_numeric:
        if (whole_numeric(raw(column), whole)) return whole;
        break;
      default: break;
    }
  }
  fail_row_type("integer", column);
}

double PgRow::real(int column) const {
  if (!is_null(column)) {
    switch (PQftype(result_, column)) {
      case k_pg_float8: return std::bit_cast<double>(big_endian(raw(column)));
      case k_pg_float4:
        return double{std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(raw(column))))};
      case k_pg_numeric: return numeric_of(raw(column));
      case k_pg_int8:
      case k_pg_int4:
      case k_pg_int2: return static_cast<double>(integer(column));
      default: break;
    }
  }
  fail_row_type("number", column);
}

std::string_view PgRow::text(int column) const {
  const unsigned type = PQftype(result_, column);
  if (is_null(column) || (type != k_pg_text && type != k_pg_varchar && type != k_pg_name)) {
    fail_row_type("text", column);
  }
  return as_text(raw(column));
}

BytesView PgRow::bytes(int column) const {
  if (is_null(column) || PQftype(result_, column) != k_pg_bytea) fail_row_type("bytes", column);
  return raw(column);
}

}  // namespace probity::store
