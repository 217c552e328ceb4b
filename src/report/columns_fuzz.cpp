// Any bytes are a block of columns or are none; one that is read is counted within its bounds. What
// a block is made of is read again, and counts what the responses count one by one.
//
// An input is a block; or lines of answers, from which one is made; or "[texts]", a line break, the
// number of rows and the codes, which saves the fuzzing engine from guessing lengths of texts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "report/columns.hpp"
#include "report/count.hpp"
#include "report/report.hpp"

namespace {

using namespace probity;
using namespace probity::form;
using namespace probity::report;

constexpr std::string_view k_filter = "{k} contains 'x' or {c-Comment} notempty or {m.a} = 2";

const Questionnaire& questionnaire() {
  static const Parsed k_parsed = *parse_questionnaire(R"({"elements":[
    {"type":"text","name":"t"},
    {"type":"text","name":"n","inputType":"number"},
    {"type":"text","name":"d","inputType":"date"},
    {"type":"comment","name":"c","hasComment":true},
    {"type":"radiogroup","name":"r","choices":[1,"x"],"hasOther":true},
    {"type":"checkbox","name":"k","choices":["x","y"],"visibleIf":"{r} = 'x' or {p[0]} = 'y'"},
    {"type":"rating","name":"s","rateMin":0,"rateMax":10,"visibleIf":"{n} > 3"},
    {"type":"boolean","name":"b"},
    {"type":"ranking","name":"p","choices":["x","y"]},
    {"type":"matrix","name":"m","columns":[1,2],"rows":["a","b"]},
    {"type":"multipletext","name":"l","items":[{"name":"i"},{"name":"j"}]}]})");
  return k_parsed.questionnaire;
}

/// The ways in which one block is counted.
std::vector<Tally> tallies() {
  const Questionnaire& form = questionnaire();
  Selection filtered;
  filtered.filter = *Filter::parse(form, k_filter);
  Selection dated;
  dated.filter = *Filter::parse(form, "{n} < 5");
  dated.from_unit = 1;
  dated.version = 1;
  std::vector<Tally> out;
  out.emplace_back(form);
  out.emplace_back(form, filtered, form.find("n"));
  out.emplace_back(form, dated, form.find("s"));
  return out;
}

std::string report_of(const Tally& tally) {
  JsonWriter out;
  out.begin_object();
  write_report(out, tally);
  return std::string(out.text());
}

void count(const Columns& block) {
  if (block.responses() > k_columns_rows_max) std::abort();
  for (const std::int64_t unit_hours : {1, 24}) {
    for (Tally& tally : tallies()) {
      if (!tally.can_add(block)) continue;
      tally.add(block, unit_hours);
      static_cast<void>(report_of(tally));
    }
  }
}

void count_lines(std::string_view text) {
  ColumnWriter writer;
  std::vector<Tally> by_row = tallies();
  std::int64_t line = 0;
  while (!text.empty() && !writer.is_full()) {
    const std::string_view answers = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), answers.size() + 1));
    const Arrival arrival{line % 3, 1 + line % 2};
    ++line;
    if (!writer.add(answers, arrival.unit, arrival.version)) continue;
    for (Tally& tally : by_row)
      if (!tally.add(answers, arrival)) std::abort();
  }
  const std::size_t responses = writer.responses();
  const auto block = Columns::read(writer.finish());
  if (!block || block->responses() != responses) std::abort();
  std::vector<Tally> by_block = tallies();
  for (std::size_t i = 0; i < by_block.size(); ++i) {
    if (!by_block[i].can_add(*block)) continue;
    by_block[i].add(*block, 1);
    if (report_of(by_block[i]) != report_of(by_row[i])) std::abort();
  }
}

/// A block whose lengths are right, of texts and codes that need not be.
Bytes framed(std::string_view text) {
  const std::string_view texts = text.substr(0, text.find('\n'));
  std::string_view codes = text.substr(std::min(text.size(), texts.size() + 1));
  const std::uint8_t rows = codes.empty() ? 0 : static_cast<std::uint8_t>(codes[0]);
  codes.remove_prefix(codes.empty() ? 0 : 1);
  Bytes out{1};
  append_u32(out, rows);
  append_sized(out, as_bytes(texts));
  out.insert(out.end(), codes.begin(), codes.end());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto block = Columns::read(as_bytes(text))) count(*block);
  if (text.starts_with('{')) count_lines(text);
  if (text.starts_with('[')) {
    if (const auto block = Columns::read(framed(text))) count(*block);
  }
  return 0;
}
