#include "store/postgres_connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <bit>
#include <charconv>

#include <fmt/core.h>

#include "sql/store.hpp"
#include "store/postgres_row.hpp"

namespace probity::store {
namespace {

struct Meaning {
  Code code;
  Trouble trouble;
};

// SQLSTATE, PostgreSQL 15 appendix A.
Meaning meaning_of(std::string_view state) {
  if (state == "23505" || state == "23503") return {Code::Conflict, Trouble::Statement};
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return {Code::StorageFailed, Trouble::Rerun};
  }
  if (state == "53100") return {Code::StorageFull, Trouble::Broken};
  const std::string_view kind = state.substr(0, 2);
  if (kind == "53" || kind == "57" || kind == "58" || kind == "08" || kind == "XX" ||
      state == "25006") {
    return {Code::StorageFailed, Trouble::Broken};
  }
  return {Code::Internal, Trouble::Statement};
}

// Messages of these classes name objects, never stored values.
bool is_safe_to_log(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  return kind == "42" || kind == "25" || kind == "40" || kind == "53" || kind == "57" ||
         kind == "58" || kind == "08" || kind == "55" || kind == "3F" || kind == "28";
}

std::string_view field(const PGresult* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string first_line(const char* text) {
  const std::string_view all = text == nullptr ? "" : text;
  return std::string(all.substr(0, all.find('\n')));
}

bool is_well_formed(const std::string& url) {
  char* words = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &words);
  const bool is_good = options != nullptr;
  PQconninfoFree(options);
  PQfreemem(words);
  return is_good;
}

}  // namespace

void PgConnection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }
void PgConnection::Clear::operator()(pg_result* result) const { PQclear(result); }
PgConnection::~PgConnection() = default;

Result<std::unique_ptr<PgConnection>> PgConnection::open(const std::string& url,
                                                         const std::string& as_role) {
  if (!is_well_formed(url)) {
    return fail(Code::Config,
                "the database URL is malformed; "
                "postgresql://USER@HOST:PORT/DATABASE is expected");
  }
  const std::string wait = std::to_string(k_connect_wait_s);
  const std::array<const char*, 6> names{"connect_timeout", "application_name", "tcp_user_timeout",
                                         "dbname",          "client_encoding",  nullptr};
  const std::array<const char*, 6> values{wait.c_str(), "probity", "30000",
                                          url.c_str(),  "UTF8",    nullptr};
  auto connection =
      std::make_unique<PgConnection>(Opened{PQconnectdbParams(names.data(), values.data(), 1)});
  pg_conn* handle = connection->connection_.get();
  if (PQstatus(handle) != CONNECTION_OK) {
    return fail(Code::StorageFailed, "cannot connect: " + first_line(PQerrorMessage(handle)));
  }
  PQsetNoticeReceiver(handle, [](void*, const PGresult*) {}, nullptr);
  const std::string settings = fmt::format(
      "SET search_path = probity, pg_temp; SET lock_timeout = {}; SET statement_timeout = {};"
      "SET idle_in_transaction_session_timeout = {}; SET jit = off;",
      k_lock_wait_ms, k_statement_wait_ms, k_statement_wait_ms);
  PROBITY_CHECK(connection->script(settings));
  if (!as_role.empty()) {
    char* quoted = PQescapeIdentifier(handle, as_role.data(), as_role.size());
    const std::string text = fmt::format("SET ROLE {}", quoted == nullptr ? "" : quoted);
    PQfreemem(quoted);
    PROBITY_CHECK(connection->script(text));
  }
  return connection;
}

bool PgConnection::is_lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

bool PgConnection::has_ended_meanwhile() {
  if (is_lost()) return true;
  pollfd waiting{PQsocket(connection_.get()), POLLIN, 0};
  // The library learns of an end only by reading it.
  if (::poll(&waiting, 1, 0) > 0) static_cast<void>(PQconsumeInput(connection_.get()));
  return is_lost();
}

bool PgConnection::is_in_transaction() const {
  const auto status = PQtransactionStatus(connection_.get());
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

int PgConnection::server_version() const { return PQserverVersion(connection_.get()); }

std::unexpected<Error> PgConnection::lost(std::string_view what) {
  last_trouble_ = Trouble::Broken;
  return fail(Code::StorageFailed,
              fmt::format("{}: {}", what, first_line(PQerrorMessage(connection_.get()))));
}

std::unexpected<Error> PgConnection::fail_with(const pg_result* result, std::string_view what) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) return lost(what);
  const Meaning meaning = meaning_of(state);
  last_trouble_ = meaning.trouble;
  const std::string_view words =
      is_safe_to_log(state) ? field(result, PG_DIAG_MESSAGE_PRIMARY) : std::string_view();
  return fail(meaning.code, fmt::format("postgres {} in {} {} {}", state, what,
                                        field(result, PG_DIAG_CONSTRAINT_NAME), words));
}

bool PgConnection::take_back(std::string_view text) {
  if (queued_.empty() || queued_.back() != text) return false;
  queued_.pop_back();
  return true;
}

PgConnection::ResultHandle PgConnection::next_result() {
  return ResultHandle(PQgetResult(connection_.get()));
}

// Reads until the end of the exchange. Errors on the way were seen already or do not matter.
void PgConnection::drain() {
  // One null ends a statement; several in a row mean that nothing is left to come.
  for (int nulls = 0; nulls < 3 && !is_lost();) {
    const ResultHandle result = next_result();
    if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return;
    nulls = result ? 0 : nulls + 1;
  }
}

Result<void> PgConnection::send_queued() {
  if (stream_ != nullptr) receive_rest();
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF &&
      PQenterPipelineMode(connection_.get()) == 0) {
    return lost("pipeline");
  }
  queued_sent_ = queued_.size();
  for (const std::string& text : queued_) {
    if (PQsendQueryParams(connection_.get(), text.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          1) == 0) {
      return lost("send");
    }
  }
  queued_.clear();
  return {};
}

Result<void> PgConnection::finish_sending() {
  if (PQpipelineSync(connection_.get()) == 0) return lost("send");
  return {};
}

// The answers to what was sent before the statement itself.
Result<void> PgConnection::receive_queued() {
  for (; queued_sent_ > 0; --queued_sent_) {
    ResultHandle result = next_result();
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      auto error = fail_with(result.get(), "transaction control");
      queued_sent_ = 0;
      drain();
      // A control statement has no savepoint to go back to.
      if (last_trouble_ == Trouble::Statement) last_trouble_ = Trouble::Broken;
      return error;
    }
    result = next_result();  // The null that ends it.
  }
  return {};
}

Result<PgConnection::Prepared*> PgConnection::prepared(const Query& query) {
  if (const auto it = statements_.find(&query); it != statements_.end()) return &it->second;
  if (query.postgres.empty()) {
    last_trouble_ = Trouble::Statement;
    return fail(Code::Internal, "a statement without text for this engine");
  }
  Prepared fresh{fmt::format("s{}", statements_.size()), {}};
  const std::string text(query.postgres);
  PROBITY_CHECK(send_queued());
  if (PQsendPrepare(connection_.get(), fresh.name.c_str(), text.c_str(), 0, nullptr) == 0 ||
      PQsendDescribePrepared(connection_.get(), fresh.name.c_str()) == 0) {
    return lost("prepare");
  }
  PROBITY_CHECK(finish_sending());
  PROBITY_CHECK(receive_queued());
  for (int step = 0; step < 2; ++step) {
    const ResultHandle result = next_result();
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      auto error = fail_with(result.get(), query.name);
      drain();
      return error;
    }
    for (int i = 0; step == 1 && i < PQnparams(result.get()); ++i) {
      fresh.parameter_types.push_back(PQparamtype(result.get(), i));
    }
    const ResultHandle end = next_result();
  }
  drain();
  return &statements_.insert_or_assign(&query, std::move(fresh)).first->second;
}

Result<void> PgConnection::prepares(const Query& query) {
  PROBITY_TRY(statement, prepared(query));
  if (static_cast<int>(statement->parameter_types.size()) != query.arity) {
    return fail(Code::Internal, "the number of parameters differs");
  }
  return {};
}

Result<void> PgConnection::encode(const Value& value, unsigned type, std::size_t index) {
  std::string& text = texts_[index];
  text.clear();
  formats_[index] = 1;
  bool is_fit = true;
  std::string_view in_place;  // Texts and bytes are sent from where they lie.
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          if (type == k_pg_int8) {
            for (int shift = 56; shift >= 0; shift -= 8) {
              text.push_back(static_cast<char>(static_cast<std::uint64_t>(v) >> shift & 0xff));
            }
          } else {
            text = std::to_string(v);
            formats_[index] = 0;
            is_fit = type == k_pg_int4 || type == k_pg_int2 || type == k_pg_numeric ||
                     type == k_pg_float8 || type == k_pg_bool;
          }
        } else if constexpr (std::is_same_v<T, double>) {
          std::array<char, 32> digits{};
          const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr;
          text.assign(digits.data(), end);
          formats_[index] = 0;
          is_fit = type == k_pg_float8 || type == k_pg_float4 || type == k_pg_numeric;
        } else if constexpr (std::is_same_v<T, std::string_view>) {
          in_place = v;
          is_fit = type == k_pg_text || type == k_pg_varchar || type == k_pg_name;
        } else if constexpr (std::is_same_v<T, BytesView>) {
          in_place = as_text(v);
          is_fit = type == k_pg_bytea;
        }
      },
      value.content());
  const bool is_null = std::holds_alternative<std::monostate>(value.content());
  const std::string_view sent = in_place.data() != nullptr ? in_place : std::string_view(text);
  values_[index] = is_null ? nullptr : sent.data();
  lengths_[index] = static_cast<int>(sent.size());
  if (is_fit) return {};
  last_trouble_ = Trouble::Statement;
  return fail(Code::Internal, fmt::format("value {} does not fit type {}", index + 1, type));
}

Result<void> PgConnection::send(const Query& query, Values values, const Prepared& statement) {
  const std::size_t count = values.size();
  if (texts_.size() < count) texts_.resize(count);
  values_.resize(count);
  lengths_.resize(count);
  formats_.resize(count);
  if (statement.parameter_types.size() != count) {
    last_trouble_ = Trouble::Statement;
    return fail(Code::Internal, fmt::format("wrong number of values for {}", query.name));
  }
  std::size_t index = 0;
  for (const Value& value : values) {
    PROBITY_CHECK(encode(value, statement.parameter_types[index], index));
    ++index;
  }
  PROBITY_CHECK(send_queued());
  if (PQsendQueryPrepared(connection_.get(), statement.name.c_str(), static_cast<int>(count),
                          values_.data(), lengths_.data(), formats_.data(), 1) == 0) {
    return lost("send");
  }
  PROBITY_CHECK(finish_sending());
  return receive_queued();
}

Result<void> PgConnection::fetch(const Query& query, Values values, const Reader::OnRow& on_row,
                                 Rows rows) {
  PROBITY_TRY(statement, prepared(query));
  PROBITY_CHECK(send(query, values, *statement));
  if (rows == Rows::Streamed) {
    PQsetSingleRowMode(connection_.get());
    Stream stream;
    Stream* const outer = std::exchange(stream_, &stream);
    auto delivered = deliver(stream, on_row);
    if (!stream.has_ended) drain();
    stream_ = outer;
    return delivered;
  }
  const ResultHandle result = next_result();
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    auto error = fail_with(result.get(), query.name);
    drain();
    return error;
  }
  drain();
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    PROBITY_TRY(wants_more, on_row(PgRow(result.get(), i)));
    if (!wants_more) break;
  }
  return {};
}

void PgConnection::receive_stream() {
  ResultHandle result = next_result();
  if (result && PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE) {
    stream_->received.push_back(std::move(result));
    return;
  }
  stream_->has_ended = true;
  stream_->received.push_back(std::move(result));
  drain();
}

void PgConnection::receive_rest() {
  while (!stream_->has_ended)
    receive_stream();
}

Result<void> PgConnection::deliver(Stream& stream, const Reader::OnRow& on_row) {
  while (true) {
    if (stream.received.empty()) receive_stream();
    const ResultHandle result = std::move(stream.received.front());
    stream.received.pop_front();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK) return {};
    if (status != PGRES_SINGLE_TUPLE) return fail_with(result.get(), "reading rows");
    PROBITY_TRY(wants_more, on_row(PgRow(result.get(), 0)));
    if (!wants_more) return {};
  }
}

Result<std::int64_t> PgConnection::change(const Query& query, Values values) {
  PROBITY_TRY(statement, prepared(query));
  PROBITY_CHECK(send(query, values, *statement));
  const ResultHandle result = next_result();
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    auto error = fail_with(result.get(), query.name);
    drain();
    return error;
  }
  drain();
  const std::string_view count = PQcmdTuples(result.get());
  std::int64_t rows = 0;
  std::from_chars(count.data(), count.data() + count.size(), rows);
  return rows;
}

Result<std::string> PgConnection::control(const char* text) {
  PROBITY_CHECK(send_queued());
  if (PQsendQueryParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, 1) == 0) {
    return lost(text);
  }
  PROBITY_CHECK(finish_sending());
  PROBITY_CHECK(receive_queued());
  const ResultHandle result = next_result();
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    auto error = fail_with(result.get(), text);
    if (!is_lost()) drain();
    return error;
  }
  drain();
  return std::string(PQcmdStatus(result.get()));
}

Result<void> PgConnection::script(const std::string& text) {
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF) {
    PQexitPipelineMode(connection_.get());
  }
  const ResultHandle result(PQexec(connection_.get(), text.c_str()));
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  return fail_with(result.get(), "script");
}

Result<void> PgConnection::copy_out(const std::string& text,
                                    const std::function<Result<void>(BytesView)>& take) {
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF) {
    PQexitPipelineMode(connection_.get());
  }
  {
    const ResultHandle begun(PQexec(connection_.get(), text.c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) return fail_with(begun.get(), "copy");
  }
  Result<void> taken;
  char* piece = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &piece, 0)) > 0) {
    if (taken) {
      taken = take({reinterpret_cast<const std::uint8_t*>(piece), static_cast<std::size_t>(size)});
    }
    PQfreemem(piece);
  }
  ResultHandle result = next_result();
  if (size != -1 || PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    return fail_with(result.get(), "copy");
  }
  while (result)
    result = next_result();
  return taken;
}

Result<void> PgConnection::copy_in(const std::string& text,
                                   const std::function<Result<std::string_view>()>& give) {
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF) {
    PQexitPipelineMode(connection_.get());
  }
  {
    const ResultHandle begun(PQexec(connection_.get(), text.c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return fail_with(begun.get(), "copy");
  }
  Result<void> given;
  while (true) {
    const auto piece = give();
    if (!piece) given = std::unexpected(piece.error());
    if (!piece || piece->empty()) break;
    if (PQputCopyData(connection_.get(), piece->data(), static_cast<int>(piece->size())) != 1) {
      return lost("copy");
    }
  }
  if (PQputCopyEnd(connection_.get(), given ? nullptr : "given up") != 1) return lost("copy");
  ResultHandle result = next_result();
  if (given && PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
    given = fail_with(result.get(), "copy");
  }
  while (result)
    result = next_result();
  return given;
}

std::string tenant_setting(const Space& space) { return to_hex(space.tenant().bytes()); }

namespace {

constexpr const char* k_mark = "SAVEPOINT one";
constexpr const char* k_keep = "RELEASE one";
constexpr const char* k_undo = "ROLLBACK TO one";

// Which lock stands for a space: the random tail of the id (the system's is 0).
std::int64_t lock_of(const Space& space) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : space.tenant().bytes().subspan(8))
    value = value << 8 | byte;
  return static_cast<std::int64_t>(value);
}

}  // namespace

Result<void> PgSession::begin() {
  connection_.forget_queued();
  connection_.before("BEGIN");
  auto entered = connection_.fetch(
      sql::store::enter_space, {tenant_setting(space()), lock_of(space())},
      [](const Row&) { return true; }, PgConnection::Rows::Whole);
  if (!entered) {
    const bool is_rerun = connection_.last_trouble() == Trouble::Rerun;
    return note(std::move(entered).error(), is_rerun ? Trouble::Rerun : Trouble::Broken);
  }
  return {};
}

Result<void> PgSession::mark() {
  connection_.before(k_mark);
  return {};
}

Result<void> PgSession::keep() {
  // Nothing ran since the mark: neither needs to be sent.
  if (!connection_.take_back(k_mark)) connection_.before(k_keep);
  return {};
}

Result<void> PgSession::undo() {
  if (connection_.take_back(k_mark)) return {};
  connection_.before(k_undo);
  connection_.before(k_keep);
  return {};
}

Result<void> PgSession::commit() {
  auto tag = connection_.control("COMMIT");
  if (!tag) {
    const bool is_rerun = connection_.last_trouble() == Trouble::Rerun;
    return note(std::move(tag).error(), is_rerun ? Trouble::Rerun : Trouble::Broken);
  }
  // A transaction that had failed answers COMMIT with a rollback and without an error.
  if (*tag != "COMMIT") {
    return note(Error{Code::StorageFailed, "the commit became a rollback", {}, {}, 0},
                Trouble::Broken);
  }
  return {};
}

void PgSession::rollback() {
  connection_.forget_queued();
  if (connection_.is_lost() || !connection_.is_in_transaction()) return;
  [[maybe_unused]] const auto ended = connection_.control("ROLLBACK");
}

Result<void> PgSession::fetch(const Query& query, Values values, const OnRow& on_row) {
  bool is_row_error = false;
  auto fetched = connection_.fetch(
      query, values,
      [&](const Row& row) -> Result<bool> {
        auto more = on_row(row);
        is_row_error = !more;
        return more;
      },
      PgConnection::Rows::Whole);
  if (!fetched && !is_row_error) {
    return note(std::move(fetched).error(), connection_.last_trouble());
  }
  return fetched;
}

Result<std::int64_t> PgSession::change(const Query& query, Values values) {
  auto changed = connection_.change(query, values);
  if (!changed) return note(std::move(changed).error(), connection_.last_trouble());
  return changed;
}

}  // namespace probity::store
