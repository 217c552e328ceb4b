// What `probity verify` is given, and what probes read back from the own listener. Whatever the
// bytes, there is a verdict, and it is never "valid" for what nobody signed, nor for any other
// bytes than those that were.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "attest/signing.hpp"
#include "attest/verify.hpp"
#include "attest/visitor.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
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

/// A small statement that key really signed.
const std::string& signed_document() {
  static const std::string k_document = [] {
    boost::json::object body{{"counts", {{"held", 1}}},
                             {"generated_at", "2027-01-15T08:00:00Z"},
                             {"promises", boost::json::array()},
                             {"test_mode", false},
                             {"version", 1}};
    const auto signer = *crypto::SigningKey::from_seed(Bytes(32, 7));
    const auto signature = signer.sign(as_bytes(canonical_json(body)));
    body["signature"] = {{"alg", "Ed25519"},
                         {"key_id", attest::key_id_of(signer.public_key())},
                         {"value", to_base64url(signature)}};
    return canonical_json(body);
  }();
  return k_document;
}

/// The signed document with the input put in at the place its first two bytes name, instead of as
/// many bytes as the third says: only the very bytes that were signed are valid.
void try_altered(std::string_view text, Instant now) {
  std::string altered = signed_document();
  if (text.size() >= 3) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::size_t at = static_cast<std::size_t>(byte(0) << 8 | byte(1)) % altered.size();
    altered.replace(at, byte(2), text.substr(3));
  }
  const bool is_valid =
      attest::verify_statement(altered, key(), now).verdict == attest::Verdict::Valid;
  require(is_valid == (trim(altered) == signed_document()));
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
  try_altered(text, now);
  static_cast<void>(
      attest::verify_statement(R"({"promises":[],"signature":{"alg":"Ed25519"}})", text, now));
  if (const auto reply = attest::parse_reply(text)) {
    require(reply->status >= -99 && reply->status <= 999);
    require(reply->body.size() <= size);
  }
  return 0;
}
