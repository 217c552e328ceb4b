#include "store/row_type.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace probity::store {

void fail_row_type(std::string_view wanted, int column) {
  throw std::runtime_error(fmt::format("column {} of a row is no {}", column, wanted));
}

}  // namespace probity::store
