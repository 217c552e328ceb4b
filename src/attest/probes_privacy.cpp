#include "attest/probes_privacy.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "audit/read.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> k_look_rooms{"attest", "audit"};
constexpr std::array<std::string_view, 0> k_no_rooms{};
constexpr store::Grant k_looking{"attest.privacy", k_look_rooms, k_no_rooms};

/// A published survey of a scratch organisation.
struct PublicSurvey {
  std::string id;
  std::string token;
};

Result<PublicSurvey> publish(Visitor& owner, std::string_view mode, Observations& seen) {
  PROBITY_TRY(created, owner.post(fmt::format("/api/v1/surveys?mode={}", mode),
                                  R"({"title":"Probe","elements":[)"
                                  R"({"type":"comment","name":"why","title":"Why?"},)"
                                  R"({"type":"text","name":"who","title":"Who are you?"}]})"));
  PublicSurvey survey{created.member("id"), {}};
  PROBITY_TRY(published, owner.post("/api/v1/surveys/" + survey.id + "/publish"));
  survey.token = published.member("token");
  seen.need(created.status == 201 && !survey.token.empty(), "a survey could not be published");
  return survey;
}

void remove_survey(Visitor& owner, const PublicSurvey& survey) {
  static_cast<void>(owner.send({.method = "DELETE", .path = "/api/v1/surveys/" + survey.id}));
}

std::string answers(std::string_view members) {
  return fmt::format(R"({{"answers":{{{}}}}})", members);
}

Order submission(const PublicSurvey& survey, std::string body) {
  return {.method = "POST",
          .path = "/api/v1/public/" + survey.token + "/responses",
          .body = std::move(body)};
}

// --- privacy.anonymous_answer_bare

/// A browser that tells more than it is asked.
std::vector<web::NamedText> talkative(const std::string& mark) {
  return {{"User-Agent", "agent-" + mark},
          {"Cookie", "visitor=cookie-" + mark},
          {"Referer", "https://scratch.invalid/" + mark},
          {"Accept-Language", "de;q=0.9, x-" + mark + ";q=0.1"},
          {"X-Forwarded-For", "203.0.113.77"}};
}

struct StoredResponse {
  ResponseId id;
  std::int64_t received_at_us = 0;
  bool has_origin = false;
};

Result<std::vector<StoredResponse>> stored_responses(const Ground& ground, TenantId tenant,
                                                     const PublicSurvey& survey) {
  const auto id = SurveyId::parse(survey.id);
  if (!id) return fail(Code::Internal, "no survey id");
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_looking));
  return reader->all(sql::attest::stored_responses, {tenant, *id}, [](const store::Row& row) {
    return StoredResponse{row.id<ResponseId>(0), row.integer(1), !row.is_null(2)};
  });
}

bool is_hourly(const StoredResponse& response) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8 | response.id.raw().bytes[i];
  const std::int64_t hour_ms = Span::hours(1).ms();
  return ms % hour_ms == 0 && response.received_at_us % Span::hours(1).us() == 0;
}

/// The audit entries made since, which may name the survey and the hour alone.
Result<void> look_at_audit(const Ground& ground, TenantId tenant, std::int64_t since,
                           const StoredResponse& response, Observations& seen) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_looking));
  PROBITY_TRY(entries, audit::list_entries(*reader, since, 100));
  bool is_recorded = false;
  for (const audit::ChainedEntry& entry : entries) {
    if (entry.entry.action != "response.submit") continue;
    is_recorded = true;
    seen.expect(
        entry.entry.object != response.id.text() && entry.entry.at.us() % Span::hours(1).us() == 0,
        "the audit entry leads to the response");
  }
  seen.expect(is_recorded, "the response left no audit entry");
  return {};
}

Result<std::int64_t> audit_end(const Ground& ground, TenantId tenant) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_looking));
  PROBITY_TRY(head, audit::read_head(*reader));
  return head ? head->seq : 0;
}

Result<Finding> anonymous_bare(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(survey, publish(owner.visitor, "anonymous", seen));
  if (seen.has_given_up()) return seen.finding();
  PROBITY_TRY(since, audit_end(ground, owner.tenant.id));
  const std::string mark = random_word(12);
  const std::string said = "said-" + random_word(12);
  PROBITY_TRY(listener, find());
  Visitor respondent(listener);
  Order order = submission(survey, answers(fmt::format(R"("why":"{}")", said)));
  order.headers = talkative(mark);
  PROBITY_TRY(sent, respondent.send(order));
  seen.expect(sent.status == 201, "an answer without a name is refused");

  PROBITY_TRY(shown, owner.visitor.get("/api/v1/surveys/" + survey.id + "/responses"));
  seen.need(shown.body.find(said) != std::string::npos, "the answer is not in the record");
  seen.expect(shown.body.find(mark) == std::string::npos, "the record holds what was not asked");
  seen.expect(shown.body.find("203.0.113") == std::string::npos &&
                  shown.body.find("127.0.0") == std::string::npos,
              "the record holds an address");
  PROBITY_TRY(stored, stored_responses(ground, owner.tenant.id, survey));
  seen.need(stored.size() == 1, "there is not exactly one record");
  for (const StoredResponse& response : stored) {
    seen.expect(!response.has_origin, "an anonymous response is stored with an address");
    seen.expect(is_hourly(response), "an anonymous response tells more of its time than the hour");
    PROBITY_CHECK(look_at_audit(ground, owner.tenant.id, since, response, seen));
  }
  remove_survey(owner.visitor, survey);
  return seen.finding();
}

// --- privacy.refusal_explained

Result<Finding> refusal_explained(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(survey, publish(owner.visitor, "anonymous", seen));
  if (seen.has_given_up()) return seen.finding();
  PROBITY_TRY(listener, find());
  Visitor respondent(listener);
  PROBITY_TRY(page, respondent.get("/s/" + survey.token + "?lang=en"));
  seen.need(page.status == 200 && page.body.find("Who are you?") != std::string::npos,
            "the page of the survey could not be read");
  seen.expect(page.body.find("optional") != std::string::npos,
              "the page does not say that a question may be left out");
  seen.expect(page.body.find("If you leave") != std::string::npos,
              "the page does not say what declining means");
  PROBITY_TRY(sent, respondent.send(submission(survey, answers(R"("why":"because")"))));
  seen.expect(sent.status == 201, "declining to say who one is keeps one from answering");
  remove_survey(owner.visitor, survey);
  return seen.finding();
}

// --- privacy.undeclared_field_refused

constexpr int k_unprocessable = 422;

Result<void> expect_refused(Visitor& visitor, const Order& order, const std::string& mark,
                            Observations& seen) {
  PROBITY_TRY(reply, visitor.send(order));
  seen.expect(reply.status == k_unprocessable && reply.body.find("e_mail_2") != std::string::npos,
              fmt::format("an undeclared field is not named by {}", order.path));
  seen.expect(reply.body.find(mark) == std::string::npos, "the refusal repeats what was sent");
  return {};
}

Result<Finding> undeclared_refused(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(survey, publish(owner.visitor, "anonymous", seen));
  if (seen.has_given_up()) return seen.finding();
  const std::string mark = random_word(12);
  const std::string extra = fmt::format(R"("e_mail_2":"{}")", mark);
  PROBITY_TRY(listener, find());
  Visitor respondent(listener);
  for (const std::string& body :
       {answers(R"("why":"x",)" + extra), fmt::format(R"({{"answers":{{"why":"x"}},{}}})", extra)})
    PROBITY_CHECK(expect_refused(respondent, submission(survey, body), mark, seen));
  for (const auto& [path, members] :
       {std::pair{"/api/v1/login",
                  R"("tenant":"none","email":"a@scratch.invalid","password":"p",)"},
        {"/api/v1/setup", R"("token":"none","password":"p",)"}})
    PROBITY_CHECK(expect_refused(
        respondent,
        {.method = "POST", .path = path, .body = fmt::format("{{{}{}}}", members, extra)}, mark,
        seen));
  PROBITY_CHECK(expect_refused(
      owner.visitor,
      {.method = "POST",
       .path = "/api/v1/users",
       .body = fmt::format(R"({{"email":"a@scratch.invalid","role":"analyst",{}}})", extra)},
      mark, seen));
  PROBITY_TRY(none, stored_responses(ground, owner.tenant.id, survey));
  seen.expect(none.empty(), "a refused submission left something behind");
  PROBITY_TRY(sent, respondent.send(submission(survey, answers(R"("why":"x")"))));
  PROBITY_TRY(one, stored_responses(ground, owner.tenant.id, survey));
  seen.need(sent.status == 201 && one.size() == 1, "the same without the field was refused");
  remove_survey(owner.visitor, survey);
  return seen.finding();
}

// --- privacy.inventory_complete

/// Columns that hold no personal content, with the reason: by the end of their name (times, and the
/// number of the row itself)…
constexpr std::array<std::string_view, 4> k_harmless_ends{"tenant_id", "_at", "_day", ".id"};
/// … and one by one. Whatever is in neither list and not in the inventory is undeclared.
struct Harmless {
  std::string_view column;
  std::string_view why;
};
constexpr auto k_harmless = std::to_array<Harmless>({
    {"survey_survey.mode", "enumeration"},
    {"survey_survey.revision", "counter"},
    {"survey_survey.version", "counter"},
    {"survey_survey.retention_days", "number of days"},
    {"survey_gate.survey_id", "number of a survey"},
    {"survey_gate.status", "enumeration"},
    {"survey_gate.response_cap", "number"},
    {"survey_gate.accepted", "counter"},
    {"survey_gate.erased", "counter"},
    {"survey_version.survey_id", "number of a survey"},
    {"survey_version.version", "counter"},
    {"survey_link.survey_id", "number of a survey"},
    {"survey_report_link.survey_id", "number of a survey"},
    {"survey_page.survey_id", "number of a survey"},
    {"survey_logo.survey_id", "number of a survey"},
    {"survey_stored.survey_id", "number of a survey"},
    {"survey_stored.kind", "enumeration"},
    {"survey_stored.version", "counter"},
    {"survey_stored.bytes", "number of bytes"},
    {"survey_response.survey_id", "number of a survey"},
    {"survey_response.version", "counter"},
    {"survey_block.survey_id", "number of a survey"},
    {"survey_block.first_id", "least number of a range"},
    {"survey_block.last_id", "greatest number of a range"},
    {"survey_block.token", "random number of a block"},
    {"survey_block.responses", "counter"},
    {"survey_idempotency.seq", "counter"},
    {"survey_idempotency.at", "time"},
    {"survey_idempotency.masked_id", "number under a mask that only the key itself gives"},
    {"identity_user.role", "enumeration"},
    {"identity_user.state", "enumeration"},
    {"identity_attempt.failures", "counter"},
    {"identity_link.token_hash", "hash of random bytes"},
    {"identity_session.secret_hash", "hash of random bytes"},
    {"identity_factor.kind", "enumeration"},
    {"identity_factor.secret_sealed", "random bytes, sealed"},
    {"identity_factor.counter", "counter"},
    {"identity_password_tag.is_current", "0 or 1"},
    {"identity_recovery_code.code_hash", "hash of random bytes"},
    {"identity_token.secret_hash", "hash of random bytes"},
    {"identity_token.scopes", "enumeration"},
    {"identity_setting.name", "enumeration"},
    {"identity_setting.number", "number"},
    {"approval_request.action", "enumeration"},
    {"approval_request.object", "number of what is asked about"},
    {"approval_request.number", "number"},
    {"approval_request.state", "enumeration"},
    {"audit_entry.seq", "counter"},
    {"audit_entry.at", "time"},
    {"audit_entry.action", "enumeration"},
    {"audit_entry.object", "number of what was acted on"},
    {"audit_entry.outcome", "enumeration"},
    {"audit_entry.hash", "hash over the entry"},
    {"audit_head.seq", "counter"},
    {"audit_head.hash", "hash over the chain"},
    {"attest_evidence.kind", "enumeration"},
    {"attest_evidence.sha256", "hash of a document"},
    {"keep_export.state", "enumeration"},
    {"schema_step.number", "counter"},
    {"schema_step.name", "name of a step of this program"},
    {"schema_step.sha256", "hash of a step of this program"},
    {"commit_log_place.epoch", "random number of a file"},
    {"commit_log_place.position", "number of the last record written into a file"},
});

bool is_harmless(std::string_view column) {
  const auto ends = [column](std::string_view end) { return column.ends_with(end); };
  return std::ranges::any_of(k_harmless_ends, ends) ||
         std::ranges::any_of(k_harmless,
                             [column](const Harmless& h) { return h.column == column; });
}

/// "table.column" of every entry that says what for and for how long.
Result<std::set<std::string>> inventoried(Visitor& owner, Observations& seen) {
  PROBITY_TRY(reply, owner.get("/api/v1/privacy/inventory"));
  auto document = parse_json(reply.body);
  const json::object* root = document ? document->if_object() : nullptr;
  const json::value* items = root != nullptr ? root->if_contains("items") : nullptr;
  std::set<std::string> columns;
  seen.need(items != nullptr && items->is_array(), "the inventory could not be read");
  if (seen.has_given_up()) return columns;
  for (const json::value& item : items->get_array()) {
    const json::object* object = item.if_object();
    const auto text = [object](std::string_view name) {
      const json::value* value = object != nullptr ? object->if_contains(name) : nullptr;
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
    };
    const std::string column = text("table") + "." + text("column");
    seen.expect(!text("purpose").empty() && !text("retention").empty(),
                "without purpose or retention: " + column);
    columns.insert(column);
  }
  return columns;
}

Result<Finding> inventory_complete(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(declared, inventoried(owner.visitor, seen));
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(owner.tenant.id), k_looking));
  PROBITY_TRY(stored, reader->all(sql::attest::columns, {}, [](const store::Row& row) {
    return std::string(row.text(0)) + "." + std::string(row.text(1));
  }));
  std::set<std::string> columns(stored.begin(), stored.end());
  // Tables of the system's space share a schema with the tenants' in PostgreSQL.
  std::erase_if(columns, [](const std::string& c) {
    return c.starts_with("job") || c.starts_with("wrapped_key.") || c.starts_with("store_") ||
           c.starts_with("tenant.") || c.starts_with("attest_result.") ||
           c.starts_with("attest_key.") || c.starts_with("attest_version.");
  });
  seen.need(columns.contains("identity_user.email_sealed") &&
                declared.contains("identity_user.email_sealed"),
            "the control: a known personal column was not found");
  for (const std::string& column : columns)
    seen.expect(declared.contains(column) || is_harmless(column), "undeclared: " + column);
  for (const std::string& column : declared)
    seen.expect(columns.contains(column), "declared, but not stored: " + column);
  seen.note("columns", static_cast<std::int64_t>(columns.size()));
  seen.note("personal", static_cast<std::int64_t>(declared.size()));
  return seen.finding();
}

}  // namespace

Probes privacy_probes(const Ground& ground, const FindListener& find) {
  Probes probes;
  const auto add = [&](std::string name,
                       Result<Finding> (*run)(const Ground&, const FindListener&)) {
    probes.push_back({.name = std::move(name),
                      .run = [ground, find, run](const Deadline&) { return run(ground, find); }});
  };
  add("privacy.inventory_complete", inventory_complete);
  add("privacy.anonymous_answer_bare", anonymous_bare);
  add("privacy.refusal_explained", refusal_explained);
  add("privacy.undeclared_field_refused", undeclared_refused);
  return probes;
}

}  // namespace probity::attest
