#include "feature/survey/responses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "approval/approval.hpp"
#include "base/json_writer.hpp"
#include "feature/survey/export_csv.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/request.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"
#include "sql/survey.hpp"
#include "web/attachment.hpp"
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

constexpr std::string_view k_erase_action = "response.erase";

/// A stored response, opened.
struct Opened {
  ResponseId id;
  Instant received_at;
  std::int64_t version = 0;
  std::string answers_json;
};

Result<Opened> open_response(const crypto::Cipher& cipher, const StoredResponse& stored) {
  PROBITY_TRY(plain, cipher.open(k_answers_purpose, stored.id.bytes(), stored.answers));
  return Opened{stored.id, stored.received_at, stored.version, std::string(as_text(plain))};
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
  PROBITY_TRY(after, call.after_id<ResponseId>());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_CHECK(load_survey(*reader, id));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  std::int64_t shown = 0;
  ResponseId last;
  bool has_more = false;
  const auto show = [&](const StoredResponse& stored) -> Result<bool> {
    has_more = shown == limit;
    if (has_more) return false;
    PROBITY_TRY(response, open_response(*cipher, stored));
    write_response(json, response);
    last = stored.id;
    ++shown;
    return true;
  };
  PROBITY_CHECK(each_response_in_order(*reader, id, after, show));
  json.end_array();
  json.key("next");
  has_more ? json.value(last.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<web::Prepared> prepare_erasure(Call& call, const SurveyId& id, const ResponseId& response) {
  PROBITY_TRY(entry, call.entry("response.erase", response.text()));
  auto apply = [=](store::Tx& tx) -> Result<store::Journal> {
    const TenantId tenant = tx.space().tenant();
    PROBITY_CHECK(load_survey(tx, id));
    PROBITY_TRY(was_stored, erase_response(tx, id, response));
    if (!was_stored) return fail(Code::NotFound, "no such response");
    PROBITY_CHECK(tx.run(q::count_erased, {tenant, id, 1}));
    return store::Journal{entry};
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Essential},
                       [] { return web::empty_response(204); }};
}

/// A wish to erase names "sur_…/res_…".
Result<web::Prepared> prepare_approved_erasure(Call& call, const module::Wish& wish) {
  const std::string_view object = wish.object;
  const std::size_t slash = std::min(object.find('/'), object.size());
  const auto id = SurveyId::parse(object.substr(0, slash));
  const auto response = ResponseId::parse(object.substr(std::min(slash + 1, object.size())));
  if (!id || !response) return fail(Code::Internal, "a wish to erase nothing");
  return prepare_erasure(call, *id, *response);
}

Result<Answer> erase(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(response, call.path_id<ResponseId>("rid"));
  PROBITY_TRY(is_required, approval::is_required(call));
  if (is_required) {
    PROBITY_TRY(reader, call.read());
    PROBITY_CHECK(load_survey(*reader, id));
    PROBITY_TRY(received_at, find_response(*reader, id, response));
    if (!received_at) return fail(Code::NotFound, "no such response");
    return approval::ask(call,
                         {k_erase_action, fmt::format("{}/{}", id.text(), response.text()), {}});
  }
  PROBITY_TRY(prepared, prepare_erasure(call, id, response));
  return std::move(prepared);
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
    int count = 0;
    bool has_more = false;
    const auto append = [&](const StoredResponse& stored) -> Result<bool> {
      has_more = count == k_export_rows || piece.bytes.size() >= k_export_piece_bytes;
      if (has_more) return false;
      PROBITY_TRY(response, open_response(*cipher_, stored));
      PROBITY_CHECK(format_->append(piece.bytes, response));
      last_ = stored.id;
      ++count;
      return true;
    };
    PROBITY_CHECK(each_response_in_order(*snapshot_, survey_, last_, append));
    piece.is_last = !has_more;
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

/// What an export is made of, and what its file is called.
struct Export {
  SurveyRecord survey;
  std::unique_ptr<Format> format;
  std::string_view type;
  std::string_view ending;
};

Result<Answer> stream(Call& call, Export made) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(title, open_title(*cipher, made.survey));
  PROBITY_TRY(snapshot, call.take_snapshot());
  const SurveyId id = made.survey.id;
  Response response;
  response.with("content-type", made.type);
  response.with("content-disposition", web::attachment({title, id.text(), made.ending}));
  response.source =
      std::make_unique<ResponseStream>(std::move(snapshot), cipher, id, std::move(made.format));
  return response;
}

Result<Answer> export_jsonl(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  return stream(call, {std::move(survey), std::make_unique<JsonLines>(), "application/jsonl",
                       "-responses.jsonl"});
}

Result<Answer> export_csv(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(columns, CsvColumns::load(*reader, *cipher, survey));
  return stream(call, {std::move(survey), std::make_unique<CsvLines>(std::move(columns)),
                       "text/csv; charset=utf-8", "-responses.csv"});
}

constexpr std::string_view k_responses_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["id","received_at","version","answers"],)"
    R"("properties":{"id":{"type":"string"},"received_at":{"type":"string"},)"
    R"("version":{"type":"integer"},"answers":{"type":"object"}}}},)"
    R"("next":{"type":["string","null"]}}})";

}  // namespace

module::Approvable approvable_erasure() {
  return {k_erase_action, Permission::ResponsesErase, prepare_approved_erasure};
}

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
  web::RouteDoc erasure{"Erase one response", {}, {}, 204};
  erasure.waiting_schema = approval::k_asked_schema;
  routes.emplace_back(Method::Delete, "/api/v1/surveys/{id}/responses/{rid}",
                      Access::require(Permission::ResponsesErase), web::Limits{}, erasure,
                      bind(erase));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/export.csv", read, bulk, csv,
                      bind(export_csv));
  routes.back().audit_read = "response.export";
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/export.jsonl", read, bulk, jsonl,
                      bind(export_jsonl));
  routes.back().audit_read = "response.export";
  return routes;
}

}  // namespace probity::survey
