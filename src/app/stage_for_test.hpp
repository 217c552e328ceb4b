#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "admin/admin.hpp"
#include "app/attest_probes.hpp"
#include "app/site_module.hpp"
#include "attest/attest_module.hpp"
#include "audit/chain.hpp"
#include "base/text.hpp"
#include "feature/survey/survey_module.hpp"
#include "identity/sessions.hpp"
#include "keep/keep_module.hpp"
#include "support/open_engine.hpp"
#include "web/pipeline.hpp"

namespace probity::app {

/// Speaks HTTP to a pipeline in memory, as a TLS connection to the listener would.
class PipelineDialer final : public web::Dialer {
 public:
  explicit PipelineDialer(web::Pipeline& pipeline) : pipeline_(pipeline) {}
  Result<Bytes> exchange(BytesView, Span, std::size_t) override {
    return fail(Code::NotBuilt, "no socket");
  }
  Result<web::Talk> talk(const web::TalkAsk& ask) override {
    web::Talk talk;
    talk.is_established = true;
    talk.received = text_of(answer(request_of(ask.send)), Deadline::after(ask.within));
    return talk;
  }
  /// Changes every answer on its way out.
  std::function<void(const web::Request&, web::Response&)> on_answer;

 private:
  static web::Request request_of(std::string_view text) {
    web::Request request;
    const std::size_t end = text.find("\r\n\r\n");
    std::string_view head = text.substr(0, end);
    request.body = text.substr(end + 4);
    request.content_length = request.body.size();
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const auto words = split(line, ' ');
    request.method = *web::parse_method(words[0]);
    EXPECT_TRUE(web::set_target(request, words[1]));
    head.remove_prefix(line.size());
    while (head.starts_with("\r\n")) {
      head.remove_prefix(2);
      const std::string_view field = head.substr(0, head.find("\r\n"));
      const std::size_t colon = field.find(':');
      std::string name(field.substr(0, colon));
      for (char& c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      request.headers.push_back({name, std::string(trim(field.substr(colon + 1)))});
      if (name == "host") request.host = request.headers.back().value;
      head.remove_prefix(field.size());
    }
    request.peer.bytes = {192, 0, 2, 7};
    return request;
  }
  web::Response answer(web::Request request) {
    const web::Request seen = request;
    std::string body = std::move(request.body);
    request.body.clear();
    std::promise<web::Admission> admitted;
    pipeline_.admit(std::move(request),
                    [&](web::Admission a) { admitted.set_value(std::move(a)); });
    web::Admission admission = admitted.get_future().get();
    web::Response response;
    if (admission.refusal) {
      response = std::move(*admission.refusal);
    } else {
      std::promise<web::Response> done;
      pipeline_.serve(admission.exchange, std::move(body),
                      [&](web::Response r) { done.set_value(std::move(r)); });
      response = done.get_future().get();
    }
    pipeline_.finished(admission.exchange, response.status, 0);
    if (on_answer) on_answer(seen, response);
    return response;
  }
  std::string text_of(web::Response response, const Deadline& deadline) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " Words\r\n";
    for (const auto& header : response.headers)
      text += header.name + ": " + header.value + "\r\n";
    text += "\r\n" + response.body;
    if (!response.source) return text;
    const std::shared_ptr<web::BodySource> source = std::move(response.source);
    while (!deadline.has_passed()) {
      std::promise<Result<web::BodySource::Piece>> pulled;
      pipeline_.pull(source,
                     [&](Result<web::BodySource::Piece> p) { pulled.set_value(std::move(p)); });
      auto piece = pulled.get_future().get();
      if (!piece) break;
      text += piece->bytes;
      if (piece->is_last) break;
      std::this_thread::sleep_for(std::chrono::microseconds(piece->wait.us()));
    }
    return text;
  }

  web::Pipeline& pipeline_;
};

/// What a test may break before the server is put together.
struct Sabotage {
  std::function<std::unique_ptr<identity::Authenticator>(store::Engine&, const Clock&)>
      authenticator;
  std::function<void(std::vector<web::Route>&)> routes;
  std::function<void(const web::Request&, web::Response&)> answers;
};

/// The server without sockets, with every module, and the probes pointed at it.
class Stage {
 public:
  explicit Stage(Sabotage sabotage = {}) {
    store_.clock.set(Instant::from_s(1'800'000'000));
    EXPECT_TRUE(store_.engine->create_tenant("main", ""));
    authenticator_ = sabotage.authenticator ? sabotage.authenticator(*store_.engine, store_.clock)
                                            : std::make_unique<identity::StoreAuthenticator>(
                                                  *store_.engine, store_.clock);
    auto attest = attest::make_module({*store_.engine, store_.clock, store_.log});
    EXPECT_TRUE(attest);
    modules_.push_back(
        make_site_module({site_clock_,
                          *store_.engine,
                          scheduler_,
                          modules_,
                          [this]() -> const web::Router& { return pipeline_->router(); },
                          [] { return true; },
                          "",
                          "",
                          {},
                          "test"}));
    modules_.push_back(
        admin::make_admin({*store_.engine, store_.clock, *authenticator_, login_, hasher_}));
    modules_.push_back(
        std::make_unique<survey::SurveyModule>(*store_.engine, store_.clock, store_.log));
    modules_.push_back(std::move(*attest));
    modules_.push_back(keep::make_keep_module(
        {*store_.engine, store_.clock, [] { return std::vector<module::ExportTable>(); }}));
    build(sabotage);
    dialer_ = std::make_shared<PipelineDialer>(*pipeline_);
    dialer_->on_answer = sabotage.answers;
  }
  ~Stage() {
    if (pipeline_) pipeline_->stop();
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] attest::Ground ground() { return {*store_.engine, store_.clock, scratch_}; }
  [[nodiscard]] attest::FindListener find() {
    return [this] {
      attest::OwnListener listener;
      listener.dialer = dialer_;
      return Result<attest::OwnListener>(listener);
    };
  }
  [[nodiscard]] attest::Finding run(const attest::Probes& probes, std::string_view name) {
    for (const attest::Probe& probe : probes) {
      if (probe.name != name) continue;
      auto finding = probe.run(Deadline::after(Span::seconds(120)));
      if (finding) return *finding;
      ADD_FAILURE() << name << ": " << finding.error().detail << finding.error().hint;
    }
    return {};
  }
  [[nodiscard]] store::Engine& engine() { return *store_.engine; }
  [[nodiscard]] FakeClock& clock() { return store_.clock; }
  [[nodiscard]] std::filesystem::path data() const { return store_.data(); }

 private:
  void build(const Sabotage& sabotage) {
    std::vector<web::Route> routes;
    for (const auto& module : modules_) {
      for (web::Route& route : module->routes()) {
        route.grant = module->grant();
        routes.push_back(std::move(route));
      }
    }
    if (sabotage.routes) sabotage.routes(routes);
    auto router = web::Router::build(std::move(routes));
    ASSERT_TRUE(router) << router.error().detail;
    pipeline_ = std::make_unique<web::Pipeline>(
        std::move(*router), web::CallServices{*store_.engine, store_.clock, store_.log},
        *authenticator_, web::PipelineOptions{});
  }

  audit::Chain chain_;
  support::OpenEngine store_{&chain_};
  attest::Scratch scratch_{*store_.engine, store_.clock};
  identity::Argon hasher_;
  identity::Login login_{*store_.engine, store_.clock, hasher_};
  std::unique_ptr<identity::Authenticator> authenticator_;
  SystemClock site_clock_;  // For the routes of test mode alone.
  jobs::Scheduler scheduler_{*store_.engine, store_.clock, store_.log};
  std::vector<std::unique_ptr<module::Module>> modules_;
  std::unique_ptr<web::Pipeline> pipeline_;
  std::shared_ptr<PipelineDialer> dialer_;
};

#define EXPECT_FOUND(finding, expected)                                        \
  do {                                                                         \
    const auto& seen_finding = (finding);                                      \
    EXPECT_EQ(attest::text_of(seen_finding.status), attest::text_of(expected)) \
        << seen_finding.evidence_json;                                         \
  } while (false)

}  // namespace probity::app
