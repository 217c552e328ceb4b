#include "identity/users.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "audit/read.hpp"
#include "audit/verify.hpp"
#include "identity/identity_fixture.hpp"
#include "identity/settings.hpp"
#include "identity/sweep.hpp"
#include "identity/tokens.hpp"

namespace probity::identity {
namespace {

class Users : public Members {
 protected:
  Code code_of(Result<std::shared_ptr<Nothing>> done) { return done ? k_in : done.error().code; }
  Code change(const Acting& acting, UserId user, UserChange what) {
    return code_of(commit(plan_change_user(acting, user, what)));
  }
  Code remove(const Acting& acting, UserId user) {
    return code_of(commit(plan_delete_user(acting, user)));
  }
  Code look(std::string_view token) {
    const auto found = look_at_link(*read(), token, clock.now());
    return found ? k_in : found.error().code;
  }
  std::string invite(std::string_view email, Role role = Role::Editor) {
    auto invited = commit(plan_invite(operator_acting(), email, role));
    EXPECT_TRUE(invited);
    return invited ? (*invited)->token : std::string();
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Users, support::both_engines(), support::engine_name);

TEST_P(Users, AddressIsUniqueInEverySpelling) {
  invite("strasse@example.org");
  for (const std::string_view same : {"strasse@example.org", "STRASSE@example.org",
                                      "stra\xC3\x9F"
                                      "e@example.org",
                                      "\xEF\xBD\x93trasse@example.org"}) {
    const auto second = commit(plan_invite(operator_acting(), same, Role::None));
    ASSERT_FALSE(second) << same;
    EXPECT_EQ(second.error().code, Code::Conflict);
  }
  EXPECT_TRUE(commit(plan_invite(operator_acting(), "strasse@example.com", Role::None)));
}

TEST_P(Users, HundredParallelCreationsOfOneAddressMakeOneMember) {
  const std::vector<std::string> spellings{"race@example.org", "RACE@example.org",
                                           "Race@Example.Org",
                                           "\xEF\xBD\x92"
                                           "ace@example.org"};
  std::atomic<int> created{0};
  std::atomic<int> conflicts{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 10; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 10; ++i) {
        const auto& email = spellings[static_cast<std::size_t>(thread + i) % spellings.size()];
        const auto done = commit(plan_invite(operator_acting(), email, Role::None));
        if (done) ++created;
        if (!done && done.error().code == Code::Conflict) ++conflicts;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(conflicts, 99);
}

TEST_P(Users, SameAddressMayBelongToAnotherTenant) {
  auto other = engine->create_tenant("other", "");
  ASSERT_TRUE(other);
  EXPECT_TRUE(create_owner(*engine, other->id, "owner@example.org", clock.now()));
  EXPECT_EQ(create_owner(*engine, tenant, "owner@example.org", clock.now()).error().code,
            Code::Conflict);
  auto reader = engine->read(store::Space::of(other->id), k_grant);
  auto cipher = engine->cipher(store::Space::of(other->id));
  EXPECT_EQ(list_users(**reader, **cipher, UserId(), 10)->size(), 1U);
}

TEST_P(Users, WithoutRoleCanDoNothing) {
  const UserId user = member("none@example.org", Role::None);
  const auto record = find_user(*read(), *keys, user);
  EXPECT_EQ((*record)->role, Role::None);
  EXPECT_TRUE(permissions_of(Role::None).is_empty());
  const auto principal = authenticator->by_cookie(cookie_of("none@example.org"), Activity::User);
  for (std::size_t i = 0; i < k_permission_count; ++i)
    EXPECT_FALSE(authorise(*principal, static_cast<Permission>(i)).is_allowed);
}

TEST_P(Users, NobodyGrantsMoreThanTheyHold) {
  Acting manager = acting_with(Role::Editor);
  manager.permissions.add(Permission::UsersManage);
  const UserId analyst = member("analyst@example.org", Role::Analyst);
  EXPECT_EQ(plan_invite(manager, "x@example.org", Role::Owner).error().code, Code::Forbidden);
  EXPECT_EQ(plan_invite(manager, "x@example.org", Role::Auditor).error().code, Code::Forbidden);
  EXPECT_TRUE(plan_invite(manager, "x@example.org", Role::Analyst));
  EXPECT_EQ(plan_change_user(manager, analyst, {Role::Owner, {}}).error().code, Code::Forbidden);
  EXPECT_EQ(change(manager, owner, {Role::Analyst, {}}), Code::Forbidden);
  EXPECT_EQ(change(manager, owner, {{}, true}), Code::Forbidden);
  EXPECT_EQ(remove(manager, owner), Code::Forbidden);
  EXPECT_EQ(commit(plan_reissue(manager, owner)).error().code, Code::Forbidden);
  EXPECT_EQ(change(manager, analyst, {Role::Editor, {}}), k_in);
}

TEST_P(Users, LastActiveOwnerStays) {
  const Acting acting = operator_acting();
  EXPECT_EQ(change(acting, owner, {Role::Editor, {}}), Code::Conflict);
  EXPECT_EQ(change(acting, owner, {{}, true}), Code::Conflict);
  EXPECT_EQ(remove(acting, owner), Code::Conflict);
  // An invited or disabled owner does not count.
  invite("second@example.org", Role::Owner);
  EXPECT_EQ(remove(acting, owner), Code::Conflict);
  const UserId third = member("third@example.org", Role::Owner);
  EXPECT_EQ(remove(acting, owner), k_in);
  EXPECT_EQ(change(acting, third, {{}, true}), Code::Conflict);
}

TEST_P(Users, TwoOwnersCannotRemoveEachOtherAtOnce) {
  const UserId second = member("second@example.org", Role::Owner);
  std::atomic<int> gone{0};
  {
    std::jthread one([&] { gone += remove(operator_acting(), owner) == k_in; });
    std::jthread two([&] { gone += remove(operator_acting(), second) == k_in; });
  }
  EXPECT_EQ(gone, 1);
}

TEST_P(Users, DisablingEndsSessionsAndTokensAndEnablingAllowsANewLogin) {
  const UserId user = member("editor@example.org", Role::Editor);
  const std::string cookie = cookie_of("editor@example.org");
  auto token = commit(plan_token(acting_with(Role::Editor), user, {"ci", {"surveys.read"}, {}}));
  ASSERT_TRUE(token);
  EXPECT_TRUE(authenticator->by_bearer((*token)->text));
  EXPECT_EQ(change(operator_acting(), user, {{}, true}), k_in);
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
  EXPECT_FALSE(authenticator->by_bearer((*token)->text));
  EXPECT_FALSE((*try_login("editor@example.org", k_good_password))->member);
  EXPECT_EQ(change(operator_acting(), user, {{}, false}), k_in);
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated) << "the old session stays ended";
  EXPECT_EQ(answer_of(cookie_of("editor@example.org")), k_in);
}

TEST_P(Users, DisablingSomebodyInvitedKillsTheLink) {
  const std::string token = invite("late@example.org");
  const UserId user = user_of("late@example.org");
  EXPECT_EQ(change(operator_acting(), user, {{}, true}), k_in);
  EXPECT_EQ(look(token), Code::Gone);
  EXPECT_EQ(commit(plan_reissue(operator_acting(), user)).error().code, Code::Conflict);
  EXPECT_EQ(change(operator_acting(), user, {{}, false}), k_in);
  EXPECT_EQ((*find_user(*read(), *keys, user))->state, "invited");
}

TEST_P(Users, RoleChangeNeedsANewLoginAndHoldsAtOnce) {
  const UserId user = member("editor@example.org", Role::Editor);
  const std::string cookie = cookie_of("editor@example.org");
  EXPECT_EQ(change(operator_acting(), user, {Role::Analyst, {}}), k_in);
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
  const auto principal = authenticator->by_cookie(cookie_of("editor@example.org"), Activity::User);
  EXPECT_EQ(std::get<Member>(*principal).role, Role::Analyst);
}

TEST_P(Users, ChangeToTheSameKeepsTheSession) {
  const UserId user = member("editor@example.org", Role::Editor);
  const std::string cookie = cookie_of("editor@example.org");
  EXPECT_EQ(change(operator_acting(), user, {Role::Editor, false}), k_in);
  EXPECT_EQ(answer_of(cookie), k_in);
}

TEST_P(Users, DeletingLeavesNothingPersonalAndTheAuditLogTheBareId) {
  const UserId user = member("gone@example.org", Role::Editor);
  const std::string cookie = cookie_of("gone@example.org");
  auto token = commit(plan_token(acting_with(Role::Editor), user, {"ci", {"surveys.read"}, {}}));
  EXPECT_EQ(remove(operator_acting(), user), k_in);
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
  EXPECT_FALSE(authenticator->by_bearer((*token)->text));
  EXPECT_FALSE(*find_user(*read(), *keys, user));
  EXPECT_EQ(remove(operator_acting(), user), Code::NotFound);
  auto reader = engine->read(space(), store::k_grant_all);
  int mentions = 0;
  const auto entries = audit::list_entries(**reader, 0, 1000);
  for (const auto& entry : *entries)
    mentions += entry.entry.object == user.text() || entry.entry.actor == user.text();
  EXPECT_GE(mentions, 3) << "created, redeemed, deleted";
  EXPECT_TRUE(audit::verify(**reader)->is_intact());
  EXPECT_TRUE(commit(plan_invite(operator_acting(), "gone@example.org", Role::None)))
      << "the address is free again";
}

TEST_P(Users, UnknownOnesAreNotFound) {
  const UserId nobody = UserId::make(clock.now());
  EXPECT_EQ(change(operator_acting(), nobody, {Role::Editor, {}}), Code::NotFound);
  EXPECT_EQ(remove(operator_acting(), nobody), Code::NotFound);
  EXPECT_EQ(commit(plan_reissue(operator_acting(), nobody)).error().code, Code::NotFound);
}

TEST_P(Users, ListIsPagedInOrder) {
  for (int i = 0; i < 5; ++i) {
    clock.advance(Span::seconds(1));
    invite("u" + std::to_string(i) + "@example.org");
  }
  const auto first = list_users(*read(), *keys, UserId(), 4);
  const auto rest = list_users(*read(), *keys, first->back().id, 4);
  ASSERT_EQ(first->size(), 4U);
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ(first->front().email, "owner@example.org");
  EXPECT_EQ(rest->back().email, "u4@example.org");
}

TEST_P(Users, LinkWorksOnceAndLookingDoesNotUseIt) {
  const std::string token = invite("new@example.org");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(look(token), k_in);
  EXPECT_EQ(tenant_of_link(token), tenant);
  ASSERT_TRUE(redeem(token, k_good_password));
  EXPECT_EQ(look(token), Code::Gone);
  EXPECT_EQ(redeem(token, k_other_password).error().code, Code::Gone);
  EXPECT_TRUE((*try_login("new@example.org", k_good_password))->member);
}

TEST_P(Users, LinkRacedByTwoIsRedeemedByOne) {
  const std::string token = invite("new@example.org");
  std::vector<Planned<Nothing>> plans;
  for (const auto password : {k_good_password, k_other_password}) {
    auto plan = plan_redeem(*read(), hasher, operator_acting(), {token, password, "main"});
    ASSERT_TRUE(plan);
    plans.push_back(std::move(*plan));
  }
  EXPECT_TRUE(engine->apply(space(), std::move(plans[0].change)));
  EXPECT_EQ(engine->apply(space(), std::move(plans[1].change)).error().code, Code::Gone);
  EXPECT_TRUE((*try_login("new@example.org", k_good_password))->member);
}

TEST_P(Users, LinkExpiresAfterSeventyTwoHours) {
  const std::string token = invite("new@example.org");
  clock.advance(k_link_life - Span::seconds(1));
  EXPECT_EQ(look(token), k_in);
  clock.advance(Span::seconds(1));
  EXPECT_EQ(look(token), Code::Gone);
  clock.advance(Span::seconds(1));
  EXPECT_EQ(redeem(token, k_good_password).error().code, Code::Gone);
  clock.advance(k_link_memory);
  // The owner's own link and this one.
  EXPECT_EQ((*commit(plan_sweep(operator_acting())))->rows, 2);
  EXPECT_EQ(look(token), Code::NotFound);
}

TEST_P(Users, NewLinkKillsTheOldOne) {
  const std::string old_token = invite("new@example.org");
  auto fresh = commit(plan_reissue(operator_acting(), user_of("new@example.org")));
  ASSERT_TRUE(fresh);
  EXPECT_EQ(look(old_token), Code::Gone);
  EXPECT_EQ(look((*fresh)->token), k_in);
}

TEST_P(Users, LinkOfAnActiveMemberResetsThePasswordAndEndsSessions) {
  const std::string cookie = cookie_of("owner@example.org");
  const auto token = reissue_link(*engine, tenant, "OWNER@example.org", clock.now());
  ASSERT_TRUE(token);
  EXPECT_EQ(answer_of(cookie), k_in) << "issuing alone changes nothing";
  ASSERT_TRUE(redeem(*token, k_other_password));
  EXPECT_EQ(answer_of(cookie), Code::Unauthenticated);
  EXPECT_FALSE((*try_login("owner@example.org", k_good_password))->member);
  EXPECT_TRUE((*try_login("owner@example.org", k_other_password))->member);
  EXPECT_EQ(reissue_link(*engine, tenant, "nobody@example.org", clock.now()).error().code,
            Code::NotFound);
}

TEST_P(Users, LinkThatIsNoneIsNotFound) {
  for (const std::string_view bad : {"", "x", "AAAA", "not/base64"})
    EXPECT_EQ(look(bad), Code::NotFound) << bad;
  const NewLink unknown = make_link(tenant, owner, clock.now());
  EXPECT_EQ(look(unknown.token), Code::NotFound);
  EXPECT_FALSE(tenant_of_link("AAAA"));
}

TEST_P(Users, WeakPasswordDoesNotUseTheLinkUp) {
  const std::string token = invite("new@example.org");
  const int hashes = hasher.hashes;
  EXPECT_EQ(redeem(token, "Passw0rd").error().code, Code::PasswordRefused);
  EXPECT_EQ(hasher.hashes, hashes);
  EXPECT_EQ(look(token), k_in);
  SettingsPatch patch;
  patch.organisation_name = "Larkspur Partners";
  ASSERT_TRUE(commit(plan_change_settings(operator_acting(), patch)));
  const auto named = redeem(token, "larkspur-partners-1");
  ASSERT_FALSE(named);
  EXPECT_TRUE(named.error().fields.at(0).reason.starts_with("context:"));
  EXPECT_TRUE(redeem(token, k_good_password));
}

TEST_P(Users, TokensHoldWhatTheirMakerHolds) {
  const UserId user = member("editor@example.org", Role::Editor);
  const Acting editor = acting_with(Role::Editor);
  EXPECT_EQ(plan_token(editor, user, {"ci", {"audit.read"}, {}}).error().code, Code::Forbidden);
  EXPECT_EQ(plan_token(editor, user, {"ci", {"everything"}, {}}).error().code, Code::BadRequest);
  EXPECT_EQ(plan_token(editor, user, {"ci", {}, {}}).error().code, Code::BadRequest);
  EXPECT_EQ(plan_token(editor, user, {"", {"surveys.read"}, {}}).error().code, Code::BadRequest);
  auto made = commit(plan_token(editor, user, {"ci", {"surveys.read", "surveys.edit"}, {}}));
  ASSERT_TRUE(made);
  EXPECT_TRUE((*made)->text.starts_with("prb_"));
  auto holder = std::get<TokenHolder>(*authenticator->by_bearer((*made)->text));
  EXPECT_EQ(holder.made_by, user);
  EXPECT_TRUE(holder.permissions.has(Permission::SurveysEdit));
  // The maker loses a permission: so does the token, from the next call on.
  EXPECT_EQ(change(operator_acting(), user, {Role::Analyst, {}}), k_in);
  holder = std::get<TokenHolder>(*authenticator->by_bearer((*made)->text));
  EXPECT_TRUE(holder.permissions.has(Permission::SurveysRead));
  EXPECT_FALSE(holder.permissions.has(Permission::SurveysEdit));
}

TEST_P(Users, TokensExpireAreListedAndRevoked) {
  auto made = commit(plan_token(operator_acting(), owner, {"nightly", {"surveys.read"}, 1}));
  ASSERT_TRUE(made);
  const std::string text = (*made)->text;
  EXPECT_TRUE(authenticator->by_bearer(text));
  const auto records = list_tokens(*read(), *keys, TokenId(), 10);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->at(0).name, "nightly");
  EXPECT_EQ(records->at(0).scopes, "surveys.read");
  clock.advance(Span::days(1) - Span::seconds(1));
  EXPECT_TRUE(authenticator->by_bearer(text));
  clock.advance(Span::seconds(1));
  EXPECT_EQ(authenticator->by_bearer(text).error().code, Code::Unauthenticated);
  auto other = commit(plan_token(operator_acting(), owner, {"other", {"surveys.read"}, {}}));
  EXPECT_TRUE(commit(plan_revoke_token(operator_acting(), (*other)->id)));
  EXPECT_EQ(authenticator->by_bearer((*other)->text).error().code, Code::Unauthenticated);
  EXPECT_EQ(commit(plan_revoke_token(operator_acting(), (*other)->id)).error().code,
            Code::NotFound);
  for (const std::int64_t bad : {std::int64_t{0}, k_token_days_max + 1})
    EXPECT_EQ(plan_token(operator_acting(), owner, {"x", {"surveys.read"}, bad}).error().code,
              Code::BadRequest);
}

TEST_P(Users, TokenWithAnyBitChangedIsRefused) {
  auto made = commit(plan_token(operator_acting(), owner, {"ci", {"surveys.read"}, {}}));
  const auto bytes = from_base64url((*made)->text.substr(4));
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    Bytes flipped = *bytes;
    flipped[i] ^= 0x80;
    ASSERT_EQ(authenticator->by_bearer("prb_" + to_base64url(flipped)).error().code,
              Code::Unauthenticated)
        << i;
  }
  for (const std::string_view bad : {"", "prb_", "prb_AAAA", "Bearer x"})
    EXPECT_EQ(authenticator->by_bearer(bad).error().code, Code::Unauthenticated);
}

TEST_P(Users, TokenUseIsKeptToTheDay) {
  auto made = commit(plan_token(operator_acting(), owner, {"ci", {"surveys.read"}, {}}));
  EXPECT_FALSE(list_tokens(*read(), *keys, TokenId(), 10)->at(0).used_on);
  clock.set(Instant::from_s(1'767'225'600) + Span::hours(13));
  ASSERT_TRUE(authenticator->by_bearer((*made)->text));
  ASSERT_TRUE(commit(plan_sweep(operator_acting())));  // Queued behind it.
  EXPECT_EQ(list_tokens(*read(), *keys, TokenId(), 10)->at(0).used_on,
            Instant::from_s(1'767'225'600));
}

TEST_P(Users, SettingsKeepWhatWasSetAndDefaultTheRest) {
  auto settings = load_settings(*read(), *keys);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->session_idle_s, 14'400);
  EXPECT_EQ(settings->group_size_min, 5);
  EXPECT_EQ(settings->address_format, AddressFormat::V4Slash24);
  EXPECT_EQ(settings->version, 1);
  SettingsPatch patch;
  patch.organisation_name = " Larkspur ";
  patch.privacy_contact = "privacy@example.org";
  patch.address_format = AddressFormat::None;
  patch.group_size_min = 7;
  auto version = commit(plan_change_settings(operator_acting(), patch));
  ASSERT_TRUE(version);
  EXPECT_EQ(**version, 2);
  settings = load_settings(*read(), *keys);
  EXPECT_EQ(settings->organisation_name, "Larkspur");
  EXPECT_EQ(settings->privacy_contact, "privacy@example.org");
  EXPECT_EQ(settings->address_format, AddressFormat::None);
  EXPECT_EQ(settings->group_size_min, 7);
  EXPECT_EQ(settings->session_idle_s, 14'400);
  EXPECT_EQ(settings->version, 2);
}

TEST_P(Users, SettingsRefuseALostUpdateAndBadValues) {
  SettingsPatch patch;
  patch.group_size_min = 6;
  patch.expected_version = 1;
  EXPECT_TRUE(commit(plan_change_settings(operator_acting(), patch)));
  EXPECT_EQ(commit(plan_change_settings(operator_acting(), patch)).error().code,
            Code::PreconditionFailed);
  patch.expected_version = 2;
  EXPECT_TRUE(commit(plan_change_settings(operator_acting(), patch)));
  SettingsPatch bad;
  bad.group_size_min = 4;
  bad.organisation_name = std::string(201, 'x');
  const auto refused = plan_change_settings(operator_acting(), bad);
  EXPECT_EQ(refused.error().code, Code::BadRequest);
  EXPECT_EQ(refused.error().fields.size(), 2U);
}

}  // namespace
}  // namespace probity::identity
