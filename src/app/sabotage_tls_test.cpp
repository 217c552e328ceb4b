#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

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
  explicit WeakServer(const Product& product, std::vector<std::string> extra)
      : product_(product), port_(free_port()) {
    std::vector<std::string> words{"openssl", "s_server",
                                   "-quiet",  "-www",
                                   "-accept", "127.0.0.1:" + std::to_string(port_),
                                   "-cert",   product.options.certificate.string(),
                                   "-key",    product.options.private_key.string()};
    words.insert(words.end(), extra.begin(), extra.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {0, 1, 2})
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
    const int rc = posix_spawnp(&pid_, "openssl", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(rc, 0);
    wait_until_it_listens();
  }
  ~WeakServer() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  WeakServer(const WeakServer&) = delete;
  WeakServer& operator=(const WeakServer&) = delete;

  [[nodiscard]] Finding probe(std::string_view name) const {
    const auto find = [this] {
      return Result<OwnListener>(
          listener_at(port_, product_.options.certificate, product_.options.private_key));
    };
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
  pid_t pid_ = -1;
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

/// A listener whose client does not look at names and issuers, or that breaks the protection.
class Bent final : public web::Dialer {
 public:
  using Bend = std::function<void(web::TalkAsk&)>;
  using Twist = std::function<void(web::Talk&)>;
  Bent(std::shared_ptr<web::Dialer> real, Bend bend, Twist twist)
      : real_(std::move(real)), bend_(std::move(bend)), twist_(std::move(twist)) {}
  Result<Bytes> exchange(BytesView sent, Span within, std::size_t enough) override {
    return real_->exchange(sent, within, enough);
  }
  Result<web::Talk> talk(const web::TalkAsk& ask) override {
    web::TalkAsk bent = ask;
    if (bend_) bend_(bent);
    auto talk = real_->talk(bent);
    if (talk && twist_) twist_(*talk);
    return talk;
  }

 private:
  std::shared_ptr<web::Dialer> real_;
  Bend bend_;
  Twist twist_;
};

Finding bent_probe(Product& product, std::string_view name, Bent::Bend bend, Bent::Twist twist) {
  const auto find = [&] {
    OwnListener listener = product.listener();
    listener.dialer = std::make_shared<Bent>(listener.dialer, bend, twist);
    return Result<OwnListener>(listener);
  };
  return run(attest::tls_probes(product.clock, find), name);
}

TEST(TlsProbes, SeeAHandshakeWithoutAuthentication) {
  Product product;
  const auto bend = [](web::TalkAsk& ask) { ask.trusted_pem.clear(); };
  EXPECT_FOUND(bent_probe(product, "tls.server_authenticated", bend, nullptr), Status::Broken);
}

TEST(TlsProbes, SeeAnUnprotectedRecord) {
  Product product;
  const auto twist = [](web::Talk& talk) {
    talk.records.push_back({false, 22, Bytes{22, 3, 3, 0, 1, 0}});
  };
  EXPECT_FOUND(bent_probe(product, "tls.records_encrypted", nullptr, twist), Status::Broken);
}

TEST(TlsProbes, SeeTheMarkOnTheWire) {
  Product product;
  std::string sent;
  const auto bend = [&sent](web::TalkAsk& ask) { sent = ask.send; };
  const auto twist = [&sent](web::Talk& talk) {
    talk.records.push_back({true, 23, to_bytes(as_bytes(sent))});
  };
  EXPECT_FOUND(bent_probe(product, "tls.records_encrypted", bend, twist), Status::Broken);
}

TEST(TlsProbes, SeeEarlyDataTaken) {
  Product product;
  const auto twist = [](web::Talk& talk) { talk.early_data = web::EarlyData::Accepted; };
  EXPECT_FOUND(bent_probe(product, "tls.records_encrypted", nullptr, twist), Status::Broken);
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

}  // namespace
}  // namespace probity::app
