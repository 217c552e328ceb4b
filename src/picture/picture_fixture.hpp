#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "picture/subject.hpp"
#include "report/compare.hpp"
#include "report/count.hpp"
#include "report/report.hpp"

namespace probity::picture {

/// A questionnaire with answers, and the subjects of its report.
class Asked {
 public:
  explicit Asked(std::string_view json) {
    auto parsed = form::parse_questionnaire(json);
    if (!parsed) {
      ADD_FAILURE() << "a questionnaire of a test is refused";
      return;
    }
    form_ = std::make_unique<form::Questionnaire>(std::move(parsed->questionnaire));
  }
  void answer(std::string_view json, int times = 1) {
    for (int i = 0; i < times; ++i)
      answers_.emplace_back(json);
  }
  /// A report of those a filter selects (empty: all).
  report::Report report(const std::string& filter = {}, std::uint64_t least = 1) const {
    report::Selection selection;
    if (!filter.empty()) selection.filter = *report::Filter::parse(*form_, filter);
    report::Tally tally(*form_, selection, weight_);
    for (const std::string& one : answers_)
      EXPECT_TRUE(tally.add(one)) << one;
    return report::make_report(tally, least);
  }
  void weigh_by(std::string_view name) { weight_ = form_->find(name); }
  /// Subjects of everything, or of a group and another.
  const std::vector<Subject>& look(const std::string& first = {}, const std::string& second = {},
                                   std::uint64_t least = 1) {
    reports_.clear();
    reports_.push_back(report(first, least));
    if (!second.empty()) reports_.push_back(report(second, least));
    tests_.clear();
    if (!second.empty()) tests_ = report::compare_reports(reports_[0], reports_[1]);
    subjects_ = subjects_of(*form_, reports_, tests_);
    for (Subject& subject : subjects_) {
      if (!subject.is_compared()) continue;
      subject.first_label = first;
      subject.second_label = second;
    }
    return subjects_;
  }
  [[nodiscard]] const form::Questionnaire& questionnaire() const { return *form_; }
  [[nodiscard]] const std::vector<report::Report>& reports() const { return reports_; }

 private:
  std::unique_ptr<form::Questionnaire> form_;
  std::vector<std::string> answers_;
  std::optional<std::uint32_t> weight_;
  std::vector<report::Report> reports_;
  std::vector<report::Comparison> tests_;
  std::vector<Subject> subjects_;
};

/// One question of each kind with believable answers.
[[nodiscard]] inline Asked believable() {
  Asked asked(R"({"title":"Team week","elements":[
    {"type":"radiogroup","name":"food","title":"What did you have?",
     "choices":["Soup of the day with bread from the bakery around the corner","Salad","Bread"],
     "showNoneItem":true},
    {"type":"checkbox","name":"days","title":"On which days?","choices":["Mon","Tue","Wed"]},
    {"type":"rating","name":"again","title":"Would you recommend us?","rateMin":0,"rateMax":10},
    {"type":"rating","name":"stars","title":"How was it?","rateMin":1,"rateMax":5},
    {"type":"matrix","name":"agree","title":"How far do you agree?",
     "columns":[{"value":1,"text":"not at all"},{"value":2,"text":"partly"},
                {"value":3,"text":"fully"}],
     "rows":["The room was fine","The time was well spent"]},
    {"type":"ranking","name":"wish","title":"What matters most?","choices":["Pay","Peace","Parks"]},
    {"type":"text","name":"age","title":"How old are you?","inputType":"number"},
    {"type":"text","name":"since","title":"Since when?","inputType":"date"},
    {"type":"multipletext","name":"lines","title":"Two lines","items":[{"name":"a"},{"name":"b"}]},
    {"type":"comment","name":"why","title":"Why?"}]})");
  for (int i = 0; i < 60; ++i) {
    const auto pick = [&](int of) { return (i * 7 + i / 3) % of; };
    const char* const foods[] = {"Soup of the day with bread from the bakery around the corner",
                                 "Salad", "Bread"};
    const char* const orders[] = {R"(["Pay","Peace","Parks"])", R"(["Peace","Parks","Pay"])",
                                  R"(["Peace","Pay","Parks"])"};
    asked.answer("{\"food\":\"" + std::string(foods[pick(3)]) + "\",\"days\":[\"" +
                 (pick(2) == 0 ? "Mon" : "Tue") + "\",\"Wed\"],\"again\":" +
                 std::to_string(i % 11) + ",\"stars\":" + std::to_string(1 + pick(5)) +
                 ",\"agree\":{\"The room was fine\":" + std::to_string(1 + pick(3)) +
                 ",\"The time was well spent\":" + std::to_string(1 + i % 3) +
                 "},\"wish\":" + orders[pick(3)] + ",\"age\":" + std::to_string(20 + pick(50)) +
                 ",\"since\":\"2026-0" + std::to_string(1 + pick(9)) +
                 "-15\",\"lines\":{\"a\":\"x\"},\"why\":\"good work\"}");
  }
  return asked;
}

}  // namespace probity::picture
