#include "form/count.hpp"

#include <simdjson.h>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "form/key_table.hpp"

namespace probity::form {
namespace {

namespace dom = simdjson::dom;

/// How one question is counted: where its counters lie and how an answer finds its choice.
struct Plan {
  std::size_t from = 0;         ///< First counter of the question.
  std::size_t count = 0;        ///< Counters of the question.
  KeyTable choices;             ///< Values of choices by text.
  std::vector<double> numbers;  ///< Values of choices by number; NaN where it is no number.
  KeyTable parts;               ///< Rows or items.

  [[nodiscard]] std::uint32_t find(const dom::element& value) const {
    std::string_view text;
    if (!value.get_string().get(text)) return choices.find(text);
    bool truth = false;
    if (!value.get_bool().get(truth)) return choices.find(truth ? "true" : "false");
    double number = 0;
    if (value.get_double().get(number)) return KeyTable::k_none;
    for (std::uint32_t i = 0; i < numbers.size(); ++i)
      if (numbers[i] == number) return i;
    return choices.find(number_text(number));
  }
};

/// The number a choice stands for: its value, else its text, when that reads as one.
std::optional<double> choice_number(const Choice& choice) {
  if (choice.role != Choice::Role::Declared) return {};
  if (const double* number = choice.value.number()) return *number;
  if (const auto number = parse_number(choice.key)) return number;
  return parse_number(choice.text.text());
}

std::size_t counters_of(const Question& question) {
  const std::size_t choices = question.choices.size();
  if (question.kind == Kind::Matrix) return question.rows.size() * choices;
  if (question.kind == Kind::Ranking) return choices * choices;
  if (question.kind == Kind::MultipleText) return question.items.size();
  return choices;
}

Plan make_plan(const Question& question, std::size_t from) {
  Plan plan;
  plan.from = from;
  plan.count = counters_of(question);
  std::vector<std::string> keys;
  for (const Choice& choice : question.choices) {
    keys.push_back(choice.key);
    plan.numbers.push_back(choice.value.number() != nullptr ? *choice.value.number()
                                                            : std::nan(""));
  }
  plan.choices.build(std::move(keys));
  std::vector<std::string> parts;
  for (const Row& row : question.rows)
    parts.push_back(row.name);
  for (const Item& item : question.items)
    parts.push_back(item.name);
  plan.parts.build(std::move(parts));
  return plan;
}

/// A tree that outlives the parser's buffers, for the few answers that conditions look at.
Value to_value(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::STRING: return Value(std::string_view(element));
    case dom::element_type::BOOL: return Value(bool(element));
    case dom::element_type::NULL_VALUE: return {};
    case dom::element_type::ARRAY: {
      Value::List list;
      for (const dom::element item : dom::array(element))
        list.push_back(to_value(item));
      return Value(std::move(list));
    }
    case dom::element_type::OBJECT: {
      Value::Members members;
      for (const auto& [name, item] : dom::object(element))
        members.push_back({std::string(name), to_value(item)});
      return Value(std::move(members));
    }
    default: break;
  }
  double number = 0;
  if (element.get_double().get(number)) return {};
  return Value(number);
}

bool is_blank(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE: return true;
    case dom::element_type::ARRAY: return dom::array(value).begin() == dom::array(value).end();
    case dom::element_type::OBJECT: return dom::object(value).begin() == dom::object(value).end();
    default: return false;
  }
}

/// Levels of an answer: object, list or object of scalars; some slack for older forms.
constexpr std::size_t k_depth_max = 16;
constexpr std::string_view k_comment_suffix = "-Comment";

}  // namespace

struct Tally::State {
  State(const Questionnaire& form, std::optional<Filter> only)
      : questionnaire(form), filter(std::move(only)), looked_at(form) {
    std::vector<std::string> keys;
    std::size_t from = 0;
    for (std::uint32_t i = 0; i < form.questions.size(); ++i) {
      const Question& question = form.questions[i];
      plans.push_back(make_plan(question, from));
      from += plans.back().count;
      if (!question.is_answerable()) continue;
      keys.push_back(question.key);
      key_questions.push_back(i);
    }
    keys_table.build(std::move(keys));
    counters.resize(from);
    answered.resize(form.questions.size());
    not_shown.resize(form.questions.size());
    undeclared.resize(form.questions.size());
    seen.resize(form.questions.size());
    is_seen.resize(form.questions.size());
    find_needs();
  }

  /// Marks the questions whose answers conditions or the filter look at.
  void find_needs() {
    value_slots.resize(questionnaire.questions.size());
    comment_slots.resize(questionnaire.questions.size());
    is_needed.resize(questionnaire.questions.size());
    const auto need = [&](const std::vector<Target>& targets) {
      for (const Target& target : targets) {
        if (!is_needed[target.question]) needed.push_back(target.question);
        is_needed[target.question] = 1;
        needs_comments = needs_comments || target.part == Target::Part::Comment;
      }
    };
    for (const Container& box : questionnaire.containers)
      need(box.visible_if.targets);
    for (const Question& question : questionnaire.questions)
      need(question.visible_if.targets);
    if (filter) need(filter->targets());
  }

  bool parse(std::string_view json, dom::object& out) {
    const std::size_t padded = json.size() + simdjson::SIMDJSON_PADDING;
    if (buffer.size() < padded) buffer.resize(padded * 2);
    std::memcpy(buffer.data(), json.data(), json.size());
    if (parser.max_depth() != k_depth_max &&
        parser.allocate(buffer.size(), k_depth_max) != simdjson::SUCCESS) {
      return false;
    }
    return !parser.parse(buffer.data(), json.size(), false).get_object().get(out);
  }

  /// Finds the answers of one response; `present` lists the questions that have one.
  void scan(const dom::object& response) {
    for (const std::uint32_t question : present)
      is_seen[question] = 0;
    present.clear();
    std::uint32_t expected = 0;  // Stored answers stand in the order of the questions.
    for (const auto& [key, value] : response) {
      std::uint32_t at = expected;
      if (at >= keys_table.size() || keys_table.key(at) != key) at = keys_table.find(key);
      if (at == KeyTable::k_none) {
        if (needs_comments) scan_comment(key, value);
        continue;
      }
      expected = at + 1;
      const std::uint32_t question = key_questions[at];
      if (is_seen[question] != 0 || is_blank(value)) continue;
      is_seen[question] = 1;
      seen[question] = value;
      present.push_back(question);
    }
  }

  void scan_comment(std::string_view key, const dom::element& value) {
    if (!key.ends_with(k_comment_suffix)) return;
    const std::uint32_t at = keys_table.find(key.substr(0, key.size() - k_comment_suffix.size()));
    if (at == KeyTable::k_none) return;
    const std::uint32_t question = key_questions[at];
    comment_slots[question] = to_value(value);
    looked_at.comments[question] = &comment_slots[question];
    commented.push_back(question);
  }

  void collect_needed() {
    for (const std::uint32_t question : needed) {
      looked_at.values[question] = nullptr;
      if (is_seen[question] == 0) continue;
      value_slots[question] = to_value(seen[question]);
      looked_at.values[question] = &value_slots[question];
    }
  }

  bool add(std::string_view json) {
    dom::object response;
    if (!parse(json, response)) return false;
    for (const std::uint32_t question : commented)
      looked_at.comments[question] = nullptr;
    commented.clear();
    scan(response);
    collect_needed();
    if (filter && !filter->matches(looked_at)) return true;
    ++responses;
    for (const std::uint32_t question : present)
      count(question);
    if (questionnaire.has_hiding) count_hidden();
    return true;
  }

  void count_hidden() {
    const Visibility visibility = decide_visibility(questionnaire, looked_at);
    for (std::size_t i = 0; i < not_shown.size(); ++i)
      if (!visibility.questions[i] && is_seen[i] == 0) ++not_shown[i];
  }

  void count(std::uint32_t index) {
    ++answered[index];
    const Question& question = questionnaire.questions[index];
    switch (question.kind) {
      case Kind::Text:
      case Kind::Comment:
      case Kind::Html: return;
      case Kind::Radiogroup:
      case Kind::Dropdown:
      case Kind::Rating:
      case Kind::Boolean: return count_choice(index, seen[index]);
      case Kind::Checkbox:
      case Kind::Tagbox: return count_list(index);
      case Kind::Ranking: return count_ranking(index);
      case Kind::Matrix: return count_matrix(index);
      case Kind::MultipleText: return count_items(index);
    }
  }

  void count_choice(std::uint32_t index, const dom::element& value) {
    const Plan& plan = plans[index];
    const std::uint32_t choice = plan.find(value);
    if (choice == KeyTable::k_none)
      ++undeclared[index];
    else
      ++counters[plan.from + choice];
  }

  void count_list(std::uint32_t index) {
    dom::array list;
    if (seen[index].get_array().get(list)) return count_choice(index, seen[index]);
    for (const dom::element item : list)
      count_choice(index, item);
  }

  void count_ranking(std::uint32_t index) {
    dom::array list;
    if (seen[index].get_array().get(list)) return;
    const Plan& plan = plans[index];
    const std::size_t choices = plan.choices.size();
    std::size_t place = 0;
    for (const dom::element item : list) {
      const std::uint32_t choice = plan.find(item);
      if (choice == KeyTable::k_none || place >= choices)
        ++undeclared[index];
      else
        ++counters[plan.from + choice * choices + place];
      ++place;
    }
  }

  void count_matrix(std::uint32_t index) {
    dom::object rows;
    if (seen[index].get_object().get(rows)) return;
    const Plan& plan = plans[index];
    for (const auto& [name, value] : rows) {
      const std::uint32_t row = plan.parts.find(name);
      const std::uint32_t column = plan.find(value);
      if (row == KeyTable::k_none || column == KeyTable::k_none)
        ++undeclared[index];
      else
        ++counters[plan.from + row * plan.choices.size() + column];
    }
  }

  void count_items(std::uint32_t index) {
    dom::object items;
    if (seen[index].get_object().get(items)) return;
    const Plan& plan = plans[index];
    for (const auto& [name, value] : items) {
      const std::uint32_t item = plan.parts.find(name);
      if (item != KeyTable::k_none) ++counters[plan.from + item];
    }
  }

  const Questionnaire& questionnaire;
  std::optional<Filter> filter;
  AnswerSet looked_at;
  std::vector<Plan> plans;
  KeyTable keys_table;
  std::vector<std::uint32_t> key_questions;
  bool needs_comments = false;
  std::vector<std::uint32_t> needed;
  std::vector<std::uint8_t> is_needed;

  std::uint64_t responses = 0;
  std::vector<std::uint64_t> counters;
  std::vector<std::uint64_t> answered;
  std::vector<std::uint64_t> not_shown;
  std::vector<std::uint64_t> undeclared;

  // Of the response being counted.
  dom::parser parser;
  std::vector<char> buffer;
  std::vector<dom::element> seen;
  std::vector<std::uint8_t> is_seen;
  std::vector<std::uint32_t> present;
  std::vector<std::uint32_t> commented;
  std::vector<Value> value_slots;
  std::vector<Value> comment_slots;
};

Tally::Tally(const Questionnaire& questionnaire, std::optional<Filter> filter)
    : state_(std::make_unique<State>(questionnaire, std::move(filter))) {}
Tally::~Tally() = default;
Tally::Tally(Tally&&) noexcept = default;
Tally& Tally::operator=(Tally&&) noexcept = default;

bool Tally::add(std::string_view answers_json) { return state_->add(answers_json); }

void Tally::merge(const Tally& other) {
  const auto sum = [](std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
    for (std::size_t i = 0; i < to.size() && i < from.size(); ++i)
      to[i] += from[i];
  };
  state_->responses += other.state_->responses;
  sum(state_->counters, other.state_->counters);
  sum(state_->answered, other.state_->answered);
  sum(state_->not_shown, other.state_->not_shown);
  sum(state_->undeclared, other.state_->undeclared);
}

std::uint64_t Tally::responses() const { return state_->responses; }

namespace {

using Counters = std::span<const std::uint64_t>;

/// Texts of choices, made different where two choices read the same.
std::vector<std::string> choice_texts(const Question& question) {
  std::vector<std::string> out;
  for (const Choice& choice : question.choices) {
    std::string text(choice.text.text());
    if (std::ranges::find(out, text) != out.end()) text += " (" + choice.key + ")";
    out.push_back(std::move(text));
  }
  return out;
}

std::vector<ChoiceCount> count_texts(const std::vector<std::string>& texts, Counters counters) {
  std::vector<ChoiceCount> out;
  for (std::size_t i = 0; i < texts.size(); ++i)
    out.push_back({texts[i], counters[i]});
  return out;
}

std::optional<double> mean_of(const std::vector<Choice>& choices, Counters counters) {
  double sum = 0;
  std::uint64_t answers = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto number = choice_number(choices[i]);
    if (!number) continue;
    sum += *number * static_cast<double>(counters[i]);
    answers += counters[i];
  }
  if (answers == 0) return {};
  return sum / static_cast<double>(answers);
}

/// Only a rating with exactly the values 0 to 10 asks the question the score is about.
std::optional<PromoterScore> score_of(const Question& question, Counters counters) {
  if (question.kind != Kind::Rating || question.choices.size() != 11) return {};
  PromoterScore out;
  for (std::size_t i = 0; i < 11; ++i) {
    const double* value = question.choices[i].value.number();
    if (value == nullptr || *value != static_cast<double>(i)) return {};
    (i >= 9 ? out.promoters : i >= 7 ? out.passives : out.detractors) += counters[i];
  }
  const std::uint64_t all = out.promoters + out.passives + out.detractors;
  if (all == 0) return {};
  out.score = 100.0 * (static_cast<double>(out.promoters) - static_cast<double>(out.detractors)) /
              static_cast<double>(all);
  return out;
}

std::uint64_t total(Counters counters) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : counters)
    sum += n;
  return sum;
}

void fill_matrix(const Question& question, Counters counters, QuestionCount& out) {
  const auto texts = choice_texts(question);
  std::vector<std::uint64_t> columns(texts.size());
  for (std::size_t row = 0; row < question.rows.size(); ++row) {
    const Counters cells = counters.subspan(row * texts.size(), texts.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      columns[i] += cells[i];
    out.parts.push_back({question.rows[row].name, std::string(question.rows[row].text.text()),
                         total(cells), count_texts(texts, cells),
                         mean_of(question.choices, cells)});
  }
  out.counts = count_texts(texts, columns);
}

void fill_ranking(const Question& question, Counters counters, QuestionCount& out) {
  const auto texts = choice_texts(question);
  for (std::size_t choice = 0; choice < texts.size(); ++choice) {
    const Counters places = counters.subspan(choice * texts.size(), texts.size());
    PartCount part;
    part.name = question.choices[choice].key;
    part.title = texts[choice];
    part.answered = total(places);
    double sum = 0;
    for (std::size_t place = 0; place < places.size(); ++place) {
      part.counts.push_back({std::to_string(place + 1), places[place]});
      sum += static_cast<double>(place + 1) * static_cast<double>(places[place]);
    }
    if (part.answered != 0) part.mean = sum / static_cast<double>(part.answered);
    out.counts.push_back({texts[choice], part.answered});
    out.parts.push_back(std::move(part));
  }
}

void fill_items(const Question& question, Counters counters, QuestionCount& out) {
  for (std::size_t i = 0; i < question.items.size(); ++i) {
    out.parts.push_back(
        {question.items[i].name, std::string(question.items[i].title.text()), counters[i], {}, {}});
  }
}

void fill_counts(const Question& question, Counters counters, QuestionCount& out) {
  if (question.kind == Kind::Matrix) return fill_matrix(question, counters, out);
  if (question.kind == Kind::Ranking) return fill_ranking(question, counters, out);
  if (question.kind == Kind::MultipleText) return fill_items(question, counters, out);
  out.counts = count_texts(choice_texts(question), counters);
  if (question.is_single_choice() && question.kind != Kind::Boolean)
    out.mean = mean_of(question.choices, counters);
  out.nps = score_of(question, counters);
}

void write_counts(JsonWriter& out, const std::vector<ChoiceCount>& counts) {
  out.key("counts");
  out.begin_object();
  for (const ChoiceCount& choice : counts)
    out.field(choice.text, choice.count);
  out.end_object();
}

void write_part(JsonWriter& out, const PartCount& part, std::uint64_t responses) {
  out.begin_object();
  out.field("name", part.name);
  out.field("title", part.title);
  out.field("answered", part.answered);
  out.field("blank", responses - part.answered);
  if (!part.counts.empty()) write_counts(out, part.counts);
  if (part.mean) out.field("mean", *part.mean);
  out.end_object();
}

void write_question(JsonWriter& out, const QuestionCount& question, std::uint64_t responses) {
  out.begin_object();
  out.field("name", question.name);
  out.field("title", question.title);
  out.field("type", question.type);
  out.field("answered", question.answered);
  out.field("blank", question.blank);
  out.field("not_shown", question.not_shown);
  out.field("skipped", question.skipped);
  if (question.undeclared != 0) out.field("undeclared", question.undeclared);
  write_counts(out, question.counts);
  if (question.mean) out.field("mean", *question.mean);
  if (question.nps) {
    out.field("nps", question.nps->score);
    out.field("promoters", question.nps->promoters);
    out.field("passives", question.nps->passives);
    out.field("detractors", question.nps->detractors);
  }
  if (!question.parts.empty()) {
    out.key("parts");
    out.begin_array();
    for (const PartCount& part : question.parts)
      write_part(out, part, responses);
    out.end_array();
  }
  out.end_object();
}

}  // namespace

std::vector<QuestionCount> Tally::questions() const {
  std::vector<QuestionCount> out;
  for (std::size_t i = 0; i < state_->plans.size(); ++i) {
    const Question& question = state_->questionnaire.questions[i];
    if (!question.is_answerable()) continue;
    QuestionCount entry;
    entry.name = question.name;
    entry.title = question.title.text();
    entry.type = kind_name(question.kind);
    entry.answered = state_->answered[i];
    entry.blank = state_->responses - entry.answered;
    entry.not_shown = state_->not_shown[i];
    entry.skipped = entry.blank - entry.not_shown;
    entry.undeclared = state_->undeclared[i];
    const Plan& plan = state_->plans[i];
    fill_counts(question, Counters(state_->counters).subspan(plan.from, plan.count), entry);
    out.push_back(std::move(entry));
  }
  return out;
}

void write_report(JsonWriter& out, const Tally& tally) {
  out.field("responses", tally.responses());
  out.key("questions");
  out.begin_array();
  for (const QuestionCount& question : tally.questions())
    write_question(out, question, tally.responses());
  out.end_array();
}

}  // namespace probity::form
