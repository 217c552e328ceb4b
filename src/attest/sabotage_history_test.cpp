#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"

namespace probity::attest {
namespace {

/// Three versions, each with another sentence held.
struct History {
  Workshop shop;
  Catalogue catalogue = *load_catalogue();
  SigningDesk desk = *SigningDesk::open(*shop.store.engine, shop.store.clock);
  std::vector<StoredVersion> versions;

  History() {
    Predecessor previous;
    for (std::int64_t number = 1; number <= 3; ++number) {
      auto standings = judge(catalogue, {}, shop.store.clock.now());
      standings[static_cast<std::size_t>(number)].status = Status::Held;
      StoredVersion version;
      version.document = signed_statement({.catalogue = catalogue,
                                           .standings = standings,
                                           .now = shop.store.clock.now(),
                                           .version = number,
                                           .previous = previous},
                                          desk);
      version.line = {number, shop.store.clock.now(), crypto::sha256(as_bytes(version.document))};
      if (!versions.empty())
        version.changes = *differences(versions.back().document, version.document);
      previous = {number, version.line.digest};
      versions.push_back(std::move(version));
      shop.store.clock.advance(Span::hours(1));
    }
  }
  [[nodiscard]] Finding run() {
    HistorySubject subject;
    subject.keys = desk.published();
    subject.versions = [this]() -> Result<std::vector<VersionLine>> {
      std::vector<VersionLine> lines;
      for (const StoredVersion& version : versions)
        lines.push_back(version.line);
      return lines;
    };
    subject.version = [this](std::int64_t number) -> Result<StoredVersion> {
      for (const StoredVersion& version : versions)
        if (version.line.number == number) return version;
      return fail(Code::NotFound);
    };
    return run_probe(history_probes(shop.ground, std::move(subject)), "statement.versions_dated");
  }
};

TEST(HistoryProbe, HoldsOnAWholeHistory) {
  History history;
  EXPECT_STATUS(history.run(), Status::Held);
}

TEST(HistoryProbe, IsUnknownBeforeTheFirstVersion) {
  History history;
  history.versions.clear();
  EXPECT_STATUS(history.run(), Status::Unknown);
}

TEST(HistoryProbe, SeesAMissingVersion) {
  History history;
  history.versions.erase(history.versions.begin() + 1);
  EXPECT_STATUS(history.run(), Status::Broken);
}

TEST(HistoryProbe, SeesASentenceChangedAfterwards) {
  History history;
  std::string& document = history.versions[1].document;
  const std::size_t at = document.find("\"status\":\"held\"");
  ASSERT_NE(at, std::string::npos);
  document.replace(at, 15, "\"status\":\"off\"");
  EXPECT_STATUS(history.run(), Status::Broken);
  // Also when the digest was adapted: then the signature does not fit.
  history.versions[1].line.digest = crypto::sha256(as_bytes(document));
  EXPECT_STATUS(history.run(), Status::Broken);
}

TEST(HistoryProbe, SeesAVersionWithoutDateOrOutOfOrder) {
  History undated;
  undated.versions[0].line.effective_at = Instant();
  EXPECT_STATUS(undated.run(), Status::Broken);
  History future;
  future.versions[2].line.effective_at = future.shop.store.clock.now() + Span::days(1);
  EXPECT_STATUS(future.run(), Status::Broken);
}

TEST(HistoryProbe, SeesADifferenceThatIsNotTold) {
  History history;
  history.versions[2].changes.clear();
  EXPECT_STATUS(history.run(), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
