// CPU per answer document of about 600 bytes and ten questions, validated on the way in (goal 15
// µs), and per page.
#include <benchmark/benchmark.h>

#include <string>

#include "form/answers.hpp"
#include "form/render.hpp"
#include "form/sample_fixture.hpp"

namespace {

using namespace probity::form;

void validate(benchmark::State& state) {
  for (auto _ : state) {
    auto accepted = validate_answers(survey().questionnaire, k_answers);
    if (!accepted) state.SkipWithError("refused");
    benchmark::DoNotOptimize(accepted);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * k_answers.size()));
}
BENCHMARK(validate);

void render(benchmark::State& state) {
  const RenderOptions options;
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
