#include "base/id.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace probity {
namespace {

constexpr std::string_view k_alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t k_text_length = 26;

/// Kernel random bytes, 4 KiB at a time: a call per id would cost more than the id.
class RandomBuffer {
 public:
  void take(std::uint8_t* out, std::size_t count) {
    if (used_ + count > buffer_.size()) refill();
    std::memcpy(out, buffer_.data() + used_, count);
    std::memset(buffer_.data() + used_, 0, count);
    used_ += count;
  }

 private:
  void refill() {
    std::size_t filled = 0;
    while (filled < buffer_.size()) {
      const ssize_t n = getrandom(buffer_.data() + filled, buffer_.size() - filled, 0);
      if (n < 0 && errno == EINTR) continue;
      // Without randomness no id is safe to hand out, and nothing above can repair that.
      if (n <= 0) std::abort();
      filled += static_cast<std::size_t>(n);
    }
    used_ = 0;
  }

  std::array<std::uint8_t, 4096> buffer_{};
  std::size_t used_ = sizeof(buffer_);
};

RawId make_with_prefix_ms(std::uint64_t ms) {
  thread_local RandomBuffer random;
  RawId id;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  random.take(id.bytes.data() + 6, 10);
  return id;
}

int value_of(char c) {
  const auto at = k_alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

RawId make_raw_id(Instant at) {
  return make_with_prefix_ms(static_cast<std::uint64_t>(at.us() / 1000));
}

RawId make_raw_hourly_id(Instant at) {
  return make_with_prefix_ms(static_cast<std::uint64_t>(at.hour().us() / 1000));
}

std::string raw_id_text(const RawId& id) {
  // 128 bits in 26 characters of 5 bits; the first carries the upper 3 only.
  std::string out(k_text_length, '0');
  unsigned __int128 value = 0;
  for (const std::uint8_t byte : id.bytes)
    value = value << 8 | byte;
  for (std::size_t i = k_text_length; i-- > 0;) {
    out[i] = k_alphabet[static_cast<std::size_t>(value & 31)];
    value >>= 5;
  }
  return out;
}

std::optional<RawId> parse_raw_id(std::string_view text) {
  if (text.size() != k_text_length || text[0] > '7') return {};
  unsigned __int128 value = 0;
  for (const char c : text) {
    const int digit = value_of(c);
    if (digit < 0) return {};
    value = value << 5 | static_cast<unsigned>(digit);
  }
  RawId id;
  for (std::size_t i = 16; i-- > 0;) {
    id.bytes[i] = static_cast<std::uint8_t>(value & 255);
    value >>= 8;
  }
  return id;
}

}  // namespace probity
