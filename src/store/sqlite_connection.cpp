#include "store/sqlite_connection.hpp"

#include <sqlcipher/sqlite3.h>

#include <utility>

#include <fmt/core.h>

#include "base/secret.hpp"
#include "sql/store.hpp"
#include "store/row_type.hpp"

namespace probity::store {
namespace {

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t integer(int column) const override {
    expect(column, SQLITE_INTEGER, "integer");
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] double real(int column) const override {
    const int type = sqlite3_column_type(statement_, column);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) fail_row_type("number", column);
    return sqlite3_column_double(statement_, column);
  }
  [[nodiscard]] std::string_view text(int column) const override {
    expect(column, SQLITE_TEXT, "text");
    const auto* data = sqlite3_column_text(statement_, column);
    return {reinterpret_cast<const char*>(data), size(column)};
  }
  [[nodiscard]] BytesView bytes(int column) const override {
    expect(column, SQLITE_BLOB, "bytes");
    const auto* data = sqlite3_column_blob(statement_, column);
    return {static_cast<const std::uint8_t*>(data), size(column)};
  }

 private:
  void expect(int column, int type, std::string_view wanted) const {
    if (sqlite3_column_type(statement_, column) != type) fail_row_type(wanted, column);
  }
  [[nodiscard]] std::size_t size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }
  sqlite3_stmt* statement_;
};

// Lends a statement and leaves it reset, so that no lock and no value outlives the call.
class Borrowed {
 public:
  explicit Borrowed(Statement& statement) : statement_(statement) { statement_.is_busy = true; }
  ~Borrowed() {
    sqlite3_reset(statement_.handle.get());
    sqlite3_clear_bindings(statement_.handle.get());
    statement_.is_busy = false;
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  [[nodiscard]] sqlite3_stmt* handle() const { return statement_.handle.get(); }

 private:
  Statement& statement_;
};

struct Meaning {
  Code code;
  Trouble trouble;
};

Meaning meaning_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY: return {Code::Conflict, Trouble::Statement};
    default: break;
  }
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Code::StorageFailed, Trouble::Rerun};
    case SQLITE_FULL: return {Code::StorageFull, Trouble::Broken};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return {Code::IntegrityError, Trouble::Broken};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL: return {Code::StorageFailed, Trouble::Broken};
    default: return {Code::Internal, Trouble::Statement};
  }
}

constexpr const char* k_hexadecimal = "0123456789abcdef";

// The raw key as the codec reads it: x'…', so that no key derivation runs on opening.
class KeyText {
 public:
  explicit KeyText(const crypto::Key& key) {
    std::size_t at = 0;
    text_[at++] = 'x';
    text_[at++] = '\'';
    for (const std::uint8_t byte : key.expose()) {
      text_[at++] = k_hexadecimal[byte >> 4];
      text_[at++] = k_hexadecimal[byte & 15];
    }
    text_[at] = '\'';
  }
  ~KeyText() { wipe(text_.data(), text_.size()); }
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;
  [[nodiscard]] const void* data() const { return text_.data(); }
  [[nodiscard]] int size() const { return static_cast<int>(text_.size()); }

 private:
  std::array<char, crypto::k_key_bytes * 2 + 3> text_{};
};

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Connection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Connection::~Connection() { statements_.clear(); }

Result<std::unique_ptr<Connection>> Connection::open(const FileSpec& file, Use use) {
  auto connection = open_as(file, use, PageMac::Sha256);
  if (connection || connection.error().code != Code::IntegrityError) return connection;
  auto older = open_as(file, use, PageMac::Sha512);
  return older ? std::move(older) : std::move(connection);
}

Result<std::unique_ptr<Connection>> Connection::open_as(const FileSpec& file, Use use,
                                                        PageMac mac) {
  sqlite3* handle = nullptr;
  // Never SQLITE_OPEN_CREATE: a file that is gone must not come back empty.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.path.c_str(), &handle, flags, file.vfs);
  auto connection = std::make_unique<Connection>(Opened{handle});
  if (code != SQLITE_OK) {
    return connection->fail_with(code, "open " + file.path.filename().string());
  }
  PROBITY_CHECK(connection->configure(file, use, mac));
  return connection;
}

Result<void> Connection::pragma(const char* text) {
  const int code = sqlite3_exec(database_.get(), text, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail_with(code, text);
  return {};
}

Result<void> Connection::configure(const FileSpec& file, Use use, PageMac mac) {
  // The codec would write lines of its own to standard error; its errors come back as codes anyway.
  PROBITY_CHECK(pragma("PRAGMA cipher_log_level = NONE"));
  {
    const KeyText key(file.key);
    const int code = sqlite3_key_v2(database_.get(), "main", key.data(), key.size());
    if (code != SQLITE_OK) return fail_with(code, "key");
  }
  PROBITY_CHECK(pragma(fmt::format("PRAGMA cipher_page_size = {}", k_page_bytes).c_str()));
  PROBITY_CHECK(pragma(mac == PageMac::Sha256 ? "PRAGMA cipher_hmac_algorithm = HMAC_SHA256"
                                              : "PRAGMA cipher_hmac_algorithm = HMAC_SHA512"));
  sqlite3_busy_timeout(database_.get(), k_busy_wait_ms);
  // Proves the key before anything else is asked of the file.
  PROBITY_CHECK(fetch(sql::store::open_snapshot, {}, [](const Row&) { return false; }));
  for (const char* text :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
        "PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON", "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA mmap_size = 0", "PRAGMA trusted_schema = OFF"}) {
    PROBITY_CHECK(pragma(text));
  }
  const int cache = use == Use::Write ? k_writer_cache_kib : k_reader_cache_kib;
  PROBITY_CHECK(pragma(fmt::format("PRAGMA cache_size = -{}", cache).c_str()));
  if (use == Use::Read) PROBITY_CHECK(pragma("PRAGMA query_only = ON"));
  return {};
}

std::unexpected<Error> Connection::fail_with(int code, std::string_view what) {
  const Meaning meaning = meaning_of(code);
  last_trouble_ = meaning.trouble;
  // A statement error may have ended the transaction by itself (a full disk does).
  const char* words = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  return fail(meaning.code, fmt::format("sqlite {} in {}: {}", code, what, words));
}

Result<void> Connection::prepare(std::string_view text, Statement& into) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  into.handle.reset(handle);
  if (code != SQLITE_OK) return fail_with(code, "prepare");
  if (handle == nullptr) {
    last_trouble_ = Trouble::Statement;
    return fail(Code::Internal, "a statement without text for this engine");
  }
  return {};
}

Result<Statement*> Connection::prepared(const Query& query, Statement& spare) {
  if (const auto it = statements_.find(&query); it != statements_.end()) {
    if (!it->second.is_busy) return &it->second;
    // The same statement inside its own rows: a second handle for the length of the call.
    PROBITY_CHECK(prepare(query.sqlite, spare));
    return &spare;
  }
  if (statements_.size() >= k_statements_max) {
    std::erase_if(statements_, [](const auto& entry) { return !entry.second.is_busy; });
  }
  Statement fresh;
  PROBITY_CHECK(prepare(query.sqlite, fresh));
  return &statements_.insert_or_assign(&query, std::move(fresh)).first->second;
}

Result<void> Connection::bind(Statement& statement, Values values) {
  sqlite3_stmt* handle = statement.handle.get();
  int index = 0;
  for (const Value& value : values) {
    ++index;
    // Empty views may have no address; SQLite would read that as NULL.
    const int code = std::visit(
        [&](const auto& v) {
          using T = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<T, std::int64_t>) {
            return sqlite3_bind_int64(handle, index, v);
          } else if constexpr (std::is_same_v<T, double>) {
            return sqlite3_bind_double(handle, index, v);
          } else if constexpr (std::is_same_v<T, std::string_view>) {
            return sqlite3_bind_text64(handle, index, v.data() == nullptr ? "" : v.data(), v.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
          } else if constexpr (std::is_same_v<T, BytesView>) {
            return v.empty()
                       ? sqlite3_bind_zeroblob(handle, index, 0)
                       : sqlite3_bind_blob64(handle, index, v.data(), v.size(), SQLITE_STATIC);
          } else {
            return sqlite3_bind_null(handle, index);
          }
        },
        value.content());
    if (code != SQLITE_OK) return fail_with(code, "bind");
  }
  return {};
}

Result<void> Connection::fetch(const Query& query, Values values, const Reader::OnRow& on_row) {
  Statement spare;
  PROBITY_TRY(statement, prepared(query, spare));
  const Borrowed borrowed(*statement);
  PROBITY_CHECK(bind(*statement, values));
  const SqliteRow row(borrowed.handle());
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(borrowed.handle())) == SQLITE_ROW) {
    last_trouble_ = Trouble::None;
    PROBITY_TRY(wants_more, on_row(row));
    if (!wants_more) return {};
  }
  if (code != SQLITE_DONE) return fail_with(code, query.name);
  return {};
}

Result<std::int64_t> Connection::change(const Query& query, Values values) {
  Statement spare;
  PROBITY_TRY(statement, prepared(query, spare));
  const Borrowed borrowed(*statement);
  PROBITY_CHECK(bind(*statement, values));
  const std::int64_t before = sqlite3_total_changes64(database_.get());
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(borrowed.handle())) == SQLITE_ROW) {
  }
  if (code != SQLITE_DONE) return fail_with(code, query.name);
  // sqlite3_changes64 keeps an older number when a statement changed nothing.
  if (sqlite3_total_changes64(database_.get()) == before) return 0;
  return sqlite3_changes64(database_.get());
}

Result<void> Connection::prepares(const Query& query) {
  Statement statement;
  PROBITY_CHECK(prepare(query.sqlite, statement));
  if (sqlite3_bind_parameter_count(statement.handle.get()) != query.arity) {
    return fail(Code::Internal, "the number of parameters differs");
  }
  return {};
}

Result<void> Connection::control(const char* text) {
  auto& statement = statements_[text];
  if (!statement.handle) PROBITY_CHECK(prepare(text, statement));
  const Borrowed borrowed(statement);
  const int code = sqlite3_step(borrowed.handle());
  if (code != SQLITE_DONE) return fail_with(code, text);
  return {};
}

Result<void> Connection::script(std::string_view text) {
  const std::string whole(text);
  const int code = sqlite3_exec(database_.get(), whole.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail_with(code, "script");
  return {};
}

bool Connection::is_in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

Result<void> SqliteSession::control(const char* text) {
  auto ran = connection_.control(text);
  if (ran) return {};
  const bool is_busy = connection_.last_trouble() == Trouble::Rerun;
  return note(std::move(ran).error(), is_busy ? Trouble::Rerun : Trouble::Broken);
}

Result<void> SqliteSession::undo() {
  PROBITY_CHECK(control("ROLLBACK TO one"));
  return control("RELEASE one");
}

void SqliteSession::rollback() {
  if (!connection_.is_in_transaction()) return;
  [[maybe_unused]] const auto ended = connection_.control("ROLLBACK");
}

Result<void> SqliteSession::fetch(const Query& query, Values values, const OnRow& on_row) {
  bool is_row_error = false;
  auto fetched = connection_.fetch(query, values, [&](const Row& row) -> Result<bool> {
    auto more = on_row(row);
    is_row_error = !more;
    return more;
  });
  if (!fetched && !is_row_error) {
    return note(std::move(fetched).error(), connection_.last_trouble());
  }
  return fetched;
}

Result<std::int64_t> SqliteSession::change(const Query& query, Values values) {
  auto changed = connection_.change(query, values);
  if (!changed) return note(std::move(changed).error(), connection_.last_trouble());
  return changed;
}

}  // namespace probity::store
