#include <algorithm>
#include <array>
#include <fstream>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "attest/probes_drills.hpp"
#include "base/text.hpp"
#include "web/address.hpp"

namespace probity::attest {
namespace {

// Documentation addresses (RFC 5737, RFC 3849): nobody's.
constexpr std::string_view k_v4 = "203.0.113.77";
constexpr std::string_view k_v6 = "2001:db8:1:2:3:4:5:6";
constexpr std::string_view k_v6_short = "2001:db8:1::";
constexpr std::string_view k_slug = "drill";
/// More steps than a submission has; a drill that needs more is not understood.
constexpr int k_steps_max = 64;

/// Purposes under which the survey room seals what a submission brings.
constexpr auto k_purposes = std::to_array<crypto::Purpose>(
    {"survey.origin", "survey.answers", "audit.detail", "survey.idempotency"});

/// The complete addresses in every form in which they might lie about.
class Traces {
 public:
  Traces() {
    for (const std::string_view text : {k_v4, k_v6}) {
      const auto address = web::parse_address(text);
      forms_.emplace_back(text);
      if (!address) continue;
      const std::size_t size = address->is_v6 ? 16 : 4;
      const BytesView bytes(address->bytes.data(), size);
      forms_.push_back(to_hex(bytes));
      // Four bytes occur by chance in encrypted pages; sixteen do not.
      if (address->is_v6) forms_.emplace_back(as_text(bytes));
    }
    forms_.emplace_back("2001:0db8:0001:0002:0003:0004:0005:0006");
    forms_.emplace_back("::ffff:203.0.113.77");
    forms_.emplace_back("::ffff:cb00:714d");
  }
  [[nodiscard]] bool occur_in(std::string_view bytes) const {
    return std::ranges::any_of(
        forms_, [bytes](const std::string& form) { return bytes.find(form) != bytes.npos; });
  }

 private:
  std::vector<std::string> forms_;
};

/// Everything the store was handed, and where it is to stop.
struct Watch {
  int stop_at = 0;  ///< Number of the step that does not happen; 0: all do.
  int steps = 0;
  std::vector<std::string> values;  ///< Texts and bytes of statements, beneath file encryption.

  Result<void> step() {
    ++steps;
    return steps == stop_at ? Result<void>(fail(Code::StorageFailed, "a drill")) : Result<void>();
  }
  void note(store::Values given) {
    for (const store::Value& value : given) {
      if (const auto* text = std::get_if<std::string_view>(&value.content())) {
        values.emplace_back(*text);
      } else if (const auto* bytes = std::get_if<BytesView>(&value.content())) {
        values.emplace_back(as_text(*bytes));
      }
    }
  }
};

StoreHooks hooks_for(const std::shared_ptr<Watch>& watch) {
  StoreHooks hooks;
  // The step fails after the value was handed over: what a crash in the middle leaves.
  hooks.statement = [watch](const store::Query&, store::Values values) {
    watch->note(values);
    return watch->step();
  };
  hooks.keys = [watch] { return watch->step(); };
  hooks.committed = [watch] { return watch->step(); };
  return hooks;
}

struct Setting {
  std::unique_ptr<Isolated> server;
  TenantId tenant;
  std::string token;
};

Result<Setting> make_setting(const MakeIsolated& make, Observations& seen) {
  Setting setting;
  PROBITY_TRY(server, make());
  setting.server = std::move(server);
  const Ground ground = setting.server->ground();
  PROBITY_TRY(tenant, ground.engine.create_tenant(k_slug, ""));
  setting.tenant = tenant.id;
  const std::string password = random_password();
  PROBITY_TRY(member, make_scratch_member(ground.engine, tenant.id, identity::Role::Owner, password,
                                          ground.clock.now()));
  PROBITY_TRY(listener, setting.server->find()());
  Visitor owner(std::move(listener));
  PROBITY_TRY(in, owner.log_in(tenant.slug, member, password));
  PROBITY_TRY(created, owner.post("/api/v1/surveys?mode=confidential",
                                  R"({"title":"Probe","elements":[)"
                                  R"({"type":"comment","name":"why"}]})"));
  PROBITY_TRY(published, owner.post("/api/v1/surveys/" + created.member("id") + "/publish"));
  setting.token = published.member("token");
  seen.need(in.status == 200 && published.status == 200, "the copy does not work");
  return setting;
}

Result<Reply> submit(Setting& setting, std::string_view peer) {
  if (const auto address = web::parse_address(peer)) setting.server->come_from(*address);
  PROBITY_TRY(listener, setting.server->find()());
  Visitor respondent(std::move(listener));
  return respondent.send({.method = "POST",
                          .path = "/api/v1/public/" + setting.token + "/responses",
                          .body = R"({"answers":{"why":"because"}})",
                          .headers = {{"Idempotency-Key", random_word(12)}}});
}

/// Whether the receipt of an answer is known.
Result<bool> is_stored(Setting& setting, const Reply& sent) {
  if (sent.status != 201) return false;
  PROBITY_TRY(listener, setting.server->find()());
  Visitor respondent(std::move(listener));
  PROBITY_TRY(known, respondent.get("/api/v1/public/" + setting.token + "/receipts/" +
                                    sent.member("receipt")));
  return known.status == 200;
}

/// What the values hold once opened with the organisation's keys: each sealed one is tried under
/// every purpose and every row that stands beside it.
std::vector<std::string> opened(const crypto::Cipher& cipher,
                                const std::vector<std::string>& values) {
  std::vector<std::string> plain;
  constexpr std::size_t k_id_bytes = 16;
  for (const std::string& value : values) {
    if (value.size() < crypto::k_sealed_overhead) continue;
    for (const std::string& row : values) {
      if (row.size() != k_id_bytes) continue;
      for (const crypto::Purpose purpose : k_purposes)
        if (auto content = cipher.open(purpose, as_bytes(row), as_bytes(value)))
          plain.emplace_back(as_text(*content));
    }
  }
  return plain;
}

bool files_hold(const std::filesystem::path& folder, const Traces& traces, int& files) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    std::error_code gone;
    if (!entry.is_regular_file(gone)) continue;
    ++files;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (traces.occur_in(content)) return true;
  }
  return false;
}

struct Round {
  int steps = 0;
  bool is_whole = false;  ///< No step was left out.
  bool holds_short = false;
};

/// One submission that is stopped at a step, and a look at all it left behind.
Result<Round> stop_at(Setting& setting, std::string_view peer, int step, Observations& seen) {
  const auto watch = std::make_shared<Watch>();
  watch->stop_at = step;
  setting.server->hook(hooks_for(watch));
  auto sent = submit(setting, peer);
  const bool is_answered_whole = watch->steps < step;
  // What was acknowledged by the commit log alone is written before anybody reads.
  const Ground ground = setting.server->ground();
  auto reader = ground.engine.read(store::Space::of(setting.tenant), store::k_grant_all);
  setting.server->hook({});
  if (!sent) return std::unexpected(std::move(sent).error());
  seen.need(reader.has_value(), "the organisation cannot be read any more");
  Round round{watch->steps, watch->steps < step, false};
  // Stopped on the way to the commit log, a submission may still be committed without it.
  PROBITY_TRY(is_there, is_stored(setting, *sent));
  seen.expect(is_answered_whole || sent->status >= 500 || is_there,
              fmt::format("stopped at step {}, answered {}", step, sent->status));
  if (round.is_whole) seen.need(sent->status == 201, "a whole submission was refused");

  const Traces traces;
  PROBITY_TRY(cipher, setting.server->ground().engine.cipher(store::Space::of(setting.tenant)));
  for (const std::string& plain : opened(*cipher, watch->values)) {
    seen.expect(!traces.occur_in(plain), fmt::format("whole beneath a seal at step {}", step));
    round.holds_short = round.holds_short || plain == k_v6_short;
  }
  for (const std::string& value : watch->values)
    seen.expect(!traces.occur_in(value), fmt::format("whole in the store at step {}", step));
  seen.expect(!traces.occur_in(setting.server->log_text()),
              fmt::format("whole in the log at step {}", step));
  int files = 0;
  seen.expect(!files_hold(setting.server->folder(), traces, files),
              fmt::format("whole in a file at step {}", step));
  seen.need(files > 0, "no file could be searched");
  return round;
}

Result<Finding> shortening_first(const MakeIsolated& make, const Deadline& deadline) {
  Observations seen;
  PROBITY_TRY(setting, make_setting(make, seen));
  if (seen.has_given_up()) return seen.finding();
  int stops = 0;
  for (const std::string_view peer : {k_v4, k_v6}) {
    bool is_whole = false;
    for (int step = 1; !is_whole && step <= k_steps_max; ++step) {
      if (deadline.has_passed()) return fail(Code::Deadline);
      PROBITY_TRY(round, stop_at(setting, peer, step, seen));
      is_whole = round.is_whole;
      stops += is_whole ? 0 : 1;
      if (is_whole && peer == k_v6)
        seen.need(round.holds_short, "no place holds the short address");
    }
    seen.need(is_whole, "a submission with all its steps was never seen");
  }
  // The same search must find an address that lies there on purpose.
  std::ofstream(setting.server->folder() / "control") << "peer " << k_v4;
  int files = 0;
  seen.need(files_hold(setting.server->folder(), Traces(), files), "the control was not found");
  constexpr int k_stops_least = 6;
  seen.need(stops >= k_stops_least, "too few steps could be stopped");
  seen.note("stops", stops);
  return seen.finding();
}

}  // namespace

Probes shortening_probes(MakeIsolated make) {
  Probes probes;
  probes.push_back({.name = "addresses.shortening_first",
                    .method = Method::Drill,
                    .every = k_drill_every,
                    .run = [make = std::move(make)](const Deadline& deadline) {
                      return shortening_first(make, deadline);
                    }});
  return probes;
}

}  // namespace probity::attest
