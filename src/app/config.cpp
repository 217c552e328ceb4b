#include "app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <thread>

namespace {

// The library asserts where a file is wrong in ways it did not think of ("[.a]"). A file that is
// wrong must be refused, not end the process.
constexpr void toml_expects(bool holds) {
  if (!holds) throw std::logic_error("the library gave up on it");
}

}  // namespace

#define TOML_ASSERT(expr) toml_expects(static_cast<bool>(expr))
#include <toml++/toml.h>

#include "app/config_text.hpp"
#include "base/text.hpp"
#include "net/outgoing.hpp"

namespace probity::app {
namespace {

constexpr std::array k_keys{
    ConfigKey{"data", "path", "\"data\"", "", "Directory of everything the server stores."},
    ConfigKey{"key_file", "path", "data directory + \".key\"", "mode 0600",
              "Master keys. Keep a copy apart from backups: without it nothing can be read."},
    ConfigKey{"listen", "list of texts", "[\"0.0.0.0:8443\"]", "ADDR:PORT, [ADDR]:PORT",
              "Addresses the server listens on, always with TLS."},
    ConfigKey{"database", "text", "\"\"", "postgresql://…",
              "PostgreSQL of the application role. Empty: encrypted files in the data directory."},
    ConfigKey{
        "public_url", "text", "\"\"", "https://HOST[:PORT]",
        "The address people use: a host name of its own, nothing below one. Other Host headers are "
        "then refused, but those of loopback."},
    ConfigKey{"trusted_proxies", "list of texts", "[]", "CIDR blocks",
              "Proxies whose X-Forwarded-For is believed."},
    ConfigKey{"tls.certificate", "path", "self-made", "PEM",
              "Certificate chain. Watched, and read again on SIGHUP."},
    ConfigKey{"tls.private_key", "path", "self-made", "PEM", "Its private key."},
    ConfigKey{"tls.hsts_preload", "truth", "false", "",
              "Adds `preload` to Strict-Transport-Security. Hard to undo: read about it first."},
    ConfigKey{"limits.connections_max", "whole number", "4096", "16 to 65536",
              "Connections at one time."},
    ConfigKey{"limits.request_workers", "whole number", "0", "0 to 64",
              "Threads that run handlers. 0: two per core, at least 4."},
    ConfigKey{"uploads.scanner", "text", "\"\"", "unix:/PATH, ADDR:PORT, [ADDR]:PORT",
              "ClamAV's daemon, which looks into tables, questionnaires and logos that people hand "
              "in. Where it gives no answer, no file is taken. Empty: nobody looks."},
    ConfigKey{"uploads.member_max_files", "whole number", "10000", "1 to 10000000",
              "What one member may store in all: versions of questionnaires, tables and logos."},
    ConfigKey{"uploads.member_max_bytes", "whole number", "4294967296", "1 to 1125899906842624",
              "The bytes of these, as handed in, unpacked. Not counted: responses, and what was "
              "stored before there was this bound."},
    ConfigKey{"log.level", "text", "\"info\"", "debug, info, warning, failure",
              "Least important line that is written."},
    ConfigKey{"security_contact", "text", "\"mailto:security@localhost\"", "mailto: or https:",
              "Where security reports go; printed in /.well-known/security.txt."},
};

using Setter = std::function<bool(const toml::node&, Config&)>;

template <typename Member>
Setter text_into(Member member) {
  return [member](const toml::node& node, Config& config) {
    const auto value = node.value_exact<std::string>();
    if (value) config.*member = *value;
    return value.has_value();
  };
}

Setter list_into(std::vector<std::string> Config::* member) {
  return [member](const toml::node& node, Config& config) {
    const toml::array* list = node.as_array();
    if (list == nullptr) return false;
    std::vector<std::string> texts;
    for (const toml::node& item : *list) {
      const auto text = item.value_exact<std::string>();
      if (!text) return false;
      texts.push_back(*text);
    }
    config.*member = std::move(texts);
    return true;
  };
}

Setter number_into(std::int64_t Config::* member, std::int64_t least, std::int64_t most) {
  return [=](const toml::node& node, Config& config) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) return false;
    config.*member = *value;
    return true;
  };
}

Setter truth_into(bool Config::* member) {
  return [member](const toml::node& node, Config& config) {
    const auto value = node.value_exact<bool>();
    if (value) config.*member = *value;
    return value.has_value();
  };
}

Setter setter_of(std::string_view name) {
  if (name == "data") return text_into(&Config::data);
  if (name == "key_file") return text_into(&Config::key_file);
  if (name == "listen") return list_into(&Config::listen);
  if (name == "database") return text_into(&Config::database);
  if (name == "public_url") return text_into(&Config::public_url);
  if (name == "trusted_proxies") return list_into(&Config::trusted_proxies);
  if (name == "tls.certificate") return text_into(&Config::certificate);
  if (name == "tls.private_key") return text_into(&Config::private_key);
  if (name == "tls.hsts_preload") return truth_into(&Config::hsts_preload);
  if (name == "limits.connections_max") return number_into(&Config::connections_max, 16, 65536);
  if (name == "limits.request_workers") return number_into(&Config::request_workers, 0, 64);
  if (name == "uploads.scanner") return text_into(&Config::file_scanner);
  if (name == "uploads.member_max_files")
    return number_into(&Config::member_max_files, 1, 10'000'000);
  if (name == "uploads.member_max_bytes")
    return number_into(&Config::member_max_bytes, 1, 1LL << 50);
  if (name == "log.level") return text_into(&Config::log_level);
  if (name == "security_contact") return text_into(&Config::security_contact);
  return {};
}

const ConfigKey* declared(std::string_view name) {
  const auto found = std::ranges::find(k_keys, name, &ConfigKey::name);
  return found == k_keys.end() ? nullptr : &*found;
}

Result<void> read_table(const toml::table& table, const std::string& prefix, Config& config) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const ConfigKey* known = declared(name);
    if (known == nullptr && node.is_table() && prefix.empty()) {
      PROBITY_CHECK(read_table(*node.as_table(), name + ".", config));
      continue;
    }
    if (known == nullptr)
      return refuse_field(Code::Config, name,
                          "No such key. docs/configuration.md lists the keys there are.");
    if (!setter_of(name)(node, config))
      return refuse_field(Code::Config, name,
                          fmt::format("A {} is expected ({}).", known->type,
                                      known->bounds.empty() ? "any" : known->bounds));
  }
  return {};
}

bool is_loopback(std::string_view listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]") ||
         listen.starts_with("localhost:");
}

}  // namespace

std::span<const ConfigKey> config_keys() { return k_keys; }

namespace {

// What a person writes has a few hundred bytes; a device given by mistake never ends.
constexpr std::size_t k_size_max = 64 << 10;

Result<void> read_text(const std::string& source, std::string_view text, Config& config) {
  if (text.size() > k_size_max)
    return refuse_field(Code::Config, source,
                        "Larger than 64 KiB, so it is no configuration file.");
  PROBITY_TRY(ascii, ascii_toml(source, text));
  try {
    return read_table(toml::parse(ascii), "", config);
  } catch (const toml::parse_error& error) {
    return refuse_field(Code::Config, source,
                        fmt::format("Not valid TOML at line {}: {}.", error.source().begin.line,
                                    error.description()));
  } catch (const std::logic_error& error) {
    return refuse_field(Code::Config, source, fmt::format("Not valid TOML: {}.", error.what()));
  }
}

}  // namespace

Result<void> read_config(const std::filesystem::path& file, Config& config) {
  std::ifstream in(file, std::ios::binary);
  std::string text(k_size_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // The end of the file comes before the end of the room for it; anything else is an error.
  if (!in.is_open() || in.bad() || (in.fail() && !in.eof()))
    return refuse_field(Code::Config, file.string(), "The file cannot be read.");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return read_text(file.string(), text, config);
}

Result<void> read_config_text(std::string_view toml, Config& config) {
  return read_text("configuration", toml, config);
}

bool takes_config(std::string_view toml) {
  Config config;
  return read_config_text(toml, config).has_value() && complete_config(config).has_value();
}

std::string config_reference() {
  std::string out =
      "# Configuration\n\n"
      "Generated by `probity doctor --configuration`; a test keeps it true. The file is TOML,\n"
      "given with `probity serve --config FILE`; what stands on the command line wins. An unknown\n"
      "key refuses to start.\n\n"
      "| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n";
  for (const ConfigKey& key : k_keys)
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | `{}` | {} | {} |\n", key.name, key.type,
                   key.fallback, key.bounds.empty() ? "–" : key.bounds, key.description);
  return out;
}

std::optional<std::string> public_host(std::string_view url) {
  constexpr std::string_view k_scheme = "https://";
  if (!url.starts_with(k_scheme)) return {};
  url.remove_prefix(k_scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const bool is_address = url.starts_with('[');
  const std::size_t end = is_address ? url.find(']') + 1 : std::min(url.find(':'), url.size());
  if (end == 0) return {};
  std::string host(url.substr(0, end));
  std::string_view inner = host;
  if (is_address) inner = inner.substr(1, inner.size() - 2);
  if (inner.empty() || !std::ranges::all_of(inner, [&](const unsigned char c) {
        return c < 0x80 && (std::isalnum(c) != 0 || c == '.' || c == (is_address ? ':' : '-'));
      }))
    return {};
  if (const std::string_view port = url.substr(end); !port.empty()) {
    const auto number = port.starts_with(':') ? parse_int(port.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 65535) return {};
  }
  std::ranges::transform(host, host.begin(), [](const unsigned char c) { return std::tolower(c); });
  return host;
}

Result<void> complete_config(Config& config) {
  if (config.listen.empty())
    config.listen = {config.is_test_mode ? "127.0.0.1:8443" : "0.0.0.0:8443"};
  if (config.is_test_mode && !std::ranges::all_of(config.listen, is_loopback))
    return refuse_field(Code::Config, "listen",
                        "Test mode has routes without log-in and listens on loopback only.");
  if (!config.is_test_mode && !config.test_faults.empty())
    return refuse_field(Code::Config, "--test-fault", "Faults can be planned in test mode only.");
  if (!config.public_url.empty() && !public_host(config.public_url))
    return refuse_field(
        Code::Config, "public_url",
        "Write https://HOST or https://HOST:PORT, in letters of ASCII. A path is not "
        "possible: Probity has a host name of its own.");
  if (!config.file_scanner.empty() && !net::parse_target(config.file_scanner))
    return refuse_field(Code::Config, "uploads.scanner",
                        "Write unix:/PATH, ADDR:PORT or [ADDR]:PORT; names are not looked up.");
  if (config.certificate.empty() != config.private_key.empty())
    return refuse_field(Code::Config, "tls", "Give both the certificate and its private key.");
  constexpr std::array k_levels{"debug", "info", "warning", "failure"};
  if (std::ranges::find(k_levels, config.log_level) == k_levels.end())
    return refuse_field(Code::Config, "log.level", "One of debug, info, warning, failure.");
  if (config.key_file.empty()) {
    std::string base = config.data.string();
    while (base.size() > 1 && base.ends_with('/'))
      base.pop_back();
    config.key_file = base + ".key";
  }
  if (config.certificate.empty()) {
    config.certificate = config.data / "tls" / "certificate.pem";
    config.private_key = config.data / "tls" / "private-key.pem";
  }
  if (config.request_workers == 0)
    config.request_workers = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::thread::hardware_concurrency()) * 2, 4, 64);
  return {};
}

}  // namespace probity::app
