#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/stage_for_test.hpp"
#include "attest/probes_sealing.hpp"
#include "sql/attest.hpp"
#include "support/lock_watch.hpp"

namespace probity::app {
namespace {

using attest::Status;

constexpr std::string_view k_probe = "store.content_sealed";

/// Overwrites one column of the scratch organisation's rows, beneath every seal.
void overwrite(Stage& stage, const TenantId& tenant, std::string_view sql, BytesView value) {
  // The same text but for the mark of its one parameter.
  std::string postgres(sql);
  postgres.replace(postgres.find("?1"), 2, "$1");
  const store::Query query{"sabotage.overwrite", "sabotage", sql, postgres, 1, true};
  store::Change change{.grant = store::k_grant_all,
                       .apply = [&](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(query, {value}));
                         return store::Journal{};
                       },
                       .on_refusal = {}};
  ASSERT_TRUE(stage.engine().apply(store::Space::of(tenant), std::move(change)));
}

attest::Finding found(Stage& stage, const attest::SealingSubject& subject) {
  return stage.run(attest::sealing_probes(stage.ground(), stage.find(), subject), k_probe);
}

using SealingProbeOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, SealingProbeOn, support::both_engines(), support::engine_name);

TEST_P(SealingProbeOn, HoldsOnTheProduct) {
  Stage stage({}, GetParam());
  EXPECT_FOUND(found(stage, attest::product_sealing(stage.data())), Status::Held);
}

TEST(SealingProbe, LeavesTheLocksOfTheFilesItSearches) {
  std::unique_ptr<support::LockWatch> system;
  Stage stage;
  system = std::make_unique<support::LockWatch>(stage.data() / "system.db");
  EXPECT_TRUE(system->sees_one());
  EXPECT_FOUND(found(stage, attest::product_sealing(stage.data())), Status::Held);
  EXPECT_TRUE(system->sees_one()) << "the next process that opens it would damage it";
}

TEST_P(SealingProbeOn, SeesAColumnThatIsNotSealed) {
  Stage stage({}, GetParam());
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.afterwards = [&](const std::string& mark, const TenantId& tenant) {
    overwrite(stage, tenant, "UPDATE survey_response SET answers = ?1", as_bytes(mark));
  };
  EXPECT_FOUND(found(stage, subject), Status::Broken);
}

TEST_P(SealingProbeOn, SeesAMarkThatIsOnlyEncoded) {
  Stage stage({}, GetParam());
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.afterwards = [&](const std::string& mark, const TenantId& tenant) {
    // As a sealed value looks, with the text in base 64 inside.
    Bytes value(40, 1);
    const std::string text = to_base64url(as_bytes("x" + mark + "yz"));
    value.insert(value.end(), text.begin(), text.end());
    overwrite(stage, tenant, "UPDATE survey_survey SET title = ?1", value);
  };
  EXPECT_FOUND(found(stage, subject), Status::Broken);
}

TEST_P(SealingProbeOn, SeesALinkToAReportInClear) {
  for (const std::string_view column : {"settings", "link_hash"}) {
    Stage stage({}, GetParam());
    attest::SealingSubject subject = attest::product_sealing(stage.data());
    subject.afterwards = [&](const std::string& mark, const TenantId& tenant) {
      overwrite(stage, tenant, fmt::format("UPDATE survey_report_link SET {} = ?1", column),
                as_bytes(mark));
    };
    EXPECT_FOUND(found(stage, subject), Status::Broken);
  }
}

/// The secret of a link or token, stored where its hash belongs. It is the last of the text's
/// bytes.
void expect_seen_unhashed(const std::string& engine, std::string_view pattern,
                          std::string_view sql) {
  std::string token;
  Sabotage listening =
      instead_of(web::Method::Post, pattern, [&](web::Call& call, const web::Handler& real) {
        auto answer = real(call);
        auto* prepared = answer ? std::get_if<web::Prepared>(&*answer) : nullptr;
        if (prepared == nullptr) return answer;
        prepared->respond = [&token, respond = std::move(prepared->respond)]() mutable {
          web::Response response = respond();
          const std::string& body = response.body;
          const std::size_t begin = body.find("\"token\":\"") + 9;
          token = body.substr(begin, body.find('"', begin) - begin);
          return response;
        };
        return answer;
      });
  Stage stage(std::move(listening), engine);
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.afterwards = [&](const std::string&, const TenantId& tenant) {
    const std::size_t prefix = token.starts_with("prb_") ? 4 : 0;
    const auto bytes = from_base64url(std::string_view(token).substr(prefix));
    ASSERT_TRUE(bytes && bytes->size() > 32) << token;
    overwrite(stage, tenant, sql, BytesView(*bytes).last(32));
  };
  EXPECT_FOUND(found(stage, subject), Status::Broken);
}

TEST_P(SealingProbeOn, SeesASecretThatIsNotHashed) {
  expect_seen_unhashed(GetParam(), "/api/v1/surveys/{id}/report/links",
                       "UPDATE survey_report_link SET link_hash = ?1");
  expect_seen_unhashed(GetParam(), "/api/v1/tokens", "UPDATE identity_token SET secret_hash = ?1");
}

/// A new column that is declared sealed or hashed must not be passed over.
TEST(SealingProbe, LooksAtEveryColumnThatIsDeclared) {
  int declared = 0;
  Sabotage looking;
  looking.modules = [&](std::vector<std::unique_ptr<module::Module>>& modules) {
    for (const auto& module : modules) {
      for (const module::PersonalColumn& column : module->personal_columns()) {
        if (column.storage == module::Storage::Clear) continue;
        ++declared;
        const std::string name = fmt::format("'{}.{}'", column.table, column.column);
        const store::Query& query = column.storage == module::Storage::Sealed
                                        ? sql::attest::sealed_values
                                        : sql::attest::hashed_values;
        EXPECT_NE(query.sqlite.find(name), std::string_view::npos) << name;
        EXPECT_NE(query.postgres.find(name), std::string_view::npos) << name;
      }
    }
  };
  const Stage stage(std::move(looking));
  EXPECT_GT(declared, 20);
}

TEST(SealingProbe, SeesATemporaryFileInClear) {
  for (const bool is_wide : {false, true}) {
    Stage stage;
    attest::SealingSubject subject = attest::product_sealing(stage.data());
    subject.afterwards = [&](const std::string& mark, const TenantId&) {
      std::ofstream out(stage.data() / "spill.tmp", std::ios::binary);
      for (const char c : mark) {
        out << c;
        if (is_wide) out << '\0';
      }
    };
    EXPECT_FOUND(found(stage, subject), Status::Broken);
  }
}

/// What a subject of the product's layout (the engine's files in `store`) says when a mark was left
/// behind `offset` other bytes in a file of that name.
attest::Finding found_with_stray(const std::string& name, std::streamoff offset = 0) {
  Stage stage;
  const std::filesystem::path data = stage.data().parent_path();
  attest::SealingSubject subject = attest::product_sealing(data);
  subject.folder = stage.data();
  subject.afterwards = [&](const std::string& mark, const TenantId&) {
    std::ofstream out(stage.data() / name, std::ios::binary);
    out.seekp(offset);
    out << mark;
  };
  return found(stage, subject);
}

TEST(SealingProbe, SearchesEveryFileOfTheStoresFolders) {
  EXPECT_FOUND(found_with_stray("x.tmp"), Status::Broken);
  EXPECT_FOUND(found_with_stray("commit-1.log"), Status::Broken);
  EXPECT_FOUND(found_with_stray("tenants/x.tmp"), Status::Broken);
  EXPECT_FOUND(found_with_stray("tenants/not-an-id.db"), Status::Broken);
  // Another organisation's own file is none of this measurement's business.
  EXPECT_FOUND(found_with_stray("tenants/" + TenantId::make(Instant::from_s(1)).text() + ".db-wal"),
               Status::Held);
}

TEST(SealingProbe, ReadsABigFileToItsEnd) {
  constexpr std::streamoff k_big_bytes = 65 * 1024 * 1024;
  EXPECT_FOUND(found_with_stray("big.tmp", k_big_bytes), Status::Broken);
}

TEST(SealingProbe, IsUnknownWhenWhatItMustSearchIsMissing) {
  Stage stage;
  using Files = std::vector<std::filesystem::path>;
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  const auto searching = [&](const Files& files) {
    subject.files = [files](const TenantId&) { return Result<Files>(files); };
    return found(stage, subject);
  };
  const std::filesystem::path system = stage.data() / "system.db";
  const std::filesystem::path log = stage.data() / "commit-0.log";
  std::ofstream(log) << "a log";
  EXPECT_FOUND(searching({}), Status::Unknown);
  EXPECT_FOUND(searching({system}), Status::Held);
  // A folder opens like a file and cannot be read.
  EXPECT_FOUND(searching({system, stage.data()}), Status::Unknown);
  EXPECT_FOUND(searching({system, stage.data() / "gone"}), Status::Held);
  subject.has_commit_log = true;
  EXPECT_FOUND(searching({system}), Status::Unknown);
  EXPECT_FOUND(searching({log}), Status::Unknown);
  EXPECT_FOUND(searching({system, log}), Status::Held);
  subject.files = [](const TenantId&) { return Result<Files>(fail(Code::StorageFailed)); };
  EXPECT_FOUND(found(stage, subject), Status::Unknown);
}

TEST(SealingProbe, LeavesNobodyBehindWhenItCannotEnd) {
  Stage stage(instead_of(web::Method::Post, "/api/v1/tokens",
                         [](web::Call&, const web::Handler&) -> Result<web::Answer> {
                           return fail(Code::Internal, "no tokens today");
                         }));
  const auto members = [&] {
    const auto tenant = stage.ground().scratch.tenant(attest::Which::Second);
    EXPECT_TRUE(tenant);
    auto reader = stage.engine().read(store::Space::of(tenant->id), store::k_grant_all);
    EXPECT_TRUE(reader);
    int count = 0;
    const store::Query query{
        "test.members", "test", "SELECT id FROM identity_user", "SELECT id FROM identity_user", 0,
        false};
    EXPECT_TRUE((*reader)->each(query, {}, [&](const store::Row&) -> Result<bool> {
      ++count;
      return true;
    }));
    return count;
  };
  const auto subject = attest::product_sealing(stage.data());
  EXPECT_FOUND(found(stage, subject), Status::Unknown);
  EXPECT_FOUND(found(stage, subject), Status::Unknown);
  // The last owner stays, and whom the first run invited.
  const int after_two = members();
  EXPECT_FOUND(found(stage, subject), Status::Unknown);
  EXPECT_EQ(members(), after_two + 1) << "one more invited analyst, and no more owners";
}

TEST(Marks, AreFoundInEveryForm) {
  attest::Marks marks;
  const std::string mark = marks.make();
  EXPECT_TRUE(marks.occur_in(as_bytes("a " + mark + " b")));
  EXPECT_TRUE(marks.occur_in(as_bytes(to_hex(as_bytes("z" + mark)))));
  for (const std::size_t offset : {0UZ, 1UZ, 2UZ})
    EXPECT_TRUE(
        marks.occur_in(as_bytes(to_base64url(as_bytes(std::string(offset, 'q') + mark + "tail")))));
  EXPECT_FALSE(marks.occur_in(as_bytes(mark.substr(1))));
}

}  // namespace
}  // namespace probity::app
