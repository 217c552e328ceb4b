#include <gtest/gtest.h>

#include <fstream>

#include "app/stage_for_test.hpp"
#include "attest/probes_sealing.hpp"

namespace probity::app {
namespace {

using attest::Status;

constexpr std::string_view k_probe = "store.content_sealed";

/// Overwrites one column of the scratch organisation's rows, beneath every seal.
void overwrite(Stage& stage, const TenantId& tenant, std::string_view sql, BytesView value) {
  // The same text but for the mark of its one parameter.
  std::string postgres(sql);
  postgres.replace(postgres.find("?1"), 2, "$1");
  const store::Query query{"sabotage.overwrite", "sabotage", sql, postgres, 1, true};
  store::Change change{.grant = store::k_grant_all,
                       .apply = [&](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(query, {value}));
                         return store::Journal{};
                       },
                       .on_refusal = {}};
  ASSERT_TRUE(stage.engine().apply(store::Space::of(tenant), std::move(change)));
}

attest::Finding found(Stage& stage, const attest::SealingSubject& subject) {
  return stage.run(attest::sealing_probes(stage.ground(), stage.find(), subject), k_probe);
}

using SealingProbeOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, SealingProbeOn, support::both_engines(), support::engine_name);

TEST_P(SealingProbeOn, HoldsOnTheProduct) {
  Stage stage({}, GetParam());
  EXPECT_FOUND(found(stage, attest::product_sealing(stage.data())), Status::Held);
}

TEST_P(SealingProbeOn, SeesAColumnThatIsNotSealed) {
  Stage stage({}, GetParam());
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.afterwards = [&](const std::string& mark, const TenantId& tenant) {
    overwrite(stage, tenant, "UPDATE survey_response SET answers = ?1", as_bytes(mark));
  };
  EXPECT_FOUND(found(stage, subject), Status::Broken);
}

TEST_P(SealingProbeOn, SeesAMarkThatIsOnlyEncoded) {
  Stage stage({}, GetParam());
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.afterwards = [&](const std::string& mark, const TenantId& tenant) {
    // As a sealed value looks, with the text in base 64 inside.
    Bytes value(40, 1);
    const std::string text = to_base64url(as_bytes("x" + mark + "yz"));
    value.insert(value.end(), text.begin(), text.end());
    overwrite(stage, tenant, "UPDATE survey_survey SET title = ?1", value);
  };
  EXPECT_FOUND(found(stage, subject), Status::Broken);
}

TEST(SealingProbe, SeesATemporaryFileInClear) {
  for (const bool is_wide : {false, true}) {
    Stage stage;
    attest::SealingSubject subject = attest::product_sealing(stage.data());
    subject.afterwards = [&](const std::string& mark, const TenantId&) {
      std::ofstream out(stage.data() / "spill.tmp", std::ios::binary);
      for (const char c : mark) {
        out << c;
        if (is_wide) out << '\0';
      }
    };
    EXPECT_FOUND(found(stage, subject), Status::Broken);
  }
}

TEST(SealingProbe, IsUnknownWhenThereIsNothingToSearch) {
  Stage stage;
  attest::SealingSubject subject = attest::product_sealing(stage.data());
  subject.files = [](const TenantId&) { return std::vector<std::filesystem::path>(); };
  EXPECT_FOUND(found(stage, subject), Status::Unknown);
}

TEST(Marks, AreFoundInEveryForm) {
  attest::Marks marks;
  const std::string mark = marks.make();
  EXPECT_TRUE(marks.occur_in(as_bytes("a " + mark + " b")));
  EXPECT_TRUE(marks.occur_in(as_bytes(to_hex(as_bytes("z" + mark)))));
  for (const std::size_t offset : {0UZ, 1UZ, 2UZ})
    EXPECT_TRUE(
        marks.occur_in(as_bytes(to_base64url(as_bytes(std::string(offset, 'q') + mark + "tail")))));
  EXPECT_FALSE(marks.occur_in(as_bytes(mark.substr(1))));
}

}  // namespace
}  // namespace probity::app
