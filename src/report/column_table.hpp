#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "report/columns.hpp"

/// How a block of columns lies in memory; for the files that write, read and count it.
namespace probity::report {

/// The answers of one name. Each response has the code of a head; heads of lists and objects are
/// followed by so many codes of items.
struct Column {
  enum class Shape : std::uint8_t { Absent, Scalar, LeftOut, List, Object };
  struct Head {
    Shape shape = Shape::Absent;
    simdjson::dom::element value;  ///< Of a scalar.
    std::uint32_t items = 0;
    /// As is_blank() of a whole answer.
    [[nodiscard]] bool is_blank() const {
      return (shape == Shape::Scalar && value.is_null()) ||
             ((shape == Shape::List || shape == Shape::Object) && items == 0);
    }
  };
  struct Item {
    std::string_view name;  ///< Of an object's member.
    simdjson::dom::element value;
    bool is_left_out = false;
  };

  std::string_view key;
  std::vector<Head> heads;            ///< By code; the first is the absent one.
  std::vector<std::uint16_t> codes;   ///< By response.
  std::vector<Item> values;           ///< Items by code.
  std::vector<std::uint16_t> items;   ///< Of all responses, one after the other.
  std::vector<std::uint32_t> begins;  ///< By response and one more; empty without items.
  bool has_heads_left_out = false;
  bool has_items_left_out = false;

  [[nodiscard]] bool has_items() const { return !begins.empty(); }
};

/// When responses came in.
struct HourOfArrival {
  std::int64_t hour = 0;
  std::int64_t version = 0;
};

/// A response that fits no column: counted as a row is.
struct OddResponse {
  HourOfArrival arrival;
  std::string_view answers;
};

struct Columns::State {
  std::vector<char> text;  ///< What the parser and the views below lead to.
  simdjson::dom::parser parser;
  std::size_t rows = 0;
  std::vector<HourOfArrival> arrivals;       ///< By code.
  std::vector<std::uint16_t> arrival_codes;  ///< By response.
  std::vector<Column> columns;
  std::vector<OddResponse> odd;

  /// Null when no response of the block has an answer of that name.
  [[nodiscard]] const Column* find(std::string_view key) const {
    for (const Column& column : columns)
      if (column.key == key) return &column;
    return nullptr;
  }
};

/// Names of answers that become columns; what has more is kept as it is.
inline constexpr std::size_t k_columns_max = 2'048;
/// Cells of a block that is read: a writer passes k_columns_cells_max by one response at most.
inline constexpr std::size_t k_columns_read_cells_max = 2 * k_columns_cells_max;
/// Different values of one column: their codes fit into 16 bits.
inline constexpr std::size_t k_columns_codes_max = 65'536;
/// Hours before and after 1970 that an Instant reaches, and versions far beyond any: within both,
/// arrivals can be reckoned with.
inline constexpr std::int64_t k_columns_hour_max = std::int64_t{1} << 32;
inline constexpr std::int64_t k_columns_version_max = std::int64_t{1} << 31;

/// First byte of a block.
inline constexpr std::uint8_t k_columns_form = 1;

/// Codes in as few bits as the greatest needs: 0, 1, 2, 4, 8 or 16.
void append_codes(Bytes& out, const std::vector<std::uint16_t>& codes);
/// False when they are not there, are not `count`, or one is not below `limit`.
[[nodiscard]] bool read_codes(ByteReader& in, std::size_t count, std::size_t limit,
                              std::vector<std::uint16_t>& codes);

}  // namespace probity::report
