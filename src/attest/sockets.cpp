#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "attest/probes_tls.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_listening = "0A";

/// Inodes of this process's sockets.
Result<std::set<std::string>> own_sockets() {
  std::set<std::string> inodes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
  }
  if (error) return fail(Code::Internal, "the process's own descriptors cannot be read");
  return inodes;
}

/// The kernel writes addresses as 32-bit words in the machine's order.
template <std::size_t N>
std::array<std::uint32_t, N> words_of(const std::string& hex) {
  std::array<std::uint32_t, N> words{};
  for (std::size_t i = 0; i < N; ++i)
    words[i] = static_cast<std::uint32_t>(std::strtoul(hex.substr(i * 8, 8).c_str(), nullptr, 16));
  return words;
}

std::string address_text(const std::string& hex, long port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (hex.size() == 8) {
    const auto words = words_of<1>(hex);
    inet_ntop(AF_INET, words.data(), text.data(), text.size());
    return fmt::format("{}:{}", text.data(), port);
  }
  const auto words = words_of<4>(hex);
  inet_ntop(AF_INET6, words.data(), text.data(), text.size());
  return fmt::format("[{}]:{}", text.data(), port);
}

}  // namespace

Result<std::vector<std::string>> listening_sockets() {
  PROBITY_TRY(own, own_sockets());
  std::vector<std::string> sockets;
  for (const char* file : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream in(file);
    // A machine without IPv6 has no second table.
    if (!in && std::strcmp(file, "/proc/self/net/tcp") == 0)
      return fail(Code::Internal, "the kernel's table of sockets cannot be read");
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::array<std::string, 10> columns;
      for (std::string& column : columns)
        words >> column;
      const std::size_t colon = columns[1].find(':');
      if (columns[3] != k_listening || colon == std::string::npos || !own.contains(columns[9]))
        continue;
      const long port = std::strtol(columns[1].substr(colon + 1).c_str(), nullptr, 16);
      sockets.push_back(address_text(columns[1].substr(0, colon), port));
    }
  }
  return sockets;
}

}  // namespace probity::attest
