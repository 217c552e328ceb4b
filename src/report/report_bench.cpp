// CPU per answer document of about 600 bytes and ten questions, counted on the way out (goal 2 µs,
// so that a million responses with their decryption take 3 s on two cores).
#include <benchmark/benchmark.h>

#include "form/answers.hpp"
#include "form/sample_fixture.hpp"
#include "report/count.hpp"

namespace {

using namespace probity::form;
using namespace probity::report;

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

}  // namespace
