#include "picture/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "picture/label.hpp"

namespace probity::picture {
namespace {

using form::Kind;
using report::QuestionCount;

/// Ratings with more values are told as bars.
constexpr std::size_t k_columns_of_rating_max = 11;

bool is_text(const form::Question& question) {
  return (question.kind == Kind::Text || question.kind == Kind::Comment) &&
         !report::is_numeric(question);
}

bool has_shares(const QuestionCount& count) {
  return std::ranges::any_of(
      count.counts, [](const report::ChoiceCount& choice) { return choice.share.has_value(); });
}

bool has_parts(const QuestionCount& count) {
  return std::ranges::any_of(count.parts, [](const report::PartCount& part) {
    return !part.is_suppressed && (part.answered > 0 || part.is_estimated);
  });
}

bool has_anything(const QuestionCount& count) {
  if (count.is_suppressed) return false;
  return has_shares(count) || has_parts(count) || !count.histogram.empty();
}

Form form_of_choices(const form::Question& question) {
  const bool is_scale =
      question.kind == Kind::Rating && question.choices.size() <= k_columns_of_rating_max;
  return is_scale ? Form::Columns : Form::Bars;
}

std::string date_text(double days) {
  using namespace std::chrono;
  constexpr double k_days_max = 3'000'000;
  if (!(std::abs(days) <= k_days_max)) return number_text(days);
  const year_month_day day{sys_days{std::chrono::days{static_cast<int>(std::floor(days))}}};
  return fmt::format("{:04d}-{:02d}-{:02d}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

/// "Answered by 812 of 1,186; skipped by 174; not shown to 200."
std::string answered_text(const QuestionCount& count, std::uint64_t responses,
                          std::string_view label) {
  const std::string who = label.empty() ? std::string() : fmt::format("{}: ", label);
  if (!count.is_answered_known) {
    return fmt::format(
        "{}How many of {} answered is not told apart in this group, because too few did or did "
        "not.",
        who, count_text(responses));
  }
  std::string out =
      fmt::format("{}Answered by {} of {}", who, count_text(count.answered), count_text(responses));
  if (count.skipped > 0) out += fmt::format("; skipped by {}", count_text(count.skipped));
  if (count.not_shown > 0) out += fmt::format("; not shown to {}", count_text(count.not_shown));
  if (count.declared_missing > 0) {
    out += fmt::format("; {} said that they do not know or do not want to answer",
                       count_text(count.declared_missing));
  }
  if (count.undeclared > 0) {
    out += fmt::format("; {} chose what only another version offers", count_text(count.undeclared));
  }
  return out + ".";
}

void add_spread(const QuestionCount& count, const Subject& subject, std::string_view label,
                std::vector<std::string>& out) {
  if (!count.spread || count.is_suppressed) return;
  const form::Question& question = *subject.question;
  const bool is_number = question.kind != Kind::Text || question.choices.size() > 0 ||
                         question.text.input == form::InputType::Number ||
                         question.text.input == form::InputType::Range;
  const std::string who = label.empty() ? std::string() : fmt::format("{}: ", label);
  if (!is_number) {
    out.push_back(fmt::format("{}Median {}.", who, value_text(question, count.spread->median)));
    return;
  }
  std::string text = fmt::format("{}Mean {}, median {}, standard deviation {}", who,
                                 number_text(count.spread->mean), number_text(count.spread->median),
                                 number_text(count.spread->deviation));
  if (count.weighted && count.weighted->mean)
    text += fmt::format("; weighted mean {}", number_text(*count.weighted->mean));
  out.push_back(text + (count.is_estimated ? " (estimated)." : "."));
}

void add_pools(const QuestionCount& count, std::string_view label, std::vector<std::string>& out) {
  const bool is_pooled =
      !count.pools.empty() || std::ranges::any_of(count.parts, [](const report::PartCount& part) {
        return !part.pools.empty();
      });
  if (!is_pooled && !count.is_estimated) return;
  const std::string who = label.empty() ? std::string() : fmt::format("{}: ", label);
  out.push_back(who +
                "Answers of few people are counted together with others; values marked \u2248 are "
                "estimated from their shares among all responses.");
}

std::string method_name(std::string_view method) {
  if (method == "chi-square") return "chi-square test";
  if (method == "fisher") return "Fisher's exact test";
  if (method == "welch") return "Welch's test of means";
  return "difference of scores";
}

void add_tests(const Subject& subject, std::vector<std::string>& out) {
  std::size_t significant = 0;
  for (const report::Comparison* test : subject.tests) {
    if (!test->part.empty()) {
      significant += test->is_significant() ? 1 : 0;
      continue;
    }
    out.push_back(
        fmt::format("The groups {} ({}, {} after Holm's correction{}).",
                    test->is_significant() ? "differ significantly" : "do not differ significantly",
                    method_name(test->method), p_text(test->p_corrected),
                    test->is_approximate ? ", approximate: few answers" : ""));
  }
  if (significant > 0) {
    out.emplace_back(
        "\u2260 marks where the groups differ significantly (p < 0.05 after Holm's correction).");
  }
}

void add_of_group(const Subject& subject, const QuestionCount& count, std::uint64_t responses,
                  std::vector<std::string>& out) {
  const std::string_view label =
      &count == subject.second ? std::string_view(subject.second_label) : subject.first_label;
  const std::string shown = plain_text(label, 80);
  out.push_back(answered_text(count, responses, shown));
  if (count.is_suppressed) out.emplace_back(suppressed_text());
  add_spread(count, subject, shown, out);
  add_pools(count, shown, out);
}

}  // namespace

Form form_of(const Subject& subject) {
  const form::Question& question = *subject.question;
  if (is_text(question)) return subject.words.empty() ? Form::None : Form::Words;
  const bool is_any =
      has_anything(*subject.first) || (subject.second != nullptr && has_anything(*subject.second));
  if (!is_any) return Form::None;
  if (subject.first->nps || (subject.second != nullptr && subject.second->nps)) return Form::Score;
  switch (question.kind) {
    case Kind::Matrix:
    case Kind::Ranking: return Form::Stack;
    case Kind::MultipleText: return Form::Bars;
    case Kind::Text:
    case Kind::Comment: return Form::Columns;
    case Kind::Radiogroup:
    case Kind::Checkbox:
    case Kind::Dropdown:
    case Kind::Tagbox:
    case Kind::Rating:
    case Kind::Boolean: return form_of_choices(question);
    case Kind::Html: break;
  }
  return Form::None;
}

std::string_view form_name(Form form) {
  switch (form) {
    case Form::Bars: return "Bar chart";
    case Form::Columns: return "Column chart";
    case Form::Stack: return "Stacked bar chart";
    case Form::Score: return "Net promoter score";
    case Form::Words: return "Most frequent words";
    case Form::None: break;
  }
  return "No picture";
}

const report::QuestionCount* question_of(const report::Report& report, std::string_view name) {
  const auto found = std::ranges::find(report.questions, name, &QuestionCount::name);
  return found == report.questions.end() ? nullptr : &*found;
}

std::vector<Subject> subjects_of(const form::Questionnaire& questionnaire,
                                 std::span<const report::Report> reports,
                                 std::span<const report::Comparison> tests) {
  std::vector<Subject> out;
  if (reports.empty() || !reports[0].is_shown()) return out;
  const report::Report* second =
      reports.size() > 1 && reports[1].is_shown() ? &reports[1] : nullptr;
  for (const form::Question& question : questionnaire.questions) {
    const QuestionCount* first = question_of(reports[0], question.name);
    if (first == nullptr) continue;
    Subject subject;
    subject.question = &question;
    subject.first = first;
    subject.responses = reports[0].responses;
    subject.weight = reports[0].weight;
    if (second != nullptr) {
      subject.second = question_of(*second, question.name);
      subject.second_responses = second->responses;
    }
    for (const report::Comparison& test : tests)
      if (test.question == question.name) subject.tests.push_back(&test);
    out.push_back(std::move(subject));
  }
  return out;
}

const report::Comparison* test_of(const Subject& subject, std::string_view part) {
  for (const report::Comparison* test : subject.tests)
    if (test->part == part) return test;
  return nullptr;
}

std::string value_text(const form::Question& question, double value) {
  using form::InputType;
  constexpr double k_minutes_of_hour = 60;
  constexpr double k_months = 12;
  if (question.kind != Kind::Text) return number_text(value);
  switch (question.text.input) {
    case InputType::Date:
    case InputType::DateTimeLocal: return date_text(value);
    case InputType::Month:
      return fmt::format("{:04.0f}-{:02.0f}", std::floor(value / k_months),
                         value - k_months * std::floor(value / k_months) + 1);
    case InputType::Time:
      return fmt::format("{:02.0f}:{:02.0f}", std::floor(value / k_minutes_of_hour),
                         value - k_minutes_of_hour * std::floor(value / k_minutes_of_hour));
    default: return number_text(value);
  }
}

std::string bin_text(const form::Question& question, const report::Bin& bin) {
  if (bin.from == bin.to) return value_text(question, bin.from);
  return fmt::format("{} to {}", value_text(question, bin.from), value_text(question, bin.to));
}

std::string_view suppressed_text() {
  return "Nothing is told of this question in this group, because too few people answered alike.";
}

std::vector<std::string> notes_of(const Subject& subject) {
  std::vector<std::string> out;
  add_of_group(subject, *subject.first, subject.responses, out);
  if (subject.second != nullptr)
    add_of_group(subject, *subject.second, subject.second_responses, out);
  if (subject.first->weighted && !subject.weight.empty()) {
    out.push_back(fmt::format("Weighted by {}: effective number of answers {}.",
                              plain_text(subject.weight, 80),
                              number_text(subject.first->weighted->n_effective, 1)));
    if (subject.first->weighted->is_estimated)
      out.emplace_back("Answers of few people are weighted together, so weights are estimated.");
  }
  const Form form = form_of(subject);
  if (form == Form::Bars && subject.question->kind != Kind::MultipleText)
    out.emplace_back("Thin lines: Wilson score interval, 95 %.");
  if (form == Form::Score) {
    out.emplace_back(
        "Interval of the score: adjusted Wald interval for a difference of multinomial shares "
        "(Bonett and Price 2012), 95 %.");
  }
  add_tests(subject, out);
  return out;
}

}  // namespace probity::picture
