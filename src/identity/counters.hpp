#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"
#include "store/tx.hpp"

namespace probity::identity {

/// The rows failed log-ins of one account name are counted in (identity_attempt; limits.hpp has the
/// numbers). Keyed hashes all: the rows tell neither names nor networks.
struct Counters {
  crypto::Digest strangers{};  ///< The name's own hash: failures from networks not known.
  crypto::Digest known{};      ///< Failures from all known networks of the name together.
};

[[nodiscard]] Result<Counters> counters_of(const crypto::Cipher& cipher,
                                           const crypto::Digest& name);
/// Key of the row that says that a log-in of this name has succeeded from the network of `address`
/// (IPv4 /24, IPv6 /48), and when.
[[nodiscard]] Result<crypto::Digest> known_network_of(const crypto::Cipher& cipher,
                                                      const crypto::Digest& name,
                                                      BytesView address);
/// Both counters start anew; the networks stay known. Within a Change.
[[nodiscard]] Result<void> clear_counters(store::Tx& tx, const Counters& counters);

}  // namespace probity::identity
