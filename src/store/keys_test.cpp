#include <gtest/gtest.h>

#include <algorithm>

#include "sql/all_queries.hpp"
#include "sql/migrations.hpp"
#include "store/core.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

constexpr std::string_view k_purpose = "note.body";

Bytes seal(Engine& engine, TenantId id, std::string_view text) {
  const auto cipher = engine.cipher(Space::of(id));
  EXPECT_TRUE(cipher) << cipher.error().detail;
  return *(*cipher)->seal(k_purpose, id.bytes(), as_bytes(text));
}

TEST_P(BothEngines, GiveEveryTenantKeysOfItsOwn) {
  auto engine = open();
  const TenantId one = make_tenant(*engine, "one");
  const TenantId two = make_tenant(*engine, "two");
  const Bytes sealed = seal(*engine, one, "kept");
  EXPECT_TRUE((*engine->cipher(Space::of(one)))->open(k_purpose, one.bytes(), sealed));
  // A record carried into another tenant's store does not open there, nor as the system's.
  ASSERT_TRUE(engine->apply(Space::of(two), insert_note(two, 1, sealed)));
  auto reader = engine->read(Space::of(two), k_grant_all);
  const auto copied =
      (*reader)->first(k_notes, {}, [](const Row& row) { return to_bytes(row.bytes(2)); });
  ASSERT_TRUE(copied && *copied);
  for (const BytesView row : {one.bytes(), two.bytes()}) {
    EXPECT_EQ((*engine->cipher(Space::of(two)))->open(k_purpose, row, **copied).error().code,
              Code::IntegrityError);
  }
  EXPECT_FALSE((*engine->cipher(Space::system()))->open(k_purpose, one.bytes(), sealed));
}

TEST_P(BothEngines, OpenOldValuesAfterARotation) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const Bytes before = seal(*engine, id, "old");
  const auto held = *engine->cipher(Space::of(id));
  EXPECT_EQ(*engine->rotate_sealing_key(Space::of(id)), 2U);
  EXPECT_EQ(held->newest_key(), 2U);  // The same object, in place.
  EXPECT_TRUE(held->open(k_purpose, id.bytes(), before));
  EXPECT_EQ(crypto::Cipher::key_number_of(seal(*engine, id, "new")), 2U);
  EXPECT_EQ(*engine->rotate_sealing_key(Space::system()), 2U);
}

TEST_P(BothEngines, SeeARotationOfAnotherProcessWithinTwoSeconds) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const auto held = *engine->cipher(Space::of(id));
  auto other = open();
  ASSERT_TRUE(other->rotate_sealing_key(Space::of(id)));
  const Bytes sealed = seal(*other, id, "by the other");
  EXPECT_TRUE(happens([&] { return held->open(k_purpose, id.bytes(), sealed).has_value(); },
                      Span::seconds(2)));
}

TEST_P(BothEngines, SeeATenantOfAnotherProcessWithinTwoSeconds) {
  auto engine = open();
  auto other = open();
  const TenantId id = make_tenant(*other, "late");
  EXPECT_TRUE(happens([&] { return engine->find_tenant("late").has_value(); }, Span::seconds(2)));
  EXPECT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
  EXPECT_EQ(count_notes(*other, id), 1);
  EXPECT_EQ(engine->create_tenant("late", "").error().code, Code::Conflict);
}

TEST_P(BothEngines, ReadTheNameAnotherProcessGaveAtOnceWhenAsked) {
  auto engine = open();
  const TenantId id = make_tenant(*engine, "first-name");
  auto other = open();
  ASSERT_TRUE(other->rename_tenant(id, "second-name"));
  EXPECT_EQ(engine->stored_tenant(id)->slug, "second-name");
  EXPECT_EQ(engine->tenant(id)->slug, "second-name");
  EXPECT_EQ(engine->stored_tenant(TenantId()).error().code, Code::NotFound);
}

TEST_P(BothEngines, ReadNothingOfADestroyedTenant) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const TenantId kept = make_tenant(*engine, "kept");
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
  const auto held = *engine->cipher(Space::of(id));
  auto other = open();
  const auto held_there = *other->cipher(Space::of(id));
  ASSERT_TRUE(engine->destroy_tenant(id));
  EXPECT_FALSE(held->is_usable());
  EXPECT_EQ(engine->cipher(Space::of(id)).error().code, Code::KeyUnavailable);
  EXPECT_EQ(engine->read(Space::of(id), k_grant_all).error().code, Code::KeyUnavailable);
  EXPECT_EQ(engine->apply(Space::of(id), insert_note(id, 2)).error().code, Code::KeyUnavailable);
  EXPECT_EQ(engine->tenant(id)->state, "destroyed");
  EXPECT_EQ(engine->create_tenant("main", "").error().code, Code::Conflict);
  EXPECT_TRUE(engine->apply(Space::of(kept), insert_note(kept, 1)));
  EXPECT_TRUE(happens([&] { return !held_there->is_usable(); }, Span::seconds(2)));
  EXPECT_TRUE(happens([&] { return !other->read(Space::of(id), k_grant_all).has_value(); },
                      Span::seconds(2)));
}

TEST_P(BothEngines, WrapEveryKeyAnewUnderANewMasterKey) {
  TenantId id;
  Bytes sealed;
  {
    auto engine = open();
    id = make_tenant(*engine);
    sealed = seal(*engine, id, "through");
    ASSERT_TRUE(s_.master->add_key(s_.key_file()));
    // The system's sealing key and the tenant's; with files also theirs.
    EXPECT_EQ(*engine->rewrap_keys(), is_postgres() ? 2 : 4);
    EXPECT_EQ(*engine->rewrap_keys(), 0);
    ASSERT_TRUE(s_.master->drop_old(s_.key_file()));
  }
  auto engine = open();
  EXPECT_TRUE((*engine->cipher(Space::of(id)))->open(k_purpose, id.bytes(), sealed));
  EXPECT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
}

TEST_P(BothEngines, RefuseAnotherMasterKey) {
  {
    auto engine = open();
    (void)make_tenant(*engine);
  }
  Surroundings stranger;
  std::swap(s_.master, stranger.master);
  const auto engine = try_open();
  ASSERT_FALSE(engine);
  EXPECT_TRUE(engine.error().code == Code::IntegrityError ||
              engine.error().code == Code::KeyUnavailable);
}

TEST_P(BothEngines, RefuseDataOfANewerBuildOrAnotherStep) {
  {
    auto engine = open();
    (void)make_tenant(*engine);
  }
  const auto& own = sql::migrations();
  std::vector<Migration> fewer(own.begin(), own.end());
  s_.migrations = fewer;
  const auto read = [&]() -> Result<void> {
    PROBITY_TRY(engine, try_open());
    PROBITY_TRY(record, engine->find_tenant("main"));
    PROBITY_CHECK(engine->read(Space::of(record.id), k_grant_all));
    return {};
  };
  EXPECT_EQ(read().error().code, Code::NewerData);
  std::vector<Migration> changed(test_migrations().begin(), test_migrations().end());
  changed.back().sha256_hex = "other";
  s_.migrations = changed;
  EXPECT_EQ(read().error().code, Code::IntegrityError);
}

TEST_P(BothEngines, BringOldTenantsToANewStep) {
  std::vector<Migration> before(sql::migrations().begin(), sql::migrations().end());
  if (is_postgres()) {
    database_ = std::make_unique<ScratchDatabase>();
    ASSERT_TRUE(prepare_postgres(database_->owner_url(), k_test_role, s_.log, before));
  }
  s_.migrations = before;
  TenantId first;
  {
    auto engine = open();
    first = make_tenant(*engine, "first");
    (void)make_tenant(*engine, "second");
  }
  s_.migrations = test_migrations();
  if (is_postgres()) {
    const auto older = try_open();
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::Config);
    EXPECT_NE(older.error().detail.find("probity init --database"), std::string::npos);
    ASSERT_TRUE(prepare_postgres(database_->owner_url(), k_test_role, s_.log, s_.migrations));
  }
  auto engine = open();
  // Nobody asks for the tenants: their files are opened, and with that migrated, in the background.
  if (!is_postgres()) {
    EXPECT_TRUE(happens([&] { return engine->stats().open_tenants == 2; }, Span::seconds(30)));
  }
  EXPECT_FALSE(*engine->migrate_next());
  EXPECT_TRUE(engine->apply(Space::of(first), insert_note(first, 1)));
}

TEST_P(BothEngines, PrepareEveryStatementOfEveryRoom) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  int prepared = 0;
  for (const Query* query : sql::all_queries()) {
    if ((is_postgres() ? query->postgres : query->sqlite).empty()) continue;
    ++prepared;
    // A room's statement belongs to the system's tables or to a tenant's.
    const auto in_system = engine->prepares(Space::system(), *query);
    const auto in_tenant = engine->prepares(Space::of(id), *query);
    EXPECT_TRUE(in_system || in_tenant)
        << query->name << ": " << in_system.error().detail << " / " << in_tenant.error().detail;
  }
  EXPECT_GT(prepared, 10);
}

TEST_P(BothEngines, CopyThemselvesWhole) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  const TenantId two = make_tenant(*engine, "two");
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, i, Bytes(100, 9))));
  }
  const auto target = s_.directory.path() / "copy";
  const auto names = engine->snapshot_to(target);
  ASSERT_TRUE(names) << names.error().detail;
  for (const std::string& name : *names) {
    EXPECT_TRUE(std::filesystem::exists(target / name)) << name;
  }
  if (is_postgres()) {
    // COPY's binary form: the signature stands first, and the rows make up the size.
    const auto notes = target / "tenants" / id.text() / "note.copy";
    EXPECT_GT(std::filesystem::file_size(notes), 300U * 100U);
    const auto others = target / "tenants" / two.text() / "note.copy";
    EXPECT_LT(std::filesystem::file_size(others), 100U);
    return;
  }
  auto copy = open_sqlcipher(target, s_.parts());
  ASSERT_TRUE(copy) << copy.error().detail;
  EXPECT_EQ(count_notes(**copy, id), 300);
  EXPECT_EQ(count_notes(**copy, two), 0);
}

}  // namespace
}  // namespace probity::store
