#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "attest/listener.hpp"
#include "attest/probes.hpp"
#include "store/engine.hpp"
#include "web/request.hpp"

namespace probity::attest {

/// What a drill watches and stops in the store of an isolated server. Each may be empty; an error
/// is what the server gets to see instead.
struct StoreHooks {
  /// Ahead of every statement of a reader or a Change, with its values beneath all file encryption.
  std::function<Result<void>(const store::Query&, store::Values)> statement;
  /// Ahead of handing out a space's keys.
  std::function<Result<void>()> keys;
  /// After a Change was committed, ahead of telling the one who waits.
  std::function<Result<void>()> committed;
};

/// Content of an archive's files by name.
using ArchiveFiles = std::map<std::string, std::string>;

/// A whole server apart from the running one: the same modules, pipeline and store in a folder of
/// its own, under throw-away keys, a clock of its own and without sockets. What drills damage.
/// Everything is gone with it. One thread.
class Isolated {
 public:
  virtual ~Isolated() = default;
  [[nodiscard]] virtual Ground ground() = 0;
  /// To its front door, in memory.
  [[nodiscard]] virtual FindListener find() = 0;
  /// Where it keeps everything it writes.
  [[nodiscard]] virtual const std::filesystem::path& folder() const = 0;
  /// Requests come from this address from now on.
  virtual void come_from(const web::Address& peer) = 0;
  /// How far its clock is from the machine's; zero at first.
  virtual void set_clock_off(Span by) = 0;
  /// Its clock stands still at that moment.
  virtual void hold_clock(Instant at) = 0;
  virtual void hook(StoreHooks hooks) = 0;
  /// Closes the store and opens it again with files that behave as planned.
  [[nodiscard]] virtual Result<void> reopen(const store::FaultPlan& faults) = 0;
  /// All it has logged, at the most talkative level.
  [[nodiscard]] virtual std::string log_text() = 0;
  /// Makes the organisation of an archive, as `probity import` does.
  [[nodiscard]] virtual Result<store::TenantRecord> import_archive(std::string_view archive) = 0;
  [[nodiscard]] virtual Result<ArchiveFiles> unpack(std::string_view archive) = 0;
};

using MakeIsolated = std::function<Result<std::unique_ptr<Isolated>>()>;

}  // namespace probity::attest
