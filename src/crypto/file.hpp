#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

/// Small files that must be whole, synced and private. Internal to this room.
namespace probity::crypto {

/// What a file may be read by.
enum class Privacy : bool {
  Any,        ///< Whoever may read it.
  OwnerOnly,  ///< Refused when group or others have any permission or it belongs to somebody else.
};

/// The whole of a regular file of at most `bytes_max` bytes. Errors carry `code` and name the file.
[[nodiscard]] Result<SecretBytes> read_whole_file(const std::filesystem::path& file,
                                                  std::size_t bytes_max, Privacy privacy,
                                                  Code code);

/// What happens to a file that is there already.
enum class Existing : bool { Refuse, Replace };

/// Writes a new file beside `file`, syncs it, puts it in place in one step and syncs the folder:
/// after a crash there is the old content or the new, never a part. Conflict when Existing::Refuse
/// and there is one; StorageFull or StorageFailed when it cannot be done, and nothing remains.
[[nodiscard]] Result<void> write_whole_file(const std::filesystem::path& file, BytesView content,
                                            mode_t mode, Existing existing);

}  // namespace probity::crypto
