#include "net/server.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <utility>

#include "net/census.hpp"
#include "net/io_thread.hpp"
#include "net/listener.hpp"
#include "net/tls.hpp"

namespace probity::net {
namespace {

/// Time for good-byes after a drain ran out of time.
constexpr Span k_last_words = Span::millis(500);

}  // namespace

struct Server::State {
  State(ServerOptions chosen, web::Service& to_serve, const Clock& time, Log& to_log)
      : options(std::move(chosen)),
        clock(time),
        log(to_log),
        service(to_serve),
        census(options.connections_max, options.connections_per_address_max),
        watch(options.certificate, options.private_key, time) {}
  ~State();

  [[nodiscard]] Result<void> start();
  // On the first thread's loop.
  void tick();
  void welcome(Accepted accepted);
  void apply(const CertificateView& view);
  void stop_accepting();
  // Any thread.
  void run_first(const std::function<void()>& task);
  [[nodiscard]] CertificateView look(CertificateWatch::Look how);
  void publish(bool is_open, std::string_view why_closed);

  ServerOptions options;
  const Clock& clock;
  Log& log;
  web::Service& service;
  Census census;
  std::vector<web::Block> trusted;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::unique_ptr<Listener> listener;
  std::size_t next_thread = 0;
  Span next_look;
  bool is_draining = false;
  std::shared_ptr<const TlsContext> context;  ///< Of new connections; first loop only.

  std::mutex watch_mutex;
  CertificateWatch watch;
  mutable std::mutex state_mutex;
  ListenerState shown;
};

Server::State::~State() {
  // First the thread that hands out connections, so that no other is given one after its end.
  for (const auto& thread : threads)
    thread->stop();
}

Result<void> Server::State::start() {
  for (const std::string& text : options.trusted_proxies) {
    const auto block = web::parse_block(text);
    if (!block) return fail(Code::Config, "not an address block: " + text);
    trusted.push_back(*block);
  }
  CertificateView view = look(CertificateWatch::Look::Always);
  if (view.fault != CertificateFault::None) {
    return fail(Code::Config, std::string(text_of(view.fault)) + ": " +
                                  options.certificate.string() + ", " +
                                  options.private_key.string());
  }
  context = view.context;

  const Surroundings surroundings{service,           clock, log, census, options.patience, trusted,
                                  options.public_url};
  const std::size_t count = std::max<std::size_t>(1, options.io_threads);
  for (std::size_t i = 0; i < count; ++i) {
    std::function<void()> on_tick = [] {};
    if (i == 0) on_tick = [this] { tick(); };
    threads.push_back(std::make_unique<IoThread>(surroundings, std::move(on_tick)));
  }
  listener = std::make_unique<Listener>(
      threads.front()->loop(), [this](Accepted accepted) { welcome(std::move(accepted)); });
  PROBITY_CHECK(listener->open_first(options.listen));
  shown.addresses = listener->addresses();
  publish(true, {});
  next_look = monotonic_now() + options.patience.watch;
  for (const auto& thread : threads)
    thread->start();
  log.info("listening",
           {{"addresses", shown.addresses.size()}, {"first", shown.addresses.front()}});
  return {};
}

void Server::State::welcome(Accepted accepted) {
  const auto cap = is_in(trusted, accepted.peer) ? Census::Cap::None : Census::Cap::ByAddress;
  if (!census.enter(accepted.peer, cap)) return;  // Closed before a byte is spent on TLS.
  next_thread = (next_thread + 1) % threads.size();
  IoThread* target = threads[next_thread].get();
  for (const auto& thread : threads)
    if (thread->count() < target->count()) target = thread.get();
  target->adopt(std::move(accepted), context);
}

CertificateView Server::State::look(CertificateWatch::Look how) {
  const std::lock_guard lock(watch_mutex);
  return watch.look(how);
}

void Server::State::tick() {
  if (is_draining) return;
  listener->resume();
  const Span now = threads.front()->loop().now();
  if (now < next_look) return;
  next_look = now + options.patience.watch;
  apply(look(CertificateWatch::Look::WhenChanged));
}

void Server::State::apply(const CertificateView& view) {
  if (is_draining) return;
  if (view.fault != CertificateFault::None) {
    if (!listener->is_open()) return publish(false, text_of(view.fault));
    // No certificate, no service: nothing falls back to plain text (SW-13).
    listener->close();
    context.reset();
    publish(false, text_of(view.fault));
    for (const auto& thread : threads)
      thread->close_all();
    return log.failure("listener_closed", {{"why", text_of(view.fault)}});
  }
  if (context != view.context) {
    context = view.context;
    log.info("certificate_loaded", {{"not_after", to_rfc3339(context->not_after())}});
  }
  if (listener->is_open()) return;
  if (!listener->open()) return publish(false, "address_in_use");
  publish(true, {});
  log.info("listener_open", {{"first", shown.addresses.front()}});
}

void Server::State::stop_accepting() {
  is_draining = true;
  listener->close();
  publish(false, "draining");
}

void Server::State::run_first(const std::function<void()>& task) {
  // Waits, so that what the caller does next meets the new state. The loop runs as long as we do.
  // The promise is shared: its setter may still be inside it when the waiter leaves.
  const auto done = std::make_shared<std::promise<void>>();
  threads.front()->loop().post([&task, done] {
    task();
    done->set_value();
  });
  done->get_future().wait();
}

void Server::State::publish(bool is_open, std::string_view why_closed) {
  const std::lock_guard lock(state_mutex);
  shown.is_open = is_open;
  shown.why_closed = why_closed;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, web::Service& service,
                                              const Clock& clock, Log& log) {
  auto state = std::make_unique<State>(std::move(options), service, clock, log);
  PROBITY_CHECK(state->start());
  return std::make_unique<Server>(std::move(state));
}

Result<void> Server::reload_certificate() {
  const CertificateView view = state_->look(CertificateWatch::Look::Always);
  state_->run_first([this, &view] { state_->apply(view); });
  if (view.fault != CertificateFault::None)
    return fail(Code::Config, std::string(text_of(view.fault)));
  return {};
}

ListenerState Server::state() const {
  const std::lock_guard lock(state_->state_mutex);
  ListenerState out = state_->shown;
  out.connections = state_->census.count();
  return out;
}

void Server::drain(Span within) {
  for (const auto& thread : state_->threads)
    thread->drain();
  state_->run_first([this] { state_->stop_accepting(); });
  if (state_->census.wait_until_empty(within)) return;
  state_->log.warn("drain_cut", {{"connections", state_->census.count()}});
  for (const auto& thread : state_->threads)
    thread->close_all();
  static_cast<void>(state_->census.wait_until_empty(k_last_words));
}

}  // namespace probity::net
