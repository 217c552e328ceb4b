// Each bound of an import, one below, at it and one above; a refusal names the place, the bound and
// what to do.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "feature/survey/import_plan.hpp"
#include "feature/survey/infer.hpp"
#include "feature/survey/lime_tables.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/parts.hpp"
#include "form/limits.hpp"

namespace probity::survey {
namespace {

/// So many pieces, with commas between them.
std::string list_of(std::size_t count, std::string_view piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out.append(i == 0 ? "" : ",").append(piece);
  return out;
}

/// Everything a refusal tells the client.
std::string told(const Error& error) {
  std::string out = error.hint;
  for (const FieldError& field : error.fields)
    out += fmt::format(" [{}] {}", field.field, field.reason);
  return out;
}

template <typename T>
void expect_refused(const Result<T>& result, Code code,
                    std::initializer_list<std::string_view> words) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code);
  for (const std::string_view word : words)
    EXPECT_NE(told(result.error()).find(word), std::string::npos)
        << told(result.error()) << " lacks " << word;
}

Result<TableRules> plan_of(const std::string& json) {
  TableRules rules;
  PROBITY_CHECK(read_plan(json, rules));
  return rules;
}

/// `made(n)` is taken for one below the bound and at it, and refused above.
template <typename Made>
void expect_bound(std::size_t bound, const Made& made,
                  std::initializer_list<std::string_view> words) {
  for (const std::size_t size : {bound - 1, bound}) {
    const auto taken = made(size);
    EXPECT_TRUE(taken) << size << ": " << (taken ? "" : told(taken.error()));
  }
  expect_refused(made(bound + 1), Code::LimitExceeded, words);
}

TEST(ImportPlan, BoundsItsBytes) {
  const auto of_size = [](std::size_t bytes) {
    std::string json = R"({"joined":true})";
    json.append(bytes - json.size(), ' ');
    return plan_of(json);
  };
  expect_bound(k_import_plan_max_bytes, of_size, {"[plan]", "1048576 bytes", "leave out"});
}

TEST(ImportPlan, BoundsItsDepth) {
  const auto nested = [](std::size_t levels) {
    // The object and its list are two levels; what stands in the list is judged by what it is.
    const auto plan = plan_of(R"({"questions":[)" + std::string(levels - 2, '[') +
                              std::string(levels - 2, ']') + "]}");
    return plan || plan.error().code == Code::BadRequest ? Result<TableRules>(TableRules()) : plan;
  };
  expect_bound(k_import_plan_depth_max, nested, {"[plan]", "5 levels", "take out"});
}

TEST(ImportPlan, BoundsItsQuestions) {
  const auto questions = [](std::size_t count) {
    return plan_of(fmt::format(R"({{"questions":[{}]}})", list_of(count, R"({"columns":[0]})")));
  };
  expect_bound(k_import_columns_max, questions, {"[/questions]", "500", "leave out"});
}

TEST(ImportPlan, BoundsTheColumnsOfAQuestion) {
  const auto columns = [](std::size_t count) {
    return plan_of(fmt::format(R"({{"questions":[{{"columns":[{}]}}]}})", list_of(count, "7")));
  };
  expect_bound(form::k_choices_max, columns,
               {"[/questions/0/columns]", "200 columns", "make several"});
  expect_refused(columns(0), Code::BadRequest, {"[/questions/0/columns]", "1 to 200"});
  EXPECT_EQ(columns(1)->wishes[0].columns.size(), 1U);
}

TEST(ImportPlan, BoundsPositions) {
  const auto at = [](std::string_view position) {
    return plan_of(fmt::format(R"({{"questions":[{{"columns":[{}]}}]}})", position));
  };
  for (const std::string_view position : {"0", "1", "498", "499"})
    EXPECT_TRUE(at(position)) << position;
  for (const std::string_view position : {"-1", "500", "501", "0.5", "1e300", "\"0\"", "null"})
    expect_refused(at(position), Code::BadRequest, {"[/questions/0/columns]", "from 0 to 499"});
}

TEST(ImportPlan, BoundsTitles) {
  const auto of_all = [](std::size_t bytes) {
    return plan_of(fmt::format(R"({{"title":" {} "}})", std::string(bytes, 't')));
  };
  expect_bound(form::k_title_max_bytes, of_all, {"[/title]", "8192 bytes", "shorten"});
  const auto of_one = [](std::size_t bytes) {
    return plan_of(fmt::format(R"({{"questions":[{{"columns":[0]}},)"
                               R"({{"columns":[1],"title":"{}"}}]}})",
                               std::string(bytes, 't')));
  };
  expect_bound(form::k_title_max_bytes, of_one, {"[/questions/1/title]", "8192 bytes", "shorten"});
}

TEST(ImportPlan, BoundsWordsForMissing) {
  const auto words = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
      list += fmt::format(R"({}"w{}")", i == 0 ? "" : ",", i);
    return plan_of(fmt::format(R"({{"missing":[{}]}})", list));
  };
  expect_bound(k_import_missing_max, words, {"[/missing]", "100 words", "name fewer"});
  const auto long_word = [](std::size_t bytes) {
    return plan_of(fmt::format(R"({{"missing":["9"," {} "]}})", std::string(bytes, 'w')));
  };
  expect_bound(k_import_missing_max_bytes, long_word, {"[/missing]", "1000 bytes", "shorter"});
  // The same word twice is one.
  EXPECT_EQ(plan_of(fmt::format(R"({{"missing":[{}]}})", list_of(300, "\"99\"")))->missing.size(),
            1U);
}

TEST(ImportPlan, BoundsHeaderRows) {
  for (const int rows : {1, 2, 3})
    EXPECT_EQ(plan_of(fmt::format(R"({{"header_rows":{}}})", rows))->header_rows, rows);
  for (const std::string_view rows : {"0", "4", "1.5", "\"1\""})
    expect_refused(plan_of(fmt::format(R"({{"header_rows":{}}})", rows)), Code::BadRequest,
                   {"[/header_rows]", "1, 2 or 3"});
}

TEST(ImportedTable, BoundsItsColumns) {
  const auto columns = [](std::size_t count) {
    return plan_table(list_of(count, "c") + "\n" + list_of(count, "1") + "\n", {});
  };
  expect_bound(k_import_columns_max, columns, {"Line 1", "500 columns", "divide"});
  // A separator at the end of a line makes no column.
  const std::string widest = list_of(k_import_columns_max, "c");
  EXPECT_TRUE(plan_table(widest + ",\n" + list_of(k_import_columns_max, "1") + ",\n", {}));
  expect_refused(plan_table(widest + ",,\n", {}), Code::LimitExceeded, {"Line 1", "500 columns"});
}

TEST(ImportedTable, HoldsAPlanToItsColumns) {
  const auto at = [](std::size_t position) {
    TableRules rules;
    rules.wishes.push_back({.columns = {position}, .shape = {}, .is_left_out = true, .title = {}});
    return plan_table("a,b,c\n1,2,3\n", rules);
  };
  EXPECT_TRUE(at(1));
  EXPECT_TRUE(at(2));
  expect_refused(at(3), Code::BadRequest,
                 {"[/questions/0/columns]", "3 columns", "counted from 0"});
}

TEST(ImportedTable, BoundsItsHeadings) {
  const auto heading = [](std::size_t bytes) {
    return plan_table("a," + std::string(bytes, 'h') + "\n1,2\n", {});
  };
  expect_bound(form::k_title_max_bytes, heading, {"column 2", "8192 bytes", "shorten"});
}

TEST(ImportedTable, BoundsItsCells) {
  const auto cell = [](std::size_t bytes) {
    return plan_table("a,b\n1," + std::string(bytes, 'x') + "\n", {});
  };
  expect_bound(k_import_cell_max_bytes, cell, {"Line 2", "200000 bytes", "shorten"});
}

TEST(ImportedTable, BoundsItsRows) {
  const auto rows = [](std::size_t count) {
    std::string text = "a\n";
    text.reserve(2 * count + 2);
    for (std::size_t i = 0; i < count; ++i)
      text += "1\n";
    return plan_table(text, {});
  };
  expect_bound(k_import_rows_max, rows, {"1000000 rows", "divide"});
}

TEST(ImportedTable, ListsSoManyRefusedRowsAndCountsAll) {
  // A row of three cells under two headings is refused.
  const auto refused = [](std::size_t count) {
    std::string text = "a,b\n1,2\n";
    for (std::size_t i = 0; i < count; ++i)
      text += "1,2,3\n";
    const auto plan = plan_table(text, {});
    EXPECT_TRUE(plan);
    EXPECT_EQ(plan ? plan->refused_count : 0, count);
    return plan ? plan->refused.size() : 0;
  };
  EXPECT_EQ(refused(k_import_refused_shown_max - 1), k_import_refused_shown_max - 1);
  EXPECT_EQ(refused(k_import_refused_shown_max), k_import_refused_shown_max);
  EXPECT_EQ(refused(k_import_refused_shown_max + 1), k_import_refused_shown_max);
}

TEST(LimeTables, BoundTheirBytes) {
  const auto structure = [](std::size_t bytes) {
    constexpr std::string_view k_empty = "<document></document>";
    return read_lime_tables(std::string(k_empty) + std::string(bytes - k_empty.size(), ' '));
  };
  expect_bound(k_lime_max_bytes, structure, {"16777216 bytes"});
}

TEST(LimeTables, BoundTheirRows) {
  const auto rows = [](std::size_t count) {
    std::string text = "<document><questions><rows>";
    for (std::size_t i = 0; i < count; ++i)
      text += "<row/>";
    return read_lime_tables(text + "</rows></questions></document>");
  };
  expect_bound(k_lime_rows_max, rows, {"100000 rows"});
}

TEST(LimeTables, BoundTheirDepth) {
  const auto nested = [](std::size_t levels) {
    std::string open = "<document>";
    std::string close = "</document>";
    for (std::size_t i = 1; i < levels; ++i) {
      open += "<a>";
      close.insert(0, "</a>");
    }
    return read_lime_tables(open + close);
  };
  expect_bound(k_lime_depth_max, nested, {"8 deep"});
}

/// Contents of a form of so many parts, with so many bytes in the header of the first (its blank
/// line counted).
Result<std::vector<std::string>> form_of(std::size_t count, std::size_t header_bytes,
                                         std::size_t boundary_bytes = 8) {
  const std::string boundary(boundary_bytes, 'b');
  constexpr std::string_view k_header = "Content-Disposition: form-data; name=\"file\"\r\nX: ";
  constexpr std::string_view k_blank = "\r\n\r\n";
  std::string body;
  for (std::size_t i = 0; i < count; ++i) {
    std::string header(k_header);
    if (i == 0 && header_bytes > 0)
      header.append(header_bytes - header.size() - k_blank.size(), 'x');
    body += fmt::format("--{}\r\n{}{}content\r\n", boundary, header, k_blank);
  }
  body += fmt::format("--{}--\r\n", boundary);
  PROBITY_TRY(parts, split_parts("multipart/form-data; boundary=" + boundary, body));
  std::vector<std::string> contents;
  for (const FormPart& part : parts)
    contents.emplace_back(part.content);
  return contents;
}

TEST(ImportForm, BoundsItsParts) {
  const auto parts = [](std::size_t count) { return form_of(count, 0); };
  expect_bound(k_form_parts_max, parts, {"8 parts", "send file and plan"});
}

TEST(ImportForm, BoundsTheHeaderOfAPart) {
  const auto header = [](std::size_t bytes) { return form_of(2, bytes); };
  expect_bound(k_form_part_header_max, header, {"header of a part", "4096 bytes", "shorter"});
  EXPECT_EQ(header(k_form_part_header_max)->front(), "content");
}

TEST(ImportForm, BoundsTheBoundary) {
  for (const std::size_t bytes : {1U, 69U, 70U})
    EXPECT_TRUE(form_of(1, 0, bytes)) << bytes;
  for (const std::size_t bytes : {0U, 71U})
    expect_refused(form_of(1, 0, bytes), Code::BadRequest, {"boundary"});
}

}  // namespace
}  // namespace probity::survey
