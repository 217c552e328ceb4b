// What a browser brings of a passkey: CBOR, keys and signatures from outside. Whatever it is, it is
// read whole or refused, and no bytes that nobody signed are ever taken for signed.

#include <cstdlib>

#include "base/bytes.hpp"
#include "crypto/passkey.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

const std::string k_party = "ask.example";

void read(BytesView data) {
  const auto made = crypto::read_attestation(data, k_party, data);
  if (!made) {
    require(made.error().code == Code::BadRequest);
    return;
  }
  require(!made->id.empty() && made->id.size() <= crypto::k_credential_id_bytes_max);
  require(!made->key.bytes.empty());
  // A key that was read is one that can be verified with, whatever comes of it.
  static_cast<void>(crypto::verify_passkey(made->key, k_party, {data, data, data}));
}

/// The first byte chooses the scheme, the next where the parts end. Nobody holds such a key.
void verify(BytesView data) {
  if (data.size() < 3) return;
  const auto scheme = crypto::k_signature_schemes[data[0] % crypto::k_signature_schemes.size()];
  const BytesView rest = data.subspan(2);
  const std::size_t cut = rest.size() * data[1] / 256;
  const crypto::PasskeyPublicKey key{scheme, to_bytes(rest.first(cut))};
  const BytesView parts = rest.subspan(cut);
  const std::size_t half = parts.size() / 2;
  static_cast<void>(
      crypto::verify_passkey(key, k_party, {parts.first(half), data, parts.subspan(half)}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  read(input);
  verify(input);
  return 0;
}
