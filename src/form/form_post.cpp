#include <algorithm>

#include "base/text.hpp"
#include "form/answers.hpp"
#include "form/document.hpp"
#include "form/page_writer.hpp"
#include "form/render.hpp"

namespace probity::form {
namespace {

/// Browsers send line ends as CR LF; answers hold LF.
std::string with_plain_lines(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out.push_back(text[i]);
  }
  return out;
}

/// Numbers as people type them: one comma may stand for the point.
Value typed_value(const TextRules& rules, std::string_view text) {
  if (rules.input != InputType::Number && rules.input != InputType::Range)
    return Value(with_plain_lines(text));
  std::string number(trim(text));
  if (std::ranges::count(number, ',') == 1 && number.find('.') == std::string::npos)
    std::ranges::replace(number, ',', '.');
  const auto parsed = parse_number(number);
  // What is no number is kept as text, so that the error shows what was typed.
  return parsed ? Value(*parsed) : Value(std::string(text));
}

/// Reads the fields of one page.
class FormReader {
 public:
  FormReader(const Questionnaire& questionnaire, const std::vector<FormField>& fields)
      : questionnaire_(questionnaire) {
    for (const FormField& field : fields)
      fields_.push_back(&field);
    // Fields of one name keep their order: they lie in one vector.
    std::ranges::sort(fields_, [](const FormField* a, const FormField* b) {
      return a->name != b->name ? a->name < b->name : a < b;
    });
  }

  Result<FormPost> run() {
    FormPost post;
    PROBITY_TRY(carried, read_carried());
    post.answers = std::move(carried);
    const auto page = parse_int(one(k_page_field));
    if (page && *page >= 0 && *page <= static_cast<std::int64_t>(questionnaire_.pages.size()))
      post.page = static_cast<std::uint32_t>(*page);
    const std::string_view move = one(k_move_field);
    post.move = move == "back" ? Move::Back : move == "send" ? Move::Send : Move::Next;
    read_way(move, post);
    for (const std::string_view index : split(one(k_asked_field), ',')) {
      const auto question = parse_int(index);
      const bool is_known = question && *question >= 0 &&
                            *question < static_cast<std::int64_t>(questionnaire_.questions.size());
      if (is_known && post.asked.size() < k_questions_max)
        post.asked.push_back(static_cast<std::uint32_t>(*question));
    }
    for (const Question& question : questionnaire_.questions)
      if (question.page == post.page && question.is_answerable())
        read_question(question, post.answers);
    return post;
  }

 private:
  [[nodiscard]] auto range(std::string_view name) const {
    return std::ranges::equal_range(
        fields_, name, {}, [](const FormField* field) { return std::string_view(field->name); });
  }
  [[nodiscard]] std::string_view one(std::string_view name) const {
    const auto found = range(name);
    return found.empty() ? std::string_view() : std::string_view(found.front()->value);
  }

  /// Moves that name where to: a page to change, another language.
  void read_way(std::string_view move, FormPost& post) const {
    if (move.starts_with(k_page_move)) {
      const auto page = parse_int(move.substr(k_page_move.size()));
      if (!page || *page < 0 || *page >= static_cast<std::int64_t>(questionnaire_.pages.size()))
        return;
      post.move = Move::Change;
      post.wanted_page = static_cast<std::uint32_t>(*page);
    } else if (move.starts_with(k_language_move)) {
      const std::string_view locale = move.substr(k_language_move.size());
      if (std::ranges::find(questionnaire_.locales, locale) == questionnaire_.locales.end()) return;
      post.move = Move::Stay;
      post.locale = locale;
    }
  }

  [[nodiscard]] Result<Value> read_carried() const {
    const std::string_view json = one(k_answers_field);
    if (json.empty()) return Value(Value::Members{});
    PROBITY_TRY(carried, parse_value(json, {k_answers_max_bytes, k_answers_depth_max}));
    if (carried.members() == nullptr) return refuse(Code::BadRequest, "The form is damaged.");
    // Conditions look at these before they are validated.
    std::erase_if(*carried.members(),
                  [](const Member& member) { return !is_answer_shaped(member.value); });
    return std::move(carried);
  }

  void read_question(const Question& question, Value& answers) const {
    Value value = read_value(question);
    answers.erase(question.key);
    answers.erase(question.key + "-Comment");
    if (!value.is_blank()) answers.set(question.key, std::move(value));
    const std::string comment = with_plain_lines(one(comment_field(question)));
    if (question.takes_comment() && !trim(comment).empty())
      answers.set(question.key + "-Comment", Value(comment));
  }

  [[nodiscard]] Value choice_value(const Question& question, std::string_view key) const {
    const auto choice = question.find_choice(key);
    return choice ? question.choices[*choice].value : Value(key);
  }

  [[nodiscard]] Value read_value(const Question& question) const {
    const std::string name = answer_field(question);
    switch (question.kind) {
      case Kind::Text:
      case Kind::Comment: return typed_value(question.text, one(name));
      case Kind::Radiogroup:
      case Kind::Dropdown:
      case Kind::Rating:
      case Kind::Boolean: return choice_value(question, one(name));
      case Kind::Checkbox:
      case Kind::Tagbox: return read_list(question, name);
      case Kind::Ranking: return read_ranking(question);
      case Kind::Matrix: return read_rows(question);
      case Kind::MultipleText: return read_items(question);
      case Kind::Html: break;
    }
    return {};
  }

  [[nodiscard]] Value read_list(const Question& question, const std::string& name) const {
    Value::List list;
    for (const FormField* field : range(name))
      if (!field->value.empty()) list.push_back(choice_value(question, field->value));
    return Value(std::move(list));
  }

  /// Places to an order; two with one place keep the order of the choices.
  [[nodiscard]] Value read_ranking(const Question& question) const {
    std::vector<std::pair<std::int64_t, std::size_t>> places;
    for (std::size_t i = 0; i < question.choices.size(); ++i)
      if (const auto place = parse_int(one(part_field(question, i))))
        places.emplace_back(*place, i);
    std::ranges::sort(places);
    Value::List list;
    for (const auto& [place, choice] : places)
      list.push_back(question.choices[choice].value);
    return Value(std::move(list));
  }

  [[nodiscard]] Value read_rows(const Question& question) const {
    Value::Members rows;
    for (std::size_t i = 0; i < question.rows.size(); ++i) {
      const std::string_view key = one(part_field(question, i));
      if (!key.empty()) rows.push_back({question.rows[i].name, choice_value(question, key)});
    }
    return Value(std::move(rows));
  }

  [[nodiscard]] Value read_items(const Question& question) const {
    Value::Members items;
    for (std::size_t i = 0; i < question.items.size(); ++i) {
      Value value = typed_value(question.items[i].rules, one(part_field(question, i)));
      if (!value.is_blank()) items.push_back({question.items[i].name, std::move(value)});
    }
    return Value(std::move(items));
  }

  const Questionnaire& questionnaire_;
  std::vector<const FormField*> fields_;
};

/// Questions of the page that the answers brought up after it was rendered.
bool has_new_questions(const Questionnaire& questionnaire, const Visibility& visibility,
                       const FormPost& post) {
  for (std::uint32_t i = 0; i < questionnaire.questions.size(); ++i) {
    const Question& question = questionnaire.questions[i];
    if (question.page == post.page && visibility.questions[i] && question.is_answerable() &&
        std::ranges::find(post.asked, i) == post.asked.end()) {
      return true;
    }
  }
  return false;
}

/// The page of the question an error is about; `fallback` when it is about none.
std::uint32_t page_of(const Questionnaire& questionnaire, const std::vector<FieldError>& errors,
                      std::uint32_t fallback) {
  for (const FieldError& error : errors) {
    for (const Question& question : questionnaire.questions) {
      const std::string field = child_path("/answers", question.key);
      if (error.field == field || error.field.starts_with(field + "/")) return question.page;
    }
  }
  return fallback;
}

/// Where a move leads that takes the answers along as they are.
std::uint32_t page_without_check(const Questionnaire& questionnaire, const Visibility& visibility,
                                 const FormPost& post) {
  if (post.move == Move::Change && shows_anything(questionnaire, visibility, post.wanted_page))
    return post.wanted_page;
  if (post.move != Move::Back) return post.page;
  for (std::uint32_t page = post.page; page-- > 0;)
    if (shows_anything(questionnaire, visibility, page)) return page;
  return post.page;
}

}  // namespace

std::string answer_field(const Question& question) { return "a." + question.key; }
std::string comment_field(const Question& question) { return "c." + question.key; }
std::string part_field(const Question& question, std::size_t part) {
  return "p" + std::to_string(part) + "." + question.key;
}

Result<std::vector<FormField>> parse_form_body(std::string_view body) {
  std::vector<FormField> out;
  if (body.empty()) return out;
  for (const std::string_view pair : split(body, '&')) {
    if (out.size() >= k_form_fields_max) {
      return refuse(Code::LimitExceeded,
                    "The form has more than " + std::to_string(k_form_fields_max) + " fields.");
    }
    const std::size_t equal = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equal), Plus::Space);
    auto value = percent_decode(pair.substr(std::min(equal + 1, pair.size())), Plus::Space);
    if (!name || !value || !is_utf8(*name) || !is_utf8(*value))
      return refuse(Code::BadRequest,
                    "The form is not encoded as application/x-www-form-urlencoded.");
    out.push_back({std::move(*name), std::move(*value)});
  }
  return out;
}

Result<FormPost> read_form(const Questionnaire& questionnaire,
                           const std::vector<FormField>& fields) {
  return FormReader(questionnaire, fields).run();
}

Step advance(const Questionnaire& questionnaire, const FormPost& post, std::string_view locale,
             Ending ending) {
  const AnswerSet answers(questionnaire, post.answers);
  const Visibility visibility = decide_visibility(questionnaire, answers);
  const auto pages = static_cast<std::uint32_t>(questionnaire.pages.size());
  Step step;
  step.page = post.page;
  if (post.move == Move::Back || post.move == Move::Change || post.move == Move::Stay) {
    step.page = page_without_check(questionnaire, visibility, post);
    return step;
  }
  if (has_new_questions(questionnaire, visibility, post)) {
    step.has_new_questions = true;
    return step;
  }
  AnswerOptions options{locale, post.page};
  if (const auto valid = validate_answers(questionnaire, post.answers, options); !valid) {
    step.errors = valid.error().fields;
    step.page = page_of(questionnaire, step.errors, post.page);
    return step;
  }
  for (std::uint32_t page = post.page + 1; page < pages; ++page) {
    if (!shows_anything(questionnaire, visibility, page)) continue;
    step.page = page;
    return step;
  }
  // Nothing is sent by a button that did not say so.
  step.page = pages;
  const bool was_seen = ending == Ending::Straight || post.page == pages;
  if (post.move != Move::Send || !was_seen) return step;
  options.page.reset();
  if (const auto valid = validate_answers(questionnaire, post.answers, options); !valid) {
    step.errors = valid.error().fields;
    step.page = page_of(questionnaire, step.errors, post.page);
    return step;
  }
  step.is_complete = true;
  return step;
}

Value default_answers(const Questionnaire& questionnaire) {
  Value out(Value::Members{});
  for (const Question& question : questionnaire.questions)
    if (!question.default_value.is_null()) out.set(question.key, question.default_value);
  return out;
}

std::uint32_t first_page(const Questionnaire& questionnaire) {
  const Value defaults = default_answers(questionnaire);
  const Visibility visibility =
      decide_visibility(questionnaire, AnswerSet(questionnaire, defaults));
  for (std::uint32_t page = 0; page < questionnaire.pages.size(); ++page)
    if (shows_anything(questionnaire, visibility, page)) return page;
  return 0;
}

}  // namespace probity::form
