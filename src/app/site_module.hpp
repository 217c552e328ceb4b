#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "jobs/scheduler.hpp"
#include "module/module.hpp"
#include "web/router.hpp"

namespace probity::app {

/// What the program says of itself as a whole: home page, health, OpenAPI, security.txt, privacy
/// pages, and in test mode the clock. Everything here is public or test-only.
struct SiteParts {
  SystemClock& clock;
  store::Engine& engine;
  jobs::Scheduler& scheduler;
  /// All modules, for the privacy inventory; complete before the first request.
  const std::vector<std::unique_ptr<module::Module>>& modules;
  /// Set once the router is built.
  std::function<const web::Router&()> router;
  /// Whether strangers are served: false closes /readyz.
  std::function<bool()> is_ready;
  std::string public_url;
  std::string security_contact;
  std::filesystem::path test_clock_file;  ///< Empty outside test mode.
  std::string version;
};

[[nodiscard]] std::unique_ptr<module::Module> make_site_module(SiteParts parts);

}  // namespace probity::app
