#include "feature/survey/pictures.hpp"

#include <fmt/format.h>

#include "feature/survey/limits.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "picture/draw.hpp"

namespace probity::survey {
namespace {

class Picturing : public SurveyRoom {
 protected:
  Made fill(int soups, int breads) {
    const Made made = make(std::string(k_simple_questionnaire));
    for (int i = 0; i < soups; ++i)
      submit(made.token, R"({"food":"Soup","again":9,"why":"warm bread"})");
    for (int i = 0; i < breads; ++i)
      submit(made.token, R"({"food":"Bread","again":3})");
    return made;
  }
  static std::string of(const Made& made, const std::string& rest) {
    return "/api/v1/surveys/" + made.id + "/report" + rest;
  }
};

TEST_P(Picturing, ListHasAPictureNotesAndATableOfEachQuestion) {
  const Made made = fill(6, 2);
  const Reply reply = get(of(made, "/pictures"));
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.at("/responses"), "8");
  EXPECT_EQ(reply.text("/questions/0/picture/shapes/0/kind"), "line");
  EXPECT_EQ(reply.at("/questions/0/table/headings"),
            R"(["Answer","Count","Share","95 % from","to"])");
  EXPECT_EQ(reply.text("/questions/0/table/rows/0/1"), "6");
  EXPECT_EQ(reply.text("/questions/0/table/rows/0/2"), "75.0 %");
  EXPECT_EQ(reply.text("/questions/0/notes/0"), "Answered by 8 of 8.");
  EXPECT_EQ(reply.at("/questions/2/is_text"), "true");
  EXPECT_EQ(reply.at("/questions/2/picture"), "");
}

TEST_P(Picturing, OfferedFiltersSelectWhatTheySay) {
  const Made made = fill(6, 5);
  const Reply list = get(of(made, "/pictures"));
  EXPECT_EQ(list.text("/questions/0/filters/2/text"), "Bread");
  EXPECT_EQ(list.text("/questions/0/filters/2/filter"), "{#food} = 'Bread'");
  const Reply some = get(of(made, "/pictures?filter=%7B%23food%7D%20%3D%20%27Bread%27"));
  EXPECT_EQ(some.at("/responses"), "5");
}

TEST_P(Picturing, OfferedFiltersReachRowsAndNumbers) {
  const Made made = make(R"({"elements":[
      {"type":"matrix","name":"m","columns":["yes","no"],"rows":["a b","c"]},
      {"type":"text","name":"age","inputType":"number"}]})");
  for (int i = 0; i < 12; ++i)
    submit(made.token, fmt::format(R"({{"m":{{"a b":"{}"}},"age":{}}})", i < 6 ? "yes" : "no",
                                   i < 6 ? 20 : 40));
  const Reply list = get(of(made, "/pictures"));
  EXPECT_EQ(list.text("/questions/0/filters/0/text"), "a b: yes");
  EXPECT_EQ(list.text("/questions/0/filters/0/filter"), "{#m.a b} = 'yes'");
  EXPECT_EQ(get(of(made, "/pictures?filter=%7B%23m.a%20b%7D%20%3D%20%27yes%27")).at("/responses"),
            "6");
  EXPECT_EQ(list.text("/questions/1/variable"), "{#age}");
  EXPECT_EQ(get(of(made, "/pictures?filter=%7B%23age%7D%20%3E%3D%2030")).at("/responses"), "6");
}

TEST_P(Picturing, SmallGroupHasNoPicturesInAnyForm) {
  const Made made = fill(4, 9);
  const Reply list = get(of(made, "/pictures?filter=food%3DSoup"));
  EXPECT_EQ(list.at("/responses"), "null");
  EXPECT_EQ(list.at("/suppressed"), "true");
  EXPECT_EQ(list.at("/questions"), "[]");
  for (const char* file : {"/pictures/food.svg", "/pictures/food.png"})
    EXPECT_EQ(get(of(made, std::string(file) + "?filter=food%3DSoup")).status, 409) << file;
  const Reply pdf = get(of(made, ".pdf?filter=food%3DSoup"));
  EXPECT_EQ(pdf.status, 200);
  EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
}

TEST_P(Picturing, OnePictureIsSvgOrPng) {
  const Made made = fill(6, 2);
  const Reply svg = get(of(made, "/pictures/food.svg"));
  EXPECT_EQ(svg.headers.at("content-type"), "image/svg+xml");
  EXPECT_TRUE(svg.body.starts_with("<svg "));
  const Reply png = get(of(made, "/pictures/food.png?width=300"));
  EXPECT_EQ(png.headers.at("content-type"), "image/png");
  EXPECT_TRUE(png.body.starts_with("\x89PNG"));
  EXPECT_EQ(get(of(made, "/pictures/food.gif")).status, 404);
  EXPECT_EQ(get(of(made, "/pictures/nobody.svg")).status, 404);
  EXPECT_NE(get(of(made, "/pictures/why.svg")).body.find(">bread</text>"), std::string::npos);
}

TEST_P(Picturing, WordsAreOfAllResponsesAlone) {
  const Made made = fill(6, 5);
  const Reply all = get(of(made, "/pictures?question=why"));
  EXPECT_EQ(all.at("/questions/1"), "");
  EXPECT_NE(all.at("/questions/0/picture/shapes").find("bread"), std::string::npos);
  const Reply some = get(of(made, "/pictures?question=why&filter=food%3DSoup"));
  EXPECT_EQ(some.at("/questions/0/picture"), "");
}

TEST_P(Picturing, TwoGroupsStandSideBySideUnderTheirNames) {
  const Made made = fill(12, 10);
  const Reply reply = get(of(made,
                             "/pictures?filter=food%3DSoup&compare=food%3DBread&label=Soup%20people"
                             "&compare_label=Bread%20people"));
  EXPECT_EQ(reply.at("/responses"), "12");
  EXPECT_EQ(reply.at("/compared/responses"), "10");
  EXPECT_NE(reply.at("/questions/1/picture/shapes").find("Soup people"), std::string::npos);
  EXPECT_EQ(reply.text("/questions/1/table/headings/1"), "Soup people: Count");
  EXPECT_NE(reply.body.find("differ significantly"), std::string::npos);
}

TEST_P(Picturing, LabelsAndWidthsHaveBounds) {
  const Made made = fill(6, 0);
  const auto label = [&](std::size_t size) {
    return get(of(made, "/pictures?label=" + std::string(size, 'x'))).status;
  };
  EXPECT_EQ(label(k_group_label_max_bytes - 1), 200);
  EXPECT_EQ(label(k_group_label_max_bytes), 200);
  EXPECT_EQ(label(k_group_label_max_bytes + 1), 422);
  const auto width = [&](double size) {
    return get(of(made, fmt::format("/pictures?width={:.0f}", size))).status;
  };
  EXPECT_EQ(width(picture::k_width_min - 1), 400);
  EXPECT_EQ(width(picture::k_width_min), 200);
  EXPECT_EQ(width(picture::k_width_min + 1), 200);
  EXPECT_EQ(width(picture::k_width_max - 1), 200);
  EXPECT_EQ(width(picture::k_width_max), 200);
  EXPECT_EQ(width(picture::k_width_max + 1), 400);
}

TEST_P(Picturing, UnchangedReportIsNotSentAgain) {
  const Made made = fill(6, 0);
  const std::string etag = get(of(made, "/pictures")).headers.at("etag");
  for (const char* rest : {"/pictures", "/pictures/food.svg", ".pdf", ".xlsx"}) {
    const Sent sent{.target = of(made, rest), .headers = {{"if-none-match", etag}}};
    EXPECT_EQ(send(sent).status, 304) << rest;
  }
  submit(made.token, R"({"food":"Soup"})");
  clock_.advance(Span::seconds(2));
  EXPECT_EQ(send({.target = of(made, "/pictures"), .headers = {{"if-none-match", etag}}}).status,
            200);
}

TEST_P(Picturing, FilesAreOffered) {
  const Made made = fill(6, 3);
  const Reply pdf = get(of(made, ".pdf"));
  EXPECT_EQ(pdf.headers.at("content-type"), "application/pdf");
  EXPECT_NE(pdf.headers.at("content-disposition").find("-report.pdf"), std::string::npos);
  EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
  const Reply book = get(of(made, ".xlsx"));
  EXPECT_TRUE(book.body.starts_with("PK\x03\x04"));
}

INSTANTIATE_TEST_SUITE_P(Engines, Picturing, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
