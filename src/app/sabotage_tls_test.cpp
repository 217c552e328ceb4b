#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <mutex>
#include <thread>

#include "app/drill_listener.hpp"
#include "attest/probes_tls.hpp"
#include "crypto/certificate.hpp"
#include "net/server.hpp"
#include "net/service_for_test.hpp"
#include "net/tls_dialer.hpp"
#include "support/open_engine.hpp"

extern char** environ;

namespace probity::app {
namespace {

using attest::Finding;
using attest::OwnListener;
using attest::Status;

Finding run(const attest::Probes& probes, std::string_view name) {
  for (const attest::Probe& probe : probes) {
    if (probe.name != name) continue;
    auto finding = probe.run(Deadline::after(Span::seconds(60)));
    if (finding) return *finding;
    ADD_FAILURE() << name << ": " << finding.error().detail;
  }
  return {};
}

#define EXPECT_FOUND(finding, expected)                                        \
  do {                                                                         \
    const auto& seen_finding = (finding);                                      \
    EXPECT_EQ(attest::text_of(seen_finding.status), attest::text_of(expected)) \
        << seen_finding.evidence_json;                                         \
  } while (false)

OwnListener listener_at(std::uint16_t port, const std::filesystem::path& certificate,
                        const std::filesystem::path& key) {
  OwnListener listener;
  listener.dial = [](const std::string& address) -> Result<std::shared_ptr<web::Dialer>> {
    PROBITY_TRY(made, net::make_dialer(address));
    return std::shared_ptr<web::Dialer>(std::move(made));
  };
  listener.addresses = {"127.0.0.1:" + std::to_string(port)};
  listener.dialer = *listener.dial(listener.addresses.front());
  listener.certificate = certificate;
  listener.private_key = key;
  return listener;
}

/// The product's own listener, on a free port, with a certificate of its own.
struct Product {
  support::OwnDirectory folder;
  FakeClock clock;
  Log log{STDERR_FILENO, clock, LogLevel::Failure};
  net::TestService service{[](const web::Request& request, const std::string&) {
                             return web::json_response(200, request.path);
                           },
                           net::TestService::Mode::AtOnce};
  net::ServerOptions options;
  std::uint16_t port = 0;
  std::unique_ptr<net::Server> server;

  Product() {
    options.listen = {"127.0.0.1:0"};
    options.certificate = folder.path() / "cert.pem";
    options.private_key = folder.path() / "key.pem";
    EXPECT_TRUE(crypto::make_self_signed(options.certificate, options.private_key, {"localhost"},
                                         clock.now() - Span::hours(12),
                                         clock.now() + Span::hours(12)));
    auto started = net::Server::start(options, service, clock, log);
    if (!started) {
      ADD_FAILURE() << started.error().detail;
      return;
    }
    server = std::move(*started);
    const std::string address = server->state().addresses.front();
    port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  [[nodiscard]] OwnListener listener() const {
    return listener_at(port, options.certificate, options.private_key);
  }
  [[nodiscard]] Finding probe(std::string_view name) {
    return run(attest::tls_probes(clock, [this] { return Result<OwnListener>(listener()); }), name);
  }
};

/// A free port of loopback, for programs that can not choose one themselves.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* generic = &address;
  socklen_t size = sizeof address;
  ::bind(fd, static_cast<sockaddr*>(generic), size);
  ::getsockname(fd, static_cast<sockaddr*>(generic), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

/// A foreign TLS server with whatever weakness is asked for.
class WeakServer {
 public:
  /// Whether it answers with a page, or hangs up (it cannot do both early data and pages).
  enum class Answers : bool { Nothing, Page };
  explicit WeakServer(const Product& product, std::vector<std::string> extra,
                      Answers answers = Answers::Page)
      : product_(product), port_(free_port()) {
    std::vector<std::string> words{"openssl", "s_server",
                                   "-accept", "127.0.0.1:" + std::to_string(port_),
                                   "-cert",   product.options.certificate.string(),
                                   "-key",    product.options.private_key.string()};
    if (answers == Answers::Page) words.insert(words.end(), {"-www", "-quiet"});
    words.insert(words.end(), extra.begin(), extra.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // A server without pages ends when its input does: it gets one that never ends.
    EXPECT_EQ(::pipe2(input_.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_adddup2(&actions, input_[0], 0);
    for (const int fd : {1, 2})
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    const int rc = posix_spawnp(&pid_, "openssl", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(rc, 0);
    wait_until_it_listens();
  }
  ~WeakServer() {
    hanging_up_ = {};
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    for (const int fd : input_)
      ::close(fd);
  }
  WeakServer(const WeakServer&) = delete;
  WeakServer& operator=(const WeakServer&) = delete;

  /// Ends the next two connections in a moment each, by its command "q".
  void hang_up_twice() {
    hanging_up_ = std::jthread([this] {
      for (int i = 0; i < 2; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
        if (::write(input_[1], "q\n", 2) < 0) return;
      }
    });
  }
  [[nodiscard]] OwnListener listener() const {
    return listener_at(port_, product_.options.certificate, product_.options.private_key);
  }
  [[nodiscard]] Finding probe(std::string_view name) const {
    const auto find = [this] { return Result<OwnListener>(listener()); };
    return run(attest::tls_probes(product_.clock, find), name);
  }

 private:
  void wait_until_it_listens() const {
    const auto dialer = *net::make_dialer("127.0.0.1:" + std::to_string(port_));
    const Deadline deadline = Deadline::after(Span::seconds(20));
    while (!dialer->exchange({}, Span::millis(1), 1).has_value()) {
      ASSERT_FALSE(deadline.has_passed()) << "the foreign server does not start";
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  const Product& product_;
  std::uint16_t port_;
  std::array<int, 2> input_{-1, -1};
  pid_t pid_ = -1;
  std::jthread hanging_up_;
};

bool has_openssl() { return std::filesystem::exists("/usr/bin/openssl"); }

TEST(TlsProbes, HoldOnTheProduct) {
  Product product;
  for (const std::string_view name :
       {"tls.versions_modern", "tls.suites_strong", "tls.server_authenticated",
        "tls.records_encrypted", "tls.plain_refused"})
    EXPECT_FOUND(product.probe(name), Status::Held);
}

TEST(TlsProbes, AreUnknownWhenNothingListens) {
  Product product;
  const std::uint16_t closed = free_port();
  const auto find = [&] {
    return Result<OwnListener>(
        listener_at(closed, product.options.certificate, product.options.private_key));
  };
  for (const attest::Probe& probe : attest::tls_probes(product.clock, find)) {
    const auto finding = probe.run(Deadline());
    // Where the kernel's table is the evidence, a declared socket that is not there is a finding.
    if (probe.name == "tls.plain_refused") continue;
    EXPECT_FALSE(finding.has_value()) << probe.name;
  }
}

/// A listener that takes connections and closes them without a word, as a full server does.
class FullServer {
 public:
  FullServer() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* generic = &address;
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, static_cast<sockaddr*>(generic), size), 0);
    EXPECT_EQ(::listen(fd_, 64), 0);
    ::getsockname(fd_, static_cast<sockaddr*>(generic), &size);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd poll{fd_, POLLIN, 0};
        if (::poll(&poll, 1, 50) <= 0) continue;
        const int taken = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (taken >= 0) ::close(taken);
      }
    });
  }
  ~FullServer() {
    thread_.request_stop();
    thread_.join();
    ::close(fd_);
  }
  FullServer(const FullServer&) = delete;
  FullServer& operator=(const FullServer&) = delete;

  std::uint16_t port = 0;

 private:
  int fd_ = -1;
  std::jthread thread_;
};

TEST(TlsProbes, AreUnknownWhenTheServerIsFull) {
  Product product;
  const FullServer full;
  const auto find = [&] {
    return Result<OwnListener>(
        listener_at(full.port, product.options.certificate, product.options.private_key));
  };
  for (const attest::Probe& probe : attest::tls_probes(product.clock, find)) {
    if (probe.name == "tls.plain_refused") continue;
    auto finding = probe.run(Deadline::after(Span::seconds(60)));
    if (finding) EXPECT_FOUND(*finding, Status::Unknown);
  }
}

TEST(TlsProbes, SeeAnOldVersion) {
  if (!has_openssl()) GTEST_SKIP() << "needs the openssl command for a weak server";
  Product product;
  const WeakServer server(product, {"-tls1", "-cipher", "ALL:@SECLEVEL=0"});
  EXPECT_FOUND(server.probe("tls.versions_modern"), Status::Broken);
}

TEST(TlsProbes, SeeThatTheNewestVersionIsMissing) {
  if (!has_openssl()) GTEST_SKIP() << "needs the openssl command for a weak server";
  Product product;
  const WeakServer server(product, {"-no_tls1_3"});
  EXPECT_FOUND(server.probe("tls.versions_modern"), Status::Broken);
}

TEST(TlsProbes, SeeAWeakSuite) {
  if (!has_openssl()) GTEST_SKIP() << "needs the openssl command for a weak server";
  Product product;
  for (const char* cipher : {"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256",
                             "ECDHE-ECDSA-AES256-CCM:ECDHE-ECDSA-AES128-GCM-SHA256"}) {
    const WeakServer server(product, {"-cipher", cipher});
    EXPECT_FOUND(server.probe("tls.suites_strong"), Status::Broken);
  }
}

TEST(TlsProbes, HoldOnAStrictServerThatIsNotOurs) {
  if (!has_openssl()) GTEST_SKIP() << "needs the openssl command for a strict server";
  Product product;
  const WeakServer server(product, {"-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20"});
  EXPECT_FOUND(server.probe("tls.suites_strong"), Status::Held);
}

TEST(TlsProbes, SeeAnotherCertificateThanTheOneInUse) {
  Product product;
  Product other;
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.certificate = other.options.certificate;
    listener.private_key = other.options.private_key;
    return Result<OwnListener>(listener);
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.server_authenticated"),
               Status::Broken);
}

/// A listener whose client asks otherwise than it should.
class BentClient final : public web::Dialer {
 public:
  using Bend = std::function<void(web::TalkAsk&)>;
  BentClient(std::shared_ptr<web::Dialer> real, Bend bend)
      : real_(std::move(real)), bend_(std::move(bend)) {}
  Result<Bytes> exchange(BytesView sent, Span within, std::size_t enough) override {
    return real_->exchange(sent, within, enough);
  }
  Result<web::Talk> talk(const web::TalkAsk& ask) override {
    web::TalkAsk bent = ask;
    bend_(bent);
    return real_->talk(bent);
  }

 private:
  std::shared_ptr<web::Dialer> real_;
  Bend bend_;
};

OwnListener with_client(OwnListener listener, BentClient::Bend bend) {
  listener.dialer = std::make_shared<BentClient>(listener.dialer, std::move(bend));
  return listener;
}

TEST(TlsProbes, SeeAHandshakeWithoutAuthentication) {
  Product product;
  const auto find = [&] {
    return Result<OwnListener>(
        with_client(product.listener(), [](web::TalkAsk& ask) { ask.trusted_pem.clear(); }));
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.server_authenticated"),
               Status::Broken);
}

/// Carries bytes between client and product, and puts words of its own on the wire behind the
/// server's answer.
class Relay {
 public:
  using Words = std::function<Bytes()>;
  Relay(std::uint16_t to, Words words) : to_(to), words_(std::move(words)), port_(free_port()) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = at(port_);
    void* generic = &address;
    EXPECT_EQ(::bind(fd_, static_cast<sockaddr*>(generic), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~Relay() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  static sockaddr_in at(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static bool pass(int from, int to) {
    std::array<char, 16384> buffer;
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    return got > 0 && ::send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }
  void serve() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = at(to_);
      void* generic = &address;
      if (::connect(server, static_cast<sockaddr*>(generic), sizeof address) == 0)
        carry(client, server);
      const Bytes last = words_();
      static_cast<void>(::send(client, last.data(), last.size(), MSG_NOSIGNAL));
      ::close(server);
      ::close(client);
    }
  }
  /// Until the server is done.
  static void carry(int client, int server) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    bool has_client = true;
    while (::poll(ends.data(), ends.size(), 5'000) > 0) {
      if (ends[1].revents != 0 && !pass(server, client)) return;
      if (has_client && ends[0].revents != 0 && !pass(client, server)) {
        ::shutdown(server, SHUT_WR);
        has_client = false;
        ends[0].fd = -1;
      }
    }
  }

  std::uint16_t to_;
  Words words_;
  std::uint16_t port_;
  int fd_ = -1;
  std::jthread thread_;
};

TEST(TlsProbes, SeeAnUnprotectedRecord) {
  Product product;
  // A handshake record in clear, where everything ought to be protected.
  const Relay relay(product.port, [] { return Bytes{22, 3, 3, 0, 4, 0, 0, 0, 0}; });
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.dialer = *listener.dial(relay.address());
    return Result<OwnListener>(listener);
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.records_encrypted"),
               Status::Broken);
}

TEST(TlsProbes, SeeTheMarkOnTheWire) {
  Product product;
  std::mutex mutex;
  std::string sent;
  const Relay relay(product.port, [&] {
    const std::lock_guard lock(mutex);
    Bytes record{23, 3, 3, static_cast<std::uint8_t>(sent.size() >> 8),
                 static_cast<std::uint8_t>(sent.size())};
    std::ranges::copy(as_bytes(sent), std::back_inserter(record));
    return record;
  });
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.dialer = *listener.dial(relay.address());
    return Result<OwnListener>(with_client(listener, [&](web::TalkAsk& ask) {
      const std::lock_guard lock(mutex);
      sent = ask.send;
    }));
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.records_encrypted"),
               Status::Broken);
}

/// Leads who tries early data to another server than everybody else.
class Fork final : public web::Dialer {
 public:
  Fork(std::shared_ptr<web::Dialer> plain, WeakServer& early)
      : plain_(std::move(plain)), early_(early) {}
  Result<Bytes> exchange(BytesView sent, Span within, std::size_t enough) override {
    return plain_->exchange(sent, within, enough);
  }
  Result<web::Talk> talk(const web::TalkAsk& ask) override {
    if (ask.early_data.empty()) return plain_->talk(ask);
    early_.hang_up_twice();
    return early_.listener().dialer->talk(ask);
  }

 private:
  std::shared_ptr<web::Dialer> plain_;
  WeakServer& early_;
};

TEST(TlsProbes, SeeEarlyDataTaken) {
  if (!has_openssl()) GTEST_SKIP() << "needs the openssl command for a weak server";
  Product product;
  WeakServer server(product, {"-early_data", "-max_early_data", "16384"},
                    WeakServer::Answers::Nothing);
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.dialer = std::make_shared<Fork>(listener.dialer, server);
    return Result<OwnListener>(listener);
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.records_encrypted"),
               Status::Broken);
}

/// A listening socket that answers everybody with the same words, in plain text.
class PlainServer {
 public:
  explicit PlainServer(std::string words) : words_(std::move(words)), port_(free_port()) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* generic = &address;
    EXPECT_EQ(::bind(fd_, static_cast<sockaddr*>(generic), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~PlainServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      std::array<char, 4096> buffer;
      static_cast<void>(::recv(client, buffer.data(), buffer.size(), 0));
      static_cast<void>(::send(client, words_.data(), words_.size(), MSG_NOSIGNAL));
      ::close(client);
    }
  }

  std::string words_;
  std::uint16_t port_;
  int fd_ = -1;
  std::jthread thread_;
};

TEST(PlainProbe, SeesAListenerWithoutTls) {
  Product product;
  const PlainServer server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.addresses.push_back(server.address());
    return Result<OwnListener>(listener);
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.plain_refused"), Status::Broken);
}

TEST(PlainProbe, SeesAnUndeclaredSocket) {
  Product product;
  EXPECT_FOUND(product.probe("tls.plain_refused"), Status::Held);
  const PlainServer undeclared("");
  EXPECT_FOUND(product.probe("tls.plain_refused"), Status::Broken);
}

TEST(PlainProbe, AcceptsASocketThatOnlyRedirects) {
  Product product;
  const PlainServer server(
      "HTTP/1.1 308 Permanent Redirect\r\nlocation: https://localhost/\r\n\r\n");
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.addresses.push_back(server.address());
    return Result<OwnListener>(listener);
  };
  EXPECT_FOUND(run(attest::tls_probes(product.clock, find), "tls.plain_refused"), Status::Held);
}

Finding loss_found(DrillListenerParts parts = {}) {
  const support::OwnDirectory folder;
  return run(attest::loss_probes({.open = make_drill_listeners(folder.path(), std::move(parts))}),
             "tls.certificate_loss_closes");
}

TEST(LossProbe, HoldsOnTheProduct) { EXPECT_FOUND(loss_found(), Status::Held); }

TEST(LossProbe, SeesASupervisorThatDoesNotLook) {
  DrillListenerParts parts;
  parts.options = [](net::ServerOptions& options) { options.patience.watch = Span::hours(1); };
  EXPECT_FOUND(loss_found(std::move(parts)), Status::Broken);
}

TEST(LossProbe, SeesASupervisorThatLooksAtACopyOfTheKey) {
  // What a server does that took the key into its own keeping at the start.
  DrillListenerParts parts;
  parts.options = [](net::ServerOptions& options) {
    const std::filesystem::path copy = options.private_key.string() + ".kept";
    std::filesystem::copy_file(options.private_key, copy);
    std::filesystem::permissions(copy, std::filesystem::perms::owner_read);
    options.private_key = copy;
  };
  EXPECT_FOUND(loss_found(std::move(parts)), Status::Broken);
}

TEST(LossProbe, SeesASupervisorThatIgnoresExpiry) {
  DrillListenerParts parts;
  parts.sees_clock = false;
  EXPECT_FOUND(loss_found(std::move(parts)), Status::Broken);
}

TEST(LossProbe, IsNeverHeldWhenNoListenerCanBeOpened) {
  const auto probes =
      attest::loss_probes({.open = []() -> Result<std::unique_ptr<attest::DrillListener>> {
        return fail(Code::Overloaded, "no listener");
      }});
  EXPECT_FALSE(probes.front().run(Deadline::after(Span::seconds(5))).has_value());
}

}  // namespace
}  // namespace probity::app
