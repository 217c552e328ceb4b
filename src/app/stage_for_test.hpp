#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/admin.hpp"
#include "app/attest_probes.hpp"
#include "app/pipeline_dialer.hpp"
#include "app/site_module.hpp"
#include "approval/approval.hpp"
#include "attest/attest_module.hpp"
#include "audit/chain.hpp"
#include "feature/survey/survey_module.hpp"
#include "identity/sessions.hpp"
#include "keep/keep_module.hpp"
#include "support/own_database.hpp"
#include "web/pipeline.hpp"

namespace probity::app {

/// What a test may break before the server is put together: each is a control, none an answer on
/// its way out.
struct Sabotage {
  std::function<std::unique_ptr<identity::Authenticator>(store::Engine&, const Clock&)>
      authenticator;
  std::function<void(std::vector<web::Route>&)> routes;
  std::function<void(std::vector<std::unique_ptr<module::Module>>&)> modules;
  std::string_view hsts = web::PipelineOptions().hsts;
};

using Bent = std::function<Result<web::Answer>(web::Call&, const web::Handler& real)>;

/// Puts another handler in the place of each of the product's that `is_meant` names.
template <typename IsMeant>
void bend_routes(std::vector<web::Route>& routes, IsMeant is_meant, const Bent& handler) {
  int bent = 0;
  for (web::Route& route : routes) {
    if (!is_meant(route)) continue;
    ++bent;
    route.handler = [handler, real = route.handler](web::Call& call) {
      return handler(call, real);
    };
  }
  EXPECT_GT(bent, 0) << "there is no such route";
}

/// A server with one route bent.
inline Sabotage instead_of(web::Method method, std::string_view pattern, const Bent& handler) {
  Sabotage sabotage;
  sabotage.routes = [=](std::vector<web::Route>& routes) {
    bend_routes(
        routes, [&](const web::Route& r) { return r.pattern == pattern && r.method == method; },
        handler);
  };
  return sabotage;
}

/// What a handler gets to see, changed before it looks.
inline web::Request& request_of(web::Call& call) {
  return const_cast<web::Request&>(call.request());
}

/// The server without sockets, with every module, and the probes pointed at it.
class Stage {
 public:
  explicit Stage(Sabotage sabotage = {}, const std::string& kind = "sqlcipher")
      : store_(kind, &chain_) {
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
    modules_.push_back(approval::make_approval({*store_.engine, module::approvables_of(modules_)}));
    if (sabotage.modules) sabotage.modules(modules_);
    build(sabotage);
    dialer_ = std::make_shared<PipelineDialer>(*pipeline_);
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
  [[nodiscard]] Log& log() { return store_.log; }
  [[nodiscard]] std::filesystem::path data() const { return store_.data(); }
  [[nodiscard]] web::CallServices services() { return {*store_.engine, store_.clock, store_.log}; }
  /// A statement in the data of a scratch organisation, beneath every control of the program.
  void run_beneath(attest::Which which, std::string_view text) {
    const auto tenant = scratch_.tenant(which);
    ASSERT_TRUE(tenant);
    const store::Query query{"sabotage.run", "sabotage", text, text, 0, true};
    store::Change change{.grant = store::k_grant_all,
                         .apply = [&query](store::Tx& tx) -> Result<store::Journal> {
                           PROBITY_CHECK(tx.run(query, {}));
                           return store::Journal{};
                         },
                         .on_refusal = {}};
    ASSERT_TRUE(store_.engine->apply(store::Space::of(tenant->id), std::move(change)));
  }

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
    web::PipelineOptions options;
    options.hsts = sabotage.hsts;
    pipeline_ = std::make_unique<web::Pipeline>(
        std::move(*router), web::CallServices{*store_.engine, store_.clock, store_.log},
        *authenticator_, std::move(options));
  }

  audit::Chain chain_;
  support::EitherEngine store_;
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
