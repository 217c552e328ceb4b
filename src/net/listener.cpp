#include "net/listener.hpp"

#include <utility>

namespace probity::net {
namespace {

/// Connections taken in one round, so that a flood of new ones does not starve the old.
constexpr int k_accepts_per_round = 64;

}  // namespace

/// One address.
class Listener::Gate final : public Watched {
 public:
  Gate(Listener& listener, Endpoint endpoint) : listener_(listener), endpoint_(endpoint) {}

  Result<void> bind() {
    PROBITY_TRY(socket, listen_on(endpoint_));
    endpoint_.port = port_of(socket);
    socket_ = std::move(socket);
    return {};
  }

  Result<void> watch() {
    PROBITY_CHECK(listener_.loop_.add(socket_.fd(), *this, Trigger::Level));
    is_watched_ = true;
    return {};
  }

  void pause() {
    if (is_watched_) listener_.loop_.remove(socket_.fd());
    is_watched_ = false;
  }

  void close() {
    pause();
    socket_.close();
  }

  void on_ready(Readiness) override {
    for (int i = 0; i < k_accepts_per_round && socket_.is_open(); ++i) {
      auto accepted = accept_from(socket_);
      if (accepted) {
        listener_.welcome_(std::move(*accepted));
        continue;
      }
      // Out of descriptors: looking again at once would only burn the processor.
      if (accepted.error().code == Code::Overloaded) pause();
      return;
    }
  }

  [[nodiscard]] bool is_bound() const { return socket_.is_open(); }
  [[nodiscard]] bool is_watched() const { return is_watched_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  Listener& listener_;
  Endpoint endpoint_;
  Socket socket_;
  bool is_watched_ = false;
};

Listener::Listener(Loop& loop, std::function<void(Accepted)> welcome)
    : loop_(loop), welcome_(std::move(welcome)) {}

Listener::~Listener() = default;

Result<void> Listener::open_first(const std::vector<std::string>& addresses) {
  if (addresses.empty()) return fail(Code::Config, "no address to listen on");
  for (const std::string& text : addresses) {
    PROBITY_TRY(endpoint, parse_endpoint(text));
    auto gate = std::make_unique<Gate>(*this, endpoint);
    PROBITY_CHECK(gate->bind());
    PROBITY_CHECK(gate->watch());
    gates_.push_back(std::move(gate));
  }
  is_open_ = true;
  return {};
}

bool Listener::open() {
  bool is_complete = true;
  for (const auto& gate : gates_) {
    if (gate->is_bound()) continue;
    if (!gate->bind() || !gate->watch()) {
      gate->close();
      is_complete = false;
    }
  }
  is_open_ = is_complete;
  return is_complete;
}

void Listener::close() {
  for (const auto& gate : gates_)
    gate->close();
  is_open_ = false;
}

void Listener::resume() {
  for (const auto& gate : gates_)
    if (gate->is_bound() && !gate->is_watched()) static_cast<void>(gate->watch());
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> out;
  out.reserve(gates_.size());
  for (const auto& gate : gates_)
    out.push_back(text_of(gate->endpoint()));
  return out;
}

}  // namespace probity::net
