#include "form/answers.hpp"

#include <algorithm>

#include "form/answer_value.hpp"
#include "form/document.hpp"
#include "form/visibility.hpp"

namespace probity::form {
namespace {

constexpr std::string_view k_comment_suffix = "-Comment";
constexpr std::string_view k_base = "/answers";

/// Undeclared members are named to the sender; a name from outside is shown short and plain.
std::string shown(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, k_name_max_bytes))
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
  // A cut in the middle of a character must not make the answer invalid UTF-8.
  while (name.size() > k_name_max_bytes && !out.empty() &&
         (static_cast<unsigned char>(out.back()) & 0x80) != 0) {
    out.pop_back();
  }
  return out;
}

/// One run over one document of answers.
class Validation {
 public:
  Validation(const Questionnaire& questionnaire, const AnswerOptions& options)
      : questionnaire_(questionnaire),
        options_(options),
        values_(questionnaire.questions.size()),
        comments_(questionnaire.questions.size()),
        is_wrong_(questionnaire.questions.size()) {}

  Result<Answers> run(const Value::Members& members) {
    for (const Member& member : members)
      take(member);
    AnswerSet set(questionnaire_);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].is_null()) set.values[i] = &values_[i];
      set.comments[i] = comments_[i];
    }
    const Visibility visibility = decide_visibility(questionnaire_, set);
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      if (visibility.questions[i])
        check_visible(i, set, visibility);
      else
        drop_hidden(i);
    }
    check_containers(set, visibility);
    if (!error_.fields.empty()) {
      error_.code = has_other_than_unknown_ ? Code::InvalidAnswers : Code::UnknownField;
      return std::unexpected(std::move(error_));
    }
    return finish(visibility);
  }

 private:
  void report(std::string field, std::string reason) {
    if (error_.fields.size() < k_answer_errors_max)
      error_.fields.push_back({std::move(field), std::move(reason)});
  }

  void report(const Question& question, const Issue& issue) {
    has_other_than_unknown_ = true;
    std::string field = child_path(k_base, question.key);
    if (!issue.part.empty()) field = child_path(field, issue.part);
    report(std::move(field),
           issue.custom != nullptr
               ? std::string(issue.custom->in(options_.locale))
               : phrase(options_.locale, issue.phrase, issue.first, issue.second));
  }

  /// Reports and empties the list that all checks share.
  void flush(std::uint32_t index) {
    if (issues_.empty()) return;
    is_wrong_[index] = true;
    for (const Issue& issue : issues_)
      report(questionnaire_.questions[index], issue);
    issues_.clear();
  }

  void take(const Member& member) {
    const auto index = questionnaire_.find(member.name);
    if (index && questionnaire_.questions[*index].key == member.name)
      return take_answer(*index, member.value);
    if (member.name.ends_with(k_comment_suffix)) {
      const std::string_view owner =
          std::string_view(member.name).substr(0, member.name.size() - k_comment_suffix.size());
      const auto question = questionnaire_.find(owner);
      if (question && questionnaire_.questions[*question].key == owner)
        return take_comment(*question, member.value);
    }
    report(child_path(k_base, shown(member.name)),
           phrase(options_.locale, Phrase::UnknownQuestion));
  }

  void take_answer(std::uint32_t index, const Value& answer) {
    if (answer.is_blank()) return;
    const Question& question = questionnaire_.questions[index];
    auto stored = stored_form(question, answer, options_.locale, issues_);
    if (stored) check_validators(question.validators, *stored, {}, issues_);
    flush(index);
    if (stored && !stored->is_blank()) values_[index] = std::move(*stored);
  }

  void take_comment(std::uint32_t index, const Value& comment) {
    if (comment.is_blank()) return;
    check_comment(questionnaire_.questions[index], comment, issues_);
    if (issues_.empty()) comments_[index] = &comment;
    flush(index);
  }

  [[nodiscard]] bool is_asked_here(std::uint32_t page) const {
    return !options_.page || *options_.page == page;
  }

  void check_visible(std::uint32_t index, const AnswerSet& set, const Visibility& visibility) {
    const Question& question = questionnaire_.questions[index];
    if (!question.is_answerable() || is_wrong_[index]) return;
    if (!values_[index].is_null()) check_rules(question, set, visibility);
    if (is_asked_here(question.page)) check_required(question, values_[index], set, visibility);
    flush(index);
  }

  void check_rules(const Question& question, const AnswerSet& set, const Visibility& visibility) {
    const auto check = [&](const Validator& rule, const std::string& part) {
      if (rule.rule != Validator::Rule::Expression || rule.condition.is_empty()) return;
      if (condition_holds(rule.condition, set, visibility)) return;
      issues_.push_back(
          {Phrase::RuleBroken, {}, {}, part, rule.text.is_empty() ? nullptr : &rule.text});
    };
    for (const Validator& rule : question.validators)
      check(rule, {});
    for (const Item& item : question.items)
      for (const Validator& rule : item.validators)
        check(rule, item.name);
  }

  void check_required(const Question& question, const Value& value, const AnswerSet& set,
                      const Visibility& visibility) {
    const bool is_required =
        question.is_required || (!question.required_if.is_empty() &&
                                 condition_holds(question.required_if, set, visibility));
    const LocalText* custom = question.required_text.is_empty() ? nullptr : &question.required_text;
    if (is_required && value.is_null()) {
      issues_.push_back({Phrase::NeedAnswer, {}, {}, {}, custom});
      return;
    }
    for (const Row& row : question.rows) {
      if (!question.is_each_row_required || value.find(row.name) != nullptr) continue;
      issues_.push_back(
          {Phrase::NeedRow, std::string(row.text.in(options_.locale)), {}, row.name, custom});
      break;
    }
    for (const Item& item : question.items) {
      if (!item.is_required || value.find(item.name) != nullptr) continue;
      issues_.push_back({Phrase::NeedItem,
                         std::string(item.title.in(options_.locale)),
                         {},
                         item.name,
                         item.required_text.is_empty() ? nullptr : &item.required_text});
    }
  }

  /// A required panel or page wants one answer at least.
  void check_containers(const AnswerSet& set, const Visibility& visibility) {
    for (std::uint32_t i = 0; i < questionnaire_.containers.size(); ++i) {
      const Container& box = questionnaire_.containers[i];
      const bool may_be_required = box.is_required || !box.required_if.is_empty();
      if (!may_be_required || !visibility.containers[i] || !is_asked_here(box.page)) continue;
      if (!box.is_required && !condition_holds(box.required_if, set, visibility)) continue;
      check_container(i, visibility);
    }
  }

  void check_container(std::uint32_t box, const Visibility& visibility) {
    const Question* first = nullptr;
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      const Question& question = questionnaire_.questions[i];
      if (!visibility.questions[i] || !question.is_answerable() || !lies_in(question, box))
        continue;
      if (!values_[i].is_null()) return;
      if (first == nullptr) first = &question;
    }
    if (first != nullptr) report(*first, {Phrase::NeedPanel, {}, {}, {}, nullptr});
  }

  [[nodiscard]] bool lies_in(const Question& question, std::uint32_t box) const {
    for (std::uint32_t at = question.container; at != Container::k_none;
         at = questionnaire_.containers[at].parent) {
      if (at == box) return true;
    }
    return false;
  }

  void drop_hidden(std::uint32_t index) {
    const std::string& key = questionnaire_.questions[index].key;
    if (!values_[index].is_null()) dropped_.push_back(key);
    if (comments_[index] != nullptr) dropped_.push_back(key + std::string(k_comment_suffix));
  }

  /// The text of "other" without "other" chosen belongs to nothing.
  [[nodiscard]] bool keeps_comment(const Question& question, const Value& value) const {
    if (question.has_comment) return true;
    const auto is_other = [&](const Value& v) {
      const auto choice = question.find_choice(scalar_text(v));
      return choice && question.choices[*choice].role == Choice::Role::Other;
    };
    if (const Value::List* list = value.list()) return std::ranges::any_of(*list, is_other);
    return value.is_scalar() && is_other(value);
  }

  Result<Answers> finish(const Visibility& visibility) {
    Answers out;
    Value::Members members;
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      if (!visibility.questions[i]) continue;
      const Question& question = questionnaire_.questions[i];
      if (comments_[i] != nullptr && !keeps_comment(question, values_[i])) {
        dropped_.push_back(question.key + std::string(k_comment_suffix));
        comments_[i] = nullptr;
      }
      if (!values_[i].is_null()) members.push_back({question.key, std::move(values_[i])});
      if (comments_[i] != nullptr)
        members.push_back({question.key + std::string(k_comment_suffix), *comments_[i]});
    }
    out.value = Value(std::move(members));
    out.dropped = std::move(dropped_);
    append_value(out.json, out.value);
    return out;
  }

  const Questionnaire& questionnaire_;
  const AnswerOptions& options_;
  std::vector<Value> values_;
  std::vector<const Value*> comments_;
  std::vector<bool> is_wrong_;
  std::vector<std::string> dropped_;
  Issues issues_;
  Error error_;
  bool has_other_than_unknown_ = false;
};

}  // namespace

Result<Answers> validate_answers(const Questionnaire& questionnaire, std::string_view json,
                                 const AnswerOptions& options) {
  PROBITY_TRY(answers, parse_value(json, {k_answers_max_bytes, k_answers_depth_max}));
  return validate_answers(questionnaire, answers, options);
}

Result<Answers> validate_answers(const Questionnaire& questionnaire, const Value& answers,
                                 const AnswerOptions& options) {
  if (answers.members() == nullptr) {
    return refuse_field(Code::BadRequest, std::string(k_base),
                        "must be an object with one member for each answered question");
  }
  return Validation(questionnaire, options).run(*answers.members());
}

bool is_blank_sheet(const Questionnaire& questionnaire, const Answers& answers) {
  return answers.json == "{}" &&
         std::ranges::any_of(questionnaire.questions,
                             [](const Question& one) { return one.kind != Kind::Html; });
}

}  // namespace probity::form
