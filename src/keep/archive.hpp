#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "module/module.hpp"
#include "store/engine.hpp"

/// The archive of a tenant: a gzip-compressed tar that any tool unpacks. Format:
/// docs/decisions/040-archive-and-backup.md.
namespace probity::keep {

/// What one table came to: equal tables have equal hashes, wherever they lie.
struct TableFact {
  std::uint64_t rows = 0;
  std::string sha256_hex;  ///< Of all its lines, in order.
  bool is_imported = false;
  bool operator==(const TableFact&) const = default;
};
using TableFacts = std::map<std::string, TableFact>;

/// Makes the archive piece by piece from one snapshot; memory is bounded by a row and a mebibyte.
/// The content is the customer's data in clear: whoever gets it must keep it.
class ArchiveStream {
 public:
  /// The snapshot must be allowed to read everything.
  ArchiveStream(std::unique_ptr<store::Reader> snapshot,
                std::shared_ptr<const crypto::Cipher> cipher,
                std::vector<module::ExportTable> tables, store::TenantRecord tenant, Instant now);
  ~ArchiveStream();
  ArchiveStream(const ArchiveStream&) = delete;
  ArchiveStream& operator=(const ArchiveStream&) = delete;

  /// Appends the next piece (perhaps nothing yet); false after the last one.
  [[nodiscard]] Result<bool> next(std::string& out);
  /// Complete once next() has answered false.
  [[nodiscard]] const TableFacts& tables() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a tenant's archive to a new file, mode 0600, and journals "tenant.export". NotFound for
/// an unknown tenant, Config when `file` exists; what was begun is removed on failure.
[[nodiscard]] Result<TableFacts> export_tenant(store::Engine& engine, std::string_view slug,
                                               const std::vector<module::ExportTable>& tables,
                                               const std::filesystem::path& file, Instant now);

/// What an import made.
struct Imported {
  store::TenantRecord tenant;
  TableFacts tables;
};

/// Makes the tenant of an archive, with its id and slug and fresh keys. First the whole archive is
/// read and every hash compared; then rows go in, in slices, under a name nobody can ask for; then
/// the new tenant is exported into nothing and compared; only then it gets its slug. Whatever fails
/// before takes it away again. Conflict when the slug or id is taken; BadRequest for what is no
/// whole archive.
[[nodiscard]] Result<Imported> import_tenant(store::Engine& engine,
                                             const std::filesystem::path& file,
                                             const std::vector<module::ExportTable>& tables,
                                             Instant now);

}  // namespace probity::keep
