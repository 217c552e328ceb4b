#include "identity/counters.hpp"

#include "identity/address.hpp"
#include "sql/identity.hpp"

namespace probity::identity {

Result<Counters> counters_of(const crypto::Cipher& cipher, const crypto::Digest& name) {
  PROBITY_TRY(known, cipher.lookup_hash("login.known", name));
  return Counters{name, known};
}

Result<crypto::Digest> known_network_of(const crypto::Cipher& cipher, const crypto::Digest& name,
                                        BytesView address) {
  Bytes both = to_bytes(name);
  const std::string network = network_of(address, AddressFormat::V4Slash24);
  const BytesView text = as_bytes(network);
  both.insert(both.end(), text.begin(), text.end());
  return cipher.lookup_hash("login.network", both);
}

Result<void> clear_counters(store::Tx& tx, const Counters& counters) {
  for (const crypto::Digest& key : {counters.strangers, counters.known})
    PROBITY_CHECK(tx.run(sql::identity::clear_failures, {tx.space().tenant(), key}));
  return {};
}

}  // namespace probity::identity
