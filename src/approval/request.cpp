#include "approval/request.hpp"

#include <fmt/format.h>

#include <array>

#include "approval/approval.hpp"
#include "sql/approval.hpp"

namespace probity::approval {
namespace {

namespace q = sql::approval;

constexpr std::array<std::string_view, 5> k_state_texts{"open", "approved", "refused", "withdrawn",
                                                        "expired"};

Request request_of(const store::Row& row) {
  Request request;
  request.id = row.id<ApprovalId>(0);
  request.action = row.text(1);
  request.object = row.text(2);
  if (!row.is_null(3)) request.number = row.integer(3);
  request.asked_by = row.id<UserId>(4);
  request.asked_at = row.instant(5);
  request.expires_at = row.instant(6);
  request.stored_state = static_cast<State>(row.integer(7));
  if (!row.is_null(8)) request.decided_by = row.id<UserId>(8);
  request.decided_at = row.maybe_instant(9);
  return request;
}

}  // namespace

std::string_view text_of(State state) { return k_state_texts[static_cast<std::size_t>(state)]; }

State Request::state_at(Instant now) const {
  return stored_state == State::Open && expires_at <= now ? State::Expired : stored_state;
}

Result<std::optional<Request>> find_request(store::Reader& reader, ApprovalId id) {
  return reader.first(q::find_request, {reader.space().tenant(), id}, request_of);
}

Result<std::vector<Request>> list_requests(store::Reader& reader, const Listing& listing) {
  const TenantId tenant = reader.space().tenant();
  RawId last;
  last.bytes.fill(0xFF);
  const ApprovalId before = listing.after.is_nil() ? ApprovalId(last) : listing.after;
  if (!listing.is_open_only)
    return reader.all(q::list_requests, {tenant, before, listing.limit}, request_of);
  return reader.all(q::list_open_requests, {tenant, before, listing.limit, listing.now},
                    request_of);
}

/// As many as one person can look at, and few enough that nobody floods the others.
Result<void> check_bounds(store::Tx& tx, const Request& request) {
  struct Counts {
    std::int64_t open = 0;
    std::int64_t open_of_member = 0;
    std::int64_t of_member_in_a_day = 0;
  };
  PROBITY_TRY(found, tx.first(q::count_requests,
                              {tx.space().tenant(), request.asked_at, request.asked_by,
                               request.asked_at - Span::hours(24)},
                              [](const store::Row& row) {
                                return Counts{row.integer(0), row.integer(1), row.integer(2)};
                              }));
  const Counts counts = found.value_or(Counts());
  if (counts.open_of_member >= k_open_requests_of_member_max) {
    return refuse(Code::Conflict,
                  fmt::format("{} of your requests wait for approval, which is the most there may "
                              "be: have some decided, or withdraw some.",
                              k_open_requests_of_member_max));
  }
  if (counts.open >= k_open_requests_max) {
    return refuse(Code::Conflict,
                  fmt::format("{} requests wait for approval, which is the most there may be: have "
                              "some decided first.",
                              k_open_requests_max));
  }
  if (counts.of_member_in_a_day < k_requests_of_member_a_day_max) return {};
  return refuse(Code::Conflict,
                fmt::format("You asked for {} things within 24 hours, which is the most: ask "
                            "somebody else, or tomorrow.",
                            k_requests_of_member_a_day_max));
}

Result<Stored> store_request(store::Tx& tx, const Request& request) {
  const TenantId tenant = tx.space().tenant();
  PROBITY_TRY(waiting,
              tx.first(q::open_request_for,
                       {tenant, request.action, request.object, request.asked_at}, request_of));
  if (waiting && waiting->number == request.number) return Stored{std::move(*waiting), false};
  if (waiting) {
    return refuse(Code::Conflict,
                  "Something else of the kind waits for approval: have it decided first.");
  }
  PROBITY_CHECK(check_bounds(tx, request));
  PROBITY_CHECK(
      tx.run(q::insert_request, {tenant, request.id, request.action, request.object, request.number,
                                 request.asked_by, request.asked_at, request.expires_at}));
  return Stored{request};
}

Result<void> decide(store::Tx& tx, const Request& decided) {
  PROBITY_TRY(rows, tx.run(q::decide_request, {tx.space().tenant(), decided.id,
                                               static_cast<std::int64_t>(decided.stored_state),
                                               decided.decided_by, decided.decided_at}));
  if (rows == 1) return {};
  return refuse(Code::Conflict, "The request was decided, or expired, meanwhile.");
}

void write_request(JsonWriter& json, const Request& request, const UserId& viewer, Instant now) {
  json.begin_object();
  json.field("id", request.id.text());
  json.field("action", request.action);
  json.field("object", request.object);
  json.key("number");
  request.number ? json.value(*request.number) : json.null();
  json.field("state", text_of(request.state_at(now)));
  json.field("asked_by", request.asked_by.text());
  if (request.asker_email) json.field("asked_by_email", *request.asker_email);
  json.field("is_own", request.asked_by == viewer);
  json.field("asked_at", to_rfc3339(request.asked_at));
  json.field("expires_at", to_rfc3339(request.expires_at));
  json.key("decided_by");
  request.decided_by ? json.value(request.decided_by->text()) : json.null();
  json.key("decided_at");
  request.decided_at ? json.value(to_rfc3339(*request.decided_at)) : json.null();
  json.end_object();
}

}  // namespace probity::approval
