#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_probe = "store.altered_record_refused";

TEST(RecordProbe, HoldsOnTheProduct) {
  Workshop shop;
  EXPECT_STATUS(run_probe(record_probes(shop.ground), k_probe), Status::Held);
}

TEST(RecordProbe, SeesATagThatIsNotChecked) {
  Workshop shop;
  RecordSubject subject = product_records();
  subject.open = [](const crypto::Cipher& cipher, crypto::Purpose purpose, BytesView row,
                    BytesView sealed) -> Result<Bytes> {
    auto opened = cipher.open(purpose, row, sealed);
    // What a stream cipher without a tag does: garbage instead of a refusal.
    return opened ? opened : Result<Bytes>(Bytes(sealed.size(), 0));
  };
  EXPECT_STATUS(run_probe(record_probes(shop.ground, subject), k_probe), Status::Broken);
}

TEST(RecordProbe, SeesAnOrganisationThatIsNotBound) {
  Workshop shop;
  RecordSubject subject = product_records();
  // One owner for everybody, so that organisation and row are left out of the bound data.
  auto shared = std::make_shared<crypto::Cipher>(Bytes(16, 0));
  shared->add_key(1, crypto::Key::random());
  subject.seal = [shared](const crypto::Cipher&, crypto::Purpose purpose, BytesView,
                          BytesView plain) { return shared->seal(purpose, {}, plain); };
  subject.open = [shared](const crypto::Cipher&, crypto::Purpose purpose, BytesView,
                          BytesView sealed) { return shared->open(purpose, {}, sealed); };
  EXPECT_STATUS(run_probe(record_probes(shop.ground, subject), k_probe), Status::Broken);
}

TEST(RecordProbe, IsUnknownWhenTheUntouchedValueDoesNotOpen) {
  Workshop shop;
  RecordSubject subject = product_records();
  subject.open = [](const crypto::Cipher&, crypto::Purpose, BytesView, BytesView) {
    return Result<Bytes>(fail(Code::KeyUnavailable));
  };
  EXPECT_STATUS(run_probe(record_probes(shop.ground, subject), k_probe), Status::Unknown);
}

}  // namespace
}  // namespace probity::attest
