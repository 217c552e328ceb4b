#include "feature/survey/quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/deflate.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr std::int64_t k_plenty = 1'000'000'000;

/// The field of a refusal, or "" when there is none.
std::string refused_field(const Result<void>& result) {
  if (result) return "";
  EXPECT_EQ(result.error().code, Code::QuotaExceeded);
  return result.error().fields.at(0).field;
}

TEST(Quota, TakesFilesUpToTheBoundAndNoneBeyond) {
  const Amount most{10, k_plenty};
  EXPECT_EQ(refused_field(check_room({8, 0}, {1, 5}, most)), "");
  EXPECT_EQ(refused_field(check_room({9, 0}, {1, 5}, most)), "");
  EXPECT_EQ(refused_field(check_room({10, 0}, {1, 5}, most)), "uploads.member_max_files");
  EXPECT_EQ(refused_field(check_room({8, 0}, {2, 5}, most)), "");
  EXPECT_EQ(refused_field(check_room({9, 0}, {2, 5}, most)), "uploads.member_max_files");
}

TEST(Quota, TakesBytesUpToTheBoundAndNoneBeyond) {
  const Amount most{k_plenty, 100};
  EXPECT_EQ(refused_field(check_room({1, 60}, {1, 39}, most)), "");
  EXPECT_EQ(refused_field(check_room({1, 60}, {1, 40}, most)), "");
  EXPECT_EQ(refused_field(check_room({1, 60}, {1, 41}, most)), "uploads.member_max_bytes");
  EXPECT_EQ(refused_field(check_room({0, 0}, {1, 101}, most)), "uploads.member_max_bytes");
}

TEST(Quota, NeverRefusesWhatAddsNothing) {
  const Amount most{10, 100};
  EXPECT_EQ(refused_field(check_room({20, 500}, {0, 0}, most)), "");
  EXPECT_EQ(refused_field(check_room({20, 500}, {0, -7}, most)), "");
  EXPECT_EQ(refused_field(check_room({20, 50}, {0, 50}, most)), "");
  EXPECT_EQ(refused_field(check_room({5, 500}, {1, 0}, most)), "");
}

TEST(Quota, SaysWhatIsUsedWhatMayBeAndWhatToDo) {
  const auto refused = check_room({7, 60}, {1, 41}, {10, 100});
  ASSERT_FALSE(refused);
  const std::string& reason = refused.error().fields.at(0).reason;
  for (const std::string_view word : {"60 bytes", "100", "41", "Delete", "member_max_bytes"})
    EXPECT_NE(reason.find(word), std::string::npos) << reason;
}

TEST(Quota, HasTheBoundsOfTheDocumentation) {
  EXPECT_EQ(k_member_quota.files, 10'000);
  EXPECT_EQ(k_member_quota.bytes, 4'294'967'296);
}

constexpr std::string_view k_head = R"({"elements":[{"type":"text","name":"q","title":")";
constexpr std::string_view k_end = R"("}]})";

/// The title of the question of a document of so many bytes, and that document.
std::string title(std::size_t bytes) {
  return std::string(bytes - k_head.size() - k_end.size(), 't');
}
std::string document(std::size_t bytes) {
  return std::string(k_head) + title(bytes) + std::string(k_end);
}

class MemberQuota : public SurveyRoom {
 protected:
  void SetUp() override {
    SurveyRoom::SetUp();
    if (IsSkipped()) return;
    ada_ = UserId::make(clock_.now());
    clock_.advance(Span::seconds(1));
    bob_ = UserId::make(clock_.now());
    be(ada_);
  }
  void be(const UserId& member) {
    caller_ = identity::Member{tenant_,      member,      SessionId(), identity::Role::Owner,
                               clock_.now(), clock_.now()};
  }
  void bound(const Amount& most) { module_->bound_storage(most); }
  /// "FILES BYTES" of a member.
  std::string used(const UserId& member) {
    const auto before = caller_;
    be(member);
    const Reply own = get("/api/v1/me/storage");
    caller_ = before;
    EXPECT_EQ(own.status, 200) << own.body;
    return own.at("/used/files") + " " + own.at("/used/bytes");
  }
  /// The id of a new survey; its refusal is a failure.
  std::string create(std::size_t bytes) {
    const Reply made = post("/api/v1/surveys", document(bytes));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("/id");
  }
  Reply put(const std::string& id, std::size_t bytes) {
    return send({.method = "PUT",
                 .target = "/api/v1/surveys/" + id,
                 .body = document(bytes),
                 .headers = {{"content-type", "application/json"}}});
  }
  Reply put_logo(const std::string& id, std::size_t pixels) {
    return send({.method = "PUT",
                 .target = "/api/v1/surveys/" + id + "/logo",
                 .body = picture(pixels),
                 .headers = {{"content-type", "image/png"}}});
  }
  Reply import(const std::string& table, bool is_dry = false, bool is_packed = false) {
    Sent sent{.method = "POST",
              .target = std::string("/api/v1/surveys/import") + (is_dry ? "?dry_run=true" : ""),
              .body = table,
              .headers = {{"content-type", "text/csv"}}};
    if (is_packed) {
      sent.body = deflate_text(table, Wrapping::Gzip);
      sent.headers["content-encoding"] = "gzip";
    }
    return send(sent);
  }
  Reply remove(const std::string& id) {
    return send({.method = "DELETE", .target = "/api/v1/surveys/" + id});
  }
  int surveys() {
    const auto reader = engine_->read(store::Space::of(tenant_), store::k_grant_all);
    EXPECT_TRUE(reader);
    const auto all = (*reader)->all(q::surveys, {tenant_, SurveyId(), 1'000},
                                    [](const store::Row&) { return true; });
    EXPECT_TRUE(all);
    return static_cast<int>(all->size());
  }

  /// 45 bytes and so many: a PNG of one row, checksums left at nought.
  static std::string picture(std::size_t pixels) {
    const auto chunk = [](const std::string& name, const std::string& content) {
      std::string out(3, '\0');
      out += static_cast<char>(content.size());
      return out + name + content + std::string(4, '\0');
    };
    using std::string_literals::operator""s;
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", "\0\0\0\2\0\0\0\1\x08\2\0\0\0"s) +
           chunk("IDAT", std::string(pixels, 'p')) + chunk("IEND", "");
  }

  UserId ada_;
  UserId bob_;
};
INSTANTIATE_TEST_SUITE_P(Engines, MemberQuota, ::testing::Values("sqlcipher", "postgres"),
                         [](const auto& one) { return one.param; });

void expect_refused(const Reply& reply, std::string_view field) {
  EXPECT_EQ(reply.status, 422) << reply.body;
  EXPECT_EQ(reply.code, "quota_exceeded");
  EXPECT_EQ(reply.text("/errors/0/field"), field);
}

TEST_P(MemberQuota, BoundsTheFilesOfEachAndOfNobodyElse) {
  bound({2, k_plenty});
  const std::string first = create(100);
  create(100);
  EXPECT_EQ(used(ada_), "2 200");
  expect_refused(post("/api/v1/surveys", document(100)), "uploads.member_max_files");
  EXPECT_EQ(surveys(), 2);
  EXPECT_EQ(used(ada_), "2 200");
  be(bob_);
  create(100);
  EXPECT_EQ(used(bob_), "1 100");
  be(ada_);
  EXPECT_EQ(remove(first).status, 204);
  EXPECT_EQ(used(ada_), "1 100");
  create(100);
}

TEST_P(MemberQuota, BoundsBytesToTheLast) {
  bound({k_plenty, 300});
  const std::string id = create(100);
  EXPECT_EQ(post("/api/v1/surveys", document(199)).status, 201);
  expect_refused(post("/api/v1/surveys", document(100)), "uploads.member_max_bytes");
  EXPECT_EQ(put(id, 101).status, 200);
  expect_refused(put(id, 102), "uploads.member_max_bytes");
  EXPECT_EQ(get("/api/v1/surveys/" + id).text("/questionnaire/elements/0/title"), title(101));
  EXPECT_EQ(used(ada_), "2 300");
  // What is over the bound, for the operator lowered it, may still become less.
  bound({1, 10});
  EXPECT_EQ(put(id, 100).status, 200);
  EXPECT_EQ(put(id, 100).status, 200);
  expect_refused(put(id, 101), "uploads.member_max_bytes");
  EXPECT_EQ(used(ada_), "2 299");
}

TEST_P(MemberQuota, CountsADraftForWhoWroteItLast) {
  const std::string id = create(100);
  be(bob_);
  bound({1, 120});
  expect_refused(put(id, 121), "uploads.member_max_bytes");
  EXPECT_EQ(used(ada_), "1 100");
  EXPECT_EQ(put(id, 120).status, 200);
  EXPECT_EQ(used(ada_), "0 0");
  EXPECT_EQ(used(bob_), "1 120");
}

TEST_P(MemberQuota, CountsEachVersion) {
  bound({2, k_plenty});
  const std::string id = create(100);
  const auto publish = [&] { EXPECT_EQ(post("/api/v1/surveys/" + id + "/publish").status, 200); };
  publish();
  EXPECT_EQ(used(ada_), "1 100");
  EXPECT_EQ(put(id, 110).status, 200);
  EXPECT_EQ(used(ada_), "2 210");
  publish();
  expect_refused(put(id, 90), "uploads.member_max_files");
  EXPECT_EQ(remove(id).status, 204);
  EXPECT_EQ(used(ada_), "0 0");
}

TEST_P(MemberQuota, CountsWhatATokenStoresForItsMaker) {
  bound({1, k_plenty});
  caller_ = identity::TokenHolder{tenant_, TokenId::make(clock_.now()), ada_, {}};
  create(100);
  EXPECT_EQ(used(ada_), "1 100");
  expect_refused(post("/api/v1/surveys", document(100)), "uploads.member_max_files");
  be(ada_);
  expect_refused(post("/api/v1/surveys", document(100)), "uploads.member_max_files");
}

TEST_P(MemberQuota, CountsALogoUntilItIsTakenAway) {
  const auto bytes = static_cast<std::int64_t>(picture(10).size());
  const std::string id = create(100);
  bound({2, 100 + bytes});
  expect_refused(put_logo(id, 11), "uploads.member_max_bytes");
  EXPECT_EQ(send({.target = "/api/v1/surveys/" + id + "/logo"}).status, 404);
  EXPECT_EQ(put_logo(id, 10).status, 200);
  EXPECT_EQ(put_logo(id, 10).status, 200);
  EXPECT_EQ(used(ada_), "2 " + std::to_string(100 + bytes));
  // A copy has both of its own.
  expect_refused(post("/api/v1/surveys/" + id + "/duplicate"), "uploads.member_max_files");
  bound({3, k_plenty});
  expect_refused(post("/api/v1/surveys/" + id + "/duplicate"), "uploads.member_max_files");
  bound({4, k_plenty});
  EXPECT_EQ(post("/api/v1/surveys/" + id + "/duplicate").status, 201);
  EXPECT_EQ(used(ada_).substr(0, 2), "4 ");
  const Reply gone = send({.method = "DELETE", .target = "/api/v1/surveys/" + id + "/logo"});
  EXPECT_EQ(gone.status, 204) << gone.body;
  EXPECT_EQ(used(ada_).substr(0, 2), "3 ");
}

constexpr std::string_view k_table = "Floor,Why\nGround,near\nTop,quiet\n";

TEST_P(MemberQuota, CountsATableUnpackedAndTheQuestionnaireMadeOfIt) {
  const std::string table(k_table);
  EXPECT_EQ(import(table, true).status, 200);
  EXPECT_EQ(used(ada_), "0 0") << "a dry run stores nothing";
  ASSERT_EQ(import(table).status, 201);
  const Reply own = get("/api/v1/me/storage");
  const std::int64_t bytes = std::stoll(own.at("/used/bytes"));
  EXPECT_EQ(own.at("/used/files"), "2");
  EXPECT_GT(bytes, static_cast<std::int64_t>(table.size()));

  be(bob_);
  for (const bool is_packed : {false, true}) {
    bound({2, bytes - 1});
    expect_refused(import(table, true, is_packed), "uploads.member_max_bytes");
    expect_refused(import(table, false, is_packed), "uploads.member_max_bytes");
    bound({1, bytes});
    expect_refused(import(table, true, is_packed), "uploads.member_max_files");
    expect_refused(import(table, false, is_packed), "uploads.member_max_files");
    EXPECT_EQ(surveys(), 1);
    EXPECT_EQ(used(bob_), "0 0");
  }
  bound({2, bytes});
  EXPECT_EQ(import(table, true, true).status, 200);
  EXPECT_EQ(import(table, false, true).status, 201);
  EXPECT_EQ(used(bob_), "2 " + std::to_string(bytes));
}

TEST_P(MemberQuota, TurnsALargeFileAwayBeforeItIsRead) {
  bound({k_plenty, 1'000});
  // Unreadable as a table, and too large: the second is told, so the first was never tried.
  const std::string large = "a,b\n\"" + std::string(2'000, 'x');
  expect_refused(import(large), "uploads.member_max_bytes");
  expect_refused(import(large, true), "uploads.member_max_bytes");
  expect_refused(import(large, false, true), "uploads.member_max_bytes");
}

TEST_P(MemberQuota, CountsADocumentThatIsImported) {
  const auto send_document = [&](std::size_t bytes) {
    return send({.method = "POST",
                 .target = "/api/v1/surveys/import",
                 .body = document(bytes),
                 .headers = {{"content-type", "application/json"}}});
  };
  bound({1, 100});
  expect_refused(send_document(101), "uploads.member_max_bytes");
  EXPECT_EQ(send_document(100).status, 201);
  EXPECT_EQ(used(ada_), "1 100");
  expect_refused(send_document(100), "uploads.member_max_files");
}

TEST_P(MemberQuota, LeavesNoRowBehindASurvey) {
  const std::string id = create(100);
  const auto survey = SurveyId::parse(id);
  ASSERT_TRUE(survey);
  EXPECT_EQ(remove(id).status, 204);
  // As another node may have left one that ran an older build.
  store::Change change{store::k_grant_all, {}, {}, store::Growth::Grows};
  change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(tx.run(q::put_stored, {tenant_, *survey, 0, 1, ada_, 100}));
    return store::Journal{};
  };
  ASSERT_TRUE(engine_->apply(store::Space::of(tenant_), std::move(change)));
  EXPECT_EQ(used(ada_), "1 100");
  const auto all = module_->jobs();
  const auto sweep = std::ranges::find(all, "survey.sweep_all", &jobs::Job::name);
  ASSERT_NE(sweep, all.end());
  EXPECT_TRUE(sweep->run(clock_.now()));
  EXPECT_EQ(used(ada_), "0 0");
}

}  // namespace
}  // namespace probity::survey
