// Any text is a questionnaire or is refused with reasons; a questionnaire can be rendered, answered
// with nothing and counted.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "form/answers.hpp"
#include "form/questionnaire.hpp"
#include "form/render.hpp"
#include "report/count.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probity::form;
  using namespace probity::report;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_questionnaire(text);
  if (!parsed) {
    if (parsed.error().fields.empty() && parsed.error().hint.empty()) std::abort();
    return 0;
  }
  const Questionnaire& form = parsed->questionnaire;
  const Value defaults = default_answers(form);
  RenderOptions options;
  options.answers = &defaults;
  for (std::uint32_t page = 0; page <= form.pages.size() && page < 3; ++page) {
    options.page = page;
    if (render_page(form, options).find("<script") != std::string::npos) std::abort();
  }
  if (const auto accepted = validate_answers(form, defaults)) {
    Tally tally(form);
    if (!tally.add(accepted->json)) std::abort();
    // What was stored once is taken again, unchanged.
    const auto again = validate_answers(form, accepted->json);
    if (!again || again->json != accepted->json) std::abort();
  }
  return 0;
}
