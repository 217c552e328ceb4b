#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "attest/probes_access.hpp"
#include "base/bytes.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "crypto/totp.hpp"
#include "identity/permission.hpp"
#include "identity/settings.hpp"

namespace probity::attest {
namespace {

using identity::Role;

constexpr int k_forbidden = 403;

// --- roles.matrix_enforced

/// Calls every route that asks for a permission with a role, and compares with the table.
Result<void> look_at_role(const Ground& ground, const FindListener& find,
                          const std::vector<DeclaredRoute>& routes, Role role, Observations& seen) {
  PROBITY_TRY(cast, cast_member(ground, find, role));
  const Leaving cast_leaves(ground, cast);
  const identity::Permissions held = identity::permissions_of(role);
  for (const DeclaredRoute& route : routes) {
    if (!route.access.starts_with("permission:")) continue;
    const auto permission = identity::parse_permission(std::string_view(route.access).substr(11));
    seen.need(permission.has_value(), "a permission is not in the table: " + route.access);
    if (!permission) continue;
    // Nothing is sent and nothing by that name exists: what is permitted ends as a complaint about
    // that, and changes nothing.
    PROBITY_TRY(reply,
                cast.visitor.send({.method = route.method, .path = filled(route.pattern, "none")}));
    const bool is_let_in = reply.status != k_forbidden && reply.status != 401;
    seen.expect(is_let_in == held.has(*permission),
                fmt::format("{} {} as {}: {}", route.method, route.pattern, identity::text_of(role),
                            reply.status));
  }
  return {};
}

/// Starts work when it is called without content: not for trying roles.
bool starts_work(const DeclaredRoute& route) {
  return route.method == "POST" && route.pattern == "/api/v1/export";
}

Result<Finding> matrix(const Ground& ground, const FindListener& find, const Deadline& deadline) {
  Observations seen;
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  PROBITY_TRY(routes, declared_routes(visitor));
  std::erase_if(routes, starts_work);
  std::set<std::string> permissions;
  for (const DeclaredRoute& route : routes)
    if (route.access.starts_with("permission:")) permissions.insert(route.access);
  for (const Role role : {Role::None, Role::Owner, Role::Editor, Role::Analyst, Role::Auditor}) {
    if (deadline.has_passed()) seen.give_up("out of time");
    PROBITY_CHECK(look_at_role(ground, find, routes, role, seen));
  }
  seen.note("permissions_tried", static_cast<std::int64_t>(permissions.size()));
  seen.note("permissions", static_cast<std::int64_t>(identity::k_permission_count));
  return seen.finding();
}

// --- isolation.foreign_objects_hidden

/// One object of each kind in the first organisation, by the segment that names the kind.
struct Objects {
  std::vector<std::pair<std::string_view, std::string>> ids;
  std::string mark;  ///< Stands in what was made.
  [[nodiscard]] std::string of(const std::string& pattern) const {
    for (const auto& [segment, id] : ids)
      if (pattern.find(segment) != std::string::npos) return id;
    return {};
  }
};

/// An identifier of the first organisation and one of its kind that never existed.
struct Pair {
  const std::string& real;
  const std::string& invented;
  const std::string& mark;
};

/// Ids of the same kinds that never existed.
Objects invented(Instant now) {
  return {{{"/surveys/", SurveyId::make(now).text()},
           {"/users/", UserId::make(now).text()},
           {"/tokens/", TokenId::make(now).text()},
           {"/sessions/", SessionId::make(now).text()},
           {"/factors/", FactorId::make(now).text()},
           {"/evidence/", EvidenceId::make(now).text()},
           {"/jobs/", JobId::make(now).text()},
           {"/approvals/", ApprovalId::make(now).text()},
           {"/export", JobId::make(now).text()}},
          {}};
}

/// The first number of a kind in an answer.
template <typename Tag>
std::string id_in(std::string_view body) {
  const std::size_t at = body.find(Tag::prefix);
  constexpr std::size_t k_text = Tag::prefix.size() + 26;
  return at == std::string_view::npos ? std::string() : std::string(body.substr(at, k_text));
}

/// Lets one person decide alone again; other measurements use the same organisation.
Result<void> end_approvals(const Ground& ground, const TenantId& tenant) {
  const auto space = store::Space::of(tenant);
  PROBITY_TRY(cipher, ground.engine.cipher(space));
  identity::SettingsPatch patch;
  patch.is_approval_required = false;
  patch.is_end_approved = true;
  const auto acting = identity::acting_as_operator(tenant, ground.clock.now(), cipher);
  PROBITY_TRY(plan, identity::plan_change_settings(acting, patch));
  return ground.engine.apply(space, std::move(plan.change));
}

/// Something of the organisation that waits for a second person.
Result<Reply> asked_by(const Ground& ground, Cast& owner) {
  PROBITY_TRY(begun, owner.visitor.send({.method = "PATCH",
                                         .path = "/api/v1/tenant/settings",
                                         .body = R"({"approval_required":true})"}));
  if (begun.status != 204) return std::move(begun);
  auto asked = owner.visitor.post("/api/v1/export");
  PROBITY_CHECK(end_approvals(ground, owner.tenant.id));
  return asked;
}

/// A second factor of the member.
Result<Reply> app_of(const Ground& ground, Cast& owner) {
  JsonWriter password;
  password.begin_object();
  password.field("password", owner.password);
  password.end_object();
  PROBITY_TRY(offer, owner.visitor.post("/api/v1/me/factors/totp", std::move(password).text()));
  const auto secret = from_base32(offer.member("secret"));
  if (offer.status != 200 || !secret) return std::move(offer);
  const auto step = crypto::totp_step_of(ground.clock.now());
  JsonWriter app;
  app.begin_object();
  app.field("ticket", offer.member("ticket"));
  app.field("code", crypto::totp_code(*secret, step));
  app.field("name", "probe");
  app.end_object();
  return owner.visitor.post("/api/v1/me/factors", std::move(app).text());
}

Result<Objects> made_by(const Ground& ground, Cast& owner, Observations& seen) {
  const Instant now = ground.clock.now();
  const std::string mark = "mark-" + random_word(12);
  JsonWriter survey;
  survey.begin_object();
  survey.field("title", mark);
  survey.key("elements");
  survey.raw(R"([{"type":"comment","name":"why","title":"Why?"}])");
  survey.end_object();
  PROBITY_TRY(created, owner.visitor.post("/api/v1/surveys", std::move(survey).text()));
  PROBITY_TRY(
      token, owner.visitor.post("/api/v1/tokens", R"({"name":"probe","scopes":["surveys.read"]})"));
  PROBITY_TRY(exported, owner.visitor.post("/api/v1/export"));
  PROBITY_TRY(asked, asked_by(ground, owner));
  PROBITY_TRY(app, app_of(ground, owner));
  seen.need(created.status == 201 && token.status == 201 && exported.status == 202 &&
                asked.status == 202 && app.status == 201,
            "an object could not be made");
  Objects objects = invented(now);
  objects.mark = mark;
  for (auto& [segment, id] : objects.ids) {
    if (segment == "/surveys/") id = created.member("id");
    if (segment == "/tokens/") id = token.member("id");
    if (segment == "/users/") id = owner.member.id.text();
    if (segment == "/approvals/") id = id_in<ApprovalTag>(asked.body);
    if (segment == "/factors/") id = app.member("id");
    if (segment == "/export") id = id_in<JobTag>(exported.body);
  }
  return objects;
}

/// What of an answer must not depend on whether the object exists.
std::string fingerprint(const Reply& reply) {
  std::string text = fmt::format("{}\n", reply.status);
  std::string body = reply.body;
  // The request id stands in the body as well, and differs each time.
  for (std::size_t at = body.find("req_"); at != std::string::npos; at = body.find("req_", at + 4))
    body.erase(at + 4, 26);
  std::set<std::string> names;
  for (const web::NamedText& header : reply.headers)
    if (header.name != "x-request-id" && header.name != "date") names.insert(header.name);
  for (const std::string& name : names)
    text += name + "\n";
  return text + body;
}

/// Calls a route with an identifier of the first organisation and with one that never existed.
Result<void> look_at_pair(Visitor& stranger, const DeclaredRoute& route, const Pair& pair,
                          Observations& seen) {
  PROBITY_TRY(foreign,
              stranger.send({.method = route.method, .path = filled(route.pattern, pair.real)}));
  PROBITY_TRY(unknown, stranger.send(
                           {.method = route.method, .path = filled(route.pattern, pair.invented)}));
  const std::string name = route.method + " " + route.pattern;
  seen.expect(fingerprint(foreign) == fingerprint(unknown), "told apart: " + name);
  seen.expect(foreign.status < 200 || foreign.status >= 300, "answered: " + name);
  seen.expect(foreign.body.find(pair.mark) == std::string::npos, "a foreign mark: " + name);
  return {};
}

/// The pairs to try a route by: one of its kind, or every kind where it says that what it names is
/// the same for everybody, as it then must know none of an organisation's. None without a name.
std::vector<Pair> pairs_for(const DeclaredRoute& route, const Objects& objects,
                            const Objects& nothing, Observations& seen) {
  std::vector<Pair> pairs;
  if (!needs_person(route) || route.pattern.find('{') == std::string::npos) return pairs;
  for (std::size_t i = 0; i < objects.ids.size(); ++i) {
    const auto& [segment, id] = objects.ids[i];
    const bool is_its_kind = route.pattern.find(segment) != std::string::npos;
    if (route.is_common || is_its_kind) pairs.push_back({id, nothing.ids[i].second, objects.mark});
    if (is_its_kind && !route.is_common) break;
  }
  seen.need(!pairs.empty(), "no object to try by: " + route.pattern);
  return pairs;
}

Result<Finding> foreign_hidden(const Ground& ground, const FindListener& find,
                               const Deadline& deadline) {
  Observations seen;
  const Instant now = ground.clock.now();
  PROBITY_TRY(owner, cast_member(ground, find, Role::Owner, Which::First));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(stranger, cast_member(ground, find, Role::Owner, Which::Second));
  const Leaving stranger_leaves(ground, stranger);
  PROBITY_TRY(objects, made_by(ground, owner, seen));
  const Objects nothing = invented(now);
  PROBITY_TRY(routes, declared_routes(stranger.visitor));
  int tried = 0;
  for (const DeclaredRoute& route : routes) {
    if (deadline.has_passed()) seen.give_up("out of time");
    const std::vector<Pair> pairs = pairs_for(route, objects, nothing, seen);
    for (const Pair& pair : pairs)
      PROBITY_CHECK(look_at_pair(stranger.visitor, route, pair, seen));
    if (!pairs.empty()) ++tried;
  }
  PROBITY_TRY(own, owner.visitor.get("/api/v1/surveys/" + objects.of("/surveys/")));
  seen.need(own.status == 200 && own.body.find(objects.mark) != std::string::npos,
            "the owner's own call failed");
  seen.note("routes", tried);
  return seen.finding();
}

}  // namespace

Probes boundary_probes(const Ground& ground, const FindListener& find) {
  Probes probes;
  probes.push_back(
      {.name = "roles.matrix_enforced",
       .run = [ground, find](const Deadline& deadline) { return matrix(ground, find, deadline); }});
  probes.push_back(
      {.name = "isolation.foreign_objects_hidden", .run = [ground, find](const Deadline& deadline) {
         return foreign_hidden(ground, find, deadline);
       }});
  return probes;
}

}  // namespace probity::attest
