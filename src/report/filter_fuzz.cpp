// The filter of a report comes in a query: any text is one or is refused with a reason, and one
// that was taken asks only for questions there are.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "form/value.hpp"
#include "report/count.hpp"
#include "report/filter.hpp"

namespace {

using namespace probity::form;
using namespace probity::report;

const Questionnaire& form() {
  static const Parsed k_parsed = *parse_questionnaire(R"({"elements":[
    {"type":"text","name":"t"},
    {"type":"text","name":"n","inputType":"number"},
    {"type":"radiogroup","name":"r","choices":[1,{"value":"x","text":"Ex 'n' \"why\""}]},
    {"type":"checkbox","name":"k","choices":["x","y"]},
    {"type":"matrix","name":"m","columns":[1,2],"rows":["a","b"]}]})");
  return k_parsed.questionnaire;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto filter = Filter::parse(form(), text);
  if (!filter) {
    if (filter.error().fields.empty() && filter.error().hint.empty()) std::abort();
    return 0;
  }
  for (const Target& target : filter->targets())
    if (target.question >= form().questions.size()) std::abort();
  return 0;
}
