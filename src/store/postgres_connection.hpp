#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/session.hpp"

struct pg_conn;
struct pg_result;

namespace probity::store {

/// How long connecting, waiting for another node's lock, and one statement may take.
inline constexpr int k_connect_wait_s = 10;
inline constexpr int k_lock_wait_ms = 5'000;
inline constexpr int k_statement_wait_ms = 60'000;

/// One connection to PostgreSQL, always in pipeline mode: what precedes a statement (BEGIN,
/// SAVEPOINT, …) travels with it in one round trip. One thread at a time.
class PgConnection {
 public:
  /// Config when the URL is malformed; StorageFailed when nobody answers or the log-in fails. The
  /// error never holds the URL. `as_role`, when not empty, is taken on with SET ROLE.
  [[nodiscard]] static Result<std::unique_ptr<PgConnection>> open(const std::string& url,
                                                                  const std::string& as_role);
  struct Opened {
    pg_conn* connection;
  };
  explicit PgConnection(Opened opened) : connection_(opened.connection) {}
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  /// Whether the rows of a result come one by one (large reads) or all at once.
  enum class Rows : std::uint8_t { Streamed, Whole };

  [[nodiscard]] Result<void> fetch(const Query& query, Values values, const Reader::OnRow& on_row,
                                   Rows rows);
  [[nodiscard]] Result<std::int64_t> change(const Query& query, Values values);
  /// Sends a fixed statement before the next one.
  void before(const char* text) { queued_.emplace_back(text); }
  /// Takes the last one back when it was not sent yet and is `text`.
  [[nodiscard]] bool take_back(std::string_view text);
  void forget_queued() { queued_.clear(); }
  /// Sends what is queued and `text`; the command tag of `text` ("COMMIT").
  [[nodiscard]] Result<std::string> control(const char* text);
  /// Several statements at once by the simple protocol, as migrations are.
  [[nodiscard]] Result<void> script(const std::string& text);
  /// COPY … TO STDOUT: each piece goes to `take`.
  [[nodiscard]] Result<void> copy_out(const std::string& text,
                                      const std::function<Result<void>(BytesView)>& take);
  /// COPY … FROM STDIN: asks `give` for pieces until an empty one.
  [[nodiscard]] Result<void> copy_in(const std::string& text,
                                     const std::function<Result<std::string_view>()>& give);

  /// Prepares it; Internal when the server does not understand it.
  [[nodiscard]] Result<void> prepares(const Query& query);

  [[nodiscard]] bool is_lost() const;
  /// Whether the server went away while nothing was asked. Told before a transaction is sent, that
  /// is no doubt: of a whole one sent to nobody it would be unknown whether it was committed.
  [[nodiscard]] bool has_ended_meanwhile();
  [[nodiscard]] bool is_in_transaction() const;
  [[nodiscard]] int server_version() const;
  [[nodiscard]] Trouble last_trouble() const { return last_trouble_; }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using ResultHandle = std::unique_ptr<pg_result, Clear>;
  struct Prepared {
    std::string name;
    std::vector<unsigned> parameter_types;
  };
  /// The rows of a statement still being received; a statement inside its rows first receives the
  /// rest of them.
  struct Stream {
    std::deque<ResultHandle> received;
    bool has_ended = false;
  };

  [[nodiscard]] Result<Prepared*> prepared(const Query& query);
  [[nodiscard]] Result<void> send_queued();
  [[nodiscard]] Result<void> send(const Query& query, Values values, const Prepared& statement);
  [[nodiscard]] Result<void> encode(const Value& value, unsigned type, std::size_t index);
  [[nodiscard]] Result<void> finish_sending();
  [[nodiscard]] Result<void> receive_queued();
  [[nodiscard]] ResultHandle next_result();
  void receive_rest();
  void drain();
  void receive_stream();
  [[nodiscard]] Result<void> deliver(Stream& stream, const Reader::OnRow& on_row);
  [[nodiscard]] std::unexpected<Error> fail_with(const pg_result* result, std::string_view what);
  [[nodiscard]] std::unexpected<Error> lost(std::string_view what);

  std::unique_ptr<pg_conn, Close> connection_;
  std::unordered_map<const Query*, Prepared> statements_;
  std::vector<std::string> queued_;
  std::size_t queued_sent_ = 0;
  Stream* stream_ = nullptr;
  Trouble last_trouble_ = Trouble::None;
  // Of the statement being sent; kept for their capacity.
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::string> texts_;
};

/// A writer's session over a connection: marks and releases are sent along with the statements.
class PgSession final : public Session {
 public:
  PgSession(Space space, PgConnection& connection) : Session(space), connection_(connection) {}
  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<void> mark() override;
  [[nodiscard]] Result<void> keep() override;
  [[nodiscard]] Result<void> undo() override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override;

 private:
  [[nodiscard]] Result<void> fetch(const Query& query, Values values, const OnRow& on_row) override;
  [[nodiscard]] Result<std::int64_t> change(const Query& query, Values values) override;

  PgConnection& connection_;
};

/// The tenant as row-level security reads it: 32 hexadecimal digits (zeros for the system).
[[nodiscard]] std::string tenant_setting(const Space& space);

}  // namespace probity::store
