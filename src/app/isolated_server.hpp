#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "attest/isolated.hpp"
#include "identity/authenticator.hpp"
#include "module/module.hpp"
#include "web/route.hpp"

namespace probity::app {

/// What an isolated server is put together from. The product leaves every member as it is; a test
/// breaks one and sees the drill that looks at it turn red.
struct IsolatedParts {
  std::function<void(std::vector<web::Route>&)> routes;
  std::function<std::unique_ptr<identity::Authenticator>(store::Engine&, const Clock&)>
      authenticator;
  std::function<std::unique_ptr<store::Engine>(std::unique_ptr<store::Engine>)> engine;
  std::function<std::vector<module::ExportTable>()> tables;
};

/// Makes isolated servers in folders `drill-…` below `parent`, on SQLCipher whatever the running
/// server keeps its data in. Folders that a crash left behind are removed first.
[[nodiscard]] attest::MakeIsolated make_isolated_maker(std::filesystem::path parent,
                                                       IsolatedParts parts = {});

}  // namespace probity::app
