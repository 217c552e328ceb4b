#include "approval/approval.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "approval/request.hpp"
#include "audit/entry.hpp"
#include "identity/acting.hpp"
#include "identity/settings.hpp"
#include "identity/users.hpp"
#include "sql/approval.hpp"
#include "web/call.hpp"

namespace probity::approval {
namespace {

using identity::Permission;
using module::Approvable;
using module::Wish;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

/// An approved Change does what its own room does, in one transaction with the approval.
constexpr std::array<std::string_view, 1> k_reads{"*"};
constexpr std::array<std::string_view, 4> k_writes{"approval", "identity", "keep", "survey"};
constexpr int k_requests_per_reading = 200;
const store::Grant k_grant{"approval", k_reads, k_writes};

/// A person at the console: what two people decide is not left to a program that holds a token.
Result<UserId> person_of(const Call& call) {
  if (const auto* member = std::get_if<identity::Member>(&call.principal())) return member->user;
  return refuse(Code::Forbidden, "This is for signed-in members, not for tokens.");
}

std::string request_json(const Request& request, const UserId& viewer, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.key("approval");
  write_request(json, request, viewer, now);
  json.end_object();
  return std::move(json).text();
}

std::string detail_of(const Request& request) {
  JsonWriter json;
  json.begin_object();
  json.field("action", request.action);
  json.field("object", request.object);
  if (request.number) json.field("number", *request.number);
  json.field("asked_by", request.asked_by.text());
  json.end_object();
  return std::move(json).text();
}

/// Whoever decides about another's wish has been a member as they are for a while.
Result<void> check_decider(store::Tx& tx, const Request& request, const Approvable& what) {
  PROBITY_TRY(standing, identity::find_standing(tx, *request.decided_by));
  if (!standing || !standing->permissions.has(what.permission))
    return refuse(Code::Forbidden, "You may not do this yourself.");
  const Instant from = standing->since + k_standing_least;
  if (*request.decided_at >= from) return {};
  return refuse(Code::Forbidden,
                fmt::format("Your account, its role or its password changed less than {} hours "
                            "ago: you can decide from {} on.",
                            k_standing_least.s() / 3600, to_rfc3339(from)));
}

Result<void> check_approver(store::Tx& tx, const Request& request, const Approvable& what) {
  if (*request.decided_by == request.asked_by)
    return refuse(Code::Forbidden, "Somebody else has to approve what you asked for.");
  return check_decider(tx, request, what);
}

Result<void> check_asker(store::Tx& tx, const Request& request, const Approvable& what) {
  PROBITY_TRY(standing, identity::find_standing(tx, request.asked_by));
  if (standing && standing->permissions.has(what.permission)) return {};
  return refuse(Code::Conflict, "Whoever asked for this may not do it any more: refuse it.");
}

class ApprovalModule final : public module::Module {
 public:
  explicit ApprovalModule(ApprovalParts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::string_view name() const override { return "approval"; }
  [[nodiscard]] store::Grant grant() const override { return k_grant; }
  [[nodiscard]] std::vector<web::Route> routes() override;
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override;
  [[nodiscard]] std::vector<jobs::Job> jobs() override;

 private:
  [[nodiscard]] const Approvable* find(std::string_view action) const;
  [[nodiscard]] bool is_visible(const Call& call, const Request& request) const;
  [[nodiscard]] Result<Request> load(Call& call) const;
  [[nodiscard]] Result<std::vector<Request>> visible_page(Call& call, Listing listing) const;
  Result<Answer> list(Call& call) const;
  Result<Answer> show(Call& call) const;
  Result<Answer> approve(Call& call) const;
  Result<Answer> turn_down(Call& call) const;

  ApprovalParts parts_;
};

const Approvable* ApprovalModule::find(std::string_view action) const {
  const auto found = std::ranges::find(parts_.approvables, action, &Approvable::action);
  return found == parts_.approvables.end() ? nullptr : &*found;
}

/// Whoever decides has to know whose wish it is; nobody's once that member is deleted. A token
/// decides nothing, so it is told addresses only where it may read them anyway.
Result<void> name_asker(Call& call, Request& request) {
  const bool is_person = std::holds_alternative<identity::Member>(call.principal());
  if (!is_person && !identity::authorise(call.principal(), Permission::UsersRead).is_allowed)
    return {};
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(asker, identity::find_user(*reader, *cipher, request.asked_by));
  if (asker) request.asker_email = std::move(asker->email);
  return {};
}

bool ApprovalModule::is_visible(const Call& call, const Request& request) const {
  if (request.asked_by == identity::user_of(call.principal())) return true;
  const Approvable* what = find(request.action);
  return what != nullptr && identity::authorise(call.principal(), what->permission).is_allowed;
}

Result<Request> ApprovalModule::load(Call& call) const {
  PROBITY_TRY(id, call.path_id<ApprovalId>("id"));
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(request, find_request(*reader, id));
  if (!request || !is_visible(call, *request)) return fail(Code::NotFound, "no such request");
  PROBITY_CHECK(name_asker(call, *request));
  return std::move(*request);
}

/// A page of what the caller may see, and one more when there is one: what they may not see shows
/// neither here nor in where the next page begins.
Result<std::vector<Request>> ApprovalModule::visible_page(Call& call, Listing listing) const {
  PROBITY_TRY(reader, call.read());
  const auto wanted = static_cast<std::size_t>(listing.limit) + 1;
  listing.limit = k_requests_per_reading;
  std::vector<Request> page;
  while (page.size() < wanted) {
    PROBITY_TRY(requests, list_requests(*reader, listing));
    if (requests.empty()) break;
    listing.after = requests.back().id;
    for (Request& request : requests)
      if (page.size() < wanted && is_visible(call, request)) page.push_back(std::move(request));
  }
  return page;
}

Result<Answer> ApprovalModule::list(Call& call) const {
  PROBITY_TRY(after, call.after_id<ApprovalId>());
  PROBITY_TRY(limit, call.list_limit());
  const std::string_view state = call.request().param("state").value_or("all");
  if (state != "all" && state != "open")
    return refuse_field(Code::BadRequest, "state", "One of all, open.");
  PROBITY_TRY(requests, visible_page(call, {after, limit, state == "open", call.now()}));
  const bool has_more = requests.size() > static_cast<std::size_t>(limit);
  if (has_more) requests.pop_back();
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (Request& request : requests) {
    PROBITY_CHECK(name_asker(call, request));
    write_request(json, request, identity::user_of(call.principal()), call.now());
  }
  json.end_array();
  json.key("next");
  has_more ? json.value(requests.back().id.text()) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

Result<Answer> ApprovalModule::show(Call& call) const {
  PROBITY_TRY(request, load(call));
  return web::json_response(200,
                            request_json(request, identity::user_of(call.principal()), call.now()));
}

/// Told to whoever decided it.
web::Response decided_response(const Request& request) {
  return web::json_response(200, request_json(request, *request.decided_by, *request.decided_at));
}

Result<Answer> ApprovalModule::approve(Call& call) const {
  PROBITY_TRY(person, person_of(call));
  PROBITY_TRY(request, load(call));
  const Approvable* what = find(request.action);
  if (what == nullptr) return fail(Code::NotFound, "nothing of this kind can be approved");
  PROBITY_TRY(prepared, what->prepare(call, {what->action, request.object, request.number}));
  PROBITY_TRY(entry, call.entry("approval.give", request.id.text(), detail_of(request)));
  request.stored_state = State::Approved;
  request.decided_by = person;
  request.decided_at = call.now();
  store::Change change;
  change.grant = k_grant;
  change.growth = prepared.change.growth;
  change.on_refusal = entry;
  change.apply = [what, request, entry, act = std::move(prepared.change.apply)](
                     store::Tx& tx) mutable -> Result<store::Journal> {
    PROBITY_CHECK(check_approver(tx, request, *what));
    PROBITY_CHECK(check_asker(tx, request, *what));
    PROBITY_CHECK(decide(tx, request));
    auto journal = act(tx);
    if (!journal && journal.error().code == Code::NotFound)
      return refuse(Code::Conflict, "What this is about is gone: refuse the request.");
    if (journal) journal->push_back(entry);
    return journal;
  };
  return web::Prepared{std::move(change), [request, end = std::move(prepared.respond)]() mutable {
                         static_cast<void>(end());
                         return decided_response(request);
                       }};
}

Result<Answer> ApprovalModule::turn_down(Call& call) const {
  PROBITY_TRY(person, person_of(call));
  PROBITY_TRY(request, load(call));
  const bool is_own = person == request.asked_by;
  const Approvable* what = find(request.action);
  PROBITY_TRY(entry, call.entry(is_own ? "approval.withdraw" : "approval.refuse", request.id.text(),
                                detail_of(request)));
  request.stored_state = is_own ? State::Withdrawn : State::Refused;
  request.decided_by = person;
  request.decided_at = call.now();
  store::Change change;
  change.grant = k_grant;
  change.growth = store::Growth::Essential;
  change.on_refusal = entry;
  change.apply = [what, is_own, request, entry](store::Tx& tx) -> Result<store::Journal> {
    if (!is_own && what != nullptr) PROBITY_CHECK(check_decider(tx, request, *what));
    PROBITY_CHECK(decide(tx, request));
    return store::Journal{entry};
  };
  return web::Prepared{std::move(change),
                       [request = std::move(request)] { return decided_response(request); }};
}

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"$ref":"#/paths/~1api~1v1~1approvals~1{id}/get/responses/200/content/)"
    R"(application~1json/schema/properties/approval"}},"next":{"type":["string","null"]}}})";

std::vector<web::Route> ApprovalModule::routes() {
  const auto bind = [this](auto function) {
    return [this, function](Call& call) { return (this->*function)(call); };
  };
  // Whoever sees surveys sees what waits; what it takes to approve one depends on what it is.
  const auto access = Access::require(Permission::SurveysRead);
  std::vector<web::Route> routes;
  web::RouteDoc doc{.summary = "What waits, or waited, for a second person's approval",
                    .request_schema = {},
                    .response_schema = k_list_schema,
                    .success_status = 200,
                    .query = {"state", "after", "limit"}};
  routes.emplace_back(Method::Get, "/api/v1/approvals", access, web::Limits{}, doc,
                      bind(&ApprovalModule::list));
  doc = {.summary = "One request for approval",
         .request_schema = {},
         .response_schema = k_asked_schema};
  routes.emplace_back(Method::Get, "/api/v1/approvals/{id}", access, web::Limits{}, doc,
                      bind(&ApprovalModule::show));
  doc.summary = "Approve, which does what was asked for; never by whoever asked";
  routes.emplace_back(Method::Post, "/api/v1/approvals/{id}/approve", access, web::Limits{}, doc,
                      bind(&ApprovalModule::approve));
  doc.summary = "Refuse, or withdraw what one asked for oneself";
  routes.emplace_back(Method::Post, "/api/v1/approvals/{id}/refuse", access, web::Limits{}, doc,
                      bind(&ApprovalModule::turn_down));
  return routes;
}

std::vector<module::PersonalColumn> ApprovalModule::personal_columns() const {
  constexpr std::string_view k_life = "30 days after the request ended or expired";
  using enum module::Storage;
  return {
      {"approval_request", "asked_by", "Id of the member who asked for something that two decide",
       "To let somebody else decide", k_life, Clear},
      {"approval_request", "decided_by", "Id of the member who approved or refused it",
       "Accountability", k_life, Clear},
  };
}

/// Forgets what ended long ago, tenant by tenant.
Result<std::string> forget_old(store::Engine& engine, Instant now) {
  PROBITY_TRY(tenants, engine.tenants());
  std::int64_t forgotten = 0;
  for (const store::TenantRecord& tenant : tenants) {
    if (tenant.state == "destroyed") continue;
    PROBITY_TRY(cipher, engine.cipher(store::Space::of(tenant.id)));
    PROBITY_TRY(entry, audit::make_entry(*cipher, {now, "approval.sweep", "system"}));
    auto rows = std::make_shared<std::int64_t>(0);
    store::Change change;
    change.grant = k_grant;
    change.growth = store::Growth::Essential;
    change.apply = [entry, rows, now](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_TRY(gone, tx.run(sql::approval::forget_requests,
                               {tx.space().tenant(), now - k_request_memory}));
      *rows = gone;
      return gone > 0 ? store::Journal{entry} : store::Journal{};
    };
    PROBITY_CHECK(engine.apply(store::Space::of(tenant.id), std::move(change)));
    forgotten += *rows;
  }
  return fmt::format("forgot {}", forgotten);
}

std::vector<jobs::Job> ApprovalModule::jobs() {
  return {{"approval.sweep", Span::hours(24), Span::minutes(30),
           [engine = &parts_.engine](Instant now) { return forget_old(*engine, now); },
           jobs::Missed::RunLast}};
}

}  // namespace

Result<bool> is_required(Call& call) {
  PROBITY_TRY(reader, call.read());
  return identity::is_approval_required(*reader);
}

Result<bool> was_approved(store::Reader& reader, const Wish& wish) {
  PROBITY_TRY(found, reader.first(sql::approval::was_approved,
                                  {reader.space().tenant(), wish.action, wish.object},
                                  [](const store::Row&) { return true; }));
  return found.has_value();
}

Result<Answer> ask(Call& call, Wish wish) {
  Request request;
  request.id = ApprovalId::make(call.now());
  request.action = wish.action;
  request.object = std::move(wish.object);
  request.number = wish.number;
  request.asked_by = identity::user_of(call.principal());
  request.asked_at = call.now();
  request.expires_at = call.now() + k_request_life;
  PROBITY_TRY(entry, call.entry("approval.ask", request.id.text(), detail_of(request)));
  auto outcome = std::make_shared<Request>(request);
  store::Change change;
  change.grant = k_grant;
  change.on_refusal = entry;
  change.apply = [request, outcome, entry](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(stored, store_request(tx, request));
    *outcome = std::move(stored.request);
    return stored.is_new ? store::Journal{entry} : store::Journal{};
  };
  return web::Prepared{
      std::move(change), [outcome, viewer = request.asked_by, now = call.now()] {
        auto response = web::json_response(202, request_json(*outcome, viewer, now));
        response.with("location", fmt::format("/api/v1/approvals/{}", outcome->id.text()));
        return response;
      }};
}

std::unique_ptr<module::Module> make_approval(ApprovalParts parts) {
  return std::make_unique<ApprovalModule>(std::move(parts));
}

}  // namespace probity::approval
