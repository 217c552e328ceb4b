// CPU per answer document of about 600 bytes and ten questions: validated on the way in (goal 15
// µs), counted on the way out (goal 2 µs, so that a million responses with their decryption take 3
// s on two cores).
#include <benchmark/benchmark.h>

#include <string>

#include "form/answers.hpp"
#include "form/count.hpp"
#include "form/render.hpp"

namespace {

using namespace probity::form;

const Parsed& survey() {
  static const Parsed k_parsed = *parse_questionnaire(R"({"title":"After the visit","elements":[
    {"type":"rating","name":"recommend","rateMin":0,"rateMax":10,"isRequired":true},
    {"type":"radiogroup","name":"reason","choices":["advice","price","speed","place","people"],
     "hasOther":true},
    {"type":"checkbox","name":"used","choices":["phone","mail","office","portal","letter"]},
    {"type":"dropdown","name":"region","choices":["north","south","east","west","centre"]},
    {"type":"boolean","name":"again"},
    {"type":"matrix","name":"parts","columns":[1,2,3,4,5],"rows":["care","clarity","time","cost"]},
    {"type":"text","name":"since","inputType":"number","min":0,"max":80},
    {"type":"text","name":"role"},
    {"type":"comment","name":"good"},
    {"type":"comment","name":"better"}]})");
  return k_parsed;
}

const std::string k_answers =
    R"({"recommend":9,"reason":"advice","used":["phone","portal"],"region":"north","again":true,)"
    R"("parts":{"care":5,"clarity":4,"time":3,"cost":2},"since":12,"role":"head of purchasing",)"
    R"("good":"The advice was clear and came on the day we asked for it. The person who )"
    R"(looks after us knows our house, our numbers and what we cannot do, and says so )"
    R"(before it costs anything. That is worth a lot to us.","better":)"
    R"("Letters still arrive in two envelopes, and the portal forgets which of our three sites )"
    R"(was chosen last. Please look at both of them soon."})";

void validate(benchmark::State& state) {
  for (auto _ : state) {
    auto accepted = validate_answers(survey().questionnaire, k_answers);
    if (!accepted) state.SkipWithError("refused");
    benchmark::DoNotOptimize(accepted);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * k_answers.size()));
}
BENCHMARK(validate);

void count(benchmark::State& state) {
  const std::string stored = validate_answers(survey().questionnaire, k_answers)->json;
  Tally tally(survey().questionnaire);
  for (auto _ : state)
    if (!tally.add(stored)) state.SkipWithError("refused");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * stored.size()));
}
BENCHMARK(count);

void count_filtered(benchmark::State& state) {
  const std::string stored = validate_answers(survey().questionnaire, k_answers)->json;
  Tally tally(survey().questionnaire,
              *Filter::parse(survey().questionnaire, "region=north&used=portal"));
  for (auto _ : state)
    if (!tally.add(stored)) state.SkipWithError("refused");
}
BENCHMARK(count_filtered);

void render(benchmark::State& state) {
  RenderOptions options;
  for (auto _ : state)
    benchmark::DoNotOptimize(render_page(survey().questionnaire, options));
}
BENCHMARK(render);

/// A page of 100 questions with the hooks of the script (goal 50 ms of the whole server).
void render_hundred(benchmark::State& state) {
  std::string elements;
  for (int i = 0; i < 100; ++i) {
    elements += (i == 0 ? "" : ",");
    elements += R"({"type":"radiogroup","name":"q)" + std::to_string(i) +
                R"(","choices":["never","rarely","sometimes","often"],"visibleIf":"{q)" +
                std::to_string(i == 0 ? 1 : i - 1) + R"(} empty"})";
    // What depends on itself is refused: the first asks nothing of the others.
    if (i == 0) elements = R"({"type":"radiogroup","name":"q0","choices":["never","often"]})";
  }
  const auto parsed = parse_questionnaire(R"({"elements":[)" + elements + "]}");
  if (!parsed) return state.SkipWithError("refused");
  RenderOptions options;
  options.frame.script = "/assets/x.js";
  for (auto _ : state)
    benchmark::DoNotOptimize(render_page(parsed->questionnaire, options));
}
BENCHMARK(render_hundred);

}  // namespace
