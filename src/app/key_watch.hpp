#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "crypto/keys.hpp"

namespace probity::app {

/// Takes over what `rotate-keys` makes of the key file, within a second, while the server runs. A
/// thread of its own that looks at the file's time twice a second; a file that cannot be read is
/// logged and the keys held stay.
class KeyWatch {
 public:
  /// Both references must outlive it.
  KeyWatch(crypto::MasterKeys& master, std::filesystem::path file, Log& log);
  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

 private:
  void watch(const std::stop_token& stop);

  crypto::MasterKeys& master_;
  std::filesystem::path file_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // Last: it uses the others.
};

}  // namespace probity::app
