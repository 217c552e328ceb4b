#include "app/test_clock.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <system_error>

#include "base/text.hpp"

namespace probity::app {
namespace {

constexpr std::string_view k_first_line = "probity-test-clock 1";

}  // namespace

std::filesystem::path test_clock_file(const std::filesystem::path& data) {
  return data / "test-mode";
}

Result<Span> load_test_offset(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return Span();
  std::string first;
  std::string second;
  std::getline(in, first);
  std::getline(in, second);
  const auto offset_us = parse_int(second);
  if (first != k_first_line || !offset_us || *offset_us < 0)
    return fail(Code::Config, fmt::format("{} is not a test clock file", file.string()));
  return Span::micros(*offset_us);
}

Result<void> store_test_offset(const std::filesystem::path& file, Span offset) {
  const std::filesystem::path next = file.string() + ".new";
  {
    std::ofstream out(next, std::ios::trunc);
    out << k_first_line << '\n' << offset.us() << '\n';
    if (!out.flush()) return fail(Code::StorageFailed, "the test clock cannot be written");
  }
  std::error_code error;
  std::filesystem::rename(next, file, error);
  if (error) return fail(Code::StorageFailed, "the test clock cannot be written");
  return {};
}

}  // namespace probity::app
