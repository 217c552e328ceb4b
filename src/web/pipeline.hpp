#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lane.hpp"
#include "identity/authenticator.hpp"
#include "web/budget.hpp"
#include "web/call.hpp"
#include "web/limits.hpp"
#include "web/router.hpp"
#include "web/service.hpp"

namespace probity::web {

/// How the pipeline is set up; see docs/request.md for the life of a request.
struct PipelineOptions {
  std::size_t request_workers = 4;
  /// Waiting requests a lane holds: more than the connections of a busy node, so that one request
  /// per connection can wait, and few enough that the last one is answered within its deadline.
  std::size_t queue_max = 1024;
  bool is_test_mode = false;
  /// Hosts the server answers to; empty means any well-formed one.
  std::vector<std::string> hosts;
  /// Sent as Strict-Transport-Security.
  std::string_view hsts = "max-age=63072000; includeSubDomains";
};

/// The stages every request passes, in this order (pipeline.cpp, `admit` to `check_caller`, is the
/// page to read). Implements what `net` calls. Threads: any.
class Pipeline final : public Service {
 public:
  Pipeline(Router router, CallServices services, identity::Authenticator& authenticator,
           PipelineOptions options);
  ~Pipeline() override;

  void admit(Request request, std::move_only_function<void(Admission)> ready) override;
  void serve(std::shared_ptr<Exchange> exchange, std::string body,
             std::move_only_function<void(Response)> done) override;
  void pull(std::shared_ptr<BodySource> source,
            std::move_only_function<void(Result<BodySource::Piece>)> done) override;
  [[nodiscard]] Response refuse_malformed(const Error& error) override;
  void finished(const std::shared_ptr<Exchange>& exchange, int status,
                std::uint64_t bytes_sent) override;

  [[nodiscard]] const Router& router() const { return router_; }
  /// Stops the lanes after what is queued.
  void stop();

 private:
  struct Trip;
  /// Why a caller goes no further, and as what it stands in the audit log (empty: not at all).
  struct Refused {
    Error error;
    std::string_view audited_as;
  };
  /// Runs a stage. What it throws is answered, for no request may end the process.
  template <typename Stage>
  void guard(const std::shared_ptr<Trip>& trip, Stage stage);
  void answer_thrown(const std::shared_ptr<Trip>& trip, Error error);
  void look_at_head(const std::shared_ptr<Trip>& trip);
  void let_in(const std::shared_ptr<Trip>& trip);
  void let_in_large(const std::shared_ptr<Trip>& trip);
  [[nodiscard]] std::optional<Refused> check_caller(Trip& trip);
  /// What a member has to do before anything else: a new password, a second factor.
  [[nodiscard]] static std::optional<Refused> check_duties(const identity::Member& member,
                                                           const Access& access);
  void turn_away(const std::shared_ptr<Trip>& trip, const Refused& refused);
  [[nodiscard]] Response refusal_of(const Trip& trip, const Error& error) const;
  [[nodiscard]] Result<void> check_head(Trip& trip) const;
  [[nodiscard]] Result<void> hold_body(Trip& trip, const TenantId& whose);
  [[nodiscard]] Result<void> identify(Trip& trip);
  [[nodiscard]] Result<void> check_csrf(Trip& trip);
  void work(const std::shared_ptr<Trip>& trip);
  void answer(const std::shared_ptr<Trip>& trip, Result<Answer> answer);
  void submit(const std::shared_ptr<Trip>& trip, Prepared prepared);
  void audit_then_answer(const std::shared_ptr<Trip>& trip, std::string_view action,
                         std::string_view outcome, Response response);
  void finish(const std::shared_ptr<Trip>& trip, Response response);
  [[nodiscard]] Lane& lane(LaneKind kind);

  Router router_;
  StreamBudget snapshots_;
  CallServices services_;
  identity::Authenticator& authenticator_;
  PipelineOptions options_;
  Budget bodies_{k_bodies_held_max_bytes, k_bodies_held_of_one_max_bytes};
  Lane requests_;
  Lane passwords_;
  Lane bulk_;
  Lane streams_;
};

}  // namespace probity::web
