#include "audit/read.hpp"
#include "identity/settings.hpp"
#include "keep/archive.hpp"
#include "keep/gzip.hpp"
#include "keep/keep_fixture.hpp"
#include "keep/platform_tables.hpp"
#include "keep/tar.hpp"
#include "sql/keep.hpp"
#include "support/open_engine.hpp"

namespace probity::keep {
namespace {

ReadSome reading(std::string text) {
  auto left = std::make_shared<std::string>(std::move(text));
  return [left](std::size_t wanted) -> Result<std::string> {
    std::string piece = left->substr(0, wanted);
    left->erase(0, wanted);
    return piece;
  };
}

TEST(Tar, GivesBackNamesAndContents) {
  std::string text;
  for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 70'000U}) {
    text += tar_header("f" + std::to_string(size), size, Instant());
    text += std::string(size, 'c') + tar_padding(size);
  }
  text += tar_end();
  EXPECT_EQ(text.size() % k_tar_block_bytes, 0U);
  TarReader reader(reading(text));
  TarEntry entry;
  for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 70'000U}) {
    ASSERT_TRUE(*reader.next(entry));
    EXPECT_EQ(entry.size, size);
    EXPECT_EQ(entry.name, "f" + std::to_string(size));
  }
  EXPECT_FALSE(*reader.next(entry));
}

TEST(Tar, KeepsSizesOfEightGibibytesAndMore) {
  for (const std::uint64_t size :
       {(std::uint64_t{1} << 33U) - 1, std::uint64_t{1} << 33U, (std::uint64_t{1} << 40U) + 7}) {
    TarReader reader(reading(tar_header("big", size, Instant())));
    TarEntry entry;
    ASSERT_TRUE(reader.next(entry));
    EXPECT_EQ(entry.size, size);
  }
}

TEST(Tar, RefusesNamesThatLeaveTheArchiveAndDamagedHeaders) {
  TarEntry entry;
  EXPECT_FALSE(TarReader(reading(tar_header("../x", 0, Instant()))).next(entry));
  EXPECT_FALSE(TarReader(reading(tar_header("/x", 0, Instant()))).next(entry));
  std::string damaged = tar_header("x", 0, Instant());
  damaged[1] = 'y';
  EXPECT_FALSE(TarReader(reading(damaged)).next(entry));
  EXPECT_FALSE(TarReader(reading("short")).next(entry));
}

TEST(Gzip, GivesBackWhatWasPutAndRefusesACutStream) {
  GzipWriter writer;
  std::string packed;
  std::string plain;
  for (int i = 0; i < 50'000; ++i)
    plain += std::to_string(i);
  writer.add(plain, packed);
  writer.finish(packed);
  GzipReader reader(reading(packed));
  const auto got = reader.read(plain.size() + 1);
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, plain);
  GzipReader cut(reading(packed.substr(0, packed.size() / 2)));
  EXPECT_FALSE(cut.read(plain.size()));
}

/// The tenant of the first server, and an empty second one.
class Transfer : public KeepRoom {
 protected:
  void begin() override {
    KeepRoom::begin();
    file = directory.path() / "main.tar.gz";
    auto cipher = engine->cipher(space());
    ASSERT_TRUE(cipher);
    identity::SettingsPatch patch;
    patch.organisation_name = "Grünwald & Söhne";
    patch.session_idle_s = 900;
    auto planned = identity::plan_change_settings(
        identity::acting_as_operator(tenant, clock.now(), *cipher), patch);
    ASSERT_TRUE(planned);
    ASSERT_TRUE(engine->apply(space(), std::move(planned->change)));
  }
  Result<TableFacts> export_main() {
    return export_tenant(*engine, "main", platform_tables(), file, clock.now());
  }
  [[nodiscard]] std::vector<std::string> actions(const store::Space& of) const {
    std::vector<std::string> out;
    auto reader = engine->read(of, store::k_grant_all);
    EXPECT_TRUE(reader);
    const auto entries = audit::list_entries(**reader, 0, 1000);
    EXPECT_TRUE(entries);
    for (const auto& entry : *entries)
      out.push_back(entry.entry.action);
    return out;
  }
  std::filesystem::path file;
  support::OpenEngine second{};
};
INSTANTIATE_TEST_SUITE_P(Engines, Transfer, support::both_engines(), support::engine_name);

TEST_P(Transfer, ComesOutOfASecondServerAsItWentIn) {
  const auto exported = export_main();
  ASSERT_TRUE(exported) << why(exported);
  EXPECT_EQ(exported->at("identity_user").rows, 1U);
  EXPECT_EQ(exported->at("identity_setting").rows, 3U);  // With the settings' version.
  const auto imported = import_tenant(*second.engine, file, platform_tables(), clock.now());
  ASSERT_TRUE(imported) << why(imported);
  EXPECT_EQ(imported->tenant.slug, "main");
  EXPECT_EQ(imported->tenant.id, tenant);
  for (const char* table : {"identity_user", "identity_setting"})
    EXPECT_EQ(imported->tables.at(table), exported->at(table)) << table;
  auto cipher = second.engine->cipher(space());
  auto reader = second.engine->read(space(), store::k_grant_all);
  ASSERT_TRUE(cipher && reader);
  const auto settings = identity::load_settings(**reader, **cipher);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->organisation_name, "Grünwald & Söhne");
  EXPECT_EQ(settings->session_idle_s, 900);
  const auto users = identity::list_users(**reader, **cipher, UserId(), 10);
  ASSERT_TRUE(users && users->size() == 1);
  EXPECT_EQ(users->front().email, k_canary);
  EXPECT_EQ(users->front().state, identity::k_state_invited);
}

// How everything a tenant has is encrypted anew, under other keys: it is moved.
TEST_P(Transfer, SealsEverythingAnewUnderKeysOfItsOwn) {
  ASSERT_TRUE(export_main());
  ASSERT_TRUE(import_tenant(*second.engine, file, platform_tables(), clock.now()));
  const auto sealed_in = [&](store::Engine& from) {
    std::vector<std::pair<Bytes, Bytes>> rows;
    auto reader = from.read(space(), store::k_grant_all);
    EXPECT_TRUE(reader);
    EXPECT_TRUE((*reader)->each(sql::keep::export_users, {tenant, BytesView(), 10},
                                [&](const store::Row& row) -> Result<bool> {
                                  rows.emplace_back(to_bytes(row.bytes(0)), to_bytes(row.bytes(4)));
                                  return true;
                                }));
    return rows;
  };
  const auto before = sealed_in(*engine);
  const auto after = sealed_in(*second.engine);
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(before[0].first, after[0].first);
  auto old_keys = engine->cipher(space());
  auto new_keys = second.engine->cipher(space());
  ASSERT_TRUE(old_keys && new_keys);
  for (const bool is_moved : {false, true}) {
    const auto& [id, sealed] = is_moved ? after[0] : before[0];
    const auto own =
        (is_moved ? *new_keys : *old_keys)->open(identity::k_email_purpose, id, sealed);
    ASSERT_TRUE(own) << why(own);
    EXPECT_EQ(as_text(*own), k_canary);
    EXPECT_FALSE((is_moved ? *old_keys : *new_keys)->open(identity::k_email_purpose, id, sealed));
  }
}

TEST_P(Transfer, IsRefusedWhereTheNameIsTaken) {
  ASSERT_TRUE(export_main());
  ASSERT_TRUE(second.engine->create_tenant("main", ""));
  const auto imported = import_tenant(*second.engine, file, platform_tables(), clock.now());
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, Code::Conflict);
  EXPECT_EQ(second.engine->tenants()->size(), 1U);
}

// The server's own measurements would destroy it after a day.
TEST_P(Transfer, OfANameKeptForMeasurementsIsRefused) {
  ASSERT_TRUE(engine->rename_tenant(tenant, "probity-scratch-a-1"));
  ASSERT_TRUE(export_tenant(*engine, "probity-scratch-a-1", platform_tables(), file, clock.now()));
  const auto imported = import_tenant(*second.engine, file, platform_tables(), clock.now());
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, Code::BadRequest);
  EXPECT_NE(imported.error().hint.find("probity-scratch-"), std::string::npos);
  EXPECT_TRUE(second.engine->tenants()->empty());
}

TEST_P(Transfer, OfAChangedOrCutArchiveLeavesNothing) {
  ASSERT_TRUE(export_main());
  const std::string whole = read_file(file);
  GzipReader unpack(reading(whole));
  std::string plain = *unpack.read(16U << 20U);
  const auto at = plain.find(k_canary);
  ASSERT_NE(at, std::string::npos);  // In clear, as the archive says.
  plain[at] = 'C';
  GzipWriter pack;
  std::string changed;
  pack.add(plain, changed);
  pack.finish(changed);
  for (const std::string& bad : {changed, whole.substr(0, whole.size() / 2), std::string("x")}) {
    write_file(file, bad);
    const auto imported = import_tenant(*second.engine, file, platform_tables(), clock.now());
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code, Code::BadRequest);
    EXPECT_TRUE(second.engine->tenants()->empty());
  }
}

TEST_P(Transfer, ThatFailsHalfWayIsTakenBackAndMayBeTriedAgain) {
  ASSERT_TRUE(export_main());
  auto tables = platform_tables();
  // Fails after the members have been stored.
  tables[1].read = [](const module::ArchiveRow&,
                      const module::RowKeys&) -> Result<module::RowStore> {
    return fail(Code::StorageFull, "no room");
  };
  // Back where it came from, so that it runs on this test's engine as well.
  ASSERT_TRUE(engine->discard_tenant(tenant));
  if (is_postgres()) {
    database->run("DELETE FROM probity.identity_user");
    database->run("DELETE FROM probity.identity_setting");
    database->run(
        "DELETE FROM probity.audit_entry WHERE tenant_id <> decode(repeat('0', 32), 'hex')");
    database->run(
        "DELETE FROM probity.audit_head WHERE tenant_id <> decode(repeat('0', 32), 'hex')");
  }
  const std::size_t before = actions(store::Space::system()).size();
  const auto failed = import_tenant(*engine, file, tables, clock.now());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::StorageFull);
  EXPECT_TRUE(engine->tenants()->empty());
  const auto again = import_tenant(*engine, file, platform_tables(), clock.now());
  EXPECT_TRUE(again) << why(again);
  // The system's chain tells both, the tenant's own that it came from an archive.
  std::vector<std::string> told = actions(store::Space::system());
  told.erase(told.begin(), told.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(told, (std::vector<std::string>{"tenant.create", "tenant.discard", "tenant.create",
                                            "tenant.rename"}));
  EXPECT_EQ(actions(space()), std::vector<std::string>{"tenant.import"});
}

}  // namespace
}  // namespace probity::keep
