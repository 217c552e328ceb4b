#include <boost/json.hpp>
#include <map>

#include <fmt/format.h>

#include "app/keep_commands.hpp"
#include "attest/evidence.hpp"
#include "base/json.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_module.hpp"
#include "feature/survey/token.hpp"
#include "form/limits.hpp"
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
    const auto questionnaire = survey::seal_questionnaire(*cipher, id, 1, questionnaire_);
    const auto hash = link.hash(*cipher);
    const auto secret = cipher->seal(survey::k_link_purpose, id.bytes(), as_bytes(link.text()));
    ASSERT_TRUE(title && questionnaire && hash && secret);
    write([&](store::Tx& tx) -> Result<store::Journal> {
      namespace q = sql::survey;
      PROBITY_CHECK(tx.run(q::import_survey, {tenant, id, 1, 7, 1, 30, 1'000, 2'000, *title,
                                              "usr_01m81fxr36ye0k6239y8ef1ghp"}));
      PROBITY_CHECK(tx.run(q::import_gate, {tenant, id, 1, nullptr, 99, nullptr, k_rows, 0}));
      PROBITY_CHECK(tx.run(q::insert_version, {tenant, id, 1, 1'500, *questionnaire}));
      PROBITY_CHECK(tx.run(q::insert_link, {tenant, *hash, id, 1'500, *secret}));
      PROBITY_CHECK(tx.run(q::put_stored, {tenant, id, 0, 1, member, 77}));
      PROBITY_CHECK(tx.run(q::put_stored, {tenant, id, 1, 1, member, 500}));
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

  /// Why the archive of this tenant is not taken elsewhere; nothing of it stays there.
  Error refusal() {
    const auto file = directory.path() / "main.tar.gz";
    EXPECT_TRUE(keep::export_tenant(*engine, "main", archive_tables(), file, clock.now()));
    auto imported = keep::import_tenant(*second.engine, file, archive_tables(), clock.now());
    EXPECT_FALSE(imported);
    EXPECT_TRUE(second.engine->tenants()->empty());
    return imported ? Error() : imported.error();
  }

  /// Parses, and is full of what a careless reader of lines would trip over.
  std::string questionnaire_ =
      "{\"title\":\"Lunch\",\n \"elements\":[{\"type\":\"text\",\"name\":\"q\",\"size\":1.0,"
      "\"title\":\"}},\\\"answers\\\":{\"}]}";
  static constexpr int k_rows = 2'100;  // Three members of the archive.
  std::shared_ptr<const crypto::Cipher> cipher;
  SurveyId id;
  UserId member = *UserId::parse("usr_01m81fxr36ye0k6239y8ef1ghp");
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
  EXPECT_EQ(exported->at("survey_stored").rows, 2U);
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
  const auto stored = survey::stored_by(**reader, member);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->files, 2);
  EXPECT_EQ(stored->bytes, 577);
}

TEST_P(SurveyTransfer, OfSomethingStoredForNoSurveyIsRefused) {
  const auto none = SurveyId::make(clock.now());
  write([&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::survey::put_stored, {tenant, none, 0, 1, member, 77}));
    return store::Journal{};
  });
  EXPECT_EQ(refusal().code, Code::BadRequest);
}

TEST_P(SurveyTransfer, OfAnArchiveFromBeforeStorageWasCountedCountsNothing) {
  auto tables = archive_tables();
  std::erase_if(tables, [](const auto& table) { return table.name == "survey_stored"; });
  const auto file = directory.path() / "main.tar.gz";
  ASSERT_TRUE(keep::export_tenant(*engine, "main", tables, file, clock.now()));
  const auto imported = keep::import_tenant(*second.engine, file, archive_tables(), clock.now());
  ASSERT_TRUE(imported) << imported.error().hint;
  auto reader = second.engine->read(space(), store::k_grant_all);
  ASSERT_TRUE(reader);
  const auto stored = survey::stored_by(**reader, member);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->files, 0);
}

TEST_P(SurveyTransfer, OfAQuestionnaireNobodyCanReadIsRefusedByName) {
  const auto bad = survey::seal_questionnaire(*cipher, id, 2,
                                              R"({"elements":[{"type":"hologram","name":"q"}]})");
  ASSERT_TRUE(bad);
  write([&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::survey::insert_version, {tenant, id, 2, nullptr, *bad}));
    return store::Journal{};
  });
  const Error refused = refusal();
  EXPECT_EQ(refused.code, Code::BadRequest);
  for (const std::string& word : {id.text(), std::string("version 2"), std::string("hologram")})
    EXPECT_NE(refused.hint.find(word), std::string::npos) << refused.hint;
}

TEST_P(SurveyTransfer, WithoutOneOfItsTablesIsRefused) {
  const auto file = directory.path() / "main.tar.gz";
  for (const std::string_view left_out : {"survey_gate", "survey_version", "survey_survey"}) {
    // As whoever changes an archive would: the table is in neither the files nor the manifest.
    auto tables = archive_tables();
    std::erase_if(tables, [&](const auto& table) { return table.name == left_out; });
    std::filesystem::remove(file);
    ASSERT_TRUE(keep::export_tenant(*engine, "main", tables, file, clock.now())) << left_out;
    const auto imported = keep::import_tenant(*second.engine, file, archive_tables(), clock.now());
    ASSERT_FALSE(imported) << left_out;
    EXPECT_EQ(imported.error().code, Code::BadRequest) << left_out;
    EXPECT_TRUE(second.engine->tenants()->empty()) << left_out;
  }
}

/// A row of an archive as somebody may have changed it.
struct ChangedRow {
  std::string_view table;
  std::string_view from;
  std::string_view to;
};

/// A row of each table as an export writes it.
std::map<std::string_view, std::string> whole_rows() {
  return {
      {"identity_user",
       R"({"id":"usr_01m81fxr36ye0k6239y8ef1ghp","email":"a@b.example","role":"owner",)"
       R"("is_disabled":false,"created_at":5})"},
      {"attest_evidence",
       R"({"id":"evi_01m81g413qh5650r4ytaw0582e","kind":"audit_report",)"
       R"("sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)"
       R"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","issued_at":-1,"expires_at":2,"filed_at":3,)"
       R"("issuer":"I","owner":"O"})"},
      {"survey_survey",
       R"({"id":"sur_01m81g0x4dmbhvzfgjy4erqv86","mode":0,"revision":2,"version":1,)"
       R"("retention_days":null,"created_at":1,"updated_at":1,"title":"T"})"},
      {"survey_gate",
       R"({"survey":"sur_01m81g0x4dmbhvzfgjy4erqv86","status":1,"opens_at":null,"closes_at":-7,)"
       R"("response_cap":null,"accepted":4,"erased":1})"},
      {"survey_version",
       R"({"survey":"sur_01m81g0x4dmbhvzfgjy4erqv86","version":1,"published_at":1,)"
       R"("questionnaire":{"elements":[{"type":"text","name":"q"}]}})"},
      {"survey_stored", R"({"survey":"sur_01m81g0x4dmbhvzfgjy4erqv86","kind":2,"version":1,)"
                        R"("stored_by":"usr_01m81fxr36ye0k6239y8ef1ghp","bytes":65536})"},
      {"survey_response",
       R"({"survey":"sur_01m81g0x4dmbhvzfgjy4erqv86","id":"res_01m81ekcw027v9bd4wvcphfmpa",)"
       R"("received_at":1,"version":1,"origin":null,"answers":{"a":1}})"},
      {"identity_setting", R"({"name":"session_idle_s","number":900,"text":null})"}};
}

/// Whether the table of an archive takes the row.
bool is_read(std::string_view name, const std::string& line) {
  crypto::Cipher cipher(Bytes(16, 1));
  cipher.add_key(1, *crypto::Key::from_bytes(Bytes(32, 7)));
  const auto tables = archive_tables();
  const auto table = std::ranges::find(tables, name, &module::ExportTable::name);
  const auto json = parse_json(line);
  return json && table->read({json->get_object(), line}, {TenantId(), cipher}).has_value();
}

TEST(ArchiveRows, WithValuesThisProgramNeverWritesAreRefused) {
  const auto whole = whole_rows();
  for (const auto& [name, line] : whole)
    EXPECT_TRUE(is_read(name, line)) << name;
  const std::string title(form::k_title_max_bytes, 't');
  const std::string title_of_most = R"(title":")" + title;
  const std::string long_title = "\"" + title + "t\"";
  for (const ChangedRow& change :
       {ChangedRow{"survey_response", R"(origin":null)", R"(origin":"203.0.113.0")"},
        ChangedRow{"survey_response", R"(origin":null)", R"(origin":"2001:db8:1::")"},
        ChangedRow{"survey_survey", R"(title":"T)", title_of_most}}) {
    std::string line = whole.at(change.table);
    line.replace(line.find(change.from), change.from.size(), change.to);
    EXPECT_TRUE(is_read(change.table, line)) << line;
  }
  const std::string deep = R"("a":)" + std::string(20, '[') + std::string(20, ']');
  const std::vector<ChangedRow> changes{
      {"identity_user", "a@b.example", R"(\u0000)"},
      {"identity_user", R"(at":5)", R"(at":-5)"},
      {"attest_evidence", "aaaa", "aa"},
      {"attest_evidence", R"(issued_at":-1)", R"(issued_at":9223372036854775807)"},
      {"survey_survey", R"(mode":0)", R"(mode":3)"},
      {"survey_survey", R"(mode":0)", R"(mode":-1)"},
      {"survey_survey", R"(revision":2)", R"(revision":9223372036854775807)"},
      {"survey_survey", R"(version":1)", R"(version":9223372036854775807)"},
      {"survey_survey", R"(days":null)", R"(days":9223372036854775807)"},
      {"survey_gate", R"(status":1)", R"(status":4)"},
      {"survey_gate", R"(accepted":4)", R"(accepted":9223372036854775807)"},
      {"survey_gate", R"(erased":1)", R"(erased":5)"},
      {"survey_gate", R"(cap":null)", R"(cap":0)"},
      {"survey_gate", R"(closes_at":-7)", R"(closes_at":-9223372036854775808)"},
      {"survey_version", R"(version":1)", R"(version":0)"},
      {"survey_version", R"("text")", R"("hologram")"},
      {"survey_version", R"("name":"q")", R"("size":1)"},
      {"survey_stored", R"(kind":2)", R"(kind":3)"},
      {"survey_stored", R"(kind":2)", R"(kind":-1)"},
      {"survey_stored", R"(version":1)", R"(version":0)"},
      {"survey_stored", R"("usr_)", R"("tok_)"},
      {"survey_stored", R"(bytes":65536)", R"(bytes":65537)"},
      {"survey_stored", R"(bytes":65536)", R"(bytes":-1)"},
      {"survey_response", R"(version":1)", R"(version":0)"},
      {"survey_response", R"(received_at":1)", R"(received_at":-1)"},
      {"survey_response", R"("a":1)", deep},
      {"survey_response", R"(origin":null)", R"(origin":"203.0.113.77")"},
      {"survey_response", R"(origin":null)", R"(origin":"2001:db8:1:2::")"},
      {"survey_response", R"(origin":null)", R"(origin":"Ada")"},
      {"survey_survey", R"("T")", long_title},
      {"identity_setting", "900", "null"},
      {"identity_setting", "900", "9"},
      {"identity_setting", "session_idle_s", "version_of_mine"},
      {"identity_setting", "session_idle_s", "organisation_name"},
      {"identity_setting", R"(session_idle_s","number":900)", R"(version","number":null)"},
      {"identity_setting", R"(text":null)", R"(text":"x")"}};
  for (const ChangedRow& change : changes) {
    std::string line = whole.at(change.table);
    const auto at = line.find(change.from);
    ASSERT_NE(at, std::string::npos) << change.from;
    line.replace(at, change.from.size(), change.to);
    EXPECT_FALSE(is_read(change.table, line)) << line;
  }
}

// A table's rows take more than its file of 64 MiB.
TEST(ArchiveRows, OfWhatIsStoredHaveTheBoundOfTheirKind) {
  const std::string whole = whole_rows().at("survey_stored");
  const auto takes = [&](int kind, std::int64_t bytes) {
    std::string line = whole;
    line.replace(line.find(R"("kind":2)"), 8, fmt::format(R"("kind":{})", kind));
    line.replace(line.find("65536"), 5, fmt::format("{}", bytes));
    return is_read("survey_stored", line);
  };
  for (const auto& [kind, most] :
       {std::pair<int, std::int64_t>{0, 1 << 20}, {1, 1'000'000'000'000}, {2, 1 << 16}}) {
    EXPECT_TRUE(takes(kind, most)) << kind;
    EXPECT_FALSE(takes(kind, most + 1)) << kind;
  }
}

TEST(ArchiveRows, AnEditorIsAMemberATokenOrNobody) {
  crypto::Cipher cipher(Bytes(16, 1));
  cipher.add_key(1, *crypto::Key::from_bytes(Bytes(32, 7)));
  const auto tables = archive_tables();
  const auto table = std::ranges::find(tables, "survey_survey", &module::ExportTable::name);
  const auto is_read = [&](std::string_view editor) {
    const std::string line =
        R"({"id":"sur_01m81g0x4dmbhvzfgjy4erqv86","mode":0,"revision":2,"version":1,)"
        R"("retention_days":null,"created_at":1,"updated_at":1,"title":"T")" +
        std::string(editor) + "}";
    const auto json = parse_json(line);
    return json && table->read({json->get_object(), line}, {TenantId(), cipher}).has_value();
  };
  EXPECT_TRUE(is_read(R"(,"updated_by":"usr_01m81fxr36ye0k6239y8ef1ghp")"));
  EXPECT_TRUE(is_read(R"(,"updated_by":"tok_01m81fxr36ye0k6239y8ef1ghp")"));
  EXPECT_TRUE(is_read(R"(,"updated_by":null)"));
  EXPECT_TRUE(is_read("")) << "archives made before this was kept";
  EXPECT_FALSE(is_read(R"(,"updated_by":"res_01m81fxr36ye0k6239y8ef1ghp")"));
  EXPECT_FALSE(is_read(R"(,"updated_by":"somebody")"));
  EXPECT_FALSE(is_read(R"(,"updated_by":7)"));
}

TEST_P(SurveyTransfer, OfAnAnonymousResponseThatTellsItsMomentOrOriginIsRefused) {
  const auto hidden = SurveyId::make(clock.now());
  const auto name = survey::seal_title(*cipher, hidden, "Hidden");
  ASSERT_TRUE(name);
  write([&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(sql::survey::import_survey,
                         {tenant, hidden, 0, 1, 1, nullptr, 1'000, 2'000, *name, nullptr}));
    return store::Journal{};
  });
  const auto tables = archive_tables();
  const auto table = std::ranges::find(tables, "survey_response", &module::ExportTable::name);
  const auto store = [&](const SurveyId& of, std::int64_t at, std::string_view origin) {
    const std::string line =
        fmt::format(R"({{"survey":"{}","id":"{}","received_at":{},"version":1,"origin":{},)"
                    R"("answers":{{"a":1}}}})",
                    of.text(), ResponseId::make(clock.now()).text(), at, origin);
    const auto json = parse_json(line);
    auto row = table->read({json->get_object(), line}, {tenant, *cipher});
    EXPECT_TRUE(row);
    return engine->apply(space(), {store::k_grant_all,
                                   [&](store::Tx& tx) -> Result<store::Journal> {
                                     PROBITY_CHECK((*row)(tx));
                                     return store::Journal{};
                                   },
                                   {},
                                   store::Growth::Grows});
  };
  constexpr std::int64_t k_hour = 1'767'225'600'000'000;
  EXPECT_TRUE(store(hidden, k_hour, "null"));
  EXPECT_NE(store(hidden, k_hour + 1, "null").error().hint.find("hour"), std::string::npos);
  EXPECT_NE(store(hidden, k_hour, R"("203.0.113.0")").error().hint.find("where"),
            std::string::npos);
  EXPECT_TRUE(store(id, k_hour + 1, R"("203.0.113.0")"));
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
