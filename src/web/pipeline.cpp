#include "web/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "web/form_body.hpp"
#include "web/network_rules.hpp"
#include "web/page.hpp"
#include "web/security_headers.hpp"

namespace probity::web {
namespace {

constexpr std::size_t k_password_workers = 1;  ///< Argon2id is memory-bound: more would only queue.
constexpr std::size_t k_bulk_workers = 2;
constexpr std::size_t k_stream_workers = 2;
constexpr int k_retry_after_s = 1;

bool changes_state(Method method) {
  return method != Method::Get && method != Method::Head && method != Method::Options;
}

Error overloaded() {
  Error error;
  error.code = Code::Overloaded;
  error.retry_after_s = k_retry_after_s;
  return error;
}

/// What is told of an exception: no memory passes, anything else is our mistake.
Error error_of_thrown(const std::exception& thrown) {
  const bool is_memory = dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr;
  Error error = is_memory ? overloaded() : Error{Code::Internal, {}, {}, {}, 0};
  error.detail = thrown.what();
  return error;
}

/// The next piece of a body; an exception cuts it like any other error.
Result<BodySource::Piece> next_piece(BodySource& source) {
  try {
    return source.next();
  } catch (const std::exception& thrown) {
    return std::unexpected(error_of_thrown(thrown));
  }
}

/// What was missing, by the name the roles' page and a token's scopes have it.
std::string lacking(const identity::Principal& principal, identity::Permission permission) {
  const bool is_token = std::holds_alternative<identity::TokenHolder>(principal);
  return fmt::format("{} lacks the permission {}.", is_token ? "This token" : "Your role",
                     identity::text_of(permission));
}

std::string_view bearer_of(const Request& request) {
  const std::string_view header = request.header("authorization");
  constexpr std::string_view k_scheme = "bearer ";
  if (header.size() <= k_scheme.size()) return {};
  for (std::size_t i = 0; i < k_scheme.size(); ++i)
    if ((header[i] | 0x20) != k_scheme[i] && header[i] != k_scheme[i]) return {};
  return trim(header.substr(k_scheme.size()));
}

/// How a refusal reads in the audit log.
struct RefusalEntry {
  std::string_view action;
  std::string_view outcome;
};

/// Who fills the storage, or sends what harms, is to be seen by whoever looks after the tenant.
std::optional<RefusalEntry> entry_of(Code code) {
  if (code == Code::QuotaExceeded) return RefusalEntry{"storage.refuse", "refused:quota"};
  if (code == Code::UnsafeFile) return RefusalEntry{"upload.refuse", "refused:malware"};
  return {};
}

}  // namespace

/// One request on its way. Shared by the connection and whoever works on it; the request is not
/// touched by `net` after it was handed over.
struct Pipeline::Trip final : Exchange {
  Request request;
  Match match;
  RequestId id;
  Deadline deadline;
  Span started;
  identity::Principal principal = identity::Anonymous{};
  std::unique_ptr<Call> call;
  /// Set until the head is admitted or turned away; from then on `done` takes the answer.
  std::move_only_function<void(Admission)> ready;
  std::move_only_function<void(Response)> done;
  Budget::Share body_share;  ///< Room for a large body.

  [[nodiscard]] const Route& route() const { return *match.route; }
};

Pipeline::Pipeline(Router router, CallServices services, identity::Authenticator& authenticator,
                   PipelineOptions options)
    : router_(std::move(router)),
      snapshots_(streams_max_of(services.engine.kind())),
      services_(services),
      authenticator_(authenticator),
      options_(std::move(options)),
      requests_("requests", options_.request_workers, options_.queue_max),
      passwords_("passwords", k_password_workers, 64),
      bulk_("bulk", k_bulk_workers, 64),
      streams_("streams", k_stream_workers, options_.queue_max) {
  services_.streams = &snapshots_;
}

Pipeline::~Pipeline() { stop(); }

void Pipeline::stop() {
  requests_.stop();
  passwords_.stop();
  bulk_.stop();
  streams_.stop();
}

Lane& Pipeline::lane(LaneKind kind) {
  switch (kind) {
    case LaneKind::Requests: return requests_;
    case LaneKind::Passwords: return passwords_;
    case LaneKind::Bulk: return bulk_;
  }
  return requests_;
}

template <typename Stage>
void Pipeline::guard(const std::shared_ptr<Trip>& trip, Stage stage) {
  try {
    stage();
  } catch (const std::exception& thrown) {
    answer_thrown(trip, error_of_thrown(thrown));
  }
}

void Pipeline::answer_thrown(const std::shared_ptr<Trip>& trip, Error error) {
  // Thrown while the answer was handed over: there is none to give, and the deadline of the
  // connection ends the wait.
  if (!trip->ready && !trip->done) return;
  try {
    answer(trip, std::unexpected(std::move(error)));
  } catch (const std::exception&) {
    // No memory for words either.
    Response response;
    response.status = 503;
    response.closes_connection = true;
    if (auto ready = std::exchange(trip->ready, {}))
      ready(Admission{trip, 0, std::move(response)});
    else if (auto done = std::exchange(trip->done, {}))
      done(std::move(response));
  }
}

// The stages, in order. Each stands where it does for the reason given; auditors read this page.

void Pipeline::admit(Request request, std::move_only_function<void(Admission)> ready) {
  // 1 A number for the request, so that every later line and answer can be joined.
  auto trip = std::make_shared<Trip>();
  trip->request = std::move(request);
  trip->id = RequestId::make(services_.clock.now());
  trip->started = monotonic_now();
  trip->ready = std::move(ready);
  guard(trip, [&] { look_at_head(trip); });
}

void Pipeline::look_at_head(const std::shared_ptr<Trip>& trip) {
  // 2 Host, route and declared length: cheap, need no store, so a stranger is turned away first.
  if (auto checked = check_head(*trip); !checked)
    return finish(trip, refusal_of(*trip, checked.error()));
  const Route& route = trip->route();
  trip->deadline = Deadline::after(route.limits.deadline);

  // 3 A large body is only read for somebody who may send it here, and while memory is kept for
  // it: everything that needs no body (5 to 7) is checked before its first byte, and again when
  // it is there, for it may take minutes, and a revocation holds.
  const bool has_credentials = trip->request.cookie(identity::k_session_cookie).has_value() ||
                               !trip->request.header("authorization").empty();
  if (route.access.needs_identity() && !has_credentials)
    return finish(trip, refusal_of(*trip, Error{Code::Unauthenticated, {}, {}, {}, 0}));
  const bool is_large = trip->request.is_chunked
                            ? route.limits.body_max_bytes > k_body_unproven_max_bytes
                            : trip->request.content_length > k_body_unproven_max_bytes;
  if (!is_large) return let_in(trip);
  if (!route.access.needs_identity()) return let_in_large(trip);
  Lane::Task task = [this, trip] {
    guard(trip, [&] {
      if (const auto refused = check_caller(*trip)) return turn_away(trip, *refused);
      let_in_large(trip);
    });
  };
  if (!requests_.offer(task)) finish(trip, refusal_of(*trip, overloaded()));
}

void Pipeline::let_in(const std::shared_ptr<Trip>& trip) {
  auto ready = std::exchange(trip->ready, {});
  ready(Admission{trip, trip->route().limits.body_max_bytes, std::nullopt});
}

void Pipeline::let_in_large(const std::shared_ptr<Trip>& trip) {
  if (auto held = hold_body(*trip, identity::tenant_of(trip->principal)); !held)
    return finish(trip, refusal_of(*trip, held.error()));
  let_in(trip);
}

/// Room in memory for a large body, before its first byte is read.
Result<void> Pipeline::hold_body(Trip& trip, const TenantId& whose) {
  const std::uint64_t bytes =
      trip.request.is_chunked ? trip.route().limits.body_max_bytes : trip.request.content_length;
  auto share = bodies_.take(whose.raw(), bytes);
  if (!share) {
    Error error = overloaded();
    error.hint = "Too many large bodies are being read at this moment. Try again shortly.";
    return std::unexpected(std::move(error));
  }
  trip.body_share = std::move(*share);
  return {};
}

Result<void> Pipeline::check_head(Trip& trip) const {
  if (!options_.hosts.empty() &&
      std::ranges::find(options_.hosts, trip.request.host) == options_.hosts.end()) {
    return refuse(Code::BadRequest, "The Host header names no host of this server.");
  }
  trip.match = router_.find(trip.request);
  if (trip.match.route == nullptr)
    return fail(trip.match.allowed.empty() ? Code::NotFound : Code::MethodNotAllowed);
  if (trip.route().access.kind() == Access::Kind::TestMode && !options_.is_test_mode)
    return fail(Code::NotFound);
  const std::string_view coding = trip.request.header("content-encoding");
  if (!coding.empty() && coding != "identity" && trip.route().limits.coding == Coding::None)
    return refuse(Code::UnsupportedMedia, "Send the body as it is, without Content-Encoding.");
  if (trip.request.content_length > trip.route().limits.body_max_bytes)
    return refuse(Code::BodyTooLarge, fmt::format("At most {} bytes are taken here.",
                                                  trip.route().limits.body_max_bytes));
  return {};
}

void Pipeline::serve(std::shared_ptr<Exchange> exchange, std::string body,
                     std::move_only_function<void(Response)> done) {
  auto trip = std::static_pointer_cast<Trip>(std::move(exchange));
  trip->request.body = std::move(body);
  trip->done = std::move(done);
  // 4 A bounded lane: when it is full the client is told at once instead of waiting unseen.
  guard(trip, [&] {
    Lane::Task task = [this, trip] { guard(trip, [&] { work(trip); }); };
    if (!lane(trip->route().limits.lane).offer(task)) finish(trip, refusal_of(*trip, overloaded()));
  });
}

void Pipeline::work(const std::shared_ptr<Trip>& trip) {
  if (trip->deadline.has_passed()) return answer(trip, fail(Code::Deadline, "waited in the lane"));
  if (const auto refused = check_caller(*trip)) return turn_away(trip, *refused);
  // 8 The handler prepares: validates, anonymises, seals, from a snapshot that blocks nobody.
  trip->call = std::make_unique<Call>(services_, trip->route(), trip->request, trip->match.values,
                                      trip->principal, trip->id, trip->deadline);
  answer(trip, trip->route().handler(*trip->call));
}

std::optional<Pipeline::Refused> Pipeline::check_duties(const identity::Member& member,
                                                        const Access& access) {
  if (member.password.is_over) {
    if (access.is_open_with_old_password()) return std::nullopt;
    return Refused{Error{Code::PasswordExpired, {}, {}, {}, 0}, "refused:password_expired"};
  }
  if (member.is_enrolment_due && !access.is_open_before_enrolment())
    return Refused{Error{Code::EnrolmentRequired, {}, {}, {}, 0}, "refused:enrolment_required"};
  return std::nullopt;
}

std::optional<Pipeline::Refused> Pipeline::check_caller(Trip& trip) {
  // 5 Who asks. Read from the store each time, so that a revocation holds from the next request on.
  if (auto identified = identify(trip); !identified) return Refused{identified.error(), {}};
  if (const auto* rules = identity::networks_of(trip.principal);
      rules != nullptr && !lets_in(*rules, trip.request.peer))
    return Refused{Error{Code::NetworkRefused, {}, {}, {}, 0}, "refused:network_refused"};
  // 6 Cross-site requests carry the cookie but not the token.
  if (auto checked = check_csrf(trip); !checked) return Refused{checked.error(), "refused:csrf"};
  // 7 Whether they may. The reason goes to the audit log of the tenant whose member was refused.
  const Access& access = trip.route().access;
  const auto* member = std::get_if<identity::Member>(&trip.principal);
  if (member != nullptr) {
    if (const auto refused = check_duties(*member, access)) return refused;
  }
  if (access.kind() == Access::Kind::Permission) {
    const auto decision = identity::authorise(trip.principal, access.permission());
    if (!decision.is_allowed) {
      return Refused{Error{Code::Forbidden,
                           std::string(decision.reason),
                           lacking(trip.principal, access.permission()),
                           {},
                           0},
                     "refused:forbidden"};
    }
  } else if (access.kind() == Access::Kind::SignedIn && member == nullptr) {
    return Refused{
        Error{Code::Forbidden, {}, "This is for signed-in members, not for tokens.", {}, 0}, {}};
  }
  return std::nullopt;
}

void Pipeline::turn_away(const std::shared_ptr<Trip>& trip, const Refused& refused) {
  if (refused.audited_as.empty()) return answer(trip, std::unexpected(refused.error));
  audit_then_answer(trip, "access.refused", refused.audited_as, refusal_of(*trip, refused.error));
}

Result<void> Pipeline::identify(Trip& trip) {
  if (!trip.route().access.needs_identity()) return {};
  const std::string_view bearer = bearer_of(trip.request);
  if (!bearer.empty()) {
    PROBITY_TRY(principal, authenticator_.by_bearer(bearer));
    trip.principal = std::move(principal);
  } else {
    const auto cookie = trip.request.cookie(identity::k_session_cookie);
    if (!cookie) return fail(Code::Unauthenticated, "no usable credentials");
    const auto activity = trip.request.header("x-probity-background") == "1" ||
                                  trip.request.header("accept") == "text/event-stream"
                              ? identity::Activity::Background
                              : identity::Activity::User;
    PROBITY_TRY(principal, authenticator_.by_cookie(*cookie, activity));
    trip.principal = std::move(principal);
  }
  return {};
}

Result<void> Pipeline::check_csrf(Trip& trip) {
  const auto* member = std::get_if<identity::Member>(&trip.principal);
  if (member == nullptr || !changes_state(trip.request.method)) return {};
  PROBITY_TRY(expected, authenticator_.csrf_token(*member));
  std::string given(trip.request.header("x-csrf-token"));
  // A form without script has no header: its page carries the token in a field.
  if (given.empty() && trip.route().doc.request_type == k_form_type) {
    if (auto field = form_field(trip.request.body, k_csrf_field)) given = std::move(*field);
  }
  if (!equal_constant_time(as_bytes(expected), as_bytes(given))) return fail(Code::Csrf);
  return {};
}

void Pipeline::answer(const std::shared_ptr<Trip>& trip, Result<Answer> answer) {
  if (!answer) {
    const Error& error = answer.error();
    if (code_info(error.code).http_status >= 500 && error.code != Code::NotBuilt) {
      services_.log.failure("request_failed", {{"request", trip->id},
                                               {"route", trip->route().pattern},
                                               {"code", code_info(error.code).text},
                                               {"detail", error.detail}});
    }
    if (const auto entry = entry_of(error.code)) {
      trip->call->end_reading();
      return audit_then_answer(trip, entry->action, entry->outcome, refusal_of(*trip, error));
    }
    return finish(trip, refusal_of(*trip, error));
  }
  if (auto* prepared = std::get_if<Prepared>(&*answer)) return submit(trip, std::move(*prepared));
  Response& response = std::get<Response>(*answer);
  // 9 A read of confidential answers is on record before the first byte of it leaves.
  // 304 tells nobody anything: the entry of the answer it refers to stands.
  if (!trip->route().audit_read.empty() && response.status < 400 && response.status != 304)
    return audit_then_answer(trip, trip->route().audit_read, "done", std::move(response));
  finish(trip, std::move(response));
}

void Pipeline::submit(const std::shared_ptr<Trip>& trip, Prepared prepared) {
  // 10 The tenant's writer runs the Change with its audit row; the answer waits for the disk.
  trip->call->end_reading();
  const store::Space space = store::Space::of(trip->call->tenant());
  auto respond = std::move(prepared.respond);
  services_.engine.submit(
      space, std::move(prepared.change),
      [this, trip, respond = std::move(respond)](Result<void> committed) mutable {
        guard(trip, [&] {
          if (!committed) return answer(trip, std::unexpected(std::move(committed).error()));
          finish(trip, respond());
        });
      });
}

void Pipeline::audit_then_answer(const std::shared_ptr<Trip>& trip, std::string_view action,
                                 std::string_view outcome, Response response) {
  const TenantId tenant = trip->call ? trip->call->tenant() : identity::tenant_of(trip->principal);
  store::JournalEntry entry;
  entry.at = services_.clock.now();
  entry.id = AuditId::make(entry.at);
  entry.action = action;
  entry.actor = identity::actor_of(trip->principal);
  entry.object = trip->match.values.empty() ? "" : std::string(trip->match.values.front());
  entry.outcome = outcome;
  // An object id from the path is a stranger's text until it has the shape of one.
  if (entry.object.size() > 40 || !std::ranges::all_of(entry.object, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      }))
    entry.object.clear();

  store::Change change{trip->route().grant, {}, std::nullopt, store::Growth::Essential};
  change.apply = [entry](store::Tx&) -> Result<store::Journal> { return store::Journal{entry}; };
  auto held = std::make_shared<Response>(std::move(response));
  services_.engine.submit(store::Space::of(tenant), std::move(change),
                          [this, trip, held](Result<void> committed) {
                            // No row, no answer: a read that cannot be recorded does not happen.
                            guard(trip, [&] {
                              if (!committed)
                                return finish(trip, refusal_of(*trip, committed.error()));
                              finish(trip, std::move(*held));
                            });
                          });
}

Response Pipeline::refusal_of(const Trip& trip, const Error& error) const {
  const Refusal refusal{trip.request, error, trip.id,
                        trip.call ? trip.call->language() : std::string_view()};
  const Route* route = trip.match.route;
  Response response;
  if (!wants_page(trip.request, route))
    response = problem_response(error, trip.id);
  else if (route != nullptr && route->refusal_page)
    response = with_refusal_headers(route->refusal_page(refusal), error);
  else
    response = with_refusal_headers(refusal_page(refusal), error);
  if (!trip.match.allowed.empty()) {
    std::string allow;
    for (const Method method : trip.match.allowed)
      allow += (allow.empty() ? "" : ", ") + std::string(text_of(method));
    response.with("allow", allow);
  }
  return response;
}

void Pipeline::finish(const std::shared_ptr<Trip>& trip, Response response) {
  // 11 Headers that no handler may forget, then the bytes go back to the connection.
  add_security_headers(response, options_.hsts, trip->id);
  trip->call.reset();
  // Refused before the body: it is not read.
  if (auto ready = std::exchange(trip->ready, {}))
    return ready(Admission{trip, 0, std::move(response)});
  if (auto done = std::exchange(trip->done, {})) done(std::move(response));
}

void Pipeline::pull(std::shared_ptr<BodySource> source,
                    std::move_only_function<void(Result<BodySource::Piece>)> done) {
  auto shared_done =
      std::make_shared<std::move_only_function<void(Result<BodySource::Piece>)>>(std::move(done));
  Lane::Task task = [source = std::move(source), shared_done] {
    (*shared_done)(next_piece(*source));
  };
  if (!streams_.offer(task)) (*shared_done)(fail(Code::Overloaded, "the stream lane is full"));
}

Response Pipeline::refuse_malformed(const Error& error) {
  const RequestId id = RequestId::make(services_.clock.now());
  Response response = problem_response(error, id);
  response.closes_connection = true;
  add_security_headers(response, options_.hsts, id);
  return response;
}

void Pipeline::finished(const std::shared_ptr<Exchange>& exchange, int status,
                        std::uint64_t bytes_sent) {
  if (!exchange || !services_.log.wants(LogLevel::Debug)) return;
  const auto trip = std::static_pointer_cast<Trip>(exchange);
  // The pattern, never the path or the query: those may hold a token.
  services_.log.write(LogLevel::Debug, "request",
                      {{"request", trip->id},
                       {"method", text_of(trip->request.method)},
                       {"route", trip->match.route != nullptr ? trip->route().pattern : "none"},
                       {"status", status},
                       {"bytes", static_cast<std::int64_t>(bytes_sent)},
                       {"us", (monotonic_now() - trip->started).us()}});
}

}  // namespace probity::web
