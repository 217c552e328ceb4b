#pragma once

#include <string_view>

namespace probity::store {

/// Ends the process: a column was read as a type it does not have, which only a bug can do. Writes
/// the wanted type and the column's number to standard error, never the value.
[[noreturn]] void fail_row_type(std::string_view wanted, int column);

}  // namespace probity::store
