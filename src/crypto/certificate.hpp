#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/instant.hpp"

namespace probity::crypto {

/// What a certificate file says of itself.
struct CertificateInfo {
  std::string subject;
  std::vector<std::string> names;  ///< DNS names and addresses of subjectAltName.
  Instant not_before;
  Instant not_after;
  std::string sha256_hex;  ///< Fingerprint of the DER form.
  bool is_self_signed = false;
};

/// Makes an ECDSA P-256 key and a certificate signed by itself, in PEM, key mode 0600.
/// `names` go into subjectAltName (DNS names, or addresses when they parse as such).
[[nodiscard]] Result<void> make_self_signed(const std::filesystem::path& certificate,
                                            const std::filesystem::path& key,
                                            const std::vector<std::string>& names,
                                            Instant not_before, Instant not_after);

/// Config when a file is missing, not PEM, or the key does not belong to the certificate.
[[nodiscard]] Result<CertificateInfo> inspect_certificate(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key);

}  // namespace probity::crypto
