#include <array>
#include <utility>

#include "base/text.hpp"
#include "form/html.hpp"
#include "form/page_writer.hpp"

namespace probity::form {
namespace {

/// Text with the paragraphs its author made by empty lines.
void write_paragraphs(HtmlWriter& out, std::string_view text) {
  out.raw("<p class=\"lead\">");
  bool is_new = false;
  bool has_any = false;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) {
      is_new = has_any;
      continue;
    }
    if (has_any) out.raw(is_new ? "</p>\n<p>" : "<br>\n");
    out.text(trim(line));
    has_any = true;
    is_new = false;
  }
  out.raw("</p>\n");
}

/// Other pages of ours are not made to be shown in somebody's frame.
void leave_frame(HtmlWriter& out, const PageFrame& frame, std::string_view target) {
  if (!frame.frame_origin.empty()) out.attribute("target", target);
}

void write_imprint(HtmlWriter& out, const PageFrame& frame) {
  if (frame.imprint.empty() && frame.imprint_address.empty()) return;
  out.raw("<p>");
  if (!frame.imprint_address.empty()) {
    out.raw("<a rel=\"noreferrer\"").attribute("href", frame.imprint_address);
    leave_frame(out, frame, "_blank");
    out.raw(">").text(frame.imprint.empty() ? frame.imprint_address : frame.imprint).raw("</a>");
  } else {
    out.text(frame.imprint);
  }
  out.raw("</p>\n");
}

void write_logo(HtmlWriter& out, const PageFrame& frame) {
  if (frame.logo.empty()) return;
  out.raw("<header class=\"brand\"><img").attribute("src", frame.logo);
  out.attribute("alt", frame.logo_alt).attribute("width", std::to_string(frame.logo_width));
  out.attribute("height", std::to_string(frame.logo_height)).raw("></header>\n");
}

void write_receipt(HtmlWriter& out, const PageFrame& frame, const Thanks& thanks) {
  const std::string& locale = frame.locale;
  out.raw("<div class=\"receipt\"");
  our_language(out, locale).raw(">\n<p>").text(phrase(locale, Phrase::Receipt));
  out.raw(" <span class=\"code\">").text(thanks.receipt).raw("</span></p>\n<p>");
  out.text(phrase(locale, Phrase::ReceiptUse)).raw("</p>\n<p><a");
  out.attribute("href", thanks.receipt_address);
  leave_frame(out, frame, "_blank");
  out.raw(">").text(phrase(locale, Phrase::ReceiptCheck)).raw("</a></p>\n</div>\n");
}

void write_typed(HtmlWriter& out, const PageFrame& frame, const Message& message) {
  const std::vector<FieldError> no_errors;
  PageState state{*message.questionnaire,
                  frame.locale,
                  AnswerSet(*message.questionnaire, *message.answers),
                  {},
                  no_errors};
  state.visibility = decide_visibility(state.questionnaire, state.answers);
  out.raw("<h2>").text(phrase(frame.locale, Phrase::TypedTitle)).raw("</h2>\n<p>");
  out.text(phrase(frame.locale, Phrase::TypedHint)).raw("</p>\n");
  write_answers(out, state, Changes::None);
}

void write_again(HtmlWriter& out, const PageFrame& frame, const Message& message) {
  out.raw("<form method=\"post\"").attribute("action", message.again_action).raw(">\n");
  for (const FormField& field : message.again) {
    out.raw("<input type=\"hidden\"").attribute("name", field.name);
    out.attribute("value", field.value).raw(">\n");
  }
  out.raw("<div class=\"moves\"><button type=\"submit\" class=\"main\">");
  out.text(phrase(frame.locale, Phrase::SendAgain)).raw("</button></div>\n</form>\n");
}

/// What the script says, with the places it fills in itself.
std::string script_words(std::string_view locale) {
  constexpr std::array k_words = {
      std::pair{"keep", Phrase::KeepHere},       std::pair{"found", Phrase::FoundKept},
      std::pair{"resume", Phrase::ResumeKept},   std::pair{"drop", Phrase::DropKept},
      std::pair{"more", Phrase::NewQuestions},   std::pair{"done", Phrase::AnsweredOf},
      std::pair{"left", Phrase::CharactersLeft}, std::pair{"up", Phrase::MoveUp},
      std::pair{"down", Phrase::MoveDown},       std::pair{"ranked", Phrase::RankedAt},
      std::pair{"clear", Phrase::ClearRanking},  std::pair{"offline", Phrase::Unreachable}};
  Value words(Value::Members{});
  for (const auto& [name, which] : k_words)
    words.set(name, Value(phrase(locale, which, "%1", "%2")));
  std::string json;
  append_value(json, words);
  return json;
}

}  // namespace

HtmlWriter& HtmlWriter::text(std::string_view plain) {
  out_ += html_escape(plain);
  return *this;
}

HtmlWriter& HtmlWriter::attribute(std::string_view name, std::string_view value) {
  out_.append(" ").append(name).append("=\"").append(html_escape(value)).append("\"");
  return *this;
}

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
  out.raw("<meta name=\"robots\" content=\"noindex\">\n<title>");
  // A page without a title has no name to be told by.
  out.text(title.empty() ? "–" : title).raw("</title>\n<link rel=\"icon\" href=\"data:,\">\n");
  out.raw("<link rel=\"stylesheet\"").attribute("href", frame.stylesheet).raw(">\n");
  if (!frame.colours.empty())
    out.raw("<link rel=\"stylesheet\"").attribute("href", frame.colours).raw(">\n");
  if (!frame.script.empty())
    out.raw("<script type=\"module\"").attribute("src", frame.script).raw("></script>\n");
  out.raw("</head>\n<body");
  if (!frame.script.empty()) out.attribute("data-words", script_words(locale));
  if (!frame.frame_origin.empty()) out.attribute("data-frame", frame.frame_origin);
  if (frame.kiosk_idle_s > 0) {
    out.attribute("data-idle", std::to_string(frame.kiosk_idle_s));
    out.attribute("data-anew", frame.kiosk_address);
  }
  out.raw(">\n");
  write_logo(out, frame);
  out.raw("<main>\n");
}

void close_document(HtmlWriter& out, const PageFrame& frame) {
  out.raw("</main>\n");
  if (!frame.links.empty()) {
    out.raw("<footer");
    our_language(out, frame.locale).raw(">");
    write_imprint(out, frame);
    for (const auto& [address, text] : frame.links) {
      out.raw("<a").attribute("href", address);
      leave_frame(out, frame, "_blank");
      out.raw(">").text(text).raw("</a> ");
    }
    out.raw("</footer>\n");
  }
  out.raw("</body>\n</html>\n");
}

std::string render_thanks(const Questionnaire& questionnaire, const PageFrame& frame,
                          const Thanks& thanks) {
  PageFrame own = frame;
  if (own.locale.empty()) own.locale = questionnaire.locale;
  const std::string& locale = own.locale;
  HtmlWriter out;
  open_document(out, own, questionnaire.title.in(locale));
  out.raw("<div data-done>\n");
  if (!questionnaire.title.is_empty())
    out.raw("<h1>").text(questionnaire.title.in(locale)).raw("</h1>\n");
  if (!thanks.words.empty()) {
    write_paragraphs(out, thanks.words);
  } else if (questionnaire.completed_html.is_empty()) {
    out.raw("<p class=\"lead\"");
    our_language(out, locale).raw(">").text(phrase(locale, Phrase::Thanks)).raw("</p>\n");
  } else {
    out.raw("<div class=\"words\">")
        .raw(sanitise_html(questionnaire.completed_html.in(locale)))
        .raw("</div>\n");
  }
  if (!thanks.receipt.empty()) write_receipt(out, own, thanks);
  if (!thanks.onward.empty()) {
    out.raw("<p><a class=\"onward\" rel=\"noreferrer\"").attribute("href", thanks.onward);
    leave_frame(out, own, "_top");
    our_language(out, locale).raw(">");
    out.text(phrase(locale, Phrase::ContinueTo, thanks.onward_host)).raw("</a></p>\n");
  }
  if (!thanks.anew.empty()) {
    out.raw("<p><a class=\"onward\"").attribute("href", thanks.anew);
    out.attribute("data-anew", std::to_string(thanks.anew_s));
    our_language(out, locale).raw(">").text(phrase(locale, Phrase::BeginAnew)).raw("</a></p>\n");
  }
  out.raw("</div>\n");
  close_document(out, own);
  return out.take();
}

std::string render_message(const PageFrame& frame, const Message& message) {
  HtmlWriter out;
  open_document(out, frame, message.heading);
  out.raw("<h1>").text(message.heading).raw("</h1>\n");
  for (const std::string& paragraph : message.paragraphs)
    write_paragraphs(out, paragraph);
  if (message.answers != nullptr && message.questionnaire != nullptr)
    write_typed(out, frame, message);
  if (!message.again_action.empty()) write_again(out, frame, message);
  close_document(out, frame);
  return out.take();
}

}  // namespace probity::form
