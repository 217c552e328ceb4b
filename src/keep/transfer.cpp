#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"
#include "keep/archive.hpp"
#include "keep/gzip.hpp"
#include "keep/journal.hpp"
#include "keep/tar.hpp"
#include "module/scratch_name.hpp"
#include "store/durable_file.hpp"

namespace probity::keep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_member_bytes_max = 64U * 1024 * 1024;
constexpr std::string_view k_manifest = "manifest.json";

// A new private file; gone again unless it was finished.
class Output {
 public:
  explicit Output(fs::path path)
      : path_(std::move(path)),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~Output() {
    if (fd_ < 0) return;
    ::close(fd_);
    std::error_code ignored;
    if (!is_finished_) fs::remove(path_, ignored);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  [[nodiscard]] Result<void> check() const {
    if (fd_ >= 0) return {};
    if (errno == EEXIST)
      return refuse(Code::Config,
                    fmt::format("{} exists; nothing was overwritten.", path_.string()));
    return fail(Code::StorageFailed, fmt::format("cannot make {}", path_.string()));
  }
  [[nodiscard]] Result<void> write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(fd_, text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return failed();
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  [[nodiscard]] Result<void> finish() {
    if (::fsync(fd_) != 0) return failed();
    is_finished_ = true;
    return store::sync_directory(fs::absolute(path_).parent_path());
  }

 private:
  [[nodiscard]] static std::unexpected<Error> failed() {
    return fail(errno == ENOSPC ? Code::StorageFull : Code::StorageFailed,
                "cannot write the archive");
  }
  fs::path path_;
  int fd_;
  bool is_finished_ = false;
};

// An archive opened from its beginning.
class Input {
 public:
  explicit Input(const fs::path& file)
      : in_(file, std::ios::binary),
        gzip_([this](std::size_t wanted) -> Result<std::string> {
          std::string piece(wanted, '\0');
          in_.read(piece.data(), static_cast<std::streamsize>(wanted));
          piece.resize(static_cast<std::size_t>(in_.gcount()));
          return piece;
        }),
        tar_([this](std::size_t wanted) { return gzip_.read(wanted); }) {}
  [[nodiscard]] bool is_open() const { return in_.is_open(); }

  [[nodiscard]] Result<bool> next(TarEntry& entry, std::string& content) {
    PROBITY_TRY(is_there, tar_.next(entry));
    content.clear();
    if (!is_there) return false;
    if (entry.size > k_member_bytes_max)
      return fail(Code::BadRequest, "a file of the archive is larger than ours are");
    for (;;) {
      PROBITY_TRY(piece, tar_.piece());
      if (piece.empty()) return true;
      content += piece;
    }
  }

 private:
  std::ifstream in_;
  GzipReader gzip_;
  TarReader tar_;
};

struct Manifest {
  TenantId id;
  std::string slug;
  std::string region;
  TableFacts tables;
  std::vector<std::pair<std::string, std::string>> files;  ///< Name and SHA-256.
};

std::string text_at(const boost::json::value& json, std::string_view pointer) {
  boost::system::error_code error;
  const auto* value = json.find_pointer(pointer, error);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_at(const boost::json::value& json, std::string_view pointer) {
  boost::system::error_code error;
  const auto* value = json.find_pointer(pointer, error);
  return value && value->is_int64() ? value->get_int64() : -1;
}

Result<Manifest> parse_manifest(std::string_view text) {
  PROBITY_TRY(json, parse_json(text, {8, k_member_bytes_max}));
  const auto* root = json.if_object();
  const auto* files = root ? root->if_contains("files") : nullptr;
  const auto* tables = root ? root->if_contains("tables") : nullptr;
  const auto id = TenantId::parse(text_at(json, "/tenant/id"));
  if (!id || !files || !files->is_array() || !tables || !tables->is_object() ||
      text_at(json, "/format") != "probity-export")
    return refuse(Code::BadRequest, "The file is no export of this program.");
  if (number_at(json, "/version") != 1)
    return refuse(Code::NewerData, "The export was made by a newer version; use that one.");
  Manifest manifest{*id, text_at(json, "/tenant/slug"), text_at(json, "/tenant/region"), {}, {}};
  for (const auto& file : files->get_array())
    manifest.files.emplace_back(text_at(file, "/name"), text_at(file, "/sha256"));
  for (const auto& [name, fact] : tables->get_object()) {
    boost::system::error_code error;
    const auto* imported = fact.find_pointer("/imported", error);
    manifest.tables[std::string(name)] = {static_cast<std::uint64_t>(number_at(fact, "/rows")),
                                          text_at(fact, "/sha256"),
                                          imported && imported->is_bool() && imported->get_bool()};
  }
  return manifest;
}

// Reads all of it once: nothing is done with an archive that is not whole.
Result<Manifest> check_archive(const fs::path& file) {
  Input input(file);
  if (!input.is_open())
    return refuse(Code::BadRequest, fmt::format("{} cannot be read.", file.string()));
  std::vector<std::pair<std::string, std::string>> found;
  std::optional<Manifest> manifest;
  TarEntry entry;
  for (std::string content;;) {
    PROBITY_TRY(is_there, input.next(entry, content));
    if (!is_there) break;
    if (manifest) return fail(Code::BadRequest, "something follows the manifest");
    if (entry.name == k_manifest) {
      PROBITY_TRY(parsed, parse_manifest(content));
      manifest = std::move(parsed);
    } else {
      found.emplace_back(entry.name, to_hex(crypto::sha256(as_bytes(content))));
    }
  }
  if (!manifest || manifest->files != found)
    return refuse(Code::BadRequest,
                  "The archive is not whole: its files are not those its manifest names.");
  return std::move(*manifest);
}

const module::ExportTable* table_of(std::string_view member,
                                    const std::vector<module::ExportTable>& tables) {
  const auto parts = split(member, '/');
  if (parts.size() != 3 || parts[0] != "tables") return nullptr;
  for (const module::ExportTable& table : tables)
    if (table.name == parts[1]) return &table;
  return nullptr;
}

// The lines of one member, as one Change.
Result<void> store_lines(store::Engine& engine, const module::RowKeys& keys,
                         const module::ExportTable& table, std::string_view lines) {
  std::vector<module::RowStore> rows;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    PROBITY_TRY(json, parse_json(line, {64, k_member_bytes_max}));
    if (!json.is_object()) return fail(Code::BadRequest, "a line of the archive is no object");
    PROBITY_TRY(row, table.read({json.get_object(), line}, keys));
    rows.push_back(std::move(row));
  }
  return engine.apply(store::Space::of(keys.tenant),
                      {store::k_grant_all,
                       [&rows](store::Tx& tx) -> Result<store::Journal> {
                         for (module::RowStore& row : rows)
                           PROBITY_CHECK(row(tx));
                         return store::Journal{};
                       },
                       {},
                       store::Growth::Grows});
}

Result<void> store_archive(store::Engine& engine, const fs::path& file, const TenantId& tenant,
                           const std::vector<module::ExportTable>& tables) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  const module::RowKeys keys{tenant, *cipher};
  Input input(file);
  TarEntry entry;
  for (std::string content;;) {
    PROBITY_TRY(is_there, input.next(entry, content));
    if (!is_there) return {};
    const module::ExportTable* table = table_of(entry.name, tables);
    if (table != nullptr && table->read != nullptr)
      PROBITY_CHECK(store_lines(engine, keys, *table, content));
  }
}

Result<std::unique_ptr<ArchiveStream>> open_stream(store::Engine& engine,
                                                   const store::TenantRecord& tenant,
                                                   const std::vector<module::ExportTable>& tables,
                                                   Instant now) {
  const auto space = store::Space::of(tenant.id);
  PROBITY_TRY(cipher, engine.cipher(space));
  PROBITY_TRY(snapshot, engine.read(space, store::k_grant_all));
  return std::make_unique<ArchiveStream>(std::move(snapshot), cipher, tables, tenant, now);
}

// What an archive leaves out, or points to without holding it, is refused before anybody relies on
// it.
Result<void> check_strays(store::Engine& engine, const TenantId& tenant,
                          const std::vector<module::ExportTable>& tables) {
  PROBITY_TRY(reader, engine.read(store::Space::of(tenant), store::k_grant_all));
  for (const module::ExportTable& table : tables) {
    if (table.strays == nullptr) continue;
    PROBITY_TRY(count, reader->first(*table.strays, {tenant},
                                     [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) != 0)
      return fail(Code::BadRequest,
                  fmt::format("{} and the tables around it do not fit together", table.name));
  }
  return {};
}

// What the new tenant would export, compared with what was imported.
Result<TableFacts> compare(store::Engine& engine, const store::TenantRecord& tenant,
                           const std::vector<module::ExportTable>& tables, const Manifest& manifest,
                           Instant now) {
  PROBITY_TRY(stream, open_stream(engine, tenant, tables, now));
  std::string piece;
  for (;;) {
    piece.clear();
    PROBITY_TRY(has_more, stream->next(piece));
    if (!has_more) break;
  }
  for (const auto& [name, wanted] : manifest.tables) {
    if (!wanted.is_imported) continue;
    const auto found = stream->tables().find(name);
    if (found == stream->tables().end() || found->second != wanted)
      return fail(Code::IntegrityError, fmt::format("{} came out otherwise than it went in", name));
  }
  return stream->tables();
}

// The name a tenant has until everything of it is there.
std::string waiting_slug(const TenantId& id) {
  return "import-" + id.text().substr(TenantTag::prefix.size());
}

Result<void> take_back(store::Engine& engine, const TenantId& tenant,
                       const std::vector<module::ExportTable>& tables) {
  // SQLCipher removes the file; PostgreSQL's rows must be deleted one table after the other.
  if (engine.kind() == "postgres") {
    for (const module::ExportTable& table : tables) {
      if (table.clear == nullptr) continue;
      const auto clear = [&](store::Tx& tx) -> Result<store::Journal> {
        PROBITY_CHECK(tx.run(*table.clear, {tenant}));
        return store::Journal{};
      };
      PROBITY_CHECK(engine.apply(store::Space::of(tenant),
                                 {store::k_grant_all, clear, {}, store::Growth::Essential}));
    }
  }
  return engine.discard_tenant(tenant);
}

Result<void> check_free(store::Engine& engine, const Manifest& manifest,
                        const std::vector<module::ExportTable>& tables) {
  // A tenant of that name would be taken for what a killed import left, and taken away.
  if (manifest.slug == waiting_slug(manifest.id))
    return fail(Code::BadRequest, "the archive bears the name of an unfinished import");
  if (module::is_scratch(manifest.slug)) {
    return refuse(
        Code::BadRequest,
        fmt::format("The archive's tenant is called {}; names that begin with {} are kept "
                    "for the server's own measurements, which destroy such tenants after "
                    "a day. Nothing was imported.",
                    manifest.slug, module::k_scratch_prefix));
  }
  if (const auto taken = engine.find_tenant(manifest.slug))
    return refuse(Code::Conflict, fmt::format("There is a tenant {} already; nothing was imported.",
                                              manifest.slug));
  const auto known = engine.tenant(manifest.id);
  if (!known) return {};
  // An import that was killed left it; nobody could use it yet.
  if (known->slug == waiting_slug(manifest.id)) return take_back(engine, manifest.id, tables);
  return refuse(Code::Conflict,
                fmt::format("The tenant of this archive is here already, as {}.", known->slug));
}

}  // namespace

Result<TableFacts> export_tenant(store::Engine& engine, std::string_view slug,
                                 const std::vector<module::ExportTable>& tables,
                                 const fs::path& file, Instant now) {
  PROBITY_TRY(tenant, engine.find_tenant(slug));
  Output output(file);
  PROBITY_CHECK(output.check());
  PROBITY_CHECK(journal(engine, store::Space::of(tenant.id), "tenant.export", {}, now));
  PROBITY_TRY(stream, open_stream(engine, tenant, tables, now));
  std::string piece;
  for (bool has_more = true; has_more;) {
    piece.clear();
    PROBITY_TRY(more, stream->next(piece));
    PROBITY_CHECK(output.write(piece));
    has_more = more;
  }
  PROBITY_CHECK(output.finish());
  return stream->tables();
}

Result<Imported> import_tenant(store::Engine& engine, const fs::path& file,
                               const std::vector<module::ExportTable>& tables, Instant now) {
  PROBITY_TRY(manifest, check_archive(file));
  PROBITY_CHECK(check_free(engine, manifest, tables));
  PROBITY_TRY(tenant,
              engine.create_tenant_as(manifest.id, waiting_slug(manifest.id), manifest.region));
  const auto fill = [&]() -> Result<TableFacts> {
    PROBITY_CHECK(store_archive(engine, file, tenant.id, tables));
    PROBITY_CHECK(check_strays(engine, tenant.id, tables));
    PROBITY_TRY(facts, compare(engine, tenant, tables, manifest, now));
    // On record before it can be used; the name comes last.
    PROBITY_CHECK(journal(engine, store::Space::of(tenant.id), "tenant.import", {}, now));
    PROBITY_CHECK(engine.rename_tenant(tenant.id, manifest.slug));
    return std::move(facts);
  };
  auto facts = fill();
  if (!facts) {
    if (auto taken = take_back(engine, tenant.id, tables); !taken)
      facts.error().detail += "; and it could not be taken back: " + taken.error().detail;
    return std::unexpected(std::move(facts).error());
  }
  PROBITY_TRY(made, engine.tenant(tenant.id));
  return Imported{made, std::move(*facts)};
}

}  // namespace probity::keep
