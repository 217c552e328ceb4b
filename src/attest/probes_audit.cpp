#include "attest/probes_audit.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "audit/read.hpp"
#include "identity/acting.hpp"
#include "identity/users.hpp"

namespace probity::attest {
namespace {

using audit::ChainedEntry;

constexpr std::array<std::string_view, 1> k_audit_rooms{"audit"};
constexpr std::array<std::string_view, 0> k_no_rooms{};
constexpr store::Grant k_reading{"attest.audit", k_audit_rooms, k_no_rooms};
constexpr int k_read_max = 1000;

/// One copied entry as a row of audit's own statements.
class CopiedRow final : public store::Row {
 public:
  CopiedRow(const ChainedEntry& entry, bool is_head) : entry_(entry), is_head_(is_head) {}
  [[nodiscard]] bool is_null(int) const override { return false; }
  [[nodiscard]] std::int64_t integer(int column) const override {
    return column == 0 ? entry_.seq : entry_.entry.at.us();
  }
  [[nodiscard]] double real(int) const override { return 0; }
  [[nodiscard]] std::string_view text(int column) const override {
    switch (column) {
      case 3: return entry_.entry.action;
      case 4: return entry_.entry.actor;
      case 5: return entry_.entry.object;
      default: return entry_.entry.outcome;
    }
  }
  [[nodiscard]] BytesView bytes(int column) const override {
    if (is_head_ || column == 8) return entry_.hash;
    return column == 1 ? entry_.entry.id.bytes() : BytesView(entry_.entry.detail);
  }

 private:
  const ChainedEntry& entry_;
  bool is_head_;
};

/// A copy of a chain that can be damaged, read by the same code as the chain itself.
class CopiedChain final : public store::Reader {
 public:
  CopiedChain(store::Space space, std::vector<ChainedEntry> copied, ChainedEntry head)
      : entries(std::move(copied)), space_(space), head_(std::move(head)) {}

  std::vector<ChainedEntry> entries;

  [[nodiscard]] const store::Space& space() const override { return space_; }
  Result<void> each(const store::Query& query, store::Values values, const OnRow& on_row) override {
    if (query.name.ends_with("read_head")) {
      PROBITY_CHECK(on_row(CopiedRow(head_, true)));
      return {};
    }
    const auto after = std::get_if<std::int64_t>(&std::next(values.begin())->content());
    if (!query.name.ends_with("list_entries") || after == nullptr)
      return fail(Code::Internal, "the copy knows no statement " + std::string(query.name));
    for (const ChainedEntry& entry : entries) {
      if (entry.seq <= *after) continue;
      PROBITY_TRY(goes_on, on_row(CopiedRow(entry, false)));
      if (!goes_on) break;
    }
    return {};
  }

 private:
  store::Space space_;
  ChainedEntry head_;
};

Result<std::vector<ChainedEntry>> read_all(const Ground& ground, TenantId tenant) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_reading));
  std::vector<ChainedEntry> all;
  for (;;) {
    PROBITY_TRY(slice, audit::list_entries(*reader, all.empty() ? 0 : all.back().seq, k_read_max));
    if (slice.empty()) return all;
    std::ranges::move(slice, std::back_inserter(all));
  }
}

/// What is done to a copy, and the first entry that must be named.
struct Damage {
  std::string_view what;
  std::function<void(std::vector<ChainedEntry>&, std::size_t at)> apply;
  std::size_t offset = 0;  ///< From the place of the damage to the entry named.
};

std::vector<Damage> damages() {
  return {
      {"a changed action",
       [](std::vector<ChainedEntry>& e, std::size_t at) { e[at].entry.action = "audit.read"; }},
      {"a changed time",
       [](std::vector<ChainedEntry>& e, std::size_t at) {
         e[at].entry.at = e[at].entry.at + Span::seconds(1);
       }},
      {"a changed actor",
       [](std::vector<ChainedEntry>& e, std::size_t at) { e[at].entry.actor += "x"; }},
      {"an entry taken out",
       [](std::vector<ChainedEntry>& e, std::size_t at) {
         e.erase(e.begin() + static_cast<std::ptrdiff_t>(at));
       }},
      {"two entries exchanged",
       [](std::vector<ChainedEntry>& e, std::size_t at) {
         std::swap(e[at].entry, e[at + 1].entry);
         std::swap(e[at].hash, e[at + 1].hash);
       }},
      {"an entry put in",
       [](std::vector<ChainedEntry>& e, std::size_t at) {
         e.insert(e.begin() + static_cast<std::ptrdiff_t>(at), e[at - 1]);
         for (std::size_t i = at; i < e.size(); ++i)
           e[i].seq = static_cast<std::int64_t>(i) + 1;
       }},
  };
}

Result<Finding> tampering(const Ground& ground, const AuditSubject& subject) {
  Observations seen;
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  // A chain long enough to be damaged in the middle.
  for (int i = 0; i < 4; ++i)
    PROBITY_CHECK(product_audit().change(ground, tenant));
  PROBITY_TRY(entries, read_all(ground, tenant.id));
  seen.need(entries.size() >= 4, "the chain is too short to be damaged");
  if (seen.has_given_up()) return seen.finding();
  const store::Space space = store::Space::of(tenant.id);
  CopiedChain whole(space, entries, entries.back());
  PROBITY_TRY(intact, subject.verify(whole));
  seen.expect(intact.is_intact(), "an untouched chain is said to be broken");
  const std::size_t at = entries.size() / 2;
  for (const Damage& damage : damages()) {
    CopiedChain copy(space, entries, entries.back());
    damage.apply(copy.entries, at);
    PROBITY_TRY(verdict, subject.verify(copy));
    seen.expect(verdict.broken_seq == static_cast<std::int64_t>(at) + 1,
                fmt::format("not named: {}", damage.what));
  }
  CopiedChain cut(space, entries, entries.back());
  cut.entries.pop_back();
  PROBITY_TRY(shorter, subject.verify(cut));
  seen.expect(!shorter.is_intact(), "not named: a cut tail");
  seen.note("entries", static_cast<std::int64_t>(entries.size()));
  return seen.finding();
}

void look_at_entry(const ChainedEntry& entry, const std::string& action, Observations& seen) {
  seen.expect(entry.entry.action == action, "another action is recorded");
  seen.expect(!entry.entry.actor.empty() && !entry.entry.object.empty() &&
                  entry.entry.outcome == "done" && entry.entry.at > Instant(),
              "an entry is incomplete");
}

Result<Finding> recorded(const Ground& ground, const AuditSubject& subject) {
  Observations seen;
  PROBITY_TRY(tenant, ground.scratch.tenant(Which::First));
  PROBITY_TRY(before, read_all(ground, tenant.id));
  PROBITY_TRY(action, subject.change(ground, tenant));
  PROBITY_TRY(after, read_all(ground, tenant.id));
  seen.expect(after.size() == before.size() + 1, "a change did not leave exactly one entry");
  if (after.size() > before.size()) {
    look_at_entry(after[before.size()], action, seen);
    const crypto::Digest previous =
        before.empty() ? audit::first_hash(tenant.id) : before.back().hash;
    const ChainedEntry& entry = after[before.size()];
    seen.expect(audit::chain_hash(tenant.id, entry.seq, entry.entry, previous) == entry.hash,
                "an entry does not name its predecessor");
  }
  // One change is done, then the same is refused: one entry says done.
  PROBITY_CHECK(subject.refused_change(ground, tenant));
  PROBITY_TRY(last, read_all(ground, tenant.id));
  const auto done =
      std::count_if(last.begin() + static_cast<std::ptrdiff_t>(after.size()), last.end(),
                    [](const ChainedEntry& e) { return e.entry.outcome == "done"; });
  seen.expect(done == 1, "a change that was refused is recorded as done");
  return seen.finding();
}

Result<std::string> invite(const Ground& ground, const store::TenantRecord& tenant) {
  PROBITY_CHECK(
      invite_scratch(ground.engine, tenant.id, identity::Role::Analyst, ground.clock.now()));
  return std::string("user.create");
}

/// A second member of the same address.
Result<void> invite_twice(const Ground& ground, const store::TenantRecord& tenant) {
  PROBITY_TRY(cipher, ground.engine.cipher(store::Space::of(tenant.id)));
  const auto acting = identity::acting_as_operator(tenant.id, ground.clock.now(), cipher);
  const std::string email = random_word(9) + "@scratch.invalid";
  for (int i = 0; i < 2; ++i) {
    PROBITY_TRY(planned, identity::plan_invite(acting, email, identity::Role::Analyst));
    const auto applied =
        ground.engine.apply(store::Space::of(tenant.id), std::move(planned.change));
    if (applied.has_value() != (i == 0)) return fail(Code::Internal, "the refusal did not come");
  }
  return {};
}

}  // namespace

AuditSubject product_audit() {
  AuditSubject subject;
  subject.change = invite;
  subject.refused_change = invite_twice;
  return subject;
}

Probes audit_probes(const Ground& ground, AuditSubject subject) {
  Probes probes;
  probes.push_back({.name = "audit.change_recorded", .run = [ground, subject](const Deadline&) {
                      return recorded(ground, subject);
                    }});
  probes.push_back({.name = "audit.tampering_named",
                    .run = [ground, subject = std::move(subject)](const Deadline&) {
                      return tampering(ground, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
