#include <gtest/gtest.h>

#include "attest/attest_fixture.hpp"
#include "crypto/hash.hpp"
#include "identity/hasher.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_weak = "passwords.weak_refused";
constexpr std::string_view k_stored = "passwords.stored_sealed";

constexpr std::array<std::string_view, 1> k_every_room{"*"};
constexpr store::Grant k_everything{"sabotage", k_every_room, k_every_room};
constexpr store::Query k_overwrite{
    "sabotage.overwrite",
    "sabotage",
    "UPDATE identity_user SET password_sealed = ?3 WHERE tenant_id = ?1 AND id = ?2",
    "UPDATE identity_user SET password_sealed = $3 WHERE tenant_id = $1 AND id = $2",
    3,
    true};

Result<void> overwrite(store::Engine& engine, const ScratchMember& member, const Bytes& value) {
  store::Change change{.grant = k_everything,
                       .apply = [&](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(k_overwrite, {member.tenant, member.id, value}));
                         return store::Journal{};
                       },
                       .on_refusal = {}};
  return engine.apply(store::Space::of(member.tenant), std::move(change));
}

Result<Bytes> sealed_for(store::Engine& engine, const ScratchMember& member, BytesView plain) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(member.tenant)));
  return cipher->seal(identity::k_password_purpose, member.id.bytes(), plain);
}

TEST(PasswordProbes, HoldOnTheProduct) {
  Workshop shop;
  const Probes probes = password_probes(shop.ground);
  EXPECT_STATUS(run_probe(probes, k_weak), Status::Held);
  EXPECT_STATUS(run_probe(probes, k_stored), Status::Held);
}

TEST(PasswordProbes, SeeAPolicyThatTakesEverything) {
  Workshop shop;
  PasswordSubject subject = product_passwords();
  subject.set_password = [](store::Engine&, const ScratchMember&, std::string_view, Instant) {
    return Result<void>();
  };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_weak), Status::Broken);
}

TEST(PasswordProbes, SeeAnEmptyBlockListAndALowerLength) {
  Workshop shop;
  for (const std::size_t least : {8UZ, 14UZ}) {
    PasswordSubject subject = product_passwords();
    // Length alone decides, and less of it than declared.
    subject.set_password = [least](store::Engine&, const ScratchMember&, std::string_view password,
                                   Instant) -> Result<void> {
      if (password.size() >= least) return {};
      return refuse_field(Code::PasswordRefused, "/password", "min_length");
    };
    EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_weak), Status::Broken);
  }
}

TEST(PasswordProbes, SeeARefusalWithoutARule) {
  Workshop shop;
  PasswordSubject subject = product_passwords();
  subject.set_password = [](store::Engine&, const ScratchMember&, std::string_view,
                            Instant) -> Result<void> { return fail(Code::PasswordRefused); };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_weak), Status::Broken);
}

TEST(PasswordProbes, SeeAHashThatIsNotSealed) {
  Workshop shop;
  PasswordSubject subject;
  subject.set_password = [](store::Engine& engine, const ScratchMember& member,
                            std::string_view password, Instant now) -> Result<void> {
    identity::Argon hasher;
    PROBITY_CHECK(set_scratch_password(engine, hasher, member, password, now));
    PROBITY_TRY(encoded, hasher.hash(password));
    return overwrite(engine, member, to_bytes(as_bytes(encoded)));
  };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_stored), Status::Broken);
}

TEST(PasswordProbes, SeeAFastHash) {
  Workshop shop;
  PasswordSubject subject;
  subject.set_password = [](store::Engine& engine, const ScratchMember& member,
                            std::string_view password, Instant now) -> Result<void> {
    identity::Argon hasher;
    PROBITY_CHECK(set_scratch_password(engine, hasher, member, password, now));
    PROBITY_TRY(sealed, sealed_for(engine, member, crypto::sha256(as_bytes(password))));
    return overwrite(engine, member, sealed);
  };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_stored), Status::Broken);
}

TEST(PasswordProbes, SeeACheapHash) {
  Workshop shop;
  PasswordSubject subject;
  subject.set_password = [](store::Engine& engine, const ScratchMember& member,
                            std::string_view password, Instant now) {
    identity::Argon cheap({.memory_bytes = 1024 * 1024, .passes = 1});
    return set_scratch_password(engine, cheap, member, password, now);
  };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_stored), Status::Broken);
}

TEST(PasswordProbes, SeeASaltThatIsAlwaysTheSame) {
  Workshop shop;
  identity::Argon hasher;
  std::string encoded;
  PasswordSubject subject;
  subject.set_password = [&](store::Engine& engine, const ScratchMember& member,
                             std::string_view password, Instant now) -> Result<void> {
    PROBITY_CHECK(set_scratch_password(engine, hasher, member, password, now));
    if (encoded.empty()) encoded = *hasher.hash(password);
    PROBITY_TRY(sealed, sealed_for(engine, member, as_bytes(encoded)));
    return overwrite(engine, member, sealed);
  };
  EXPECT_STATUS(run_probe(password_probes(shop.ground, subject), k_stored), Status::Broken);
}

}  // namespace
}  // namespace probity::attest
