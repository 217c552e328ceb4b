#include "form/render.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "form/answers.hpp"
#include "form/wording.hpp"

namespace probity::form {
namespace {

Questionnaire form_of(const std::string& json) {
  auto parsed = parse_questionnaire(json);
  EXPECT_TRUE(parsed) << parsed.error().fields[0].field << " " << parsed.error().fields[0].reason;
  return parsed ? std::move(parsed->questionnaire) : Questionnaire();
}

const std::string k_walk = R"({"title":"Walk <1>","pages":[
  {"elements":[
    {"type":"radiogroup","name":"went","title":"Went?","isRequired":true,"choices":["yes","no"]},
    {"type":"text","name":"why","visibleIf":"{went} = 'no'"}]},
  {"visibleIf":"{went} = 'yes'","elements":[
    {"type":"text","name":"far","inputType":"number","max":50},
    {"type":"checkbox","name":"saw","choices":["hare","stork"],"hasOther":true}]},
  {"elements":[{"type":"comment","name":"rest","title":"You said {went}."}]}]})";

std::string page(const Questionnaire& form, std::uint32_t index, const Value& answers) {
  RenderOptions options;
  options.page = index;
  options.answers = &answers;
  options.action = "/s/x";
  return render_page(form, options);
}

/// The value of the control with that name, as the page holds it.
std::string hidden(const std::string& html, const std::string& name) {
  const std::string start = "name=\"" + name + "\" value=\"";
  const std::size_t at = html.find(start);
  if (at == std::string::npos) return {};
  std::string value =
      html.substr(at + start.size(), html.find('"', at + start.size()) - at - start.size());
  for (std::size_t quote = value.find("&quot;"); quote != std::string::npos;
       quote = value.find("&quot;"))
    value.replace(quote, 6, "\"");
  return value;
}

/// Posts a page: what it carries and what a respondent fills in.
FormPost post(const Questionnaire& form, const std::string& html, std::vector<FormField> fields) {
  for (const char* name : {"_answers", "_page", "_asked"})
    fields.push_back({name, hidden(html, name)});
  return *read_form(form, fields);
}

TEST(Render, WalksThroughThePagesWithoutScript) {
  const auto form = form_of(k_walk);
  Value answers = default_answers(form);
  std::string html = page(form, first_page(form), answers);
  EXPECT_NE(html.find("Walk &lt;1&gt;"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("style="), std::string::npos);
  EXPECT_EQ(html.find("a.why"), std::string::npos);

  FormPost sent = post(form, html, {{"_move", "next"}});
  Step step = advance(form, sent);
  EXPECT_EQ(step.page, 0U);
  ASSERT_EQ(step.errors.size(), 1U);

  sent = post(form, html, {{"a.went", "yes"}, {"_move", "next"}});
  step = advance(form, sent);
  EXPECT_EQ(step.page, 1U);
  html = page(form, 1, sent.answers);
  EXPECT_EQ(hidden(html, "_answers"), R"({"went":"yes"})");

  sent = post(form, html, {{"a.far", "99"}, {"_move", "next"}});
  step = advance(form, sent);
  EXPECT_EQ(step.page, 1U);
  ASSERT_EQ(step.errors.size(), 1U);
  EXPECT_EQ(step.errors[0].field, "/answers/far");

  sent = post(form, html,
              {{"a.far", "3,5"},
               {"a.saw", "hare"},
               {"a.saw", "other"},
               {"c.saw", "a fox\r\nor two"},
               {"_move", "next"}});
  step = advance(form, sent);
  EXPECT_EQ(step.page, 2U);
  html = page(form, 2, sent.answers);
  EXPECT_NE(html.find("You said yes."), std::string::npos);
  EXPECT_NE(html.find("value=\"send\""), std::string::npos);

  sent = post(form, html, {{"a.rest", ""}, {"_move", "send"}});
  step = advance(form, sent);
  EXPECT_TRUE(step.is_complete);
  const auto accepted = validate_answers(form, sent.answers);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->json,
            R"({"went":"yes","far":3.5,"saw":["hare","other"],"saw-Comment":"a fox\nor two"})");
}

TEST(Render, ShowsNewQuestionsBeforeGoingOn) {
  const auto form = form_of(k_walk);
  std::string html = page(form, 0, default_answers(form));
  FormPost sent = post(form, html, {{"a.went", "no"}, {"_move", "next"}});
  Step step = advance(form, sent);
  EXPECT_TRUE(step.has_new_questions);
  EXPECT_EQ(step.page, 0U);
  html = page(form, 0, sent.answers);
  EXPECT_NE(html.find("a.why"), std::string::npos);
  EXPECT_NE(html.find("value=\"no\" checked"), std::string::npos);
  sent = post(form, html, {{"a.went", "no"}, {"_move", "next"}});
  step = advance(form, sent);
  EXPECT_EQ(step.page, 2U);
  sent.page = 2;
  sent.move = Move::Back;
  EXPECT_EQ(advance(form, sent).page, 0U);
}

TEST(Render, SendsNothingByAButtonThatSaidContinue) {
  const auto form = form_of(k_walk);
  FormPost sent;
  sent.answers.set("went", Value("no"));
  sent.page = 2;
  sent.asked = {4};
  sent.move = Move::Next;
  const Step step = advance(form, sent);
  EXPECT_FALSE(step.is_complete);
  EXPECT_EQ(step.page, 3U);
  EXPECT_NE(page(form, 3, sent.answers).find("value=\"send\""), std::string::npos);
}

TEST(Render, DoesNotTrustCarriedAnswers) {
  const auto form = form_of(k_walk);
  const std::vector<FormField> fields = {{"_answers", R"({"went":"maybe","far":"x"})"},
                                         {"_page", "2"},
                                         {"_asked", "4"},
                                         {"_move", "send"}};
  const auto sent = read_form(form, fields);
  ASSERT_TRUE(sent);
  const Step step = advance(form, *sent);
  EXPECT_FALSE(step.is_complete);
  EXPECT_EQ(step.page, 0U);
  std::string many = "1";
  for (int i = 0; i < 300; ++i)
    many += ",1";
  const auto large =
      read_form(form, {{"_answers", R"({"saw":[)" + many + R"(],"went":"no"})"}, {"_page", "2"}});
  ASSERT_TRUE(large);
  EXPECT_EQ(large->answers.find("saw"), nullptr);
  EXPECT_NE(large->answers.find("went"), nullptr);
  EXPECT_FALSE(read_form(form, {{"_answers", "[1]"}}));
  EXPECT_FALSE(read_form(form, {{"_answers", "{"}}));
  EXPECT_EQ(read_form(form, {{"_page", "77"}, {"_asked", "-1,9999,x"}})->page, 0U);
}

const std::string k_all_kinds = R"({"elements":[
  {"type":"text","name":"t","description":"About t","isRequired":true,"autocomplete":"email",
   "inputType":"email"},
  {"type":"text","name":"d","inputType":"date","min":"2026-01-01"},
  {"type":"comment","name":"c"},
  {"type":"radiogroup","name":"r","choices":["x"]},
  {"type":"checkbox","name":"k","choices":["x","y"]},
  {"type":"dropdown","name":"o","choices":["x"]},
  {"type":"tagbox","name":"g","choices":["x"]},
  {"type":"rating","name":"n","minRateDescription":"bad","hasComment":true},
  {"type":"boolean","name":"b"},
  {"type":"ranking","name":"p","choices":["x","y"]},
  {"type":"matrix","name":"m","columns":[1],"rows":["a","b"]},
  {"type":"multipletext","name":"l","items":[{"name":"i"}]},
  {"type":"html","name":"h","html":"<p>hi <script>x</script></p>"},
  {"type":"panel","name":"box","title":"Box","elements":[
    {"type":"text","name":"z","titleLocation":"hidden"}]}]})";

TEST(Render, GivesEveryControlALabel) {
  const auto form = form_of(k_all_kinds);
  const std::string html = page(form, 0, default_answers(form));
  std::map<std::string, int> labels;
  for (std::size_t at = html.find("<label for=\""); at != std::string::npos;
       at = html.find("<label for=\"", at + 1)) {
    const std::size_t from = at + 12;
    ++labels[html.substr(from, html.find('"', from) - from)];
  }
  std::size_t controls = 0;
  for (const std::string_view tag : {"<input", "<textarea", "<select"}) {
    for (std::size_t at = html.find(tag); at != std::string::npos; at = html.find(tag, at + 1)) {
      const std::string control = html.substr(at, html.find('>', at) - at);
      if (control.find("type=\"hidden\"") != std::string::npos) continue;
      const std::size_t id = control.find(" id=\"");
      ASSERT_NE(id, std::string::npos) << control;
      const std::string name = control.substr(id + 5, control.find('"', id + 5) - id - 5);
      EXPECT_EQ(labels[name], 1) << control;
      ++controls;
    }
  }
  EXPECT_EQ(labels.size(), controls);
  EXPECT_LT(html.size(), 30'000U);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_NE(html.find("aria-describedby=\"q0-d\""), std::string::npos);
}

TEST(Render, LinksErrorsToTheirControls) {
  const auto form = form_of(k_all_kinds);
  const auto refused = validate_answers(form, R"({"t":"x","m":{"a":5}})");
  ASSERT_FALSE(refused);
  RenderOptions options;
  options.errors = refused.error().fields;
  const std::string html = render_page(form, options);
  EXPECT_NE(html.find("role=\"alert\""), std::string::npos);
  EXPECT_NE(html.find("href=\"#q0\""), std::string::npos);
  EXPECT_NE(html.find("href=\"#q10\""), std::string::npos);
  EXPECT_NE(html.find("aria-invalid=\"true\""), std::string::npos);
  EXPECT_NE(html.find("<title>Error:"), std::string::npos);
}

TEST(Render, EscapesEverythingThatIsTyped) {
  const std::string bad = "<img src=x onerror=1>\\\"'&";
  const auto form =
      form_of(R"({"title":")" + bad + R"(","elements":[{"type":"text","name":")" + bad +
              R"(","title":")" + bad + R"("},{"type":"dropdown","name":"o","choices":[")" + bad +
              R"("]},{"type":"html","html":"{o}"}]})");
  Value answers;
  answers.set(form.questions[0].key, Value("</textarea><b>\"'"));
  answers.set("o", Value(form.questions[1].choices[0].key));
  const std::string html = page(form, 0, answers);
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  const std::string carried = page(form, 1, answers);
  EXPECT_EQ(carried.find("<b>"), std::string::npos);
}

TEST(Render, SpeaksTheLanguageOfTheReader) {
  const auto form = form_of(
      R"({"title":{"default":"Hello","de":"Hallo","ar":"مرحبا"},
          "elements":[{"type":"text","name":"a"}]})");
  RenderOptions options;
  options.frame.locale = "de";
  options.language_address = "/s/x?lang=";
  std::string html = render_page(form, options);
  EXPECT_NE(html.find("lang=\"de\" dir=\"ltr\""), std::string::npos);
  EXPECT_NE(html.find("Hallo"), std::string::npos);
  EXPECT_NE(html.find("Antworten absenden"), std::string::npos);
  EXPECT_NE(html.find("href=\"/s/x?lang=ar\""), std::string::npos);
  options.frame.locale = "ar";
  EXPECT_NE(render_page(form, options).find("dir=\"rtl\""), std::string::npos);
}

TEST(Render, SaysThanksAndOtherThings) {
  const auto form = form_of(R"({"title":"T","completedHtml":"<b>Done</b><script>"})");
  const std::string html =
      render_thanks(form, {}, {.receipt = "<r>", .receipt_address = "/s/x/receipts/\"y"});
  EXPECT_NE(html.find("<b>Done"), std::string::npos);
  EXPECT_NE(html.find("&lt;r&gt;"), std::string::npos);
  EXPECT_NE(html.find("<a href=\"/s/x/receipts/&quot;y\">Check this receipt</a>"),
            std::string::npos);
  EXPECT_NE(render_thanks(form_of(R"({"title":"T"})"), {.locale = "fr"},
                          {.receipt = "r", .receipt_address = "/"})
                .find("Merci. Vos réponses"),
            std::string::npos);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  PageFrame frame;
  frame.links = {{"/privacy", "Privacy"}};
  EXPECT_NE(render_message(frame, {.heading = "Closed", .paragraphs = {"No more."}})
                .find("href=\"/privacy\""),
            std::string::npos);
}

TEST(Render, MarksOurWordsWhereTheLanguageHasNone) {
  const auto form = form_of(R"({"title":{"default":"A","ar":"B"},"locale":"ar","elements":[)"
                            R"({"type":"text","name":"q"}]})");
  RenderOptions options;
  options.frame.notice = "Who asks";
  options.frame.links = {{"/privacy", "Privacy"}};
  for (const std::string_view locale : {"ar", "he", "fa", "ur"}) {
    options.frame.locale = locale;
    const std::string html = render_page(form, options);
    EXPECT_NE(html.find("<html lang=\"" + std::string(locale) + "\" dir=\"rtl\">"),
              std::string::npos);
    EXPECT_NE(html.find("<p class=\"notice\" lang=\"en\" dir=\"ltr\">Who asks"), std::string::npos);
    EXPECT_NE(html.find("<footer lang=\"en\" dir=\"ltr\">"), std::string::npos);
    EXPECT_NE(render_thanks(form, options.frame, {.receipt = "r", .receipt_address = "/"})
                  .find("class=\"receipt\" lang=\"en\""),
              std::string::npos);
  }
  options.frame.locale = "de-AT";
  EXPECT_NE(render_page(form, options).find("<p class=\"notice\">Who asks"), std::string::npos);
}

TEST(Render, KeepsItsStylesheetSmall) {
  EXPECT_FALSE(respondent_stylesheet().empty());
  EXPECT_LT(respondent_stylesheet().size(), 8'000U);
  EXPECT_EQ(respondent_stylesheet().find("http"), std::string_view::npos);
}

TEST(Render, SaysThatQuestionsMayBeLeftOutAndWhatThatMeans) {
  const auto text = [](std::string_view document, std::string_view locale) {
    const auto form = form_of(std::string(document));
    const Value answers(Value::Members{});
    RenderOptions options;
    options.frame.locale = locale;
    options.answers = &answers;
    return render_page(form, options);
  };
  constexpr std::string_view k_free = R"({"elements":[{"type":"text","name":"who"}]})";
  for (const std::string_view locale : phrase_locales()) {
    const std::string whole = html_escape(phrase(locale, Phrase::MayLeaveOut));
    const std::string some = html_escape(phrase(locale, Phrase::MayLeaveOutSome));
    EXPECT_NE(text(k_free, locale).find(whole), std::string::npos) << locale;
    for (const std::string_view demanding :
         {R"({"elements":[{"type":"text","name":"who","isRequired":true}]})",
          R"({"elements":[{"type":"text","name":"a"},)"
          R"({"type":"text","name":"who","requiredIf":"{a} = 1"}]})",
          R"({"elements":[{"type":"panel","name":"p","isRequired":true,)"
          R"("elements":[{"type":"text","name":"who"}]}]})",
          R"({"elements":[{"type":"matrix","name":"m","columns":["x"],"rows":["y"],)"
          R"("eachRowRequired":true}]})",
          R"({"elements":[{"type":"multipletext","name":"l",)"
          R"("items":[{"name":"i","isRequired":true}]}]})"}) {
      EXPECT_EQ(text(demanding, locale).find(whole), std::string::npos) << demanding;
      EXPECT_NE(text(demanding, locale).find(some), std::string::npos) << demanding;
    }
  }
}

TEST(FormBody, DecodesPairsWithinLimits) {
  const auto fields = parse_form_body("a.x=1+2%26&a.x=%C3%A4&empty=&flag");
  ASSERT_TRUE(fields);
  ASSERT_EQ(fields->size(), 4U);
  EXPECT_EQ((*fields)[0].value, "1 2&");
  EXPECT_EQ((*fields)[1].value, "ä");
  EXPECT_EQ((*fields)[3].name, "flag");
  EXPECT_FALSE(parse_form_body("a=%zz"));
  EXPECT_FALSE(parse_form_body("a=%ff"));
  const auto many = [](std::size_t count) {
    std::string out = "a=1";
    for (std::size_t i = 1; i < count; ++i)
      out += "&a=1";
    return out;
  };
  EXPECT_TRUE(parse_form_body(many(k_form_fields_max - 1)));
  EXPECT_TRUE(parse_form_body(many(k_form_fields_max)));
  EXPECT_EQ(parse_form_body(many(k_form_fields_max + 1)).error().code, Code::LimitExceeded);
}

TEST(FormBody, ReadsEveryKind) {
  const auto form = form_of(k_all_kinds);
  const auto fields = parse_form_body(
      "a.t=a%40b.ch&a.d=2026-02-03&a.c=x&a.r=x&a.k=y&a.k=x&a.o=x&a.g=x&a.n=3&c.n=why&a.b=true&"
      "p0.p=2&p1.p=1&p0.m=1&p1.m=&p0.l=line&a.z=&other=1&_page=0");
  ASSERT_TRUE(fields);
  const auto sent = read_form(form, *fields);
  ASSERT_TRUE(sent);
  const auto accepted = validate_answers(form, sent->answers);
  ASSERT_TRUE(accepted) << accepted.error().fields[0].field << accepted.error().fields[0].reason;
  EXPECT_EQ(
      accepted->json,
      R"({"t":"a@b.ch","d":"2026-02-03","c":"x","r":"x","k":["x","y"],"o":"x","g":["x"],"n":3,)"
      R"("n-Comment":"why","b":true,"p":["y","x"],"m":{"a":1},"l":{"i":"line"}})");
}

TEST(Wording, HasEveryPhraseInEveryLanguage) {
  for (std::uint8_t i = 0; i < k_phrase_count; ++i) {
    const std::string english = phrase("en", Phrase{i}, "<1>", "<2>");
    for (const std::string_view locale : phrase_locales()) {
      const std::string text = phrase(locale, Phrase{i}, "<1>", "<2>");
      EXPECT_FALSE(text.empty()) << int{i};
      for (const std::string_view argument : {"<1>", "<2>"}) {
        EXPECT_EQ(text.find(argument) == std::string::npos,
                  english.find(argument) == std::string::npos)
            << locale << " " << text;
      }
    }
  }
  EXPECT_EQ(phrase("xx", Phrase::Back), "Back");
  EXPECT_EQ(phrase("de-CH", Phrase::Back), "Zurück");
}

TEST(Render, ScriptGetsWhatItsConditionsDecide) {
  const auto form = form_of(R"({"pages":[
    {"elements":[{"type":"text","name":"first"}]},
    {"elements":[
      {"type":"radiogroup","name":"went","choices":[1,"no"]},
      {"type":"text","name":"why","visibleIf":"{went} = 'no'"},
      {"type":"text","name":"then","visibleIf":"{went} = 1"},
      {"type":"text","name":"never","visibleIf":"{first} = 'x'"},
      {"type":"panel","visibleIf":"{went} = 'no'","elements":[
        {"type":"text","name":"inner","visibleIf":"{why} notempty"},
        {"type":"ranking","name":"order","choices":["p","q"]}]}]}]})");
  Value answers;
  answers.set("went", Value(1.0));
  RenderOptions options;
  options.page = 1;
  options.answers = &answers;
  const std::string plain = render_page(form, options);
  for (const char* absent : {"data-", "<template", "a.why", "a.inner", "<script"})
    EXPECT_EQ(plain.find(absent), std::string::npos) << absent;
  options.frame.script = "/assets/x.js";
  const std::string html = render_page(form, options);
  const std::string when = "data-when=\"[[&quot;answer&quot;,&quot;went&quot;],";
  // Shown and decided here; not shown and decided here; a panel with what lies in it.
  EXPECT_NE(html.find("<div data-q=\"3\" " + when), std::string::npos) << html;
  EXPECT_NE(html.find("<template " + when), std::string::npos);
  EXPECT_NE(html.find("</section></template>"), std::string::npos);
  EXPECT_NE(html.find("a.inner"), std::string::npos);
  EXPECT_NE(html.find("data-kind=\"rank\" data-whole"), std::string::npos);
  EXPECT_NE(html.find("data-v=\"[1,&quot;no&quot;]\""), std::string::npos);
  // Decided by another page: the server's matter alone.
  EXPECT_EQ(html.find("a.never"), std::string::npos);
  // What lies in templates is not asked yet.
  EXPECT_EQ(hidden(html, "_asked"), "1,3");
}

/// The tags of a page in order, without what their attributes hold.
std::string skeleton(const std::string& html) {
  std::string out;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    std::size_t end = at + 1;
    char quote = 0;
    for (; end < html.size() && (quote != 0 || html[end] != '>'); ++end) {
      if (quote == 0 && html[end] == '"') {
        quote = '"';
        out += '=';
      } else if (html[end] == quote) {
        quote = 0;
      } else if (quote == 0) {
        out += html[end];
      }
    }
    out += '\n';
    at = end;
  }
  return out;
}

/// Every page of a questionnaire whose every text is `text`, answered with it as well.
std::string pages_full_of(const std::string& text) {
  std::string quoted;
  append_value(quoted, Value(text));
  std::string json = R"({"title":T,"description":T,"pages":[{"title":T,"description":T,"elements":[
    {"type":"text","name":"a","title":T,"description":T,"placeholder":T},
    {"type":"comment","name":"b","title":T,"visibleIf":"{a} notempty","placeholder":T},
    {"type":"radiogroup","name":"c","title":T,"choices":[{"value":"v","text":T}],"hasOther":true,
     "otherText":T},
    {"type":"checkbox","name":"d","title":T,"choices":[{"value":T,"text":T}]},
    {"type":"dropdown","name":"e","title":T,"choices":[{"value":"v","text":T}],"isRequired":true},
    {"type":"rating","name":"f","title":T,"minRateDescription":T,"maxRateDescription":T},
    {"type":"ranking","name":"g","title":T,"choices":[{"value":"v","text":T},"w"]},
    {"type":"matrix","name":"h","title":T,"columns":[{"value":1,"text":T}],
     "rows":[{"value":"r","text":T}],"isAllRowRequired":true},
    {"type":"multipletext","name":"i","title":T,"items":[{"name":"u","title":T,
     "isRequired":true}]},
    {"type":"panel","title":T,"visibleIf":"{c} = 'v'","elements":[
     {"type":"boolean","name":"j","title":T,"labelTrue":T}]}]},
    {"elements":[{"type":"text","name":"k","title":T}]}],"pageNextText":T,"completeText":T})";
  for (std::size_t at = json.find(":T"); at != std::string::npos; at = json.find(":T", at + 1))
    json.replace(at + 1, 1, quoted);
  const auto form = form_of(json);
  RenderOptions options;
  options.frame = {.script = "/x.js", .notice = text, .links = {{"/privacy", text}}};
  options.frame.imprint = text;
  options.not_sent = text;
  options.has_trap = true;
  options.reviews = true;
  options.hidden = {{"sent-key", text}};
  const auto sent = read_form(form, {{"a.a", text},
                                     {"a.b", text},
                                     {"c.c", text},
                                     {"a.c", "other"},
                                     {"a.d", text},
                                     {"p0.i", text},
                                     {"_page", "0"},
                                     {"_asked", "0,1,2,3,4,5,6,7,8"},
                                     {"_move", "next"}});
  options.errors = advance(form, *sent).errors;
  EXPECT_GE(options.errors.size(), 2U);
  options.answers = &sent->answers;
  std::string out = render_page(form, options);
  options.errors.clear();
  for (options.page = 1; options.page < 3; ++options.page)
    out += render_page(form, options);
  out += render_thanks(
      form, options.frame,
      {.words = text, .receipt = text, .receipt_address = "/", .onward = "/", .onward_host = text});
  return out + render_message(options.frame, {.heading = text,
                                              .paragraphs = {text},
                                              .questionnaire = &form,
                                              .answers = &sent->answers,
                                              .again_action = "/s/x",
                                              .again = {{"a.a", text}}});
}

TEST(Render, NoTextChangesWhatAPageIsMadeOf) {
  const std::string plain = skeleton(pages_full_of("harmless"));
  EXPECT_EQ(plain.find("onerror"), std::string::npos);
  constexpr std::array k_pieces = {"<script>alert(1)</script>",
                                   "\"",
                                   "'",
                                   ">",
                                   "<",
                                   "&",
                                   "-->",
                                   "<!--",
                                   "</textarea>",
                                   "</template>",
                                   "</title>",
                                   "&lt;b&gt;",
                                   "<img src=x onerror=alert(1)>",
                                   "\" autofocus onfocus=alert(1) ",
                                   "]]>",
                                   "javascript:alert(1)",
                                   "{a}",
                                   "{",
                                   "}",
                                   "\u2028",
                                   "`",
                                   "<svg/onload=alert(1)>",
                                   "x",
                                   "مرحبا"};
  // A linear congruential generator (Knuth's MMIX constants): the same texts each time.
  std::uint64_t state = 20'261'122;
  for (int round = 0; round < 200; ++round) {
    std::string text = "x";
    for (int i = 0; i < 4; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text += k_pieces[(state >> 33) % k_pieces.size()];
    }
    ASSERT_EQ(skeleton(pages_full_of(text)), plain) << text;
  }
}

TEST(Render, ReviewShowsEveryAnswerAndLeadsBackToIt) {
  const auto form = form_of(
      R"({"title":"T","pages":[
        {"elements":[{"type":"text","name":"a","title":"First <i>"},
          {"type":"matrix","name":"m","columns":[1,2],"rows":[{"value":"r","text":"Row"}]}]},
        {"elements":[{"type":"comment","name":"b","title":"You said {a}"}]}]})");
  Value answers;
  answers.set("a", Value("<b>x</b>"));
  answers.set("m", Value(Value::Members{{"r", Value(2.0)}}));
  FormPost sent;
  sent.answers = answers;
  sent.page = 1;
  sent.asked = {2};
  sent.move = Move::Send;
  // A page that was not shown is not sent.
  Step step = advance(form, sent, "en", Ending::Review);
  EXPECT_FALSE(step.is_complete);
  EXPECT_EQ(step.page, 2U);
  RenderOptions options;
  options.page = 1;
  options.answers = &answers;
  options.reviews = true;
  EXPECT_EQ(render_page(form, options).find("value=\"send\""), std::string::npos);
  options.page = 2;
  const std::string html = render_page(form, options);
  for (const char* part :
       {"Check your answers", "First &lt;i&gt;", "&lt;b&gt;x&lt;/b&gt;", "Row: 2", "Not answered",
        "value=\"page.0\"", "value=\"page.1\"", "value=\"send\""})
    EXPECT_NE(html.find(part), std::string::npos) << part;
  sent.page = 2;
  sent.asked = {};
  EXPECT_TRUE(advance(form, sent, "en", Ending::Review).is_complete);
  const auto back = read_form(
      form, {{"_answers", hidden(html, "_answers")}, {"_page", "2"}, {"_move", "page.0"}});
  ASSERT_TRUE(back);
  step = advance(form, *back, "en", Ending::Review);
  EXPECT_EQ(step.page, 0U);
  EXPECT_EQ(back->answers, answers);
}

TEST(Render, AnotherLanguageTakesTheAnswersAlong) {
  const auto form = form_of(
      R"({"title":{"default":"T","de":"T","ar":"T"},"pages":[
        {"elements":[{"type":"text","name":"a"}]},
        {"elements":[{"type":"text","name":"b","isRequired":true}]}]})");
  RenderOptions options;
  options.page = 1;
  options.language_address = "/s/x?lang=";
  const std::string html = render_page(form, options);
  EXPECT_NE(html.find("value=\"lang.de\" lang=\"de\">Deutsch<"), std::string::npos);
  EXPECT_NE(html.find("العربية"), std::string::npos);
  // What Enter presses stands first.
  EXPECT_LT(html.find("value=\"send\""), html.find("value=\"lang.de\""));
  const auto sent = read_form(form, {{"_page", "1"}, {"a.b", "x"}, {"_move", "lang.de"}});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->locale, "de");
  const Step step = advance(form, *sent);
  EXPECT_EQ(step.page, 1U);
  EXPECT_TRUE(step.errors.empty());
  EXPECT_EQ(sent->answers.find("b")->text()->c_str(), std::string("x"));
  EXPECT_EQ(read_form(form, {{"_move", "lang.xx"}})->move, Move::Next);
  EXPECT_EQ(read_form(form, {{"_move", "page.99"}})->move, Move::Next);
}

TEST(Render, CountsPagesThatHaveSomethingToShow) {
  const auto form = form_of(k_walk);
  Value answers;
  answers.set("went", Value("yes"));
  EXPECT_NE(page(form, 2, answers).find("Page 3 of 3"), std::string::npos);
  answers.set("went", Value("no"));
  const std::string html = page(form, 2, answers);
  EXPECT_NE(html.find("Page 2 of 2"), std::string::npos);
  EXPECT_NE(html.find("<title>Walk &lt;1&gt; – Page 2 of 2</title>"), std::string::npos);
}

TEST(Render, ErrorsLeadToTheirPart) {
  const auto form = form_of(
      R"({"elements":[{"type":"matrix","name":"m","isAllRowRequired":true,"columns":[1],
          "rows":["p","q"]},{"type":"multipletext","name":"t","items":[{"name":"u"},
          {"name":"v","title":"Vee","inputType":"number"}]}]})");
  const auto sent = read_form(
      form,
      {{"_page", "0"}, {"_asked", "0,1"}, {"p0.m", "1"}, {"p1.t", "many"}, {"_move", "send"}});
  const Step step = advance(form, *sent);
  ASSERT_EQ(step.errors.size(), 2U);
  RenderOptions options;
  options.answers = &sent->answers;
  options.errors = step.errors;
  const std::string html = render_page(form, options);
  EXPECT_NE(html.find("href=\"#q0-r1\""), std::string::npos);
  EXPECT_NE(html.find("id=\"q0-r1\""), std::string::npos);
  EXPECT_NE(html.find("href=\"#q1-1\">t: Vee: "), std::string::npos) << html;
  const std::size_t at = html.find("id=\"q1-1\"");
  const std::string tag = html.substr(at, html.find('>', at) - at);
  EXPECT_NE(tag.find("aria-invalid"), std::string::npos);
  EXPECT_NE(tag.find("value=\"many\""), std::string::npos);
}

TEST(Render, ClosedPageShowsWhatWasTyped) {
  const auto form = form_of(R"({"elements":[{"type":"comment","name":"c","title":"Why?"}]})");
  Value answers;
  answers.set("c", Value("<script>alert(1)</script>\nlong"));
  const std::string html = render_message({}, {.heading = "Closed",
                                               .paragraphs = {"One\ntwo\n\nthree"},
                                               .questionnaire = &form,
                                               .answers = &answers,
                                               .again_action = "/s/x",
                                               .again = {{"a\"", "<x>"}}});
  EXPECT_NE(html.find("One<br>\ntwo</p>\n<p>three"), std::string::npos);
  EXPECT_NE(html.find("Why?"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("name=\"a&quot;\" value=\"&lt;x&gt;\""), std::string::npos);
}

/// A text that names an answer many times is not as many times as large.
TEST(Render, PutsOnlySoMuchOfAnswersIntoATextOfThePage) {
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += "{name}";
  const auto form = form_of(R"({"pages":[{"elements":[{"type":"comment","name":"name"}]},
    {"elements":[{"type":"text","name":"b","title":")" +
                            many + R"("},{"type":"html","html":")" + many + R"("}]}]})");
  std::string long_answer;
  for (int i = 0; i < 10'000; ++i)
    long_answer += "é";
  Value answers(Value::Members{});
  answers.set("name", Value(long_answer));
  const std::string html = page(form, 1, answers);
  EXPECT_TRUE(is_utf8(html));
  EXPECT_LT(html.size(), 60'000U);
  EXPECT_NE(html.find("é…"), std::string::npos);
  answers.set("name", Value("Ada"));
  EXPECT_NE(page(form, 1, answers).find("AdaAdaAda"), std::string::npos);
}

}  // namespace
}  // namespace probity::form
