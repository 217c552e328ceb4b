#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "keep/census.hpp"

namespace probity::keep {

/// A file beside the store that belongs to the data.
struct ExtraFile {
  std::filesystem::path path;
  std::string name;  ///< In the data directory ("test-clock").
};

/// What was backed up.
struct BackupReport {
  std::uint64_t bytes = 0;  ///< Of the file.
  std::size_t files = 0;
  std::string sha256_hex;  ///< Of the file: what a second copy is compared by.
  Census census;
};

/// Copies everything of one consistent moment into `to`, a new file sealed under a key wrapped by
/// the master key; beside a running server too. Before the file appears under its name it is
/// restored and its census compared with that of the moment: SQLCipher files into a scratch folder
/// beside it, rows of PostgreSQL into temporary tables of `parts.database`, where they are also
/// compared byte by byte. When anything differs the file is removed and the error says why. The key
/// file is never in it. Needs free space for about three times the data. Conflict when `to` exists,
/// Config when the database's role may make no temporary tables.
[[nodiscard]] Result<BackupReport> make_backup(store::Engine& engine,
                                               const std::vector<ExtraFile>& extras,
                                               const std::filesystem::path& to,
                                               const CensusParts& parts);

/// Unpacks a backup into a new data directory, which appears only when every file has the hash the
/// manifest names, every chain is whole and the census is that of the backup. With `parts.database`
/// (an owner's URL) the rows go into a new schema there, in one transaction that ends with that
/// same comparison, and the directory holds the rest. Conflict when `directory` is there and not
/// empty or the database has a schema; KeyUnavailable or IntegrityError for the wrong key, Config
/// for a backup of the other engine; then nothing was written.
[[nodiscard]] Result<BackupReport> restore_backup(const std::filesystem::path& from,
                                                  const std::filesystem::path& directory,
                                                  const CensusParts& parts);

}  // namespace probity::keep
