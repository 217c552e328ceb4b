#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "attest/probes_drills.hpp"

namespace probity::attest {
namespace {

constexpr std::string_view k_good_config = "[log]\nlevel = \"info\"\n";
constexpr std::string_view k_bad_config = "[log]\nlevel = \"info\"\nlevle = \"debug\"\n";
constexpr std::string_view k_slug = "drill";
/// What is remembered of a public link is looked up again after this.
constexpr Span k_link_recheck = Span::millis(1'100);

/// What the drill damages, with content that must not come out of it.
struct Victim {
  std::unique_ptr<Isolated> server;
  std::string mark;
  std::string survey;
  std::string token;
  ScratchMember member;
  std::string password;
  std::unique_ptr<Visitor> owner;
};

/// One call that normally returns content of the organisation.
struct Call {
  Order order;
  bool needs_accounts = true;  ///< False for what is open to whoever has the link.
};

Result<std::unique_ptr<Visitor>> visitor_of(const Victim& victim) {
  PROBITY_TRY(listener, victim.server->find()());
  return std::make_unique<Visitor>(std::move(listener));
}

Order submission(const Victim& victim) {
  return {.method = "POST",
          .path = "/api/v1/public/" + victim.token + "/responses",
          .body = fmt::format(R"({{"answers":{{"why":"{}"}}}})", victim.mark)};
}

Result<Victim> make_victim(const FaultSubject& subject, Observations& seen) {
  Victim victim;
  PROBITY_TRY(server, subject.make());
  victim.server = std::move(server);
  victim.mark = "mark" + random_word(12);
  victim.password = random_password();
  const Ground ground = victim.server->ground();
  PROBITY_TRY(tenant, ground.engine.create_tenant(k_slug, ""));
  PROBITY_TRY(member, make_scratch_member(ground.engine, tenant.id, identity::Role::Owner,
                                          victim.password, ground.clock.now()));
  victim.member = std::move(member);
  PROBITY_TRY(owner, visitor_of(victim));
  victim.owner = std::move(owner);
  PROBITY_TRY(in, victim.owner->log_in(tenant.slug, victim.member, victim.password));
  PROBITY_TRY(created, victim.owner->post("/api/v1/surveys?mode=confidential",
                                          fmt::format(R"({{"title":"{}","elements":[)"
                                                      R"({{"type":"comment","name":"why"}}]}})",
                                                      victim.mark)));
  victim.survey = created.member("id");
  PROBITY_TRY(published, victim.owner->post("/api/v1/surveys/" + victim.survey + "/publish"));
  victim.token = published.member("token");
  PROBITY_TRY(sent, victim.owner->send(submission(victim)));
  seen.need(in.status == 200 && sent.status == 201, "the copy does not work");
  return victim;
}

std::vector<Call> calls_of(const Victim& victim) {
  const std::string survey = "/api/v1/surveys/" + victim.survey;
  return {{{.path = "/api/v1/me"}},
          {{.path = "/api/v1/surveys"}},
          {{.path = survey}},
          {{.path = survey + "/responses"}},
          {{.path = survey + "/report"}},
          {{.path = "/api/v1/users"}},
          {{.path = "/api/v1/audit"}},
          {{.path = "/api/v1/tenant/settings"}},
          {{.path = "/s/" + victim.token}},
          {{.path = "/api/v1/public/" + victim.token}, false}};
}

bool is_closed(int status) { return status == 401 || status == 403 || status >= 500; }

enum class Reach : bool { Everything, Accounts };

/// What a drill does to the copy's store.
struct Fault {
  std::string_view name;
  StoreHooks hooks;
  Reach reach = Reach::Everything;
};

/// Every call with and without credentials; each that depends on what fails must be turned away.
Result<void> expect_closed(Victim& victim, const Fault& fault_at, Observations& seen) {
  const std::string_view fault = fault_at.name;
  PROBITY_TRY(stranger, visitor_of(victim));
  for (const Call& call : calls_of(victim)) {
    if (fault_at.reach == Reach::Accounts && !call.needs_accounts) continue;
    for (Visitor* who : {victim.owner.get(), stranger.get()}) {
      PROBITY_TRY(reply, who->send(call.order));
      seen.expect(is_closed(reply.status),
                  fmt::format("{}: {} answers {}", fault, call.order.path, reply.status));
      seen.expect(reply.body.find(victim.mark) == std::string::npos,
                  fmt::format("{}: {} returns content", fault, call.order.path));
    }
  }
  PROBITY_TRY(sent, stranger->send(submission(victim)));
  seen.expect(is_closed(sent.status), fmt::format("{}: a response is taken", fault));
  PROBITY_TRY(entered, visitor_of(victim));
  PROBITY_TRY(in, entered->log_in(k_slug, victim.member, victim.password));
  seen.expect(is_closed(in.status), fmt::format("{}: a log-in succeeds", fault));
  return {};
}

/// The control: the copy answers, with content and without a fault.
Result<void> need_open(Victim& victim, Observations& seen) {
  int contents = 0;
  for (const Call& call : calls_of(victim)) {
    PROBITY_TRY(reply, victim.owner->send(call.order));
    seen.need(reply.status == 200,
              fmt::format("without a fault {} answers {}", call.order.path, reply.status));
    contents += reply.body.find(victim.mark) != std::string::npos ? 1 : 0;
  }
  seen.need(contents >= 4, "without a fault the content does not come");
  return {};
}

/// Statements of the accounts fail; with `names`, only those whose name has it.
StoreHooks failing_statements(Code code, std::string_view names) {
  StoreHooks hooks;
  hooks.statement = [code, names](const store::Query& query, store::Values) -> Result<void> {
    const bool is_meant = query.room == "identity" && query.name.find(names) != query.name.npos;
    return is_meant ? Result<void>(fail(code, "a drill")) : Result<void>();
  };
  return hooks;
}

std::vector<Fault> faults_of() {
  StoreHooks keyless;
  keyless.keys = []() -> Result<void> { return fail(Code::KeyUnavailable, "a drill"); };
  StoreHooks storeless;
  storeless.statement = [](const store::Query&, store::Values) -> Result<void> {
    return fail(Code::StorageFailed, "a drill");
  };
  return {{"key ring gone", std::move(keyless)},
          {"store failing", std::move(storeless)},
          {"account store failing", failing_statements(Code::StorageFailed, ""), Reach::Accounts}};
}

/// Settings that cannot be read: what depends on them (how much of an address is kept, who asks)
/// stays undone; nobody falls back to what is usual.
Result<void> look_at_policy(Victim& victim, Observations& seen) {
  victim.server->hook(failing_statements(Code::IntegrityError, "setting"));
  PROBITY_TRY(stranger, visitor_of(victim));
  PROBITY_TRY(settings, victim.owner->get("/api/v1/tenant/settings"));
  PROBITY_TRY(page, stranger->get("/s/" + victim.token));
  PROBITY_TRY(sent, stranger->send(submission(victim)));
  victim.server->hook({});
  seen.expect(is_closed(settings.status), "policy unreadable: settings are shown");
  seen.expect(is_closed(page.status), "policy unreadable: the page is shown");
  seen.expect(is_closed(sent.status), "policy unreadable: a response is taken");
  return {};
}

Result<std::size_t> stored_count(Victim& victim) {
  PROBITY_TRY(reply, victim.owner->get("/api/v1/surveys/" + victim.survey + "/responses"));
  std::size_t count = 0;
  for (std::size_t at = reply.body.find("\"res_"); at != std::string::npos;
       at = reply.body.find("\"res_", at + 1))
    ++count;
  return count;
}

/// Whatever was acknowledged must be there once the disk works again.
Result<void> look_at_disk(Victim& victim, const store::FaultPlan& plan, std::string_view fault,
                          Observations& seen) {
  PROBITY_TRY(before, stored_count(victim));
  PROBITY_CHECK(victim.server->reopen(plan));
  std::size_t acknowledged = 0;
  constexpr int k_tries = 3;
  for (int i = 0; i < k_tries; ++i) {
    PROBITY_TRY(stranger, visitor_of(victim));
    PROBITY_TRY(sent, stranger->send(submission(victim)));
    acknowledged += sent.status == 201 ? 1U : 0U;
    seen.expect(sent.status == 201 || is_closed(sent.status),
                fmt::format("{}: a submission answers {}", fault, sent.status));
  }
  if (plan.pretend_free_bytes > 0)
    seen.expect(acknowledged == 0, fmt::format("{}: a response is taken", fault));
  PROBITY_CHECK(victim.server->reopen({}));
  PROBITY_TRY(after, stored_count(victim));
  seen.need(before > 0, "the responses could not be counted");
  seen.expect(after >= before + acknowledged,
              fmt::format("{}: a response was acknowledged and not stored", fault));
  return {};
}

Result<void> look_at_clock(Victim& victim, Observations& seen) {
  for (const Span by : {Span::hours(-1), Span::days(8)}) {
    victim.server->set_clock_off(by);
    PROBITY_TRY(reply, victim.owner->get("/api/v1/me"));
    // An hour back, the session is as young as it was; eight days on, it is over.
    const bool is_right = is_closed(reply.status) || (by < Span() && reply.status == 200);
    seen.expect(is_right, fmt::format("clock moved by {} s: {}", by.s(), reply.status));
    PROBITY_TRY(stranger, visitor_of(victim));
    PROBITY_TRY(refused, stranger->get("/api/v1/me"));
    seen.expect(refused.status == 401, "clock moved: a stranger is let in");
  }
  victim.server->set_clock_off(Span());
  return {};
}

Result<Finding> answered_closed(const FaultSubject& subject, const Deadline& deadline) {
  Observations seen;
  seen.need(subject.takes_config(k_good_config), "the control: a right configuration is refused");
  seen.expect(!subject.takes_config(k_bad_config), "a configuration with an unknown key is taken");
  PROBITY_TRY(victim, make_victim(subject, seen));
  if (seen.has_given_up()) return seen.finding();
  PROBITY_CHECK(need_open(victim, seen));
  int faults = 0;
  for (const Fault& fault : faults_of()) {
    if (deadline.has_passed()) return fail(Code::Deadline);
    std::this_thread::sleep_for(std::chrono::microseconds(k_link_recheck.us()));
    victim.server->hook(fault.hooks);
    PROBITY_CHECK(expect_closed(victim, fault, seen));
    victim.server->hook({});
    ++faults;
  }
  PROBITY_CHECK(look_at_policy(victim, seen));
  PROBITY_CHECK(look_at_disk(victim, {.pretend_free_bytes = 1}, "disk full", seen));
  PROBITY_CHECK(look_at_disk(victim, {.fail_every_kth_sync = 2}, "syncs failing", seen));
  PROBITY_CHECK(look_at_clock(victim, seen));
  PROBITY_CHECK(need_open(victim, seen));
  seen.note("faults", faults + 5);
  return seen.finding();
}

}  // namespace

Probes fault_probes(FaultSubject subject) {
  Probes probes;
  probes.push_back({.name = "faults.answered_closed",
                    .method = Method::Drill,
                    .every = k_drill_every,
                    .run = [subject = std::move(subject)](const Deadline& deadline) {
                      return answered_closed(subject, deadline);
                    }});
  return probes;
}

}  // namespace probity::attest
