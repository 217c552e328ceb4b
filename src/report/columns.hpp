#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

/// Answers of many responses, question by question: what a report counts in a hundredth of the time
/// (docs/decisions/043). A block says of each response what a Tally can ask for; it knows nothing
/// of a questionnaire, so that any version can be counted from it.
namespace probity::report {

/// Bounds of one block.
inline constexpr std::size_t k_columns_rows_max = 65'535;  ///< Codes fit into 16 bits.
/// Places of responses times questions, and items of lists: 16 MiB when unpacked.
inline constexpr std::size_t k_columns_cells_max = 8UL * 1024 * 1024;
/// Different values of one question; above it texts are left out: where they are long (64 bytes and
/// more on average, as comments are), or in any case.
inline constexpr std::size_t k_columns_long_values_max_bytes = 64UL * 1024;
inline constexpr std::size_t k_columns_values_max_bytes = 1024UL * 1024;
/// Different values of all questions.
inline constexpr std::size_t k_columns_texts_max_bytes = 16UL * 1024 * 1024;

/// Makes a block of responses. One thread.
class ColumnWriter {
 public:
  ColumnWriter();
  ~ColumnWriter();
  ColumnWriter(ColumnWriter&&) noexcept;
  ColumnWriter& operator=(ColumnWriter&&) noexcept;

  /// Takes a response's stored answers, which came in at that hour since 1970 (UTC) for that
  /// version. False when they are not a JSON object; nothing is taken then.
  [[nodiscard]] bool add(std::string_view answers_json, std::int64_t hour, std::int64_t version);
  /// Whether the next response belongs into another block.
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] std::size_t responses() const;
  /// The block, to be sealed: it says what people answered. The writer is empty afterwards.
  [[nodiscard]] Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A block, read. Any thread may read one that lives.
class Columns {
 public:
  /// Nothing when the bytes are not a whole block of a form this build reads.
  [[nodiscard]] static std::optional<Columns> read(BytesView block);
  ~Columns();
  Columns(Columns&&) noexcept;
  Columns& operator=(Columns&&) noexcept;

  /// All of them.
  [[nodiscard]] std::size_t responses() const;

  /// Opened for the files that count: column_table.hpp.
  struct State;
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  explicit Columns(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace probity::report
