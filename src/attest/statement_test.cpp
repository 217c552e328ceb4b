#include "attest/statement.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "attest/attest_fixture.hpp"
#include "attest/page.hpp"
#include "attest/verify.hpp"
#include "base/json.hpp"

namespace probity::attest {
namespace {

struct Office {
  Workshop shop;
  Catalogue catalogue = *load_catalogue();
  SigningDesk desk = *SigningDesk::open(*shop.store.engine, shop.store.clock);
  std::vector<Standing> standings = judge(catalogue, {}, shop.store.clock.now());

  [[nodiscard]] std::string make(Mode mode = Mode::Production) {
    return signed_statement({.catalogue = catalogue,
                             .standings = standings,
                             .now = shop.store.clock.now(),
                             .mode = mode,
                             .version = 7},
                            desk);
  }
  [[nodiscard]] std::string key() const { return to_base64url(desk.current().public_key); }
  [[nodiscard]] Verification check(std::string_view document) {
    return verify_statement(document, key(), shop.store.clock.now());
  }
};

using SigningDeskOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, SigningDeskOn, support::both_engines(), support::engine_name);

TEST_P(SigningDeskOn, IsMadeOnceAndKept) {
  Workshop shop(GetParam());
  const auto first = SigningDesk::open(*shop.store.engine, shop.store.clock);
  ASSERT_TRUE(first);
  shop.store.reopen(&shop.chain);
  const auto second = SigningDesk::open(*shop.store.engine, shop.store.clock);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->current().key_id, second->current().key_id);
  EXPECT_EQ(second->published().size(), 1U);
  EXPECT_NE(keys_json(second->published()).find(to_base64url(first->current().public_key)),
            std::string::npos);
}

TEST(Statement, VerifiesWithItsKeyAndIsCanonical) {
  Office office;
  const std::string document = office.make();
  EXPECT_EQ(canonical_json(*parse_json(document, {.bytes_max = 8 << 20})), document);
  EXPECT_EQ(office.check(document).verdict, Verdict::Valid) << office.check(document).lines.back();
  EXPECT_EQ(office.check(document + "\n").verdict, Verdict::Valid);
  const std::string keys = keys_json(office.desk.published());
  EXPECT_EQ(verify_statement(document, keys, office.shop.store.clock.now()).verdict,
            Verdict::Valid);
}

TEST(Statement, IsNotValidWithOneByteChanged) {
  Office office;
  std::string document = office.make();
  const std::string_view status = "\"status\":\"not_built\"";
  const std::size_t at = document.find(status);
  ASSERT_NE(at, std::string::npos);
  document.replace(at, status.size(), "\"status\":\"held\"");
  EXPECT_EQ(office.check(document).verdict, Verdict::Invalid);
}

TEST(Statement, IsNotValidWithAMemberTwice) {
  Office office;
  std::string document = office.make();
  document.insert(1, R"("counts":{"held":240},)");
  EXPECT_EQ(office.check(document).verdict, Verdict::Invalid);
}

TEST(Statement, IsNotValidWithMoreInItsSignature) {
  Office office;
  const std::string document = office.make();
  const auto inserted = [&](std::string_view before, std::string_view what) {
    std::string altered = document;
    const std::size_t at = altered.find(before, altered.find(R"("signature":{)"));
    EXPECT_NE(at, std::string::npos) << before;
    return office.check(altered.insert(at, what)).verdict;
  };
  // Each in its canonical place.
  EXPECT_EQ(inserted(R"("value":)", R"("promises":[{"status":"held"}],)"), Verdict::Invalid);
  EXPECT_EQ(inserted(R"("alg":)", R"("a":null,)"), Verdict::Invalid);
  EXPECT_EQ(inserted(R"("value":)", R"("key_id":"0000000000000000",)"), Verdict::Invalid);
  EXPECT_EQ(inserted(R"("value":)", R"("value":"",)"), Verdict::Invalid);
}

TEST(Statement, IsNotValidInAnotherNotation) {
  Office office;
  const std::string document = office.make();
  const auto replaced = [&](std::string_view what, std::string_view by) {
    std::string altered = document;
    const std::size_t at = altered.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return office.check(altered.replace(at, what.size(), by)).verdict;
  };
  for (const std::string_view number : {"7.0", "7e0", "70e-1", "0.7e1"})
    EXPECT_EQ(replaced(R"("version":7})", R"("version":)" + std::string(number) + "}"),
              Verdict::Invalid)
        << number;
  EXPECT_EQ(replaced(R"("test_mode":false)", R"("test_mode": false)"), Verdict::Invalid);
  EXPECT_EQ(replaced(R"("test_mode")", R"("test\u005fmode")"), Verdict::Invalid);
  EXPECT_EQ(replaced(R"("version":7})", R"("version":7})"), Verdict::Valid);
}

TEST(Statement, IsNeverValidInTestMode) {
  Office office;
  const std::string document = office.make(Mode::Test);
  EXPECT_EQ(office.check(document).verdict, Verdict::Invalid);
  EXPECT_NE(document.find("\"limits\":[\"This server runs in test mode"), std::string::npos);
  EXPECT_NE(document.find("\"test_mode\":true"), std::string::npos);
}

TEST(Statement, IsNotValidByAnotherKeyAndUncheckedWithoutOne) {
  Office office;
  const std::string document = office.make();
  const Instant now = office.shop.store.clock.now();
  const std::string other = to_base64url(crypto::SigningKey::random().public_key());
  EXPECT_EQ(verify_statement(document, other, now).verdict, Verdict::Invalid);
  EXPECT_EQ(verify_statement(document, "", now).verdict, Verdict::Unchecked);
  EXPECT_EQ(verify_statement(document, "{\"keys\":[]}", now).verdict, Verdict::Unchecked);
  for (const std::string_view text :
       {"", "no", "[]", "{}", "{\"signature\":1}", "{\"signature\":{},\"promises\":[]}"})
    EXPECT_NE(verify_statement(text, office.key(), now).verdict, Verdict::Valid) << text;
}

TEST(Statement, SaysHowOldItIs) {
  Office office;
  const std::string document = office.make();
  const auto says_old = [&](Span age) {
    std::string all;
    for (const std::string& line :
         verify_statement(document, office.key(), office.shop.store.clock.now() + age).lines)
      all += line;
    return all.find("is old") != std::string::npos;
  };
  EXPECT_FALSE(says_old(k_statement_old - Span::seconds(1)));
  EXPECT_TRUE(says_old(k_statement_old + Span::seconds(1)));
}

TEST(Differences, NameWhatMovedOrWasRewordedAddedOrRemoved) {
  Office office;
  const std::string before = office.make();
  EXPECT_TRUE(differences(before, before)->empty());
  office.standings[0].status = Status::Held;
  office.catalogue.promises[1].sentence = "Another sentence.";
  office.standings.pop_back();
  const auto list = *differences(before, office.make());
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].kind, Difference::Kind::Moved);
  EXPECT_EQ(list[0].before, "not_built");
  EXPECT_EQ(list[0].after, "held");
  EXPECT_EQ(list[1].kind, Difference::Kind::Reworded);
  EXPECT_EQ(list[2].kind, Difference::Kind::Removed);
  const auto back = *differences(office.make(), before);
  EXPECT_EQ(back.back().kind, Difference::Kind::Added);
  EXPECT_EQ(*parse_differences(differences_json(list)), list);
  EXPECT_FALSE(differences("{}", before));
}

TEST(Limits, NameADemonstrationBehindWhatNobodyCanHave) {
  Office office;
  StatementParts parts{.catalogue = office.catalogue,
                       .standings = office.standings,
                       .now = office.shop.store.clock.now()};
  const auto without = limits_of(parts);
  parts.has_demonstration = true;
  auto with = limits_of(parts);
  EXPECT_EQ(with.front(), without.front());
  EXPECT_EQ(with.back(), k_demonstration_line);
  EXPECT_NE(statement_page(parts).find(k_demonstration_line), std::string::npos);
  with.pop_back();
  EXPECT_EQ(with, without);
}

TEST(Page, OpensWithLimitsThenCountsThenChapters) {
  Office office;
  const StatementParts parts{.catalogue = office.catalogue,
                             .standings = office.standings,
                             .now = office.shop.store.clock.now(),
                             .mode = Mode::Test,
                             .version = 7};
  const std::string page = statement_page(parts);
  const std::size_t test_mode = page.find("runs in test mode");
  const std::size_t limit = page.find("Absolute security");
  const std::size_t counts = page.find("<caption>");
  const std::size_t chapter = page.find("id=\"c-statement\"");
  EXPECT_LT(test_mode, limit);
  EXPECT_LT(limit, counts);
  EXPECT_LT(counts, chapter);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("style="), std::string::npos);
  EXPECT_NE(page.find("2027-01-15 08:00 UTC"), std::string::npos);
}

}  // namespace
}  // namespace probity::attest
