#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/error.hpp"
#include "keep/rotate.hpp"
#include "module/module.hpp"

namespace probity::app {

/// What the commands below are told beside the configuration.
struct KeepOptions {
  std::string tenant;
  std::filesystem::path file;
  keep::Rotation rotation;
  std::string app_role;
  std::string owner_email;
  bool resets_factors = false;  ///< Of reset-link: the member's second factors go as well.
};

/// Every table an archive carries, in the order in which they are imported.
[[nodiscard]] std::vector<module::ExportTable> archive_tables();

// Each prints what it did, in a few lines; errors are for report(). All but restore may run beside
// a server on the same data.

/// `probity export`: a tenant's archive into a new file.
[[nodiscard]] Result<void> run_export(const Config& config, const KeepOptions& options);
/// `probity import`: the tenant of an archive; makes an empty installation when there is none.
/// Conflict when its slug is taken.
[[nodiscard]] Result<void> run_import(const Config& config, const KeepOptions& options);
/// `probity backup`: everything, sealed, into a new file that has been restored once already.
[[nodiscard]] Result<void> run_backup(const Config& config, const KeepOptions& options);
/// `probity restore`: a new data directory from a backup.
[[nodiscard]] Result<void> run_restore(const Config& config, const KeepOptions& options);
/// `probity reset-link`: a new set-up link for a member who cannot come in any more, on stdout;
/// ends the throttle of its account. NotFound when the tenant or the member does not exist.
[[nodiscard]] Result<void> run_reset_link(const Config& config, const KeepOptions& options);
/// Takes a tenant's network rules away, for whoever shut everybody out.
[[nodiscard]] Result<void> run_reset_network(const Config& config, const KeepOptions& options);
/// `probity rotate-keys`. At a terminal it asks before older master keys are dropped, and does
/// nothing without a "yes".
[[nodiscard]] Result<void> run_rotate_keys(const Config& config, const KeepOptions& options);

}  // namespace probity::app
