#include "app/compose.hpp"

#include <fmt/format.h>

#include <utility>

#include "admin/admin.hpp"
#include "app/attest_probes.hpp"
#include "app/keep_commands.hpp"
#include "app/own_certificate.hpp"
#include "app/own_listener.hpp"
#include "app/site_module.hpp"
#include "app/test_clock.hpp"
#include "approval/approval.hpp"
#include "embedded/build_info.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/survey_module.hpp"
#include "keep/keep_module.hpp"
#include "net/clamd.hpp"
#include "web/router.hpp"

namespace probity::app {
namespace {

std::vector<std::string> hosts_of(const std::string& public_url) {
  const auto host = public_host(public_url);
  if (!host) return {};
  // Health checks and the server's own probes come by loopback.
  return {*host, "localhost", "127.0.0.1", "[::1]"};
}

}  // namespace

Result<std::unique_ptr<Composition>> Composition::build(const Config& config,
                                                        Installation& installation) {
  std::unique_ptr<Composition> built(new Composition());
  PROBITY_CHECK(ensure_own_certificate(config, installation.clock(), installation.log()));
  built->authenticator_ =
      std::make_unique<identity::StoreAuthenticator>(installation.engine(), installation.clock());
  built->login_ = std::make_unique<identity::Login>(installation.engine(), installation.clock(),
                                                    built->hasher_);
  built->scheduler_ = std::make_unique<jobs::Scheduler>(installation.engine(), installation.clock(),
                                                        installation.log());
  PROBITY_CHECK(built->make_modules(config, installation));
  PROBITY_CHECK(built->make_pipeline(config, installation));
  PROBITY_CHECK(built->open_listener(config, installation));
  built->scheduler_->start();
  built->attest_->start();
  return built;
}

Result<void> Composition::make_modules(const Config& config, Installation& installation) {
  SiteParts site{installation.clock(),
                 installation.engine(),
                 *scheduler_,
                 modules_,
                 [this]() -> const web::Router& { return pipeline_->router(); },
                 [this] { return server_ && server_->state().is_open; },
                 config.public_url,
                 config.security_contact,
                 config.is_test_mode ? test_clock_file(config.data) : std::filesystem::path(),
                 std::string(embedded::build_version)};
  modules_.push_back(make_site_module(std::move(site)));
  modules_.push_back(admin::make_admin({installation.engine(), installation.clock(),
                                        *authenticator_, *login_, hasher_, config.public_url}));
  auto surveys = std::make_unique<survey::SurveyModule>(installation.engine(), installation.clock(),
                                                        installation.log(), installation.ledger());
  surveys->sign_forms_with(*authenticator_);
  surveys->show_links_at(config.public_url);
  if (!config.file_scanner.empty()) {
    PROBITY_TRY(target, net::parse_target(config.file_scanner));
    scanner_ = std::make_unique<net::Clamd>(target);
  }
  surveys->scan_files_with(scanner_.get());
  surveys->bound_storage({config.member_max_files, config.member_max_bytes});
  modules_.push_back(std::move(surveys));
  modules_.push_back(
      keep::make_keep_module({installation.engine(), installation.clock(), archive_tables}));
  modules_.push_back(
      approval::make_approval({installation.engine(), module::approvables_of(modules_)}));
  PROBITY_CHECK(make_attest(config, installation));
  for (const auto& module : modules_)
    for (jobs::Job& job : module->jobs())
      scheduler_->add(std::move(job));
  scheduler_->add({"app.certificate", Span::hours(24), Span::minutes(5),
                   [&config, &installation](Instant) -> Result<std::string> {
                     PROBITY_CHECK(
                         ensure_own_certificate(config, installation.clock(), installation.log()));
                     return "checked";
                   }});
  return {};
}

Result<void> Composition::make_attest(const Config& config, Installation& installation) {
  attest::ModuleParts parts{installation.engine(), installation.clock(), installation.log()};
  parts.mode = config.is_test_mode ? attest::Mode::Test : attest::Mode::Production;
  parts.build = fmt::format("{} {}", embedded::build_version, embedded::build_commit);
  const auto find = make_listener_finder(config, [this] { return server_.get(); });
  parts.make_probes = [find, data = config.data, public_url = config.public_url,
                       &log = installation.log()](const attest::Ground& ground) {
    return all_probes(ground, {find, data, log, public_url});
  };
  PROBITY_TRY(made, attest::make_module(std::move(parts)));
  attest_ = made.get();
  modules_.push_back(std::move(made));
  return {};
}

Result<void> Composition::make_pipeline(const Config& config, Installation& installation) {
  std::vector<web::Route> routes;
  for (const auto& module : modules_) {
    for (web::Route& route : module->routes()) {
      route.grant = module->grant();
      routes.push_back(std::move(route));
    }
  }
  PROBITY_TRY(router, web::Router::build(std::move(routes)));
  web::PipelineOptions options;
  options.request_workers = static_cast<std::size_t>(config.request_workers);
  options.is_test_mode = config.is_test_mode;
  options.hosts = hosts_of(config.public_url);
  if (config.hsts_preload) options.hsts = "max-age=63072000; includeSubDomains; preload";
  pipeline_ = std::make_unique<web::Pipeline>(
      std::move(router),
      web::CallServices{installation.engine(), installation.clock(), installation.log()},
      *authenticator_, std::move(options));
  return {};
}

Result<void> Composition::open_listener(const Config& config, Installation& installation) {
  net::ServerOptions options;
  options.listen = config.listen;
  options.certificate = config.certificate;
  options.private_key = config.private_key;
  options.trusted_proxies = config.trusted_proxies;
  options.public_url = config.public_url;
  options.connections_max = static_cast<std::size_t>(config.connections_max);
  PROBITY_TRY(server, net::Server::start(std::move(options), *pipeline_, installation.clock(),
                                         installation.log()));
  server_ = std::move(server);
  return {};
}

void Composition::drain(Span within) {
  // The statement's probes are clients of the listener: what they see from here on does not count,
  // and nobody waits for them before the listener closes.
  if (attest_ != nullptr) attest_->begin_stop();
  if (server_) server_->drain(within);
  if (attest_ != nullptr) attest_->stop();
  if (scheduler_) scheduler_->stop();
  if (pipeline_) pipeline_->stop();
}

Composition::~Composition() { drain(Span::seconds(1)); }

}  // namespace probity::app
