#include "form/render.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "embedded/conditions_js.hpp"
#include "embedded/respondent_css.hpp"
#include "embedded/respondent_js.hpp"
#include "form/condition_json.hpp"
#include "form/document.hpp"
#include "form/language_name.hpp"
#include "form/page_writer.hpp"

namespace probity::form {
namespace {

bool lies_inside(const Questionnaire& questionnaire, std::uint32_t container, std::uint32_t box) {
  for (; container != Container::k_none; container = questionnaire.containers[container].parent)
    if (container == box) return true;
  return false;
}

/// Whether any question can insist on an answer, always or in some case.
bool can_demand(const Questionnaire& questionnaire) {
  const auto insists = [](const auto& part) {
    return part.is_required || !part.required_if.is_empty();
  };
  return std::ranges::any_of(questionnaire.containers, insists) ||
         std::ranges::any_of(questionnaire.questions, [&](const Question& question) {
           return insists(question) || question.is_each_row_required ||
                  std::ranges::any_of(question.items, &Item::is_required);
         });
}

/// Writes one page of questions.
class Page {
 public:
  Page(const Questionnaire& questionnaire, const RenderOptions& options)
      : questionnaire_(questionnaire),
        options_(options),
        frame_(options.frame),
        state_{questionnaire,
               locale_of(questionnaire, options),
               options.answers == nullptr ? AnswerSet(questionnaire)
                                          : AnswerSet(questionnaire, *options.answers),
               {},
               options.errors,
               !options.frame.script.empty()},
        is_written_(questionnaire.containers.size()),
        is_inert_(questionnaire.containers.size()) {
    state_.visibility = decide_visibility(questionnaire, state_.answers);
    frame_.locale = state_.locale;
  }

  std::string write() {
    const bool is_end = options_.page >= questionnaire_.pages.size();
    open_document(out_, frame_, tab_title());
    write_errors();
    write_not_sent();
    write_head();
    open_form();
    if (is_end) {
      write_end();
    } else {
      write_elements();
    }
    write_hidden();
    write_trap();
    write_buttons(is_end);
    write_language_buttons();
    out_.raw("</form>\n");
    close_document(out_, frame_);
    return out_.take();
  }

 private:
  static std::string locale_of(const Questionnaire& questionnaire, const RenderOptions& options) {
    return options.frame.locale.empty() ? questionnaire.locale : options.frame.locale;
  }

  [[nodiscard]] std::string words(Phrase which) const { return phrase(state_.locale, which); }

  [[nodiscard]] std::string piped(const LocalText& text) const {
    return with_answers(state_, text.in(state_.locale));
  }

  void open_form() {
    out_.raw("<form method=\"post\" novalidate").attribute("action", options_.action);
    // On a shared screen the browser must not offer what somebody else has typed.
    if (frame_.kiosk_idle_s > 0) out_.raw(" autocomplete=\"off\"");
    if (state_.is_enhanced) {
      out_.attribute("data-page", std::to_string(options_.page));
      if (options_.is_fresh) out_.raw(" data-fresh");
      if (options_.keeps_locally) out_.raw(" data-keep");
      Value::List hidden;
      for (std::size_t i = 0; i < questionnaire_.questions.size(); ++i) {
        const std::string& key = questionnaire_.questions[i].key;
        if (state_.visibility.questions[i]) continue;
        if (state_.answers.values[i] != nullptr) hidden.emplace_back(key);
        if (state_.answers.comments[i] != nullptr) hidden.emplace_back(key + "-Comment");
      }
      std::string json;
      append_value(json, Value(hidden));
      if (!hidden.empty()) out_.attribute("data-hidden", json);
    }
    out_.raw(">\n");
  }

  /// Tells pages and their errors apart where only the title is heard.
  [[nodiscard]] std::string tab_title() const {
    std::string out(questionnaire_.title.in(state_.locale));
    if (options_.page < questionnaire_.pages.size()) {
      const std::string step = step_text();
      if (!step.empty()) out += (out.empty() ? "" : " – ") + step;
    } else if (options_.reviews) {
      out = words(Phrase::ReviewTitle) + (out.empty() ? "" : " – " + out);
    }
    return options_.errors.empty() ? out : words(Phrase::ErrorPrefix) + " " + out;
  }

  /// "Page 2 of 4", counting pages that have something to show; empty when there is one.
  [[nodiscard]] std::string step_text() const {
    std::size_t place = 1;
    std::size_t pages = 0;
    for (std::uint32_t page = 0; page < questionnaire_.pages.size(); ++page) {
      if (page != options_.page && !shows_anything(questionnaire_, state_.visibility, page))
        continue;
      ++pages;
      if (page < options_.page) ++place;
    }
    if (pages < 2) return {};
    return phrase(state_.locale, Phrase::PageOf, std::to_string(place), std::to_string(pages));
  }

  /// The last look: what was answered, or only that nothing more is asked.
  void write_end() {
    if (!options_.reviews) {
      out_.raw("<p>").text(words(Phrase::AllAsked)).raw("</p>\n");
      return;
    }
    out_.raw("<h2>").text(words(Phrase::ReviewTitle)).raw("</h2>\n<p>");
    out_.text(words(Phrase::ReviewHint)).raw("</p>\n");
    write_answers(out_, state_, Changes::Buttons);
  }

  void write_head() {
    if (questionnaire_.shows_title && !questionnaire_.title.is_empty())
      out_.raw("<h1>").text(piped(questionnaire_.title)).raw("</h1>\n");
    if (options_.page == first_page(questionnaire_)) {
      write_languages();
      if (!questionnaire_.description.is_empty())
        out_.raw("<p class=\"lead\">").text(piped(questionnaire_.description)).raw("</p>\n");
      if (!frame_.notice.empty()) write_notice(frame_.notice);
      // SW-31: nobody has to say who they are, and everybody reads beforehand what it costs.
      write_notice(
          words(can_demand(questionnaire_) ? Phrase::MayLeaveOutSome : Phrase::MayLeaveOut));
    }
    if (options_.page < questionnaire_.pages.size()) {
      const std::string step = step_text();
      if (!step.empty()) out_.raw("<p class=\"step\">").text(step).raw("</p>\n");
    }
    if (options_.has_new_questions)
      out_.raw("<p class=\"notice\" role=\"status\">")
          .text(words(Phrase::NewQuestions))
          .raw("</p>\n");
  }

  void write_notice(std::string_view text) {
    out_.raw("<p class=\"notice\"");
    our_language(out_, state_.locale).raw(">").text(text).raw("</p>\n");
  }

  [[nodiscard]] bool has_languages() const {
    return !options_.language_address.empty() && questionnaire_.locales.size() > 1;
  }

  /// Before anything is typed a link will do.
  [[nodiscard]] bool is_untouched() const {
    return options_.page == first_page(questionnaire_) &&
           (options_.is_fresh || options_.answers == nullptr);
  }

  void write_languages() {
    if (!has_languages() || !is_untouched()) return;
    out_.raw("<nav").attribute("aria-label", words(Phrase::Language)).raw(">");
    for (const std::string& locale : questionnaire_.locales) {
      out_.raw("<a").attribute("href", options_.language_address + locale);
      if (locale == state_.locale) out_.raw(" aria-current=\"true\"");
      out_.attribute("lang", locale).attribute("hreflang", locale).raw(">");
      out_.text(language_name(locale)).raw("</a> ");
    }
    out_.raw("</nav>\n");
  }

  /// Later the answers come along. Behind the others, so that none of these is what Enter presses.
  void write_language_buttons() {
    if (!has_languages() || is_untouched()) return;
    out_.raw("<div class=\"languages\" role=\"group\"");
    out_.attribute("aria-label", words(Phrase::Language)).raw(">");
    for (const std::string& locale : questionnaire_.locales) {
      if (locale == state_.locale) continue;
      out_.raw("<button type=\"submit\" class=\"plain\"").attribute("name", k_move_field);
      out_.attribute("value", std::string(k_language_move) + locale).attribute("lang", locale);
      out_.raw(">").text(language_name(locale)).raw("</button> ");
    }
    out_.raw("</div>\n");
  }

  void write_not_sent() {
    if (options_.not_sent.empty()) return;
    out_.raw("<section class=\"errors\" role=\"alert\" tabindex=\"-1\" autofocus");
    out_.raw(" aria-labelledby=\"errors\"><h2 id=\"errors\">");
    out_.text(words(Phrase::NotSentTitle)).raw("</h2>\n<p>");
    out_.text(options_.not_sent).raw("</p></section>\n");
  }

  /// Out of sight, out of the order of focus and out of the way of readers and password managers.
  void write_trap() {
    if (!options_.has_trap) return;
    out_.raw("<div class=\"away\" aria-hidden=\"true\"><label for=\"w\">");
    out_.text(words(Phrase::LeaveEmpty)).raw("</label><input id=\"w\"");
    out_.attribute("name", k_trap_field);
    out_.raw(" type=\"text\" tabindex=\"-1\" autocomplete=\"off\"></div>\n");
  }

  void write_errors() {
    if (options_.errors.empty()) return;
    out_.raw("<section class=\"errors\" role=\"alert\" tabindex=\"-1\" autofocus");
    out_.raw(" aria-labelledby=\"errors\"><h2 id=\"errors\">").text(words(Phrase::ErrorTitle));
    out_.raw("</h2>\n<ul>\n");
    bool has_any = false;
    for (std::uint32_t i = 0; i < questionnaire_.questions.size(); ++i) {
      const Question& question = questionnaire_.questions[i];
      if (question.page != options_.page) continue;
      for (const Finding& finding : findings_of(state_, i)) {
        has_any = true;
        out_.raw("<li><a").attribute("href", "#" + finding.id).raw(">");
        const std::string title = piped(question.title);
        out_.text(title).raw(title.ends_with('?') ? " " : ": ");
        if (!finding.part.empty()) out_.text(finding.part).raw(": ");
        out_.text(finding.reason).raw("</a></li>\n");
      }
    }
    // What is wrong with nothing on this page is told all the same.
    for (const FieldError& error : options_.errors)
      if (!has_any) out_.raw("<li>").text(error.reason).raw("</li>\n");
    out_.raw("</ul></section>\n");
  }

  /// How an element comes onto the page.
  enum class Look : std::uint8_t {
    Absent,
    Plain,
    Decided,  ///< Shown; the script takes it away when its condition no longer holds.
    Inert,    ///< In a template, from which the script takes it.
  };

  /// Whether answers of this page decide about it.
  [[nodiscard]] bool is_decided_here(const Condition& condition) const {
    return std::ranges::any_of(condition.targets, [&](const Target& target) {
      return questionnaire_.questions[target.question].page == options_.page;
    });
  }

  /// `thing` is a panel or a question whose container is `parent`.
  template <typename Thing>
  [[nodiscard]] Look look_of(const Thing& thing, std::uint32_t parent) const {
    if (thing.is_hidden || !is_written_[parent]) return Look::Absent;
    const bool holds = thing.visible_if.is_empty() ||
                       condition_holds(thing.visible_if, state_.answers, state_.visibility);
    if (!state_.is_enhanced || !is_decided_here(thing.visible_if))
      return holds ? Look::Plain : Look::Absent;
    return holds || is_inert_[parent] ? Look::Decided : Look::Inert;
  }

  /// What of a look goes before the element itself; gives the condition for its own tag.
  std::string open_look(Look look, const Condition& condition) {
    if (look == Look::Plain) return {};
    std::string when = condition_json(questionnaire_, condition);
    if (look == Look::Decided) return when;
    out_.raw("<template").attribute("data-when", when).raw(">");
    return {};
  }

  /// Panels nest in the list of elements; `open` holds those not closed yet.
  void write_elements() {
    const std::uint32_t page = questionnaire_.pages[options_.page];
    struct Open {
      std::uint32_t container;
      bool is_template;
    };
    std::vector<Open> open;
    const auto close_until = [&](std::uint32_t container) {
      while (!open.empty() && !lies_inside(questionnaire_, container, open.back().container)) {
        out_.raw(open.back().is_template ? "</section></template>\n" : "</section>\n");
        open.pop_back();
      }
    };
    is_written_[page] = state_.visibility.containers[page];
    for (const Element& element : questionnaire_.order) {
      if (!element.is_container) {
        const Question& question = questionnaire_.questions[element.index];
        if (question.page != options_.page) continue;
        close_until(question.container);
        write_one(element.index);
        continue;
      }
      const Container& box = questionnaire_.containers[element.index];
      if (box.page != options_.page) continue;
      if (element.index == page) {
        if (is_written_[page]) write_box_title(box, "h2");
        continue;
      }
      close_until(box.parent);
      const Look look = look_of(box, box.parent);
      if (look == Look::Absent) continue;
      is_written_[element.index] = true;
      is_inert_[element.index] = is_inert_[box.parent] || look == Look::Inert;
      const std::string when = open_look(look, box.visible_if);
      out_.raw("<section class=\"panel\"");
      if (!when.empty()) out_.attribute("data-when", when);
      out_.raw(">\n");
      write_box_title(box, open.empty() ? "h3" : "h4");
      open.push_back({element.index, look == Look::Inert});
    }
    close_until(Container::k_none);
  }

  void write_one(std::uint32_t index) {
    const Question& question = questionnaire_.questions[index];
    const Look look = look_of(question, question.container);
    if (look == Look::Absent) return;
    const std::string when = open_look(look, question.visible_if);
    write_question(out_, state_, index, when);
    if (look == Look::Inert) {
      out_.raw("</template>\n");
    } else if (!is_inert_[question.container]) {
      asked_ += (asked_.empty() ? "" : ",") + std::to_string(index);
    }
  }

  void write_box_title(const Container& box, std::string_view heading) {
    if (!box.title.is_empty()) {
      out_.raw("<").raw(heading).raw(">").text(piped(box.title));
      out_.raw("</").raw(heading).raw(">\n");
    }
    if (!box.description.is_empty())
      out_.raw("<p class=\"hint\">").text(piped(box.description)).raw("</p>\n");
  }

  void write_field(std::string_view name, std::string_view value) {
    out_.raw("<input type=\"hidden\"").attribute("name", name).attribute("value", value).raw(">\n");
  }

  /// Answers of the other pages travel with the form: the server keeps nothing until all is sent.
  void write_hidden() {
    Value others(Value::Members{});
    for (std::size_t i = 0; i < questionnaire_.questions.size(); ++i) {
      const Question& question = questionnaire_.questions[i];
      if (question.page == options_.page) continue;
      if (const Value* value = state_.answers.values[i]) others.set(question.key, *value);
      if (const Value* comment = state_.answers.comments[i])
        others.set(question.key + "-Comment", *comment);
    }
    std::string json;
    append_value(json, others);
    if (json != "{}") write_field(k_answers_field, json);
    write_field(k_page_field, std::to_string(options_.page));
    write_field(k_asked_field, asked_);
    for (const auto& [name, value] : options_.hidden)
      write_field(name, value);
  }

  /// True when nothing behind this page can still be asked, whatever is answered here.
  [[nodiscard]] bool is_last() const {
    for (std::size_t i = 0; i < questionnaire_.questions.size(); ++i) {
      const Question& question = questionnaire_.questions[i];
      if (question.page > options_.page && !question.is_hidden) return false;
    }
    return true;
  }

  void write_button(std::string_view move, std::string_view kind, const std::string& text) {
    out_.raw("<button type=\"submit\"").attribute("name", k_move_field).attribute("value", move);
    out_.attribute("class", kind).raw(">").text(text).raw("</button>\n");
  }

  void write_buttons(bool is_end) {
    const auto or_phrase = [&](const LocalText& text, Phrase which) {
      return text.is_empty() ? words(which) : std::string(text.in(state_.locale));
    };
    out_.raw("<div class=\"moves\">\n");
    if (is_end || (is_last() && !options_.reviews)) {
      write_button("send", "main", or_phrase(questionnaire_.complete_text, Phrase::Send));
    } else {
      write_button("next", "main", or_phrase(questionnaire_.next_text, Phrase::Next));
    }
    if (options_.page > first_page(questionnaire_) && questionnaire_.shows_previous)
      write_button("back", "side", or_phrase(questionnaire_.previous_text, Phrase::Back));
    out_.raw("</div>\n");
  }

  const Questionnaire& questionnaire_;
  const RenderOptions& options_;
  PageFrame frame_;
  PageState state_;
  HtmlWriter out_;
  std::string asked_;
  std::vector<bool> is_written_;  ///< Of containers: whether they are on the page.
  std::vector<bool> is_inert_;    ///< Of containers: whether they lie in a template.
};

}  // namespace

std::string render_page(const Questionnaire& questionnaire, const RenderOptions& options) {
  return Page(questionnaire, options).write();
}

std::string_view respondent_stylesheet() { return embedded::respondent_css; }

const std::string& respondent_script() {
  static const std::string script =
      std::string(embedded::conditions_js) + std::string(embedded::respondent_js);
  return script;
}

}  // namespace probity::form
