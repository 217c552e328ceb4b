#include "store/sqlcipher.hpp"

#include <gtest/gtest.h>

#include "store/store_fixture.hpp"

namespace probity::store {
namespace {

TEST(SqlcipherEngine, StoresAndReopens) {
  Surroundings s;
  TenantId id;
  {
    auto engine = open_sqlcipher(s.data(), s.parts());
    ASSERT_TRUE(engine) << engine.error().detail;
    auto record = (*engine)->create_tenant("main", "");
    ASSERT_TRUE(record) << record.error().detail;
    id = record->id;
    auto stored = (*engine)->apply(Space::of(id), insert_note(id, 1));
    ASSERT_TRUE(stored) << stored.error().detail;
    EXPECT_EQ(count_notes(**engine, id), 1);
  }
  auto engine = open_sqlcipher(s.data(), s.parts());
  ASSERT_TRUE(engine) << engine.error().detail;
  EXPECT_EQ(count_notes(**engine, id), 1);
}

}  // namespace
}  // namespace probity::store
