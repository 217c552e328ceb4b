#pragma once

#include <fstream>
#include <string>

#include "identity/users.hpp"
#include "keep/backup.hpp"
#include "support/both_engines.hpp"

// For the tests of this room only.
namespace probity::keep {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

/// A tenant with an owner who has a known address.
class KeepRoom : public support::BothEngines {
 protected:
  static constexpr std::string_view k_canary = "canary.owner@example.org";
  void begin() override {
    auto token = identity::create_owner(*engine, tenant, k_canary, clock.now());
    ASSERT_TRUE(token) << token.error().detail;
  }
  [[nodiscard]] CensusParts parts() { return {clock, log, *master}; }
};

template <typename T>
std::string why(const Result<T>& result) {
  return result ? "" : result.error().detail + " " + result.error().hint;
}

}  // namespace probity::keep
