#include "feature/survey/identifying.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace probity::survey {
namespace {

Identifying judged(std::string_view heading, const std::vector<std::string>& cells,
                   std::size_t distinct = 10) {
  IdentifyingCells seen;
  for (const std::string& cell : cells)
    seen.add(cell);
  return seen.judge(heading, distinct, cells.size());
}

TEST(Identifying, TellsAddressesAndNumbersByHalfOfTheCells) {
  EXPECT_EQ(judged("Q1", {"ann@example.org", "b.c@mail.example", "none", "?"}), Identifying::Email);
  EXPECT_EQ(judged("Q1", {"ann@example.org", "none", "?"}), Identifying::Nothing);
  EXPECT_EQ(judged("Q1", {"+41 44 555 01 23", "044 555 01 23", "(212) 555-0123", "0170/5550123"}),
            Identifying::Phone);
  EXPECT_EQ(judged("Q1", {"192.0.2.7", "2001:db8::1", "198.51.100.20"}), Identifying::Network);
  EXPECT_EQ(judged("Q1", {}), Identifying::Nothing);
}

TEST(Identifying, TakesNoAnswerForAnAddress) {
  for (const std::string cell :
       {"2026-03-01", "01.02.2026", "03/04/2026", "0.1234567", "1234567", "0441234567", "-5",
        "12:30", "1.2.3", "10:15:00", "I wrote to ann@example.org", "@ann", "+1", "0 1 2",
        "Version 1.2.3.4"}) {
    EXPECT_EQ(judged("Q1", {cell, cell}), Identifying::Nothing) << cell;
  }
}

TEST(Identifying, TellsNamesByTheirHeadingWhereNearlyAllDiffer) {
  const std::vector<std::string> names(12, "Ann");
  for (const std::string_view heading : {"Name", " Your name:", "LAST NAME*", "Vorname", "Prénom",
                                         "Nom de famille", "Nombre y apellidos"})
    EXPECT_EQ(judged(heading, names), Identifying::Name) << heading;
  EXPECT_EQ(judged("Name", names, 6), Identifying::Nothing);
  EXPECT_EQ(judged("Name", names, 7), Identifying::Name);
  for (const std::string_view heading : {"Name of the shop", "Brand name?", "Names", ""})
    EXPECT_EQ(judged(heading, names), Identifying::Nothing) << heading;
}

}  // namespace
}  // namespace probity::survey
