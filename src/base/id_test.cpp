#include "base/id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

namespace probity {
namespace {

const Instant k_now = Instant::from_us(1'767'225'600'123'456);

std::uint64_t prefix_ms(const RawId& id) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8U | id.bytes[i];
  return ms;
}

TEST(RawId, BeginsWithItsMillisecond) {
  EXPECT_EQ(prefix_ms(make_raw_id(k_now)), 1'767'225'600'123U);
}

TEST(RawId, HourlyOnesTellTheHourOnly) {
  const Instant late = k_now + Span::minutes(59) + Span::seconds(59);
  EXPECT_EQ(prefix_ms(make_raw_hourly_id(k_now)), 1'767'225'600'000U);
  EXPECT_EQ(prefix_ms(make_raw_hourly_id(late)), 1'767'225'600'000U);
  EXPECT_EQ(prefix_ms(make_raw_hourly_id(k_now + Span::hours(1))), 1'767'229'200'000U);
}

TEST(RawId, SortsByArrivalAlsoAsText) {
  RawId before = make_raw_id(k_now);
  for (int i = 1; i < 1000; ++i) {
    const RawId next = make_raw_id(k_now + Span::millis(i));
    EXPECT_LT(before, next);
    EXPECT_LT(raw_id_text(before), raw_id_text(next));
    before = next;
  }
}

TEST(RawId, NeverComesTwiceOverAllThreads) {
  constexpr std::size_t k_each = 5000;
  std::vector<std::vector<RawId>> made(6);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made)
      threads.emplace_back([&mine] {
        for (std::size_t i = 0; i < k_each; ++i)
          mine.push_back(make_raw_id(k_now));
      });
  }
  std::set<RawId> seen;
  for (const auto& mine : made)
    seen.insert(mine.begin(), mine.end());
  EXPECT_EQ(seen.size(), k_each * made.size());
}

TEST(RawId, TextComesBack) {
  for (int i = 0; i < 1000; ++i) {
    const RawId id = make_raw_id(k_now);
    const std::string text = raw_id_text(id);
    EXPECT_EQ(text.size(), 26U);
    EXPECT_EQ(parse_raw_id(text), id);
  }
  RawId least;
  RawId greatest;
  greatest.bytes.fill(0xff);
  EXPECT_EQ(raw_id_text(least), std::string(26, '0'));
  EXPECT_EQ(raw_id_text(greatest), "7" + std::string(25, 'z'));
  EXPECT_EQ(parse_raw_id(raw_id_text(greatest)), greatest);
}

TEST(RawId, HasOneSpellingOnly) {
  const std::string good = raw_id_text(make_raw_id(k_now));
  EXPECT_FALSE(parse_raw_id(""));
  EXPECT_FALSE(parse_raw_id(good.substr(1)));
  EXPECT_FALSE(parse_raw_id(good + "0"));
  EXPECT_FALSE(parse_raw_id("8" + std::string(25, '0')));  // 129 bits.
  for (const char c : {'i', 'l', 'o', 'u', 'A', 'Z', '-', ' ', '\0'}) {
    std::string bad = good;
    bad[5] = c;
    EXPECT_FALSE(parse_raw_id(bad)) << c;
  }
}

TEST(Id, CarriesItsKind) {
  const SurveyId id = SurveyId::make(k_now);
  EXPECT_TRUE(id.text().starts_with("sur_"));
  EXPECT_EQ(SurveyId::parse(id.text()), id);
  EXPECT_FALSE(TenantId::parse(id.text()));
  EXPECT_FALSE(SurveyId::parse(id.text().substr(4)));
  EXPECT_FALSE(SurveyId::parse("sur_"));
}

TEST(Id, ComesBackFromSixteenBytesOnly) {
  const TenantId id = TenantId::make(k_now);
  EXPECT_EQ(TenantId::from_bytes(id.bytes()), id);
  EXPECT_FALSE(TenantId::from_bytes(id.bytes().first(15)));
  EXPECT_FALSE(TenantId::from_bytes(Bytes(17)));
  EXPECT_FALSE(TenantId::from_bytes({}));
}

TEST(Id, NilIsTheDefaultOnly) {
  EXPECT_TRUE(UserId().is_nil());
  EXPECT_FALSE(UserId::make(k_now).is_nil());
}

TEST(Id, HashesByItsRandomTail) {
  std::unordered_set<ResponseId> seen;
  std::set<std::size_t> hashes;
  for (int i = 0; i < 1000; ++i) {
    const ResponseId id = ResponseId::make_hourly(k_now);
    seen.insert(id);
    hashes.insert(std::hash<ResponseId>{}(id));
  }
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(hashes.size(), 1000U);
}

}  // namespace
}  // namespace probity
