#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "attest/probes_drills.hpp"
#include "attest/probes_sealing.hpp"

namespace probity::attest {
namespace {

/// Lines of a call may come after its answer.
constexpr Span k_lines_within = Span::seconds(3);

/// Collects what is logged while it lives.
class Tap {
 public:
  explicit Tap(Log& log) : log_(log) {
    log_.tap([this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      if (lines_.size() < k_tapped_max_bytes) lines_ += line;
    });
  }
  ~Tap() { log_.untap(); }
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;
  [[nodiscard]] std::string lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  static constexpr std::size_t k_tapped_max_bytes = 16 * 1024 * 1024;
  Log& log_;
  mutable std::mutex mutex_;
  std::string lines_;
};

/// Sends calls and remembers their numbers.
class Caller {
 public:
  explicit Caller(Visitor& visitor) : visitor_(visitor) {}
  Result<Reply> operator()(const Order& order) {
    PROBITY_TRY(reply, visitor_.send(order));
    ids_.emplace_back(reply.header("x-request-id"));
    statuses_ |= reply.status < 400 ? 1 : 2;
    return std::move(reply);
  }
  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }
  [[nodiscard]] bool saw_success_and_failure() const { return statuses_ == 3; }

 private:
  Visitor& visitor_;
  std::vector<std::string> ids_;
  int statuses_ = 0;
};

Order order(std::string method, std::string path, std::string body,
            std::vector<web::NamedText> headers = {}) {
  return {.method = std::move(method),
          .path = std::move(path),
          .body = std::move(body),
          .headers = std::move(headers)};
}

/// Marked secrets at every door a stranger has; most calls fail.
Result<void> call_as_stranger(Caller& call, const std::string& slug, Marks& marks) {
  const auto log_in = [&](const std::string& email, const std::string& password) {
    return order(
        "POST", "/api/v1/login",
        fmt::format(R"({{"tenant":"{}","email":"{}","password":"{}"}})", slug, email, password));
  };
  const std::string local = to_hex(as_bytes(random_word(12)));
  marks.add(local);
  const std::string email = local + "@scratch.invalid";
  const std::vector<Order> orders = {
      log_in(email, marks.make()),
      log_in(marks.make(), "x"),
      order("POST", "/api/v1/login", "{\"password\":\"" + marks.make()),
      order("POST", "/api/v1/login", fmt::format(R"({{"{}":"{}"}})", marks.make(), marks.make())),
      order("POST", "/api/v1/setup",
            fmt::format(R"({{"token":"{}","password":"{}"}})", marks.make(), marks.make())),
      order("GET", "/setup/" + marks.make(), {}),
      order("GET", "/s/" + marks.make(), {}),
      order("GET", "/nothing/" + marks.make() + "?q=" + marks.make(), {}),
      order("POST", "/api/v1/public/" + marks.make() + "/responses",
            fmt::format(R"({{"answers":{{"why":"{}"}}}})", marks.make())),
      order("GET", "/api/v1/me", {}, {{"Authorization", "Bearer " + marks.make()}}),
      order("GET", "/api/v1/me", {}, {{"Cookie", "__Host-probity=" + marks.make()}}),
      order("GET", "/security", {},
            {{"User-Agent", marks.make()}, {"Referer", "https://scratch.invalid/" + marks.make()}}),
  };
  for (const Order& one : orders)
    PROBITY_CHECK(call(one));
  return {};
}

struct Talked {
  std::string survey;
  std::string token;
};

/// What an owner types and gets, on success and on failure.
Result<Talked> call_as_owner(Caller& call, const Cast& owner, Marks& marks) {
  PROBITY_TRY(
      created,
      call(order("POST", "/api/v1/surveys?mode=confidential",
                 fmt::format(R"({{"title":"{}","elements":[{{"type":"comment","name":"why",)"
                             R"("title":"{}"}}]}})",
                             marks.make(), marks.make()))));
  Talked talked{created.member("id"), {}};
  PROBITY_TRY(published, call(order("POST", "/api/v1/surveys/" + talked.survey + "/publish", {})));
  talked.token = published.member("token");
  if (!talked.token.empty()) marks.add(talked.token);
  PROBITY_TRY(
      token,
      call(order("POST", "/api/v1/tokens",
                 fmt::format(R"({{"name":"{}","scopes":["surveys.read"]}})", marks.make()))));
  if (const std::string text = token.member("token"); !text.empty()) marks.add(text);
  std::string local = to_hex(as_bytes(random_word(12)));
  marks.add(local);
  PROBITY_TRY(invited, call(order("POST", "/api/v1/users",
                                  fmt::format(R"({{"email":"{}@scratch.invalid",)"
                                              R"("role":"analyst"}})",
                                              local))));
  if (const std::string path = invited.member("invite_path"); path.size() > 7)
    marks.add(path.substr(7));
  const std::vector<Order> orders = {
      order("POST", "/api/v1/users",
            fmt::format(R"({{"email":"{}","role":"king"}})", marks.make())),
      order("POST", "/api/v1/me/password",
            fmt::format(R"({{"current":"{}","new":"x"}})", marks.make())),
      order("PATCH", "/api/v1/tenant/settings",
            fmt::format(R"({{"organisation_name":"{}"}})", marks.make())),
      order("POST", "/api/v1/surveys", "{\"title\":\"" + marks.make()),
      order("GET", "/api/v1/surveys/" + talked.survey + "/report?filter=" + marks.make(), {}),
      order("POST", "/api/v1/surveys/import?title=" + marks.make(), marks.make() + "\n"),
      // Last, because it ends the session.
      order("POST", "/api/v1/me/password",
            fmt::format(R"({{"current":"{}","new":"{}"}})", owner.password, marks.make())),
  };
  for (const Order& one : orders)
    PROBITY_CHECK(call(one));
  return talked;
}

Result<void> call_as_respondent(Caller& call, const Talked& talked, Marks& marks) {
  const std::string responses = "/api/v1/public/" + talked.token + "/responses";
  PROBITY_TRY(sent, call(order("POST", responses,
                               fmt::format(R"({{"answers":{{"why":"{}"}}}})", marks.make()),
                               {{"Idempotency-Key", marks.make()}})));
  if (const std::string receipt = sent.member("receipt"); !receipt.empty()) marks.add(receipt);
  PROBITY_CHECK(
      call(order("POST", responses,
                 fmt::format(R"({{"answers":{{"{}":"{}"}}}})", marks.make(), marks.make()))));
  PROBITY_CHECK(call(order("POST", responses, "[\"" + marks.make() + "\"")));
  PROBITY_CHECK(call(order("GET", "/s/" + talked.token + "?lang=" + marks.make(), {})));
  PROBITY_CHECK(call(order("POST", "/s/" + talked.token, "why=" + marks.make())));
  return {};
}

/// The numbers of the calls stand in the log once all of it has been written.
bool finds_ids(const Tap& tap, const std::vector<std::string>& ids) {
  const Deadline deadline = Deadline::after(k_lines_within);
  for (;;) {
    const std::string lines = tap.lines();
    bool has_all = true;
    for (const std::string& id : ids)
      has_all = has_all && !id.empty() && lines.find(id) != std::string::npos;
    if (has_all) return true;
    if (deadline.has_passed()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Result<Finding> secrets_absent(const Ground& ground, const FindListener& find, Log& log) {
  Observations seen;
  Marks marks;
  const Tap tap(log);
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  marks.add(owner.password);
  marks.add(owner.member.email);
  marks.add(owner.visitor.cookie());
  PROBITY_TRY(listener, find());
  Visitor stranger(listener);
  Caller as_owner(owner.visitor);
  Caller as_stranger(stranger);
  PROBITY_CHECK(call_as_stranger(as_stranger, owner.tenant.slug, marks));
  PROBITY_TRY(talked, call_as_owner(as_owner, owner, marks));
  PROBITY_CHECK(call_as_respondent(as_stranger, talked, marks));
  seen.need(as_owner.saw_success_and_failure() && as_stranger.saw_success_and_failure(),
            "the calls did not both succeed and fail");
  seen.need(finds_ids(tap, as_owner.ids()) && finds_ids(tap, as_stranger.ids()),
            "the control: the log does not hold the numbers of these very calls");
  const std::string lines = tap.lines();
  seen.expect(!marks.occur_in(as_bytes(lines)), "a secret stands in the log");
  seen.note("calls", static_cast<std::int64_t>(as_owner.ids().size() + as_stranger.ids().size()));
  seen.note("bytes", static_cast<std::int64_t>(lines.size()));
  return seen.finding();
}

}  // namespace

Probes log_probes(const Ground& ground, const FindListener& find, Log& log) {
  Probes probes;
  probes.push_back({.name = "logs.secrets_absent", .run = [ground, find, &log](const Deadline&) {
                      return secrets_absent(ground, find, log);
                    }});
  return probes;
}

}  // namespace probity::attest
