#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>
#include <set>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "picture/draw.hpp"
#include "picture/label.hpp"
#include "picture/picture_fixture.hpp"
#include "picture/table.hpp"

namespace probity::picture {
namespace {

/// Every number that a report's JSON tells.
std::set<double> numbers_of(const report::Report& report) {
  JsonWriter json;
  json.begin_object();
  report::write_report(json, report);
  json.end_object();
  std::set<double> out;
  // Boost's own parser may miss the nearest number by a step, and 57.5 % is then another text.
  auto parsed = parse_json(json.text());
  EXPECT_TRUE(parsed.has_value());
  std::vector<boost::json::value> open{std::move(*parsed)};
  while (!open.empty()) {
    const boost::json::value value = std::move(open.back());
    open.pop_back();
    if (value.is_number()) out.insert(value.to_number<double>());
    if (const auto* object = value.if_object())
      for (const auto& member : *object)
        open.push_back(member.value());
    if (const auto* array = value.if_array())
      for (const auto& item : *array)
        open.push_back(item);
  }
  return out;
}

/// Those numbers in all the ways pictures write them, and the ticks of their axes.
std::set<std::string> words_of(const std::set<double>& numbers) {
  std::set<std::string> out{"0 %", "25 %", "50 %", "75 %", "100 %"};
  for (const double part : {0.0625, 0.125, 0.1875, 0.375})
    out.insert(number_text(100 * part, 1) + " %");
  for (const double number : numbers) {
    out.insert(percent_text(number));
    out.insert(number_text(100 * number, 0) + " %");
    if (number >= 0)
      out.insert(fmt::format("({})", count_text(static_cast<std::uint64_t>(number))));
  }
  return out;
}

/// "34.5 %" and "(12)" in a text of a picture.
std::vector<std::string> told_by(std::string text) {
  std::vector<std::string> out;
  if (text.starts_with("\u2248")) text.erase(0, std::string_view("\u2248").size());
  if (const std::size_t bracket = text.find(" % ("); bracket != std::string::npos) {
    out.push_back(text.substr(bracket + 3));
    text.resize(bracket + 2);
  }
  if (text.ends_with(" %")) out.push_back(text);
  return out;
}

Asked random_people(std::mt19937& dice) {
  Asked asked(R"({"elements":[
    {"type":"radiogroup","name":"a","choices":["a1","a2","a3","a4","a5"]},
    {"type":"checkbox","name":"b","choices":["b1","b2","b3"]},
    {"type":"rating","name":"n","rateMin":0,"rateMax":10},
    {"type":"matrix","name":"m","columns":[1,2,3],"rows":["r1","r2"]},
    {"type":"ranking","name":"r","choices":["x","y","z"]},
    {"type":"text","name":"t","inputType":"number"}]})");
  const auto below = [&](int most) {
    return std::uniform_int_distribution<int>(0, most - 1)(dice);
  };
  const int people = 8 + below(50);
  for (int i = 0; i < people; ++i) {
    std::string json = "{";
    const auto put = [&](const std::string& member) {
      if (below(6) == 0) return;
      json += (json.size() > 1 ? "," : "") + member;
    };
    put(fmt::format(R"("a":"a{}")", 1 + below(5) * below(5) / 4));
    put(fmt::format(R"("b":["b{}"])", 1 + below(3)));
    put(fmt::format(R"("n":{})", below(11)));
    put(fmt::format(R"("m":{{"r1":{},"r2":{}}})", 1 + below(3), 1 + below(3)));
    put(below(2) == 0 ? R"("r":["x","y","z"])" : R"("r":["z","x","y"])");
    put(fmt::format(R"("t":{})", below(9)));
    asked.answer(json + "}");
  }
  return asked;
}

/// Promoters, passives and detractors as shares: made of three counts that the report tells.
void add_thirds(const report::Report& report, std::set<std::string>& words) {
  for (const report::QuestionCount& question : report.questions) {
    if (!question.nps || question.is_estimated) continue;
    const report::PromoterScore& nps = *question.nps;
    const auto all = static_cast<double>(nps.promoters + nps.passives + nps.detractors);
    for (const std::uint64_t part : {nps.promoters, nps.passives, nps.detractors})
      words.insert(number_text(100 * (static_cast<double>(part) / all), 0) + " %");
  }
}

/// How many numbers were looked at.
std::size_t check_table(const Table& table, const std::set<double>& told) {
  std::size_t seen = 0;
  for (const auto& row : table.rows) {
    for (const Cell& cell : row) {
      if (!cell.number) continue;
      EXPECT_TRUE(told.contains(*cell.number)) << *cell.number;
      ++seen;
    }
  }
  return seen;
}

void check_picture(const Picture& picture, const std::set<std::string>& words) {
  for (const Shape& shape : picture.shapes) {
    const auto* text = std::get_if<Text>(&shape);
    if (text == nullptr) continue;
    for (const std::string& one : told_by(text->text))
      EXPECT_TRUE(words.contains(one)) << one;
  }
}

// Pictures and tables are all that any writer gets, so what holds here holds for SVG, PNG, PDF, the
// workbook and pages behind links.
TEST(Told, PicturesAndTablesSayNoNumberThatTheReportDoesNot) {
  constexpr std::uint64_t k_least = 5;
  const auto seed = std::random_device()();
  std::mt19937 dice(seed);
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::size_t numbers_seen = 0;
  std::size_t groups_seen = 0;
  for (int round = 0; round < 120; ++round) {
    Asked asked = random_people(dice);
    for (const char* filter : {"", "a=a1", "a=a2", "b=b1", "n=9", "{t} >= 4", "{m.r1} = 1"}) {
      const bool is_compared = round % 3 == 0 && *filter != '\0';
      const auto& subjects = asked.look(filter, is_compared ? "a=a3" : "", k_least);
      if (!asked.reports()[0].is_shown()) {
        EXPECT_TRUE(subjects.empty());
        continue;
      }
      std::set<double> told;
      for (const report::Report& report : asked.reports())
        told.merge(numbers_of(report));
      auto words = words_of(told);
      for (const report::Report& report : asked.reports())
        add_thirds(report, words);
      groups_seen += *filter == '\0' ? 0 : 1;
      for (const Subject& subject : subjects) {
        numbers_seen += check_table(table_of(subject), told);
        check_picture(draw(subject, 640), words);
      }
    }
  }
  EXPECT_GT(numbers_seen, 1'000U);
  EXPECT_GT(groups_seen, 50U);
}

TEST(Told, PooledAnswersAreMarkedAndHaveNoCountOfTheirOwn) {
  Asked asked(R"({"elements":[
    {"type":"radiogroup","name":"a","choices":["a1","a2"]},
    {"type":"radiogroup","name":"b","choices":["b1","b2","b3"]}]})");
  for (int i = 0; i < 20; ++i)
    asked.answer(fmt::format(R"({{"a":"a{}","b":"b{}"}})", 1 + i % 2, i < 12 ? 1 : i < 17 ? 2 : 3));
  const Subject& subject = asked.look("a=a1", "", 5)[1];
  ASSERT_FALSE(subject.first->pools.empty());
  const Table table = table_of(subject);
  EXPECT_EQ(cell_text(table.rows[2][1]), "\u2013");
  EXPECT_TRUE(cell_text(table.rows[2][2]).starts_with("\u2248"));
  EXPECT_NE(table.rows.back()[0].words.find("(together)"), std::string::npos);
  const auto notes = notes_of(subject);
  EXPECT_TRUE(std::ranges::any_of(notes, [](const std::string& note) {
    return note.find("counted together") != std::string::npos;
  }));
}

}  // namespace
}  // namespace probity::picture
