#pragma once

#include <cstddef>

#include "base/error.hpp"
#include "store/query.hpp"
#include "store/tx.hpp"

namespace probity::store {

/// Whether a statement is run for its rows alone or may change some.
enum class Access : bool { Read, Write };

/// True when the grant covers the statement; a room named "*" stands for all.
[[nodiscard]] bool allows(const Grant& grant, const Query& query);

/// Internal (and nothing is run) when the grant does not cover the statement, a writing statement
/// is run as a read, or the number of values is wrong: a bug in the caller, which fails closed.
[[nodiscard]] Result<void> admit(const Grant& grant, const Query& query, std::size_t values,
                                 Access access);

}  // namespace probity::store
