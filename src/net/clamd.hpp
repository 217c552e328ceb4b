#pragma once

#include <semaphore>
#include <string_view>

#include "net/outgoing.hpp"
#include "web/file_scanner.hpp"

namespace probity::net {

/// Asks ClamAV's daemon by its command INSTREAM (clamd(8)), by a connection for each file. One scan
/// takes at most half a minute; every reply but "OK" and "FOUND" counts as none. One file at a
/// time: who comes meanwhile waits two seconds for their turn, so that a daemon that hangs holds
/// one worker and no more.
class Clamd final : public web::FileScanner {
 public:
  explicit Clamd(const Target& target) : target_(target) {}

  [[nodiscard]] Result<void> check(std::string_view file, const Deadline& deadline) override;

 private:
  Target target_;
  std::binary_semaphore turn_{1};
};

}  // namespace probity::net
