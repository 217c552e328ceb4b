#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

struct ssl_ctx_st;

namespace probity::net {

/// What is wrong with the certificate on disk; the text goes to state().why_closed and the log.
enum class CertificateFault : std::uint8_t {
  None,
  CertificateMissing,
  CertificateUnreadable,
  KeyMissing,
  KeyUnreadable,
  KeyMismatch,
  Expired,
  NotYetValid,
};
[[nodiscard]] std::string_view text_of(CertificateFault fault);

/// Keys that session tickets are sealed with, shared by all contexts of a server: a new key every
/// hour, the one before it still opens, older ones are forgotten. Threads: any.
class TicketKeys;

/// A certificate with its key, ready for handshakes. TLS 1.2 and 1.3, AEAD suites with ephemeral
/// elliptic-curve keys, X25519 and P-256, no renegotiation, no compression, no early data, ALPN
/// http/1.1. Immutable; threads: any.
class TlsContext {
 public:
  /// Config, with the fault's text as detail, when the files are not a certificate and its key.
  /// Whether it is valid now is fault_at's business.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> load(
      const std::filesystem::path& certificate, const std::filesystem::path& key,
      const std::shared_ptr<TicketKeys>& tickets);
  struct Native;
  explicit TlsContext(std::unique_ptr<Native> native);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Expired from not_after on, NotYetValid before not_before, else None.
  [[nodiscard]] CertificateFault fault_at(Instant now) const;
  [[nodiscard]] Instant not_after() const;
  /// OpenSSL's context, for TlsStream.
  [[nodiscard]] ssl_ctx_st* handle() const;

 private:
  std::unique_ptr<Native> native_;
};

[[nodiscard]] std::shared_ptr<TicketKeys> make_ticket_keys();

/// What a look at the files found.
struct CertificateView {
  CertificateFault fault = CertificateFault::None;
  std::shared_ptr<const TlsContext> context;  ///< Set exactly when there is no fault.
  bool is_new = false;                        ///< Another context than at the last look.
};

/// Looks at the certificate's files again and again. The files are parsed only when they changed;
/// validity is compared with the clock each time. Threads: one at a time.
class CertificateWatch {
 public:
  CertificateWatch(std::filesystem::path certificate, std::filesystem::path key,
                   const Clock& clock);

  enum class Look : std::uint8_t { WhenChanged, Always };
  [[nodiscard]] CertificateView look(Look how);

 private:
  /// What tells two versions of a file apart without reading it.
  struct Stamp {
    bool is_there = false;
    bool is_readable = false;
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t changed_ns = 0;
    std::int64_t written_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] static Stamp stamp_of(const std::filesystem::path& path);

  std::filesystem::path certificate_;
  std::filesystem::path key_;
  const Clock& clock_;
  std::shared_ptr<TicketKeys> tickets_;
  Stamp certificate_stamp_;
  Stamp key_stamp_;
  CertificateFault file_fault_ = CertificateFault::CertificateMissing;
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace probity::net
