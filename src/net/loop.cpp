#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.hpp"

namespace probity::net {
namespace {

/// Events taken from the kernel at once.
constexpr std::size_t k_events_max = 128;

Readiness to_readiness(std::uint32_t events) {
  return Readiness{(events & (EPOLLIN | EPOLLRDHUP)) != 0, (events & EPOLLOUT) != 0,
                   (events & EPOLLRDHUP) != 0, (events & (EPOLLERR | EPOLLHUP)) != 0};
}

}  // namespace

Loop::Loop(Span tick_every, std::function<void()> tick)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      tick_every_(tick_every),
      tick_(std::move(tick)),
      now_(monotonic_now()),
      next_tick_(now_ + tick_every) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // Null stands for the wake-up descriptor.
  ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wake_.fd(), &event);
}

Loop::~Loop() = default;

Result<void> Loop::add(int fd, Watched& watched, Trigger trigger) {
  epoll_event event{};
  // Edge-triggered descriptors are registered once, for everything, and never touched again: no
  // system call per request goes into telling the kernel what is wanted next.
  event.events = trigger == Trigger::Edge ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLIN;
  event.data.ptr = &watched;
  if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail(Code::Overloaded, std::string("epoll: ") + std::strerror(errno));
  return {};
}

void Loop::remove(int fd) { ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, fd, nullptr); }

void Loop::post(std::move_only_function<void()> task) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    was_empty = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (!was_empty) return;  // Whoever posted first has woken the loop already.
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.fd(), &one, sizeof(one));
}

void Loop::stop() {
  post([this] { is_stopping_ = true; });
}

int Loop::wait_ms() const {
  const Span left = std::max(Span(), next_tick_ - monotonic_now());
  return static_cast<int>(left.ms()) + 1;
}

void Loop::run_tasks() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
  }
  for (auto& task : running_)
    task();
  running_.clear();
}

void Loop::tick_when_due() {
  if (now_ < next_tick_) return;
  next_tick_ = now_ + tick_every_;
  tick_();
}

void Loop::run() {
  thread_ = std::this_thread::get_id();
  std::array<epoll_event, k_events_max> events{};
  while (!is_stopping_) {
    const int count =
        ::epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), wait_ms());
    now_ = monotonic_now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      // The wake-up descriptor is edge-triggered, so its counter never needs to be read.
      if (event.data.ptr != nullptr)
        static_cast<Watched*>(event.data.ptr)->on_ready(to_readiness(event.events));
    }
    run_tasks();
    tick_when_due();
  }
  const std::lock_guard lock(mutex_);
  tasks_.clear();
}

}  // namespace probity::net
