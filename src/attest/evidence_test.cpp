#include "attest/evidence.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "attest/attest_fixture.hpp"
#include "attest/publisher.hpp"
#include "base/json.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

const Instant k_now = Instant::from_s(1'800'000'000);

/// A promise that lives by evidence alone, with an age limit or without.
const Promise* promise_by_evidence(const Catalogue& catalogue, bool has_age_limit) {
  for (const Promise& promise : catalogue.promises)
    if (promise.method == Method::Evidence &&
        promise.evidence_max_days.has_value() == has_age_limit)
      return &promise;
  return nullptr;
}

std::string order_text(const std::string& kind, const std::string& changed = {},
                       const std::string& to = {}) {
  std::string text = R"({"kind":")" + kind + R"(","issuer":"Auditor","owner":"Ada",)" +
                     R"("issued":"2027-01-01T00:00:00Z","expires":"2028-01-01T00:00:00Z",)" +
                     R"("sha256":")" + std::string(64, 'a') + R"("})";
  if (!changed.empty()) text.replace(text.find(changed), changed.size(), to);
  return text;
}

TEST(EvidenceOrder, IsCheckedFieldByField) {
  const Catalogue catalogue = *load_catalogue();
  const std::string kind = promise_by_evidence(catalogue, false)->evidence_kind;
  const auto read = [&](const std::string& text) {
    return read_order(*parse_json(text), catalogue, k_now);
  };
  const auto whole = read(order_text(kind));
  ASSERT_TRUE(whole) << whole.error().hint;
  EXPECT_EQ(whole->issuer, "Auditor");
  EXPECT_FALSE(read(order_text("no_such_kind")));
  EXPECT_FALSE(read(order_text(kind, "Auditor", "")));
  EXPECT_FALSE(read(order_text(kind, "Auditor", std::string(201, 'x'))));
  EXPECT_TRUE(read(order_text(kind, "Auditor", std::string(200, 'x'))));
  EXPECT_FALSE(read(order_text(kind, "2028-01-01", "2026-01-01"))) << "over before it began";
  EXPECT_FALSE(read(order_text(kind, std::string(64, 'a'), "abc")));
}

TEST(EvidenceOrder, HashesAFileAndForgetsIt) {
  const Catalogue catalogue = *load_catalogue();
  const std::string kind = promise_by_evidence(catalogue, false)->evidence_kind;
  const std::string file = to_base64url(as_bytes("a certificate"));
  const auto read =
      read_order(*parse_json(order_text(kind, "\"sha256\":\"" + std::string(64, 'a') + "\"",
                                        "\"file\":\"" + file + "\"")),
                 catalogue, k_now);
  ASSERT_TRUE(read) << read.error().hint;
  EXPECT_EQ(read->sha256, crypto::sha256(as_bytes("a certificate")));
}

using EvidenceOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, EvidenceOn, support::both_engines(), support::engine_name);

/// Files a record as the route does.
void file(Workshop& shop, const store::TenantRecord& tenant, EvidenceRecord record) {
  record.id = EvidenceId::make(record.filed_at);
  const auto cipher = shop.store.engine->cipher(store::Space::of(tenant.id));
  ASSERT_TRUE(cipher);
  const auto issuer = (*cipher)->seal(k_issuer_purpose, record.id.bytes(), as_bytes(record.issuer));
  const auto owner = (*cipher)->seal(k_owner_purpose, record.id.bytes(), as_bytes(record.owner));
  ASSERT_TRUE(issuer && owner);
  store::Change change{
      .grant = store::k_grant_all,
      .apply = [&](store::Tx& tx) -> Result<store::Journal> {
        PROBITY_CHECK(tx.run(sql::attest::insert_evidence,
                             {tenant.id, record.id, record.kind, record.sha256, record.issued_at,
                              record.expires_at, record.filed_at, *issuer, *owner}));
        return store::Journal{};
      },
      .on_refusal = {}};
  ASSERT_TRUE(shop.store.engine->apply(store::Space::of(tenant.id), std::move(change)));
}

TEST_P(EvidenceOn, IsReadBackInTheOrderOfFiling) {
  Workshop shop(GetParam());
  const auto tenant = shop.make_operator();
  for (int i = 0; i < 3; ++i)
    file(shop, tenant,
         {.kind = "k" + std::to_string(i),
          .sha256 = crypto::sha256(as_bytes("x")),
          .issued_at = k_now,
          .expires_at = k_now + Span::days(30),
          .filed_at = k_now + Span::seconds(i),
          .issuer = "Auditor & Söhne",
          .owner = "Ada"});
  const auto cipher = *shop.store.engine->cipher(store::Space::of(tenant.id));
  const auto reader = *shop.store.engine->read(store::Space::of(tenant.id), store::k_grant_all);
  const auto all = list_evidence(*reader, *cipher, EvidenceId(), 10);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(all->at(0).kind, "k0");
  EXPECT_EQ(all->at(2).issuer, "Auditor & Söhne");
  EXPECT_EQ(all->at(2).expires_at, k_now + Span::days(30));
  const auto rest = list_evidence(*reader, *cipher, all->at(0).id, 1);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().kind, "k1");
}

TEST_P(EvidenceOn, TurnsItsSentenceGreenUntilItEnds) {
  Workshop shop(GetParam());
  const auto tenant = shop.make_operator();
  const Catalogue catalogue = *load_catalogue();
  const Promise* promise = promise_by_evidence(catalogue, false);
  ASSERT_NE(promise, nullptr);
  SigningDesk desk = *SigningDesk::open(*shop.store.engine, shop.store.clock);
  Shelf shelf(*shop.store.engine, "build 1");
  Runner runner(shelf, shop.store.clock, shop.store.log, {});
  Publisher publisher(
      {*shop.store.engine, shop.store.clock, shop.store.log, catalogue, shelf, runner, desk});
  const auto status = [&] {
    const auto edition = publisher.current();
    EXPECT_TRUE(edition);
    for (const Standing& standing : (*edition)->standings)
      if (standing.promise->id == promise->id) return standing.status;
    return Status::NotBuilt;
  };
  EXPECT_EQ(status(), Status::Unknown);
  file(shop, tenant,
       {.kind = promise->evidence_kind,
        .sha256 = crypto::sha256(as_bytes("x")),
        .issued_at = k_now - Span::days(1),
        .expires_at = k_now + Span::days(30),
        .filed_at = k_now,
        .issuer = "Auditor",
        .owner = "Ada"});
  shop.store.clock.set(k_now + Span::seconds(5));
  EXPECT_EQ(status(), Status::Held);
  shop.store.clock.set(k_now + Span::days(30) - Span::seconds(1));
  EXPECT_EQ(status(), Status::Held);
  shop.store.clock.set(k_now + Span::days(30) + Span::seconds(1));
  EXPECT_EQ(status(), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
