#include "keep/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "keep/sealed_file.hpp"
#include "keep/tar.hpp"
#include "store/durable_file.hpp"

namespace probity::keep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_manifest = "manifest.json";
constexpr std::string_view k_store = "store";  // Files of SQLCipher.
constexpr std::string_view k_rows = "rows";    // Rows of PostgreSQL.
constexpr std::size_t k_copy_bytes = 1024U * 1024;
constexpr std::size_t k_manifest_bytes_max = 64U * 1024 * 1024;

/// Where a new file may lie: told before the work, with the remedy.
Result<void> check_place(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error))
    return refuse(Code::Conflict,
                  fmt::format("{} is a directory. Name the new file in it, like {}.", file.string(),
                              (file / "main.probity").string()));
  const fs::path parent = fs::absolute(file).parent_path();
  if (!fs::is_directory(parent, error))
    return refuse(Code::StorageFailed, fmt::format("There is no directory {}. Make it first, or "
                                                   "name a file in one that exists.",
                                                   parent.string()));
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    return refuse(Code::StorageFailed,
                  fmt::format("Nothing can be written to {}. Name a file in another directory, or "
                              "let this account write there.",
                              parent.string()));
  return {};
}

// A folder that is gone when the work is over, however it ends.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] Result<void> make() const {
    if (::mkdir(path_.c_str(), 0700) != 0)
      return fail(Code::StorageFailed, fmt::format("cannot make {}", path_.string()));
    return {};
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

fs::path beside(const fs::path& file, std::string_view ending) {
  fs::path path = fs::absolute(file);
  path += ending;
  return path;
}

struct FileFact {
  std::string name;
  std::uint64_t size = 0;
  std::string sha256_hex;
};

std::string manifest_of(const std::vector<FileFact>& files, const Census& census, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.field("format", "probity-backup");
  json.field("version", 1);
  json.field("made_at", to_rfc3339(now));
  json.key("files");
  json.begin_array();
  for (const FileFact& file : files) {
    json.begin_object();
    json.field("name", file.name);
    json.field("size", file.size);
    json.field("sha256", file.sha256_hex);
    json.end_object();
  }
  json.end_array();
  json.key("census");
  json.begin_object();
  for (const auto& [space, counts] : census) {
    json.key(space);
    json.begin_object();
    for (const auto& [kind, value] : counts)
      json.field(kind, value);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return std::move(json).text();
}

Result<FileFact> pack_file(SealedWriter& out, const fs::path& path, const std::string& name,
                           Instant now) {
  std::ifstream in(path, std::ios::binary);
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  if (!in || error) return fail(Code::StorageFailed, fmt::format("cannot read {}", path.string()));
  PROBITY_CHECK(out.add(tar_header(name, size, now)));
  crypto::Sha256 hash;
  std::string piece(k_copy_bytes, '\0');
  for (std::uint64_t left = size; left > 0;) {
    const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(left, k_copy_bytes));
    if (!in.read(piece.data(), wanted))
      return fail(Code::StorageFailed, fmt::format("{} became shorter", path.string()));
    const std::string_view got(piece.data(), static_cast<std::size_t>(wanted));
    hash.add(as_bytes(got));
    PROBITY_CHECK(out.add(got));
    left -= got.size();
  }
  PROBITY_CHECK(out.add(tar_padding(size)));
  return FileFact{name, size, to_hex(hash.finish())};
}

Result<void> pack_text(SealedWriter& out, std::string_view name, std::string_view text,
                       Instant now) {
  PROBITY_CHECK(out.add(tar_header(name, text.size(), now)));
  PROBITY_CHECK(out.add(text));
  return out.add(tar_padding(text.size()));
}

Result<FileFact> unpack_file(TarReader& tar, const TarEntry& entry, const fs::path& directory) {
  const fs::path path = directory / entry.name;
  PROBITY_CHECK(store::make_private_directory(path.parent_path()));
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  ::chmod(path.c_str(), 0600);
  crypto::Sha256 hash;
  for (;;) {
    PROBITY_TRY(piece, tar.piece());
    if (piece.empty()) break;
    hash.add(as_bytes(piece));
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  out.close();
  if (!out) return fail(Code::StorageFailed, fmt::format("cannot write {}", path.string()));
  return FileFact{entry.name, entry.size, to_hex(hash.finish())};
}

Result<std::string> read_member(TarReader& tar, const TarEntry& entry) {
  if (entry.size > k_manifest_bytes_max) return fail(Code::IntegrityError, "too large a manifest");
  std::string text;
  for (;;) {
    PROBITY_TRY(piece, tar.piece());
    if (piece.empty()) return text;
    text += piece;
  }
}

// What the manifest says of files and census; the rest of it is for readers.
Result<void> check_manifest(std::string_view text, const std::vector<FileFact>& files,
                            Census& census) {
  PROBITY_TRY(json, parse_json(text, {8, k_manifest_bytes_max}));
  const auto damaged = [] { return fail(Code::IntegrityError, "the manifest does not fit"); };
  const auto* root = json.if_object();
  const auto* listed = root ? root->if_contains("files") : nullptr;
  const auto* counted = root ? root->if_contains("census") : nullptr;
  if (!listed || !counted || !listed->is_array() || !counted->is_object()) return damaged();
  if (listed->get_array().size() != files.size()) return damaged();
  for (std::size_t i = 0; i < files.size(); ++i) {
    boost::system::error_code error;
    const auto& entry = listed->get_array()[i];
    const auto* name = entry.find_pointer("/name", error);
    const auto* hash = entry.find_pointer("/sha256", error);
    if (!name || !hash || *name != boost::json::value(files[i].name) ||
        *hash != boost::json::value(files[i].sha256_hex))
      return damaged();
  }
  for (const auto& [space, counts] : counted->get_object()) {
    if (!counts.is_object()) return damaged();
    for (const auto& [kind, value] : counts.get_object()) {
      if (!value.is_string()) return damaged();
      census[std::string(space)][std::string(kind)] = std::string(value.get_string());
    }
  }
  return {};
}

// Known from the first file on, before anything of it is written.
Result<void> check_engine(const TarEntry& entry, const CensusParts& parts) {
  const bool is_rows = entry.name.starts_with(fmt::format("{}/", k_rows));
  const bool is_files = entry.name.starts_with(fmt::format("{}/", k_store));
  const bool wants_rows = !parts.database.empty();
  if ((is_rows && !wants_rows) || (is_files && wants_rows))
    return refuse(Code::Config,
                  fmt::format("This backup is of the other engine ({}). Restore it {}, then move "
                              "its tenants with `probity export` and `probity import`.",
                              is_rows ? "PostgreSQL" : "SQLCipher",
                              is_rows ? "with --database" : "without --database"));
  return {};
}

// Unpacks into an existing empty folder and compares all files with the manifest, whose census is
// in what it returns.
Result<BackupReport> unpack(const fs::path& from, const fs::path& directory,
                            const CensusParts& parts) {
  PROBITY_TRY(sealed, SealedReader::open(from, parts.master));
  TarReader tar([&](std::size_t wanted) { return sealed->read(wanted); });
  std::vector<FileFact> files;
  std::string manifest;
  for (TarEntry entry;;) {
    PROBITY_TRY(is_there, tar.next(entry));
    if (!is_there) break;
    if (!manifest.empty()) return fail(Code::IntegrityError, "something follows the manifest");
    if (entry.name == k_manifest) {
      PROBITY_TRY(text, read_member(tar, entry));
      manifest = std::move(text);
      continue;
    }
    PROBITY_CHECK(check_engine(entry, parts));
    PROBITY_TRY(fact, unpack_file(tar, entry, directory));
    files.push_back(std::move(fact));
  }
  PROBITY_TRY(rest, sealed->read(k_tar_block_bytes));
  if (manifest.empty() || rest.size() != k_tar_block_bytes)
    return fail(Code::IntegrityError, "the backup has no end");
  BackupReport report;
  PROBITY_CHECK(check_manifest(manifest, files, report.census));
  report.files = files.size();
  return report;
}

Result<void> compare(const Result<Census>& found, const BackupReport& report) {
  if (!found) return std::unexpected(found.error());
  for (const auto& [space, counts] : report.census) {
    const auto there = found->find(space);
    if (there == found->end())
      return fail(Code::IntegrityError, fmt::format("{} was not restored", space));
    for (const auto& [kind, value] : counts) {
      const auto same = there->second.find(kind);
      const std::string got = same == there->second.end() ? "nothing" : same->second;
      if (got != value)
        return fail(Code::IntegrityError, fmt::format("{} of {} is {} where the backup says {}",
                                                      kind, space, got, value));
    }
  }
  if (*found != report.census)
    return fail(Code::IntegrityError, "more was restored than the backup says");
  return {};
}

store::EngineParts engine_parts(const CensusParts& parts) {
  return {parts.clock, parts.log, parts.master, nullptr};
}

// Whether what was unpacked is what was backed up.
Result<void> try_out(const fs::path& directory, const BackupReport& report,
                     const CensusParts& parts) {
  if (parts.database.empty()) return compare(take_census(directory / k_store, parts), report);
  return store::try_postgres_dump(
      parts.database, directory / k_rows, engine_parts(parts),
      [&](store::Moment& moment) { return compare(take_census(moment), report); });
}

// Everything written to the file system that holds `directory` is on disk afterwards.
Result<void> sync_all(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::syncfs(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!is_synced) return fail(Code::StorageFailed, "cannot sync what was restored");
  return {};
}

Result<std::string> hash_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  crypto::Sha256 hash;
  std::string piece(k_copy_bytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(as_bytes(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()))));
  }
  if (!in.eof()) return fail(Code::StorageFailed, fmt::format("cannot read {}", path.string()));
  return to_hex(hash.finish());
}

// The store's files of one moment.
struct Copied {
  std::string_view folder;
  std::vector<std::string> names;
  Census census;
};

Result<Copied> copy_store(store::Engine& engine, const fs::path& directory,
                          const CensusParts& parts) {
  Copied copied{parts.database.empty() ? k_store : k_rows, {}, {}};
  if (!parts.database.empty()) {
    PROBITY_TRY(names, store::dump_postgres(parts.database, directory,
                                            [&](store::Moment& moment) -> Result<void> {
                                              PROBITY_TRY(census, take_census(moment));
                                              copied.census = std::move(census);
                                              return {};
                                            }));
    copied.names = std::move(names);
    return copied;
  }
  PROBITY_TRY(names, engine.snapshot_to(directory));
  PROBITY_TRY(census, take_census(directory, parts));
  copied.names = std::move(names);
  copied.census = std::move(census);
  return copied;
}

Result<void> pack(store::Engine& engine, const std::vector<ExtraFile>& extras,
                  const fs::path& partial, const CensusParts& parts) {
  const Scratch copies(beside(partial, ".copy"));
  PROBITY_CHECK(copies.make());
  PROBITY_TRY(copied, copy_store(engine, copies.path(), parts));
  PROBITY_TRY(out, SealedWriter::create(partial, parts.master));
  const Instant now = parts.clock.now();
  std::vector<FileFact> files;
  for (const std::string& name : copied.names) {
    const std::string stored = fmt::format("{}/{}", copied.folder, name);
    PROBITY_TRY(fact, pack_file(*out, copies.path() / name, stored, now));
    files.push_back(std::move(fact));
  }
  for (const ExtraFile& extra : extras) {
    PROBITY_TRY(fact, pack_file(*out, extra.path, extra.name, now));
    files.push_back(std::move(fact));
  }
  PROBITY_CHECK(pack_text(*out, k_manifest, manifest_of(files, copied.census, now), now));
  PROBITY_CHECK(out->add(tar_end()));
  return out->finish();
}

// A file that goes unless it is kept.
class Partial {
 public:
  explicit Partial(fs::path path) : path_(std::move(path)) {}
  ~Partial() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

  /// Never over a file that appeared meanwhile.
  [[nodiscard]] Result<void> become(const fs::path& name) {
    std::error_code error;
    fs::create_hard_link(path_, name, error);
    if (error) return fail(Code::StorageFailed, fmt::format("cannot make {}", name.string()));
    fs::remove(path_, error);
    path_.clear();
    return store::sync_directory(fs::absolute(name).parent_path());
  }

 private:
  fs::path path_;
};

Result<void> put_in_place(const fs::path& unpacked, const fs::path& target) {
  PROBITY_CHECK(sync_all(unpacked));
  std::error_code error;
  fs::rename(unpacked, target, error);
  if (error) return fail(Code::StorageFailed, fmt::format("cannot make {}", target.string()));
  return store::sync_directory(target.parent_path());
}

// The directory is in place before the commit: a restore that ends between the two left no rows and
// can be run again.
Result<void> restore_rows(const fs::path& unpacked, const fs::path& target,
                          const BackupReport& report, const CensusParts& parts) {
  const fs::path rows = beside(target, ".rows");
  std::error_code ignored;
  fs::remove_all(rows, ignored);
  const Scratch gone(rows);
  fs::rename(unpacked / k_rows, rows, ignored);
  bool is_in_place = false;
  auto restored =
      store::restore_postgres({parts.database, parts.app_role}, rows, engine_parts(parts),
                              [&](store::Moment& moment) -> Result<void> {
                                PROBITY_CHECK(compare(take_census(moment), report));
                                PROBITY_CHECK(put_in_place(unpacked, target));
                                is_in_place = true;
                                return {};
                              });
  if (!restored && is_in_place) fs::remove_all(target, ignored);
  return restored;
}

}  // namespace

Result<BackupReport> make_backup(store::Engine& engine, const std::vector<ExtraFile>& extras,
                                 const fs::path& to, const CensusParts& parts) {
  if ((engine.kind() == "postgres") == parts.database.empty())
    return fail(Code::Internal, "a backup of another store than the open one");
  PROBITY_CHECK(check_place(to));
  if (fs::exists(to))
    return refuse(Code::Conflict, fmt::format("{} exists; nothing was overwritten.", to.string()));
  Partial partial(beside(to, ".partial"));
  std::error_code ignored;
  fs::remove(partial.path(), ignored);  // Of an attempt that was killed.
  fs::remove_all(beside(partial.path(), ".copy"), ignored);
  fs::remove_all(beside(partial.path(), ".check"), ignored);
  PROBITY_CHECK(pack(engine, extras, partial.path(), parts));
  const Scratch check(beside(partial.path(), ".check"));
  PROBITY_CHECK(check.make());
  PROBITY_TRY(report, unpack(partial.path(), check.path(), parts));
  PROBITY_CHECK(try_out(check.path(), report, parts));
  report.bytes = fs::file_size(partial.path());
  PROBITY_TRY(hash, hash_file(partial.path()));
  report.sha256_hex = std::move(hash);
  PROBITY_CHECK(partial.become(to));
  return std::move(report);
}

Result<BackupReport> restore_backup(const fs::path& from, const fs::path& directory,
                                    const CensusParts& parts) {
  std::error_code error;
  if (fs::exists(directory) && (!fs::is_directory(directory) || !fs::is_empty(directory, error)))
    return refuse(Code::Conflict, fmt::format("{} is not empty; restore into a new directory.",
                                              directory.string()));
  // The key is tried before anything is made.
  PROBITY_CHECK(SealedReader::open(from, parts.master));
  fs::path target = fs::absolute(directory).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  const Scratch unpacked(beside(target, ".partial"));
  fs::remove_all(unpacked.path(), error);
  PROBITY_CHECK(unpacked.make());
  PROBITY_TRY(report, unpack(from, unpacked.path(), parts));
  report.bytes = fs::file_size(from);
  PROBITY_TRY(hash, hash_file(from));
  report.sha256_hex = std::move(hash);
  if (parts.database.empty()) {
    PROBITY_CHECK(try_out(unpacked.path(), report, parts));
    PROBITY_CHECK(put_in_place(unpacked.path(), target));
    return std::move(report);
  }
  PROBITY_CHECK(restore_rows(unpacked.path(), target, report, parts));
  return std::move(report);
}

}  // namespace probity::keep
