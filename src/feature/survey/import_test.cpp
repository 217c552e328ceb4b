#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "base/text.hpp"
#include "feature/survey/sheet.hpp"
#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

class Importing : public SurveyRoom {
 protected:
  Reply import(const std::string& query, std::string body, const std::string& type = "text/csv",
               const std::string& coding = "") {
    Sent sent{.method = "POST",
              .target = "/api/v1/surveys/import" + query,
              .body = std::move(body),
              .headers = {{"content-type", type}}};
    if (!coding.empty()) sent.headers["content-encoding"] = coding;
    return send(sent);
  }
};

TEST_P(Importing, MakesChoicesOfFewValuesAndCommentsOfMany) {
  std::string csv = "Colour,Note\n";
  for (int i = 0; i < 30; ++i)
    csv += fmt::format("{},note {}\n", i % 2 ? "red" : " blue ", i);
  const Reply reply = import("?title=Paint", csv);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.at("/imported"), "30");
  EXPECT_EQ(reply.text("/questions/0/type"), "radiogroup");
  EXPECT_EQ(reply.text("/questions/1/type"), "comment");
  const Reply report = get("/api/v1/surveys/" + reply.text("/survey/id") + "/report");
  EXPECT_EQ(report.at("/questions/0/counts"), R"({"blue":15,"red":15})");
  EXPECT_EQ(report.at("/questions/1/answered"), "30");
}

TEST_P(Importing, SeveralLinesInACellAreAValueLikeAnother) {
  const Reply reply = import("?dry_run=true", "Why?,Team\n\"One.\nTwo.\",A\nShort,B\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("/questions/0/type"), "radiogroup");
  EXPECT_EQ(reply.at("/questions/0/counts"), R"({"One.\nTwo.":1,"Short":1})");
}

TEST_P(Importing, ColumnsThatTellWhoAnsweredAreNamed) {
  const Reply reply =
      import("?dry_run=true",
             "Name,Reach you at,Age\nAnn B,ann@example.org,30\nCarl D,c@example.org,30\n"
             "Eve F,,31\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("/questions/0/identifies"), "name");
  EXPECT_EQ(reply.text("/questions/1/identifies"), "email");
  EXPECT_EQ(reply.at("/questions/2").find("identifies"), std::string::npos);
}

TEST_P(Importing, TwentyValuesAreChoicesAndTwentyOneAreNot) {
  for (const int values : {20, 21}) {
    std::string csv = "V,W\n";
    for (int i = 0; i < values; ++i)
      csv += fmt::format("v{},w\n", i);
    const Reply reply = import("?dry_run=true", csv);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.text("/questions/0/type"), values == 20 ? "radiogroup" : "comment");
  }
  EXPECT_EQ(get("/api/v1/surveys").at("/items"), "[]");
}

TEST_P(Importing, RefusesRaggedRowsByLine) {
  const Reply reply = import("", "A,B\n1,2\n3\n4,5,6\n\n7,8\n");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.at("/imported"), "2");
  EXPECT_EQ(reply.at("/refused/0/row"), "3");
  EXPECT_EQ(reply.at("/refused/1/row"), "4");
  EXPECT_EQ(reply.at("/refused_count"), "2");
}

TEST_P(Importing, OnlyEmptyCellsAreMissingUnlessMoreAreNamed) {
  const std::string csv = "A,B\n-,x\nyes,x\n,x\nN/A,x\n";
  const Reply plain = import("", csv);
  EXPECT_EQ(
      get("/api/v1/surveys/" + plain.text("/survey/id") + "/report").at("/questions/0/answered"),
      "3");
  const Reply named = import("?missing=-&missing=N/A", csv);
  EXPECT_EQ(
      get("/api/v1/surveys/" + named.text("/survey/id") + "/report").at("/questions/0/counts"),
      R"({"yes":1})");
}

TEST_P(Importing, SecondHeaderRowNamesPartsUnlessItSaysResponse) {
  const Reply reply = import("?header_rows=2&dry_run=1",
                             "One,Two,Three,\nResponse,Open-Ended Response,Part,Alone\n1,2,3,4\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("/questions/0/title"), "One");
  EXPECT_EQ(reply.text("/questions/1/title"), "Two");
  EXPECT_EQ(reply.text("/questions/2/title"), "Three - Part");
  EXPECT_EQ(reply.text("/questions/3/title"), "Alone");
}

TEST_P(Importing, JoinsColumnsWithASharedBeginning) {
  const std::string csv =
      "Id,Pets? - Cat,Pets? - Dog,Pets? - Fish,Rate it - Price,Rate it - Taste\n"
      "1,Cat,Dog,,Good,Bad\n2,,Dog,,Bad,Bad\n3,,,,Good,\n";
  const Reply reply = import("", csv);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.text("/questions/1/type"), "checkbox");
  EXPECT_EQ(reply.text("/questions/1/title"), "Pets?");
  EXPECT_EQ(reply.at("/questions/1/columns"), "[1,2,3]");
  EXPECT_EQ(reply.at("/questions/1/counts"), R"({"Cat":1,"Dog":2,"Fish":0})");
  EXPECT_EQ(reply.at("/questions/1/answered"), "2");
  EXPECT_EQ(reply.text("/questions/2/type"), "matrix");
  EXPECT_EQ(reply.at("/questions/2/rows"), R"(["Price","Taste"])");
  const Reply report = get("/api/v1/surveys/" + reply.text("/survey/id") + "/report");
  EXPECT_EQ(report.at("/questions/1/counts"), R"({"Cat":1,"Dog":2,"Fish":0})");
  EXPECT_EQ(report.at("/questions/2/parts/1/counts"), R"({"Good":0,"Bad":2})");
  EXPECT_EQ(import("?joined=false&dry_run=true", csv).at("/questions/5/columns"), "[5]");
}

TEST_P(Importing, JoinsBelowOneHeadingAndByNumberedNames) {
  const Reply below = import("?header_rows=2&dry_run=1",
                             "Seen?,,,Fan?\nOne,Two,Three,Response\nOne,,Three,Yes\n,,,No\n");
  ASSERT_EQ(below.status, 200) << below.body;
  EXPECT_EQ(below.text("/questions/0/title"), "Seen?");
  EXPECT_EQ(below.at("/questions/0/counts"), R"({"One":1,"Two":0,"Three":1})");
  EXPECT_EQ(below.text("/questions/1/title"), "Fan?");
  const Reply numbered = import("?dry_run=1",
                                "q4_0001,q4_0002,weight\nFather,Not selected,0.5\n"
                                "Father,Mother,1.25\n");
  EXPECT_EQ(numbered.text("/questions/0/title"), "q4");
  EXPECT_EQ(numbered.at("/questions/0/counts"), R"({"Father":2,"Mother":1})");
  const Reply marked = import("?dry_run=1", "Why? [Price],Why? [Taste]\n1,0\n0,0\n");
  EXPECT_EQ(marked.at("/questions/0/counts"), R"({"Price":1,"Taste":0})");
  const Reply empty = import("?dry_run=1", "Films,,\nStar,Wars,x\n,Wars,y\n");
  EXPECT_EQ(empty.at("/questions/0/counts"), R"({"Star":1,"Wars":2})");
}

TEST_P(Importing, LeavesColumnsAloneWhoseValuesShowNothingInCommon) {
  const Reply reply = import("?dry_run=1",
                             "A - Age,A - Town,A - Note,b_1,b_2\n"
                             "31,York,x,yes,red\n45,Leeds,y,no,blue\n52,Hull,z,no,red\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(reply.at(fmt::format("/questions/{}/columns", i)), fmt::format("[{}]", i));
}

TEST_P(Importing, ManyWeightsAreNumbers) {
  std::string csv = "Colour,weight\n";
  for (int i = 0; i < 30; ++i)
    csv += fmt::format("red,{}\n", 0.5 + i / 100.0);
  const Reply reply = import("", csv);
  EXPECT_EQ(reply.text("/questions/1/type"), "text");
  EXPECT_EQ(reply.text("/questions/1/input"), "number");
}

TEST_P(Importing, ReadsWhatOtherProgramsMakeOfATable) {
  const auto counts = [&](const std::string& csv) {
    const Reply reply = import("?dry_run=1", csv);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.at("/questions/1/counts");
  };
  EXPECT_EQ(counts("Name;Mark\nA;1,5\nB;2,5\n"), R"({"1,5":1,"2,5":1})");
  EXPECT_EQ(counts("sep=;\nName;Mark\nA;\"1;5\"\n"), R"({"1;5":1})");
  EXPECT_EQ(counts("Name\tMark\nA\t1\n"), R"({"1":1})");
  EXPECT_EQ(counts("\xef\xbb\xbfName,Mark,,\r\nA,1,,\r\nB,1\t,,,\r\n"), R"({"1":2})");
  const Reply machine = import("?header_rows=3&dry_run=1",
                               "Q1_1,Q1_2\nWhy? - Selected Choice - Price,"
                               "Why? - Selected Choice - Taste\n"
                               "\"{\"\"ImportId\"\":\"\"QID1_1\"\"}\","
                               "\"{\"\"ImportId\"\":\"\"QID1_2\"\"}\"\nPrice,\n,Taste\n");
  ASSERT_EQ(machine.status, 200) << machine.body;
  EXPECT_EQ(machine.text("/questions/0/title"), "Why?");
  EXPECT_EQ(machine.at("/questions/0/counts"), R"({"Price":1,"Taste":1})");
}

TEST_P(Importing, RefusesWhatItCannotRead) {
  EXPECT_EQ(import("", "A,B\n1,\"2\n").code, "bad_request");
  EXPECT_EQ(import("", "").code, "bad_request");
  EXPECT_EQ(import("", "A,B\n").code, "bad_request");
  EXPECT_EQ(import("", "A\n1\n", "text/plain").code, "unsupported_media_type");
  EXPECT_EQ(import("", "A\n1\n", "text/csv", "br").code, "unsupported_media_type");
  EXPECT_EQ(import("?header_rows=4", "A\n1\n").code, "bad_request");
  EXPECT_EQ(import("?joined=perhaps", "A\n1\n").code, "bad_request");
  std::string wide = "a";
  for (int i = 0; i < 500; ++i)
    wide += ",b";
  EXPECT_EQ(import("", wide + "\n" + wide + "\n").code, "limit_exceeded");
  EXPECT_EQ(get("/api/v1/surveys").at("/items"), "[]");
}

TEST_P(Importing, SurveyJsDocumentBecomesADraft) {
  const Reply reply = import("", std::string(k_simple_questionnaire), "application/json");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.text("/survey/status"), "draft");
  EXPECT_EQ(reply.at("/imported"), "0");
  EXPECT_EQ(reply.text("/questions/0/name"), "food");
}

// ------------------------------------------------------------------------------------------------
// Real surveys, where they are at hand: every line of the facts about one column is met.

std::filesystem::path shared_surveys() {
  const char* named = std::getenv("PROBITY_SHARED");
  const std::filesystem::path root =
      named != nullptr ? named : std::filesystem::path(PROBITY_SOURCE_DIR) / ".." / "shared";
  return root / "data";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

struct Fact {
  std::size_t column = 0;
  std::string title;
  std::string answered;
  std::string blank;
  std::map<std::string, std::string> counts;
};

struct Source {
  std::string path;
  int header_rows = 1;
  std::string rows;
  std::vector<Fact> facts;
};

/// Facts of one line: `value`=count; `value`=count
std::map<std::string, std::string> counts_of(std::string_view text) {
  std::map<std::string, std::string> counts;
  std::size_t at = 0;
  while ((at = text.find('`', at)) != std::string_view::npos) {
    const std::size_t end = text.find("`=", at + 1);
    if (end == std::string_view::npos) break;
    std::size_t digits = end + 2;
    while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])))
      ++digits;
    const std::string value(trim(text.substr(at + 1, end - at - 1)));
    if (value != "(blank)") counts[value] = text.substr(end + 2, digits - end - 2);
    at = digits;
  }
  return counts;
}

/// What stands between `before` and `after` in a line; empty when either is missing.
std::string between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t begin = line.find(before);
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin + before.size());
  return std::string(line.substr(0, line.find(after)));
}

std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> whole;
  for (const std::string_view line : split(text, '\n')) {
    // A value may hold a line end; what does not begin like a line belongs to the one before.
    const bool is_new = line.empty() || line.starts_with("- ") || line.starts_with("#");
    if (is_new || whole.empty())
      whole.emplace_back(line);
    else
      whole.back() += "\n" + std::string(line);
  }
  return whole;
}

Fact fact_of(const std::string& line) {
  Fact fact;
  fact.column = static_cast<std::size_t>(parse_int(between(line, "- Q col ", " ")).value_or(0));
  const std::size_t tail = line.find("\": answered ");
  fact.title = between(line.substr(0, tail), " \"", "\n");
  fact.answered = between(line.substr(tail), "answered ", ",");
  fact.blank = between(line.substr(tail), "blank ", ";");
  fact.counts = counts_of(std::string_view(line).substr(tail));
  return fact;
}

std::vector<Source> sources_of(const std::string& truth) {
  std::vector<Source> sources;
  for (const std::string& line : whole_lines(truth)) {
    if (line.starts_with("#")) {
      const bool is_file =
          line.starts_with("### ") && (line.ends_with(".csv.gz") || line.ends_with(".tsv"));
      sources.push_back({is_file ? line.substr(4) : "", 1, {}, {}});
    } else if (sources.empty() || sources.back().path.empty()) {
      continue;
    } else if (line.starts_with("- Q col ")) {
      sources.back().facts.push_back(fact_of(line));
    } else if (line.starts_with("- source ")) {
      sources.back().header_rows = line.find("header rows 2") == std::string::npos ? 1 : 2;
    } else if (line.starts_with("- **respondent rows: ")) {
      sources.back().rows = between(line, "rows: ", "*");
    }
  }
  std::erase_if(sources, [](const Source& source) { return source.facts.empty(); });
  return sources;
}

/// Position of the question a column became part of.
std::size_t question_of(const boost::json::value& imported, std::size_t column) {
  const auto& questions = imported.at("questions").as_array();
  for (std::size_t i = 0; i < questions.size(); ++i)
    for (const auto& one : questions[i].at("columns").as_array())
      if (one.to_number<std::size_t>() == column) return i;
  ADD_FAILURE() << "no question for column " << column;
  return 0;
}

void expect_fact(const boost::json::value& imported, const boost::json::value& report,
                 const Fact& fact) {
  const std::size_t position = question_of(imported, fact.column);
  const auto& question = report.at("questions").as_array()[position];
  const auto count_of = [&](const std::string& value) {
    const auto* found = question.at("counts").as_object().if_contains(value);
    return found == nullptr ? std::string("none") : boost::json::serialize(*found);
  };
  if (question.at("type") == "checkbox") {
    // A line about one column of a joined question is met by that option's count.
    for (const auto& [value, count] : fact.counts)
      EXPECT_EQ(count_of(value), value == "Not selected" ? "none" : count) << fact.title;
    return;
  }
  EXPECT_EQ(boost::json::serialize(question.at("answered")), fact.answered) << fact.title;
  EXPECT_EQ(boost::json::serialize(question.at("blank")), fact.blank) << fact.title;
  if (question.at("type") != "radiogroup") return;
  for (const auto& [value, count] : fact.counts)
    EXPECT_EQ(count_of(value), count) << fact.title << ": " << value;
}

TEST_P(Importing, RealSurveysReportWhatIsKnownOfThem) {
  const std::string truth = read_file(shared_surveys() / "TRUTH.md");
  if (truth.empty()) GTEST_SKIP() << "no known surveys beside the checkout (PROBITY_SHARED)";
  const std::vector<Source> sources = sources_of(truth);
  EXPECT_FALSE(sources.empty());
  std::size_t facts = 0;
  for (const Source& source : sources) {
    const std::string bytes = read_file(shared_surveys() / "surveys" / source.path);
    if (bytes.empty()) continue;
    const bool is_tabbed = source.path.ends_with(".tsv");
    const Reply reply = import(fmt::format("?header_rows={}", source.header_rows), bytes,
                               is_tabbed ? "text/tab-separated-values" : "text/csv",
                               source.path.ends_with(".gz") ? "gzip" : "");
    ASSERT_EQ(reply.status, 201) << source.path << reply.body.substr(0, 500);
    EXPECT_EQ(reply.at("/imported"), source.rows) << source.path << reply.at("/refused");
    const Reply report = get("/api/v1/surveys/" + reply.text("/survey/id") + "/report");
    ASSERT_EQ(report.status, 200) << source.path;
    const auto imported = parse_json(reply.body, {32, 64 * 1024 * 1024});
    const auto counted = parse_json(report.body, {32, 64 * 1024 * 1024});
    ASSERT_TRUE(imported && counted);
    for (const Fact& fact : source.facts)
      expect_fact(*imported, *counted, fact);
    facts += source.facts.size();
  }
  RecordProperty("facts", static_cast<int>(facts));
  std::printf("[ FACTS    ] %zu in %zu files\n", facts, sources.size());
}

TEST_P(Importing, SameAnswersSubmittedOneByOneGiveTheSameReport) {
  const std::string bytes = read_file(shared_surveys() / "surveys/star-wars/StarWars.csv.gz");
  if (bytes.empty()) GTEST_SKIP() << "no known surveys beside the checkout (PROBITY_SHARED)";
  const Reply imported = import("?header_rows=2", bytes, "text/csv", "gzip");
  const std::string id = imported.text("/survey/id");
  const Made made = make(get("/api/v1/surveys/" + id).at("/questionnaire"));
  std::string after;
  int sent = 0;
  do {
    const Reply page = get("/api/v1/surveys/" + id + "/responses?limit=500" + after);
    const auto json = parse_json(page.body, {32, 64 * 1024 * 1024});
    ASSERT_TRUE(json);
    for (const auto& item : json->at("items").as_array()) {
      const Reply stored = submit(made.token, boost::json::serialize(item.at("answers")));
      ASSERT_EQ(stored.status, 201) << stored.body;
      ++sent;
    }
    after = page.text("/next").empty() ? "" : "&after=" + page.text("/next");
  } while (!after.empty());
  EXPECT_EQ(sent, 1186);
  EXPECT_EQ(get("/api/v1/surveys/" + id + "/report").at("/questions"),
            get("/api/v1/surveys/" + made.id + "/report").at("/questions"));
}

INSTANTIATE_TEST_SUITE_P(Engines, Importing, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
