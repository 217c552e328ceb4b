#include "report/columns.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>

#include "report/column_table.hpp"
#include "report/count.hpp"
#include "report/report.hpp"

namespace probity::report {
namespace {

using form::parse_questionnaire;
using form::Parsed;

constexpr std::string_view k_everything = R"({"elements":[
  {"type":"radiogroup","name":"one","choices":[{"value":1,"text":"low"},3,"n/a","true"],
   "hasOther":true},
  {"type":"boolean","name":"flag"},
  {"type":"checkbox","name":"many","choices":["x","y",5,"none"],"hasOther":true},
  {"type":"rating","name":"nps","rateMin":0,"rateMax":10,"visibleIf":"{flag} = true"},
  {"type":"matrix","name":"grid","columns":[1,2,"c"],"rows":["r","s","t"]},
  {"type":"ranking","name":"rank","choices":["a","b","c"]},
  {"type":"multipletext","name":"lines","items":[{"name":"i"},{"name":"k"}]},
  {"type":"text","name":"age","inputType":"number"},
  {"type":"text","name":"born","inputType":"date"},
  {"type":"text","name":"at","inputType":"time"},
  {"type":"text","name":"words"},
  {"type":"comment","name":"more","visibleIf":"{many} contains 'y' and {words} notempty"},
  {"type":"dropdown","name":"weight","choices":["0.7","1","1.3",2.25,"heavy"]},
  {"type":"panel","name":"p","visibleIf":"{grid.r} = 2 or {one} = 1","elements":[
    {"type":"text","name":"inner","visibleIf":"{age} > 40"},
    {"type":"checkbox","name":"deep","choices":["u","v"],"visibleIf":"{nps} >= 5"}]},
  {"type":"html","html":"x"}]})";

constexpr auto k_filters =
    std::to_array<std::string_view>({"",
                                     "",
                                     "one=1",
                                     "flag=true",
                                     "many=y",
                                     "many=5&flag=true",
                                     "{nps} >= 7",
                                     "{many} contains 'x' or {many} contains 'y'",
                                     "{many} allof ['x','y']",
                                     "{many} noneof ['x', 5]",
                                     "{many} empty",
                                     "{grid.s} = 2",
                                     "{grid.s} = 'c' and {flag} = false",
                                     "{age} > 30 and {age} < 50",
                                     "{words} notempty",
                                     "{words} = 'harbour'",
                                     "{words} contains 'a'",
                                     "{one-Comment} notempty",
                                     "{rank[0]} = 'b'",
                                     "{lines.i} notempty",
                                     "{many} = ['x','y']",
                                     "{grid} notempty",
                                     "{deep} contains 'u'",
                                     "{born} < '1980-01-01'",
                                     "{one} = 'other' and {one-Comment} contains 'q'",
                                     "{one} > 2",
                                     "{at} notempty",
                                     "{many} anyof {deep}",
                                     "{age} + {nps} > 40",
                                     "not ({flag} = true)",
                                     "{inner} = 'z'"});

/// Answers as stored ones are, and as no questionnaire ever lets them through.
class Invented {
 public:
  explicit Invented(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  template <typename List>
  auto one_of(const List& list) {
    return list[below(list.size())];
  }
  std::string response() {
    std::string out = "{";
    for (const std::string_view name :
         {"one", "one-Comment", "flag", "many", "nps", "grid", "rank", "lines", "age", "born", "at",
          "words", "more", "weight", "inner", "deep", "gone"}) {
      if (below(4) == 0) continue;
      add(out, name, answer(name));
      if (below(400) == 0) add(out, name, "\"twice\"");
    }
    return out + "}";
  }

 private:
  static void add(std::string& out, std::string_view name, std::string_view value) {
    if (out.size() > 1) out += ",";
    out += fmt::format("\"{}\":{}", name, value);
  }
  std::string list_of(std::span<const std::string_view> from) {
    std::string out = "[";
    const std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out += ",";
      out += one_of(from);
    }
    return out + "]";
  }
  std::string answer(std::string_view name) {
    using Some = std::vector<std::string_view>;
    if (below(60) == 0) {
      return std::string(one_of(Some{"null", "[]", "{}", "\"\"", "[\"x\",\"y\"]", "{\"r\":1}", "-1",
                                     "[[1]]", "{\"a\":{\"b\":1}}", "1e300", "[null,true]", "0.1"}));
    }
    if (name == "one")
      return std::string(
          one_of(Some{"1", "3", "\"3\"", "\"n/a\"", "\"other\"", "true", "1.0", "\"old\""}));
    if (name == "flag") return below(2) == 0 ? "true" : "false";
    if (name == "many")
      return list_of(Some{"\"x\"", "\"y\"", "5", "\"5\"", "\"none\"", "\"other\"", "\"gone\""});
    if (name == "deep") return list_of(Some{"\"u\"", "\"v\""});
    if (name == "nps") return std::to_string(below(11));
    if (name == "grid")
      return fmt::format(R"({{"r":{},"s":{},"{}":"c"}})", 1 + below(2), 1 + below(3),
                         one_of(Some{"t", "u"}));
    if (name == "rank") return list_of(Some{"\"a\"", "\"b\"", "\"c\"", "\"d\""});
    if (name == "lines")
      return one_of(Some{"{\"i\":\"a\"}", "{\"i\":\"b\",\"k\":\"c\"}", "{\"z\":1}"}).data();
    if (name == "age") return std::to_string(18 + below(60));
    if (name == "born") return fmt::format("\"19{}-0{}-11\"", 50 + below(49), 1 + below(9));
    if (name == "at") return fmt::format("\"{}:{}\"", 10 + below(13), 10 + below(49));
    if (name == "weight")
      return std::string(one_of(Some{"\"0.7\"", "\"1\"", "\"1.3\"", "2.25", "\"heavy\"", "0.1"}));
    if (name == "words")
      return fmt::format("\"{}{}\"", one_of(Some{"harbour", "a \\\"quote\\\"", "\\u00e9t\\u00e9"}),
                         below(30));
    return fmt::format("\"q{}\"", below(5'000));
  }

  std::mt19937 random_;
};

struct Received {
  std::string answers;
  std::int64_t hour;
  std::int64_t version;
};

/// Everything that can be read off a tally, in an order that does not depend on that of counting.
std::vector<std::string> described(const Tally& tally) {
  const auto block_text = [&](const Block& block) {
    std::string out = fmt::format("{} {} {} {}", block.responses, block.weightless,
                                  block.weight.value(), block.weight_squares.value());
    const auto& questions = tally.questionnaire().questions;
    for (std::uint32_t q = 0; q < questions.size(); ++q) {
      for (const Facet& facet : facets_of(questions[q], q))
        out += fmt::format("; {} {}", fmt::join(tally.values_of(facet, block), " "),
                           fmt::join(tally.weights_of(facet, block), " "));
      out += fmt::format(" u{}", tally.undeclared_in(q, block));
      if (!block.answer_squares.empty())
        out += fmt::format(" s{}", block.answer_squares[q].value());
    }
    return out;
  };
  std::vector<std::string> out;
  for (std::size_t p = 0; p < tally.parts().size() && !tally.is_too_detailed(); ++p) {
    std::string text = "part";
    for (std::size_t d = 0; d < tally.dimensions().size(); ++d)
      text += fmt::format(" {}", tally.positions_in(d)[p]);
    text += fmt::format(" selected {}: ", tally.parts()[p].selected);
    out.push_back(text + block_text(tally.parts()[p].block));
  }
  std::ranges::sort(out);
  out.push_back("whole " + block_text(tally.whole()));
  for (std::uint32_t q = 0; q < tally.questionnaire().questions.size(); ++q)
    out.push_back(fmt::format("guards {}", tally.least_guarded(q).value_or(0)));
  out.push_back(fmt::format("{} {}", tally.is_too_detailed(), tally.has_too_many_numbers()));
  return out;
}

/// Where two descriptions begin to differ; empty when they do not.
std::string difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() && y == b.end()) return {};
  if (x == a.end() || y == b.end()) return fmt::format("{} and {} lines", a.size(), b.size());
  const auto [i, k] = std::ranges::mismatch(*x, *y);
  const auto at = static_cast<std::size_t>(i - x->begin());
  const std::size_t from = at > 60 ? at - 60 : 0;
  return fmt::format("line {}: ...{} instead of ...{}", x - a.begin(), x->substr(from, 90),
                     y->substr(from, 90));
}

class ColumnsTest : public testing::Test {
 protected:
  ColumnsTest() : parsed(*parse_questionnaire(k_everything)), form(parsed.questionnaire) {}

  std::vector<Received> receive(Invented& invented, std::size_t count) {
    std::vector<Received> out;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back({invented.response(), -30 + static_cast<std::int64_t>(invented.below(90)),
                     1 + static_cast<std::int64_t>(invented.below(2))});
    return out;
  }
  static std::vector<Columns> blocks_of(const std::vector<Received>& responses, std::size_t rows) {
    std::vector<Columns> out;
    ColumnWriter writer;
    const auto end = [&] {
      auto block = Columns::read(writer.finish());
      EXPECT_TRUE(block);
      if (block) out.push_back(std::move(*block));
    };
    for (const Received& response : responses) {
      EXPECT_TRUE(writer.add(response.answers, response.hour, response.version));
      if (writer.responses() == rows || writer.is_full()) end();
    }
    if (writer.responses() > 0) end();
    return out;
  }
  Selection select(Invented& invented) {
    Selection out;
    chosen = invented.below(k_filters.size());
    if (const auto text = k_filters[chosen]; !text.empty()) {
      auto filter = Filter::parse(form, text);
      EXPECT_TRUE(filter) << text;
      out.filter = std::move(*filter);
    }
    if (invented.below(4) == 0) out.also = *Filter::parse(form, "{flag} = true");
    if (invented.below(3) == 0) out.from_unit = static_cast<std::int64_t>(invented.below(3)) - 1;
    if (invented.below(4) == 0) out.to_unit = static_cast<std::int64_t>(invented.below(30));
    if (invented.below(5) == 0) out.version = 1;
    return out;
  }
  static void add_rows(Tally& tally, const std::vector<Received>& responses,
                       std::int64_t unit_hours) {
    for (const Received& response : responses) {
      const std::int64_t begun =
          response.hour >= 0 ? response.hour : response.hour - (unit_hours - 1);
      ASSERT_TRUE(tally.add(response.answers, {begun / unit_hours, response.version}));
    }
  }

  Parsed parsed;
  const Questionnaire& form;
  std::size_t chosen = 0;
};

TEST_F(ColumnsTest, CountWhatRowsCount) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    Invented invented(seed);
    const auto responses = receive(invented, 100 + invented.below(1'500));
    const auto blocks = blocks_of(responses, 1 + invented.below(900));
    for (int round = 0; round < 12; ++round) {
      const Selection selection = select(invented);
      std::optional<std::uint32_t> weight;
      if (invented.below(2) == 0) weight = form.find(invented.below(2) == 0 ? "weight" : "age");
      const std::int64_t unit_hours = invented.below(2) == 0 ? 1 : 24;
      Tally rows(form, selection, weight);
      add_rows(rows, responses, unit_hours);
      Tally first(form, selection, weight);
      Tally second(form, selection, weight);
      for (const Columns& block : blocks) {
        Tally& to = invented.below(2) == 0 ? first : second;
        ASSERT_TRUE(to.can_add(block));
        to.add(block, unit_hours);
      }
      first.merge(second);
      ASSERT_EQ(difference(described(first), described(rows)), "")
          << (selection.filter ? k_filters[chosen] : "");
      JsonWriter a;
      JsonWriter b;
      a.begin_object();
      b.begin_object();
      write_report(a, rows);
      write_report(b, first);
      ASSERT_EQ(b.text(), a.text());
    }
  }
}

TEST_F(ColumnsTest, CountSelectionsTogetherAsEachAlone) {
  for (unsigned seed = 100; seed < 108; ++seed) {
    SCOPED_TRACE(seed);
    Invented invented(seed);
    const auto responses = receive(invented, 100 + invented.below(1'000));
    const auto blocks = blocks_of(responses, 1 + invented.below(600));
    for (int round = 0; round < 8; ++round) {
      const Selection one = select(invented);
      const Selection other = select(invented);
      std::optional<std::uint32_t> weight;
      if (invented.below(3) == 0) weight = form.find("weight");
      const std::int64_t unit_hours = invented.below(2) == 0 ? 1 : 24;
      std::vector<Tally> rows;
      std::vector<Tally> columns;
      std::vector<Tally> together;
      for (const Selection& selection : {one, other, both_of(one, other)}) {
        add_rows(rows.emplace_back(form, selection, weight), responses, unit_hours);
        columns.emplace_back(form, selection, weight);
        together.emplace_back(form, selection, weight);
      }
      for (const Columns& block : blocks)
        Tally::add_to_all(columns, block, unit_hours);
      for (const auto& [answers, hour, version] : responses) {
        const std::int64_t begun = hour >= 0 ? hour : hour - (unit_hours - 1);
        ASSERT_TRUE(Tally::add_to_all(together, answers, {begun / unit_hours, version}));
      }
      for (std::size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ(difference(described(columns[i]), described(rows[i])), "") << i;
        ASSERT_EQ(difference(described(together[i]), described(rows[i])), "") << i;
      }
    }
  }
}

TEST_F(ColumnsTest, LeaveOutTextsThatAreTooMany) {
  std::vector<Received> responses;
  for (int i = 0; i < 3'000; ++i)
    responses.push_back({fmt::format(R"({{"more":"{}{}","one":1,"lines":{{"i":"{}"}}}})",
                                     std::string(500, 'm'), i, std::string(500, 'l')),
                         5, 1});
  const auto blocks = blocks_of(responses, 3'000);
  ASSERT_EQ(blocks.size(), 1U);
  for (const std::string_view text : {"", "{more} notempty", "{one} = 1", "{more} contains '7'"}) {
    Selection selection;
    if (!text.empty()) selection.filter = *Filter::parse(form, text);
    Tally rows(form, selection, {});
    Tally columns(form, selection, {});
    add_rows(rows, responses, 24);
    ASSERT_TRUE(columns.can_add(blocks[0])) << text;
    columns.add(blocks[0], 24);
    JsonWriter a;
    JsonWriter b;
    a.begin_object();
    b.begin_object();
    write_report(a, rows);
    write_report(b, columns);
    EXPECT_EQ(b.text(), a.text()) << text;
  }
  // What is asked for a number or a choice is not there.
  const auto other = parse_questionnaire(
      R"({"elements":[{"type":"dropdown","name":"more","choices":["a"]},
                      {"type":"radiogroup","name":"one","choices":[1]}]})");
  ASSERT_TRUE(other);
  EXPECT_FALSE(Tally(other->questionnaire).can_add(blocks[0]));
}

TEST_F(ColumnsTest, RefuseWhatIsNoBlock) {
  ColumnWriter writer;
  EXPECT_FALSE(writer.add("[]", 0, 1));
  EXPECT_FALSE(writer.add("{", 0, 1));
  EXPECT_EQ(writer.responses(), 0U);
  Invented invented(5);
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(writer.add(invented.response(), i % 7, 1));
  const Bytes whole = writer.finish();
  EXPECT_EQ(writer.responses(), 0U);
  ASSERT_TRUE(Columns::read(whole));
  EXPECT_EQ(Columns::read(whole)->responses(), 200U);
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 50)
    EXPECT_FALSE(Columns::read(BytesView(whole).first(size))) << size;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(Columns::read(longer));
}

TEST_F(ColumnsTest, EndABlockAtItsBounds) {
  ColumnWriter writer;
  for (std::size_t i = 0; i + 1 < k_columns_rows_max; ++i)
    ASSERT_TRUE(writer.add("{}", 0, 1));
  EXPECT_FALSE(writer.is_full());
  ASSERT_TRUE(writer.add("{}", 0, 1));
  EXPECT_TRUE(writer.is_full());
  auto block = Columns::read(writer.finish());
  ASSERT_TRUE(block);
  Tally tally(form);
  tally.add(*block, 24);
  EXPECT_EQ(tally.responses(), k_columns_rows_max);
}

/// A block of given texts and codes, as no writer makes it.
Bytes forged(std::size_t rows, std::string_view texts, BytesView codes) {
  Bytes out{1};
  append_u32(out, static_cast<std::uint32_t>(rows));
  append_sized(out, as_bytes(texts));
  out.insert(out.end(), codes.begin(), codes.end());
  return out;
}

/// Codes that are all 0: no bits, no bytes.
void append_zeros(Bytes& out) { out.insert(out.end(), {0, 0, 0, 0, 0}); }

/// A block of one response that came in then.
Bytes arrived(std::int64_t hour, std::int64_t version) {
  Bytes codes;
  append_zeros(codes);
  return forged(1, fmt::format("[[[{},{}]],[],[]]", hour, version), codes);
}

TEST(ColumnsReader, RefusesTimesThatCannotBe) {
  constexpr std::int64_t k_hour = std::int64_t{1} << 32;
  constexpr std::int64_t k_version = std::int64_t{1} << 31;
  for (const auto& [hour, version] :
       {std::pair{k_hour - 1, k_version - 1}, {k_hour, k_version}, {-k_hour, std::int64_t{0}}})
    EXPECT_TRUE(Columns::read(arrived(hour, version))) << hour << " " << version;
  constexpr auto k_least = std::numeric_limits<std::int64_t>::min();
  for (const auto& [hour, version] : {std::pair{k_hour + 1, k_version},
                                      {-k_hour - 1, k_version},
                                      {k_hour, k_version + 1},
                                      {std::int64_t{0}, std::int64_t{-1}},
                                      {k_least, std::int64_t{1}},
                                      {std::int64_t{1}, k_least}})
    EXPECT_FALSE(Columns::read(arrived(hour, version))) << hour << " " << version;
  Bytes none;
  append_zeros(none);
  EXPECT_TRUE(Columns::read(forged(0, R"([[],[],[[[5,1],"{}"]]])", none)));
  EXPECT_FALSE(Columns::read(forged(0, R"([[],[],[[[-9223372036854775808,1],"{}"]]])", none)));
}

/// A block of so many columns that nobody answered: their codes take no room.
Bytes of_columns(std::size_t columns, std::size_t rows) {
  std::string texts = "[[[5,1]],[";
  Bytes codes;
  append_zeros(codes);
  for (std::size_t i = 0; i < columns; ++i) {
    texts += fmt::format(R"({}["c{}",[],[]])", i == 0 ? "" : ",", i);
    append_zeros(codes);
    append_u32(codes, 0);
    append_zeros(codes);
  }
  return forged(rows, texts + "],[]]", codes);
}

TEST(ColumnsReader, RefusesMoreThanABlockHolds) {
  for (const std::size_t columns : {2'047U, 2'048U})
    EXPECT_TRUE(Columns::read(of_columns(columns, 1))) << columns;
  EXPECT_FALSE(Columns::read(of_columns(2'049, 1)));
  // Twice k_columns_cells_max, which a writer passes by one response at most.
  for (const std::size_t columns : {255U, 256U})
    EXPECT_TRUE(Columns::read(of_columns(columns, k_columns_rows_max))) << columns;
  EXPECT_FALSE(Columns::read(of_columns(257, k_columns_rows_max)));
  EXPECT_FALSE(Columns::read(of_columns(1, k_columns_rows_max + 1)));
}

TEST(ColumnsReader, RefusesItemsThatNoAnswerHas) {
  const auto with_items = [](std::string_view items) {
    Bytes codes;
    append_zeros(codes);
    codes.insert(codes.end(), {1, 0, 0, 0, 1, 1});
    append_u32(codes, 1);
    append_zeros(codes);
    return forged(1, fmt::format(R"([[[5,1]],[["k",[[0,1]],[{}]]],[]])", items), codes);
  };
  for (const std::string_view items : {"1", "null", "{}", "[\"a\",1]", "[\"a\"]"})
    EXPECT_TRUE(Columns::read(with_items(items))) << items;
  for (const std::string_view items : {"[]", "[1]", "[\"a\",[1]]", "[\"a\",{}]"})
    EXPECT_FALSE(Columns::read(with_items(items))) << items;
  std::string many = "1";
  for (int i = 1; i < 65'536; ++i)
    many += ",1";
  EXPECT_TRUE(Columns::read(with_items(many)));
  EXPECT_FALSE(Columns::read(with_items(many + ",1")));
}

TEST_F(ColumnsTest, StayWithinTheirCellsWhenAResponseBringsManyNames) {
  const auto odd_with = [this](std::size_t names) {
    constexpr std::size_t k_rows = 60'000;
    ColumnWriter writer;
    for (std::size_t i = 0; i < k_rows; ++i)
      EXPECT_TRUE(writer.add(R"({"flag":true})", 5, 1));
    std::string wide = R"({"flag":true)";
    for (std::size_t i = 1; i < names; ++i)
      wide += fmt::format(R"(,"n{}":1)", i);
    EXPECT_TRUE(writer.add(wide + "}", 5, 1));
    auto block = Columns::read(writer.finish());
    EXPECT_TRUE(block);
    if (!block) return std::size_t{0};
    EXPECT_EQ(block->responses(), k_rows + 1);
    Tally tally(form);
    tally.add(*block, 24);
    EXPECT_EQ(tally.responses(), k_rows + 1);
    return block->state().odd.size();
  };
  const std::size_t most = k_columns_cells_max / 60'001;
  EXPECT_EQ(odd_with(most - 1), 0U);
  EXPECT_EQ(odd_with(most), 0U);
  EXPECT_EQ(odd_with(most + 1), 1U);
}

}  // namespace
}  // namespace probity::report
