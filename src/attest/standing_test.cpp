#include "attest/standing.hpp"

#include <gtest/gtest.h>

namespace probity::attest {
namespace {

constexpr Instant k_now = Instant::from_s(1'800'000'000);

Catalogue small() {
  Catalogue catalogue;
  catalogue.promises.push_back(
      {.id = "p-a", .clauses = {}, .probe = "a.b", .is_built = true, .evidence_max_days = {}});
  catalogue.promises.push_back({.id = "p-b", .clauses = {}, .evidence_max_days = {}});
  catalogue.promises.push_back({.id = "p-c",
                                .clauses = {},
                                .method = Method::Evidence,
                                .is_built = true,
                                .evidence_kind = "iso-27001",
                                .evidence_max_days = 100});
  return catalogue;
}

Status status_of(const Measured& measured, std::size_t index, Instant now = k_now) {
  const Catalogue catalogue = small();
  return judge(catalogue, measured, now)[index].status;
}

Measured measured_with(Status status, Instant checked, Instant due) {
  Measured measured;
  measured.probes.insert("a.b");
  measured.results["a.b"] = {"a.b", {status, "{}"}, checked, due};
  return measured;
}

EvidenceRecord record(Instant issued, Instant expires) {
  EvidenceRecord record;
  record.kind = "iso-27001";
  record.issued_at = issued;
  record.expires_at = expires;
  record.filed_at = issued;
  record.issuer = "An auditor";
  return record;
}

TEST(Standing, IsNotBuiltWithoutAProbe) {
  EXPECT_EQ(status_of({}, 0), Status::NotBuilt) << "named in the catalogue, not registered";
  EXPECT_EQ(status_of({}, 1), Status::NotBuilt);
}

TEST(Standing, IsUnknownBeforeTheFirstMeasurement) {
  Measured measured;
  measured.probes.insert("a.b");
  EXPECT_EQ(status_of(measured, 0), Status::Unknown);
}

TEST(Standing, IsGreenUntilTheMeasurementIsOverdue) {
  const Measured measured = measured_with(Status::Held, k_now, k_now + Span::hours(1));
  EXPECT_EQ(status_of(measured, 0), Status::Held);
  EXPECT_EQ(status_of(measured, 0, k_now + Span::hours(1) - Span::seconds(1)), Status::Held);
  EXPECT_EQ(status_of(measured, 0, k_now + Span::hours(1)), Status::Unknown);
  EXPECT_EQ(status_of(measured, 0, k_now + Span::hours(1) + Span::seconds(1)), Status::Unknown);
  EXPECT_EQ(status_of(measured, 0, k_now - Span::hours(1)), Status::Unknown) << "the clock is back";
}

TEST(Standing, StaysBrokenUntilAMeasurementSucceeds) {
  const Measured measured = measured_with(Status::Broken, k_now, k_now + Span::hours(1));
  EXPECT_EQ(status_of(measured, 0), Status::Broken);
  EXPECT_EQ(status_of(measured, 0, k_now + Span::days(1)), Status::Broken);
}

TEST(Standing, ByEvidenceIsUnknownThenHeldThenBroken) {
  EXPECT_EQ(status_of({}, 2), Status::Unknown);
  Measured measured;
  measured.evidence.push_back(record(k_now, k_now + Span::days(50)));
  EXPECT_EQ(status_of(measured, 2), Status::Held);
  EXPECT_EQ(status_of(measured, 2, k_now + Span::days(50) - Span::seconds(1)), Status::Held);
  EXPECT_EQ(status_of(measured, 2, k_now + Span::days(50)), Status::Broken);
  measured.evidence.push_back(record(k_now, k_now + Span::days(400)));
  EXPECT_EQ(status_of(measured, 2, k_now + Span::days(50)), Status::Held) << "the longer one";
  EXPECT_EQ(status_of(measured, 2, k_now + Span::days(100)), Status::Broken) << "too old";
}

TEST(Standing, WarnsThirtyDaysBeforeEvidenceEnds) {
  const Catalogue catalogue = small();
  Measured measured;
  measured.evidence.push_back(record(k_now, k_now + Span::days(40)));
  const auto warns = [&](Instant now) {
    return judge(catalogue, measured, now)[2].evidence_json.find("expires_soon") !=
           std::string::npos;
  };
  EXPECT_FALSE(warns(k_now + Span::days(10) - Span::seconds(1)));
  EXPECT_TRUE(warns(k_now + Span::days(10)));
  EXPECT_TRUE(warns(k_now + Span::days(39)));
}

TEST(Counts, AddUpToTheSentences) {
  const Catalogue catalogue = small();
  const Counts counts =
      count(judge(catalogue, measured_with(Status::Held, k_now, k_now + Span::hours(1)), k_now));
  EXPECT_EQ(counts.held, 1);
  EXPECT_EQ(counts.not_built, 1);
  EXPECT_EQ(counts.unknown, 1);
  EXPECT_EQ(counts.broken + counts.off, 0);
}

}  // namespace
}  // namespace probity::attest
