#include <fmt/format.h>

#include "app/keep_commands.hpp"
#include "attest/evidence.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_module.hpp"
#include "feature/survey/token.hpp"
#include "keep/archive.hpp"
#include "keep/backup.hpp"
#include "sql/attest.hpp"
#include "sql/survey.hpp"
#include "support/both_engines.hpp"

// Surveys in archives and backups: what the room `keep` cannot test, as it knows no feature.
namespace probity::app {
namespace {

using survey::LinkToken;

class SurveyTransfer : public support::BothEngines {
 protected:
  void begin() override {
    auto found = engine->cipher(space());
    ASSERT_TRUE(found);
    cipher = *found;
    id = SurveyId::make(clock.now());
    link = LinkToken::make(tenant);
    store_survey();
    store_evidence();
  }
  void store_evidence() {
    const auto record = EvidenceId::make(clock.now());
    const auto issuer =
        cipher->seal(attest::k_issuer_purpose, record.bytes(), as_bytes("Auditor & Co"));
    const auto owner = cipher->seal(attest::k_owner_purpose, record.bytes(), as_bytes("Ada"));
    ASSERT_TRUE(issuer && owner);
    write([&](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_CHECK(tx.run(sql::attest::insert_evidence, {tenant, record, "audit_report",
                                                          Bytes(32, 7), 1, 2, 3, *issuer, *owner}));
      return store::Journal{};
    });
  }
  void store_survey() {
    const auto title = survey::seal_title(*cipher, id, "Lunch <b>");
    const auto questionnaire = survey::seal_questionnaire(
        *cipher, id, 1,
        "{\"title\":\"Lunch\",\n \"elements\":[{\"n\":1.0,\"s\":\"}},\\\"answers\\\":{\"}]}");
    const auto hash = link.hash(*cipher);
    const auto secret = cipher->seal(survey::k_link_purpose, id.bytes(), as_bytes(link.text()));
    ASSERT_TRUE(title && questionnaire && hash && secret);
    write([&](store::Tx& tx) -> Result<store::Journal> {
      namespace q = sql::survey;
      PROBITY_CHECK(tx.run(q::import_survey, {tenant, id, 1, 7, 1, 30, 1'000, 2'000, *title}));
      PROBITY_CHECK(tx.run(q::import_gate, {tenant, id, 1, nullptr, 99, nullptr, k_rows, 0}));
      PROBITY_CHECK(tx.run(q::insert_version, {tenant, id, 1, 1'500, *questionnaire}));
      PROBITY_CHECK(tx.run(q::insert_link, {tenant, *hash, id, 1'500, *secret}));
      return store::Journal{};
    });
    write([&](store::Tx& tx) -> Result<store::Journal> {
      for (int i = 0; i < k_rows; ++i)
        PROBITY_CHECK(store_response(tx, i));
      return store::Journal{};
    });
  }
  Result<void> store_response(store::Tx& tx, int i) {
    const auto response = ResponseId::make(clock.now());
    const std::string text = fmt::format(R"({{"food":"Soup {}","x":1.50,"why":"}}}}"}})", i);
    PROBITY_TRY(answers, cipher->seal(survey::k_answers_purpose, response.bytes(), as_bytes(text)));
    std::optional<Bytes> origin;
    if (i % 2 == 0) {
      PROBITY_TRY(sealed, cipher->seal(survey::k_origin_purpose, response.bytes(),
                                       as_bytes("203.0.113.0")));
      origin = sealed;
    }
    PROBITY_CHECK(tx.run(sql::survey::insert_response,
                         {tenant, id, response, 1'600 + i, 1, answers, origin, nullptr}));
    return {};
  }
  void write(std::move_only_function<Result<store::Journal>(store::Tx&)> apply) {
    const auto done =
        engine->apply(space(), {store::k_grant_all, std::move(apply), {}, store::Growth::Grows});
    ASSERT_TRUE(done) << done.error().detail;
  }

  static constexpr int k_rows = 2'100;  // Three members of the archive.
  std::shared_ptr<const crypto::Cipher> cipher;
  SurveyId id;
  LinkToken link;
  support::OpenEngine second{};
};
INSTANTIATE_TEST_SUITE_P(Engines, SurveyTransfer, support::both_engines(), support::engine_name);

TEST_P(SurveyTransfer, KeepsEveryTableAndThePublicLink) {
  const auto file = directory.path() / "main.tar.gz";
  const auto exported = keep::export_tenant(*engine, "main", archive_tables(), file, clock.now());
  ASSERT_TRUE(exported) << exported.error().detail;
  EXPECT_EQ(exported->at("attest_evidence").rows, 1U);
  EXPECT_EQ(exported->at("survey_response").rows, static_cast<std::uint64_t>(k_rows));
  const auto imported = keep::import_tenant(*second.engine, file, archive_tables(), clock.now());
  ASSERT_TRUE(imported) << imported.error().detail << imported.error().hint;
  const auto again_file = directory.path() / "again.tar.gz";
  const auto again =
      keep::export_tenant(*second.engine, "main", archive_tables(), again_file, clock.now());
  ASSERT_TRUE(again) << again.error().detail;
  for (const auto& [name, fact] : *exported) {
    if (!fact.is_imported) continue;
    EXPECT_EQ(again->at(name), fact) << name;
  }
  // The link leads to the survey under the new tenant's keys.
  auto keys = second.engine->cipher(space());
  auto reader = second.engine->read(space(), store::k_grant_all);
  ASSERT_TRUE(keys && reader);
  const auto hash = link.hash(**keys);
  ASSERT_TRUE(hash);
  const auto behind = (*reader)->first(sql::survey::behind_link, {tenant, *hash},
                                       [](const store::Row& row) { return row.id<SurveyId>(0); });
  ASSERT_TRUE(behind && *behind);
  EXPECT_EQ(**behind, id);
}

TEST_P(SurveyTransfer, IsReadFromOneSnapshot) {
  auto snapshot = engine->read(space(), store::k_grant_all);
  auto record = engine->tenant(tenant);
  ASSERT_TRUE(snapshot && record);
  keep::ArchiveStream stream(std::move(*snapshot), cipher, archive_tables(), *record, clock.now());
  std::string out;
  ASSERT_TRUE(stream.next(out));
  write([&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(store_response(tx, k_rows));
    return store::Journal{};
  });
  for (Result<bool> more = true; more && *more;)
    more = stream.next(out);
  EXPECT_LE(stream.tables().at("survey_response").rows, static_cast<std::uint64_t>(k_rows) + 1);
  EXPECT_EQ(stream.tables().at("survey_gate").rows, 1U);
}

}  // namespace
}  // namespace probity::app
