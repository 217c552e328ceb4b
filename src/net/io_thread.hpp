#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/address.hpp"
#include "net/census.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "net/tls.hpp"
#include "web/service.hpp"

namespace probity::net {

class Connection;
class IoThread;

/// What the service sends back to a connection.
using Letter = std::variant<web::Admission, web::Response, Result<web::BodySource::Piece>>;

/// How answers made on other threads find their connection: by number, so that nothing keeps a
/// connection alive and an answer to one that has gone is dropped. Threads: any.
class Mailbox {
 public:
  explicit Mailbox(IoThread& owner) : owner_(&owner) {}

  /// Delivered before the call returns when it comes from the connection's own thread.
  void deliver(std::uint64_t connection, Letter letter);
  /// Nothing is delivered any more.
  void close();

 private:
  void empty();

  struct Waiting {
    std::uint64_t connection;
    Letter letter;
  };
  std::mutex mutex_;
  IoThread* owner_;
  std::vector<Waiting> waiting_;
};

/// What all connections borrow; everything outlives them.
struct Surroundings {
  web::Service& service;
  const Clock& clock;
  Log& log;
  Census& census;
  const Patience& patience;
  const std::vector<web::Block>& trusted;
  const std::string& public_url;
};

/// One thread with its loop and its connections; a connection never changes its thread.
class IoThread {
 public:
  /// `on_tick` runs on the thread after its own work of each tick.
  IoThread(Surroundings surroundings, std::function<void()> on_tick);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();
  /// Ends the thread; connections are dropped. May be called twice.
  void stop();
  /// Takes over a connection that the census has counted. Any thread.
  void adopt(Accepted accepted, std::shared_ptr<const TlsContext> context);
  /// Says good-bye to everyone now. Any thread.
  void close_all();
  /// Ends idle connections and event streams; requests in progress are finished first. Any thread.
  void drain();
  /// Connections here; any thread.
  [[nodiscard]] std::size_t count() const { return count_.load(std::memory_order_relaxed); }

  // The rest is for connections, on the loop's thread.
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// Value of the Date header, made once a second.
  [[nodiscard]] std::string_view http_date();
  /// Room for one TLS record, shared by turns.
  [[nodiscard]] std::span<char> scratch() { return scratch_; }
  /// Has a connection that is at its end destroyed once nobody stands inside it.
  void bury(std::uint64_t connection);
  void receive(std::uint64_t connection, Letter letter);
  /// Calls the connection's resume() in the loop's next round.
  void resume_later(std::uint64_t connection);

 private:
  void open(Accepted accepted, const std::shared_ptr<const TlsContext>& context);
  void tick();
  template <typename Action>
  void for_each(Action action);

  Surroundings surroundings_;
  std::function<void()> on_tick_;
  Loop loop_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<std::uint64_t> buried_;
  std::uint64_t last_number_ = 0;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<bool> is_draining_ = false;
  std::int64_t date_s_ = -1;
  std::string date_;
  std::array<char, 17 * 1024> scratch_{};
  std::thread thread_;
};

}  // namespace probity::net
