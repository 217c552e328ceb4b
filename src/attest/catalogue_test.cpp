#include "attest/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "embedded/catalogue_json.hpp"

namespace probity::attest {
namespace {

std::string with(std::string_view from, std::string_view to) {
  std::string text(embedded::catalogue_json);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Catalogue, HoldsEveryClauseAndCoversIt) {
  const auto catalogue = load_catalogue();
  ASSERT_TRUE(catalogue) << catalogue.error().detail;
  EXPECT_EQ(catalogue->clauses.size(), k_clause_count);
  EXPECT_TRUE(std::ranges::is_sorted(catalogue->clauses));
  for (const std::string& clause : catalogue->clauses)
    EXPECT_TRUE(std::ranges::any_of(catalogue->promises, [&](const Promise& promise) {
      return std::ranges::find(promise.clauses, clause) != promise.clauses.end();
    })) << clause;
  EXPECT_TRUE(catalogue->limits.front().starts_with("Absolute security"));
}

TEST(Catalogue, RefusesOneThatIsNotWhole) {
  EXPECT_FALSE(parse_catalogue("{}"));
  EXPECT_FALSE(parse_catalogue("[]"));
  EXPECT_FALSE(parse_catalogue("no"));
  EXPECT_FALSE(parse_catalogue(with("\"MW-01\": {", "\"MW-99\": {")));
  EXPECT_FALSE(parse_catalogue(with("Absolute security does", "Security does")));
  EXPECT_FALSE(parse_catalogue(with("\"method\": \"LIVE\"", "\"method\": \"HOPE\"")));
  EXPECT_FALSE(parse_catalogue(with("\"chapter\": \"transit\"", "\"chapter\": \"transport\"")));
  EXPECT_FALSE(parse_catalogue(with("\"p-statement-limits\"", "\"p-statement-complete\"")));
  EXPECT_FALSE(parse_catalogue(with("\"built\": true", "\"built\": false")));
  EXPECT_TRUE(parse_catalogue(embedded::catalogue_json));
}

}  // namespace
}  // namespace probity::attest
