#include <array>
#include <memory>
#include <utility>

#include "attest/probes.hpp"
#include "crypto/random.hpp"

namespace probity::attest {
namespace {

constexpr crypto::Purpose k_purpose = "attest.probe";
constexpr crypto::Purpose k_other_purpose = "attest.probe.other";
/// Layout of a sealed value: algorithm 1, key number 4, nonce 12, content, tag 16.
constexpr std::array<std::size_t, 4> k_places{0, 4, 5, 16};

struct Scene {
  std::shared_ptr<const crypto::Cipher> cipher;
  std::shared_ptr<const crypto::Cipher> other;  // Of another organisation.
  Bytes row = crypto::random_bytes(16);
  Bytes plain = crypto::random_bytes(64);
  Bytes sealed;
};

void look_at_alterations(const RecordSubject& subject, const Scene& scene, Observations& seen) {
  std::vector<std::size_t> places(k_places.begin(), k_places.end());
  places.push_back(17);                        // First byte of the content.
  places.push_back(scene.sealed.size() - 17);  // Its last byte.
  places.push_back(scene.sealed.size() - 1);   // Last byte of the tag.
  for (const std::size_t place : places) {
    for (const int bit : {0, 7}) {
      Bytes altered = scene.sealed;
      altered[place] = static_cast<std::uint8_t>(altered[place] ^ (1 << bit));
      const auto opened = subject.open(*scene.cipher, k_purpose, scene.row, altered);
      seen.expect(!opened.has_value(), "an altered value opens");
    }
  }
  const Bytes cut(scene.sealed.begin(), scene.sealed.end() - 1);
  seen.expect(!subject.open(*scene.cipher, k_purpose, scene.row, cut), "a shortened value opens");
  seen.note("alterations", static_cast<std::int64_t>(places.size() * 2 + 1));
}

void look_at_moves(const RecordSubject& subject, const Scene& scene, Observations& seen) {
  const Bytes other_row = crypto::random_bytes(16);
  seen.expect(!subject.open(*scene.other, k_purpose, scene.row, scene.sealed),
              "a value opens in another organisation");
  seen.expect(!subject.open(*scene.cipher, k_purpose, other_row, scene.sealed),
              "a value opens in another row");
  seen.expect(!subject.open(*scene.cipher, k_other_purpose, scene.row, scene.sealed),
              "a value opens for another purpose");
}

/// The organisation is part of what is authenticated, apart from its keys: under one and the same
/// key, a value of one owner does not open for another.
Result<void> look_at_binding(const RecordSubject& subject, const Scene& scene, Observations& seen) {
  const crypto::Key key = crypto::Key::random();
  crypto::Cipher first(Bytes(16, 1));
  crypto::Cipher second(Bytes(16, 2));
  first.add_key(1, key.duplicate());
  second.add_key(1, key.duplicate());
  PROBITY_TRY(sealed, subject.seal(first, k_purpose, scene.row, scene.plain));
  seen.need(subject.open(first, k_purpose, scene.row, sealed).has_value(),
            "the untouched value did not open");
  seen.expect(!subject.open(second, k_purpose, scene.row, sealed),
              "the organisation is not part of what is authenticated");
  return {};
}

Result<Finding> measure(const Ground& ground, const RecordSubject& subject) {
  Observations seen;
  Scene scene;
  PROBITY_TRY(first, ground.scratch.tenant(Which::First));
  PROBITY_TRY(second, ground.scratch.tenant(Which::Second));
  PROBITY_TRY(own, ground.engine.cipher(store::Space::of(first.id)));
  PROBITY_TRY(others, ground.engine.cipher(store::Space::of(second.id)));
  scene.cipher = own;
  scene.other = others;
  PROBITY_TRY(sealed, subject.seal(*own, k_purpose, scene.row, scene.plain));
  scene.sealed = std::move(sealed);
  const auto untouched = subject.open(*own, k_purpose, scene.row, scene.sealed);
  seen.need(untouched && *untouched == scene.plain, "the untouched value did not open");
  if (seen.has_given_up() || scene.sealed.size() < 40) return seen.finding();
  look_at_alterations(subject, scene, seen);
  look_at_moves(subject, scene, seen);
  PROBITY_CHECK(look_at_binding(subject, scene, seen));
  return seen.finding();
}

}  // namespace

RecordSubject product_records() {
  return {.seal = [](const crypto::Cipher& cipher, crypto::Purpose purpose, BytesView row,
                     BytesView plain) { return cipher.seal(purpose, row, plain); },
          .open = [](const crypto::Cipher& cipher, crypto::Purpose purpose, BytesView row,
                     BytesView sealed) { return cipher.open(purpose, row, sealed); }};
}

Probes record_probes(const Ground& ground, RecordSubject subject) {
  Probes probes;
  probes.push_back({.name = "store.altered_record_refused",
                    .run = [ground, subject = std::move(subject)](const Deadline&) {
                      return measure(ground, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
