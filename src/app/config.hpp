#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"

namespace probity::app {

/// Everything `probity serve` can be told, from its command line and a TOML file. The command line
/// wins. Unknown keys, wrong types and values out of bounds refuse to start.
struct Config {
  std::filesystem::path data = "data";
  std::filesystem::path key_file;  ///< Empty: the data directory's name + ".key".
  std::vector<std::string> listen;
  std::string database;  ///< Empty: SQLCipher files in the data directory.
  std::string public_url;
  std::vector<std::string> trusted_proxies;
  std::filesystem::path certificate;  ///< Empty: DATA/tls/certificate.pem, self-made.
  std::filesystem::path private_key;
  bool hsts_preload = false;
  std::int64_t connections_max = 4096;
  std::int64_t request_workers = 0;  ///< 0: two per core, at least 4, at most 64.
  std::string file_scanner;  ///< Empty: files that people hand in are not scanned for viruses.
  std::int64_t member_max_files = 10'000;
  std::int64_t member_max_bytes = 4LL << 30;
  std::string log_level = "info";
  std::string security_contact = "mailto:security@localhost";
  bool is_test_mode = false;
  /// Fault plan of the store; test mode only (`--test-fault name=k`).
  std::vector<std::string> test_faults;
};

/// One declared key of the file.
struct ConfigKey {
  std::string_view name;      ///< Dotted path ("tls.certificate").
  std::string_view type;      ///< "text", "path", "list of texts", "whole number", "truth".
  std::string_view fallback;  ///< Default, as shown.
  std::string_view bounds;
  std::string_view description;
};

/// All keys, in the order of docs/configuration.md.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// Reads the file into `config`. Config error naming key, rule and remedy.
[[nodiscard]] Result<void> read_config(const std::filesystem::path& file, Config& config);

/// The same for the file's text.
[[nodiscard]] Result<void> read_config_text(std::string_view toml, Config& config);
/// Whether the server would start with that text alone.
[[nodiscard]] bool takes_config(std::string_view toml);

/// The reference page, generated (`probity doctor --configuration`).
[[nodiscard]] std::string config_reference();

/// The host of a public URL, `https://HOST[:PORT]` with or without a "/" behind it, in lower case;
/// an IPv6 address in its brackets. Nothing for any other text: a name of its own keeps what other
/// applications store in a browser apart (OWASP ASVS 3.5.4), a path below somebody's name would
/// not.
[[nodiscard]] std::optional<std::string> public_host(std::string_view url);

/// Fills what was left out (key file, certificate paths, listen address) and checks what belongs
/// together: test mode listens on loopback only, a public URL is https and a host, a certificate
/// has a key.
[[nodiscard]] Result<void> complete_config(Config& config);

}  // namespace probity::app
