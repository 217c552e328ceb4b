#include "form/differences.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "form/limits.hpp"

namespace probity::form {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Differences compare(std::string_view before, std::string_view after) {
  auto compared = compare_questionnaires(before, after);
  EXPECT_TRUE(compared);
  return compared ? std::move(*compared) : Differences();
}

std::vector<std::string> names(const std::vector<ElementChange>& changes) {
  std::vector<std::string> out;
  for (const ElementChange& change : changes)
    out.push_back(change.name);
  return out;
}

std::vector<std::string> members(const ElementChange& change) {
  std::vector<std::string> out;
  for (const MemberChange& member : change.members)
    out.push_back(member.member);
  return out;
}

/// A document of one page with questions of these names.
std::string questions(const std::vector<std::string>& list) {
  std::string out = R"({"pages":[{"name":"one","elements":[)";
  for (const std::string& name : list)
    out += (out.ends_with('[') ? "" : ",") + (R"({"type":"text","name":")" + name + R"("})");
  return out + "]}]}";
}

TEST(Differences, EqualDocumentsHaveNone) {
  EXPECT_TRUE(compare(questions({"a", "b"}), questions({"a", "b"})).is_empty());
  // Nothing said and nothing meant are the same; so is another order of members.
  EXPECT_TRUE(compare(R"({"elements":[{"type":"text","name":"a","title":"","isRequired":false}]})",
                      R"({"elements":[{"name":"a","type":"text","validators":[]}]})")
                  .is_empty());
}

TEST(Differences, NameWhatWasAddedAndRemoved) {
  const auto found = compare(questions({"a", "b"}), questions({"a", "c"}));
  EXPECT_THAT(names(found.added), ElementsAre("c"));
  EXPECT_THAT(names(found.removed), ElementsAre("b"));
  EXPECT_THAT(found.moved, IsEmpty());
  EXPECT_THAT(found.changed, IsEmpty());
  EXPECT_EQ(found.added[0].after.position, 2U);
  EXPECT_EQ(found.added[0].words, "The question “c” was added to page “one”.");
  EXPECT_EQ(found.removed[0].words, "The question “b” was removed from page “one”.");
}

TEST(Differences, FewestMovesExplainTheOrder) {
  const auto to_front = compare(questions({"a", "b", "c", "d"}), questions({"d", "a", "b", "c"}));
  EXPECT_THAT(names(to_front.moved), ElementsAre("d"));
  EXPECT_EQ(to_front.moved[0].words, "“d” moved from place 4 to place 1.");
  // What stands elsewhere only because others came or went has not moved.
  EXPECT_THAT(compare(questions({"x", "a", "b"}), questions({"a", "y", "b"})).moved, IsEmpty());
}

TEST(Differences, AnotherPageOrPanelIsAMove) {
  const auto found = compare(R"({"pages":[{"name":"p","elements":[{"type":"text","name":"a"},
      {"type":"panel","name":"box","elements":[{"type":"text","name":"b"}]}]},{"name":"q"}]})",
                             R"({"pages":[{"name":"p","elements":[
      {"type":"panel","name":"box","elements":[{"type":"text","name":"a"}]}]},
      {"name":"q","elements":[{"type":"text","name":"b"}]}]})");
  ASSERT_THAT(names(found.moved), ElementsAre("a", "b"));
  EXPECT_EQ(found.moved[0].after.panel, "box");
  EXPECT_EQ(found.moved[1].words, "“b” moved from panel “box” to page “q”.");
  EXPECT_THAT(found.added, IsEmpty());
}

TEST(Differences, PagesArePartsOfTheirOwn) {
  const auto found = compare(R"({"pages":[{"name":"p","title":"One"},{"name":"q"}]})",
                             R"({"pages":[{"name":"q"},{"name":"p","title":"First"}]})");
  EXPECT_EQ(found.moved.size(), 1U);
  ASSERT_THAT(names(found.changed), ElementsAre("p"));
  EXPECT_EQ(found.changed[0].kind, "page");
  EXPECT_EQ(found.changed[0].words, "The title was “One” and is “First”.");
}

TEST(Differences, ChangedMembersAreNamedWithBothValues) {
  const auto found = compare(
      R"({"title":"T","elements":[{"type":"comment","name":"a","title":"Why?","maxLength":100,
          "visibleIf":"{b} = 1"}]})",
      R"({"title":{"default":"T","de":"Z"},"elements":[{"type":"comment","name":"a",
          "title":"Why so?","maxLength":200,"isRequired":true}]})");
  ASSERT_EQ(found.survey.size(), 1U);
  EXPECT_EQ(found.survey[0].words, "The title changed in de.");
  ASSERT_THAT(names(found.changed), ElementsAre("a"));
  const auto& change = found.changed[0];
  EXPECT_THAT(members(change), ElementsAre("title", "maxLength", "visibleIf", "isRequired"));
  EXPECT_EQ(change.members[0].before, "\"Why?\"");
  EXPECT_EQ(change.members[0].after, "\"Why so?\"");
  EXPECT_EQ(change.members[1].words, "“maxLength” was 100 and is 200.");
  EXPECT_EQ(change.members[2].words, "It is always shown now (before: {b} = 1).");
  EXPECT_EQ(change.members[2].after, "");
  EXPECT_EQ(change.members[3].words, "It must be answered now.");
}

TEST(Differences, ChoicesAreComparedByTheirValues) {
  const auto words = [](std::string_view before, std::string_view after) {
    const auto with = [](std::string_view choices) {
      return R"({"elements":[{"type":"radiogroup","name":"a","choices":)" + std::string(choices) +
             "}]}";
    };
    const auto found = compare(with(before), with(after));
    return found.changed.empty() ? std::string() : found.changed[0].words;
  };
  EXPECT_EQ(words(R"(["x","y"])", R"(["x","z"])"), "Choices: added “z”; removed “y”.");
  EXPECT_EQ(words(R"(["x","y"])", R"(["y","x"])"), "Choices: in another order.");
  EXPECT_EQ(words(R"([{"value":1,"text":"One"}])", R"([{"value":1,"text":"Once"}])"),
            "Choices: changed “Once”.");
}

TEST(Differences, LongTextsAreCutByCharacters) {
  std::string longest;
  for (int i = 0; i < 121; ++i)
    longest += "é";
  const auto with = [](const std::string& title) {
    return R"({"elements":[{"type":"text","name":"a","title":")" + title + "\"}]}";
  };
  const auto found = compare(with("a"), with(longest));
  EXPECT_THAT(found.changed[0].words, HasSubstr("é…”"));
  const auto whole = compare(with("a"), with(longest.substr(2)));
  EXPECT_THAT(whole.changed[0].words, HasSubstr("é”"));
}

TEST(Differences, AreWrittenAsJson) {
  JsonWriter json;
  write_differences(json, compare(questions({"a"}), questions({"b"})));
  EXPECT_EQ(
      json.text(),
      R"({"survey":[],"added":[{"name":"b","kind":"question","type":"text","title":"b",)"
      R"("after":{"page":"one","position":1},)"
      R"("words":"The question “b” was added to page “one”."}],"removed":[{"name":"a",)"
      R"("kind":"question","type":"text","title":"a","before":{"page":"one","position":1},)"
      R"("words":"The question “a” was removed from page “one”."}],"moved":[],"changed":[]})");
}

TEST(Differences, NoDocumentIsRefused) {
  EXPECT_EQ(compare_questionnaires("{", "{}").error().code, Code::BadRequest);
  const std::string large(k_document_max_bytes + 1, ' ');
  EXPECT_EQ(compare_questionnaires("{}", large).error().code, Code::LimitExceeded);
}

}  // namespace
}  // namespace probity::form
