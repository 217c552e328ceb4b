#include "picture/table.hpp"

#include <fmt/format.h>

#include "picture/label.hpp"

namespace probity::picture {
namespace {

using form::Kind;
using report::ChoiceCount;
using report::PartCount;
using report::QuestionCount;

Cell words(std::string_view text) {
  return {Cell::Kind::Words, plain_text(text, k_shown_characters_max), {}, false};
}
Cell count(std::uint64_t number) {
  return {Cell::Kind::Count, {}, static_cast<double>(number), false};
}
Cell share(double number, bool is_estimated) {
  return {Cell::Kind::Share, {}, number, is_estimated};
}
Cell number(double value, bool is_estimated) {
  return {Cell::Kind::Number, {}, value, is_estimated};
}
Cell not_told(Cell::Kind kind) { return {kind, {}, {}, false}; }

Cell maybe_count(std::uint64_t told, bool is_known) {
  return is_known ? count(told) : not_told(Cell::Kind::Count);
}

Cell share_cell(const std::optional<report::Share>& told, bool is_estimated) {
  return told ? share(told->value, is_estimated) : not_told(Cell::Kind::Share);
}

Cell low_cell(const std::optional<report::Share>& told) {
  return told ? share(told->interval.low, false) : not_told(Cell::Kind::Share);
}
Cell high_cell(const std::optional<report::Share>& told) {
  return told ? share(told->interval.high, false) : not_told(Cell::Kind::Share);
}

/// What a pool is called: its values, those that are no answers in words of ours.
std::string pool_name(const report::Pool& pool) {
  std::string out;
  for (const std::string& text : pool.texts) {
    if (!out.empty()) out += " + ";
    if (text == "not_shown")
      out += "not shown";
    else if (text == "undeclared")
      out += "of another version";
    else if (text == "not_ranked")
      out += "not ranked";
    else if (text == "left_out")
      out += "left out";
    else
      out += text;
  }
  return out + " (together)";
}

std::vector<const QuestionCount*> counts_of(const Subject& subject) {
  std::vector<const QuestionCount*> out{subject.first};
  if (subject.second != nullptr) out.push_back(subject.second);
  return out;
}

std::string label_of(const Subject& subject, const QuestionCount& own) {
  if (!subject.is_compared()) return {};
  const std::string& label = &own == subject.second ? subject.second_label : subject.first_label;
  return plain_text(label, 80) + ": ";
}

std::string test_words(const report::Comparison* test) {
  if (test == nullptr) return "";
  return (test->is_significant() ? "significant, " : "not significant, ") +
         p_text(test->p_corrected);
}

bool has_part_tests(const Subject& subject) {
  for (const report::Comparison* test : subject.tests)
    if (!test->part.empty()) return true;
  return false;
}

/// Columns of choices: for each group count, share and interval; with weights the weighted share.
class ChoiceTable {
 public:
  explicit ChoiceTable(const Subject& subject) : subject_(subject) {}

  Table make() {
    head();
    for (std::size_t i = 0; i < subject_.first->counts.size(); ++i)
      row(i);
    for (const QuestionCount* own : counts_of(subject_))
      for (const report::Pool& pool : own->pools)
        pool_row(pool, *own);
    return std::move(table_);
  }

 private:
  [[nodiscard]] bool is_weighted() const { return subject_.first->weighted.has_value(); }

  void head() {
    table_.headings.emplace_back("Answer");
    for (const QuestionCount* own : counts_of(subject_)) {
      const std::string label = label_of(subject_, *own);
      for (const char* name : {"Count", "Share", "95 % from", "to"})
        table_.headings.push_back(label + name);
      if (is_weighted())
        for (const char* name : {"Weighted share", "95 % from", "to"})
          table_.headings.push_back(label + name);
    }
    if (has_part_tests(subject_)) table_.headings.emplace_back("Difference");
  }

  void row(std::size_t i) {
    std::vector<Cell> cells{words(subject_.first->counts[i].text)};
    for (const QuestionCount* own : counts_of(subject_)) {
      const ChoiceCount& choice = own->counts[i];
      cells.push_back(maybe_count(choice.count, !choice.is_pooled && !own->is_suppressed));
      cells.push_back(share_cell(choice.share, choice.is_pooled));
      cells.push_back(low_cell(choice.share));
      cells.push_back(high_cell(choice.share));
      if (!is_weighted()) continue;
      cells.push_back(share_cell(choice.weighted, choice.is_pooled));
      cells.push_back(low_cell(choice.weighted));
      cells.push_back(high_cell(choice.weighted));
    }
    if (has_part_tests(subject_))
      cells.push_back(words(test_words(test_of(subject_, subject_.first->counts[i].text))));
    table_.rows.push_back(std::move(cells));
  }

  void pool_row(const report::Pool& pool, const QuestionCount& own) {
    std::vector<Cell> cells{words(label_of(subject_, own) + pool_name(pool))};
    for (const QuestionCount* each : counts_of(subject_)) {
      cells.push_back(each == &own ? count(pool.count) : not_told(Cell::Kind::Count));
      const std::size_t rest = is_weighted() ? 6 : 3;
      for (std::size_t i = 0; i < rest; ++i)
        cells.push_back(not_told(Cell::Kind::Share));
    }
    if (has_part_tests(subject_)) cells.push_back(words(""));
    table_.rows.push_back(std::move(cells));
  }

  const Subject& subject_;
  Table table_;
};

/// Rows of a matrix or items of a ranking, one column for each answer.
class PartTable {
 public:
  explicit PartTable(const Subject& subject) : subject_(subject) {}

  Table make() {
    const bool is_ranking = subject_.question->kind == Kind::Ranking;
    table_.headings.emplace_back(is_ranking ? "Item" : "Row");
    if (subject_.is_compared()) table_.headings.emplace_back("Group");
    table_.headings.emplace_back("Answered");
    const auto& parts = subject_.first->parts;
    columns_ = parts.empty() ? 0 : parts.front().counts.size();
    for (std::size_t i = 0; i < columns_; ++i) {
      const std::string name =
          (is_ranking ? "Place " : "") + plain_text(parts.front().counts[i].text, 120);
      table_.headings.push_back(name);
      table_.headings.push_back(name + ", share");
    }
    for (const PartCount& part : parts)
      has_means_ = has_means_ || part.mean;
    if (has_means_) table_.headings.emplace_back(is_ranking ? "Mean place" : "Mean");
    if (has_part_tests(subject_)) table_.headings.emplace_back("Difference");
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (const QuestionCount* own : counts_of(subject_))
        row(own->parts[i], *own);
    return std::move(table_);
  }

 private:
  void row(const PartCount& part, const QuestionCount& own) {
    std::vector<Cell> cells{words(part.title.empty() ? part.name : part.title)};
    if (subject_.is_compared())
      cells.push_back(
          words(&own == subject_.second ? subject_.second_label : subject_.first_label));
    cells.push_back(maybe_count(part.answered, part.is_answered_known));
    for (const ChoiceCount& choice : part.counts) {
      cells.push_back(maybe_count(choice.count, !choice.is_pooled && !part.is_suppressed));
      cells.push_back(share_cell(choice.share, choice.is_pooled));
    }
    if (has_means_)
      cells.push_back(part.mean ? number(*part.mean, part.is_estimated)
                                : not_told(Cell::Kind::Number));
    if (has_part_tests(subject_))
      cells.push_back(
          words(&own == subject_.first ? test_words(test_of(subject_, part.name)) : ""));
    const std::size_t width = cells.size();
    table_.rows.push_back(std::move(cells));
    for (const report::Pool& pool : part.pools) {
      std::vector<Cell> pooled(width, words(""));
      pooled[0] = words(part.title + ": " + pool_name(pool));
      pooled[subject_.is_compared() ? 2 : 1] = count(pool.count);
      table_.rows.push_back(std::move(pooled));
    }
  }

  const Subject& subject_;
  Table table_;
  std::size_t columns_ = 0;
  bool has_means_ = false;
};

Table item_table(const Subject& subject) {
  Table out;
  out.headings.emplace_back("Line");
  for (const QuestionCount* own : counts_of(subject))
    out.headings.push_back(label_of(subject, *own) + "Filled in");
  for (std::size_t i = 0; i < subject.first->parts.size(); ++i) {
    std::vector<Cell> cells{words(subject.first->parts[i].title)};
    for (const QuestionCount* own : counts_of(subject))
      cells.push_back(maybe_count(own->parts[i].answered, own->parts[i].is_answered_known));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

Table bin_table(const Subject& subject) {
  Table out;
  if (subject.is_compared()) out.headings.emplace_back("Group");
  out.headings.emplace_back("Value");
  out.headings.emplace_back("Count");
  for (const QuestionCount* own : counts_of(subject)) {
    for (const report::Bin& bin : own->histogram) {
      std::vector<Cell> cells;
      if (subject.is_compared())
        cells.push_back(words(own == subject.second ? subject.second_label : subject.first_label));
      cells.push_back(words(bin_text(*subject.question, bin)));
      cells.push_back(count(bin.count));
      out.rows.push_back(std::move(cells));
    }
  }
  return out;
}

Table word_table(const Subject& subject) {
  Table out;
  out.headings = {"Word", "Said by"};
  for (const report::WordCount& word : subject.words)
    out.rows.push_back({words(word.word), count(word.responses)});
  return out;
}

}  // namespace

std::string cell_text(const Cell& cell) {
  if (cell.kind == Cell::Kind::Words) return cell.words;
  if (!cell.number) return "\u2013";
  const std::string sign = cell.is_estimated ? "\u2248" : "";
  switch (cell.kind) {
    case Cell::Kind::Count: return sign + count_text(static_cast<std::uint64_t>(*cell.number));
    case Cell::Kind::Share: return sign + percent_text(*cell.number);
    case Cell::Kind::Number: return sign + number_text(*cell.number);
    case Cell::Kind::Words: break;
  }
  return {};
}

Table table_of(const Subject& subject) {
  const Form form = form_of(subject);
  if (form == Form::None) return {};
  if (form == Form::Words) return word_table(subject);
  if (subject.question->kind == Kind::MultipleText) return item_table(subject);
  if (form == Form::Stack) return PartTable(subject).make();
  if (subject.first->counts.empty()) return bin_table(subject);
  return ChoiceTable(subject).make();
}

}  // namespace probity::picture
