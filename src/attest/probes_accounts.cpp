#include <atomic>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "attest/probes_access.hpp"
#include "base/json_writer.hpp"
#include "crypto/random.hpp"
#include "identity/limits.hpp"

namespace probity::attest {
namespace {

constexpr int k_conflict = 409;
constexpr int k_threads = 10;
constexpr int k_each = 10;

std::string invitation(std::string_view email) {
  JsonWriter body;
  body.begin_object();
  body.field("email", email);
  body.field("role", "analyst");
  body.end_object();
  return std::move(body).text();
}

/// The same address in other letters: capitals, full-width letters, and letters with a
/// combining mark instead of their own (NFKC and case folding make them one).
std::string spelling(const std::string& local, int number) {
  std::string out;
  for (std::size_t i = 0; i < local.size(); ++i) {
    const char c = local[i];
    const bool is_letter = c >= 'a' && c <= 'z';
    const int how = is_letter ? (number >> (i % 8)) % 3 : 0;
    if (how == 1)
      out += static_cast<char>(c - ('a' - 'A'));
    else if (how == 2)
      out += fmt::format("\xEF\xBD{}", static_cast<char>(0x81 + (c - 'a')));
    else
      out += c;
  }
  return out + (number % 2 == 0 ? "@scratch.invalid" : "@SCRATCH.invalid");
}

struct Tally {
  std::atomic<int> created{0};
  std::atomic<int> refused{0};
  std::atomic<int> other{0};

  void add(const Result<Reply>& reply) {
    const int status = reply ? reply->status : 0;
    if (status == 201)
      ++created;
    else if (status == k_conflict)
      ++refused;
    else
      ++other;
  }
};

void invite_in_parallel(const Cast& owner, const std::string& local, Tally& tally) {
  std::vector<std::jthread> threads;
  threads.reserve(k_threads);
  for (int t = 0; t < k_threads; ++t) {
    threads.emplace_back([&tally, &local, visitor = owner.visitor, t]() mutable {
      for (int i = 0; i < k_each; ++i)
        tally.add(visitor.post("/api/v1/users", invitation(spelling(local, t * k_each + i))));
    });
  }
}

Result<Finding> names_unique(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(elsewhere, cast_member(ground, find, identity::Role::Owner, Which::Second));
  const Leaving elsewhere_leaves(ground, elsewhere);
  // Letters that have a full-width form only: hexadecimal digits would do as well.
  std::string local;
  for (const std::uint8_t byte : crypto::random_bytes(14))
    local += static_cast<char>('a' + byte % 26);
  Tally tally;
  invite_in_parallel(owner, local, tally);
  seen.need(tally.other == 0, fmt::format("{} calls were answered otherwise", tally.other.load()));
  seen.expect(tally.created == 1, fmt::format("{} accounts of one name", tally.created.load()));
  seen.note("refused", tally.refused.load());
  PROBITY_TRY(second, elsewhere.visitor.post("/api/v1/users", invitation(spelling(local, 0))));
  seen.expect(second.status == 201, "a name is taken across organisations");
  return seen.finding();
}

std::string set_up(std::string_view token, std::string_view password) {
  JsonWriter body;
  body.begin_object();
  body.field("token", token);
  body.field("password", password);
  body.end_object();
  return std::move(body).text();
}

Result<void> expect_no_way_in(Visitor& visitor, const std::string& slug,
                              const ScratchMember& member, Observations& seen) {
  for (const std::string_view password : {"", "Passw0rd", "password", " "}) {
    PROBITY_TRY(reply, visitor.log_in(slug, member, password));
    seen.expect(reply.status != 200, "an account opens before a password was set");
  }
  return {};
}

Result<Finding> password_required(const Ground& ground, const FindListener& find) {
  Observations seen;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  for (const std::string_view email : {"", "no-address", "@scratch.invalid"}) {
    PROBITY_TRY(reply, owner.visitor.post("/api/v1/users", invitation(email)));
    seen.expect(reply.status != 201, "an account without an address is made");
  }
  PROBITY_TRY(member, invite_scratch(ground.engine, owner.tenant.id, identity::Role::Analyst,
                                     ground.clock.now()));
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  for (const std::string& body :
       {set_up(member.link_token, ""), set_up(member.link_token, "Passw0rd"),
        fmt::format(R"({{"token":"{}"}})", member.link_token)}) {
    PROBITY_TRY(reply, visitor.post("/api/v1/setup", body));
    seen.expect(reply.status != 204, "an account is set up without a password that will do");
  }
  PROBITY_CHECK(expect_no_way_in(visitor, owner.tenant.slug, member, seen));
  if (!seen.has_contradiction()) {
    const std::string password = random_password();
    PROBITY_TRY(set, visitor.post("/api/v1/setup", set_up(member.link_token, password)));
    PROBITY_TRY(in, visitor.log_in(owner.tenant.slug, member, password));
    seen.need(set.status == 204 && in.status == 200, "a proper set-up did not work");
  }
  static_cast<void>(remove_scratch_member(ground.engine, member, ground.clock.now()));
  return seen.finding();
}

}  // namespace

Probes account_probes(const Ground& ground, const FindListener& find) {
  Probes probes;
  probes.push_back({.name = "accounts.names_unique",
                    .run = [ground, find](const Deadline&) { return names_unique(ground, find); }});
  probes.push_back({.name = "accounts.password_required", .run = [ground, find](const Deadline&) {
                      return password_required(ground, find);
                    }});
  return probes;
}

}  // namespace probity::attest
