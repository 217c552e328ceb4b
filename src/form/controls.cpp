#include <algorithm>

#include "base/text.hpp"
#include "form/html.hpp"
#include "form/page_writer.hpp"

namespace probity::form {
namespace {

/// Rendered as given; anything that is no scalar is shown as empty.
std::string value_text(const Value* value) { return value == nullptr ? "" : scalar_text(*value); }

bool holds_choice(const Value* value, const Choice& choice) {
  if (value == nullptr) return false;
  if (const Value::List* list = value->list()) {
    return std::ranges::any_of(*list, [&](const Value& v) { return scalar_text(v) == choice.key; });
  }
  return value->is_scalar() && scalar_text(*value) == choice.key;
}

/// Writes the controls of one question.
class Controls {
 public:
  Controls(HtmlWriter& out, const PageState& state, std::uint32_t index)
      : out_(out),
        state_(state),
        question_(state.questionnaire.questions[index]),
        value_(state.answers.values[index]),
        comment_(state.answers.comments[index]),
        index_(index),
        id_(control_id(index)),
        errors_(findings_of(state, index)) {
    state_required();
  }

  void write(std::string_view when) {
    out_.raw("<div");
    if (state_.is_enhanced) write_hooks(when);
    if (question_.kind == Kind::Html) return write_html();
    out_.attribute("class", errors_.empty() ? "question" : "question wrong").raw(">\n");
    switch (question_.kind) {
      case Kind::Text:
      case Kind::Comment:
      case Kind::Dropdown: write_single(); break;
      default: write_group(); break;
    }
    write_comment();
    out_.raw("</div>\n");
  }

 private:
  [[nodiscard]] std::string words(Phrase which) const { return phrase(state_.locale, which); }

  void state_required() {
    is_required_ = question_.is_required ||
                   (!question_.required_if.is_empty() &&
                    condition_holds(question_.required_if, state_.answers, state_.visibility));
  }

  /// What assets/respondent.js reads an answer by.
  [[nodiscard]] std::string_view script_kind() const {
    switch (question_.kind) {
      case Kind::Text:
      case Kind::Comment: return "text";
      case Kind::Checkbox:
      case Kind::Tagbox: return "many";
      case Kind::Ranking: return "rank";
      case Kind::Matrix: return "rows";
      case Kind::MultipleText: return "items";
      case Kind::Html: return {};
      default: return "one";
    }
  }

  void write_hooks(std::string_view when) {
    out_.attribute("data-q", std::to_string(index_));
    if (!when.empty()) out_.attribute("data-when", when);
    if (!question_.is_answerable()) return;
    out_.attribute("data-k", question_.key).attribute("data-kind", script_kind());
    const bool is_whole = question_.kind == Kind::Ranking && !question_.is_partial_ranking;
    if (is_whole && question_.choices.size() > 1) out_.raw(" data-whole");
    const auto is_text = [](const Choice& choice) { return choice.value.text() != nullptr; };
    if (std::ranges::all_of(question_.choices, is_text)) return;
    // Conditions compare with the values, which controls only have as texts.
    Value::List values;
    for (const Choice& choice : question_.choices)
      values.push_back(choice.value);
    std::string json;
    append_value(json, Value(std::move(values)));
    out_.attribute("data-v", json);
  }

  void write_html() {
    // Answers are put in as text, before the author's HTML is made harmless.
    const std::string html(question_.html.in(state_.locale));
    out_.raw(" class=\"words\">").raw(sanitise_html(with_answers_escaped(html))).raw("</div>\n");
  }

  [[nodiscard]] std::string with_answers_escaped(const std::string& html) const {
    std::string out;
    std::size_t from = 0;
    std::size_t room = k_piped_max_bytes;
    for (;;) {
      const std::size_t open = html.find('{', from);
      const std::size_t close = html.find('}', open);
      if (open == std::string::npos || close == std::string::npos) break;
      out += html.substr(from, open - from);
      out += html_escape(with_answers(state_, html.substr(open, close + 1 - open), room));
      from = close + 1;
    }
    return out + html.substr(from);
  }

  void write_title() {
    out_.text(with_answers(state_, question_.title.in(state_.locale)));
    if (is_required_)
      out_.raw(" <span class=\"mark\">").text(words(Phrase::Required)).raw("</span>");
  }

  /// Description, hint and errors; gives the ids that describe the control.
  void write_notes(std::string_view hint = {}) {
    if (!question_.description.is_empty()) {
      out_.raw("<p class=\"hint\"").attribute("id", id_ + "-d").raw(">");
      out_.text(with_answers(state_, question_.description.in(state_.locale))).raw("</p>\n");
    }
    if (!hint.empty()) {
      out_.raw("<p class=\"hint\"").attribute("id", id_ + "-h");
      our_language(out_, state_.locale).raw(">").text(hint).raw("</p>\n");
    }
    if (errors_.empty()) return;
    out_.raw("<p class=\"error\"").attribute("id", id_ + "-e").raw(">");
    out_.raw("<span class=\"mark\">").text(words(Phrase::ErrorPrefix)).raw("</span> ");
    for (std::size_t i = 0; i < errors_.size(); ++i)
      out_.raw(i == 0 ? "" : "<br>").text(labelled(errors_[i]));
    out_.raw("</p>\n");
  }

  [[nodiscard]] static std::string labelled(const Finding& finding) {
    return finding.part.empty() ? finding.reason : finding.part + ": " + finding.reason;
  }

  [[nodiscard]] std::string described_by(bool has_hint) const {
    std::string ids;
    if (!question_.description.is_empty()) ids += id_ + "-d ";
    if (has_hint) ids += id_ + "-h ";
    if (!errors_.empty()) ids += id_ + "-e ";
    if (!ids.empty()) ids.pop_back();
    return ids;
  }

  void describe(bool has_hint = false) {
    const std::string ids = described_by(has_hint);
    if (!ids.empty()) out_.attribute("aria-describedby", ids);
  }

  /// Marks the control that an error is about: the whole question's, or one part's.
  void mark_wrong(const std::string& id) {
    if (std::ranges::find(errors_, id, &Finding::id) != errors_.end())
      out_.attribute("aria-invalid", "true");
  }

  void write_single() {
    out_.raw("<label").attribute("for", id_);
    if (question_.is_title_hidden) out_.attribute("class", "unseen");
    out_.raw(">");
    write_title();
    out_.raw("</label>\n");
    write_notes();
    if (question_.kind == Kind::Dropdown) return write_select();
    if (question_.kind == Kind::Comment)
      return write_area(id_, answer_field(question_), question_.text, value_text(value_));
    write_input(id_, answer_field(question_), question_.text, value_text(value_));
  }

  void write_area(const std::string& id, const std::string& name, const TextRules& rules,
                  const std::string& value) {
    out_.raw("<textarea").attribute("id", id).attribute("name", name);
    out_.attribute("rows", std::to_string(question_.rows_shown));
    out_.attribute("maxlength", std::to_string(rules.length_max));
    if (!rules.placeholder.is_empty())
      out_.attribute("placeholder", rules.placeholder.in(state_.locale));
    if (is_required_ && name == answer_field(question_)) out_.raw(" required");
    describe();
    mark_wrong(id);
    // A first line end inside a textarea is swallowed by the browser; this one is.
    out_.raw(">\n").text(value).raw("</textarea>\n");
  }

  void write_input(const std::string& id, const std::string& name, const TextRules& rules,
                   const std::string& value) {
    out_.raw("<input").attribute("id", id).attribute("name", name);
    write_input_type(rules);
    if (!rules.autocomplete.empty()) out_.attribute("autocomplete", rules.autocomplete);
    if (!rules.placeholder.is_empty())
      out_.attribute("placeholder", rules.placeholder.in(state_.locale));
    if (!value.empty()) out_.attribute("value", value);
    if (is_required_) out_.raw(" required");
    describe();
    mark_wrong(id);
    out_.raw(">\n");
  }

  void write_input_type(const TextRules& rules) {
    switch (rules.input) {
      // Sliders and colour fields cannot be left blank, so they are asked as text.
      case InputType::Number:
      case InputType::Range:
        out_.raw(" type=\"text\" inputmode=\"decimal\" class=\"short\"");
        return;
      case InputType::Text:
      case InputType::Color: out_.attribute("type", "text"); break;
      case InputType::Email:
        out_.raw(" type=\"email\" inputmode=\"email\" spellcheck=\"false\"");
        break;
      case InputType::Url: out_.raw(" type=\"url\" inputmode=\"url\" spellcheck=\"false\""); break;
      case InputType::Tel: out_.raw(" type=\"tel\" inputmode=\"tel\""); break;
      case InputType::Password: out_.raw(" type=\"password\" autocomplete=\"off\""); break;
      default:
        out_.attribute("type", input_type_name(rules.input)).attribute("class", "short");
        if (!rules.min_text.empty()) out_.attribute("min", rules.min_text);
        if (!rules.max_text.empty()) out_.attribute("max", rules.max_text);
        return;
    }
    out_.attribute("maxlength", std::to_string(rules.length_max));
  }

  void write_select() {
    out_.raw("<select").attribute("id", id_).attribute("name", answer_field(question_));
    if (is_required_) out_.raw(" required");
    describe();
    mark_wrong(id_);
    out_.raw(">\n<option value=\"\">").text(words(Phrase::ChooseOne)).raw("</option>\n");
    for (const Choice& choice : question_.choices) {
      out_.raw("<option").attribute("value", choice.key);
      if (holds_choice(value_, choice)) out_.raw(" selected");
      out_.raw(">").text(choice.text.in(state_.locale)).raw("</option>\n");
    }
    out_.raw("</select>\n");
  }

  [[nodiscard]] std::string group_hint() const {
    if (question_.kind == Kind::Checkbox || question_.kind == Kind::Tagbox)
      return words(Phrase::SelectSeveral);
    if (question_.kind == Kind::Ranking) return words(Phrase::RankHint);
    return {};
  }

  void write_group() {
    const std::string hint = group_hint();
    out_.raw("<fieldset");
    describe(!hint.empty());
    out_.raw("><legend")
        .attribute("class", question_.is_title_hidden ? "unseen" : "title")
        .raw(">");
    write_title();
    out_.raw("</legend>\n");
    write_notes(hint);
    switch (question_.kind) {
      case Kind::Checkbox:
      case Kind::Tagbox: write_checkboxes(); break;
      case Kind::Rating: write_rating(); break;
      case Kind::Ranking: write_ranking(); break;
      case Kind::Matrix: write_matrix(); break;
      case Kind::MultipleText: write_items(); break;
      default: write_radios(answer_field(question_), id_, value_, is_required_); break;
    }
    out_.raw("</fieldset>\n");
  }

  void write_option(std::string_view type, const std::string& id, const std::string& name,
                    const Choice& choice) {
    out_.raw("<div class=\"choice\"><input").attribute("type", type).attribute("id", id);
    out_.attribute("name", name).attribute("value", choice.key);
  }

  void end_option(const std::string& id, std::string_view text) {
    out_.raw("><label").attribute("for", id).raw(">").text(text).raw("</label></div>\n");
  }

  void write_radios(const std::string& name, const std::string& id, const Value* value,
                    bool is_required) {
    bool has_answer = false;
    for (std::size_t i = 0; i < question_.choices.size(); ++i) {
      const Choice& choice = question_.choices[i];
      const std::string own = i == 0 ? id : id + "-" + std::to_string(i);
      write_option("radio", own, name, choice);
      if (holds_choice(value, choice)) {
        out_.raw(" checked");
        has_answer = true;
      }
      if (is_required) out_.raw(" required");
      end_option(own, choice.text.in(state_.locale));
    }
    // A radio button cannot be let go of again, so giving no answer is a choice of its own.
    if (is_required) return;
    const std::string own = id + "-n";
    out_.raw("<div class=\"choice none\"><input type=\"radio\"").attribute("id", own);
    out_.attribute("name", name).raw(" value=\"\"");
    if (!has_answer) out_.raw(" checked");
    end_option(own, words(Phrase::NoAnswer));
  }

  void write_checkboxes() {
    for (std::size_t i = 0; i < question_.choices.size(); ++i) {
      const std::string own = i == 0 ? id_ : id_ + "-" + std::to_string(i);
      write_option("checkbox", own, answer_field(question_), question_.choices[i]);
      if (holds_choice(value_, question_.choices[i])) out_.raw(" checked");
      end_option(own, question_.choices[i].text.in(state_.locale));
    }
  }

  void write_rating() {
    if (!question_.rate_min_text.is_empty() || !question_.rate_max_text.is_empty()) {
      out_.raw("<p class=\"ends\"><span>").text(question_.rate_min_text.in(state_.locale));
      out_.raw("</span> <span>")
          .text(question_.rate_max_text.in(state_.locale))
          .raw("</span></p>\n");
    }
    out_.raw("<div class=\"scale\">\n");
    write_radios(answer_field(question_), id_, value_, is_required_);
    out_.raw("</div>\n");
  }

  /// The place a choice has in a ranking given so far; 0 when none.
  [[nodiscard]] std::size_t place_of(const Choice& choice) const {
    const Value::List* list = value_ == nullptr ? nullptr : value_->list();
    if (list == nullptr) return 0;
    for (std::size_t i = 0; i < list->size(); ++i)
      if (scalar_text((*list)[i]) == choice.key) return i + 1;
    return 0;
  }

  void write_ranking() {
    for (std::size_t i = 0; i < question_.choices.size(); ++i) {
      const Choice& choice = question_.choices[i];
      const std::string own = i == 0 ? id_ : id_ + "-" + std::to_string(i);
      const std::size_t place = place_of(choice);
      out_.raw("<div class=\"place\"><select").attribute("id", own);
      if (state_.is_enhanced) out_.attribute("data-v", choice.key);
      out_.attribute("name", part_field(question_, i)).raw("><option value=\"\">–</option>");
      for (std::size_t k = 1; k <= question_.choices.size(); ++k) {
        out_.raw(k == place ? "<option selected>" : "<option>").text(std::to_string(k));
        out_.raw("</option>");
      }
      out_.raw("</select> <label").attribute("for", own).raw(">");
      out_.text(choice.text.in(state_.locale)).raw("</label></div>\n");
    }
  }

  void write_matrix() {
    for (std::size_t i = 0; i < question_.rows.size(); ++i) {
      const Row& row = question_.rows[i];
      out_.raw("<fieldset class=\"row\"");
      if (state_.is_enhanced) out_.attribute("data-p", row.name);
      out_.raw("><legend>").text(row.text.in(state_.locale));
      out_.raw("</legend>\n<div class=\"scale\">\n");
      write_radios(part_field(question_, i), part_id(question_, index_, i),
                   value_ == nullptr ? nullptr : value_->find(row.name),
                   question_.is_each_row_required);
      out_.raw("</div></fieldset>\n");
    }
  }

  void write_items() {
    for (std::size_t i = 0; i < question_.items.size(); ++i) {
      const Item& item = question_.items[i];
      const std::string own = part_id(question_, index_, i);
      out_.raw("<div class=\"item\"");
      if (state_.is_enhanced) out_.attribute("data-p", item.name);
      out_.raw("><label").attribute("for", own).raw(">");
      out_.text(item.title.in(state_.locale));
      if (item.is_required)
        out_.raw(" <span class=\"mark\">").text(words(Phrase::Required)).raw("</span>");
      out_.raw("</label>\n");
      const Value* value = value_ == nullptr ? nullptr : value_->find(item.name);
      write_input(own, part_field(question_, i), item.rules, value_text(value));
      out_.raw("</div>\n");
    }
  }

  void write_comment() {
    if (!question_.takes_comment()) return;
    const std::string own = id_ + "-c";
    const bool is_other = !question_.has_comment;
    std::string label;
    if (is_other) {
      const auto choice = question_.find_choice("other");
      label = choice ? std::string(question_.choices[*choice].text.in(state_.locale)) + ": " : "";
      label += words(Phrase::OtherText);
    } else {
      label = question_.comment_text.is_empty()
                  ? words(Phrase::Comment)
                  : std::string(question_.comment_text.in(state_.locale));
    }
    out_.raw("<div class=\"aside\"><label").attribute("for", own).raw(">").text(label);
    out_.raw("</label>\n");
    TextRules rules;
    rules.length_max = k_comment_answer_max;
    rules.placeholder = question_.other_placeholder;
    out_.raw("<textarea").attribute("id", own).attribute("name", comment_field(question_));
    out_.raw(" rows=\"2\"").attribute("maxlength", std::to_string(rules.length_max));
    if (!rules.placeholder.is_empty())
      out_.attribute("placeholder", rules.placeholder.in(state_.locale));
    out_.raw(">\n").text(value_text(comment_)).raw("</textarea></div>\n");
  }

  HtmlWriter& out_;
  const PageState& state_;
  const Question& question_;
  const Value* value_;
  const Value* comment_;
  std::uint32_t index_;
  std::string id_;
  std::vector<Finding> errors_;
  bool is_required_ = false;
};

}  // namespace

namespace {

/// As much of an answer as there is room for.
std::string fitting(std::string text, std::size_t& room) {
  if (text.size() > room) {
    std::size_t end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    text.resize(end);
    text += "…";
    room = 0;
  } else {
    room -= text.size();
  }
  return text;
}

}  // namespace

std::string with_answers(const PageState& state, std::string_view text) {
  std::size_t room = k_piped_max_bytes;
  return with_answers(state, text, room);
}

std::string with_answers(const PageState& state, std::string_view text, std::size_t& room) {
  std::string out;
  std::size_t from = 0;
  for (;;) {
    const std::size_t open = text.find('{', from);
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const auto question = state.questionnaire.find(trim(text.substr(open + 1, close - open - 1)));
    out += text.substr(from, open - from);
    if (!question) {
      out += text.substr(open, close + 1 - open);
    } else if (const Value* value = state.answers.values[*question];
               value != nullptr && state.visibility.questions[*question]) {
      const Question& asked = state.questionnaire.questions[*question];
      if (room > 0) out += fitting(answer_text(asked, *value, state.locale), room);
    }
    from = close + 1;
  }
  return out.append(text.substr(from));
}

void write_question(HtmlWriter& out, const PageState& state, std::uint32_t question,
                    std::string_view when) {
  Controls(out, state, question).write(when);
}

}  // namespace probity::form
