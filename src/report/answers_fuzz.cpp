// Any text is answers to a questionnaire of every kind or is refused; what is taken is stored in a
// form that is taken again unchanged, counted, and the same whether it came as JSON or as a form.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "form/answers.hpp"
#include "form/render.hpp"
#include "report/report.hpp"

namespace {

using namespace probity::form;
using namespace probity::report;

const Questionnaire& form() {
  static const Parsed k_parsed = *parse_questionnaire(R"({"elements":[
    {"type":"text","name":"t","maxLength":20},
    {"type":"text","name":"n","inputType":"number","min":0,"max":100},
    {"type":"text","name":"d","inputType":"date"},
    {"type":"text","name":"e","inputType":"email"},
    {"type":"comment","name":"c","hasComment":true},
    {"type":"radiogroup","name":"r","choices":[1,"x"],"hasOther":true},
    {"type":"checkbox","name":"k","choices":["x","y"],"hasNone":true,"visibleIf":"{r} = 'x'"},
    {"type":"rating","name":"s","rateMin":0,"rateMax":10},
    {"type":"boolean","name":"b"},
    {"type":"ranking","name":"p","choices":["x","y"]},
    {"type":"matrix","name":"m","columns":[1,2],"rows":["a","b"]},
    {"type":"multipletext","name":"l","items":[{"name":"i"},{"name":"j","inputType":"number"}]},
    {"type":"text","name":"z","requiredIf":"{m.a} = 2 and {k} contains 'y'"}]})");
  return k_parsed.questionnaire;
}

void check_stored(const Answers& accepted) {
  const auto again = validate_answers(form(), accepted.json);
  if (!again || again->json != accepted.json || !again->dropped.empty()) std::abort();
  Tally tally(form());
  if (!tally.add(accepted.json) || tally.responses() != 1) std::abort();
  for (const QuestionCount& question : make_report(tally, 5).questions)
    if (question.answered + question.blank != 1 || question.undeclared != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto accepted = validate_answers(form(), text)) {
    check_stored(*accepted);
  } else if (accepted.error().fields.empty() && accepted.error().hint.empty()) {
    std::abort();
  }
  Tally tally(form());
  static_cast<void>(tally.add(text));
  const auto fields = parse_form_body(text);
  if (!fields) return 0;
  const auto post = read_form(form(), *fields);
  if (!post) return 0;
  const Step step = advance(form(), *post);
  if (!step.is_complete) return 0;
  const auto accepted = validate_answers(form(), post->answers);
  if (!accepted) std::abort();
  check_stored(*accepted);
  return 0;
}
