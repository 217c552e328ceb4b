#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/instant.hpp"

namespace probity::app {

/// The file that marks a data directory as used in test mode, for good, and keeps the clock's
/// offset over restarts: "probity-test-clock 1\n<microseconds>\n".
[[nodiscard]] std::filesystem::path test_clock_file(const std::filesystem::path& data);

/// Offset kept there; zero when the file does not exist. Config when it is malformed.
[[nodiscard]] Result<Span> load_test_offset(const std::filesystem::path& file);

/// Writes it atomically. StorageFailed when it cannot be written.
[[nodiscard]] Result<void> store_test_offset(const std::filesystem::path& file, Span offset);

}  // namespace probity::app
