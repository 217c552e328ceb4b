#include "feature/survey/comments.hpp"

#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

class Comments : public SurveyRoom {
 protected:
  Made fill(int texts) {
    const Made made = make(std::string(k_simple_questionnaire));
    for (int i = 0; i < texts; ++i)
      submit(made.token, i % 2 == 0 ? R"({"food":"Soup","why":"Caf\u00e9 was closed"})"
                                    : R"({"food":"Soup","why":"The soup, cold soup!"})");
    submit(made.token, R"({"food":"Bread"})");
    return made;
  }
  Reply comments(const Made& made, const std::string& query) {
    return get("/api/v1/surveys/" + made.id + "/report/comments?question=why" + query);
  }
  Reply words(const Made& made, const std::string& query = "") {
    return get("/api/v1/surveys/" + made.id + "/report/words?question=why" + query);
  }
};

TEST_P(Comments, AreListedAndSearchedWithoutCaseAndAccents) {
  const Made made = fill(7);
  EXPECT_NE(comments(made, "").text("/items/6/text"), "");
  EXPECT_EQ(comments(made, "").text("/items/7/text"), "");
  const Reply found = comments(made, "&q=CAFE");
  EXPECT_EQ(found.text("/items/3/text"), "Caf\xC3\xA9 was closed") << found.body;
  EXPECT_EQ(found.text("/items/4/text"), "");
  EXPECT_EQ(comments(made, "&q=nothing").at("/items"), "[]");
}

TEST_P(Comments, ComeInPages) {
  const Made made = fill(7);
  const Reply first = comments(made, "&limit=5");
  EXPECT_NE(first.text("/items/4/text"), "");
  const Reply rest = comments(made, "&limit=5&after=" + first.text("/next"));
  EXPECT_NE(rest.text("/items/1/text"), "");
  EXPECT_EQ(rest.text("/items/2/text"), "");
  EXPECT_EQ(rest.at("/next"), "null");
}

TEST_P(Comments, OfFewPeopleAreNotShown) {
  const Made four = fill(4);
  EXPECT_EQ(comments(four, "").at("/suppressed"), "true");
  EXPECT_EQ(comments(four, "").at("/items"), "[]");
  EXPECT_EQ(words(four).at("/words"), "[]");
  const Made five = fill(5);
  EXPECT_EQ(comments(five, "").at("/suppressed"), "");
  EXPECT_EQ(words(five).at("/words"), "[]");
  EXPECT_EQ(words(five).at("/answered"), "5");
}

TEST_P(Comments, WordsAreCountedByResponse) {
  const Made made = fill(10);
  const Reply reply = words(made);
  EXPECT_EQ(reply.at("/words/0"), R"({"word":"cafe","responses":5})") << reply.body;
  EXPECT_EQ(reply.at("/words/3"), R"({"word":"soup","responses":5})") << reply.body;
  EXPECT_EQ(words(made, "&limit=1").text("/words/1/word"), "");
}

TEST_P(Comments, NeedAQuestionOfText) {
  const Made made = fill(1);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report/comments?question=food").status, 400);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report/words").status, 400);
}

INSTANTIATE_TEST_SUITE_P(Engines, Comments, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
