#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "audit/actions.hpp"
#include "audit/chain.hpp"
#include "audit/entry.hpp"
#include "audit/read.hpp"
#include "audit/verify.hpp"
#include "sql/audit.hpp"
#include "support/both_engines.hpp"

namespace probity::audit {
namespace {

store::JournalEntry entry_of(Instant at, std::string action, std::string object = "sur_1") {
  store::JournalEntry entry;
  entry.id = AuditId::make(at);
  entry.at = at;
  entry.action = std::move(action);
  entry.actor = "cli";
  entry.object = std::move(object);
  entry.detail = {1, 2, 3};
  return entry;
}

store::Change change_with(store::Journal journal) {
  store::Change change{store::k_grant_all, {}, std::nullopt, store::Growth::Grows};
  change.apply = [journal = std::move(journal)](store::Tx&) -> Result<store::Journal> {
    return journal;
  };
  return change;
}

class Audit : public support::BothEngines {
 protected:
  void write(int count) {
    for (int i = 0; i < count; ++i) {
      const auto done =
          engine->apply(space(), change_with({entry_of(clock.now(), "survey.create")}));
      ASSERT_TRUE(done) << done.error().detail;
    }
  }
  AuditVerdict verdict(store::Space of) {
    auto reader = engine->read(of, store::k_grant_all);
    EXPECT_TRUE(reader) << reader.error().detail;
    auto found = verify(**reader);
    EXPECT_TRUE(found) << found.error().detail;
    return found.value_or(AuditVerdict{});
  }
  AuditVerdict verdict() { return verdict(space()); }
  std::vector<ChainedEntry> entries() {
    auto reader = engine->read(space(), store::k_grant_all);
    auto found = list_entries(**reader, 0, 1000);
    EXPECT_TRUE(found);
    return *found;
  }
  /// Changes rows behind the room's back, as somebody with the database's key would.
  void tamper(const store::Query& query, std::int64_t seq, BytesView bytes = {}) {
    store::Change change{store::k_grant_all, {}, std::nullopt, store::Growth::Grows};
    const Bytes copy = to_bytes(bytes);
    change.apply = [&query, seq, copy, this](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_TRY(changed, query.arity == 2 ? tx.run(query, {tenant, seq})
                                            : tx.run(query, {tenant, seq, copy}));
      EXPECT_GE(changed, 1) << query.name;
      return store::Journal{};
    };
    const auto done = engine->apply(space(), std::move(change));
    ASSERT_TRUE(done) << done.error().detail;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, Audit, support::both_engines(), support::engine_name);

TEST(Actions, AreUniqueAndShort) {
  std::set<std::string_view> names;
  for (const Action& action : k_actions) {
    EXPECT_TRUE(names.insert(action.name).second) << action.name;
    EXPECT_LE(action.name.size(), 40U);
    EXPECT_FALSE(action.sentence.empty());
    EXPECT_TRUE(is_action(action.name));
  }
  EXPECT_FALSE(is_action("survey.invent"));
  EXPECT_FALSE(is_action(""));
}

/// What stands in quotes after each place of `text` where a marker stands.
std::vector<std::string> quoted_after(std::string_view text, std::string_view marker) {
  std::vector<std::string> words;
  for (auto at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 1)) {
    const auto begin = at + marker.size();
    words.emplace_back(text.substr(begin, text.find('"', begin) - begin));
  }
  return words;
}

bool looks_like_an_action(std::string_view word) {
  return std::ranges::count(word, '.') == 1 && std::ranges::all_of(word, [](char c) {
           return (c >= 'a' && c <= 'z') || c == '_' || c == '.';
         });
}

// An action outside the catalogue would fail its group at run time: found here instead, in the
// words that stand where the sources name one.
TEST(Actions, OfTheSourcesAreAllInTheCatalogue) {
  int found = 0;
  const std::filesystem::path root = std::filesystem::path(PROBITY_SOURCE_DIR) / "src";
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (const std::string_view marker :
         {"entry(\"", "audited_as(\"", "action = \"", "audit_read = \"",
          "audit_then_answer(trip, \"", "now, \"", "now(), \""}) {
      for (const std::string& word : quoted_after(text, marker)) {
        if (!looks_like_an_action(word)) continue;
        ++found;
        EXPECT_TRUE(is_action(word)) << file.path() << ": " << word;
      }
    }
  }
  EXPECT_GT(found, 25);
}

// And the other way about: what the catalogue promises is written by something. Scopes of tokens
// and the probes that look for entries have some of the same names and write none.
TEST(Actions, OfTheCatalogueAreAllWritten) {
  std::set<std::string_view> missing;
  for (const Action& action : k_actions)
    missing.insert(action.name);
  const std::filesystem::path root = std::filesystem::path(PROBITY_SOURCE_DIR) / "src";
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp") || name == "permission.cpp" ||
        name.starts_with("probes_"))
      continue;
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    std::erase_if(missing, [&](std::string_view action) {
      return text.find("\"" + std::string(action) + "\"") != std::string::npos;
    });
  }
  EXPECT_TRUE(missing.empty()) << "nothing writes " << *missing.begin();
}

// Each in the transaction that does it, on the system's chain.
TEST_P(Audit, SaysWhatIsDoneToATenantAsAWhole) {
  const auto system_actions = [&] {
    std::vector<std::string> out;
    auto reader = engine->read(store::Space::system(), store::k_grant_all);
    EXPECT_TRUE(reader);
    auto page = list_entries(**reader, 0, 1000);
    EXPECT_TRUE(page);
    for (const auto& entry : *page)
      out.push_back(entry.entry.action + " " + entry.entry.object + " " + entry.entry.actor);
    return out;
  };
  std::vector<std::string> expected{"tenant.create " + tenant.text() + " system"};
  EXPECT_EQ(system_actions(), expected);
  auto made = engine->create_tenant("second", "");
  ASSERT_TRUE(made);
  EXPECT_FALSE(engine->create_tenant("second", ""));
  ASSERT_TRUE(engine->rename_tenant(made->id, "renamed"));
  ASSERT_TRUE(engine->destroy_tenant(made->id));
  auto third = engine->create_tenant("third", "");
  ASSERT_TRUE(third);
  ASSERT_TRUE(engine->discard_tenant(third->id));
  for (const std::string& line :
       {"tenant.create " + made->id.text(), "tenant.rename " + made->id.text(),
        "tenant.destroy " + made->id.text(), "tenant.create " + third->id.text(),
        "tenant.discard " + third->id.text()})
    expected.push_back(line + " system");
  EXPECT_EQ(system_actions(), expected);
  auto reader = engine->read(store::Space::system(), store::k_grant_all);
  ASSERT_TRUE(reader);
  const auto verdict = verify(**reader);
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->is_intact());
}

TEST(ChainHash, DependsOnEveryField) {
  const auto tenant = TenantId::make(Instant::from_s(1));
  const store::JournalEntry entry = entry_of(Instant::from_s(1), "survey.create");
  const crypto::Digest previous = first_hash(tenant);
  const auto base = chain_hash(tenant, 1, entry, previous);
  std::vector<std::function<void(store::JournalEntry&)>> edits{
      [](auto& e) { e.id = AuditId::make(Instant::from_s(1)); },
      [](auto& e) { e.at = e.at + Span::micros(1); },
      [](auto& e) { e.action += "x"; },
      [](auto& e) { e.actor += "x"; },
      [](auto& e) { e.object += "x"; },
      [](auto& e) { e.outcome += "x"; },
      [](auto& e) { e.detail.push_back(0); },
      // The same text, cut elsewhere: lengths are part of the form.
      [](auto& e) { e.actor = "c", e.object = "li" + e.object; },
  };
  for (const auto& edit : edits) {
    store::JournalEntry other = entry;
    edit(other);
    EXPECT_NE(chain_hash(tenant, 1, other, previous), base);
  }
  EXPECT_NE(chain_hash(tenant, 2, entry, previous), base);
  EXPECT_NE(chain_hash(TenantId::make(Instant::from_s(1)), 1, entry, previous), base);
  EXPECT_NE(chain_hash(tenant, 1, entry, base), base);
}

TEST_P(Audit, ChainsEntriesInOrder) {
  write(3);
  const auto found = entries();
  ASSERT_EQ(found.size(), 3U);
  crypto::Digest hash = first_hash(tenant);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].seq, static_cast<std::int64_t>(i) + 1);
    hash = chain_hash(tenant, found[i].seq, found[i].entry, hash);
    EXPECT_EQ(found[i].hash, hash);
    EXPECT_EQ(found[i].entry.action, "survey.create");
    EXPECT_EQ(found[i].entry.detail, (Bytes{1, 2, 3}));
  }
  const AuditVerdict all = verdict();
  EXPECT_TRUE(all.is_intact()) << all.why;
  EXPECT_EQ(all.entries, 3);
  EXPECT_EQ(all.head_hash_hex, to_hex(hash));
}

TEST_P(Audit, IsEmptyAndIntactAtFirst) {
  const AuditVerdict none = verdict();
  EXPECT_TRUE(none.is_intact());
  EXPECT_EQ(none.entries, 0);
}

TEST_P(Audit, PutsManyEntriesOfOneChangeInARow) {
  store::Journal journal;
  for (int i = 0; i < 300; ++i)
    journal.push_back(entry_of(clock.now(), "response.submit"));
  ASSERT_TRUE(engine->apply(space(), change_with(std::move(journal))));
  write(1);
  const AuditVerdict all = verdict();
  EXPECT_TRUE(all.is_intact()) << all.why;
  EXPECT_EQ(all.entries, 301);
}

TEST_P(Audit, KeepsTheChainOfTheSystemApart) {
  write(2);
  const auto done =
      engine->apply(store::Space::system(), change_with({entry_of(clock.now(), "key.rewrap", "")}));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(verdict(store::Space::system()).entries, 2);  // The first says the tenant was made.
  EXPECT_TRUE(verdict(store::Space::system()).is_intact());
  EXPECT_EQ(verdict().entries, 2);
  write(1);
  EXPECT_EQ(verdict(store::Space::system()).entries, 2);
}

TEST_P(Audit, RefusesAnActionOutsideTheCatalogueWithItsWholeChange) {
  const auto refused =
      engine->apply(space(), change_with({entry_of(clock.now(), "survey.create"),
                                          entry_of(clock.now(), "survey.invent")}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(verdict().entries, 0);
  write(1);
  EXPECT_EQ(verdict().entries, 1);
}

TEST_P(Audit, RecordsARefusalWithItsCode) {
  store::Change change{
      store::k_grant_all, {}, entry_of(clock.now(), "survey.publish"), store::Growth::Grows};
  change.apply = [](store::Tx&) -> Result<store::Journal> { return fail(Code::Conflict); };
  EXPECT_FALSE(engine->apply(space(), std::move(change)));
  ASSERT_EQ(entries().size(), 1U);
  EXPECT_EQ(entries()[0].entry.outcome, "refused:conflict");
  EXPECT_TRUE(verdict().is_intact());
}

TEST_P(Audit, SealsDetailsToTheirEntry) {
  auto cipher = engine->cipher(space());
  ASSERT_TRUE(cipher);
  auto entry =
      make_entry(**cipher, {clock.now(), "survey.create", "cli", "sur_1", R"({"title":"canary"})"});
  ASSERT_TRUE(entry);
  EXPECT_EQ(as_text(entry->detail).find("canary"), std::string_view::npos);
  EXPECT_EQ(open_detail(**cipher, *entry).value_or(""), R"({"title":"canary"})");
  store::JournalEntry moved = *entry;
  moved.id = AuditId::make(clock.now());
  EXPECT_EQ(open_detail(**cipher, moved).error().code, Code::IntegrityError);
  moved.detail.clear();
  EXPECT_EQ(open_detail(**cipher, moved).value_or("x"), "");
}

// One changed value in each column of one entry in the middle. $3 where bytes are replaced.
constexpr store::Query edit(std::string_view name, std::string_view sqlite,
                            std::string_view postgres, int arity) {
  return {name, "audit", sqlite, postgres, arity, true};
}
constexpr store::Query k_edits[] = {
    edit("tenant_id", "UPDATE audit_entry SET tenant_id = x'00' WHERE tenant_id = ?1 AND seq = ?2",
         "", 2),
    edit("seq", "UPDATE audit_entry SET seq = 900 WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET seq = 900 WHERE tenant_id = $1 AND seq = $2", 2),
    edit("at", "UPDATE audit_entry SET at = at + 1 WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET at = at + 1 WHERE tenant_id = $1 AND seq = $2", 2),
    edit("at_text", "UPDATE audit_entry SET at = 'soon' WHERE tenant_id = ?1 AND seq = ?2", "", 2),
    edit("action",
         "UPDATE audit_entry SET action = 'survey.delete' WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET action = 'survey.delete' WHERE tenant_id = $1 AND seq = $2", 2),
    edit("actor", "UPDATE audit_entry SET actor = 'clj' WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET actor = 'clj' WHERE tenant_id = $1 AND seq = $2", 2),
    edit("object", "UPDATE audit_entry SET object = 'sur_2' WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET object = 'sur_2' WHERE tenant_id = $1 AND seq = $2", 2),
    edit("outcome", "UPDATE audit_entry SET outcome = '' WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET outcome = '' WHERE tenant_id = $1 AND seq = $2", 2),
    edit("id", "UPDATE audit_entry SET id = ?3 WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET id = $3 WHERE tenant_id = $1 AND seq = $2", 3),
    edit("detail", "UPDATE audit_entry SET detail = ?3 WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET detail = $3 WHERE tenant_id = $1 AND seq = $2", 3),
    edit("hash", "UPDATE audit_entry SET hash = ?3 WHERE tenant_id = ?1 AND seq = ?2",
         "UPDATE audit_entry SET hash = $3 WHERE tenant_id = $1 AND seq = $2", 3),
    edit("gone", "DELETE FROM audit_entry WHERE tenant_id = ?1 AND seq = ?2",
         "DELETE FROM audit_entry WHERE tenant_id = $1 AND seq = $2", 2),
};

/// Somebody who may do what the application's role may not.
class Tampered : public Audit {
 protected:
  void begin() override {
    Audit::begin();
    if (is_postgres()) database->run("GRANT UPDATE, DELETE ON probity.audit_entry TO probity_app");
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Tampered, support::both_engines(), support::engine_name);

TEST_P(Audit, EntriesAreOutOfReachOfTheApplicationsRole) {
  if (!is_postgres()) GTEST_SKIP() << "SQLite has no roles; the key of the file is the right";
  write(3);
  for (const store::Query* query : {&k_edits[1], &k_edits[std::size(k_edits) - 1]}) {
    store::Change change{store::k_grant_all, {}, std::nullopt, store::Growth::Grows};
    change.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_CHECK(tx.run(*query, {tenant, 2}));
      return store::Journal{};
    };
    EXPECT_FALSE(engine->apply(space(), std::move(change))) << query->name;
  }
  EXPECT_TRUE(verdict().is_intact());
}

// The store prepares statements by address, so one engine lives for each edit.
TEST_P(Tampered, EntryIsNamed) {
  write(5);
  const Bytes other(32, 7);
  for (const store::Query& query : k_edits) {
    if (is_postgres() && query.postgres.empty()) continue;
    const auto before = entries();
    tamper(query, 3, other);
    const AuditVerdict broken = verdict();
    EXPECT_EQ(broken.broken_seq, 3) << query.name << ": " << broken.why;
    EXPECT_EQ(broken.entries, 2) << query.name;
    EXPECT_FALSE(broken.why.empty());
    // Put back what was there, so that each column is tried on a whole chain.
    store::Change mend{store::k_grant_all, {}, std::nullopt, store::Growth::Grows};
    mend.apply = [&](store::Tx& tx) -> Result<store::Journal> {
      static constexpr auto k_clear = edit("clear", "DELETE FROM audit_entry WHERE seq IN (3, 900)",
                                           "DELETE FROM audit_entry WHERE seq IN (3, 900)", 0);
      PROBITY_CHECK(tx.run(k_clear, {}));
      const auto& e = before[2].entry;
      PROBITY_CHECK(
          tx.run(sql::audit::insert_entry, {tenant, std::int64_t{3}, e.id, e.at, e.action, e.actor,
                                            e.object, e.outcome, e.detail, before[2].hash}));
      return store::Journal{};
    };
    const auto mended = engine->apply(space(), std::move(mend));
    ASSERT_TRUE(mended) << mended.error().detail;
    ASSERT_TRUE(verdict().is_intact()) << query.name;
  }
}

TEST_P(Tampered, TailIsNamed) {
  static constexpr auto k_cut =
      edit("cut", "DELETE FROM audit_entry WHERE tenant_id = ?1 AND seq > ?2",
           "DELETE FROM audit_entry WHERE tenant_id = $1 AND seq > $2", 2);
  write(5);
  tamper(k_cut, 3);
  const AuditVerdict broken = verdict();
  EXPECT_EQ(broken.broken_seq, 4);
  EXPECT_EQ(broken.entries, 3);
  EXPECT_EQ(broken.why, "entries 4 to 5 are missing");
}

TEST_P(Tampered, HeadIsNamed) {
  static constexpr auto k_behind =
      edit("behind", "UPDATE audit_head SET seq = ?2 WHERE tenant_id = ?1",
           "UPDATE audit_head SET seq = $2 WHERE tenant_id = $1", 2);
  static constexpr auto k_other =
      edit("other", "UPDATE audit_head SET seq = ?2, hash = ?3 WHERE tenant_id = ?1",
           "UPDATE audit_head SET seq = $2, hash = $3 WHERE tenant_id = $1", 3);
  static constexpr auto k_no_head =
      edit("none", "DELETE FROM audit_head WHERE tenant_id = ?1 AND ?2 = ?2",
           "DELETE FROM audit_head WHERE tenant_id = $1 AND $2::bigint = $2", 2);
  write(3);
  tamper(k_behind, 2);
  EXPECT_EQ(verdict().broken_seq, 3);
  tamper(k_other, 3, Bytes(32, 1));
  EXPECT_EQ(verdict().broken_seq, 3);
  tamper(k_other, 3, Bytes(31, 1));
  EXPECT_EQ(verdict().broken_seq, 3);
  EXPECT_FALSE(engine->apply(space(), change_with({entry_of(clock.now(), "survey.create")})))
      << "nothing may be appended to a damaged chain";
  tamper(k_no_head, 0);
  EXPECT_EQ(verdict().broken_seq, 4);
}

}  // namespace
}  // namespace probity::audit
