#include "web/streams.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "web/limits.hpp"

namespace probity::web {
namespace {

constexpr Instant k_now = Instant::from_s(1'767'225'600);

/// A snapshot that shows nothing.
class Blank final : public store::Reader {
 public:
  [[nodiscard]] const store::Space& space() const override { return space_; }
  [[nodiscard]] Result<void> each(const store::Query&, store::Values, const OnRow&) override {
    return {};
  }

 private:
  store::Space space_ = store::Space::system();
};

identity::Principal person(const TenantId& tenant) {
  identity::Member member;
  member.tenant = tenant;
  member.user = UserId::make(k_now);
  return member;
}

using Held = std::vector<std::unique_ptr<store::Reader>>;

/// How many more streams somebody gets; keeps them in `held`.
std::uint64_t fill(StreamBudget& budget, const identity::Principal& who, Held& held,
                   Code& refusal) {
  for (std::uint64_t count = 0;; ++count) {
    auto counted = budget.count(who, std::make_unique<Blank>());
    if (!counted) {
      refusal = counted.error().code;
      EXPECT_EQ(counted.error().retry_after_s, k_stream_retry_after_s);
      EXPECT_FALSE(counted.error().hint.empty());
      return count;
    }
    held.push_back(std::move(*counted));
  }
}

TEST(StreamBudget, BoundsAPersonThenATenantThenAll) {
  StreamBudget budget(k_streams_postgres_max);
  Held held;
  Code refusal{};
  const TenantId first = TenantId::make(k_now);
  const auto one = person(first);
  EXPECT_EQ(fill(budget, one, held, refusal), k_streams_of_person_max);
  EXPECT_EQ(refusal, Code::Throttled);
  EXPECT_EQ(fill(budget, person(first), held, refusal),
            k_streams_of_tenant_max - k_streams_of_person_max);
  EXPECT_EQ(fill(budget, person(first), held, refusal), 0U);
  EXPECT_EQ(refusal, Code::Overloaded);

  // Another tenant has its own; what all may hold together leaves most of the readers free.
  std::uint64_t others = 0;
  for (int i = 0; i < 20; ++i)
    others += fill(budget, person(TenantId::make(k_now)), held, refusal);
  EXPECT_EQ(others, k_streams_postgres_max - k_streams_of_tenant_max);

  held.clear();
  EXPECT_EQ(fill(budget, one, held, refusal), k_streams_of_person_max);
}

TEST(StreamBudget, CountsAMembersTokensAsThatMember) {
  StreamBudget budget(k_streams_sqlcipher_max);
  Held held;
  Code refusal{};
  const TenantId tenant = TenantId::make(k_now);
  const auto who = person(tenant);
  EXPECT_EQ(fill(budget, who, held, refusal), k_streams_of_person_max);
  const identity::TokenHolder token{tenant, TokenId::make(k_now),
                                    std::get<identity::Member>(who).user, identity::Permissions()};
  EXPECT_EQ(fill(budget, token, held, refusal), 0U);
  EXPECT_EQ(refusal, Code::Throttled);
}

}  // namespace
}  // namespace probity::web
