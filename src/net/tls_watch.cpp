#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "net/tls.hpp"

namespace probity::net {
namespace {

CertificateFault fault_named(std::string_view text) {
  constexpr std::array k_faults{CertificateFault::CertificateUnreadable,
                                CertificateFault::KeyUnreadable, CertificateFault::KeyMismatch};
  for (const CertificateFault fault : k_faults)
    if (text_of(fault) == text) return fault;
  return CertificateFault::CertificateUnreadable;
}

std::int64_t to_ns(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

}  // namespace

CertificateWatch::CertificateWatch(std::filesystem::path certificate, std::filesystem::path key,
                                   const Clock& clock)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      clock_(clock),
      tickets_(make_ticket_keys()) {}

CertificateWatch::Stamp CertificateWatch::stamp_of(const std::filesystem::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {true,
          ::access(path.c_str(), R_OK) == 0,
          info.st_ino,
          info.st_size,
          to_ns(info.st_ctim),
          to_ns(info.st_mtim)};
}

CertificateView CertificateWatch::look(Look how) {
  const Stamp certificate = stamp_of(certificate_);
  const Stamp key = stamp_of(key_);
  const bool has_changed = certificate != certificate_stamp_ || key != key_stamp_;
  bool is_new = false;
  if (has_changed || how == Look::Always) {
    certificate_stamp_ = certificate;
    key_stamp_ = key;
    context_.reset();
    if (!certificate.is_there) {
      file_fault_ = CertificateFault::CertificateMissing;
    } else if (!certificate.is_readable) {
      file_fault_ = CertificateFault::CertificateUnreadable;
    } else if (!key.is_there) {
      file_fault_ = CertificateFault::KeyMissing;
    } else if (auto loaded = TlsContext::load(certificate_, key_, tickets_)) {
      file_fault_ = CertificateFault::None;
      context_ = std::move(*loaded);
      is_new = true;
    } else {
      file_fault_ = fault_named(loaded.error().detail);
    }
  }
  if (file_fault_ != CertificateFault::None) return {file_fault_, nullptr, false};
  const CertificateFault fault = context_->fault_at(clock_.now());
  if (fault != CertificateFault::None) return {fault, nullptr, false};
  return {CertificateFault::None, context_, is_new};
}

}  // namespace probity::net
