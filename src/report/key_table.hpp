#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace probity::report {

/// A fixed set of texts to their positions: open addressing in a table at most half full. The texts
/// are the questionnaire's own, so nobody outside chooses what collides.
class KeyTable {
 public:
  static constexpr std::uint32_t k_none = 0xFFFFFFFF;

  void build(std::vector<std::string> keys) {
    keys_ = std::move(keys);
    std::size_t size = 4;
    while (size < keys_.size() * 2)
      size *= 2;
    slots_.assign(size, k_none);
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
      std::size_t at = hash(keys_[i]) & (size - 1);
      while (slots_[at] != k_none)
        at = (at + 1) & (size - 1);
      slots_[at] = i;
    }
  }

  [[nodiscard]] std::uint32_t find(std::string_view key) const {
    if (slots_.empty()) return k_none;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash(key) & mask; slots_[at] != k_none; at = (at + 1) & mask)
      if (keys_[slots_[at]] == key) return slots_[at];
    return k_none;
  }

  [[nodiscard]] const std::string& key(std::uint32_t position) const { return keys_[position]; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  /// Eight bytes at a time; quality enough for a few hundred keys.
  static std::size_t hash(std::string_view text) {
    std::uint64_t value = text.size() * 0x9E3779B97F4A7C15ULL;
    while (text.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      value = (value ^ word) * 0xFF51AFD7ED558CCDULL;
      value ^= value >> 32;
      text.remove_prefix(8);
    }
    std::uint64_t word = 0;
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    value = (value ^ word) * 0xC4CEB9FE1A85EC53ULL;
    return value ^ (value >> 29);
  }

  std::vector<std::string> keys_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace probity::report
