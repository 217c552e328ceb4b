#include <gtest/gtest.h>

#include <fmt/format.h>

#include "attest/attest_fixture.hpp"
#include "attest/probes_access.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_probe = "isolation.rows_held";
/// Roles belong to the whole cluster: the one that is bent here is no other test's.
constexpr std::string_view k_role = "probity_t_rows";

Finding found(const Ground& ground) { return run_probe(row_probes(ground), k_probe); }

using RowProbeOn = support::OnEitherEngine;
INSTANTIATE_TEST_SUITE_P(Engines, RowProbeOn, support::both_engines(), support::engine_name);

TEST_P(RowProbeOn, HoldsOnTheProduct) {
  Workshop shop(GetParam());
  EXPECT_STATUS(found(shop.ground), Status::Held);
}

class RowWalls : public support::OnEitherEngine {};
INSTANTIATE_TEST_SUITE_P(Engines, RowWalls, ::testing::Values("postgres"), support::engine_name);

TEST_P(RowWalls, AreSeenWhenTheyAreBroken) {
  Workshop shop(GetParam());
  struct Case {
    const char* breaks;
    const char* mends;
  };
  for (const Case& c :
       {Case{"ALTER TABLE probity.identity_user DISABLE ROW LEVEL SECURITY",
             "ALTER TABLE probity.identity_user ENABLE ROW LEVEL SECURITY"},
        Case{"ALTER TABLE probity.survey_response DISABLE ROW LEVEL SECURITY",
             "ALTER TABLE probity.survey_response ENABLE ROW LEVEL SECURITY"},
        Case{"ALTER TABLE probity.audit_entry NO FORCE ROW LEVEL SECURITY",
             "ALTER TABLE probity.audit_entry FORCE ROW LEVEL SECURITY"},
        Case{"CREATE POLICY more ON probity.survey_response FOR SELECT USING (true)",
             "DROP POLICY more ON probity.survey_response"},
        Case{"ALTER POLICY identity_user_tenant ON probity.identity_user USING (true)",
             "ALTER POLICY identity_user_tenant ON probity.identity_user USING "
             "(tenant_id = decode(current_setting('probity.tenant', true), 'hex'))"},
        Case{"CREATE VIEW probity.everybody AS SELECT * FROM probity.identity_user",
             "DROP VIEW probity.everybody"}}) {
    SCOPED_TRACE(c.breaks);
    shop.store.database->run(c.breaks);
    EXPECT_STATUS(found(shop.ground), Status::Broken);
    shop.store.database->run(c.mends);
    EXPECT_STATUS(found(shop.ground), Status::Held);
  }
  // What only takes rows away does no harm.
  shop.store.database->run(
      "CREATE POLICY less ON probity.survey_response AS RESTRICTIVE FOR "
      "SELECT USING (tenant_id IS NOT NULL)");
  EXPECT_STATUS(found(shop.ground), Status::Held);
}

TEST_P(RowWalls, AreSeenToHoldTheServersRole) {
  Workshop shop(GetParam());
  const auto run = [&](std::string_view text) {
    shop.store.database->run(fmt::format(fmt::runtime(text), k_role));
  };
  run("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{0}') THEN "
      "CREATE ROLE {0} LOGIN; END IF; END $$");
  run("ALTER ROLE {} NOBYPASSRLS");
  const auto prepared = store::prepare_postgres(shop.store.database->owner_url(),
                                                std::string(k_role), shop.store.log);
  ASSERT_TRUE(prepared) << prepared.error().detail;
  auto opened = store::open_postgres(shop.store.database->owner_url(),
                                     {.clock = shop.store.clock,
                                      .log = shop.store.log,
                                      .master = *shop.store.master,
                                      .journaler = &shop.chain},
                                     std::string(k_role));
  ASSERT_TRUE(opened) << opened.error().detail;
  Scratch scratch{**opened, shop.store.clock};
  const Ground ground{**opened, shop.store.clock, scratch};
  EXPECT_STATUS(found(ground), Status::Held);
  run("ALTER ROLE {} BYPASSRLS");
  EXPECT_STATUS(found(ground), Status::Broken);
  run("ALTER ROLE {} NOBYPASSRLS");
  // A statement that was prepared while the role got round the policies goes on doing so, and the
  // probe says it: its connections must end.
  run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'");
  EXPECT_STATUS(found(ground), Status::Held);
  run("ALTER TABLE probity.survey_response OWNER TO {}");
  EXPECT_STATUS(found(ground), Status::Broken);
  shop.store.database->run("ALTER TABLE probity.survey_response OWNER TO CURRENT_USER");
  // Its grants went with the table.
  run("GRANT SELECT, INSERT, UPDATE, DELETE ON probity.survey_response TO {}");
  EXPECT_STATUS(found(ground), Status::Held);
  (*opened)->stop(Span::seconds(5));
  opened->reset();
  run("DROP OWNED BY {0}; DROP ROLE {0}");
}

}  // namespace
}  // namespace probity::attest
