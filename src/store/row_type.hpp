#pragma once

#include <string_view>

namespace probity::store {

/// Throws std::runtime_error: a column was read as a type it does not have, which a bug can do, or
/// somebody who wrote to the file. Tells the wanted type and the column's number, never the value.
[[noreturn]] void fail_row_type(std::string_view wanted, int column);

}  // namespace probity::store
