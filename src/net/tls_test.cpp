#include "net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "net/server_for_test.hpp"
#include "net/tls_stream.hpp"

namespace probity::net {
namespace {

bool connects(std::uint16_t port, const ClientOptions& options) {
  return Client(port, Client::Kind::Tls, options).is_up();
}

TEST(Tls, SpeaksVersions12And13Only) {
  ServerFixture at;
  at.start();
  for (const int version : {10, 11}) {
    Client client(at.port, Client::Kind::Tls, {.version_min = version, .version_max = version});
    EXPECT_FALSE(client.is_up()) << version;
    EXPECT_EQ(client.alert(), "protocol version") << version;
  }
  Client tls12(at.port, Client::Kind::Tls, {.version_max = 12});
  EXPECT_EQ(tls12.version(), "TLSv1.2");
  EXPECT_EQ(tls12.ask(k_get).status, 200);
  Client tls13(at.port, Client::Kind::Tls, {.version_min = 13});
  EXPECT_EQ(tls13.version(), "TLSv1.3");
}

TEST(Tls, OffersEphemeralKeysWithAuthenticatedSuitesOnly) {
  ServerFixture at;
  at.start();
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                            "ECDHE-ECDSA-CHACHA20-POLY1305"})
    EXPECT_TRUE(connects(at.port, {.version_max = 12, .tls12_suites = suite})) << suite;
  for (const char* suite :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "AES256-SHA",
        "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM", "aNULL", "eNULL", "PSK"})
    EXPECT_FALSE(connects(at.port, {.version_max = 12, .tls12_suites = suite})) << suite;
}

TEST(Tls, OffersX25519AndP256Only) {
  ServerFixture at;
  at.start();
  for (const char* group : {"X25519", "P-256"})
    EXPECT_TRUE(connects(at.port, {.groups = group})) << group;
  for (const char* group : {"P-521", "P-384", "X448", "ffdhe2048", "ffdhe3072"})
    EXPECT_FALSE(connects(at.port, {.groups = group})) << group;
  // In TLS 1.2 as well; there the certificate's own group must be among those of the client.
  for (const char* group : {"X25519:P-256", "P-256"})
    EXPECT_TRUE(connects(at.port, {.version_max = 12, .groups = group})) << group;
  for (const char* group : {"P-521", "P-384", "P-224", "secp256k1"})
    EXPECT_FALSE(connects(at.port, {.version_max = 12, .groups = group})) << group;
}

// A ticket is name, vector, ciphertext and then an authentication of all three: whatever is changed
// is found before anything is opened, and the client is served as one without a ticket.
TEST(Tls, TakesNoTicketWithAnyByteChanged) {
  ServerFixture at;
  at.start();
  Client first(at.port, Client::Kind::Tls, {.version_min = 13});
  ASSERT_EQ(first.ask(k_get).status, 200);
  const std::string session = first.session();
  const std::string ticket = first.ticket();
  const std::size_t place = session.find(ticket);
  ASSERT_GT(ticket.size(), 16U + 16U + 32U);
  ASSERT_NE(place, std::string::npos);
  Client again(at.port, Client::Kind::Tls, {.version_min = 13, .session = session});
  ASSERT_TRUE(again.is_up());
  EXPECT_TRUE(again.is_resumed());
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    std::string changed = session;
    changed[place + i] = static_cast<char>(changed[place + i] ^ 1);
    Client client(at.port, Client::Kind::Tls, {.version_min = 13, .session = changed});
    ASSERT_TRUE(client.is_up()) << "byte " << i;
    EXPECT_FALSE(client.is_resumed()) << "byte " << i;
  }
}

TEST(Tls, GivesTicketsOfTls13Only) {
  ServerFixture at;
  at.start();
  Client client(at.port, Client::Kind::Tls, {.version_max = 12});
  ASSERT_EQ(client.ask(k_get).status, 200);
  EXPECT_EQ(client.session(), "");
}

TEST(Tls, AgreesOnHttp11OrNothing) {
  ServerFixture at;
  at.start();
  Client http(at.port, Client::Kind::Tls, {.alpn = "http/1.1"});
  EXPECT_EQ(http.alpn(), "http/1.1");
  EXPECT_EQ(Client(at.port).alpn(), "");
  Client h2(at.port, Client::Kind::Tls, {.alpn = "h2"});
  EXPECT_FALSE(h2.is_up());
  EXPECT_EQ(h2.alert(), "no application protocol");
}

TEST(Tls, TakesNoPartInRenegotiation) {
  ServerFixture at;
  at.start();
  Client client(at.port, Client::Kind::Tls, {.version_max = 12});
  ASSERT_TRUE(client.is_up());
  EXPECT_FALSE(client.renegotiate());
}

TEST(Tls, IsNotTroubledByWhatOthersLeftInTheErrorQueue) {
  const ServerFixture at;
  CertificateWatch watch(at.folder / "cert.pem", at.folder / "key.pem", at.clock);
  const auto view = watch.look(CertificateWatch::Look::Always);
  ASSERT_TRUE(view.context);
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  {
    TlsStream stream(ends[0], view.context);
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> peer(SSL_new(context.get()), SSL_free);
    SSL_set_fd(peer.get(), ends[1]);
    Io done = Io::WantRead;
    for (int i = 0; i < 20 && done != Io::Done; ++i) {
      SSL_connect(peer.get());
      stream.note_readable();
      done = stream.handshake();
    }
    ASSERT_EQ(done, Io::Done);
    std::array<char, 10> into{};
    ERR_raise(ERR_LIB_USER, 1);
    EXPECT_EQ(stream.read_some(into).io, Io::WantRead);
  }
  ERR_clear_error();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Certificate, IsValidFromItsFirstSecondUntilItsLast) {
  ServerFixture at;
  const Instant first = at.clock.now();
  write_certificate(at.folder, first, first + Span::days(1));
  CertificateWatch watch(at.options.certificate, at.options.private_key, at.clock);
  const auto fault_at = [&](Instant now) {
    at.clock.set(now);
    return watch.look(CertificateWatch::Look::WhenChanged).fault;
  };
  EXPECT_EQ(fault_at(first - Span::seconds(1)), CertificateFault::NotYetValid);
  EXPECT_EQ(fault_at(first), CertificateFault::None);
  EXPECT_EQ(fault_at(first + Span::days(1) - Span::seconds(1)), CertificateFault::None);
  EXPECT_EQ(fault_at(first + Span::days(1)), CertificateFault::Expired);
}

TEST(Certificate, FaultsAreNamed) {
  ServerFixture at;
  CertificateWatch watch(at.options.certificate, at.options.private_key, at.clock);
  const auto fault = [&] { return watch.look(CertificateWatch::Look::WhenChanged).fault; };
  const auto view = watch.look(CertificateWatch::Look::WhenChanged);
  EXPECT_EQ(view.fault, CertificateFault::None);
  EXPECT_TRUE(view.is_new);
  EXPECT_FALSE(watch.look(CertificateWatch::Look::WhenChanged).is_new);
  write_other_key(at.folder);
  EXPECT_EQ(fault(), CertificateFault::KeyMismatch);
  std::filesystem::resize_file(at.options.private_key, 10);
  EXPECT_EQ(fault(), CertificateFault::KeyUnreadable);
  std::filesystem::remove(at.options.private_key);
  EXPECT_EQ(fault(), CertificateFault::KeyMissing);
  std::filesystem::resize_file(at.options.certificate, 10);
  EXPECT_EQ(fault(), CertificateFault::KeyMissing);
  write_other_key(at.folder);
  EXPECT_EQ(fault(), CertificateFault::CertificateUnreadable);
  std::filesystem::remove(at.options.certificate);
  EXPECT_EQ(fault(), CertificateFault::CertificateMissing);
  write_certificate(at.folder, at.clock.now(), at.clock.now() + Span::days(1));
  EXPECT_EQ(fault(), CertificateFault::None);
}

/// SW-13: whatever happens to the certificate, nobody is served without it.
struct LostCertificate : testing::Test {
  ServerFixture at{nullptr, TestService::Mode::OtherThread};

  void expect_shut(std::string_view why, Client& client) {
    ASSERT_TRUE(eventually([&] { return at.server->state().why_closed == why; }))
        << at.server->state().why_closed;
    EXPECT_FALSE(at.server->state().is_open);
    EXPECT_TRUE(client.sees_end());
    EXPECT_EQ(client.alert(), "close notify");
    // Refused, not answered in plain text.
    EXPECT_FALSE(Client(at.port, Client::Kind::Plain).is_up());
    EXPECT_TRUE(eventually([&] { return at.server->state().connections == 0; }));
  }
  void expect_open_again(long serial) {
    ASSERT_TRUE(eventually([&] { return at.server->state().is_open; }));
    Client client(at.port);
    ASSERT_TRUE(client.is_up());
    EXPECT_EQ(client.serial(), serial);
    EXPECT_EQ(client.ask(k_get).status, 200);
  }
};

TEST_F(LostCertificate, DeletedAndBroughtBack) {
  at.start();
  Client client(at.port);
  EXPECT_EQ(client.ask(k_get).status, 200);
  std::filesystem::remove(at.options.certificate);
  expect_shut("certificate_missing", client);
  write_certificate(at.folder, at.clock.now(), at.clock.now() + Span::days(1), 2);
  expect_open_again(2);
}

TEST_F(LostCertificate, ExpiredByTheClock) {
  at.start();
  Client client(at.port);
  EXPECT_EQ(client.ask(k_get).status, 200);
  at.clock.advance(Span::hours(12));
  expect_shut("certificate_expired", client);
  write_certificate(at.folder, at.clock.now(), at.clock.now() + Span::days(1), 3);
  expect_open_again(3);
}

TEST_F(LostCertificate, WithAKeyOfAnother) {
  at.start();
  Client client(at.port);
  EXPECT_EQ(client.ask(k_get).status, 200);
  write_other_key(at.folder);
  expect_shut("key_mismatch", client);
  EXPECT_FALSE(at.server->reload_certificate());
  write_certificate(at.folder, at.clock.now(), at.clock.now() + Span::days(1), 4);
  EXPECT_TRUE(at.server->reload_certificate());
  expect_open_again(4);
}

TEST(Certificate, IsReplacedWhileConnectionsGoOn) {
  ServerFixture at;
  // A look between its two files would find the key of another and shut every connection.
  at.options.patience.watch = Span::minutes(1);
  at.start();
  Client old_one(at.port);
  EXPECT_EQ(old_one.serial(), 1);
  write_certificate(at.folder, at.clock.now(), at.clock.now() + Span::days(1), 9);
  ASSERT_TRUE(at.server->reload_certificate());
  EXPECT_EQ(Client(at.port).serial(), 9);
  EXPECT_EQ(old_one.ask(k_get).status, 200);
}

}  // namespace
}  // namespace probity::net
