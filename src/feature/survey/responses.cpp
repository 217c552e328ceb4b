#include "feature/survey/responses.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "feature/survey/export_csv.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/survey.hpp"
#include "sql/survey.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;

/// A row of the statement `responses`, opened.
struct Opened {
  ResponseId id;
  Instant received_at;
  std::int64_t version = 0;
  std::string answers_json;
};

struct Stored {
  ResponseId id;
  Instant received_at;
  std::int64_t version = 0;
  Bytes sealed;
};

Stored stored_of(const store::Row& row) {
  return {row.id<ResponseId>(0), row.instant(1), row.integer(2), to_bytes(row.bytes(3))};
}

Result<Opened> open_row(const crypto::Cipher& cipher, const Stored& row) {
  PROBITY_TRY(plain, cipher.open(k_answers_purpose, row.id.bytes(), row.sealed));
  return Opened{row.id, row.received_at, row.version, std::string(as_text(plain))};
}

void write_response(JsonWriter& json, const Opened& response) {
  json.begin_object();
  json.field("id", response.id.text());
  json.field("received_at", to_rfc3339(response.received_at));
  json.field("version", response.version);
  json.key("answers");
  json.raw(response.answers_json);
  json.end_object();
}

Result<Answer> list_responses(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(after, after_id<ResponseId>(call.request()));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_CHECK(load_survey(*reader, id));
  PROBITY_TRY(rows, reader->all(q::responses, {call.tenant(), id, after, limit + 1}, stored_of));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  const std::size_t shown = std::min(rows.size(), static_cast<std::size_t>(limit));
  for (std::size_t i = 0; i < shown; ++i) {
    PROBITY_TRY(response, open_row(*cipher, rows[i]));
    write_response(json, response);
  }
  json.end_array();
  json.key("next");
  rows.size() > shown ? json.value(rows[shown - 1].id.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> erase_response(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(response, call.path_id<ResponseId>("rid"));
  PROBITY_TRY(entry, call.entry("response.erase", response.text()));
  auto apply = [=](store::Tx& tx) -> Result<store::Journal> {
    const TenantId tenant = tx.space().tenant();
    PROBITY_CHECK(load_survey(tx, id));
    PROBITY_TRY(erased, tx.run(q::erase_response, {tenant, id, response}));
    if (erased != 1) return fail(Code::NotFound, "no such response");
    PROBITY_CHECK(tx.run(q::count_erased, {tenant, id, 1}));
    return store::Journal{entry};
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Essential},
                       [] { return web::empty_response(204); }};
}

/// How a response becomes bytes of an export.
class Format {
 public:
  virtual ~Format() = default;
  virtual void begin(std::string&) {}
  [[nodiscard]] virtual Result<void> append(std::string& out, const Opened& response) = 0;
};

class JsonLines final : public Format {
 public:
  Result<void> append(std::string& out, const Opened& response) override {
    JsonWriter json;
    write_response(json, response);
    out += json.text();
    out.push_back('\n');
    return {};
  }
};

class CsvLines final : public Format {
 public:
  explicit CsvLines(CsvColumns columns) : columns_(std::move(columns)) {}
  void begin(std::string& out) override {
    // The mark tells spreadsheets that the file is UTF-8.
    out += "\xef\xbb\xbfid,received_at,version";
    columns_.append_titles(out);
    out += "\r\n";
  }
  Result<void> append(std::string& out, const Opened& response) override {
    out += fmt::format("{},{},{}", response.id.text(), to_rfc3339(response.received_at),
                       response.version);
    PROBITY_CHECK(columns_.append_cells(out, response.answers_json));
    out += "\r\n";
    return {};
  }

 private:
  CsvColumns columns_;
};

/// All responses of one survey in id order, read from one snapshot piece by piece.
class ResponseStream final : public web::BodySource {
 public:
  ResponseStream(std::unique_ptr<store::Reader> snapshot,
                 std::shared_ptr<const crypto::Cipher> cipher, const SurveyId& survey,
                 std::unique_ptr<Format> format)
      : snapshot_(std::move(snapshot)),
        cipher_(std::move(cipher)),
        survey_(survey),
        format_(std::move(format)) {}

  Result<Piece> next() override {
    Piece piece;
    if (!has_begun_) format_->begin(piece.bytes);
    has_begun_ = true;
    PROBITY_TRY(rows, snapshot_->all(q::responses,
                                     {snapshot_->space().tenant(), survey_, last_, k_export_rows},
                                     stored_of));
    for (const Stored& row : rows) {
      PROBITY_TRY(response, open_row(*cipher_, row));
      PROBITY_CHECK(format_->append(piece.bytes, response));
      last_ = row.id;
    }
    piece.is_last = rows.size() < k_export_rows;
    return piece;
  }

 private:
  std::unique_ptr<store::Reader> snapshot_;
  std::shared_ptr<const crypto::Cipher> cipher_;
  SurveyId survey_;
  std::unique_ptr<Format> format_;
  ResponseId last_;
  bool has_begun_ = false;
};

Result<Answer> stream(Call& call, const SurveyId& id, std::unique_ptr<Format> format,
                      std::string_view type, std::string_view ending) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(snapshot, call.take_snapshot());
  Response response;
  response.with("content-type", type);
  response.with("content-disposition",
                fmt::format("attachment; filename=\"{}-responses.{}\"", id.text(), ending));
  response.source =
      std::make_unique<ResponseStream>(std::move(snapshot), cipher, id, std::move(format));
  return response;
}

Result<Answer> export_jsonl(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_CHECK(load_survey(*reader, id));
  return stream(call, id, std::make_unique<JsonLines>(), "application/jsonl", "jsonl");
}

Result<Answer> export_csv(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(columns, CsvColumns::load(*reader, *cipher, survey));
  return stream(call, id, std::make_unique<CsvLines>(std::move(columns)), "text/csv; charset=utf-8",
                "csv");
}

constexpr std::string_view k_responses_schema =
    R"({"type":"object","properties":{"items":{"type":"array","items":{"type":"object",)"
    R"("properties":{"id":{"type":"string"},"received_at":{"type":"string"},)"
    R"("version":{"type":"integer"},"answers":{"type":"object"}}}},)"
    R"("next":{"type":["string","null"]}}})";

}  // namespace

std::vector<web::Route> response_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const auto read = Access::require(Permission::ResponsesRead);
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  web::RouteDoc csv{"Export responses as CSV", {}, {}, 200, {}};
  csv.response_type = "text/csv";
  web::RouteDoc jsonl{"Export responses as JSON Lines", {}, {}, 200, {}};
  jsonl.response_type = "application/jsonl";
  std::vector<web::Route> routes;
  routes.emplace_back(
      Method::Get, "/api/v1/surveys/{id}/responses", read, web::Limits{},
      web::RouteDoc{"Read single responses", {}, k_responses_schema, 200, {"after", "limit"}},
      bind(list_responses));
  routes.back().audit_read = "response.read";
  routes.emplace_back(Method::Delete, "/api/v1/surveys/{id}/responses/{rid}",
                      Access::require(Permission::ResponsesErase), web::Limits{},
                      web::RouteDoc{"Erase one response", {}, {}, 204}, bind(erase_response));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/export.csv", read, bulk, csv,
                      bind(export_csv));
  routes.back().audit_read = "response.export";
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/export.jsonl", read, bulk, jsonl,
                      bind(export_jsonl));
  routes.back().audit_read = "response.export";
  return routes;
}

}  // namespace probity::survey
