#include "store/row_type.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include <fmt/core.h>

namespace probity::store {

void fail_row_type(std::string_view wanted, int column) {
  const std::string line = fmt::format("store: column {} of a row is no {}\n", column, wanted);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  std::abort();
}

}  // namespace probity::store
