#include "attest/people.hpp"

#include <array>
#include <utility>

#include "crypto/random.hpp"
#include "identity/links.hpp"
#include "identity/login.hpp"
#include "identity/users.hpp"

namespace probity::attest {
namespace {

Result<identity::Acting> acting_for(store::Engine& engine, TenantId tenant, Instant now) {
  PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant)));
  return identity::acting_as_operator(tenant, now, cipher);
}

}  // namespace

std::string random_word(std::size_t bytes) { return to_base64url(crypto::random_bytes(bytes)); }

std::string random_password() { return random_word(18); }

Result<ScratchMember> invite_scratch(store::Engine& engine, TenantId tenant, identity::Role role,
                                     Instant now) {
  PROBITY_TRY(acting, acting_for(engine, tenant, now));
  const std::string email = to_hex(crypto::random_bytes(8)) + "@scratch.invalid";
  PROBITY_TRY(planned, identity::plan_invite(acting, email, role));
  const auto outcome = planned.outcome;
  PROBITY_CHECK(engine.apply(store::Space::of(tenant), std::move(planned.change)));
  return ScratchMember{tenant, outcome->id, email, outcome->token};
}

Result<void> set_scratch_password(store::Engine& engine, identity::Hasher& hasher,
                                  const ScratchMember& member, std::string_view password,
                                  Instant now) {
  PROBITY_TRY(acting, acting_for(engine, member.tenant, now));
  PROBITY_TRY(record, engine.tenant(member.tenant));
  PROBITY_TRY(reader, engine.read(store::Space::of(member.tenant), identity::k_grant));
  PROBITY_TRY(planned,
              identity::plan_redeem(
                  *reader, hasher, acting,
                  {.token = member.link_token, .password = password, .tenant_slug = record.slug}));
  return engine.apply(store::Space::of(member.tenant), std::move(planned.change));
}

Result<ScratchMember> make_scratch_member(store::Engine& engine, TenantId tenant,
                                          identity::Role role, std::string_view password,
                                          Instant now) {
  PROBITY_TRY(member, invite_scratch(engine, tenant, role, now));
  identity::Argon hasher;
  PROBITY_CHECK(set_scratch_password(engine, hasher, member, password, now));
  return std::move(member);
}

Result<void> remove_scratch_member(store::Engine& engine, const ScratchMember& member,
                                   Instant now) {
  PROBITY_TRY(acting, acting_for(engine, member.tenant, now));
  PROBITY_TRY(planned, identity::plan_delete_user(acting, member.id));
  return engine.apply(store::Space::of(member.tenant), std::move(planned.change));
}

}  // namespace probity::attest
