#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <set>
#include <vector>

#include "audit/read.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/published.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "feature/survey/sweep.hpp"

namespace probity::survey {
namespace {

class Pages : public SurveyRoom {
 protected:
  /// The details of all entries of an action, in order; no two entries have one id.
  std::vector<std::string> details_of(std::string_view action) {
    std::vector<std::string> details;
    std::set<std::string> ids;
    auto reader = engine_->read(store::Space::of(tenant_), store::k_grant_all);
    auto cipher = engine_->cipher(store::Space::of(tenant_));
    EXPECT_TRUE(reader && cipher);
    std::int64_t after = 0;
    for (bool has_more = true; has_more;) {
      const auto entries = audit::list_entries(**reader, after, 1000);
      EXPECT_TRUE(entries);
      has_more = entries && !entries->empty();
      for (const auto& one : entries.value_or(std::vector<audit::ChainedEntry>())) {
        after = one.seq;
        if (one.entry.action != action) continue;
        EXPECT_TRUE(ids.insert(one.entry.id.text()).second);
        details.push_back(audit::open_detail(**cipher, one.entry).value_or("unreadable"));
      }
    }
    return details;
  }
  Reply send_form(const std::string& token, const std::string& fields) {
    return send({.method = "POST",
                 .target = "/s/" + token,
                 .body = fields,
                 .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  }
  Reply set_pages(const std::string& id, const std::string& pages) {
    return send({.method = "PATCH",
                 .target = "/api/v1/surveys/" + id + "/settings",
                 .body = R"({"pages":)" + pages + "}",
                 .headers = {{"content-type", "application/json"}}});
  }
  /// Every hidden field of a page, encoded for the next post.
  static std::string hidden_of(const std::string& html) {
    std::string fields;
    std::size_t at = 0;
    while ((at = html.find("type=\"hidden\"", at)) != std::string::npos) {
      const std::size_t begin = html.rfind('<', at);
      const std::string tag = html.substr(begin, html.find('>', at) - begin);
      fields += percent_encode(attribute(tag, "name")) + "=" +
                percent_encode(unescape(attribute(tag, "value"))) + "&";
      ++at;
    }
    return fields;
  }
  static std::string attribute(const std::string& tag, const std::string& name) {
    const std::size_t begin = tag.find(name + "=\"");
    if (begin == std::string::npos) return "";
    const std::size_t from = begin + name.size() + 2;
    return tag.substr(from, tag.find('"', from) - from);
  }
  static std::string unescape(std::string text) {
    const std::pair<const char*, const char*> pairs[] = {{"&quot;", "\""}, {"&#34;", "\""},
                                                         {"&lt;", "<"},    {"&gt;", ">"},
                                                         {"&#39;", "'"},   {"&amp;", "&"}};
    for (const auto& [from, to] : pairs)
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at)
        text.replace(at, std::string(from).size(), to);
    return text;
  }
  /// The value to post for an answer: the name of the first control of that question's input.
  static std::string name_of_input(const std::string& html, const std::string& value) {
    const std::size_t at = html.find("value=\"" + value + "\"");
    if (at == std::string::npos) return "";
    const std::size_t begin = html.rfind('<', at);
    return attribute(html.substr(begin, html.find('>', at) - begin), "name");
  }
};

TEST_P(Pages, QuestionnaireIsAnsweredWithoutScript) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  ASSERT_EQ(page.status, 200);
  // One script of our own that nothing depends on, and none in the page itself.
  EXPECT_EQ(page.body.find("<script"), page.body.find("<script type=\"module\" src=\"/assets/"));
  EXPECT_EQ(page.body.find("<script"), page.body.rfind("<script"));
  EXPECT_NE(page.body.find("></script>"), std::string::npos);
  EXPECT_NE(page.body.find("anonymous"), std::string::npos);
  EXPECT_LT(page.body.size(), 30'000U);
  const std::string name = name_of_input(page.body, "Soup");
  ASSERT_FALSE(name.empty()) << page.body;
  const std::string move = name_of_input(page.body, "send");
  const std::string fields = hidden_of(page.body) + percent_encode(name) + "=Soup&" +
                             (move.empty() ? "" : percent_encode(move) + "=send");
  const Reply thanks = send_form(made.token, fields);
  EXPECT_EQ(thanks.status, 200);
  EXPECT_NE(thanks.body.find("rcp_"), std::string::npos) << thanks.body;
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/questions/0/counts/Soup"), "1");
  // A reload sends the same page again.
  const Reply again = send_form(made.token, fields);
  EXPECT_EQ(again.body, thanks.body);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, MissingAnswerShowsThePageAgain) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  const std::string move = name_of_input(page.body, "send");
  const Reply again = send_form(
      made.token, hidden_of(page.body) + (move.empty() ? "" : percent_encode(move) + "=send"));
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.body.find("What did you have?"), std::string::npos);
  EXPECT_EQ(again.body.find("rcp_"), std::string::npos);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

TEST_P(Pages, OfNothingAreNoResponseAndSaySo) {
  const Made made =
      make(R"({"pages":[{"name":"p","elements":[{"type":"text","name":"a","title":"Why?"}]}]})");
  const Reply page = get("/s/" + made.token);
  const std::string sent = hidden_of(page.body) + "_move=send";
  const Reply again = send_form(made.token, sent);
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.body.find("You have not answered anything yet."), std::string::npos);
  EXPECT_NE(again.body.find("Why?"), std::string::npos);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

TEST_P(Pages, ClosedAndUnknownSurveysSaySo) {
  const Made made = make(std::string(k_simple_questionnaire));
  post("/api/v1/surveys/" + made.id + "/close");
  const Reply closed = get("/s/" + made.token);
  EXPECT_EQ(closed.status, 410);
  EXPECT_NE(closed.body.find("closed"), std::string::npos);
  EXPECT_TRUE(closed.headers.at("content-type").starts_with("text/html"));
  EXPECT_EQ(get("/s/" + std::string(43, 'A')).status, 404);
}

TEST_P(Pages, PublicDocumentNamesModeAndQuestions) {
  const Made made = make(std::string(k_simple_questionnaire), "confidential");
  const Reply reply = get("/api/v1/public/" + made.token);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("/mode"), "confidential");
  EXPECT_EQ(reply.text("/questions/0/name"), "food");
  EXPECT_EQ(reply.text("/questions/0/choices/1/text"), "Salad");
}

TEST_P(Pages, RetentionErasesToTheDay) {
  const Made made = make(std::string(k_simple_questionnaire), "confidential");
  send({.method = "PATCH",
        .target = "/api/v1/surveys/" + made.id + "/settings",
        .body = R"({"retention_days":30})",
        .headers = {{"content-type", "application/json"}}});
  submit(made.token, R"({"food":"Soup"})");
  Services services(*engine_, clock_, log_);
  clock_.advance(Span::days(30) - Span::seconds(1));
  EXPECT_EQ(*run_retention(services, clock_.now()), "erased 0");
  submit(made.token, R"({"food":"Bread"})");
  clock_.advance(Span::seconds(2));
  EXPECT_EQ(*run_retention(services, clock_.now()), "erased 1");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/responses"), "1");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, ErasingByTheClockSaysHowMuchInAnEntryForEachSlice) {
  const Made kept = make(std::string(k_simple_questionnaire), "anonymous");
  const Made made = make(std::string(k_simple_questionnaire), "confidential");
  send({.method = "PATCH",
        .target = "/api/v1/surveys/" + made.id + "/settings",
        .body = R"({"retention_days":1})",
        .headers = {{"content-type", "application/json"}}});
  // Two slices: what carries an origin lies in a row of its own.
  constexpr std::int64_t k_more = 3;
  for (std::int64_t i = 0; i < k_erase_slice + k_more; ++i)
    submit(made.token, R"({"food":"Soup"})");
  for (int i = 0; i < 2; ++i)
    submit(kept.token, R"({"food":"Soup"})");
  clock_.advance(Span::days(3));
  Services services(*engine_, clock_, log_);
  ASSERT_TRUE(run_retention(services, clock_.now()));
  EXPECT_EQ(details_of("retention.run"),
            (std::vector<std::string>{fmt::format(R"({{"responses":{}}})", k_erase_slice),
                                      fmt::format(R"({{"responses":{}}})", k_more)}));
  EXPECT_TRUE(details_of("survey.sweep").empty());
  send({.method = "DELETE", .target = "/api/v1/surveys/" + kept.id});
  ASSERT_TRUE(run_sweep(services, clock_.now(), SweepScope::All));
  EXPECT_EQ(details_of("survey.sweep"),
            (std::vector<std::string>{R"({"responses":2})", R"({"responses":0})"}));
  EXPECT_EQ(details_of("retention.run").size(), 2U);
}

TEST_P(Pages, RetentionOfAnonymousResponsesIsNeverEarly) {
  const Made made = make(std::string(k_simple_questionnaire), "anonymous");
  send({.method = "PATCH",
        .target = "/api/v1/surveys/" + made.id + "/settings",
        .body = R"({"retention_days":30})",
        .headers = {{"content-type", "application/json"}}});
  Services services(*engine_, clock_, log_);
  const Instant hour = clock_.now().hour() + Span::hours(1);
  const auto go_to = [&](Instant at) { clock_.advance(at - clock_.now()); };
  const Instant last_moment = hour + Span::hours(1) - Span::seconds(1);
  const Instant end = hour + Span::hours(1) + Span::days(30);
  for (const Instant arrival : {hour, last_moment}) {
    go_to(arrival);
    EXPECT_EQ(submit(made.token, R"({"food":"Soup"})").status, 201);
  }
  // Stored for the 30 days of the later one, and not a second less.
  for (const Instant early : {hour + Span::days(30) + Span::seconds(1),
                              last_moment + Span::days(30), end - Span::seconds(1)}) {
    go_to(early);
    EXPECT_EQ(*run_retention(services, clock_.now()), "erased 0");
  }
  go_to(end + Span::seconds(1));
  EXPECT_EQ(*run_retention(services, clock_.now()), "erased 2");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
}

TEST_P(Pages, SpeakTheLanguageOfTheSurvey) {
  struct Case {
    std::string_view locale;
    std::string_view accept;
    std::string_view page;    ///< <html> of the questionnaire.
    std::string_view notice;  ///< Of it.
    std::string_view thanks;
    std::string_view closed;  ///< <html> and text of the message page.
  };
  for (const Case& one : {
           Case{"en", "de", R"(<html lang="en" dir="ltr">)", "anonymous. We store",
                "Check this receipt", "It takes no more responses"},
           Case{"es", "de", R"(<html lang="es" dir="ltr">)", "encuesta es anónima",
                "Comprobar este recibo", "Ya no admite respuestas"},
           Case{"fr", "de", R"(<html lang="fr" dir="ltr">)", "questionnaire est anonyme",
                "Vérifier ce reçu", "Il ne prend plus de réponses"},
           Case{"de", "fr", R"(<html lang="de" dir="ltr">)", "Umfrage ist anonym",
                "Diese Quittung prüfen", "nimmt keine Antworten mehr an"},
           Case{"ar", "fr", R"(<html lang="ar" dir="rtl">)", "anonymous. We store",
                "Check this receipt", "Il ne prend plus de réponses"},
           Case{"he", "", R"(<html lang="he" dir="rtl">)", "anonymous. We store",
                "Check this receipt", "It takes no more responses"},
       }) {
    const Made made = make(fmt::format(
        R"({{"title":"T","locale":"{}","elements":[{{"type":"text","name":"q"}}]}})", one.locale));
    const std::map<std::string, std::string> headers{{"accept-language", std::string(one.accept)}};
    const Reply page = send({.method = "GET", .target = "/s/" + made.token, .headers = headers});
    EXPECT_NE(page.body.find(one.page), std::string::npos) << page.body.substr(0, 200);
    EXPECT_NE(page.body.find(one.notice), std::string::npos) << one.locale;
    const Reply thanks = send_form(made.token, hidden_of(page.body) + "a.q=x&_move=send");
    EXPECT_NE(thanks.body.find(one.page), std::string::npos) << one.locale;
    EXPECT_NE(thanks.body.find(one.thanks), std::string::npos) << one.locale << thanks.body;
    post("/api/v1/surveys/" + made.id + "/close");
    const Reply closed = send({.method = "GET", .target = "/s/" + made.token, .headers = headers});
    EXPECT_EQ(closed.status, 410);
    EXPECT_NE(closed.body.find(one.closed), std::string::npos) << one.locale << closed.body;
    EXPECT_NE(closed.body.find("dir=\"ltr\""), std::string::npos);
    // A page sent after the close is told in the same language that nothing was stored.
    std::string fields = hidden_of(page.body);
    const std::size_t key = fields.find("sent-key=");
    fields.replace(key + 9, 1, fields[key + 9] == 'A' ? "B" : "A");
    Sent late{.method = "POST", .target = "/s/" + made.token, .body = fields + "_move=send"};
    late.headers = headers;
    late.headers["content-type"] = "application/x-www-form-urlencoded";
    const Reply declined = send(late);
    EXPECT_EQ(declined.status, 410);
    EXPECT_NE(declined.body.find(one.closed), std::string::npos) << one.locale << declined.body;
  }
}

TEST_P(Pages, SpeakTheBrowsersLanguageWhereThereIsNoSurvey) {
  const auto text = [&](const std::string& target, std::string_view accept) {
    const Reply reply = send(
        {.method = "GET", .target = target, .headers = {{"accept-language", std::string(accept)}}});
    EXPECT_EQ(reply.status, 404);
    EXPECT_TRUE(reply.headers.at("content-type").starts_with("text/html"));
    return reply.body;
  };
  const std::string unknown = "/s/" + std::string(43, 'A');
  EXPECT_NE(text(unknown, "it, es;q=0.5").find("No hay ninguna encuesta"), std::string::npos);
  EXPECT_NE(text(unknown, "es").find(R"(<html lang="es" dir="ltr">)"), std::string::npos);
  EXPECT_NE(text(unknown, "it").find("There is no survey"), std::string::npos);
  EXPECT_NE(text(unknown + "?lang=fr", "es").find("Il n’y a pas"), std::string::npos);
}

TEST_P(Pages, ReceiptIsALinkToAPageThatSaysWhetherItHolds) {
  const Made made = make(R"({"title":"T","locale":"fr","elements":[{"type":"text","name":"q"}]})");
  const Reply page = get("/s/" + made.token);
  const Reply thanks = send_form(made.token, hidden_of(page.body) + "a.q=x&_move=send");
  const std::size_t at = thanks.body.find("<a href=\"/s/" + made.token + "/receipts/rcp_");
  ASSERT_NE(at, std::string::npos) << thanks.body;
  const std::string link =
      unescape(attribute(thanks.body.substr(at, thanks.body.find('>', at) - at), "href"));
  const Reply shown = get(link);
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body.find("<html lang=\"fr\""), std::string::npos);
  EXPECT_NE(shown.body.find(to_rfc3339(clock_.now().hour()).substr(11, 5) + " (UTC)"),
            std::string::npos);
  // Also once the survey is closed, and no longer when the response is erased.
  post("/api/v1/surveys/" + made.id + "/close");
  EXPECT_EQ(get(link).status, 200);
  const Reply rows = get("/api/v1/surveys/" + made.id + "/responses");
  send({.method = "DELETE",
        .target = "/api/v1/surveys/" + made.id + "/responses/" + rows.text("/items/0/id")});
  const Reply gone = get(link);
  EXPECT_EQ(gone.status, 404);
  EXPECT_TRUE(gone.headers.at("content-type").starts_with("text/html"));
  EXPECT_NE(gone.body.find("Rien n’est enregistré"), std::string::npos);
  EXPECT_EQ(get("/s/" + made.token + "/receipts/nonsense").status, 404);
}

TEST_P(Pages, TellWhatWentWrongInPlainWords) {
  const Made made = make(R"({"title":"T","locale":"de","elements":[{"type":"text","name":"q"}]})");
  const Reply broken = send_form(made.token, "a=%zz");
  EXPECT_EQ(broken.status, 400);
  EXPECT_NE(broken.body.find("Nichts wurde gespeichert"), std::string::npos);
  web::Request request;
  request.method = web::Method::Post;
  ASSERT_TRUE(web::set_target(request, "/s/" + made.token));
  const web::Match match = router_->find(request);
  ASSERT_NE(match.route, nullptr);
  const RequestId id = RequestId::make(clock_.now());
  for (const Code code : {Code::StorageFull, Code::StorageFailed, Code::Overloaded,
                          Code::KeyUnavailable, Code::Internal, Code::BodyTooLarge}) {
    const Error error{code, "secret detail", "An English hint.", {}, 0};
    const web::Response response = match.route->refusal_page({request, error, id, "de"});
    EXPECT_EQ(response.status, code_info(code).http_status);
    EXPECT_NE(response.body.find("<html lang=\"de\""), std::string::npos);
    EXPECT_NE(response.body.find(id.text()), std::string::npos);
    EXPECT_NE(response.body.find("gespeichert"), std::string::npos);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
    EXPECT_EQ(response.body.find("English"), std::string::npos);
  }
}

/// A questionnaire of as many questions of every kind as a page may hold comfortably.
std::string long_questionnaire(int questions) {
  std::string elements;
  for (int i = 0; i < questions; ++i) {
    const std::string name = fmt::format(R"("name":"q{0}","title":"Question number {0}")", i);
    constexpr std::array k_kinds{
        R"("type":"radiogroup","choices":["Never","Rarely","Sometimes","Often","Always"])",
        R"("type":"rating","rateMin":0,"rateMax":10)",
        R"("type":"checkbox","choices":["Red","Green","Blue"],"hasOther":true)",
        R"("type":"comment","visibleIf":"{q0} = 'Never'")",
        R"("type":"matrix","columns":[1,2,3,4,5],"rows":["Speed","Price","Advice"])",
        R"("type":"text","inputType":"number")",
        R"("type":"ranking","choices":["A","B","C"])"};
    elements += fmt::format("{}{{{},{}}}", i == 0 ? "" : ",", name, k_kinds[i % k_kinds.size()]);
  }
  return R"({"title":"Long","elements":[)" + elements + "]}";
}

TEST_P(Pages, OfAHundredQuestionsWeighAtMost30Kilobytes) {
  const Made made = make(long_questionnaire(100));
  std::size_t all = 0;
  const auto packed = [&](const std::string& target) {
    const Reply reply = send(
        {.method = "GET", .target = target, .headers = {{"accept-encoding", "br, gzip;q=0.8"}}});
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_EQ(reply.headers.at("content-encoding"), "gzip") << target;
    EXPECT_EQ(reply.headers.at("vary"), "accept-encoding");
    all += reply.body.size();
    RecordProperty(target.ends_with("js")    ? "script"
                   : target.ends_with("css") ? "style"
                                             : "page",
                   static_cast<int>(reply.body.size()));
    return reply;
  };
  packed("/s/" + made.token);
  const Reply page = get("/s/" + made.token);
  EXPECT_FALSE(page.headers.contains("content-encoding"));
  for (const char* start : {"href=\"/assets/", "src=\"/assets/"}) {
    const std::size_t at = page.body.find(start);
    ASSERT_NE(at, std::string::npos);
    const std::size_t from = page.body.find('/', at);
    const Reply asset = packed(page.body.substr(from, page.body.find('"', from) - from));
    EXPECT_EQ(asset.headers.at("cache-control"), "public, max-age=31536000, immutable");
  }
  EXPECT_LE(all, 30'000U);
  std::printf("page, style sheet and script: %zu bytes\n", all);
  EXPECT_EQ(get("/assets/pages/respondent-0.js").status, 404);
}

TEST_P(Pages, ThatShowWhatWasPostedAreNotPacked) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  Sent post{.method = "POST", .target = "/s/" + made.token, .body = hidden_of(page.body)};
  post.headers = {{"content-type", "application/x-www-form-urlencoded"},
                  {"accept-encoding", "gzip"}};
  const Reply again = send(post);
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(again.headers.contains("content-encoding"));
  for (const char* refused : {"gzip;q=0", "identity", "br", "gzip;q=0.000"}) {
    const Reply plain = send(
        {.method = "GET", .target = "/s/" + made.token, .headers = {{"accept-encoding", refused}}});
    EXPECT_FALSE(plain.headers.contains("content-encoding")) << refused;
  }
}

TEST_P(Pages, SettingsAreCheckedKeptAndTakenBack) {
  const Made made = make(std::string(k_simple_questionnaire));
  const auto patch = [&](const std::string& pages) { return set_pages(made.id, pages); };
  const std::string address = "https://example.org/" + std::string(1'000 - 20, 'x');
  for (const std::string& wrong :
       {std::string(R"({"redirect":"http://example.org/"})"), std::string(R"({"review":1})"),
        std::string(R"({"redirect":"https://a@example.org/"})"),
        std::string(R"({"redirect":"https://example.org:0/"})"),
        std::string(R"({"redirect":"https://exa mple.org/"})"),
        std::string(R"({"redirect":"https://..example.org/"})"),
        std::string(R"({"redirect":"javascript:alert"})"), R"({"redirect":")" + address + R"(x"})",
        R"({"thanks":")" + std::string(2'001, 'x') + "\"}", std::string(R"({"thanks":"a\u0000b"})"),
        std::string(R"({"colors":"red"})"), std::string("7")}) {
    const Reply reply = patch(wrong);
    EXPECT_GE(reply.status, 400) << wrong << reply.body;
    EXPECT_NE(reply.body.find("/pages"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/pages/review"), "false");
  for (const std::string& right :
       {R"({"thanks":")" + std::string(1'999, 'x') + "\"}",
        R"({"thanks":")" + std::string(2'000, 'x') + "\"}", R"({"redirect":")" + address + "\"}"})
    EXPECT_EQ(patch(right).status, 200) << right;
  const Reply reply =
      patch(R"({"review":true,"receipt":false,"thanks":"Well <done>","closed":"Gone fishing"})");
  EXPECT_EQ(reply.at("/pages/review"), "true");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).text("/pages/thanks"), "Well <done>");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).text("/pages/redirect"), address);
  EXPECT_EQ(patch(R"({"thanks":null,"receipt":null})").at("/pages/thanks"), "null");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/pages/receipt"), "true");
  // A patch of other settings leaves the pages alone.
  send({.method = "PATCH",
        .target = "/api/v1/surveys/" + made.id + "/settings",
        .body = R"({"retention_days":30})",
        .headers = {{"content-type", "application/json"}}});
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/pages/review"), "true");
  post("/api/v1/surveys/" + made.id + "/close");
  EXPECT_NE(get("/s/" + made.token).body.find("Gone fishing"), std::string::npos);
}

TEST_P(Pages, EndAsTheSettingsSay) {
  const Made made = make(std::string(k_simple_questionnaire));
  set_pages(made.id, R"({"review":true,"receipt":false,"thanks":"Well <done>",)"
                     R"("redirect":"https://example.org:8443/on?a=1&b=2"})");
  const Reply page = get("/s/" + made.token);
  EXPECT_EQ(name_of_input(page.body, "send"), "");
  const Reply review = send_form(made.token, hidden_of(page.body) + "a.food=Soup&_move=send");
  EXPECT_EQ(review.body.find("Well"), std::string::npos);
  EXPECT_NE(review.body.find("Check your answers"), std::string::npos);
  EXPECT_NE(review.body.find("<p>Soup</p>"), std::string::npos) << review.body;
  const Reply thanks = send_form(made.token, hidden_of(review.body) + "_move=send");
  EXPECT_NE(thanks.body.find("Well &lt;done&gt;"), std::string::npos) << thanks.body;
  EXPECT_EQ(thanks.body.find("rcp_"), std::string::npos);
  EXPECT_NE(thanks.body.find("href=\"https://example.org:8443/on?a=1&amp;b=2\""),
            std::string::npos);
  EXPECT_NE(thanks.body.find("Continue to example.org:8443"), std::string::npos);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, AskAgainWhereAProgramIsSuspectedAndLoseNothing) {
  const Made made = make(std::string(k_simple_questionnaire));
  set_pages(made.id, R"({"seconds_min":1})");
  const auto send_now = [&](const std::string& fields) {
    return send({.method = "POST",
                 .target = "/s/" + made.token,
                 .body = fields + "a.food=Soup&a.why=Because&_move=send",
                 .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  };
  const auto expect_asked_again = [&](const Reply& reply, std::string_view why) {
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find(why), std::string::npos) << reply.body;
    EXPECT_NE(reply.body.find("value=\"Soup\" checked"), std::string::npos);
    EXPECT_NE(reply.body.find(">\nBecause</textarea>"), std::string::npos);
    EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "0");
  };
  const Reply page = get("/s/" + made.token);
  std::string fields = hidden_of(page.body);
  clock_.advance(Span::seconds(1) - Span::micros(1));
  expect_asked_again(send_now(fields), "quicker than people answer");
  // Without the mark, or with somebody else's, the time counts from now on.
  const std::size_t mark = fields.find("sent-opened=") + 12;
  clock_.advance(Span::seconds(10));
  for (const std::string& other :
       {std::string(), std::string("AAAA"),
        hidden_of(get("/s/" + make(std::string(k_simple_questionnaire)).token).body).substr(mark)})
    expect_asked_again(send_now(fields.substr(0, mark) + other + "&"), "quicker");
  expect_asked_again(send_now(fields + "website=spam&"), "people do not see");
  // The page shown again is taken once its time has come.
  fields = hidden_of(send_now(fields.substr(0, mark) + "&").body);
  clock_.advance(Span::seconds(1));
  EXPECT_NE(send_now(fields).body.find("rcp_"), std::string::npos);
  set_pages(made.id, R"({"seconds_min":0,"trap":false})");
  const Reply plain = get("/s/" + made.token);
  EXPECT_EQ(plain.body.find("name=\"website\""), std::string::npos);
  EXPECT_NE(send_now(hidden_of(plain.body) + "website=x&").body.find("rcp_"), std::string::npos);
}

TEST(WaitingRoom, LetsInSoManyAMinute) {
  WaitingRoom room;
  const Span minute = Span::seconds(600);
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(room.is_within_rate(0, minute));
  EXPECT_TRUE(room.is_within_rate(3, minute));
  EXPECT_TRUE(room.is_within_rate(3, minute + Span::seconds(1)));
  EXPECT_TRUE(room.is_within_rate(3, minute + Span::seconds(59)));
  EXPECT_FALSE(room.is_within_rate(3, minute + Span::seconds(59)));
  EXPECT_TRUE(room.is_within_rate(3, minute + Span::seconds(60)));
}

TEST_P(Pages, TakeSoManyResponsesAMinuteAndKeepTheRest) {
  const Made made = make(std::string(k_simple_questionnaire));
  set_pages(made.id, R"({"per_minute":3})");
  // A minute may turn while this runs: then the next holds the same three.
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    const Reply reply = submit(made.token, R"({"food":"Soup"})");
    refused += reply.status == 429 ? 1 : 0;
    EXPECT_TRUE(reply.status == 201 || reply.code == "throttled") << reply.body;
  }
  EXPECT_GE(refused, 6);
  const Reply page = get("/s/" + made.token);
  const Reply asked = send_form(made.token, hidden_of(page.body) + "a.food=Soup&_move=send");
  EXPECT_TRUE(asked.body.find("Very many answers") != std::string::npos ||
              asked.body.find("rcp_") != std::string::npos);
}

TEST_P(Pages, StandOnASharedScreenWhereTheLinkSaysSo) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string address = "/s/" + made.token + "?kiosk=1";
  EXPECT_EQ(get("/s/" + made.token).body.find("data-idle"), std::string::npos);
  const Reply page = get(address);
  EXPECT_NE(page.body.find("data-idle=\"90\" data-anew=\"" + address + "\""), std::string::npos);
  EXPECT_NE(page.body.find("autocomplete=\"off\" data-page"), std::string::npos);
  EXPECT_NE(page.body.find("action=\"" + address + "\""), std::string::npos) << page.body;
  EXPECT_EQ(page.body.find("data-keep"), std::string::npos);
  clock_.advance(Span::seconds(1));
  const Reply thanks = send({.method = "POST",
                             .target = address,
                             .body = hidden_of(page.body) + "a.food=Soup&_move=send",
                             .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  EXPECT_NE(thanks.body.find("href=\"" + address + "\" data-anew=\"10\""), std::string::npos)
      << thanks.body;
}

TEST(PageSettings, KeepTheBoundOfEachNumber) {
  const auto is_taken = [](std::string_view name, std::int64_t number) {
    PageSettings settings;
    const auto json = parse_json(fmt::format(R"({{"{}":{}}})", name, number), {});
    return change_page_settings(*json, settings).has_value();
  };
  struct Bound {
    std::string_view name;
    std::int64_t least;
    std::int64_t most;
  };
  for (const Bound& bound :
       {Bound{"seconds_min", 0, k_page_seconds_max}, Bound{"per_minute", 0, k_page_per_minute_max},
        Bound{"kiosk_idle_s", k_page_idle_least_s, k_page_idle_max_s}}) {
    EXPECT_FALSE(is_taken(bound.name, bound.least - 1)) << bound.name;
    EXPECT_TRUE(is_taken(bound.name, bound.least)) << bound.name;
    EXPECT_TRUE(is_taken(bound.name, bound.least + 1)) << bound.name;
    EXPECT_TRUE(is_taken(bound.name, bound.most - 1)) << bound.name;
    EXPECT_TRUE(is_taken(bound.name, bound.most)) << bound.name;
    EXPECT_FALSE(is_taken(bound.name, bound.most + 1)) << bound.name;
  }
}

TEST(PageSettings, KeepTheBoundOfEachText) {
  struct Bound {
    std::string_view name;
    std::string_view beginning;
    std::size_t most;
  };
  for (const Bound& bound :
       {Bound{"thanks", "", k_page_text_max_bytes}, Bound{"closed", "", k_page_text_max_bytes},
        Bound{"logo_alt", "", k_logo_alt_max_bytes}, Bound{"imprint", "", k_imprint_max_bytes},
        Bound{"imprint_url", "https://a.example/", k_page_address_max_bytes},
        Bound{"frame_origin", "https://", k_page_address_max_bytes},
        Bound{"redirect", "https://a.example/", k_page_address_max_bytes}}) {
    const auto is_taken = [&](std::size_t bytes) {
      PageSettings settings;
      const std::string text =
          std::string(bound.beginning) + std::string(bytes - bound.beginning.size(), 'x');
      const auto json = parse_json(fmt::format(R"({{"{}":"{}"}})", bound.name, text), {});
      return change_page_settings(*json, settings).has_value();
    };
    EXPECT_TRUE(is_taken(bound.most - 1)) << bound.name;
    EXPECT_TRUE(is_taken(bound.most)) << bound.name;
    EXPECT_FALSE(is_taken(bound.most + 1)) << bound.name;
  }
}

TEST_P(Pages, WearTheColourAndNamesOfTheirEditor) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply pale = set_pages(made.id, R"({"colour":"#ffcc00"})");
  EXPECT_EQ(pale.status, 400);
  EXPECT_NE(pale.body.find("1.4"), std::string::npos) << pale.body;
  EXPECT_NE(pale.body.find("nearest colour that passes is #"), std::string::npos);
  const std::size_t at = pale.body.find("passes is #") + 10;
  const std::string nearest = pale.body.substr(at, 7);
  for (const char* wrong : {R"({"colour":"red"})", R"({"imprint_url":"http://a.example"})",
                            R"({"frame_origin":"https://a.example/x"})", R"({"seconds_min":61})",
                            R"({"seconds_min":-1})", R"({"kiosk_idle_s":14})",
                            R"({"per_minute":100001})", R"({"frame_origin":"*"})"})
    EXPECT_EQ(set_pages(made.id, wrong).status, 400) << wrong;
  for (const char* right : {R"({"seconds_min":60})", R"({"seconds_min":0})",
                            R"({"kiosk_idle_s":15})", R"({"per_minute":100000})"})
    EXPECT_EQ(set_pages(made.id, right).status, 200) << right;
  ASSERT_EQ(set_pages(made.id, R"({"colour":")" + nearest +
                                   R"(","imprint":"Bakery <Ltd>","imprint_url":)"
                                   R"("https://bakery.example/imprint","kiosk":true,)"
                                   R"("frame_origin":"https://site.example"})")
                .status,
            200);
  const Reply page = get("/s/" + made.token);
  const std::string sheet = "/assets/pages/colour-" + nearest.substr(1) + ".css";
  EXPECT_NE(page.body.find("href=\"" + sheet + "\""), std::string::npos) << page.body;
  EXPECT_NE(get(sheet).body.find("--accent: " + nearest), std::string::npos);
  EXPECT_EQ(get("/assets/pages/colour-zzzzzz.css").status, 404);
  EXPECT_NE(page.body.find("target=\"_blank\">Bakery &lt;Ltd&gt;</a>"), std::string::npos);
  EXPECT_NE(page.body.find("data-idle=\"15\""), std::string::npos);
  EXPECT_EQ(page.body.find("data-keep"), std::string::npos);
  EXPECT_TRUE(
      page.headers.at("content-security-policy").ends_with("frame-ancestors https://site.example"));
  const Reply thanks = send_form(made.token, hidden_of(page.body) + "a.food=Soup&_move=send");
  EXPECT_NE(thanks.body.find("href=\"/s/" + made.token + "\" data-anew"), std::string::npos)
      << thanks.body;
  set_pages(made.id, R"({"frame_origin":null})");
  EXPECT_FALSE(get("/s/" + made.token).headers.contains("content-security-policy"));
}

TEST_P(Pages, NothingTypedIsLost) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply page = get("/s/" + made.token);
  const std::string fields = hidden_of(page.body) + "a.food=Soup&a.why=It+was+%3Cgood%3E&";
  post("/api/v1/surveys/" + made.id + "/close");
  // Closed meanwhile, on the way and at the end.
  for (const char* move : {"back", "send"}) {
    const Reply closed = send_form(made.token, fields + "_move=" + move);
    EXPECT_EQ(closed.status, 410);
    EXPECT_NE(closed.body.find("It was &lt;good&gt;"), std::string::npos) << closed.body;
  }
  post("/api/v1/surveys/" + made.id + "/reopen");
  // A server that cannot take it now hands everything back with a button.
  web::Request request;
  request.method = web::Method::Post;
  ASSERT_TRUE(web::set_target(request, "/s/" + made.token + "?lang=de"));
  request.body = fields + "_move=send";
  const web::Match match = router_->find(request);
  const RequestId id = RequestId::make(clock_.now());
  for (const Code code : {Code::Overloaded, Code::StorageFull, Code::StorageFailed}) {
    const Error error{code, {}, {}, {}, 0};
    const web::Response response = match.route->refusal_page({request, error, id, "en"});
    EXPECT_NE(response.body.find("value=\"It was &lt;good&gt;\""), std::string::npos);
    EXPECT_NE(response.body.find("action=\"/s/" + made.token + "?lang=de\""), std::string::npos);
    EXPECT_NE(send_form(made.token, hidden_of(response.body)).body.find("rcp_"), std::string::npos);
  }
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Pages, SweepRemovesWhatWasDeleted) {
  const Made made = make(std::string(k_simple_questionnaire));
  for (int i = 0; i < 3; ++i)
    submit(made.token, R"({"food":"Soup"})");
  send({.method = "DELETE", .target = "/api/v1/surveys/" + made.id});
  Services services(*engine_, clock_, log_);
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::Listed), "removed 0 surveys");
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::All), "removed 1 surveys");
  EXPECT_EQ(*run_sweep(services, clock_.now(), SweepScope::All), "removed 0 surveys");
}

INSTANTIATE_TEST_SUITE_P(Engines, Pages, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
