#include "keep/keep_module.hpp"

#include "keep/archive.hpp"
#include "keep/keep_fixture.hpp"
#include "keep/platform_tables.hpp"
#include "support/open_engine.hpp"
#include "web/call.hpp"
#include "web/limits.hpp"
#include "web/router.hpp"
#include "web/streams.hpp"

namespace probity::keep {
namespace {

/// The routes without the pipeline: who may call them is tested where pipelines are.
class ExportRoutes : public KeepRoom {
 protected:
  void begin() override {
    KeepRoom::begin();
    module = make_keep_module({*engine, clock, platform_tables});
    auto routes = module->routes();
    for (web::Route& route : routes)
      route.grant = module->grant();
    auto built = web::Router::build(std::move(routes));
    ASSERT_TRUE(built);
    router = std::make_unique<web::Router>(std::move(*built));
  }
  void end() override {
    router.reset();
    module.reset();
  }
  Result<web::Response> send(web::Method method, const std::string& target) {
    web::Request request;
    request.method = method;
    PROBITY_CHECK(web::set_target(request, target));
    const web::Match match = router->find(request);
    if (match.route == nullptr) return fail(Code::NotFound);
    EXPECT_EQ(match.route->access.permission(), identity::Permission::TenantExport);
    const identity::Principal owner = identity::Member{tenant,      UserId::make(clock.now()),
                                                       SessionId(), identity::Role::Owner,
                                                       clock.now(), clock.now()};
    web::Call call({*engine, clock, log, &streams}, *match.route, request, match.values, owner,
                   RequestId::make(clock.now()), Deadline());
    PROBITY_TRY(answer, match.route->handler(call));
    if (auto* response = std::get_if<web::Response>(&answer)) return std::move(*response);
    auto& prepared = std::get<web::Prepared>(answer);
    PROBITY_CHECK(engine->apply(space(), std::move(prepared.change)));
    return prepared.respond();
  }
  /// Asks for an export; its path.
  std::string ask() {
    auto asked = send(web::Method::Post, "/api/v1/export");
    EXPECT_TRUE(asked) << why(asked);
    if (!asked) return {};
    EXPECT_EQ(asked->status, 202);
    for (const auto& header : asked->headers)
      if (header.name == "location") return header.value;
    return {};
  }
  std::unique_ptr<module::Module> module;
  std::unique_ptr<web::Router> router;
  web::StreamBudget streams{web::k_streams_sqlcipher_max};
};
INSTANTIATE_TEST_SUITE_P(Engines, ExportRoutes, support::both_engines(), support::engine_name);

TEST_P(ExportRoutes, GiveAnArchiveThatASecondServerTakes) {
  const std::string path = ask();
  const auto state = send(web::Method::Get, path);
  ASSERT_TRUE(state) << why(state);
  EXPECT_NE(state->body.find("\"status\":\"ready\""), std::string::npos);
  auto archive = send(web::Method::Get, path + "/archive");
  ASSERT_TRUE(archive) << why(archive);
  ASSERT_TRUE(archive->source);
  std::string content;
  for (bool is_last = false; !is_last;) {
    auto piece = archive->source->next();
    ASSERT_TRUE(piece) << why(piece);
    content += piece->bytes;
    is_last = piece->is_last;
  }
  const auto file = directory.path() / "download.tar.gz";
  write_file(file, content);
  support::OpenEngine second;
  const auto imported = import_tenant(*second.engine, file, platform_tables(), clock.now());
  EXPECT_TRUE(imported) << why(imported);
}

TEST_P(ExportRoutes, ForgetAnExportAfterADay) {
  const std::string path = ask();
  clock.advance(k_export_life - Span::seconds(1));
  EXPECT_TRUE(send(web::Method::Get, path));
  clock.advance(Span::seconds(1));
  const auto state = send(web::Method::Get, path);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Code::NotFound);
  EXPECT_FALSE(send(web::Method::Get, path + "/archive"));
}

TEST_P(ExportRoutes, KnowNothingOfExportsThatWereNeverAskedFor) {
  const auto state =
      send(web::Method::Get, "/api/v1/export/" + JobId::make(clock.now()).text() + "/archive");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Code::NotFound);
}

}  // namespace
}  // namespace probity::keep
