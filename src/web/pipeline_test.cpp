#include "web/pipeline.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <new>
#include <stdexcept>

#include "support/open_engine.hpp"
#include "web/form_body.hpp"

namespace probity::web {
namespace {

constexpr std::uint64_t k_large_bytes = 50'000'000;
constexpr std::string_view k_browser = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Keeps what was journalled.
class Notes final : public store::Journaler {
 public:
  Result<void> append(store::Tx&, const std::vector<const store::JournalEntry*>& entries) override {
    const std::lock_guard hold(mutex_);
    for (const auto* entry : entries)
      lines_.push_back(entry->action + " " + entry->outcome);
    return {};
  }
  Result<void> ready(store::Tx& /*tx*/) override { return {}; }
  Result<void> admit(const store::JournalEntry& /*entry*/) override { return {}; }
  [[nodiscard]] std::vector<std::string> take() {
    const std::lock_guard hold(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Knows two members and one token by name.
class NameTags final : public identity::Authenticator {
 public:
  explicit NameTags(TenantId tenant) : tenant_(tenant) {}
  Result<identity::Principal> by_cookie(std::string_view cookie, identity::Activity) override {
    identity::Member member;
    member.tenant = tenant_;
    if (cookie == "editor")
      member.role = identity::Role::Editor;
    else if (cookie == "auditor")
      member.role = identity::Role::Auditor;
    else if (cookie == "memory")
      throw std::bad_alloc();
    else if (cookie == "mistake")
      throw std::logic_error("of ours");
    else
      return fail(Code::Unauthenticated);
    return member;
  }
  Result<identity::Principal> by_bearer(std::string_view token) override {
    if (token != "key") return fail(Code::Unauthenticated);
    return identity::TokenHolder{tenant_, {}, {}, identity::Permissions()};
  }
  Result<std::string> csrf_token(const identity::Member&) override { return "right"; }

 private:
  TenantId tenant_;
};

struct Asked {
  Method method = Method::Get;
  std::string target = "/";
  std::vector<NamedText> headers{};
  std::string body{};
  std::uint64_t declared = 0;  ///< 0: the body's own length.
};

struct Told {
  Response response;
  bool was_body_wanted = false;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& one : response.headers)
      if (one.name == name) return one.value;
    return {};
  }
  [[nodiscard]] bool is_page() const { return header("content-type").starts_with("text/html"); }
};

/// A body that holds a snapshot for as long as it lives.
struct Lasting final : BodySource {
  explicit Lasting(std::unique_ptr<store::Reader> reader) : snapshot(std::move(reader)) {}
  Result<Piece> next() override { return Piece{"x", false, {}}; }
  std::unique_ptr<store::Reader> snapshot;
};

/// The pipeline between a net that is not there and a store that is.
class Trips : public ::testing::Test {
 protected:
  Trips() : at_(&notes_) {
    auto record = at_.engine->create_tenant("main", "");
    EXPECT_TRUE(record);
    tenant_ = record->id;
    tags_ = std::make_unique<NameTags>(tenant_);
    std::vector<Route> routes;
    const Limits large{.body_max_bytes = k_body_import_max_bytes};
    const auto plain = [](Call&) -> Result<Answer> { return json_response(200, "{}"); };
    routes.emplace_back(Method::Post, "/api/import",
                        Access::require(identity::Permission::SurveysEdit), large, RouteDoc{},
                        plain);
    routes.emplace_back(Method::Post, "/api/mine", Access::signed_in(), large, RouteDoc{}, plain);
    RouteDoc page_doc;
    page_doc.response_type = "text/html";
    page_doc.request_type = k_form_type;
    const Limits small{.body_max_bytes = k_body_small_max_bytes};
    routes.emplace_back(Method::Post, "/goodbye", Access::signed_in(), small, page_doc, plain);
    routes.emplace_back(Method::Post, "/api/thrown", Access::by_link(), Limits{}, RouteDoc{},
                        [](Call&) -> Result<Answer> { throw std::logic_error("of ours"); });
    routes.emplace_back(Method::Post, "/api/speechless", Access::by_link(), Limits{}, RouteDoc{},
                        [this](Call& call) { return store_and_throw(call); });
    const auto storing = [this](Call& call) { return store(call); };
    routes.emplace_back(Method::Post, "/page", Access::by_link(), Limits{}, page_doc, storing);
    routes.push_back(Route(Method::Post, "/worded", Access::by_link(), Limits{}, page_doc, storing)
                         .refused_with([](const Refusal& refusal) {
                           return html_response(code_info(refusal.error.code).http_status,
                                                "<p>worded in " + std::string(refusal.language));
                         }));
    routes.emplace_back(Method::Post, "/api/store", Access::by_link(), Limits{}, RouteDoc{},
                        storing);
    routes.emplace_back(Method::Post, "/api/full", Access::by_link(), Limits{}, RouteDoc{},
                        [this](Call& call) -> Result<Answer> {
                          PROBITY_CHECK(call.enter(tenant_));
                          return fail(Code::QuotaExceeded);
                        });
    routes.emplace_back(Method::Post, "/api/sick", Access::by_link(), Limits{}, RouteDoc{},
                        [this](Call& call) -> Result<Answer> {
                          PROBITY_CHECK(call.enter(tenant_));
                          return refuse_field(Code::UnsafeFile, "file", "It is sick.");
                        });
    routes.emplace_back(Method::Get, "/api/stream", Access::signed_in(), Limits{}, RouteDoc{},
                        [](Call& call) -> Result<Answer> {
                          PROBITY_TRY(snapshot, call.take_snapshot());
                          Response response;
                          response.source = std::make_unique<Lasting>(std::move(snapshot));
                          return response;
                        });
    auto router = Router::build(std::move(routes));
    EXPECT_TRUE(router);
    pipeline_ = std::make_unique<Pipeline>(std::move(*router),
                                           CallServices{*at_.engine, at_.clock, at_.log}, *tags_,
                                           PipelineOptions{.request_workers = 1});
    (void)notes_.take();
  }
  ~Trips() override { pipeline_->stop(); }

  /// A handler whose Change fails as `fails_with` says.
  Result<Answer> store(Call& call) {
    call.speak("fr");
    PROBITY_CHECK(call.enter(tenant_));
    store::Change change{store::Grant{"web", {}, {}}, {}, std::nullopt, store::Growth::Grows};
    change.apply = [code = fails_with_](store::Tx&) -> Result<store::Journal> {
      return fail(code, "the disk says no");
    };
    return Prepared{std::move(change), [] { return json_response(201, "{}"); }};
  }

  /// A handler whose answer throws after the commit, on the writer's thread.
  Result<Answer> store_and_throw(Call& call) {
    PROBITY_CHECK(call.enter(tenant_));
    store::Change change{store::Grant{"web", {}, {}}, {}, std::nullopt, store::Growth::Grows};
    change.apply = [](store::Tx&) -> Result<store::Journal> { return store::Journal{}; };
    return Prepared{std::move(change), []() -> Response { throw std::logic_error("of ours"); }};
  }

  Told send(Asked asked) {
    Request request;
    request.method = asked.method;
    EXPECT_TRUE(set_target(request, asked.target));
    request.headers = std::move(asked.headers);
    request.content_length = asked.declared > 0 ? asked.declared : asked.body.size();
    Told told;
    std::promise<Response> answered;
    pipeline_->admit(std::move(request), [&](Admission admission) {
      if (admission.refusal) return answered.set_value(std::move(*admission.refusal));
      told.was_body_wanted = true;
      pipeline_->serve(admission.exchange, std::move(asked.body),
                       [&](Response response) { answered.set_value(std::move(response)); });
    });
    told.response = answered.get_future().get();
    return told;
  }
  /// A large body, announced by somebody.
  Told announce(std::string target, std::vector<NamedText> headers) {
    return send({Method::Post, std::move(target), std::move(headers), {}, k_large_bytes});
  }

  Notes notes_;
  support::OpenEngine at_;
  TenantId tenant_;
  Code fails_with_ = Code::StorageFull;
  std::unique_ptr<NameTags> tags_;
  std::unique_ptr<Pipeline> pipeline_;
};

NamedText cookie(std::string_view who) {
  return {"cookie", std::string(identity::k_session_cookie) + "=" + std::string(who)};
}

TEST_F(Trips, AskWhoAStrangerIsBeforeALargeBody) {
  for (const auto& headers :
       {std::vector<NamedText>{}, {cookie("nobody")}, {{"authorization", "Bearer invented"}}}) {
    const Told told = announce("/api/import", headers);
    EXPECT_EQ(told.response.status, 401);
    EXPECT_FALSE(told.was_body_wanted);
    EXPECT_EQ(told.header("www-authenticate"), "Bearer");
    EXPECT_FALSE(told.header("x-request-id").empty());
  }
  EXPECT_TRUE(notes_.take().empty());
}

TEST_F(Trips, CheckCsrfAndPermissionBeforeALargeBodyAndSaySoInTheLog) {
  const Told bare = announce("/api/import", {cookie("editor")});
  EXPECT_EQ(bare.response.status, 403);
  EXPECT_NE(bare.response.body.find("\"csrf\""), std::string::npos);
  EXPECT_FALSE(bare.was_body_wanted);
  EXPECT_EQ(notes_.take(), std::vector<std::string>{"access.refused refused:csrf"});

  const Told lower = announce("/api/import", {cookie("auditor"), {"x-csrf-token", "right"}});
  EXPECT_EQ(lower.response.status, 403);
  EXPECT_NE(lower.response.body.find("\"forbidden\""), std::string::npos);
  EXPECT_NE(lower.response.body.find("Your role lacks the permission surveys.edit."),
            std::string::npos)
      << lower.response.body;
  EXPECT_FALSE(lower.was_body_wanted);
  EXPECT_EQ(notes_.take(), std::vector<std::string>{"access.refused refused:forbidden"});

  const Told scopeless = announce("/api/import", {{"authorization", "Bearer key"}});
  EXPECT_EQ(scopeless.response.status, 403);
  EXPECT_FALSE(scopeless.was_body_wanted);
  EXPECT_FALSE(announce("/api/mine", {{"authorization", "Bearer key"}}).was_body_wanted);

  const Told editor = announce("/api/import", {cookie("editor"), {"x-csrf-token", "right"}});
  EXPECT_EQ(editor.response.status, 200);
  EXPECT_TRUE(editor.was_body_wanted);
}

TEST_F(Trips, SayInTheLogThatSomebodyWantedToStoreMoreThanTheyMay) {
  fails_with_ = Code::QuotaExceeded;
  const Told told = send({Method::Post, "/api/store"});
  EXPECT_EQ(told.response.status, 422);
  EXPECT_NE(told.response.body.find("\"quota_exceeded\""), std::string::npos);
  EXPECT_EQ(notes_.take(), std::vector<std::string>{"storage.refuse refused:quota"});
  // Before anything is prepared to be stored, too.
  EXPECT_EQ(send({Method::Post, "/api/full"}).response.status, 422);
  EXPECT_EQ(notes_.take(), std::vector<std::string>{"storage.refuse refused:quota"});
}

TEST_F(Trips, SayInTheLogThatAFileWasHarmful) {
  const Told told = send({Method::Post, "/api/sick"});
  EXPECT_EQ(told.response.status, 400);
  EXPECT_NE(told.response.body.find("\"unsafe_file\""), std::string::npos);
  EXPECT_EQ(notes_.take(), std::vector<std::string>{"upload.refuse refused:malware"});
}

TEST_F(Trips, TakeTheCsrfTokenOfAFormFromItsField) {
  const auto post = [&](std::string target, std::string body) {
    return send({Method::Post, std::move(target), {cookie("editor")}, std::move(body), 0});
  };
  EXPECT_EQ(post("/goodbye", "csrf_token=right").response.status, 200);
  EXPECT_EQ(post("/goodbye", "csrf_token=wrong").response.status, 403);
  EXPECT_EQ(post("/goodbye", "other=right").response.status, 403);
  EXPECT_EQ(post("/goodbye", "").response.status, 403);
  // A route for programs takes it in the header alone.
  EXPECT_EQ(post("/api/mine", "csrf_token=right").response.status, 403);
}

TEST_F(Trips, TellAFailedCommitToPeopleAsAPageAndToProgramsAsAProblem) {
  struct Case {
    Code code;
    int status;
  };
  for (const Case& one : {Case{Code::StorageFull, 507}, Case{Code::StorageFailed, 503},
                          Case{Code::Overloaded, 503}, Case{Code::Internal, 500}}) {
    fails_with_ = one.code;
    const Told page = send({Method::Post, "/page", {{"accept", std::string(k_browser)}}});
    EXPECT_EQ(page.response.status, one.status);
    EXPECT_TRUE(page.is_page());
    EXPECT_NE(page.response.body.find("<h1>"), std::string::npos);
    EXPECT_NE(page.response.body.find(page.header("x-request-id")), std::string::npos);
    EXPECT_EQ(page.response.body.find("the disk says no"), std::string::npos);

    const Told worded = send({Method::Post, "/worded"});
    EXPECT_EQ(worded.response.status, one.status);
    EXPECT_EQ(worded.response.body, "<p>worded in fr");

    for (const std::string target : {"/api/store", "/page"}) {
      const Told program = send({Method::Post, target, {{"accept", "application/json"}}});
      EXPECT_EQ(program.response.status, one.status);
      EXPECT_EQ(program.header("content-type"), "application/problem+json");
    }
    const Told api = send({Method::Post, "/api/store", {{"accept", std::string(k_browser)}}});
    EXPECT_EQ(api.header("content-type"), "application/problem+json");
  }
}

TEST_F(Trips, AnswerWhatAStageThrowsAndGoOn) {
  struct Case {
    std::string_view who;
    int status;
  };
  for (const Case& one : {Case{"memory", 503}, Case{"mistake", 500}}) {
    for (const std::uint64_t declared : {std::uint64_t{0}, k_large_bytes}) {
      const Told told = send({Method::Post, "/api/import", {cookie(one.who)}, {}, declared});
      EXPECT_EQ(told.response.status, one.status);
      EXPECT_EQ(told.was_body_wanted, declared == 0);
      EXPECT_EQ(told.header("content-type"), "application/problem+json");
      EXPECT_EQ(told.response.body.find("of ours"), std::string::npos);
    }
  }
  EXPECT_EQ(send({Method::Post, "/api/thrown"}).response.status, 500);
  EXPECT_EQ(send({Method::Post, "/api/speechless"}).response.status, 500);
  EXPECT_EQ(announce("/api/import", {cookie("nobody")}).response.status, 401);
}

TEST_F(Trips, CutABodyWhosePieceThrows) {
  struct Thrower final : BodySource {
    Result<Piece> next() override { throw std::bad_alloc(); }
  };
  std::promise<Result<BodySource::Piece>> pulled;
  pipeline_->pull(std::make_shared<Thrower>(),
                  [&](Result<BodySource::Piece> piece) { pulled.set_value(std::move(piece)); });
  EXPECT_EQ(pulled.get_future().get().error().code, Code::Overloaded);
}

TEST_F(Trips, LendSnapshotsToAFewStreamsOfAPersonAndTakeThemBackWithTheBody) {
  std::vector<Told> open;
  for (std::uint64_t i = 0; i < k_streams_of_person_max; ++i) {
    open.push_back(send({Method::Get, "/api/stream", {cookie("editor")}}));
    EXPECT_EQ(open.back().response.status, 200);
  }
  const Told refused = send({Method::Get, "/api/stream", {cookie("editor")}});
  EXPECT_EQ(refused.response.status, 429);
  EXPECT_EQ(refused.header("retry-after"), std::to_string(k_stream_retry_after_s));
  EXPECT_NE(refused.response.body.find("downloads"), std::string::npos);
  // Whoever reads a little is not refused.
  EXPECT_EQ(send({Method::Post, "/api/mine", {cookie("editor"), {"x-csrf-token", "right"}}})
                .response.status,
            200);
  open.pop_back();
  EXPECT_EQ(send({Method::Get, "/api/stream", {cookie("editor")}}).response.status, 200);
}

TEST_F(Trips, TellAnUnknownAddressToBrowsersAsAPage) {
  const auto ask = [&](std::string_view accept) {
    std::vector<NamedText> headers;
    if (!accept.empty()) headers.push_back({"accept", std::string(accept)});
    return send({Method::Get, "/nowhere/<b>", std::move(headers)});
  };
  const Told page = ask(k_browser);
  EXPECT_EQ(page.response.status, 404);
  EXPECT_TRUE(page.is_page());
  EXPECT_EQ(page.response.body.find("nowhere"), std::string::npos);
  for (const std::string_view accept : {"", "*/*", "application/json", "text/html;q=0, */*"}) {
    const Told program = ask(accept);
    EXPECT_EQ(program.response.status, 404);
    EXPECT_EQ(program.header("content-type"), "application/problem+json") << accept;
  }
  const Told method = send({Method::Get, "/page", {{"accept", std::string(k_browser)}}});
  EXPECT_EQ(method.response.status, 405);
  EXPECT_EQ(method.header("allow"), "POST");
  EXPECT_TRUE(method.is_page());
}

}  // namespace
}  // namespace probity::web
