#include "net/tls_dialer.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl.hpp"
#include "net/outgoing.hpp"

namespace probity::net {
namespace {

using web::EarlyData;
using web::Talk;
using web::TalkAsk;
using web::TlsVersion;
using web::WireRecord;

constexpr std::size_t k_read_max_bytes = 4 * 1024 * 1024;
/// A peer that keeps the connection open after the goodbyes is listened to for so long.
constexpr Span k_goodbye_limit = Span::millis(500);
constexpr std::size_t k_chunk_bytes = 16 * 1024;
constexpr std::size_t k_record_head_bytes = 5;

using Context = crypto::ssl::Owner<SSL_CTX, SSL_CTX_free>;
using Connection = crypto::ssl::Owner<SSL, SSL_free>;
using Ticket = crypto::ssl::Owner<SSL_SESSION, SSL_SESSION_free>;

/// Cuts one direction of a stream into records.
class RecordCutter {
 public:
  explicit RecordCutter(bool is_from_client) : is_from_client_(is_from_client) {}
  void add(BytesView bytes, std::vector<WireRecord>& out) {
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    while (rest_.size() >= k_record_head_bytes) {
      const std::size_t size = k_record_head_bytes + (rest_[3] << 8 | rest_[4]);
      if (rest_.size() < size) return;
      const auto end = rest_.begin() + static_cast<std::ptrdiff_t>(size);
      out.push_back({is_from_client_, rest_[0], Bytes(rest_.begin(), end)});
      rest_.erase(rest_.begin(), end);
    }
  }

 private:
  bool is_from_client_;
  Bytes rest_;
};

Result<Context> make_context(const TalkAsk& ask) {
  Context context(crypto::ssl::require(SSL_CTX_new(TLS_client_method())));
  const bool is_1_2 = ask.only == TlsVersion::Tls12;
  const bool is_1_3 = ask.only == TlsVersion::Tls13;
  SSL_CTX_set_min_proto_version(context.get(), is_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), is_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
  if (ask.trusted_pem.empty()) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    return context;
  }
  const crypto::ssl::Stream pem(crypto::ssl::require(
      BIO_new_mem_buf(ask.trusted_pem.data(), static_cast<int>(ask.trusted_pem.size()))));
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  int count = 0;
  while (const crypto::ssl::Certificate certificate{
      PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store, certificate.get()) == 1) ++count;
  }
  ERR_clear_error();
  if (count == 0) return fail(Code::Config, "no certificate to trust");
  // The issuer may be the server's own certificate, or one in the middle of its chain.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

bool is_numeric_address(const std::string& name) {
  std::array<std::uint8_t, 16> bytes;
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// One TLS connection over memory, so that every byte on the wire is seen.
class Conversation {
 public:
  Conversation(SSL_CTX* context, const TalkAsk& ask, Outgoing& wire, const Deadline& deadline)
      : ssl_(crypto::ssl::require(SSL_new(context))), wire_(wire), deadline_(deadline) {
    BIO* in = crypto::ssl::require(BIO_new(BIO_s_mem()));
    BIO* out = crypto::ssl::require(BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_connect_state(ssl_.get());
    if (ask.verified_at != Instant())
      X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_.get()), ask.verified_at.s());
    if (ask.server_name.empty()) return;
    if (is_numeric_address(ask.server_name)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), ask.server_name.c_str());
    } else {
      std::string name = ask.server_name;
      SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
      SSL_set1_host(ssl_.get(), name.c_str());
    }
  }

  void resume(SSL_SESSION* session) { SSL_set_session(ssl_.get(), session); }

  /// True when the handshake is done.
  [[nodiscard]] bool shake(const std::string& early_data) {
    if (!early_data.empty()) {
      std::size_t written = 0;
      SSL_write_early_data(ssl_.get(), early_data.data(), early_data.size(), &written);
    }
    for (;;) {
      ERR_clear_error();
      const int rc = SSL_do_handshake(ssl_.get());
      const bool is_flushed = flush();
      if (rc == 1) {
        is_cut_off_ = !is_flushed;
        return is_flushed;
      }
      const bool is_waiting = SSL_get_error(ssl_.get(), rc) == SSL_ERROR_WANT_READ;
      if (!is_waiting || !is_flushed || !fill(deadline_)) {
        is_cut_off_ = is_waiting;
        note_failure();
        return false;
      }
    }
  }
  [[nodiscard]] bool send(const std::string& plain) {
    std::size_t done = 0;
    while (done < plain.size()) {
      std::size_t written = 0;
      if (SSL_write_ex(ssl_.get(), plain.data() + done, plain.size() - done, &written) != 1)
        return false;
      done += written;
      if (!flush()) return false;
    }
    return true;
  }
  /// Appends plain text to `out` until the peer closes or the time is up.
  void receive(std::string& out, const Deadline& deadline) {
    std::array<char, k_chunk_bytes> chunk;
    while (out.size() < k_read_max_bytes) {
      std::size_t got = 0;
      ERR_clear_error();
      const int rc = SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &got);
      if (rc == 1) {
        out.append(chunk.data(), got);
        continue;
      }
      if (!flush()) return;
      if (SSL_get_error(ssl_.get(), rc) != SSL_ERROR_WANT_READ || !fill(deadline)) return;
    }
  }
  void describe(Talk& talk) {
    talk.is_established = SSL_is_init_finished(ssl_.get()) == 1 && failure_.empty();
    talk.failure = failure_;
    talk.is_cut_off = is_cut_off_;
    talk.version = SSL_get_version(ssl_.get());
    if (const char* name = SSL_get_cipher_name(ssl_.get())) talk.cipher = name;
    if (const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get())) {
      for (int i = 0; i < sk_X509_num(chain); ++i) {
        std::array<std::uint8_t, 32> digest;
        unsigned size = 0;
        X509_digest(sk_X509_value(chain, i), crypto::ssl::sha256(), digest.data(), &size);
        talk.chain_sha256_hex.push_back(to_hex(digest));
      }
    }
    talk.records = std::move(records_);
  }
  [[nodiscard]] Ticket ticket() { return Ticket(SSL_get1_session(ssl_.get())); }
  [[nodiscard]] bool was_early_data_accepted() const {
    return SSL_get_early_data_status(ssl_.get()) == SSL_EARLY_DATA_ACCEPTED;
  }
  /// Says goodbye, then sees what else travels until the connection ends or the time is up: what
  /// follows the peer's own goodbye belongs to the records as well.
  void close(const Deadline& deadline) {
    SSL_shutdown(ssl_.get());
    static_cast<void>(flush());
    for (std::size_t seen = 0; seen < k_read_max_bytes;) {
      const Bytes bytes = wire_.receive(deadline);
      if (bytes.empty()) return;
      from_server_.add(bytes, records_);
      seen += bytes.size();
    }
  }

 private:
  [[nodiscard]] bool flush() {
    std::array<std::uint8_t, k_chunk_bytes> chunk;
    for (;;) {
      const int got = BIO_read(SSL_get_wbio(ssl_.get()), chunk.data(), chunk.size());
      if (got <= 0) return true;
      const BytesView bytes = BytesView(chunk).first(static_cast<std::size_t>(got));
      from_client_.add(bytes, records_);
      if (!wire_.send(bytes, deadline_)) return false;
    }
  }
  [[nodiscard]] bool fill(const Deadline& deadline) {
    const Bytes bytes = wire_.receive(deadline);
    if (bytes.empty()) return false;
    from_server_.add(bytes, records_);
    return BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  void note_failure() {
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
      failure_ = X509_verify_cert_error_string(verified);
    } else if (const unsigned long code = ERR_peek_error(); code != 0) {
      const char* reason = ERR_reason_error_string(code);
      failure_ = reason != nullptr ? reason : "handshake failed";
    } else {
      failure_ = "the peer closed or did not answer";
    }
    ERR_clear_error();
  }

  Connection ssl_;
  Outgoing& wire_;
  const Deadline& deadline_;
  RecordCutter from_client_{true};
  RecordCutter from_server_{false};
  std::vector<WireRecord> records_;
  std::string failure_;
  bool is_cut_off_ = false;
};

class TlsDialer final : public web::Dialer {
 public:
  explicit TlsDialer(Target target) : target_(target) {}

  Result<Bytes> exchange(BytesView sent, Span within, std::size_t enough_bytes) override {
    const std::size_t enough = std::min(enough_bytes, web::k_exchange_max_bytes);
    const Deadline deadline = Deadline::after(within);
    PROBITY_TRY(wire, Outgoing::open(target_, deadline));
    Bytes received;
    // A peer that closes at once is an answer too.
    static_cast<void>(wire.send(sent, deadline));
    while (received.size() < enough) {
      const Bytes chunk = wire.receive(deadline);
      if (chunk.empty()) break;
      received.insert(received.end(), chunk.begin(), chunk.end());
    }
    return received;
  }

  Result<Talk> talk(const TalkAsk& ask) override {
    const Deadline deadline = Deadline::after(ask.within);
    PROBITY_TRY(context, make_context(ask));
    Talk talk;
    if (ask.early_data.empty()) {
      PROBITY_CHECK(converse(context.get(), ask, deadline, talk, nullptr));
      return talk;
    }
    TalkAsk first = ask;
    first.early_data.clear();
    Ticket ticket;
    PROBITY_CHECK(converse(context.get(), first, deadline, talk, &ticket));
    if (!talk.is_established || !ticket) return talk;
    const bool may_be_early = SSL_SESSION_get_max_early_data(ticket.get()) > 0;
    if (!may_be_early) {
      talk.early_data = EarlyData::Refused;
      return talk;
    }
    talk = {};
    PROBITY_CHECK(converse(context.get(), ask, deadline, talk, &ticket));
    return talk;
  }

 private:
  [[nodiscard]] Result<void> converse(SSL_CTX* context, const TalkAsk& ask,
                                      const Deadline& deadline, Talk& talk, Ticket* ticket) {
    PROBITY_TRY(wire, Outgoing::open(target_, deadline));
    Conversation conversation(context, ask, wire, deadline);
    if (ticket != nullptr && *ticket) conversation.resume(ticket->get());
    const bool is_shaken = conversation.shake(ask.early_data);
    if (is_shaken) {
      if (ask.listen_first > Span()) {
        conversation.receive(talk.received, Deadline::after(ask.listen_first));
        talk.has_spoken_first = !talk.received.empty();
      }
      if (conversation.send(ask.send)) conversation.receive(talk.received, deadline);
    }
    if (!ask.early_data.empty())
      talk.early_data =
          conversation.was_early_data_accepted() ? EarlyData::Accepted : EarlyData::Refused;
    if (ticket != nullptr && is_shaken) *ticket = conversation.ticket();
    if (is_shaken) conversation.close(Deadline::after(std::min(ask.within, k_goodbye_limit)));
    conversation.describe(talk);
    return {};
  }

  Target target_;
};

}  // namespace

Result<std::unique_ptr<web::Dialer>> make_dialer(const std::string& address) {
  PROBITY_TRY(target, parse_target(address));
  return std::unique_ptr<web::Dialer>(std::make_unique<TlsDialer>(target));
}

}  // namespace probity::net
