#pragma once

#include <functional>
#include <memory>
#include <string>

#include "attest/probes.hpp"
#include "attest/statement.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "module/module.hpp"
#include "store/engine.hpp"

namespace probity::attest {

class Publisher;
class Runner;

/// What the statement works with; all outlive the module.
struct ModuleParts {
  store::Engine& engine;
  const Clock& clock;
  Log& log;
  Mode mode = Mode::Production;
  std::string build;  ///< Version and commit: results of another build do not count.
  /// The probes of this program, in the order of their first run; those of the statement itself
  /// are added by the module.
  std::function<Probes(const Ground&)> make_probes;
};

/// The statement as a module: its pages, its documents, evidence, and one job for each probe.
class AttestModule : public module::Module {
 public:
  /// Begins to measure: every probe once in the background. After the listener has opened.
  virtual void start() = 0;
  /// What is found from now on does not count; waits for nobody. Before the listener closes.
  virtual void begin_stop() = 0;
  /// Ends measuring: waits for the probe under way.
  virtual void stop() = 0;
  /// Waits until nothing is queued (test mode); false when that took longer.
  virtual bool settle(Span within) = 0;
  [[nodiscard]] virtual Publisher& publisher() = 0;
  [[nodiscard]] virtual Runner& runner() = 0;
};

/// Config when the catalogue is not whole; IntegrityError when the signing key does not open.
[[nodiscard]] Result<std::unique_ptr<AttestModule>> make_module(ModuleParts parts);

}  // namespace probity::attest
