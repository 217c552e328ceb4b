#pragma once

#include "attest/listener.hpp"
#include "attest/probes.hpp"

namespace probity::attest {

/// tls.versions_modern, tls.suites_strong, tls.server_authenticated, tls.records_encrypted and
/// tls.plain_refused. The subject is the listener itself: a test points them at a weak one.
[[nodiscard]] Probes tls_probes(const Clock& clock, const FindListener& find);

/// http.pages_encrypted_only.
[[nodiscard]] Probes http_probes(const FindListener& find);

/// "ADDR:PORT" of every TCP socket this process listens on, from the kernel's tables. An error when
/// they cannot be read.
[[nodiscard]] Result<std::vector<std::string>> listening_sockets();

}  // namespace probity::attest
