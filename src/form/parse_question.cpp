#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "form/document.hpp"
#include "form/temporal.hpp"

namespace probity::form {
namespace {

constexpr std::array k_input_types = {InputType::Text,          InputType::Number, InputType::Date,
                                      InputType::DateTimeLocal, InputType::Time,   InputType::Month,
                                      InputType::Week,          InputType::Email,  InputType::Url,
                                      InputType::Tel,           InputType::Range,  InputType::Color,
                                      InputType::Password};

/// Tokens of HTML's `autocomplete` that a questionnaire may ask for.
constexpr std::array<std::string_view, 27> k_autocomplete = {"off",
                                                             "on",
                                                             "name",
                                                             "honorific-prefix",
                                                             "given-name",
                                                             "additional-name",
                                                             "family-name",
                                                             "honorific-suffix",
                                                             "nickname",
                                                             "organization-title",
                                                             "organization",
                                                             "street-address",
                                                             "address-line1",
                                                             "address-line2",
                                                             "address-line3",
                                                             "address-level1",
                                                             "address-level2",
                                                             "country",
                                                             "country-name",
                                                             "postal-code",
                                                             "language",
                                                             "bday",
                                                             "sex",
                                                             "tel",
                                                             "tel-national",
                                                             "email",
                                                             "url"};

/// Reads one question; the members are the kinds' parts.
class QuestionReader {
 public:
  QuestionReader(const Node& node, const SurveyRules& rules, Question& out, Findings& findings)
      : node_(node), rules_(rules), out_(out), findings_(findings) {}

  void run() {
    read_common();
    switch (out_.kind) {
      case Kind::Text: read_text(node_, out_.text, rules_.text_max); break;
      case Kind::Comment: read_comment(); break;
      case Kind::Radiogroup:
      case Kind::Checkbox:
      case Kind::Dropdown:
      case Kind::Tagbox:
      case Kind::Ranking: read_select(); break;
      case Kind::Rating: read_rating(); break;
      case Kind::Boolean: read_boolean(); break;
      case Kind::Matrix: read_matrix(); break;
      case Kind::MultipleText: read_items(); break;
      case Kind::Html: read_html(); break;
    }
    read_default();
  }

 private:
  void refuse(std::string_view name, std::string reason) {
    findings_.refuse(Code::BadRequest, node_.at(name), std::move(reason));
  }
  void too_many(std::string path, std::size_t count, std::string_view what) {
    findings_.refuse(Code::LimitExceeded, std::move(path),
                     fmt::format("has {} {}; at most {} are taken", count, what, k_choices_max));
  }

  void read_common() {
    out_.title = read_local_text(node_, "title", findings_);
    if (out_.title.is_empty() && out_.is_answerable()) out_.title = LocalText(out_.name);
    out_.description = read_local_text(node_, "description", findings_);
    out_.is_title_hidden = node_.text("titleLocation") == "hidden";
    out_.visible_if = read_condition(node_, "visibleIf", findings_);
    out_.is_hidden =
        node_.get("visible") != nullptr && !node_.flag("visible") && out_.visible_if.is_empty();
    if (!out_.is_answerable()) return;
    out_.is_required = node_.flag("isRequired");
    out_.required_if = read_condition(node_, "requiredIf", findings_);
    out_.required_text = read_local_text(node_, "requiredErrorText", findings_);
    out_.has_comment = node_.flag("showCommentArea", "hasComment");
    out_.comment_text = read_local_text(node_, "commentText", findings_);
    out_.validators = read_validators(node_);
    out_.text.length_max = rules_.comment_max;
  }

  std::vector<Validator> read_validators(const Node& owner) {
    std::vector<Validator> out;
    const Value::List& list = owner.list("validators");
    const std::string base = owner.at("validators");
    if (list.size() > k_validators_max) {
      findings_.refuse(
          Code::LimitExceeded, base,
          fmt::format("has {} validators; at most {} are taken", list.size(), k_validators_max));
      return out;
    }
    for (std::size_t i = 0; i < list.size(); ++i)
      read_validator(list[i], child_path(base, i), out);
    return out;
  }

  void read_validator(const Value& value, const std::string& path, std::vector<Validator>& out) {
    const Value* type = value.find("type");
    const std::string name = type != nullptr && type->text() != nullptr ? *type->text() : "";
    const auto types = validator_types();
    const auto row = std::ranges::find(types, name, &TypeRow::name);
    if (row == types.end() || row->treatment == Treatment::Refused) {
      findings_.refuse(Code::BadRequest, child_path(path, "type"),
                       row == types.end()
                           ? "must be numeric, text, answercount, email or expression"
                           : fmt::format("\"{}\" is not supported: {}", name, row->note));
      return;
    }
    const Node node(value, path, Owner{row->owner});
    node.check(findings_);
    const std::string severity = node.text("notificationType");
    if (!severity.empty() && severity != "error") {
      findings_.warn(path, "ignored: remarks that refuse nothing are not shown");
      return;
    }
    Validator rule;
    rule.text = read_local_text(node, "text", findings_);
    switch (node.owner()) {
      case Owner::TextValidator:
        rule.rule = Validator::Rule::Text;
        rule.min = node.number("minLength");
        rule.max = node.number("maxLength");
        if (rule.max && *rule.max <= 0) rule.max.reset();
        rule.allows_digits = node.get("allowDigits") == nullptr || node.flag("allowDigits");
        break;
      case Owner::CountValidator:
        rule.rule = Validator::Rule::AnswerCount;
        rule.min = node.number("minCount");
        rule.max = node.number("maxCount");
        break;
      case Owner::EmailValidator: rule.rule = Validator::Rule::Email; break;
      case Owner::ExpressionValidator:
        rule.rule = Validator::Rule::Expression;
        rule.condition = read_condition(node, "expression", findings_);
        break;
      default:
        rule.min = node.number("minValue");
        rule.max = node.number("maxValue");
        break;
    }
    out.push_back(std::move(rule));
  }

  void read_text(const Node& node, TextRules& out, std::size_t length_max) {
    const std::string input = node.text("inputType");
    const auto type = std::ranges::find_if(
        k_input_types, [&](InputType t) { return input_type_name(t) == input; });
    if (!input.empty() && type == k_input_types.end()) {
      findings_.refuse(Code::BadRequest, node.at("inputType"),
                       "must be text, number, date, datetime-local, time, month, week, email, "
                       "url, tel, range, color or password");
      return;
    }
    if (!input.empty()) out.input = *type;
    read_bounds(node, out);
    out.length_max = length_max;
    const auto length = node.number("maxLength");
    if (length && *length > 0)
      out.length_max = std::min(length_max, static_cast<std::size_t>(*length));
    out.placeholder = read_local_text(node, "placeholder", findings_, "placeHolder");
    const std::string fill = node.text("autocomplete", "autoComplete");
    if (std::ranges::find(k_autocomplete, fill) != k_autocomplete.end()) out.autocomplete = fill;
  }

  void read_bounds(const Node& node, TextRules& out) {
    const bool is_number = out.input == InputType::Number || out.input == InputType::Range;
    for (const std::string_view name : {"min", "max"}) {
      const Value* value = node.get(name);
      if (value == nullptr || value->is_blank()) continue;
      const std::string text = scalar_text(*value);
      if (is_number) {
        const auto number = parse_number(text);
        if (!number) findings_.refuse(Code::BadRequest, node.at(name), "must be a number");
        (name == "min" ? out.min : out.max) = number;
      } else if (is_temporal(out.input)) {
        if (!is_valid_temporal(out.input, text)) {
          findings_.refuse(Code::BadRequest, node.at(name),
                           fmt::format("must be written like {}", temporal_example(out.input)));
        }
        (name == "min" ? out.min_text : out.max_text) = text;
      }
    }
    if (is_number) {
      out.step = node.number("step");
      if (out.step && *out.step <= 0) out.step.reset();
    }
    const bool is_empty_range = (out.min && out.max && *out.min > *out.max) ||
                                (!out.min_text.empty() && !out.max_text.empty() &&
                                 out.min_text > out.max_text && out.input != InputType::Time);
    if (is_empty_range)
      findings_.refuse(Code::BadRequest, node.at("max"),
                       "is below \"min\": nothing can be answered");
  }

  void read_comment() {
    read_text(node_, out_.text, rules_.comment_max);
    out_.rows_shown =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(node_.count("rows").value_or(4), 2, 30));
  }

  /// Reads choices, columns, rate values (and rows, through their values).
  std::vector<Choice> read_choices(std::string_view name, Owner owner) {
    std::vector<Choice> out;
    const Value::List& list = node_.list(name);
    const std::string base = node_.at(name);
    if (list.size() > k_choices_max) {
      too_many(base, list.size(), name);
      return out;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = child_path(base, i);
      Choice choice;
      const Value* value = &list[i];
      if (list[i].members() != nullptr) {
        const Node node(list[i], path, owner);
        node.check(findings_);
        value = node.get("value");
        choice.text = read_local_text(node, "text", findings_);
      }
      if (value == nullptr || !value->is_scalar() || value->is_blank()) {
        findings_.refuse(Code::BadRequest, path, "needs a value: a text or a number");
        continue;
      }
      choice.value = *value;
      add_choice(std::move(choice), path, out);
    }
    return out;
  }

  void add_choice(Choice choice, const std::string& path, std::vector<Choice>& out) {
    choice.key = scalar_text(choice.value);
    if (choice.key.size() > k_choice_value_max_bytes) {
      findings_.refuse(Code::LimitExceeded, path,
                       fmt::format("the value has {} bytes; at most {} are taken",
                                   choice.key.size(), k_choice_value_max_bytes));
      return;
    }
    if (choice.text.is_empty()) choice.text = LocalText(choice.key);
    const auto is_same = [&](const Choice& other) { return other.key == choice.key; };
    if (std::ranges::any_of(out, is_same)) {
      findings_.refuse(Code::BadRequest, path, "has the value of another one; values must differ");
      return;
    }
    out.push_back(std::move(choice));
  }

  void add_special(Choice::Role role, std::string_view value, LocalText text) {
    Choice choice;
    choice.role = role;
    choice.value = Value(value);
    choice.text = std::move(text);
    add_choice(std::move(choice), node_.path(), out_.choices);
  }

  LocalText special_text(std::string_view name, std::string_view fallback) {
    LocalText text = read_local_text(node_, name, findings_);
    return text.is_empty() ? LocalText(std::string(fallback)) : text;
  }

  /// `choicesMin` to `choicesMax`: numbers as choices.
  void add_number_choices() {
    const auto min = node_.number("choicesMin");
    const auto max = node_.number("choicesMax");
    if (!min || !max) return;
    const double step = std::max(node_.number("choicesStep").value_or(1), 1e-9);
    const double count = std::floor((*max - *min) / step) + 1;
    if (count < 1) return;
    if (count + static_cast<double>(out_.choices.size()) > static_cast<double>(k_choices_max)) {
      too_many(node_.at("choicesMax"), static_cast<std::size_t>(std::min(count, 1e9)), "choices");
      return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      Choice choice;
      choice.value = Value(*min + static_cast<double>(i) * step);
      add_choice(std::move(choice), node_.at("choicesMin"), out_.choices);
    }
  }

  void read_select() {
    out_.choices = read_choices("choices", Owner::Choice);
    if (out_.kind == Kind::Dropdown) add_number_choices();
    out_.has_other = node_.flag("showOtherItem", "hasOther");
    if (out_.kind == Kind::Ranking && out_.has_other)
      refuse("showOtherItem", "a ranking has no place for other answers");
    if (node_.flag("showNoneItem", "hasNone"))
      add_special(Choice::Role::None, "none", special_text("noneText", "None"));
    if (node_.flag("showRefuseItem"))
      add_special(Choice::Role::Refuse, "refused", special_text("refuseText", "Refuse to answer"));
    if (node_.flag("showDontKnowItem"))
      add_special(Choice::Role::DontKnow, "dontknow", special_text("dontKnowText", "Don't know"));
    // "Other" may be declared among the choices too, which is how its place is chosen.
    if (out_.has_other) {
      if (const auto declared = out_.find_choice("other")) {
        out_.choices[*declared].role = Choice::Role::Other;
      } else {
        add_special(Choice::Role::Other, "other", special_text("otherText", "Other"));
      }
    }
    out_.other_placeholder =
        read_local_text(node_, "otherPlaceholder", findings_, "otherPlaceHolder");
    if (out_.choices.empty()) refuse("choices", "has no choices: nothing can be answered");
    read_selection();
  }

  void read_selection() {
    if (!out_.is_multiple_choice()) return;
    const auto positive = [](std::optional<std::size_t> n) {
      return n && *n > 0 ? n : std::optional<std::size_t>();
    };
    out_.selected_min = positive(node_.count("minSelectedChoices"));
    out_.selected_max = positive(node_.count("maxSelectedChoices"));
    out_.is_partial_ranking = node_.flag("selectToRankEnabled");
    if (out_.selected_min && out_.selected_max && *out_.selected_min > *out_.selected_max)
      refuse("maxSelectedChoices", "is below minSelectedChoices: nothing can be answered");
    if (out_.selected_min && *out_.selected_min > out_.choices.size())
      refuse("minSelectedChoices", "is more than there are choices");
  }

  void read_rating() {
    out_.choices = read_choices("rateValues", Owner::RateValue);
    if (out_.choices.empty()) add_rates();
    out_.rate_min_text =
        read_local_text(node_, "minRateDescription", findings_, "mininumRateDescription");
    out_.rate_max_text =
        read_local_text(node_, "maxRateDescription", findings_, "maximumRateDescription");
  }

  void add_rates() {
    const double min = node_.number("rateMin").value_or(1);
    const double step = node_.number("rateStep").value_or(1);
    double max = node_.number("rateMax").value_or(5);
    const auto count = node_.count("rateCount");
    if (count && *count > 0 && node_.get("rateMax") == nullptr)
      max = min + static_cast<double>(*count - 1) * step;
    if (step <= 0) return refuse("rateStep", "must be more than 0");
    if (max <= min) return refuse("rateMax", "must be more than rateMin");
    const double steps = std::floor((max - min) / step + 1e-9);
    if (steps + 1 > static_cast<double>(k_choices_max))
      return too_many(node_.at("rateMax"), static_cast<std::size_t>(std::min(steps, 1e9)), "rates");
    for (std::size_t i = 0; i <= static_cast<std::size_t>(steps); ++i) {
      const double rate = min + static_cast<double>(i) * step;
      Choice choice;
      choice.value = Value(parse_number(fmt::format("{:.12g}", rate)).value_or(0));
      add_choice(std::move(choice), node_.path(), out_.choices);
    }
  }

  void read_boolean() {
    const auto add = [&](std::string_view value_name, std::string_view text_name, bool truth) {
      Choice choice;
      const Value* value = node_.get(value_name);
      choice.value =
          value != nullptr && value->is_scalar() && !value->is_blank() ? *value : Value(truth);
      choice.text = special_text(text_name, truth ? "Yes" : "No");
      add_choice(std::move(choice), node_.at(value_name), out_.choices);
    };
    add("valueTrue", "labelTrue", true);
    add("valueFalse", "labelFalse", false);
  }

  void read_matrix() {
    out_.choices = read_choices("columns", Owner::Column);
    if (out_.choices.empty()) refuse("columns", "has no columns: nothing can be answered");
    for (Choice& row : read_choices("rows", Owner::MatrixRow))
      out_.rows.push_back({std::move(row.key), std::move(row.text)});
    if (out_.rows.empty()) refuse("rows", "has no rows: nothing can be answered");
    out_.is_each_row_required = node_.flag("eachRowRequired", "isAllRowRequired");
    out_.is_each_row_unique = node_.flag("eachRowUnique");
  }

  void read_items() {
    const Value::List& list = node_.list("items");
    const std::string base = node_.at("items");
    if (list.size() > k_choices_max) return too_many(base, list.size(), "items");
    if (list.empty()) return refuse("items", "has no items: nothing can be answered");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Node node(list[i], child_path(base, i), Owner::Item);
      node.check(findings_);
      Item item;
      item.name = node.text("name");
      const bool is_known = std::ranges::any_of(
          out_.items, [&](const Item& other) { return other.name == item.name; });
      if (item.name.empty() || item.name.size() > k_name_max_bytes || is_known) {
        findings_.refuse(Code::BadRequest, node.at("name"),
                         "must be a name of at most 128 bytes that no other item has");
        continue;
      }
      item.title = read_local_text(node, "title", findings_);
      if (item.title.is_empty()) item.title = LocalText(item.name);
      item.is_required = node.flag("isRequired");
      item.required_text = read_local_text(node, "requiredErrorText", findings_);
      item.validators = read_validators(node);
      read_text(node, item.rules, rules_.text_max);
      out_.items.push_back(std::move(item));
    }
  }

  void read_html() {
    if (const Value* html = node_.get("html"))
      out_.html = read_local_text(*html, node_.at("html"), findings_, k_html_max_bytes);
  }

  /// A default is shown, never assumed: only what a respondent sends is an answer.
  void read_default() {
    const Value* value = node_.get("defaultValue");
    if (value == nullptr || value->is_blank() || !out_.is_answerable()) return;
    const bool is_listed = !out_.choices.empty() && out_.kind != Kind::Matrix;
    const auto is_choice = [&](const Value& v) {
      return out_.find_choice(scalar_text(v)).has_value();
    };
    bool is_fitting = is_answer_shaped(*value);
    if (is_listed && value->is_scalar())
      is_fitting = !out_.is_multiple_choice() && is_choice(*value);
    if (is_fitting && is_listed && value->list() != nullptr)
      is_fitting = out_.is_multiple_choice() && std::ranges::all_of(*value->list(), is_choice);
    if (!is_fitting || (is_listed && value->members() != nullptr)) {
      findings_.warn(node_.at("defaultValue"), "ignored: it is not one of the choices");
      return;
    }
    out_.default_value = *value;
  }

  const Node& node_;
  const SurveyRules& rules_;
  Question& out_;
  Findings& findings_;
};

}  // namespace

void read_question(const Node& node, const SurveyRules& rules, Question& out, Findings& findings) {
  QuestionReader(node, rules, out, findings).run();
}

}  // namespace probity::form
