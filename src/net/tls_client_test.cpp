#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <utility>

#include "net/client_for_test.hpp"
#include "net/socket.hpp"

// The client of this room's tests. It lies in a file of this name because OpenSSL's headers stay in
// tls*.cpp.

namespace probity::net {
namespace {

constexpr int k_patience_s = 5;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

int to_version(int version) {
  switch (version) {
    case 10: return TLS1_VERSION;
    case 11: return TLS1_1_VERSION;
    case 12: return TLS1_2_VERSION;
    case 13: return TLS1_3_VERSION;
    default: return 0;
  }
}

void note_alert(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
  auto* alert = static_cast<std::string*>(SSL_get_app_data(ssl));
  if (alert != nullptr) *alert = SSL_alert_desc_string_long(value);
}

}  // namespace

struct Client::State {
  Socket socket;
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::unique_ptr<SSL, FreeSsl> ssl;
  std::string alert;
  std::string buffer;
  bool is_up = false;
  bool is_timed_out = false;

  /// Reads something more into the buffer; false at the end or when the time is up.
  bool more() {
    std::array<char, 16 * 1024> piece;
    long got = 0;
    errno = 0;
    if (ssl)
      got = SSL_read(ssl.get(), piece.data(), static_cast<int>(piece.size()));
    else
      got = ::recv(socket.fd(), piece.data(), piece.size(), 0);
    if (got <= 0) {
      is_timed_out = errno == EAGAIN;
      return false;
    }
    buffer.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }
  /// The next `bytes` of the stream, fewer at its end.
  std::string take(std::size_t bytes) {
    while (buffer.size() < bytes && more()) {
    }
    std::string out = buffer.substr(0, bytes);
    buffer.erase(0, out.size());
    return out;
  }
  /// Up to and with the mark; nothing when it never comes.
  std::string take_until(std::string_view mark) {
    std::size_t at = buffer.find(mark);
    while (at == std::string::npos) {
      if (!more()) return {};
      at = buffer.find(mark);
    }
    return take(at + mark.size());
  }
};

Client::Client(std::uint16_t port, Kind kind, const ClientOptions& options, const char* from)
    : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket writes raise it.
  state_->socket = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = state_->socket.fd();
  const timeval patience{k_patience_s, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (from != nullptr) {
    inet_pton(AF_INET, from, &address.sin_addr);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
  }
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
  if (kind == Kind::Plain) {
    state_->is_up = true;
    return;
  }
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = state_->context.get();
  SSL_CTX_set_security_level(context, 0);  // So that it can offer what the server must refuse.
  SSL_CTX_set_min_proto_version(context, to_version(options.version_min));
  SSL_CTX_set_max_proto_version(context, to_version(options.version_max));
  if (!options.tls12_suites.empty()) SSL_CTX_set_cipher_list(context, options.tls12_suites.c_str());
  if (!options.groups.empty()) SSL_CTX_set1_groups_list(context, options.groups.c_str());
  if (!options.alpn.empty()) {
    const std::string wire = static_cast<char>(options.alpn.size()) + options.alpn;
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
  }
  SSL_CTX_set_info_callback(context, note_alert);
  state_->ssl.reset(SSL_new(context));
  SSL_set_app_data(state_->ssl.get(), &state_->alert);
  SSL_set_fd(state_->ssl.get(), fd);
  if (!options.session.empty()) {
    const auto* der = reinterpret_cast<const unsigned char*>(options.session.data());
    const Session earlier(
        d2i_SSL_SESSION(nullptr, &der, static_cast<long>(options.session.size())));
    SSL_set_session(state_->ssl.get(), earlier.get());
  }
  state_->is_up = SSL_connect(state_->ssl.get()) == 1;
  ERR_clear_error();
}

Client::~Client() = default;

bool Client::is_up() const { return state_->is_up; }

bool Client::send(std::string_view text) {
  while (!text.empty()) {
    long sent = 0;
    if (state_->ssl)
      sent = SSL_write(state_->ssl.get(), text.data(), static_cast<int>(text.size()));
    else
      sent = ::send(state_->socket.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Reply Client::receive(Expect expect) {
  Reply reply;
  reply.head = state_->take_until("\r\n\r\n");
  if (reply.head.size() < 12) return reply;
  std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
  if (expect == Expect::NoBody || reply.status < 200 || reply.status == 204) {
    reply.is_complete = true;
    return reply;
  }
  if (reply.has("transfer-encoding: chunked")) {
    while (true) {
      const std::string line = state_->take_until("\r\n");
      std::size_t size = 0;
      if (line.empty() ||
          std::from_chars(line.data(), line.data() + line.size(), size, 16).ec != std::errc())
        return reply;
      const std::string piece = state_->take(size + 2);
      if (piece.size() != size + 2) return reply;
      if (size == 0) break;
      reply.body += piece.substr(0, size);
    }
    reply.is_complete = true;
    return reply;
  }
  std::size_t length = 0;
  if (const std::size_t at = reply.head.find("content-length: "); at != std::string::npos)
    std::from_chars(reply.head.data() + at + 16, reply.head.data() + reply.head.size(), length);
  reply.body = state_->take(length);
  reply.is_complete = reply.body.size() == length;
  return reply;
}

Reply Client::ask(std::string_view request) {
  if (!send(request)) return {};
  return receive();
}

std::string Client::receive_all() {
  while (state_->more()) {
  }
  return std::exchange(state_->buffer, {});
}

bool Client::sees_end() {
  while (state_->more()) {
  }
  return !state_->is_timed_out;
}

std::string Client::alert() const { return state_->alert; }
std::string Client::version() const { return SSL_get_version(state_->ssl.get()); }
std::string Client::suite() const { return SSL_get_cipher_name(state_->ssl.get()); }

std::string Client::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string Client::session() const {
  const Session session(SSL_get1_session(state_->ssl.get()));
  if (!session || SSL_SESSION_has_ticket(session.get()) == 0) return {};
  std::string der(static_cast<std::size_t>(i2d_SSL_SESSION(session.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_SSL_SESSION(session.get(), &out);
  return der;
}

std::string Client::ticket() const {
  const Session session(SSL_get1_session(state_->ssl.get()));
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (session) SSL_SESSION_get0_ticket(session.get(), &bytes, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

bool Client::is_resumed() const { return SSL_session_reused(state_->ssl.get()) == 1; }

long Client::serial() const {
  const std::unique_ptr<X509, FreeCertificate> peer(SSL_get1_peer_certificate(state_->ssl.get()));
  return peer ? ASN1_INTEGER_get(X509_get0_serialNumber(peer.get())) : 0;
}

bool Client::renegotiate() {
  SSL_renegotiate(state_->ssl.get());
  const bool is_done = SSL_do_handshake(state_->ssl.get()) == 1;
  ERR_clear_error();
  return is_done;
}

void Client::reset() {
  const linger hard{1, 0};
  ::setsockopt(state_->socket.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  state_->socket.close();
}

void write_certificate(const std::filesystem::path& folder, Instant not_before, Instant not_after,
                       long serial) {
  const std::unique_ptr<EVP_PKEY, FreeKey> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, FreeCertificate> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before.s());
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after.s());
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const File certificate_file(std::fopen((folder / "cert.pem").c_str(), "w"));
  PEM_write_X509(certificate_file.get(), certificate.get());
  const File key_file(std::fopen((folder / "key.pem").c_str(), "w"));
  PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

void write_other_key(const std::filesystem::path& folder) {
  const std::unique_ptr<EVP_PKEY, FreeKey> key(EVP_EC_gen("P-256"));
  const File file(std::fopen((folder / "key.pem").c_str(), "w"));
  PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace probity::net
