#include <cstdint>
#include <string>
#include <string_view>

#include "feature/survey/infer.hpp"
#include "feature/survey/sheet.hpp"

// Any bytes: decoding, planning and reading them twice never fails but with an error, and both
// readings agree on the number of rows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probity::survey;
  if (size == 0) return 0;
  const bool is_tab = (data[0] & 1) != 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static_cast<void>(gunzip(bytes, 1 << 20));
  static_cast<void>(inflate_text(bytes, 1 << 20));
  const auto sheet = decode_sheet(std::move(bytes), Encoding::Auto);
  if (!sheet) return 0;
  const std::string& text = sheet->text;
  TableRules rules;
  rules.separator = is_tab ? '\t' : ',';
  rules.header_rows = (data[0] & 2) != 0 ? 2 : 1;
  auto plan = plan_table(text, rules);
  if (!plan) return 0;
  std::size_t rows = 0;
  const auto read = read_table(text, rules, *plan, [&](const probity::form::Value&) {
    ++rows;
    return probity::Result<void>();
  });
  if (!read || rows != plan->rows) __builtin_trap();
  return 0;
}
