#include "app/own_certificate.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "crypto/certificate.hpp"

namespace probity::app {
namespace {

constexpr Span k_life = Span::days(397);             ///< What browsers accept at most.
constexpr Span k_life_test_mode = Span::days(3653);  ///< Ten years: test clocks jump.
constexpr Span k_renew_before = Span::days(30);
/// Clients whose clock is a little behind must not refuse a certificate made just now.
constexpr Span k_backdate = Span::hours(24);

std::vector<std::string> own_names(const Config& config) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0')
    names.emplace_back(host.data());
  if (const auto known = public_host(config.public_url)) {
    const bool is_address = known->starts_with('[');
    names.push_back(is_address ? known->substr(1, known->size() - 2) : *known);
  }
  return names;
}

}  // namespace

bool has_own_certificate(const Config& config) {
  return config.certificate == config.data / "tls" / "certificate.pem";
}

Result<void> ensure_own_certificate(const Config& config, const Clock& clock, Log& log) {
  if (!has_own_certificate(config)) return {};
  const auto info = crypto::inspect_certificate(config.certificate, config.private_key);
  if (info && info->not_after - k_renew_before > clock.now()) return {};
  // A broken pair that exists was put there by somebody: it closes the listener and stays.
  if (!info && std::filesystem::exists(config.certificate)) return {};

  std::error_code error;
  std::filesystem::create_directories(config.certificate.parent_path(), error);
  if (error) return fail(Code::StorageFailed, "cannot make the tls directory");
  const Span life = config.is_test_mode ? k_life_test_mode : k_life;
  PROBITY_CHECK(crypto::make_self_signed(config.certificate, config.private_key, own_names(config),
                                         clock.now() - k_backdate, clock.now() + life));
  log.warn("self_made_certificate",
           {{"certificate", config.certificate.string()},
            {"notice",
             "Browsers will warn. Give tls.certificate and tls.private_key, or put a "
             "proxy with a certificate of your domain in front."}});
  return {};
}

}  // namespace probity::app
