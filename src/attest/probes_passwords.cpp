#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "attest/probes.hpp"
#include "base/text.hpp"
#include "crypto/random.hpp"
#include "identity/hasher.hpp"
#include "identity/policy.hpp"
#include "sql/attest.hpp"

namespace probity::attest {
namespace {

struct Weak {
  std::string password;
  std::string_view why;
};

/// Passwords that lists of leaked ones hold, that repeat, that run along the keyboard, that are
/// short, or that are made of names everybody here knows.
std::vector<Weak> weak_passwords(const std::string& slug, const std::string& email) {
  return {{"Passw0rd", "a short well-known one"},
          {"passwordpassword1", "a well-known one"},
          {"aaaaaaaaaaaaaaaaaaaa", "one character repeated"},
          {"abcabcabcabcabcabcabc", "a piece repeated"},
          {"qwertyuiopasdfghjkl", "a walk along the keyboard"},
          {"123456789012345678", "digits in order"},
          {random_word(9).substr(0, 8), "eight random characters"},
          {random_word(12).substr(0, identity::k_password_least - 1), "one character too few"},
          {slug + slug, "the organisation's name"},
          {email, "the e-mail address"}};
}

Result<Finding> refuse_weak(const Ground& ground, const PasswordSubject& subject,
                            const Deadline& deadline) {
  Observations seen;
  const Instant now = ground.clock.now();
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  PROBITY_TRY(member, invite_scratch(ground.engine, tenant.id, identity::Role::Analyst, now));
  int refused = 0;
  for (const Weak& weak : weak_passwords(tenant.slug, member.email)) {
    const auto result = subject.set_password(ground.engine, member, weak.password, now);
    const bool is_refused = !result && result.error().code == Code::PasswordRefused;
    seen.expect(is_refused, fmt::format("accepted: {}", weak.why));
    if (is_refused) seen.expect(!result.error().fields.empty(), "refused without naming a rule");
    refused += is_refused ? 1 : 0;
    // An accepted one has used the link up; the rest could not be judged.
    if (result) break;
    if (deadline.has_passed()) seen.give_up("out of time");
  }
  seen.note("weak_refused", refused);
  if (!seen.has_contradiction()) {
    const auto strong = subject.set_password(ground.engine, member, random_password(), now);
    seen.need(strong.has_value(), "a strong password was refused");
  }
  seen.expect(
      identity::policy_json(identity::ProfileKind::NistR4).find("min_length") != std::string::npos,
      "the policy does not show its rules");
  PROBITY_CHECK(remove_scratch_member(ground.engine, member, now));
  return seen.finding();
}

Result<Bytes> stored_password(const Ground& ground, const ScratchMember& member) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(member.tenant), k_grant));
  PROBITY_TRY(found, reader->first(sql::attest::stored_password, {member.tenant, member.id},
                                   [](const store::Row& row) {
                                     return row.is_null(0) ? Bytes() : to_bytes(row.bytes(0));
                                   }));
  if (!found) return fail(Code::NotFound, "the scratch member is gone");
  return std::move(*found);
}

/// Parameters of "$argon2id$v=19$m=19456,t=2,p=1$salt$hash".
struct Encoded {
  bool is_argon2id = false;
  std::int64_t memory_kib = 0;
  std::int64_t passes = 0;
  std::string salt;
};

Encoded read_encoded(std::string_view text) {
  Encoded encoded;
  const auto parts = split(text, '$');
  if (parts.size() != 6 || parts[1] != "argon2id" || parts[2] != "v=19") return encoded;
  for (const std::string_view setting : split(parts[3], ',')) {
    if (setting.starts_with("m=")) encoded.memory_kib = parse_int(setting.substr(2)).value_or(0);
    if (setting.starts_with("t=")) encoded.passes = parse_int(setting.substr(2)).value_or(0);
  }
  encoded.salt = parts[4];
  encoded.is_argon2id = true;
  return encoded;
}

bool holds(BytesView where, std::string_view what) {
  return as_text(where).find(what) != std::string_view::npos;
}

/// One member's stored password, beneath the seal and opened; returns its salt.
Result<std::string> look_at_stored(const Ground& ground, const ScratchMember& member,
                                   const std::string& password, Observations& seen) {
  PROBITY_TRY(stored, stored_password(ground, member));
  seen.expect(!holds(stored, password), "the password stands in its row");
  seen.expect(!holds(stored, "argon2"), "the stored hash can be read without a key");
  PROBITY_TRY(cipher, ground.engine.cipher(store::Space::of(member.tenant)));
  const auto opened = cipher->open(identity::k_password_purpose, member.id.bytes(), stored);
  seen.expect(opened.has_value(), "the stored value is not sealed");
  if (!opened) return std::string();
  const Encoded encoded = read_encoded(as_text(*opened));
  const crypto::PasswordCost declared;
  seen.expect(encoded.is_argon2id, "the sealed value is no Argon2id hash");
  seen.expect(encoded.memory_kib * 1024 >= static_cast<std::int64_t>(declared.memory_bytes) &&
                  encoded.passes >= static_cast<std::int64_t>(declared.passes),
              "the hash is cheaper than declared");
  seen.expect(!holds(*opened, password), "the password stands in its hash");
  seen.note("memory_kib", encoded.memory_kib);
  return encoded.salt;
}

Result<Finding> look_at_two(const Ground& ground, const PasswordSubject& subject) {
  Observations seen;
  const Instant now = ground.clock.now();
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  const std::string password = random_password();
  std::vector<ScratchMember> members;
  std::set<std::string> salts;
  std::set<Bytes> values;
  for (int i = 0; i < 2; ++i) {
    PROBITY_TRY(member, invite_scratch(ground.engine, tenant.id, identity::Role::Analyst, now));
    PROBITY_CHECK(subject.set_password(ground.engine, member, password, now));
    PROBITY_TRY(stored, stored_password(ground, member));
    values.insert(std::move(stored));
    Observations one;
    PROBITY_TRY(salt, look_at_stored(ground, member, password, i == 0 ? seen : one));
    if (i == 1) seen.expect(!one.has_contradiction(), "the second member's value differs in kind");
    salts.insert(std::move(salt));
    members.push_back(std::move(member));
  }
  seen.expect(values.size() == 2, "equal passwords give equal stored values");
  seen.expect(salts.size() == 2, "equal passwords are hashed with one salt");
  for (const ScratchMember& member : members)
    PROBITY_CHECK(remove_scratch_member(ground.engine, member, now));
  return seen.finding();
}

}  // namespace

PasswordSubject product_passwords() {
  return {.set_password = [](store::Engine& engine, const ScratchMember& member,
                             std::string_view password, Instant now) {
    identity::Argon hasher;
    return set_scratch_password(engine, hasher, member, password, now);
  }};
}

Probes password_probes(const Ground& ground, PasswordSubject subject) {
  Probes probes;
  probes.push_back(
      {.name = "passwords.weak_refused", .run = [ground, subject](const Deadline& deadline) {
         return refuse_weak(ground, subject, deadline);
       }});
  probes.push_back({.name = "passwords.stored_sealed",
                    .run = [ground, subject = std::move(subject)](const Deadline&) {
                      return look_at_two(ground, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
