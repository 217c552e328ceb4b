#include "feature/survey/report.hpp"

#include <fmt/format.h>

#include <array>

#include "feature/survey/limits.hpp"
#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

class Reporting : public SurveyRoom {
 protected:
  /// So many answers "Soup" with 9, then so many "Bread" with 3.
  Made fill(int soups, int breads) {
    const Made made = make(std::string(k_simple_questionnaire));
    for (int i = 0; i < soups; ++i)
      submit(made.token, R"({"food":"Soup","again":9})");
    for (int i = 0; i < breads; ++i)
      submit(made.token, R"({"food":"Bread","again":3})");
    return made;
  }
  Reply report(const Made& made, const std::string& query = "") {
    return get("/api/v1/surveys/" + made.id + "/report" + query);
  }
};

TEST_P(Reporting, CountsMeansAndPromoters) {
  const Reply reply = report(fill(6, 2));
  EXPECT_EQ(reply.at("/responses"), "8");
  EXPECT_EQ(reply.at("/questions/0/counts"), R"({"Soup":6,"Salad":0,"Bread":2})");
  EXPECT_EQ(reply.at("/questions/1/mean"), "7.5E0");
  EXPECT_EQ(reply.at("/questions/1/answered"), "8");
}

TEST_P(Reporting, FilteredGroupIsShownFromFiveAndNotBelow) {
  const Made made = fill(5, 5);
  EXPECT_EQ(report(made, "?filter=food%3DSoup").at("/responses"), "5");
  EXPECT_EQ(report(made, "?filter=%7Bfood%7D%20%3D%20'Bread'").at("/questions/0/counts"),
            R"({"Soup":0,"Salad":0,"Bread":5})");
  const Reply none = report(made, "?filter=food%3DSalad");
  EXPECT_EQ(none.at("/responses"), "null");
  EXPECT_EQ(none.at("/suppressed"), "true");
  const Made small = fill(4, 6);
  EXPECT_EQ(report(small, "?filter=food%3DSoup").at("/suppressed"), "true");
  // The rest would single out four.
  EXPECT_EQ(report(small, "?filter=food%3DBread").at("/suppressed"), "true");
  EXPECT_EQ(report(small).at("/responses"), "10");
}

TEST_P(Reporting, WindowIsAFilterToo) {
  const Made made = fill(5, 0);
  clock_.advance(Span::days(1));
  for (int i = 0; i < 6; ++i)
    submit(made.token, R"({"food":"Bread"})");
  EXPECT_EQ(report(made, "?from=2026-01-02").at("/responses"), "6");
  EXPECT_EQ(report(made, "?to=2026-01-02").at("/responses"), "5");
  EXPECT_EQ(report(made, "?from=2026-01-03").at("/suppressed"), "true");
  EXPECT_EQ(report(made, "?from=2025-01-01").at("/responses"), "11");
  EXPECT_EQ(report(made, "?from=soon").status, 400);
}

TEST_P(Reporting, WindowsAreWholeDaysWhereOnlyTheHourIsKnown) {
  const Made made = fill(5, 0);
  clock_.advance(Span::days(1));
  for (int i = 0; i < 6; ++i)
    submit(made.token, R"({"food":"Bread"})");
  const Reply noon = report(made, "?from=2026-01-02T12:00:00Z");
  EXPECT_EQ(noon.at("/responses"), "6");
  EXPECT_EQ(noon.text("/window/unit"), "day");
  EXPECT_EQ(noon.text("/window/from"), "2026-01-02T00:00:00.000Z");
  EXPECT_EQ(report(made, "?to=2026-01-01T00:00:01Z").text("/window/to"),
            "2026-01-02T00:00:00.000Z");
  const Made named = make(std::string(k_simple_questionnaire), "identified");
  for (int i = 0; i < 5; ++i)
    submit(named.token, R"({"food":"Soup"})");
  clock_.advance(Span::hours(1));
  for (int i = 0; i < 5; ++i)
    submit(named.token, R"({"food":"Bread"})");
  const Reply hour = report(named, "?from=2026-01-02T01:00:00Z");
  EXPECT_EQ(hour.at("/responses"), "5");
  EXPECT_EQ(hour.text("/window/unit"), "hour");
}

TEST_P(Reporting, VersionIsAGroup) {
  const Made made = fill(6, 0);
  const std::string changed = std::string(k_simple_questionnaire);
  send({.method = "PUT",
        .target = "/api/v1/surveys/" + made.id,
        .body = changed,
        .headers = {{"content-type", "application/json"}}});
  post("/api/v1/surveys/" + made.id + "/publish");
  for (int i = 0; i < 5; ++i)
    submit(made.token, R"({"food":"Salad"})");
  EXPECT_EQ(report(made, "?version=1").at("/responses"), "6");
  EXPECT_EQ(report(made, "?version=2").at("/questions/0/counts/Salad"), "5");
  EXPECT_EQ(report(made, "?version=3").status, 404);
}

/// A scale pools neighbours and a list of choices the smallest: the nine low levels of the one less
/// the six of the other would be three people.
TEST_P(Reporting, GroupsAreToldByOneVersionOfAQuestion) {
  const Made made = make(R"({"elements":[
      {"type":"rating","name":"level","rateMin":1,"rateMax":5},
      {"type":"boolean","name":"yes"}]})");
  const std::array counts{3, 6, 10, 6, 2};
  for (int level = 1; level <= 5; ++level)
    for (int i = 0; i < counts[static_cast<std::size_t>(level - 1)]; ++i)
      submit(made.token, fmt::format(R"({{"level":{},"yes":{}}})", level, i % 2 == 0));
  const std::string low = "filter=%7Blevel%7D%20%3C%203";
  EXPECT_EQ(report(made, "?" + low).at("/responses"), "9");
  send({.method = "PUT",
        .target = "/api/v1/surveys/" + made.id,
        .body = R"({"elements":[
            {"type":"radiogroup","name":"level","choices":[1,2,3,4,5]},
            {"type":"boolean","name":"yes"}]})",
        .headers = {{"content-type", "application/json"}}});
  post("/api/v1/surveys/" + made.id + "/publish");
  EXPECT_EQ(report(made, "?filter=level%3D2").at("/responses"), "6");
  EXPECT_EQ(report(made, "?version=1&" + low).at("/suppressed"), "true");
  EXPECT_EQ(report(made, "?version=1&filter=yes%3Dtrue").at("/questions/0/suppressed"), "true");
  EXPECT_EQ(report(made, "?version=1&filter=yes%3Dtrue").at("/questions/1/counts/Yes"), "14");
  EXPECT_EQ(report(made, "?version=1").at("/questions/0/answered"), "27");
}

/// Who skipped all of a matrix left out each row: seven less five would be two people.
TEST_P(Reporting, WhoLeftOutARowIsNotTheRestOfWhoSkipped) {
  const Made made = make(R"({"elements":[
      {"type":"matrix","name":"m","columns":["x","y"],"rows":["r","s","t"]},
      {"type":"boolean","name":"yes"}]})");
  for (int i = 0; i < 20; ++i)
    submit(made.token, fmt::format(R"({{"m":{{"r":"{}","s":"x","t":"y"}},"yes":true}})",
                                   i % 2 == 0 ? "x" : "y"));
  for (int i = 0; i < 2; ++i)
    submit(made.token, R"({"m":{"s":"x","t":"y"},"yes":false})");
  for (int i = 0; i < 5; ++i)
    submit(made.token, R"({"yes":true})");
  EXPECT_EQ(report(made, "?filter=%7Bm%7D%20empty").at("/responses"), "5");
  EXPECT_EQ(report(made, "?filter=%7Bm.r%7D%20empty").at("/suppressed"), "true");
  EXPECT_EQ(report(made, "?filter=%7Bm.r%7D%20notempty").at("/suppressed"), "true");
  EXPECT_EQ(report(made, "?filter=%7Bm%7D%20notempty").at("/responses"), "22");
}

TEST_P(Reporting, WeightsCountBesidePlainNumbers) {
  const Made made = make(R"({"elements":[
      {"type":"radiogroup","name":"food","choices":["Soup","Bread"]},
      {"type":"text","name":"w","inputType":"number"}]})");
  for (int i = 0; i < 9; ++i)
    submit(made.token, R"({"food":"Soup","w":1})");
  for (int i = 0; i < 6; ++i)
    submit(made.token, R"({"food":"Bread","w":0.5})");
  submit(made.token, R"({"food":"Bread"})");
  const Reply reply = report(made, "?weight=w");
  EXPECT_EQ(reply.at("/weight/n"), "16");
  EXPECT_EQ(reply.at("/weight/n_weighted"), "12");
  EXPECT_EQ(reply.at("/weight/n_effective"), "1.3714285714285714E1");
  EXPECT_EQ(reply.at("/weight/without_weight"), "1");
  EXPECT_EQ(reply.at("/questions/0/shares/0/weighted/share"), "7.5E-1");
  EXPECT_EQ(reply.at("/questions/0/counts"), R"({"Soup":9,"Bread":7})");
  EXPECT_EQ(report(made, "?weight=nobody").status, 400);
  EXPECT_EQ(report(made, "?weight=w&compare=food%3DSoup").status, 400);
}

/// The weights of one who chose something would be an answer of that one.
TEST_P(Reporting, WeightsOfAFewAreToldTogether) {
  const Made made = make(R"({"elements":[
      {"type":"radiogroup","name":"food","choices":["Soup","Salad","Bread"]},
      {"type":"text","name":"w","inputType":"number"}]})");
  for (int i = 0; i < 9; ++i)
    submit(made.token, R"({"food":"Soup","w":1})");
  for (int i = 0; i < 6; ++i)
    submit(made.token, R"({"food":"Salad","w":1})");
  submit(made.token, R"({"food":"Bread","w":3})");
  submit(made.token, R"({"food":"Bread"})");
  const Reply reply = report(made, "?weight=w");
  EXPECT_EQ(reply.at("/questions/0/counts"), R"({"Soup":9,"Salad":6,"Bread":2})");
  EXPECT_EQ(reply.at("/questions/0/shares/0/weighted/share"), "5E-1");
  // Nine of eight people: six parts of eight of it, and two.
  EXPECT_EQ(reply.at("/questions/0/shares/1/weighted/share"), "3.75E-1");
  EXPECT_EQ(reply.at("/questions/0/shares/2/weighted/share"), "1.25E-1");
  EXPECT_EQ(reply.at("/questions/0/weighted/estimated"), "true");
}

TEST_P(Reporting, TwoGroupsAreCompared) {
  const Made made = fill(12, 10);
  for (int i = 0; i < 6; ++i)
    submit(made.token, fmt::format(R"({{"food":"Soup","again":{}}})", i));
  for (int i = 0; i < 6; ++i)
    submit(made.token, fmt::format(R"({{"food":"Bread","again":{}}})", i));
  const Reply reply = report(made, "?filter=food%3DSoup&compare=food%3DBread");
  EXPECT_EQ(reply.at("/responses"), "18") << reply.body;
  EXPECT_EQ(reply.at("/compared/responses"), "16");
  EXPECT_EQ(reply.text("/comparison/tests/0/question"), "food");
  EXPECT_EQ(reply.at("/comparison/tests/0/significant"), "true");
  EXPECT_EQ(reply.at("/comparison/level"), "5E-2");
  const Reply same = report(made, "?filter=food%3DSoup&compare=%7Bagain%7D%20notempty");
  EXPECT_EQ(same.status, 400) << same.body;
  const Reply small = report(made, "?filter=food%3DSoup&compare=food%3DSalad");
  EXPECT_EQ(small.at("/compared/suppressed"), "true");
  EXPECT_EQ(small.at("/comparison"), "");
}

TEST_P(Reporting, TagChangesWithTheResponsesAndTheirSettings) {
  const Made made = fill(3, 0);
  const Reply first = report(made);
  const std::string tag = first.headers.at("etag");
  const auto again = [&](const std::string& known) {
    return send({.target = "/api/v1/surveys/" + made.id + "/report",
                 .body = {},
                 .headers = {{"if-none-match", known}}});
  };
  EXPECT_EQ(again(tag).status, 304);
  EXPECT_EQ(again(tag).body, "");
  EXPECT_EQ(again("\"other\"").status, 200);
  submit(made.token, R"({"food":"Bread"})");
  EXPECT_NE(report(made).headers.at("etag"), tag);
  EXPECT_EQ(report(made).at("/responses"), "4");
}

TEST_P(Reporting, WhoeverAsksAgainGetsAReportOfTheLastSecond) {
  const Made made = fill(3, 0);
  const std::string tag = report(made).headers.at("etag");
  submit(made.token, R"({"food":"Bread"})");
  const Sent poll{.target = "/api/v1/surveys/" + made.id + "/report",
                  .body = {},
                  .headers = {{"if-none-match", tag}}};
  EXPECT_EQ(send(poll).status, 304);
  clock_.advance(k_report_kept);
  const Reply later = send(poll);
  EXPECT_EQ(later.status, 200);
  EXPECT_EQ(later.at("/responses"), "4");
}

/// What somebody can add up from the numbers of groups never leaves one to four between two.
TEST_P(Reporting, OverlappingFiltersLeaveNobodyBetween) {
  const Made made = fill(8, 7);
  for (int i = 0; i < 2; ++i)
    submit(made.token, R"({"food":"Salad","again":9})");
  EXPECT_EQ(report(made, "?filter=food%3DSalad").at("/suppressed"), "true");
  EXPECT_EQ(report(made, "?filter=%7Bfood%7D%20anyof%20%5B'Soup','Salad'%5D").at("/suppressed"),
            "true");
  EXPECT_EQ(report(made, "?filter=food%3DSoup").at("/responses"), "8");
  const Reply again = report(made, "?filter=%7Bagain%7D%20%3E%3D%209");
  EXPECT_EQ(again.at("/responses"), "10");
  EXPECT_EQ(again.at("/questions/0/counts/Salad"), "null") << again.body;
  EXPECT_EQ(report(made, "?filter=why%3Dx").at("/suppressed"), "true");
}

TEST_P(Reporting, BadFilterIsExplained) {
  const Made made = fill(1, 0);
  const Reply reply = report(made, "?filter=colour%3Dred");
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_EQ(reply.text("/errors/0/field"), "filter");
}

TEST_P(Reporting, ThreadsCountAsOneDoes) {
  std::string csv = "Colour,Size\n";
  const int rows = 4 * static_cast<int>(k_scan_batch_rows) + 700;
  for (int i = 0; i < rows; ++i)
    csv += fmt::format("c{},{}\n", i % 3, i % 7);
  const Reply imported = send({.method = "POST",
                               .target = "/api/v1/surveys/import",
                               .body = csv,
                               .headers = {{"content-type", "text/csv"}}});
  ASSERT_EQ(imported.status, 201) << imported.body;
  const Reply reply = report({imported.text("/survey/id"), ""});
  EXPECT_EQ(reply.at("/responses"), fmt::to_string(rows));
  EXPECT_EQ(reply.at("/questions/0/counts/c0"), fmt::to_string((rows + 2) / 3));
  EXPECT_EQ(reply.at("/questions/1/counts/6"), fmt::to_string(rows / 7));
}

TEST_P(Reporting, ResponsesAreListedInPages) {
  const Made made = fill(5, 0);
  const Reply first = get("/api/v1/surveys/" + made.id + "/responses?limit=3");
  EXPECT_EQ(first.text("/items/0/answers/food"), "Soup");
  EXPECT_EQ(first.text("/items/0/received_at"), "2026-01-01T00:00:00.000Z");
  const Reply rest =
      get("/api/v1/surveys/" + made.id + "/responses?limit=3&after=" + first.text("/next"));
  EXPECT_NE(rest.text("/items/1/id"), "");
  EXPECT_EQ(rest.text("/items/2/id"), "");
  EXPECT_EQ(rest.at("/next"), "null");
}

TEST_P(Reporting, AnonymousResponsesTellTheHourAlone) {
  const Made anonymous = make(std::string(k_simple_questionnaire));
  const Made named = make(std::string(k_simple_questionnaire), "identified");
  clock_.advance(Span::minutes(42));
  submit(anonymous.token, R"({"food":"Soup"})");
  submit(named.token, R"({"food":"Soup"})");
  EXPECT_EQ(get("/api/v1/surveys/" + anonymous.id + "/responses").text("/items/0/received_at"),
            "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(get("/api/v1/surveys/" + named.id + "/responses").text("/items/0/received_at"),
            "2026-01-01T00:42:00.000Z");
}

TEST_P(Reporting, ExportsCsvAndJsonLines) {
  const Made made = make(std::string(k_simple_questionnaire));
  submit(made.token, R"-({"food":"Soup","again":9,"why":"=HYPERLINK(\"x\")"})-");
  const Reply csv = get("/api/v1/surveys/" + made.id + "/export.csv");
  EXPECT_EQ(csv.status, 200);
  EXPECT_TRUE(
      csv.body.starts_with("\xef\xbb\xbfid,received_at,version,What did you have?,Again?,Why?\r\n"))
      << csv.body;
  EXPECT_NE(csv.body.find(",1,Soup,9,\"'=HYPERLINK(\"\"x\"\")\"\r\n"), std::string::npos)
      << csv.body;
  const Reply lines = get("/api/v1/surveys/" + made.id + "/export.jsonl");
  EXPECT_EQ(lines.text("/answers/food"), "Soup") << lines.body;
}

INSTANTIATE_TEST_SUITE_P(Engines, Reporting, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
