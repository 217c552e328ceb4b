// What `probity verify` is given, and what probes read back from the own listener. Whatever the
// bytes, there is a verdict, and it is never "valid" for what nobody signed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "attest/signing.hpp"
#include "attest/verify.hpp"
#include "attest/visitor.hpp"
#include "base/bytes.hpp"
#include "crypto/sign.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Known to nobody, so nothing is signed by it.
const std::string& key() {
  static const std::string k_key =
      to_base64url(crypto::SigningKey::from_seed(Bytes(32, 7))->public_key());
  return k_key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Instant now = Instant::from_s(1'800'000'000);
  for (const std::string_view given : {std::string_view(), std::string_view(key()), text}) {
    const auto verification = attest::verify_statement(text, given, now);
    require(verification.verdict != attest::Verdict::Valid || given == text);
    require(!verification.lines.empty());
  }
  static_cast<void>(
      attest::verify_statement(R"({"promises":[],"signature":{"alg":"Ed25519"}})", text, now));
  if (const auto reply = attest::parse_reply(text)) {
    require(reply->status >= -99 && reply->status <= 999);
    require(reply->body.size() <= size);
  }
  return 0;
}
