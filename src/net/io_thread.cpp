#include "net/io_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "net/connection.hpp"

namespace probity::net {

void Mailbox::deliver(std::uint64_t connection, Letter letter) {
  {
    const std::lock_guard lock(mutex_);
    if (owner_ == nullptr) return;
    if (!owner_->loop().is_own_thread()) {
      waiting_.push_back({connection, std::move(letter)});
      // The first letter rings; the others are found with it.
      if (waiting_.size() == 1) owner_->loop().post([this] { empty(); });
      return;
    }
  }
  owner_->receive(connection, std::move(letter));
}

void Mailbox::empty() {
  std::vector<Waiting> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(waiting_);
  }
  for (Waiting& waiting : letters)
    owner_->receive(waiting.connection, std::move(waiting.letter));
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  owner_ = nullptr;
  waiting_.clear();
}

IoThread::IoThread(Surroundings surroundings, std::function<void()> on_tick)
    : surroundings_(surroundings),
      on_tick_(std::move(on_tick)),
      loop_(surroundings.patience.tick, [this] { tick(); }),
      mailbox_(std::make_shared<Mailbox>(*this)) {}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
  thread_ = std::thread([this] {
    // Signals belong to the thread that waits for them.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "net");
    loop_.run();
  });
}

void IoThread::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  mailbox_->close();
  connections_.clear();
  count_ = 0;
}

void IoThread::adopt(Accepted accepted, std::shared_ptr<const TlsContext> context) {
  count_.fetch_add(1, std::memory_order_relaxed);
  if (loop_.is_own_thread()) return open(std::move(accepted), context);
  loop_.post([this, accepted = std::move(accepted), context = std::move(context)]() mutable {
    open(std::move(accepted), context);
  });
}

void IoThread::open(Accepted accepted, const std::shared_ptr<const TlsContext>& context) {
  const std::uint64_t number = ++last_number_;
  auto made = std::make_unique<Connection>(*this, number, std::move(accepted), context);
  Connection& connection = *made;
  connections_.emplace(number, std::move(made));
  connection.start();
}

void IoThread::close_all() {
  loop_.post([this] { for_each([](Connection& connection) { connection.close(); }); });
}

void IoThread::drain() {
  // At once, so that an answer on its way already says that it is the last.
  is_draining_ = true;
  loop_.post([this] { for_each([](Connection& connection) { connection.drain(); }); });
}

void IoThread::bury(std::uint64_t connection) {
  buried_.push_back(connection);
  if (buried_.size() > 1) return;
  loop_.post([this] {
    const auto numbers = std::exchange(buried_, {});
    for (const std::uint64_t number : numbers)
      connections_.erase(number);
    count_.fetch_sub(numbers.size(), std::memory_order_relaxed);
  });
}

void IoThread::receive(std::uint64_t connection, Letter letter) {
  const auto found = connections_.find(connection);
  if (found != connections_.end()) found->second->receive(std::move(letter));
}

void IoThread::resume_later(std::uint64_t connection) {
  loop_.post([this, connection] {
    const auto found = connections_.find(connection);
    if (found != connections_.end()) found->second->resume();
  });
}

template <typename Action>
void IoThread::for_each(Action action) {
  // None is destroyed and none is added while this runs: bury() only notes the number.
  for (auto& [number, connection] : connections_)
    action(*connection);
}

void IoThread::tick() {
  for_each([now = loop_.now()](Connection& connection) { connection.check_deadline(now); });
  on_tick_();
}

std::string_view IoThread::http_date() {
  const Instant now = surroundings_.clock.now();
  if (now.s() != date_s_) {
    date_s_ = now.s();
    date_ = to_http_date(now);
  }
  return date_;
}

}  // namespace probity::net
