#include "benchmarks/fill.hpp"

#include <fmt/format.h>

#include "audit/entry.hpp"
#include "base/clock.hpp"
#include "feature/survey/crowd.hpp"
#include "feature/survey/intake.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/services.hpp"
#include "form/answers.hpp"
#include "form/value.hpp"
#include "sql/survey.hpp"

namespace probity::benchmarks {
namespace {

namespace q = sql::survey;
using survey::NewResponse;

constexpr int k_group = 64;

/// One commit of responses.
struct Group {
  std::vector<NewResponse> responses;
  std::vector<survey::IdempotencyKey> keys;
  store::Journal journal;
  Instant now;
};

/// What a survey needs to be filled.
class Filler {
 public:
  Filler(store::Engine& engine, TenantId tenant, std::shared_ptr<const crypto::Cipher> cipher)
      : engine_(engine), tenant_(tenant), cipher_(std::move(cipher)), ledger_(engine.kind()) {}

  Result<void> find(std::string_view link) {
    const auto token = survey::LinkToken::parse(link);
    PROBITY_TRY(hash, token->hash(*cipher_));
    PROBITY_TRY(reader, engine_.read(store::Space::of(tenant_), survey::survey_grant()));
    PROBITY_TRY(found, reader->first(q::behind_link, {tenant_, hash},
                                     [](const store::Row& row) { return row.id<SurveyId>(0); }));
    if (!found) return fail(Code::NotFound, "no survey behind the link");
    survey_ = *found;
    return {};
  }

  Result<std::vector<std::string>> check(std::span<const std::string> answers) {
    PROBITY_TRY(reader, engine_.read(store::Space::of(tenant_), survey::survey_grant()));
    PROBITY_TRY(version, survey::load_version(*reader, *cipher_, survey_, 1));
    PROBITY_TRY(questionnaire, survey::parse_stored(version.json));
    std::vector<std::string> checked;
    for (const std::string& text : answers) {
      PROBITY_TRY(value, form::parse_value(text, {form::k_answers_max_bytes, 16}));
      PROBITY_TRY(valid, form::validate_answers(*questionnaire, value));
      checked.push_back(valid.json);
    }
    return checked;
  }

  Result<void> add(Group& group, std::string_view answers, int number) {
    NewResponse response;
    response.survey = survey_;
    response.id = crowds_.place(survey_, group.now, answers.size(), survey::k_crowd_min);
    response.received_at = group.now.hour();
    response.version = 1;
    PROBITY_TRY(sealed,
                cipher_->seal(survey::k_answers_purpose, response.id.bytes(), as_bytes(answers)));
    response.answers = std::move(sealed);
    group.responses.push_back(std::move(response));
    PROBITY_TRY(key, survey::make_idempotency_key(*cipher_, survey_, fmt::format("fill-{}", number),
                                                  answers));
    group.keys.push_back(key);
    audit::EntryParts parts;
    parts.at = group.now.hour();
    parts.action = "response.submit";
    parts.actor = "anonymous";
    parts.object = survey_.text();
    PROBITY_TRY(entry, audit::make_entry(*cipher_, std::move(parts)));
    group.journal.push_back(std::move(entry));
    return {};
  }

  Result<void> store(Group& group) {
    store::Change change;
    change.grant = survey::survey_grant();
    change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      survey::Intake& intake = survey::Intake::of(tx, ledger_);
      for (std::size_t i = 0; i < group.responses.size(); ++i) {
        PROBITY_TRY(is_admitted, intake.admits(tx, survey_, group.now));
        if (!is_admitted) return fail(Code::SurveyClosed);
        PROBITY_CHECK(intake.claim(tx, group.keys[i], group.responses[i].id, group.now));
        intake.take(std::make_shared<const survey::NewResponse>(std::move(group.responses[i])));
      }
      return group.journal;
    };
    return engine_.apply(store::Space::of(tenant_), std::move(change));
  }

 private:
  store::Engine& engine_;
  TenantId tenant_;
  std::shared_ptr<const crypto::Cipher> cipher_;
  survey::IdempotencyLedger ledger_;
  survey::Crowds crowds_;
  SurveyId survey_;
};

Result<std::string> publish(store::Engine& engine, TenantId tenant, std::string_view questionnaire,
                            Instant now) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  const SurveyId id = SurveyId::make(now);
  const survey::LinkToken token = survey::LinkToken::make(tenant);
  PROBITY_TRY(title, survey::seal_title(*cipher, id, "Benchmark"));
  PROBITY_TRY(document, survey::seal_questionnaire(*cipher, id, 1, questionnaire));
  PROBITY_TRY(hash, token.hash(*cipher));
  PROBITY_TRY(secret, cipher->seal(survey::k_link_purpose, id.bytes(), as_bytes(token.text())));
  store::Change change;
  change.grant = survey::survey_grant();
  change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(q::insert_survey, {tenant, id, 0, 1, now, title}));
    PROBITY_CHECK(tx.run(q::insert_gate, {tenant, id, 1, 0}));
    PROBITY_CHECK(tx.run(q::insert_version, {tenant, id, 1, now, document}));
    PROBITY_CHECK(tx.run(q::insert_link, {tenant, hash, id, now, secret}));
    return store::Journal{};
  };
  PROBITY_CHECK(engine.apply(store::Space::of(tenant), std::move(change)));
  return token.text();
}

}  // namespace

Result<void> fill_survey(store::Engine& engine, std::string_view link,
                         std::span<const std::string> answers, int count, Instant now) {
  const auto token = survey::LinkToken::parse(link);
  if (!token || answers.empty()) return fail(Code::BadRequest, "a link and answers are needed");
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(token->tenant)));
  Filler filler(engine, token->tenant, cipher);
  PROBITY_CHECK(filler.find(link));
  PROBITY_TRY(checked, filler.check(answers));
  const Instant begin = now - Span::hours(20);
  for (int done = 0; done < count; done += k_group) {
    Group group;
    group.now = begin + Span::micros(Span::hours(20).us() / count * done);
    for (int i = done; i < std::min(count, done + k_group); ++i)
      PROBITY_CHECK(filler.add(group, checked[static_cast<std::size_t>(i) % checked.size()], i));
    PROBITY_CHECK(filler.store(group));
  }
  return {};
}

Result<std::vector<std::string>> make_tenants(store::Engine& engine, std::string_view questionnaire,
                                              int count, Instant now) {
  std::vector<std::string> links;
  for (int i = 0; i < count; ++i) {
    PROBITY_TRY(tenant, engine.create_tenant(fmt::format("bench-{}", i), ""));
    PROBITY_TRY(link, publish(engine, tenant.id, questionnaire, now));
    links.push_back(std::move(link));
  }
  return links;
}

}  // namespace probity::benchmarks
