// Made by tools/leaked_passwords.py.
#include "identity/leaked_passwords.hpp"

#include <algorithm>
#include <array>

#include "crypto/hash.hpp"

namespace probity::identity {
namespace {

constexpr auto k_leaked = std::to_array<std::uint64_t>({
    0x05960492115bb949U, 0x0e3cb137a4628035U, 0x14bbe3f72648c8dcU, 0x1668c11fb81d64f4U,
    0x1854755c00cdbbc8U, 0x1c699d06d9663a03U, 0x26288d99045c8ccdU, 0x2889f546afa7a669U,
    0x2c402093f566a0e3U, 0x3b6604d31009c4b3U, 0x4891f856480a90e2U, 0x4ab5811e8aa04b1aU,
    0x4acb3e62641c198aU, 0x50bfee49c706d766U, 0x5ffed2e1bd56b37eU, 0x606be4be7da45ecaU,
    0x6265db0c8c5db161U, 0x6ad665a03dc5ee95U, 0x6b84199f563963e8U, 0x775b9c200002c4ccU,
    0x780b10cfaaac4a27U, 0x82ba701bc81ff9c8U, 0x837035490f08cb65U, 0x87d97d15e6c3bad7U,
    0x8907a499b54ae0c5U, 0x8df95026538fb7efU, 0x9077d1af69c7bc29U, 0x925b13a7ef9b4b49U,
    0xaddba6a155959086U, 0xae5deb865d391af1U, 0xb01eb0008050b788U, 0xb51d7bea6d0269aaU,
    0xb836be358fca688cU, 0xbd085eb59a55f7f7U, 0xc68689b338d845eeU, 0xc9034e49af2c3288U,
    0xd1746e1ce9d169edU, 0xe4005e2c1578a1e8U, 0xf384c0e4f88dc9eaU, 0xf941f557ee896830U,
});
static_assert(std::ranges::is_sorted(k_leaked));

}  // namespace

bool is_leaked(std::string_view folded) {
  const crypto::Digest digest = crypto::sha256(as_bytes(folded));
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i)
    key = key << 8 | digest[i];
  return std::ranges::binary_search(k_leaked, key);
}

}  // namespace probity::identity
