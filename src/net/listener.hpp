#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "net/socket.hpp"

namespace probity::net {

/// The sockets strangers come to. Opened and closed as one; a port that was chosen by the kernel is
/// kept, so that reopening never moves the server. Loop's thread only, except open_first.
class Listener {
 public:
  /// `welcome` is called for each connection.
  Listener(Loop& loop, std::function<void(Accepted)> welcome);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Binds before the loop runs, so that a busy address is the caller's error. Config.
  [[nodiscard]] Result<void> open_first(const std::vector<std::string>& addresses);
  /// Opens again what close() closed; true when all addresses are open. Overloaded sockets that
  /// cannot be bound now stay closed until the next call.
  [[nodiscard]] bool open();
  void close();
  /// Listens again after descriptors ran out; called every tick.
  void resume();
  [[nodiscard]] bool is_open() const { return is_open_; }
  /// As bound, with the ports.
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  class Gate;
  Loop& loop_;
  std::function<void(Accepted)> welcome_;
  std::vector<std::unique_ptr<Gate>> gates_;
  bool is_open_ = false;
};

}  // namespace probity::net
