#include <cstdint>
#include <string>
#include <string_view>

#include "feature/survey/import_plan.hpp"
#include "feature/survey/lime_survey.hpp"
#include "feature/survey/parts.hpp"

// Any bytes as a LimeSurvey structure, as a plan and as a form: an error or a result, and what is
// made of a structure is either taken by the questionnaire's parser or refused by it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probity::survey;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lime = read_lime_survey(text);
  if (lime) static_cast<void>(probity::form::parse_questionnaire(lime->questionnaire_json));
  TableRules rules;
  static_cast<void>(read_plan(text, rules));
  static_cast<void>(split_parts("multipart/form-data; boundary=b", text));
  return 0;
}
