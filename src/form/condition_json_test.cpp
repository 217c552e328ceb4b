#include "form/condition_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "form/visibility.hpp"

namespace probity::form {
namespace {

const std::string k_table = PROBITY_SOURCE_DIR "/tests/support/condition-cases.json";

std::string read_table() {
  const std::ifstream in(k_table);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The table's questionnaire with one more question that the condition shows.
Questionnaire with_condition(const Value& questionnaire, const Value& condition) {
  Value document = questionnaire;
  Value::Members last;
  last.push_back({"type", Value("text")});
  last.push_back({"name", Value("asked")});
  last.push_back({"visibleIf", condition});
  for (Member& member : *document.members())
    if (member.name == "elements") member.value.list()->emplace_back(std::move(last));
  std::string json;
  append_value(json, document);
  auto parsed = parse_questionnaire(json);
  EXPECT_TRUE(parsed) << json;
  return parsed ? std::move(parsed->questionnaire) : Questionnaire();
}

// The same table is run against the script (tests/functional/conditions.test.ts), so what a page
// shows and what the server takes cannot drift apart. PROBITY_WRITE_CASES=1 writes it anew.
TEST(ConditionJson, TableSaysWhatTheServerDecides) {
  auto table = parse_value(read_table(), {1'000'000, 16});
  ASSERT_TRUE(table);
  const Value written = *table;
  std::string anew;
  for (Member& member : *table->members()) {
    if (member.name != "cases") continue;
    ASSERT_GT(member.value.list()->size(), 100U);
    for (Value& one : *member.value.list()) {
      const Questionnaire form =
          with_condition(*written.find("questionnaire"), *one.find("condition"));
      ASSERT_FALSE(form.questions.empty());
      const std::uint32_t asked = *form.find("asked");
      const AnswerSet answers(form, *one.find("answers"));
      const Visibility visibility = decide_visibility(form, answers);
      const std::string program = condition_json(form, form.questions[asked].visible_if);
      one.set("program", *parse_value(program, {100'000, 16}));
      one.set("holds", Value(visibility.questions[asked]));
      Value::List hidden;
      for (std::size_t i = 0; i < asked; ++i)
        if (!visibility.questions[i]) hidden.emplace_back(form.questions[i].key);
      one.set("hidden", Value(std::move(hidden)));
    }
  }
  append_value(anew, *table);
  if (std::getenv("PROBITY_WRITE_CASES") != nullptr) std::ofstream(k_table) << anew << "\n";
  EXPECT_EQ(*table, written) << "write it anew with PROBITY_WRITE_CASES=1";
}

}  // namespace
}  // namespace probity::form
