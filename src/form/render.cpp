#include "form/render.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "embedded/respondent_css.hpp"
#include "form/document.hpp"
#include "form/html.hpp"
#include "form/page_writer.hpp"

namespace probity::form {
namespace {

/// Marks our words as what they are where the page's language has none of them, so that a screen
/// reader does not read English as Arabic, nor a browser set it from right to left.
HtmlWriter& our_language(HtmlWriter& out, std::string_view locale) {
  const std::string_view language = phrase_language(locale);
  if (!locale.empty() && locale.substr(0, locale.find_first_of("-_")) != language)
    out.attribute("lang", language).attribute("dir", "ltr");
  return out;
}

void open_document(HtmlWriter& out, const PageFrame& frame, std::string_view title) {
  const std::string_view locale = frame.locale.empty() ? "en" : std::string_view(frame.locale);
  out.raw("<!doctype html>\n<html").attribute("lang", locale);
  out.attribute("dir", is_right_to_left(locale) ? "rtl" : "ltr").raw(">\n<head>\n");
  out.raw("<meta charset=\"utf-8\">\n");
  out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  out.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
  out.raw("<meta name=\"robots\" content=\"noindex\">\n<title>").text(title).raw("</title>\n");
  out.raw("<link rel=\"stylesheet\"").attribute("href", frame.stylesheet).raw(">\n");
  out.raw("</head>\n<body>\n<main>\n");
}

void close_document(HtmlWriter& out, const PageFrame& frame) {
  out.raw("</main>\n");
  if (!frame.links.empty()) {
    out.raw("<footer");
    our_language(out, frame.locale).raw(">");
    for (const auto& [address, text] : frame.links)
      out.raw("<a").attribute("href", address).raw(">").text(text).raw("</a> ");
    out.raw("</footer>\n");
  }
  out.raw("</body>\n</html>\n");
}

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
               options.errors} {
    state_.visibility = decide_visibility(questionnaire, state_.answers);
    frame_.locale = state_.locale;
  }

  std::string write() {
    const bool is_end = options_.page >= questionnaire_.pages.size();
    const std::string title(questionnaire_.title.in(state_.locale));
    open_document(out_, frame_,
                  options_.errors.empty() ? title : words(Phrase::ErrorPrefix) + " " + title);
    write_head();
    write_errors();
    out_.raw("<form method=\"post\" novalidate").attribute("action", options_.action).raw(">\n");
    if (is_end) {
      out_.raw("<p>").text(words(Phrase::AllAsked)).raw("</p>\n");
    } else {
      write_elements();
    }
    write_hidden();
    write_buttons(is_end);
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
    const std::size_t pages = questionnaire_.pages.size();
    if (pages > 1 && options_.page < pages) {
      out_.raw("<p class=\"step\">")
          .text(phrase(state_.locale, Phrase::PageOf, std::to_string(options_.page + 1),
                       std::to_string(pages)))
          .raw("</p>\n");
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

  void write_languages() {
    if (options_.language_address.empty() || questionnaire_.locales.size() < 2) return;
    out_.raw("<nav").attribute("aria-label", words(Phrase::Language)).raw(">");
    for (const std::string& locale : questionnaire_.locales) {
      out_.raw("<a").attribute("href", options_.language_address + "?lang=" + locale);
      out_.attribute("lang", locale).attribute("hreflang", locale).raw(">").text(locale);
      out_.raw("</a> ");
    }
    out_.raw("</nav>\n");
  }

  void write_errors() {
    if (options_.errors.empty()) return;
    out_.raw("<section class=\"errors\" role=\"alert\" tabindex=\"-1\" autofocus");
    out_.raw(" aria-labelledby=\"errors\"><h2 id=\"errors\">").text(words(Phrase::ErrorTitle));
    out_.raw("</h2>\n<ul>\n");
    for (std::uint32_t i = 0; i < questionnaire_.questions.size(); ++i) {
      const Question& question = questionnaire_.questions[i];
      if (question.page != options_.page) continue;
      for (const std::string& reason : errors_of(state_, i)) {
        out_.raw("<li><a").attribute("href", "#" + control_id(i)).raw(">");
        out_.text(with_answers(state_, question.title.in(state_.locale))).raw(": ").text(reason);
        out_.raw("</a></li>\n");
      }
    }
    out_.raw("</ul></section>\n");
  }

  /// Panels nest in the list of elements; `open` holds those not closed yet.
  void write_elements() {
    const std::uint32_t page = questionnaire_.pages[options_.page];
    std::vector<std::uint32_t> open;
    const auto close_until = [&](std::uint32_t container) {
      while (!open.empty() && !lies_inside(questionnaire_, container, open.back())) {
        out_.raw("</section>\n");
        open.pop_back();
      }
    };
    for (const Element& element : questionnaire_.order) {
      if (element.is_container) {
        const Container& box = questionnaire_.containers[element.index];
        if (box.page != options_.page || !state_.visibility.containers[element.index]) continue;
        if (element.index == page) {
          write_box_title(box, "h2");
          continue;
        }
        close_until(box.parent);
        out_.raw("<section class=\"panel\">\n");
        write_box_title(box, open.empty() ? "h3" : "h4");
        open.push_back(element.index);
      } else {
        const Question& question = questionnaire_.questions[element.index];
        if (question.page != options_.page || !state_.visibility.questions[element.index]) continue;
        close_until(question.container);
        write_question(out_, state_, element.index);
        asked_ += (asked_.empty() ? "" : ",") + std::to_string(element.index);
      }
    }
    close_until(Container::k_none);
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
    if (is_end || is_last()) {
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
};

}  // namespace

HtmlWriter& HtmlWriter::text(std::string_view plain) {
  out_ += html_escape(plain);
  return *this;
}

HtmlWriter& HtmlWriter::attribute(std::string_view name, std::string_view value) {
  out_.append(" ").append(name).append("=\"").append(html_escape(value)).append("\"");
  return *this;
}

std::string control_id(std::uint32_t question) { return "q" + std::to_string(question); }

std::vector<std::string> errors_of(const PageState& state, std::uint32_t question) {
  const std::string field = child_path("/answers", state.questionnaire.questions[question].key);
  std::vector<std::string> out;
  for (const FieldError& error : state.errors) {
    const bool is_part = error.field.starts_with(field) && error.field.size() > field.size() &&
                         error.field[field.size()] == '/';
    if (error.field == field || is_part) out.push_back(error.reason);
  }
  return out;
}

std::string render_page(const Questionnaire& questionnaire, const RenderOptions& options) {
  return Page(questionnaire, options).write();
}

std::string render_thanks(const Questionnaire& questionnaire, const PageFrame& frame,
                          const ReceiptLink& receipt) {
  PageFrame own = frame;
  if (own.locale.empty()) own.locale = questionnaire.locale;
  const std::string& locale = own.locale;
  HtmlWriter out;
  open_document(out, own, questionnaire.title.in(locale));
  if (!questionnaire.title.is_empty())
    out.raw("<h1>").text(questionnaire.title.in(locale)).raw("</h1>\n");
  if (questionnaire.completed_html.is_empty()) {
    out.raw("<p class=\"lead\"");
    our_language(out, locale).raw(">").text(phrase(locale, Phrase::Thanks)).raw("</p>\n");
  } else {
    out.raw("<div class=\"words\">")
        .raw(sanitise_html(questionnaire.completed_html.in(locale)))
        .raw("</div>\n");
  }
  out.raw("<div class=\"receipt\"");
  our_language(out, locale).raw(">\n<p>").text(phrase(locale, Phrase::Receipt));
  out.raw(" <span class=\"code\">").text(receipt.text).raw("</span></p>\n<p>");
  out.text(phrase(locale, Phrase::ReceiptUse)).raw("</p>\n<p><a");
  out.attribute("href", receipt.address).raw(">").text(phrase(locale, Phrase::ReceiptCheck));
  out.raw("</a></p>\n</div>\n");
  close_document(out, own);
  return out.take();
}

std::string render_message(const PageFrame& frame, std::string_view heading,
                           const std::vector<std::string>& paragraphs) {
  HtmlWriter out;
  open_document(out, frame, heading);
  out.raw("<h1>").text(heading).raw("</h1>\n");
  for (const std::string& paragraph : paragraphs)
    out.raw("<p>").text(paragraph).raw("</p>\n");
  close_document(out, frame);
  return out.take();
}

std::string_view respondent_stylesheet() { return embedded::respondent_css; }

}  // namespace probity::form
