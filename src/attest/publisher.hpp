#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "attest/catalogue.hpp"
#include "attest/runner.hpp"
#include "attest/shelf.hpp"
#include "attest/signing.hpp"
#include "attest/statement.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/engine.hpp"

namespace probity::attest {

/// A statement at one moment: what is judged, and the signed document.
struct Edition {
  Instant made_at;
  std::int64_t version = 0;
  Predecessor previous;
  LogHead log_head;
  std::vector<Standing> standings;
  std::string document;
  bool has_demonstration = false;
};

/// What the publisher works with; all outlive it.
struct PublisherParts {
  store::Engine& engine;
  const Clock& clock;
  Log& log;
  const Catalogue& catalogue;
  Shelf& shelf;
  Runner& runner;
  const SigningDesk& desk;
  Mode mode = Mode::Production;
};

/// The organisation that runs the installation: its first tenant that is neither scratch nor a
/// demonstration nor destroyed. NotFound before there is one. It alone files evidence.
[[nodiscard]] Result<TenantId> operator_tenant(store::Engine& engine);

/// Makes the current statement and stores a version when its sentences, statuses or limits change.
/// Threads: any.
class Publisher {
 public:
  explicit Publisher(PublisherParts parts) : parts_(parts) {}

  /// The statement now; made at most once a second, so that nobody can keep the server busy.
  [[nodiscard]] Result<std::shared_ptr<const Edition>> current();
  /// The parts of an edition, for rendering.
  [[nodiscard]] StatementParts parts_of(const Edition& edition) const;
  /// Stores a version when the statement differs from the newest one; true when it did.
  [[nodiscard]] Result<bool> publish_if_changed();
  [[nodiscard]] Shelf& shelf() { return parts_.shelf; }
  [[nodiscard]] const SigningDesk& desk() const { return parts_.desk; }
  [[nodiscard]] const Catalogue& catalogue() const { return parts_.catalogue; }

 private:
  [[nodiscard]] Result<Measured> measure();

  PublisherParts parts_;
  std::mutex mutex_;  // Guards what is below.
  std::shared_ptr<const Edition> edition_;
  Span made_at_;
  std::mutex publishing_;  // One version at a time.
};

}  // namespace probity::attest
