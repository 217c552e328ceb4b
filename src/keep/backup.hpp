#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "store/engine.hpp"

namespace probity::keep {

/// What lies in a copy of the data: counts by tenant ("main") and kind ("responses"), with the
/// audit entries of each chain and the hash of its head. Two copies are equal when these are.
using Census = std::map<std::string, std::map<std::string, std::string>>;

/// What a store is opened with; all outlive the call.
struct CensusParts {
  const Clock& clock;
  Log& log;
  const crypto::MasterKeys& master;
};
/// Opens the store below `directory`, walks every audit chain, and counts. IntegrityError when a
/// chain is broken; what opening answers otherwise.
[[nodiscard]] Result<Census> take_census(const std::filesystem::path& directory,
                                         const CensusParts& parts);

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

/// Copies every file of one consistent moment into `to`, a new file sealed under a key wrapped by
/// the master key; beside a running server too. Before the file appears under its name it is
/// restored into a scratch folder beside it and its census compared with that of the copied files;
/// when anything differs the file is removed and the error says why. The key file is never in it.
/// Needs free space for about three times the data. NotBuilt on PostgreSQL, Conflict when `to`
/// exists.
[[nodiscard]] Result<BackupReport> make_backup(store::Engine& engine,
                                               const std::vector<ExtraFile>& extras,
                                               const std::filesystem::path& to,
                                               const CensusParts& parts);

/// Unpacks a backup into a new data directory, which appears only when every file has the hash the
/// manifest names, every chain is whole and the census is that of the backup. Conflict when
/// `directory` is there and not empty; KeyUnavailable or IntegrityError for the wrong key, with
/// nothing written.
[[nodiscard]] Result<BackupReport> restore_backup(const std::filesystem::path& from,
                                                  const std::filesystem::path& directory,
                                                  const CensusParts& parts);

}  // namespace probity::keep
