#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace probity::store {

/// Makes the entries of a directory durable (fsync). StorageFailed.
[[nodiscard]] Result<void> sync_directory(const std::filesystem::path& directory);

/// Replaces a file as a whole, mode 0600: written beside it, synced, renamed, directory synced.
[[nodiscard]] Result<void> write_durably(const std::filesystem::path& path, BytesView content);

/// A small file's bytes (at most 64 KiB). NotFound when it is missing, StorageFailed otherwise.
[[nodiscard]] Result<Bytes> read_small_file(const std::filesystem::path& path);

/// Makes a directory (and those above it) with mode 0700; an existing one is left as it is.
[[nodiscard]] Result<void> make_private_directory(const std::filesystem::path& directory);

}  // namespace probity::store
