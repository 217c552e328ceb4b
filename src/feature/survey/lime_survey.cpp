#include "feature/survey/lime_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "feature/survey/lime_relevance.hpp"
#include "feature/survey/lime_tables.hpp"
#include "feature/survey/lime_text.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

using form::Value;
/// Texts by language as LimeSurvey names it.
using Texts = std::map<std::string, std::string, std::less<>>;

/// An answer, or a subquestion.
struct Part {
  std::string code;
  int scale = 0;
  std::int64_t order = 0;
  Texts texts;
};

struct Asked {
  std::string qid;
  std::string code;
  char type = 'T';
  std::int64_t order = 0;
  bool has_other = false;
  bool is_mandatory = false;
  std::string relevance;
  Texts texts;
  Texts helps;
  std::vector<Part> subs;
  std::vector<Part> answers;
  std::map<std::string, std::string, std::less<>> attributes;
  Texts other_text;
};

struct Group {
  std::string gid;
  std::int64_t order = 0;
  std::string relevance;
  Texts names;
  Texts descriptions;
  std::vector<Asked> questions;
};

std::int64_t order_of(const LimeRow& row, std::string_view name) {
  return parse_int(lime_field(row, name)).value_or(0);
}

/// Adds the row's text in its language, when it has one.
void add_text(Texts& texts, const LimeRow& row, std::string_view field) {
  const std::string text = without_markup(lime_field(row, field));
  if (!text.empty()) texts.emplace(lime_field(row, "language"), text);
}

/// A member named `name` of an object under construction.
void put(Value& object, std::string_view name, Value value) { object.set(name, std::move(value)); }
void put(Value& object, std::string_view name, std::string_view text) {
  object.set(name, Value(text));
}

/// Joins the tables to groups with questions. Versions 3 keep texts in the tables themselves, one
/// row for each language; later ones in tables of their own.
class Structure {
 public:
  explicit Structure(const LimeTables& tables) : tables_(tables) {}

  std::vector<Group> take() {
    read_groups();
    for (const LimeRow& row : tables_.rows("questions"))
      read_question(row);
    for (const LimeRow& row : tables_.rows("subquestions"))
      read_question(row);
    read_question_texts();
    read_answers();
    read_attributes();
    return finish();
  }

 private:
  template <typename List, typename Key>
  static auto* find(List& list, const Key& key, std::string_view value) {
    const auto found = std::ranges::find(list, value, key);
    return found == list.end() ? nullptr : &*found;
  }

  void read_groups() {
    for (const char* table : {"groups", "group_l10ns"}) {
      for (const LimeRow& row : tables_.rows(table)) {
        const std::string_view gid = lime_field(row, "gid");
        Group* group = find(groups_, &Group::gid, gid);
        if (group == nullptr) {
          group = &groups_.emplace_back();
          group->gid = gid;
          group->order = order_of(row, "group_order");
          group->relevance = lime_field(row, "grelevance");
        }
        add_text(group->names, row, "group_name");
        add_text(group->descriptions, row, "description");
      }
    }
  }

  void read_question(const LimeRow& row) {
    const std::string_view qid = lime_field(row, "qid");
    const std::string_view parent = lime_field(row, "parent_qid");
    if (!parent.empty() && parent != "0") return read_sub(row, qid, parent);
    const auto [found, is_new] = questions_.try_emplace(std::string(qid));
    Asked& asked = found->second;
    if (is_new) {
      asked.qid = qid;
      asked.code = lime_field(row, "title");
      const std::string_view type = lime_field(row, "type");
      asked.type = type.empty() ? '?' : type.front();
      asked.order = order_of(row, "question_order");
      asked.has_other = lime_field(row, "other") == "Y";
      asked.is_mandatory = lime_field(row, "mandatory") == "Y";
      asked.relevance = lime_field(row, "relevance");
      group_of_[asked.qid] = lime_field(row, "gid");
    }
    add_text(asked.texts, row, "question");
    add_text(asked.helps, row, "help");
  }

  void read_sub(const LimeRow& row, std::string_view qid, std::string_view parent) {
    const auto asked = questions_.find(parent);
    if (asked == questions_.end()) return;
    auto& subs = asked->second.subs;
    const auto [at, is_new] =
        sub_of_.try_emplace(std::string(qid), std::string(parent), subs.size());
    if (is_new) {
      Part sub;
      sub.code = lime_field(row, "title");
      sub.scale = static_cast<int>(order_of(row, "scale_id"));
      sub.order = order_of(row, "question_order");
      subs.push_back(std::move(sub));
    }
    add_text(subs[at->second.second].texts, row, "question");
  }

  void read_question_texts() {
    for (const LimeRow& row : tables_.rows("question_l10ns")) {
      const std::string_view qid = lime_field(row, "qid");
      if (const auto asked = questions_.find(qid); asked != questions_.end()) {
        add_text(asked->second.texts, row, "question");
        add_text(asked->second.helps, row, "help");
      } else if (const auto sub = sub_of_.find(qid); sub != sub_of_.end()) {
        const auto& [parent, position] = sub->second;
        add_text(questions_[parent].subs[position].texts, row, "question");
      }
    }
  }

  void read_answers() {
    std::map<std::string, std::pair<std::string, std::string>, std::less<>> by_aid;
    for (const LimeRow& row : tables_.rows("answers")) {
      const auto asked = questions_.find(lime_field(row, "qid"));
      if (asked == questions_.end()) continue;
      auto& answers = asked->second.answers;
      const std::string_view code = lime_field(row, "code");
      const auto scale = static_cast<int>(order_of(row, "scale_id"));
      auto found = std::ranges::find_if(
          answers, [&](const Part& one) { return one.code == code && one.scale == scale; });
      if (found == answers.end()) {
        answers.push_back({std::string(code), scale, order_of(row, "sortorder"), {}});
        found = answers.end() - 1;
      }
      add_text(found->texts, row, "answer");
      by_aid[std::string(lime_field(row, "aid"))] = {asked->first,
                                                     fmt::format("{} {}", scale, code)};
    }
    for (const LimeRow& row : tables_.rows("answer_l10ns")) {
      const auto at = by_aid.find(lime_field(row, "aid"));
      if (at == by_aid.end()) continue;
      for (Part& answer : questions_[at->second.first].answers)
        if (fmt::format("{} {}", answer.scale, answer.code) == at->second.second)
          add_text(answer.texts, row, "answer");
    }
  }

  void read_attributes() {
    for (const LimeRow& row : tables_.rows("question_attributes")) {
      const auto asked = questions_.find(lime_field(row, "qid"));
      const std::string_view value = trim(lime_field(row, "value"));
      if (asked == questions_.end() || value.empty()) continue;
      const std::string_view name = lime_field(row, "attribute");
      if (name == "other_replace_text") add_text(asked->second.other_text, row, "value");
      asked->second.attributes.try_emplace(std::string(name), value);
    }
  }

  std::vector<Group> finish() {
    const auto by_order = [](const auto& a, const auto& b) { return a.order < b.order; };
    for (auto& [qid, asked] : questions_) {
      std::ranges::stable_sort(asked.subs, by_order);
      std::ranges::stable_sort(asked.answers, by_order);
      if (Group* group = find(groups_, &Group::gid, group_of_[qid]))
        group->questions.push_back(std::move(asked));
    }
    std::ranges::stable_sort(groups_, by_order);
    for (Group& group : groups_)
      std::ranges::stable_sort(group.questions, by_order);
    return std::move(groups_);
  }

  const LimeTables& tables_;
  std::vector<Group> groups_;
  std::map<std::string, Asked, std::less<>> questions_;
  std::map<std::string, std::string, std::less<>> group_of_;
  std::map<std::string, std::pair<std::string, std::size_t>, std::less<>> sub_of_;
};

/// Writes groups as the pages of a SurveyJS document.
class Writer {
 public:
  Writer(const LimeTables& tables, const std::vector<Group>& groups)
      : tables_(tables), groups_(groups) {}

  Result<LimeSurvey> run() {
    Value root{Value::Members{}};
    write_survey(root);
    for (const Group& group : groups_) {
      for (const Asked& asked : group.questions) {
        if (is_answered(asked)) names_.by_code[asked.code] = {asked.code, asked.type};
        if (is_answered(asked)) names_.code_by_qid[asked.qid] = asked.code;
      }
    }
    Value::List pages;
    for (std::size_t i = 0; i < groups_.size(); ++i)
      pages.push_back(page_of(groups_[i], i));
    put(root, "pages", Value(std::move(pages)));
    if (!error_.fields.empty()) {
      error_.code = Code::BadRequest;
      return std::unexpected(std::move(error_));
    }
    LimeSurvey out;
    form::append_value(out.questionnaire_json, root);
    out.warnings = std::move(warnings_);
    return out;
  }

 private:
  static bool is_answered(const Asked& asked) {
    return std::string_view("*IX|").find(asked.type) == std::string_view::npos;
  }

  void warn(std::string path, std::string reason) {
    if (warnings_.size() < form::k_warnings_max)
      warnings_.push_back({std::move(path), std::move(reason)});
  }
  void warn(const Asked& asked, std::string reason) {
    warn("/questions/" + asked.code, std::move(reason));
  }
  void refuse_type(const Asked& asked, std::string reason) {
    if (error_.fields.size() < form::k_document_errors_max)
      error_.fields.push_back({"/questions/" + asked.code + "/type", std::move(reason)});
  }

  void write_survey(Value& root) {
    for (const LimeRow& row : tables_.rows("surveys"))
      if (!lime_field(row, "language").empty()) base_ = lime_field(row, "language");
    Texts titles;
    Texts descriptions;
    Texts endings;
    for (LimeRow row : tables_.rows("surveys_languagesettings")) {
      row["language"] = lime_field(row, "surveyls_language");
      if (base_.empty()) base_ = row["language"];
      add_text(titles, row, "surveyls_title");
      add_text(descriptions, row, "surveyls_description");
      add_text(endings, row, "surveyls_endtext");
      add_text(welcome_, row, "surveyls_welcometext");
    }
    put(root, "locale", language_of(base_));
    put_texts(root, "title", titles);
    put_texts(root, "description", descriptions);
    for (auto& [language, text] : endings)
      text = "<p>" + html_escape(text) + "</p>";
    put_texts(root, "completedHtml", endings);
    for (const auto& [table, what] :
         {std::pair{"quota", "quotas"}, std::pair{"assessments", "assessments"},
          std::pair{"defaultvalues", "default answers"}})
      if (!tables_.rows(table).empty())
        warn(fmt::format("/{}", table), fmt::format("{} are not carried over", what));
  }

  /// "de-informal" and the like are languages of LimeSurvey's own.
  static std::string language_of(std::string_view language) {
    for (const std::string_view own : {"-informal", "-easy"})
      if (language.ends_with(own)) language.remove_suffix(own.size());
    return std::string(language);
  }

  void put_texts(Value& object, std::string_view name, const Texts& texts) const {
    if (texts.empty()) return;
    const auto base = texts.find(base_);
    if (texts.size() == 1) return put(object, name, Value(texts.begin()->second));
    Value all{Value::Members{}};
    put(all, "default", Value(base == texts.end() ? texts.begin()->second : base->second));
    for (const auto& [language, text] : texts)
      if (language != base_ && all.find(language_of(language)) == nullptr)
        put(all, language_of(language), Value(text));
    put(object, name, std::move(all));
  }

  Value page_of(const Group& group, std::size_t position) {
    Value page{Value::Members{}};
    put(page, "name", fmt::format("page{}", position + 1));
    put_texts(page, "title", group.names);
    put_texts(page, "description", group.descriptions);
    put_condition(page, group.relevance, fmt::format("/groups/{}", group.gid));
    Value::List elements;
    if (position == 0 && !welcome_.empty()) elements.push_back(html_of(welcome_));
    for (const Asked& asked : group.questions)
      write_question(asked, elements);
    put(page, "elements", Value(std::move(elements)));
    return page;
  }

  [[nodiscard]] Value html_of(const Texts& texts) const {
    Value element{Value::Members{}};
    put(element, "type", "html");
    Texts escaped;
    for (const auto& [language, text] : texts)
      escaped[language] = "<p>" + html_escape(text) + "</p>";
    put_texts(element, "html", escaped);
    return element;
  }

  void put_condition(Value& element, std::string_view relevance, const std::string& path) {
    if (trim(relevance) == "0") return put(element, "visible", Value(false));
    const auto text = translate_relevance(relevance, names_);
    if (!text)
      return warn(path, fmt::format("always shown: its condition does not translate ({})",
                                    relevance.substr(0, 200)));
    if (!text->empty()) put(element, "visibleIf", *text);
  }

  static std::string_view attribute(const Asked& asked, std::string_view name) {
    const auto found = asked.attributes.find(name);
    return found == asked.attributes.end() ? std::string_view() : std::string_view(found->second);
  }
  static std::optional<double> number_attribute(const Asked& asked, std::string_view name) {
    return form::parse_number(attribute(asked, name));
  }

  /// What all questions have; `type` is the SurveyJS one.
  Value element_of(const Asked& asked, std::string_view type, const std::string& name = {}) {
    Value element{Value::Members{}};
    put(element, "type", type);
    put(element, "name", name.empty() ? asked.code : name);
    put_texts(element, "title", asked.texts);
    put_texts(element, "description", asked.helps);
    if (asked.is_mandatory) put(element, "isRequired", Value(true));
    put_condition(element, asked.relevance, "/questions/" + asked.code);
    if (attribute(asked, "hidden") == "1") put(element, "visible", Value(false));
    return element;
  }

  [[nodiscard]] Value::List values_of(const std::vector<Part>& parts, int scale) const {
    Value::List out;
    for (const Part& part : parts) {
      if (part.scale != scale) continue;
      Value one{Value::Members{}};
      put(one, "value", part.code);
      put_texts(one, "text", part.texts);
      out.push_back(std::move(one));
    }
    return out;
  }

  static Value::List fixed(std::initializer_list<std::pair<const char*, const char*>> choices) {
    Value::List out;
    for (const auto& [value, text] : choices) {
      Value one{Value::Members{}};
      put(one, "value", value);
      put(one, "text", text);
      out.push_back(std::move(one));
    }
    return out;
  }

  static Value::List numbers(int last) {
    Value::List out;
    for (int i = 1; i <= last; ++i)
      out.emplace_back(static_cast<double>(i));
    return out;
  }

  void note_lost(const Asked& asked) {
    constexpr std::array<std::string_view, 7> k_lost = {
        "array_filter",    "array_filter_exclude", "exclude_all_others",
        "em_validation_q", "em_validation_sq",     "time_limit",
        "equation"};
    for (const std::string_view name : k_lost)
      if (!attribute(asked, name).empty() && asked.type != '*')
        warn(asked, fmt::format("its setting {} is not carried over", name));
  }

  void write_question(const Asked& asked, Value::List& out) {
    note_lost(asked);
    switch (asked.type) {
      case 'X': {
        Value text = html_of(asked.texts);
        put_condition(text, asked.relevance, "/questions/" + asked.code);
        if (!asked.texts.empty()) out.push_back(std::move(text));
        return;
      }
      case '*': return warn(asked, "left out: a computed value is asked of nobody");
      case 'I': return warn(asked, "left out: every page offers the choice of language");
      case '|': return refuse_type(asked, "uploads are not supported; remove the question");
      default: break;
    }
    if (!write_single(asked, out) && !write_list(asked, out) && !write_array(asked, out)) {
      refuse_type(asked, fmt::format("\"{}\" is no type of LimeSurvey 3 to 6", asked.type));
    }
  }

  bool write_single(const Asked& asked, Value::List& out) {
    switch (asked.type) {
      case 'S':
      case 'N':
      case 'D': out.push_back(text_of(asked)); return true;
      case 'T':
      case 'U': {
        Value element = element_of(asked, "comment");
        if (const auto length = number_attribute(asked, "maximum_chars"))
          put(element, "maxLength", Value(*length));
        out.push_back(std::move(element));
        return true;
      }
      case 'Y': return write_fixed(asked, fixed({{"Y", "Yes"}, {"N", "No"}}), out);
      case 'G': return write_fixed(asked, fixed({{"F", "Female"}, {"M", "Male"}}), out);
      case '5': {
        Value element = element_of(asked, "rating");
        put(element, "rateValues", Value(numbers(5)));
        out.push_back(std::move(element));
        return true;
      }
      default: return false;
    }
  }

  bool write_fixed(const Asked& asked, Value::List choices, Value::List& out) {
    Value element = element_of(asked, "radiogroup");
    put(element, "choices", Value(std::move(choices)));
    out.push_back(std::move(element));
    return true;
  }

  Value text_of(const Asked& asked) {
    Value element = element_of(asked, "text");
    if (asked.type == 'N') put_number_rules(asked, element);
    if (asked.type == 'D') put(element, "inputType", "date");
    const auto length = number_attribute(asked, "maximum_chars");
    if (asked.type == 'S' && length) put(element, "maxLength", Value(*length));
    if (attribute(asked, "numbers_only") == "1") put(element, "inputType", "number");
    return element;
  }

  static void put_number_rules(const Asked& asked, Value& element) {
    put(element, "inputType", "number");
    if (const auto min = number_attribute(asked, "min_num_value_n"))
      put(element, "min", Value(*min));
    if (const auto max = number_attribute(asked, "max_num_value_n"))
      put(element, "max", Value(*max));
    if (attribute(asked, "num_value_int_only") == "1") put(element, "step", Value(1.0));
  }

  void put_other(const Asked& asked, Value& element) const {
    if (!asked.has_other) return;
    put(element, "showOtherItem", Value(true));
    put_texts(element, "otherText", asked.other_text);
  }

  bool write_list(const Asked& asked, Value::List& out) {
    const bool is_several = asked.type == 'M' || asked.type == 'P';
    const bool is_one = asked.type == 'L' || asked.type == '!' || asked.type == 'O';
    if (!is_several && !is_one && asked.type != 'R') return false;
    const std::string_view type = is_several          ? "checkbox"
                                  : asked.type == '!' ? "dropdown"
                                  : asked.type == 'R' ? "ranking"
                                                      : "radiogroup";
    Value element = element_of(asked, type);
    const bool has_subs = is_several || (asked.type == 'R' && asked.answers.empty());
    put(element, "choices", Value(values_of(has_subs ? asked.subs : asked.answers, 0)));
    if (asked.type != 'R') put_other(asked, element);
    if (asked.type == 'O' || asked.type == 'P') put(element, "showCommentArea", Value(true));
    if (asked.type == 'P') warn(asked, "one comment for all choices stands for one for each");
    if (asked.type == 'R') put(element, "selectToRankEnabled", Value(true));
    if (is_several || asked.type == 'R') put_selection(asked, element);
    out.push_back(std::move(element));
    return true;
  }

  static void put_selection(const Asked& asked, Value& element) {
    const auto count = [&](std::string_view from, std::string_view to) {
      const auto number = parse_int(attribute(asked, from));
      if (number && *number > 0) put(element, to, Value(static_cast<double>(*number)));
    };
    count("min_answers", "minSelectedChoices");
    count("max_answers", "maxSelectedChoices");
  }

  Value matrix_of(const Asked& asked, Value::List columns, const std::string& name = {}) {
    Value element = element_of(asked, "matrix", name);
    put(element, "columns", Value(std::move(columns)));
    put(element, "rows", Value(values_of(asked.subs, 0)));
    if (asked.is_mandatory) put(element, "eachRowRequired", Value(true));
    return element;
  }

  bool write_array(const Asked& asked, Value::List& out) {
    switch (asked.type) {
      case 'F':
      case 'H': out.push_back(matrix_of(asked, values_of(asked.answers, 0))); return true;
      case 'A': out.push_back(matrix_of(asked, numbers(5))); return true;
      case 'B': out.push_back(matrix_of(asked, numbers(10))); return true;
      case 'C':
        out.push_back(matrix_of(asked, fixed({{"Y", "Yes"}, {"U", "Uncertain"}, {"N", "No"}})));
        return true;
      case 'E':
        out.push_back(
            matrix_of(asked, fixed({{"I", "Increase"}, {"S", "Same"}, {"D", "Decrease"}})));
        return true;
      case '1':
        for (const int scale : {0, 1}) {
          out.push_back(matrix_of(asked, values_of(asked.answers, scale),
                                  fmt::format("{}_{}", asked.code, scale + 1)));
        }
        warn(asked, "one question for each of its two scales");
        return true;
      case 'Q':
      case 'K': out.push_back(lines_of(asked, asked.code, asked.type == 'K')); return true;
      case ';':
      case ':': return write_grid(asked, out);
      default: return false;
    }
  }

  Value lines_of(const Asked& asked, const std::string& name, bool is_number, int scale = 0) {
    Value element = element_of(asked, "multipletext", name);
    Value::List items;
    for (const Part& sub : asked.subs) {
      if (sub.scale != scale) continue;
      Value item{Value::Members{}};
      put(item, "name", sub.code);
      put_texts(item, "title", sub.texts);
      if (is_number) put_number_rules(asked, item);
      if (asked.is_mandatory) put(item, "isRequired", Value(true));
      items.push_back(std::move(item));
    }
    put(element, "items", Value(std::move(items)));
    return element;
  }

  /// A table of fields: each of its rows becomes a question.
  bool write_grid(const Asked& asked, Value::List& out) {
    const bool is_checked = attribute(asked, "multiflexible_checkbox") == "1";
    for (const Part& row : asked.subs) {
      if (row.scale != 0) continue;
      const std::string name = asked.code + "_" + row.code;
      Value element = is_checked ? element_of(asked, "checkbox", name)
                                 : lines_of(asked, name, asked.type == ':', 1);
      if (is_checked) put(element, "choices", Value(values_of(asked.subs, 1)));
      Texts titles = asked.texts;
      for (const auto& [language, text] : row.texts)
        titles[language] += titles[language].empty() ? text : " - " + text;
      put_texts(element, "title", titles);
      out.push_back(std::move(element));
    }
    warn(asked, "one question for each of its rows");
    return true;
  }

  const LimeTables& tables_;
  const std::vector<Group>& groups_;
  LimeNames names_;
  std::string base_;
  Texts welcome_;
  std::vector<form::Warning> warnings_;
  Error error_;
};

}  // namespace

Result<LimeSurvey> read_lime_survey(std::string_view xml) {
  PROBITY_TRY(tables, read_lime_tables(xml));
  if (tables.document_type != "Survey") {
    return refuse_field(Code::BadRequest, "/LimeSurveyDocType",
                        "must be Survey: export the survey's structure (.lss)");
  }
  const std::vector<Group> groups = Structure(tables).take();
  if (groups.empty()) return refuse_field(Code::BadRequest, "/groups", "The survey has no groups.");
  return Writer(tables, groups).run();
}

}  // namespace probity::survey
