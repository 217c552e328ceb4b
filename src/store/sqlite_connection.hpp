#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/keys.hpp"
#include "store/session.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace probity::store {

/// Page size of every file. 8 KiB pages scan 1.5 times faster, but responses of anonymous surveys
/// land on random pages, and each page written is encrypted whole.
inline constexpr int k_page_bytes = 4096;
/// Page cache of a writer's and of a reader's connection: allocated as used; a writer needs the
/// hour's pages of a busy survey, or each insert reads and decrypts one.
inline constexpr int k_writer_cache_kib = 8192;
inline constexpr int k_reader_cache_kib = 512;
/// How long a statement waits for another process that writes the same file.
inline constexpr int k_busy_wait_ms = 2'000;
/// Prepared statements kept per connection before all idle ones are let go.
inline constexpr std::size_t k_statements_max = 192;

/// What a connection is for.
enum class Use : std::uint8_t { Write, Read };

/// Which file, under which key, through which virtual file system (null: the default one).
struct FileSpec {
  const std::filesystem::path& path;
  const crypto::Key& key;
  const char* vfs = nullptr;
};

/// What a file's pages are authenticated with. New files: HMAC-SHA-256, half as dear as SQLCipher's
/// own choice on processors with SHA instructions; files of earlier builds: HMAC-SHA-512.
enum class PageMac : std::uint8_t { Sha256, Sha512 };

/// A prepared statement. The handle is reset and its values forgotten when the borrower is done.
struct Statement {
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle;
  bool is_busy = false;
};

/// One connection to one encrypted file. Key first, then a read that proves it, then the pragmas,
/// on every connection. One thread at a time.
class Connection {
 public:
  /// Whichever way the file's pages are authenticated. IntegrityError when the key does not open
  /// it; StorageFailed when it is missing.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const FileSpec& file, Use use);
  /// As open(), for files of that kind alone.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open_as(const FileSpec& file, Use use,
                                                                   PageMac mac);
  ~Connection();
  struct Opened {
    sqlite3* database;
  };
  /// Takes the handle; `open` is the way to one that is configured.
  explicit Connection(Opened opened) : database_(opened.database) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement for its rows, or for the number of rows it changed.
  [[nodiscard]] Result<void> fetch(const Query& query, Values values, const Reader::OnRow& on_row);
  [[nodiscard]] Result<std::int64_t> change(const Query& query, Values values);
  /// A fixed control statement (BEGIN IMMEDIATE, SAVEPOINT one, …), prepared once.
  [[nodiscard]] Result<void> control(const char* text);
  /// A whole script, as migrations are.
  [[nodiscard]] Result<void> script(std::string_view text);

  /// Prepares and forgets; Internal when the engine does not understand it.
  [[nodiscard]] Result<void> prepares(const Query& query);

  [[nodiscard]] bool is_in_transaction() const;
  /// What the last failed statement means for its transaction.
  [[nodiscard]] Trouble last_trouble() const { return last_trouble_; }
  [[nodiscard]] sqlite3* handle() { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  [[nodiscard]] Result<void> configure(const FileSpec& file, Use use, PageMac mac);
  [[nodiscard]] Result<void> pragma(const char* text);
  [[nodiscard]] Result<Statement*> prepared(const Query& query, Statement& spare);
  [[nodiscard]] Result<void> prepare(std::string_view text, Statement& into);
  [[nodiscard]] Result<void> bind(Statement& statement, Values values);
  [[nodiscard]] std::unexpected<Error> fail_with(int code, std::string_view what);

  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<const void*, Statement> statements_;
  Trouble last_trouble_ = Trouble::None;
};

/// A writer's session over a connection.
class SqliteSession final : public Session {
 public:
  SqliteSession(Space space, Connection& connection) : Session(space), connection_(connection) {}
  [[nodiscard]] Result<void> begin() override { return control("BEGIN IMMEDIATE"); }
  [[nodiscard]] Result<void> mark() override { return control("SAVEPOINT one"); }
  [[nodiscard]] Result<void> keep() override { return control("RELEASE one"); }
  [[nodiscard]] Result<void> undo() override;
  [[nodiscard]] Result<void> commit() override { return control("COMMIT"); }
  void rollback() override;

 private:
  [[nodiscard]] Result<void> fetch(const Query& query, Values values, const OnRow& on_row) override;
  [[nodiscard]] Result<std::int64_t> change(const Query& query, Values values) override;
  [[nodiscard]] Result<void> control(const char* text);

  Connection& connection_;
};

}  // namespace probity::store
