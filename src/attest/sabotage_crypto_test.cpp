#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_probe = "crypto.known_answers_met";

TEST(CryptoProbe, HoldsOnTheProduct) {
  Workshop shop;
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground), k_probe), Status::Held);
}

TEST(CryptoProbe, SeesAVectorThatIsNotMet) {
  Workshop shop;
  CryptoSubject subject = product_crypto();
  subject.known_answers = []() -> Result<std::vector<crypto::KnownAnswer>> {
    auto answers = crypto::run_known_answers();
    if (answers) answers->front().has_passed = false;
    return answers;
  };
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground, subject), k_probe), Status::Broken);
  subject.known_answers = []() -> Result<std::vector<crypto::KnownAnswer>> {
    return fail(Code::Internal, "one failed");
  };
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground, subject), k_probe), Status::Broken);
}

TEST(CryptoProbe, SeesAShortKeyTaken) {
  Workshop shop;
  CryptoSubject subject = product_crypto();
  subject.takes_key = [](std::size_t bytes) { return bytes >= 16; };
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground, subject), k_probe), Status::Broken);
}

TEST(CryptoProbe, SeesAnotherCipherInTheHead) {
  Workshop shop;
  CryptoSubject subject = product_crypto();
  subject.seal = [](const crypto::Cipher& cipher, BytesView plain) -> Result<Bytes> {
    PROBITY_TRY(sealed, cipher.seal("attest.probe", {}, plain));
    sealed[0] = 9;
    return std::move(sealed);
  };
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground, subject), k_probe), Status::Broken);
  subject.seal = [](const crypto::Cipher&, BytesView plain) -> Result<Bytes> {
    return to_bytes(plain);
  };
  EXPECT_STATUS(run_probe(crypto_probes(shop.ground, subject), k_probe), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
