#include "net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace probity::net {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/// The socket as the BIO sees it.
struct SocketEnd {
  int fd = -1;
  bool may_have_bytes = true;  ///< False once it is empty, until the loop says otherwise.
  bool is_finished = false;    ///< The end of the stream is near: read on to it.
};

long receive(SocketEnd& end, char* into, std::size_t bytes) {
  if (!end.may_have_bytes) {
    errno = EAGAIN;
    return -1;
  }
  const long got = ::recv(end.fd, into, bytes, 0);
  // epoll(7): a short read from a stream socket has emptied it, and the next byte is a new edge.
  const bool is_short = got > 0 && static_cast<std::size_t>(got) < bytes && !end.is_finished;
  if (is_short || (got < 0 && errno == EAGAIN)) end.may_have_bytes = false;
  return got;
}

// A BIO over the socket: MSG_NOSIGNAL instead of a process-wide signal disposition, and no system
// call where the loop already knows that nothing is there.

int bio_read(BIO* bio, char* into, int bytes) {
  auto* end = static_cast<SocketEnd*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const long got = receive(*end, into, static_cast<std::size_t>(bytes));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int bytes) {
  const auto* end = static_cast<const SocketEnd*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const long sent = ::send(end->fd, from, static_cast<std::size_t>(bytes), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/// Made once for the life of the process, as OpenSSL's own methods are.
BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "probity socket");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

}  // namespace

struct TlsStream::State {
  SocketEnd end;
  std::unique_ptr<SSL, FreeSsl> ssl;
  bool is_established = false;
  bool is_broken = false;  ///< After a fatal error OpenSSL must not be asked to say good-bye.

  [[nodiscard]] Io classify(int result);
};

TlsStream::TlsStream(int fd, const std::shared_ptr<const TlsContext>& context)
    : state_(std::make_unique<State>()) {
  state_->end.fd = fd;
  state_->ssl.reset(SSL_new(context->handle()));
  BIO* bio = BIO_new(socket_method());
  if (!state_->ssl || bio == nullptr) {
    BIO_free(bio);
    state_->is_broken = true;
    return;
  }
  BIO_set_data(bio, &state_->end);
  BIO_set_init(bio, 1);
  SSL_set_bio(state_->ssl.get(), bio, bio);
  SSL_set_accept_state(state_->ssl.get());
}

TlsStream::~TlsStream() = default;

void TlsStream::note_readable() { state_->end.may_have_bytes = true; }
void TlsStream::note_finished() {
  state_->end.is_finished = true;
  state_->end.may_have_bytes = true;
}

Io TlsStream::State::classify(int result) {
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_WANT_READ: return Io::WantRead;
    case SSL_ERROR_WANT_WRITE: return Io::WantWrite;
    case SSL_ERROR_ZERO_RETURN: return Io::Ended;
    default: break;
  }
  is_broken = true;
  ERR_clear_error();
  return Io::Failed;
}

// SSL_get_error(3): what anything else on this thread left in OpenSSL's queue would be taken for an
// error of this connection, which is therefore cleared before each call.

Io TlsStream::handshake() {
  if (state_->is_broken) return Io::Failed;
  ERR_clear_error();
  const int result = SSL_do_handshake(state_->ssl.get());
  if (result != 1) return state_->classify(result);
  state_->is_established = true;
  return Io::Done;
}

Moved TlsStream::read_some(std::span<char> into) {
  if (state_->is_broken) return {};
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(state_->ssl.get(), into.data(), into.size(), &bytes);
  return result == 1 ? Moved{Io::Done, bytes} : Moved{state_->classify(result), 0};
}

Moved TlsStream::write_some(std::string_view from) {
  if (state_->is_broken) return {};
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(state_->ssl.get(), from.data(), from.size(), &bytes);
  return result == 1 ? Moved{Io::Done, bytes} : Moved{state_->classify(result), 0};
}

void TlsStream::say_goodbye() {
  if (!state_->is_established || state_->is_broken) return;
  SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

}  // namespace probity::net
