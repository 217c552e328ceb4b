#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/secret.hpp"

namespace probity::net {
namespace {

constexpr const char* k_tls12_suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* k_tls13_suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* k_groups = "X25519:P-256";
constexpr const char* k_signatures =
    "ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512";
constexpr std::string_view k_protocol = "http/1.1";
/// A certificate chain or key file is a few kilobytes.
constexpr std::size_t k_file_max_bytes = 1024 * 1024;
constexpr Span k_ticket_key_life = Span::hours(1);

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

std::unexpected<Error> refuse_certificate(CertificateFault fault) {
  ERR_clear_error();
  return fail(Code::Config, std::string(text_of(fault)));
}

}  // namespace

class TicketKeys {
 public:
  struct TicketKey {
    std::array<std::uint8_t, 16> name{};
    std::array<std::uint8_t, 32> seal{};
    std::array<std::uint8_t, 32> mac{};
    Span made;
  };

  TicketKeys() = default;
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys() {
    wipe(&current_, sizeof(current_));
    wipe(&previous_, sizeof(previous_));
  }

  /// The key to seal with; nothing when the random generator fails, and then there is no ticket.
  [[nodiscard]] bool current(TicketKey& out) {
    const std::lock_guard lock(mutex_);
    if (!rotate_when_due()) return false;
    out = current_;
    return true;
  }
  /// The key of that name while it still opens.
  [[nodiscard]] bool named(const unsigned char* name, TicketKey& out) {
    const std::lock_guard lock(mutex_);
    if (!rotate_when_due()) return false;
    for (const TicketKey* key : {&current_, &previous_}) {
      if (key->made.us() != 0 && std::equal(key->name.begin(), key->name.end(), name)) {
        out = *key;
        return true;
      }
    }
    return false;
  }

 private:
  bool rotate_when_due() {
    const Span now = monotonic_now();
    if (current_.made.us() != 0 && now - current_.made < k_ticket_key_life) return true;
    TicketKey next;
    next.made = now;
    if (RAND_bytes(next.name.data(), 16) != 1 || RAND_bytes(next.seal.data(), 32) != 1 ||
        RAND_bytes(next.mac.data(), 32) != 1)
      return false;
    // A key that was not used for two lives is too old to open anything.
    previous_ = now - current_.made < k_ticket_key_life * 2 ? current_ : TicketKey{};
    current_ = next;
    wipe(&next, sizeof(next));
    return true;
  }

  std::mutex mutex_;
  TicketKey current_;
  TicketKey previous_;
};

struct TlsContext::Native {
  Context handle;
  std::shared_ptr<TicketKeys> tickets;
  Instant not_before;
  Instant not_after;
};

namespace {

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  for (unsigned at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1,
                                std::min<std::size_t>(offered[at], offered_size - at - 1));
    if (name != k_protocol) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  // A client that only speaks something else would read our answer as garbage.
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* vector, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int is_sealing) {
  // TLS 1.2 resumption repeats the old secret; only 1.3 adds a fresh key exchange.
  if (SSL_version(ssl) < TLS1_3_VERSION) return 0;
  auto* tickets = static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  TicketKeys::TicketKey key;
  if (tickets == nullptr || !(is_sealing != 0 ? tickets->current(key) : tickets->named(name, key)))
    return 0;
  char digest[] = "SHA256";
  std::array<OSSL_PARAM, 3> params{
      OSSL_PARAM_construct_octet_string("key", key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
  bool is_ready = EVP_MAC_CTX_set_params(mac, params.data()) == 1;
  if (is_sealing != 0) {
    std::copy(key.name.begin(), key.name.end(), name);
    is_ready = is_ready && RAND_bytes(vector, EVP_MAX_IV_LENGTH) == 1 &&
               EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.seal.data(), vector) == 1;
  } else {
    is_ready = is_ready &&
               EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.seal.data(), vector) == 1;
  }
  wipe(&key, sizeof(key));
  if (!is_ready) return -1;
  // 2 on opening: the client gets a new ticket, so each is used about once.
  return is_sealing != 0 ? 1 : 2;
}

Result<Context> make_context(TicketKeys& tickets) {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const raw = context.get();
  if (raw == nullptr) return fail(Code::Internal, "OpenSSL gives no context");
  SSL_CTX_set_security_level(raw, 2);
  const bool is_set = SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(raw, k_tls12_suites) == 1 &&
                      SSL_CTX_set_ciphersuites(raw, k_tls13_suites) == 1 &&
                      SSL_CTX_set1_groups_list(raw, k_groups) == 1 &&
                      SSL_CTX_set1_sigalgs_list(raw, k_signatures) == 1;
  if (!is_set) return fail(Code::Internal, "OpenSSL refuses the TLS policy");
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                               SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(raw, (k_ticket_key_life * 2).s());
  SSL_CTX_set_num_tickets(raw, 1);
  const unsigned char scope[] = "probity";
  SSL_CTX_set_session_id_context(raw, scope, sizeof(scope) - 1);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  SSL_CTX_set_app_data(raw, &tickets);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, use_ticket_key);
  return context;
}

/// A whole small file, or nothing.
std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string text(k_file_max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > k_file_max_bytes || file.bad()) return {};
  return text;
}

Bio memory_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int no_passphrase(char*, int, int, void*) { return -1; }

Instant to_instant(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Instant();
  return Instant::from_s(::timegm(&parts));
}

Result<void> use_certificate(TlsContext::Native& native, std::string_view pem) {
  const Bio bio = memory_of(pem);
  const Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (!leaf || SSL_CTX_use_certificate(native.handle.get(), leaf.get()) != 1)
    return refuse_certificate(CertificateFault::CertificateUnreadable);
  native.not_before = to_instant(X509_get0_notBefore(leaf.get()));
  native.not_after = to_instant(X509_get0_notAfter(leaf.get()));
  for (int i = 0; i < 10; ++i) {
    const Certificate issuer(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!issuer) break;
    if (SSL_CTX_add1_chain_cert(native.handle.get(), issuer.get()) != 1)
      return refuse_certificate(CertificateFault::CertificateUnreadable);
  }
  ERR_clear_error();  // The end of the file is an error to the PEM reader.
  return {};
}

Result<void> use_key(SSL_CTX* context, std::string_view pem) {
  const Bio bio = memory_of(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return refuse_certificate(CertificateFault::KeyUnreadable);
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return refuse_certificate(CertificateFault::KeyMismatch);
  return {};
}

}  // namespace

std::string_view text_of(CertificateFault fault) {
  switch (fault) {
    case CertificateFault::None: return "";
    case CertificateFault::CertificateMissing: return "certificate_missing";
    case CertificateFault::CertificateUnreadable: return "certificate_unreadable";
    case CertificateFault::KeyMissing: return "key_missing";
    case CertificateFault::KeyUnreadable: return "key_unreadable";
    case CertificateFault::KeyMismatch: return "key_mismatch";
    case CertificateFault::Expired: return "certificate_expired";
    case CertificateFault::NotYetValid: return "certificate_not_yet_valid";
  }
  return "";
}

std::shared_ptr<TicketKeys> make_ticket_keys() { return std::make_shared<TicketKeys>(); }

Result<std::shared_ptr<const TlsContext>> TlsContext::load(
    const std::filesystem::path& certificate, const std::filesystem::path& key,
    const std::shared_ptr<TicketKeys>& tickets) {
  const auto certificate_pem = read_file(certificate);
  if (!certificate_pem) return refuse_certificate(CertificateFault::CertificateUnreadable);
  auto key_pem = read_file(key);
  if (!key_pem) return refuse_certificate(CertificateFault::KeyUnreadable);
  auto native = std::make_unique<Native>();
  native->tickets = tickets;
  PROBITY_TRY(context, make_context(*tickets));
  native->handle = std::move(context);
  PROBITY_CHECK(use_certificate(*native, *certificate_pem));
  const auto used = use_key(native->handle.get(), *key_pem);
  wipe(key_pem->data(), key_pem->size());
  PROBITY_CHECK(used);
  return std::make_shared<const TlsContext>(std::move(native));
}

TlsContext::TlsContext(std::unique_ptr<Native> native) : native_(std::move(native)) {}
TlsContext::~TlsContext() = default;

ssl_ctx_st* TlsContext::handle() const { return native_->handle.get(); }
Instant TlsContext::not_after() const { return native_->not_after; }

CertificateFault TlsContext::fault_at(Instant now) const {
  if (now < native_->not_before) return CertificateFault::NotYetValid;
  if (now >= native_->not_after) return CertificateFault::Expired;
  return CertificateFault::None;
}

}  // namespace probity::net
