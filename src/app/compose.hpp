#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/installation.hpp"
#include "attest/attest_module.hpp"
#include "identity/hasher.hpp"
#include "identity/login.hpp"
#include "identity/sessions.hpp"
#include "jobs/scheduler.hpp"
#include "module/module.hpp"
#include "net/server.hpp"
#include "web/file_scanner.hpp"
#include "web/pipeline.hpp"

namespace probity::app {

/// The whole server, built in one place and in one order; members are destroyed in reverse.
/// Nothing else in the program makes a service.
class Composition {
 public:
  /// Builds everything and opens the listener. The installation must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Composition>> build(const Config& config,
                                                                  Installation& installation);
  ~Composition();

  [[nodiscard]] net::Server& server() { return *server_; }
  [[nodiscard]] jobs::Scheduler& scheduler() { return *scheduler_; }
  /// Finishes what was accepted: listener, requests, jobs, lanes, in that order.
  void drain(Span within);

 private:
  Composition() = default;
  [[nodiscard]] Result<void> make_modules(const Config& config, Installation& installation);
  [[nodiscard]] Result<void> make_attest(const Config& config, Installation& installation);
  [[nodiscard]] Result<void> make_pipeline(const Config& config, Installation& installation);
  [[nodiscard]] Result<void> open_listener(const Config& config, Installation& installation);

  std::unique_ptr<identity::StoreAuthenticator> authenticator_;
  identity::Argon hasher_;
  std::unique_ptr<identity::Login> login_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  std::unique_ptr<web::FileScanner> scanner_;
  std::vector<std::unique_ptr<module::Module>> modules_;
  attest::AttestModule* attest_ = nullptr;  // One of modules_.
  std::unique_ptr<web::Pipeline> pipeline_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace probity::app
