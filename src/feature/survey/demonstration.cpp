#include "feature/survey/demonstration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "embedded/demonstration_json.hpp"
#include "feature/survey/invented.hpp"
#include "feature/survey/survey_module.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"
#include "identity/principal.hpp"
#include "web/address.hpp"
#include "web/call.hpp"
#include "web/router.hpp"

namespace probity::survey {
namespace {

/// Any number; the answers of every demonstration follow from it.
constexpr std::uint64_t k_seed = 20'260'117;

/// A clock that is set to when something is to have happened.
class StagedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void set(Instant to) { now_ = to; }

 private:
  Instant now_;
};

/// Changes that are on their way to the disk.
class Pending {
 public:
  void begin() {
    const std::scoped_lock lock(mutex_);
    ++open_;
  }
  void end(const Result<void>& done) {
    const std::scoped_lock lock(mutex_);
    --open_;
    if (!done && !failure_) failure_ = done.error();
    all_done_.notify_all();
  }
  /// Until at most so many are left.
  void wait(int most) {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [&] { return open_ <= most; });
  }
  [[nodiscard]] Result<void> outcome() {
    wait(0);
    const std::scoped_lock lock(mutex_);
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_done_;
  int open_ = 0;
  std::optional<Error> failure_;
};

/// Changes on their way at once: enough for large groups, far below what a link lets wait.
constexpr int k_on_their_way_max = 128;

struct Order {
  web::Method method = web::Method::Post;
  std::string target;
  std::string body;
  std::string key;  ///< Idempotency-Key; may be empty.
  web::Address peer{};
};

/// Sends requests to the routes of this room, without a socket.
class Stage {
 public:
  explicit Stage(const DemonstrationParts& parts)
      : parts_(parts), module_(parts.engine, clock_, parts.log) {}
  // What is on its way refers to the module.
  ~Stage() { pending_.wait(0); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] Result<void> open() {
    auto routes = module_.routes();
    for (web::Route& route : routes)
      route.grant = module_.grant();
    PROBITY_TRY(router, web::Router::build(std::move(routes)));
    router_ = std::make_unique<web::Router>(std::move(router));
    return {};
  }

  /// As if it were sent at that time; the answer's body.
  [[nodiscard]] Result<std::string> send(Instant at, const Order& order) {
    PROBITY_TRY(prepared, prepare(at, order));
    PROBITY_CHECK(parts_.engine.apply(space(), std::move(prepared.change)));
    return prepared.respond().body;
  }

  /// As send, without waiting for the disk: finish() tells whether all came there.
  [[nodiscard]] Result<void> send_on(Instant at, const Order& order) {
    PROBITY_TRY(prepared, prepare(at, order));
    pending_.wait(k_on_their_way_max - 1);
    pending_.begin();
    parts_.engine.submit(space(), std::move(prepared.change),
                         [this](const Result<void>& done) { pending_.end(done); });
    return {};
  }

  [[nodiscard]] Result<void> finish() { return pending_.outcome(); }

 private:
  [[nodiscard]] store::Space space() const { return store::Space::of(parts_.tenant); }

  [[nodiscard]] Result<web::Prepared> prepare(Instant at, const Order& order) {
    clock_.set(at);
    web::Request request;
    request.method = order.method;
    request.body = order.body;
    request.peer = order.peer;
    if (!order.body.empty()) request.headers.push_back({"content-type", "application/json"});
    if (!order.key.empty()) request.headers.push_back({"idempotency-key", order.key});
    PROBITY_CHECK(web::set_target(request, order.target));
    const web::Match match = router_->find(request);
    if (match.route == nullptr) return fail(Code::Internal, "the demonstration asks for no route");
    identity::Principal principal = identity::Anonymous{};
    if (match.route->access.needs_identity()) {
      principal = identity::Member{
          parts_.tenant, parts_.author, SessionId(), identity::Role::Owner, at, at};
    }
    web::Call call({parts_.engine, clock_, parts_.log}, *match.route, request, match.values,
                   principal, RequestId::make(parts_.now), Deadline());
    PROBITY_TRY(answer, match.route->handler(call));
    auto* prepared = std::get_if<web::Prepared>(&answer);
    if (prepared == nullptr) return fail(Code::Internal, "the demonstration changed nothing");
    return told_truly(std::move(*prepared));
  }

  /// The audit log does not play along: it has the real time and who really did it.
  [[nodiscard]] web::Prepared told_truly(web::Prepared prepared) const {
    prepared.change.apply = [inner = std::move(prepared.change.apply),
                             now = parts_.now](store::Tx& tx) mutable -> Result<store::Journal> {
      PROBITY_TRY(journal, inner(tx));
      for (store::JournalEntry& entry : journal) {
        entry.id = AuditId::make(now);
        entry.at = now;
        entry.actor = "cli";
      }
      return std::move(journal);
    };
    // A command keeps no commit log to do it again from.
    prepared.change.redo.reset();
    return prepared;
  }

  const DemonstrationParts& parts_;
  StagedClock clock_;
  SurveyModule module_;
  std::unique_ptr<web::Router> router_;
  Pending pending_;
};

/// The text of a member of an answer of ours.
Result<std::string> member_of(const std::string& body, std::string_view name) {
  PROBITY_TRY(value,
              form::parse_value(body, {form::k_document_max_bytes, form::k_document_depth_max}));
  const form::Value* member = value.find(name);
  if (member == nullptr || member->text() == nullptr)
    return fail(Code::Internal, "an answer of ours lacks a member");
  return *member->text();
}

/// A survey of the demonstration and what came in.
struct Plan {
  std::string_view document;  ///< Member of assets/demonstration.json.
  std::string_view mode;
  int first_day = 0;  ///< Days before now on which it was published.
  int last_day = 0;   ///< Days before now of the last answers.
  int answers = 0;
  form::Value (Inventor::*invent)() = nullptr;
  bool is_closed = false;
};

/// When answers come: many after the invitation, again after the reminder in the middle, fewer on
/// days off; around noon and in the evening more than in the morning.
class Arrivals {
 public:
  Arrivals(const Plan& plan, Instant now) : today_(Instant::from_s(now.s() / k_day_s * k_day_s)) {
    const int days = plan.first_day - plan.last_day;
    for (int day = 0; day <= days; ++day) {
      const Instant date = today_ - Span::hours(24) * (plan.first_day - day);
      const int since_call = day < days / 2 ? day : day - days / 2;
      const int weekday = static_cast<int>((date.s() / k_day_s + 4) % 7);  // 0 is Sunday.
      const bool is_off = weekday == 0 || weekday == 6;
      weights_.push_back((90 / (since_call + 1) + 8) * (is_off ? 4 : 10));
      dates_.push_back(date);
    }
  }

  [[nodiscard]] Instant next(Dice& dice) const {
    constexpr std::array<int, 24> k_hours{0,  0,  0, 0, 0, 1, 3,  6,  8,  7, 7, 9,
                                          13, 11, 8, 7, 8, 9, 11, 14, 13, 9, 4, 1};
    const Instant date = dates_[static_cast<std::size_t>(dice.weighted(weights_))];
    return date + Span::hours(dice.weighted(k_hours)) + Span::seconds(dice.below(3600)) +
           Span::micros(dice.below(1'000'000));
  }

 private:
  static constexpr std::int64_t k_day_s = 86'400;
  Instant today_;
  std::vector<Instant> dates_;
  std::vector<int> weights_;
};

/// Addresses that are kept for examples (RFC 5737), so that nobody's is stored.
web::Address example_address(Dice& dice) {
  constexpr std::array<std::string_view, 3> k_networks{"192.0.2", "198.51.100", "203.0.113"};
  const auto network = k_networks[static_cast<std::size_t>(dice.below(3))];
  return web::parse_address(fmt::format("{}.{}", network, 1 + dice.below(254)))
      .value_or(web::Address());
}

/// Makes a survey of a document; its id.
Result<std::string> make_survey(Stage& stage, const form::Value& content, const Plan& plan,
                                Instant at) {
  const form::Value* document = content.find(plan.document);
  if (document == nullptr) return fail(Code::Internal, "a demonstration survey is missing");
  Order order;
  order.target = fmt::format("/api/v1/surveys?mode={}", plan.mode);
  form::append_value(order.body, *document);
  PROBITY_TRY(made, stage.send(at, order));
  return member_of(made, "id");
}

Result<void> send_answers(Stage& stage, const form::Value& content, const Plan& plan,
                          const std::pair<std::string, Instant>& link) {
  const form::Value* words = content.find("words");
  if (words == nullptr) return fail(Code::Internal, "the demonstration has no words");
  const auto& [token, now] = link;
  Inventor inventor(*words, k_seed + static_cast<std::uint64_t>(plan.answers));
  const Arrivals arrivals(plan, now);
  std::vector<Instant> times;
  times.reserve(static_cast<std::size_t>(plan.answers));
  for (int i = 0; i < plan.answers; ++i)
    times.push_back(arrivals.next(inventor.dice()));
  std::ranges::sort(times);
  for (int i = 0; i < plan.answers; ++i) {
    Order order;
    order.target = fmt::format("/api/v1/public/{}/responses", token);
    form::Value body;
    body.set("answers", (inventor.*plan.invent)());
    form::append_value(order.body, body);
    order.key = fmt::format("demonstration-{}-{}", plan.document, i);
    order.peer = example_address(inventor.dice());
    PROBITY_CHECK(stage.send_on(times[static_cast<std::size_t>(i)], order));
  }
  return stage.finish();
}

Result<void> run_survey(Stage& stage, const form::Value& content, const Plan& plan, Instant now) {
  const Instant published = now - Span::hours(24) * (plan.first_day + 1);
  PROBITY_TRY(id, make_survey(stage, content, plan, published - Span::hours(26)));
  const auto post = [&](std::string_view verb, Instant at) {
    return stage.send(at, {.target = fmt::format("/api/v1/surveys/{}/{}", id, verb)});
  };
  PROBITY_TRY(opened, post("publish", published));
  PROBITY_TRY(token, member_of(opened, "token"));
  PROBITY_CHECK(send_answers(stage, content, plan, {token, now}));
  if (plan.is_closed) PROBITY_CHECK(post("close", now - Span::hours(24) * (plan.last_day - 1)));
  return {};
}

constexpr Plan k_library{"library", "confidential", 27, 1, 412, &Inventor::visitor, false};
constexpr Plan k_pulse{"pulse", "anonymous", 62, 49, 148, &Inventor::colleague, true};
constexpr Plan k_meeting{"meeting", "anonymous", 0, 0, 0, nullptr, false};

}  // namespace

Result<DemonstrationReport> fill_demonstration(const DemonstrationParts& parts) {
  PROBITY_TRY(content, form::parse_value(embedded::demonstration_json,
                                         {form::k_document_max_bytes, form::k_document_depth_max}));
  Stage stage(parts);
  PROBITY_CHECK(stage.open());
  PROBITY_CHECK(run_survey(stage, content, k_pulse, parts.now));
  PROBITY_CHECK(run_survey(stage, content, k_library, parts.now));
  PROBITY_CHECK(make_survey(stage, content, k_meeting, parts.now - Span::hours(20)));
  return DemonstrationReport{3, k_pulse.answers + k_library.answers};
}

}  // namespace probity::survey
