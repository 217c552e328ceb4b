#include "store/postgres_connection.hpp"

#include <gtest/gtest.h>

#include "store/postgres_schema.hpp"
#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

class Postgres : public BothEngines {};
INSTANTIATE_TEST_SUITE_P(Store, Postgres, ::testing::Values("postgres"));

std::int64_t number_of(PgConnection& connection, const Query& query, Values values = {}) {
  std::int64_t found = -1;
  const auto read = connection.fetch(
      query, values,
      [&](const Row& row) {
        found = row.integer(0);
        return false;
      },
      PgConnection::Rows::Whole);
  EXPECT_TRUE(read) << read.error().detail;
  return found;
}

TEST_P(Postgres, ShowATenantNothingOfAnother) {
  auto engine = open();
  const TenantId one = make_tenant(*engine, "one");
  const TenantId two = make_tenant(*engine, "two");
  ASSERT_TRUE(engine->apply(Space::of(one), insert_note(one, 1)));
  EXPECT_EQ(count_notes(*engine, two), 0);
  // Writing with another tenant's id is refused by the policy, reading shows nothing.
  EXPECT_FALSE(engine->apply(Space::of(two), insert_note(one, 2)));
  auto connection = PgConnection::open(database_->url(k_test_role), {});
  ASSERT_TRUE(connection);
  const std::vector<std::string> settings{"", "zz", "00", tenant_setting(Space::system()),
                                          tenant_setting(Space::of(two))};
  for (const std::string& setting : settings) {
    const auto set = (*connection)->script("SET probity.tenant = '" + setting + "'");
    ASSERT_TRUE(set) << setting << ": " << set.error().detail;
    std::int64_t seen = 0;
    const auto read = (*connection)
                          ->fetch(
                              k_count_notes, {},
                              [&](const Row& row) {
                                seen = row.integer(0);
                                return false;
                              },
                              PgConnection::Rows::Whole);
    EXPECT_TRUE(!read || seen == 0) << setting;
  }
  // Without any setting there is nothing to see either.
  auto bare = PgConnection::open(database_->url(k_test_role), {});
  EXPECT_EQ(number_of(**bare, k_count_notes), 0);
}

TEST_P(Postgres, RefuseRolesThatCouldBypassTheRows) {
  const auto refused = [&](const std::string& url) {
    const auto engine = open_postgres(url, s_.parts());
    EXPECT_FALSE(engine);
    return engine ? Error{} : engine.error();
  };
  EXPECT_EQ(refused(database_->owner_url()).code, Code::Config);
  struct Case {
    const char* name;
    const char* powers;
  };
  for (const Case& c :
       {Case{"probity_t_bypass", "BYPASSRLS"}, Case{"probity_t_maker", "CREATEROLE"},
        Case{"probity_t_copier", "REPLICATION"},
        Case{"probity_t_member", "IN ROLE probity_t_bypass"},
        Case{"probity_t_files", "IN ROLE pg_read_server_files"}}) {
    database_->run(std::string("DROP ROLE IF EXISTS ") + c.name);
    database_->run(std::string("CREATE ROLE ") + c.name + " LOGIN " + c.powers);
  }
  for (const char* name : {"probity_t_member", "probity_t_bypass", "probity_t_maker",
                           "probity_t_copier", "probity_t_files"}) {
    const Error error = refused(database_->url(name));
    EXPECT_EQ(error.code, Code::Config) << name;
    EXPECT_NE(error.detail.find("application role"), std::string::npos) << error.detail;
    database_->run(std::string("DROP ROLE ") + name);
  }
  EXPECT_TRUE(open_postgres(database_->url(k_test_role), s_.parts()));
}

TEST_P(Postgres, RefuseASchemaWhoseRowsAreNotHeld) {
  struct Case {
    const char* breaks;
    const char* mends;  // As the refusal names it.
  };
  for (const Case& c : {Case{"ALTER TABLE probity.note DISABLE ROW LEVEL SECURITY",
                             "ALTER TABLE probity.note ENABLE ROW LEVEL SECURITY"},
                        Case{"ALTER TABLE probity.note_line NO FORCE ROW LEVEL SECURITY",
                             "ALTER TABLE probity.note_line FORCE ROW LEVEL SECURITY"},
                        Case{"CREATE POLICY more ON probity.note USING (true)",
                             "DROP POLICY more ON probity.note"}}) {
    database_->run(c.breaks);
    const auto engine = open_postgres(database_->url(k_test_role), s_.parts());
    ASSERT_FALSE(engine) << c.breaks;
    EXPECT_EQ(engine.error().code, Code::Config);
    EXPECT_NE(engine.error().detail.find(c.mends), std::string::npos) << engine.error().detail;
    database_->run(c.mends);
    EXPECT_TRUE(open_postgres(database_->url(k_test_role), s_.parts())) << c.mends;
  }
}

TEST_P(Postgres, ServeInitWithTheOwnersUrl) {
  const auto role = prepare_postgres(database_->owner_url(), k_test_role, s_.log, s_.migrations);
  ASSERT_TRUE(role);
  EXPECT_EQ(*role, k_test_role);
  auto engine = open_postgres(database_->owner_url(), s_.parts(), *role);
  ASSERT_TRUE(engine) << engine.error().detail;
  (void)make_tenant(**engine);
}

TEST_P(Postgres, LeaveAPreparedSchemaAloneForTheApplicationRole) {
  const auto role =
      prepare_postgres(database_->url(k_test_role), k_test_role, s_.log, s_.migrations);
  ASSERT_TRUE(role) << role.error().detail;
  EXPECT_TRUE(role->empty());
}

TEST_P(Postgres, LetAPlainOwnerPrepareTheSchema) {
  const ScratchDatabase fresh;
  fresh.run("DROP ROLE IF EXISTS probity_t_owner");
  fresh.run("CREATE ROLE probity_t_owner LOGIN");
  fresh.run(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO probity_t_owner', "
      "current_database()); END $$");
  const auto url = fresh.url("probity_t_owner");
  const auto prepared = prepare_postgres(url, k_test_role, s_.log, s_.migrations);
  EXPECT_TRUE(prepared) << prepared.error().detail;
  EXPECT_TRUE(prepare_postgres(url, k_test_role, s_.log, s_.migrations));
  const auto as_owner = open_postgres(url, s_.parts());
  ASSERT_FALSE(as_owner);
  EXPECT_EQ(as_owner.error().code, Code::Config);
  {
    auto engine = open_postgres(fresh.url(k_test_role), s_.parts());
    ASSERT_TRUE(engine) << engine.error().detail;
    (void)make_tenant(**engine);
  }
  const auto missing = prepare_postgres(url, "probity_t_nobody", s_.log, s_.migrations);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::Config);
  fresh.run(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO CURRENT_USER', "
      "current_database()); END $$");
  fresh.run(
      "REASSIGN OWNED BY probity_t_owner TO CURRENT_USER; DROP OWNED BY probity_t_owner;"
      "DROP ROLE probity_t_owner");
}

TEST_P(Postgres, NameTheRemedyOnAnUnpreparedDatabase) {
  const ScratchDatabase fresh;
  const auto engine = open_postgres(fresh.url(k_test_role), s_.parts());
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, Code::Config);
  EXPECT_NE(engine.error().detail.find("probity init --database"), std::string::npos);
}

TEST_P(Postgres, TellNoPasswordInAnError) {
  for (const char* url : {"postgresql://a:hunter2@[bad/db", "host=/nowhere password=hunter2",
                          "postgresql://a:hunter2@localhost:1/db?connect_timeout=1"}) {
    const auto engine = open_postgres(url, s_.parts());
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().detail.find("hunter2"), std::string::npos) << engine.error().detail;
  }
}

TEST_P(Postgres, ComeBackAfterTheServerEndedTheirConnections) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  ASSERT_TRUE(engine->apply(Space::of(id), insert_note(id, 1)));
  EXPECT_EQ(count_notes(*engine, id), 1);
  database_->run(
      "DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$");
  // Lost before anything was committed: run again on a new connection, once and only once.
  EXPECT_TRUE(engine->apply(Space::of(id), insert_note(id, 2)));
  EXPECT_EQ(count_notes(*engine, id), 2);
}

TEST_P(Postgres, AcknowledgeNothingOfALostTransaction) {
  auto engine = open();
  const TenantId id = make_tenant(*engine);
  int runs = 0;
  // The connection ends inside the first run; the second one counts.
  const auto stored = engine->apply(
      Space::of(id), change_of([&](Tx& tx) -> Result<Journal> {
        PROBITY_CHECK(tx.run(k_insert_note, {id, ResponseId::make(Instant()), 1, Bytes{}}));
        if (++runs == 1) {
          database_->run(
              "DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity "
              "WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$");
        }
        PROBITY_CHECK(tx.first(k_count_notes, {}, [](const Row& row) { return row.integer(0); }));
        return Journal{};
      }));
  EXPECT_TRUE(stored) << stored.error().detail;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count_notes(*engine, id), 1);
}

}  // namespace
}  // namespace probity::store
