#include "feature/survey/comments.hpp"

#include "base/json_writer.hpp"
#include "base/search_text.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"
#include "identity/settings.hpp"
#include "report/words.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_comment_suffix = "-Comment";

/// What both routes begin with.
struct Asked {
  SurveyId survey;
  std::string key;  ///< Member of the answers that holds the text.
  std::shared_ptr<const form::Questionnaire> questionnaire;
  std::uint64_t least = 0;
  store::Reader* reader = nullptr;
  std::shared_ptr<const crypto::Cipher> cipher;
};

/// The member that a question's text is stored under; nothing when it takes no text.
std::optional<std::string> text_key(const form::Questionnaire& questionnaire,
                                    std::string_view name) {
  if (const auto index = questionnaire.find(name)) {
    const form::Question& question = questionnaire.questions[*index];
    const bool is_text = question.kind == form::Kind::Text || question.kind == form::Kind::Comment;
    if (is_text) return question.key;
  }
  if (!name.ends_with(k_comment_suffix)) return {};
  name.remove_suffix(k_comment_suffix.size());
  const auto owner = questionnaire.find(name);
  if (!owner || !questionnaire.questions[*owner].takes_comment()) return {};
  return questionnaire.questions[*owner].key + std::string(k_comment_suffix);
}

Result<Asked> asked_by(Call& call) {
  Asked out;
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  out.survey = id;
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  const std::int64_t current = survey.version > 0 ? survey.version : survey.newest_version;
  PROBITY_TRY(version, load_version(*reader, *cipher, id, current));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  const auto key = text_key(*questionnaire, call.request().param("question").value_or(""));
  if (!key) {
    return refuse_field(Code::BadRequest, "question",
                        "The name of a question that is answered with a text.");
  }
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  out.key = *key;
  out.questionnaire = std::move(questionnaire);
  out.least = static_cast<std::uint64_t>(settings.group_size_min);
  out.reader = reader;
  out.cipher = std::move(cipher);
  return out;
}

/// Opens responses and gives their text; empty where there is none.
class Texts {
 public:
  Texts(const Asked& asked, const Deadline& deadline) : asked_(asked), deadline_(deadline) {}

  Result<std::string> of(const StoredResponse& stored) {
    constexpr std::uint64_t k_deadline_every = 1'024;
    constexpr form::ValueLimits k_limits{.bytes_max = k_import_answers_max_bytes,
                                         .depth_max = form::k_answers_depth_max + 1};
    if (opened_++ % k_deadline_every == 0 && deadline_.has_passed())
      return fail(Code::Deadline, "reading texts took too long");
    PROBITY_CHECK(
        asked_.cipher->open_into(k_answers_purpose, stored.id.bytes(), stored.answers, plain_));
    PROBITY_TRY(answers, form::parse_value(as_text(plain_), k_limits));
    const form::Value* value = answers.find(asked_.key);
    const std::string* text = value == nullptr ? nullptr : value->text();
    return text == nullptr ? std::string() : *text;
  }

 private:
  const Asked& asked_;
  const Deadline& deadline_;
  Bytes plain_;
  std::uint64_t opened_ = 0;
};

/// Whether at least so many wrote something; reads no further than that.
Result<bool> have_enough_written(const Asked& asked, Texts& texts) {
  std::uint64_t written = 0;
  const auto take = [&](const StoredResponse& stored) -> Result<bool> {
    PROBITY_TRY(text, texts.of(stored));
    written += text.empty() ? 0 : 1;
    return written < asked.least;
  };
  PROBITY_CHECK(each_response(*asked.reader, asked.survey, take));
  return written >= asked.least;
}

web::Response suppressed(const Asked& asked, std::string_view list) {
  JsonWriter json;
  json.begin_object();
  json.field("suppressed", true);
  json.field("group_size_min", asked.least);
  json.key(list);
  json.begin_array();
  json.end_array();
  json.key("next");
  json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> get_comments(Call& call) {
  PROBITY_TRY(asked, asked_by(call));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(after, call.after_id<ResponseId>());
  PROBITY_TRY(wanted, search_fold(call.request().param("q").value_or("")));
  Texts texts(asked, call.deadline());
  PROBITY_TRY(is_enough, have_enough_written(asked, texts));
  if (!is_enough) return suppressed(asked, "items");
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  std::int64_t shown = 0;
  ResponseId last;
  bool has_more = false;
  const auto show = [&](const StoredResponse& stored) -> Result<bool> {
    PROBITY_TRY(text, texts.of(stored));
    if (text.empty()) return true;
    PROBITY_TRY(folded, search_fold(text));
    if (folded.find(wanted) == std::string::npos) return true;
    has_more = shown == limit;
    if (has_more) return false;
    json.begin_object();
    json.field("text", text);
    json.end_object();
    last = stored.id;
    ++shown;
    return true;
  };
  PROBITY_CHECK(each_response_in_order(*asked.reader, asked.survey, after, show));
  json.end_array();
  json.key("next");
  has_more ? json.value(last.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<report::WordTally> tally_words(const Asked& asked, const Deadline& deadline) {
  Texts texts(asked, deadline);
  report::WordTally tally(*asked.questionnaire);
  const auto take = [&](const StoredResponse& stored) -> Result<bool> {
    PROBITY_TRY(text, texts.of(stored));
    if (!text.empty()) tally.add(text);
    return true;
  };
  PROBITY_CHECK(each_response(*asked.reader, asked.survey, take));
  return tally;
}

Result<Answer> get_words(Call& call) {
  PROBITY_TRY(asked, asked_by(call));
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(tally, tally_words(asked, call.deadline()));
  if (tally.texts() < asked.least) return suppressed(asked, "words");
  JsonWriter json;
  json.begin_object();
  json.field("answered", tally.texts());
  json.field("group_size_min", asked.least);
  json.key("words");
  json.begin_array();
  for (const report::WordCount& word : tally.top(asked.least, static_cast<std::size_t>(limit))) {
    json.begin_object();
    json.field("word", word.word);
    json.field("responses", word.responses);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

constexpr std::string_view k_comments_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","properties":{"text":{"type":"string"}}}},)"
    R"("next":{"type":["string","null"]},"suppressed":{"type":"boolean"},)"
    R"("group_size_min":{"type":"integer"}}})";
constexpr std::string_view k_words_schema =
    R"({"type":"object","required":["words"],"properties":{"answered":{"type":"integer"},)"
    R"("words":{"type":"array","items":{"type":"object","properties":{"word":{"type":"string"},)"
    R"("responses":{"type":"integer"}}}},"next":{"type":"null"},)"
    R"("suppressed":{"type":"boolean"},"group_size_min":{"type":"integer"}}})";

}  // namespace

Result<std::vector<report::WordCount>> words_of(Call& call, const TextQuestion& question) {
  Asked asked;
  asked.survey = question.survey;
  asked.key = question.key;
  asked.questionnaire = question.questionnaire;
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(settings, identity::load_settings(*reader, *cipher));
  asked.least = static_cast<std::uint64_t>(settings.group_size_min);
  asked.reader = reader;
  asked.cipher = cipher;
  PROBITY_TRY(tally, tally_words(asked, call.deadline()));
  if (tally.texts() < asked.least) return std::vector<report::WordCount>();
  return tally.top(asked.least, question.limit);
}

std::vector<web::Route> comment_routes(Services&) {
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report/comments",
                      Access::require(Permission::ResponsesRead), bulk,
                      web::RouteDoc{"Read and search the texts of one question",
                                    {},
                                    k_comments_schema,
                                    200,
                                    {"question", "q", "after", "limit"}},
                      get_comments);
  routes.back().audit_read = "response.read";
  routes.emplace_back(
      Method::Get, "/api/v1/surveys/{id}/report/words", Access::require(Permission::ReportsRead),
      bulk,
      web::RouteDoc{
          "The words said most in one question", {}, k_words_schema, 200, {"question", "limit"}},
      get_words);
  routes.back().audit_read = "report.read";
  return routes;
}

}  // namespace probity::survey
