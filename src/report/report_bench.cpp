// CPU per answer document of about 600 bytes and ten questions, counted on the way out (goal 2 µs,
// so that a million responses with their decryption take 3 s on two cores), and per block of 65,000
// responses of nine questions (goal 20 ms, so that sixteen take 0.2 s on two cores).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <random>

#include "form/answers.hpp"
#include "form/sample_fixture.hpp"
#include "report/columns.hpp"
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

/// As tools/bench_report.py asks.
constexpr std::string_view k_asked = R"({"elements":[
  {"type":"rating","name":"recommend","rateMin":0,"rateMax":10},
  {"type":"radiogroup","name":"contact","choices":["In person","Remotely","Both"]},
  {"type":"checkbox","name":"liked","choices":["Advice","Speed","Price","People"]},
  {"type":"matrix","name":"sites","rows":["Harbour","Station","Office"],
   "columns":["poor","fair","good","excellent"]},
  {"type":"boolean","name":"again"},
  {"type":"text","name":"visits","inputType":"number"},
  {"type":"text","name":"weight","inputType":"number"},
  {"type":"comment","name":"words"},
  {"type":"comment","name":"better","visibleIf":"{again} = false"}]})";

const Questionnaire& asked() {
  static const Parsed parsed = *parse_questionnaire(k_asked);
  return parsed.questionnaire;
}

/// A response, of which none is like another.
std::string response(std::mt19937& random) {
  constexpr auto k_contacts = std::to_array<std::string_view>({"In person", "Remotely", "Both"});
  constexpr auto k_grades = std::to_array<std::string_view>({"poor", "fair", "good", "excellent"});
  constexpr auto k_liked = std::to_array<std::string_view>({"Advice", "Speed", "Price", "People"});
  const auto grade = [&] { return k_grades[random() % k_grades.size()]; };
  std::string liked;
  const std::size_t bits = 1 + random() % 15;
  for (std::size_t i = 0; i < k_liked.size(); ++i)
    if ((bits >> i & 1) != 0)
      liked += fmt::format("{}\"{}\"", liked.empty() ? "" : ",", k_liked[i]);
  const bool again = random() % 10 < 7;
  std::string out = fmt::format(R"({{"recommend":{},"contact":"{}","liked":[{}],)"
                                R"("sites":{{"Harbour":"{}","Station":"{}","Office":"{}"}},)"
                                R"("again":{},"visits":{},"weight":{},"words":"{}-{}")",
                                random() % 11, k_contacts[random() % k_contacts.size()], liked,
                                grade(), grade(), grade(), again, 1 + random() % 60,
                                0.3 + static_cast<double>(random() % 2'000) / 1'000,
                                std::string(300, 'x'), random());
  out += again ? "}" : fmt::format(R"(,"better":"{}-{}"}})", std::string(40, 'y'), random());
  return out;
}

const probity::Bytes& block() {
  static const probity::Bytes made = [] {
    constexpr int k_rows = 65'000;
    std::mt19937 random(43);
    ColumnWriter writer;
    for (int i = 0; i < k_rows; ++i)
      if (!writer.add(response(random), 480'000 + i / 1'000, 1)) std::abort();
    return writer.finish();
  }();
  return made;
}

void read_block(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(Columns::read(block()));
}
BENCHMARK(read_block)->Unit(benchmark::kMillisecond);

Selection selected(std::string_view filter) {
  Selection out;
  if (!filter.empty()) out.filter = *Filter::parse(asked(), filter);
  return out;
}

/// Reads and counts a block for some selections.
void count_block(benchmark::State& state, const std::vector<Selection>& selections,
                 std::optional<std::uint32_t> weight) {
  for (auto _ : state) {
    const auto columns = Columns::read(block());
    std::vector<Tally> tallies;
    for (const Selection& selection : selections) {
      tallies.emplace_back(asked(), selection, weight);
      if (!tallies.back().can_add(*columns)) std::abort();
    }
    Tally::add_to_all(tallies, *columns, 24);
    benchmark::DoNotOptimize(tallies.front().responses());
  }
}

std::vector<Selection> compared(std::string_view one, std::string_view other) {
  const Selection first = selected(one);
  const Selection second = selected(other);
  return {first, second, both_of(first, second)};
}

Selection windowed(Selection selection) {
  selection.from_unit = 20'001;
  return selection;
}

const auto k_unit = benchmark::kMillisecond;
BENCHMARK_CAPTURE(count_block, plain, {selected("")}, {})->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, filtered,
                  {selected("{recommend} >= 9 and {liked} contains 'Speed'")}, {})
    ->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, by_matrix,
                  {selected("{sites.Harbour} = 'good' or {contact} = 'Both'")}, {})
    ->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, by_date, {windowed(selected(""))}, {})->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, compared, compared("again=true", "again=false"), {})->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, compared_apart,
                  compared("{recommend} >= 9", "{contact} = 'Both' and {liked} contains 'Speed'"),
                  {})
    ->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, weighted, {selected("")}, 6U)->Unit(k_unit);
BENCHMARK_CAPTURE(count_block, all_at_once,
                  {windowed(selected("{visits} > 30 and {again} = true"))}, 6U)
    ->Unit(k_unit);

}  // namespace
