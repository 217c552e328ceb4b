#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"
#include "attest/page.hpp"
#include "attest/signing.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_complete = "statement.complete_shown";

struct Press {
  Workshop shop;
  Catalogue catalogue = *load_catalogue();
  SigningDesk desk = *SigningDesk::open(*shop.store.engine, shop.store.clock);

  [[nodiscard]] StatementSubject product() {
    return {.page = statement_page,
            .document = [this](const StatementParts& p) { return signed_statement(p, desk); }};
  }
  [[nodiscard]] Finding run(StatementSubject subject) {
    return run_probe(statement_probes(shop.ground, catalogue, std::move(subject)), k_complete);
  }
};

/// The same statement without some sentences.
template <typename Drop>
std::string page_without(const StatementParts& parts, Drop drop) {
  std::vector<Standing> rest;
  for (const Standing& standing : parts.standings)
    if (!drop(standing)) rest.push_back(standing);
  return statement_page({.catalogue = parts.catalogue,
                         .standings = rest,
                         .now = parts.now,
                         .mode = parts.mode,
                         .version = parts.version});
}

TEST(StatementProbe, HoldsOnTheProduct) {
  Press press;
  EXPECT_STATUS(press.run(press.product()), Status::Held);
}

TEST(StatementProbe, SeesBrokenSentencesLeftOut) {
  Press press;
  StatementSubject subject = press.product();
  subject.page = [](const StatementParts& parts) {
    return page_without(parts, [](const Standing& s) { return s.status == Status::Broken; });
  };
  EXPECT_STATUS(press.run(std::move(subject)), Status::Broken);
}

TEST(StatementProbe, SeesAStatusThatFlatters) {
  Press press;
  StatementSubject subject = press.product();
  subject.document = [&press](const StatementParts& parts) {
    std::vector<Standing> flattered = parts.standings;
    for (Standing& standing : flattered)
      if (standing.status == Status::Unknown) standing.status = Status::Held;
    return signed_statement({.catalogue = parts.catalogue,
                             .standings = flattered,
                             .now = parts.now,
                             .mode = parts.mode,
                             .version = parts.version},
                            press.desk);
  };
  EXPECT_STATUS(press.run(std::move(subject)), Status::Broken);
}

TEST(StatementProbe, SeesAMissingLimit) {
  Press press;
  StatementSubject subject = press.product();
  Catalogue shorter = press.catalogue;
  shorter.limits.erase(shorter.limits.begin());
  subject.page = [&shorter](const StatementParts& parts) {
    return statement_page({.catalogue = shorter,
                           .standings = parts.standings,
                           .now = parts.now,
                           .mode = parts.mode,
                           .version = parts.version});
  };
  EXPECT_STATUS(press.run(std::move(subject)), Status::Broken);
}

TEST(StatementProbe, SeesAClauseThatIsDropped) {
  Press press;
  StatementSubject subject = press.product();
  const std::string dropped = press.catalogue.clauses.front();
  subject.document = [&](const StatementParts& parts) {
    Catalogue fewer = press.catalogue;
    for (Promise& promise : fewer.promises)
      std::erase(promise.clauses, dropped);
    std::vector<Standing> standings = parts.standings;
    for (std::size_t i = 0; i < standings.size(); ++i)
      standings[i].promise = &fewer.promises[i];
    return signed_statement({.catalogue = fewer,
                             .standings = standings,
                             .now = parts.now,
                             .mode = parts.mode,
                             .version = parts.version},
                            press.desk);
  };
  EXPECT_STATUS(press.run(std::move(subject)), Status::Broken);
}

TEST(StatementProbe, SeesADocumentThatIsNone) {
  Press press;
  StatementSubject subject = press.product();
  subject.document = [](const StatementParts&) { return std::string("{}"); };
  EXPECT_STATUS(press.run(std::move(subject)), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
