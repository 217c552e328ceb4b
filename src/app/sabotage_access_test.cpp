#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "app/stage_for_test.hpp"
#include "attest/probes_access.hpp"
#include "sql/survey.hpp"

namespace probity::app {
namespace {

using attest::Status;
using identity::Activity;
using identity::Authenticator;
using identity::Member;
using identity::Principal;

/// The product's authenticator behind something that spoils it.
class Spoiled final : public Authenticator {
 public:
  using ByCookie = std::function<Result<Principal>(Authenticator&, std::string_view, Activity)>;
  Spoiled(store::Engine& engine, const Clock& clock, ByCookie by_cookie)
      : real_(engine, clock), by_cookie_(std::move(by_cookie)) {}
  Result<Principal> by_cookie(std::string_view cookie, Activity activity) override {
    return by_cookie_(real_, cookie, activity);
  }
  Result<Principal> by_bearer(std::string_view token) override { return real_.by_bearer(token); }
  Result<std::string> csrf_token(const Member& member) override { return real_.csrf_token(member); }

 private:
  identity::StoreAuthenticator real_;
  ByCookie by_cookie_;
};

Sabotage spoiled(Spoiled::ByCookie by_cookie) {
  Sabotage sabotage;
  sabotage.authenticator = [by_cookie](store::Engine& engine, const Clock& clock) {
    return std::unique_ptr<Authenticator>(std::make_unique<Spoiled>(engine, clock, by_cookie));
  };
  return sabotage;
}

/// Remembers who a cookie belonged to, and never asks again.
Sabotage cached() {
  struct Cache {
    std::mutex mutex;
    std::map<std::string, Principal, std::less<>> known;
  };
  auto cache = std::make_shared<Cache>();
  return spoiled([cache](Authenticator& real, std::string_view cookie,
                         Activity activity) -> Result<Principal> {
    {
      const std::lock_guard lock(cache->mutex);
      const auto found = cache->known.find(cookie);
      if (found != cache->known.end()) return found->second;
    }
    auto answer = real.by_cookie(cookie, activity);
    const std::lock_guard lock(cache->mutex);
    if (answer) cache->known.emplace(cookie, *answer);
    return answer;
  });
}

/// A log-in route that sets another cookie than it should.
Sabotage cookie_text(std::function<void(const web::Request&, web::Response&)> change) {
  return instead_of(web::Method::Post, "/api/v1/login",
                    [change](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
                      auto answer = real(call);
                      auto* prepared = answer ? std::get_if<web::Prepared>(&*answer) : nullptr;
                      if (prepared == nullptr) return answer;
                      prepared->respond = [change, request = call.request(),
                                           respond = std::move(prepared->respond)]() mutable {
                        web::Response response = respond();
                        change(request, response);
                        return response;
                      };
                      return answer;
                    });
}

std::string* set_cookie(web::Response& response) {
  for (web::NamedText& header : response.headers)
    if (header.name == "set-cookie") return &header.value;
  return nullptr;
}

template <typename MakeProbes>
attest::Finding found(Stage& stage, MakeProbes make, std::string_view name) {
  return stage.run(make(stage.ground(), stage.find()), name);
}

TEST(LoginProbes, HoldOnTheProduct) {
  Stage stage;
  for (const std::string_view name :
       {"sessions.signed_out_refused", "sessions.cookie_sealed", "sessions.id_fresh",
        "sessions.revoked_everywhere", "sessions.account_change_ends"})
    EXPECT_FOUND(found(stage, attest::login_probes, name), Status::Held);
}

TEST(LoginProbes, SeeSessionsThatAreCached) {
  for (const std::string_view name :
       {"sessions.signed_out_refused", "sessions.cookie_sealed", "sessions.id_fresh",
        "sessions.revoked_everywhere", "sessions.account_change_ends"}) {
    Stage stage(cached());
    EXPECT_FOUND(found(stage, attest::login_probes, name), Status::Broken);
  }
}

TEST(LoginProbes, SeeACookieThatLasts) {
  Stage stage(cookie_text([](const web::Request&, web::Response& response) {
    if (std::string* text = set_cookie(response)) *text += "; Max-Age=3600";
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.signed_out_refused"), Status::Broken);
}

TEST(LoginProbes, SeeACookieThatScriptsCanRead) {
  Stage stage(cookie_text([](const web::Request&, web::Response& response) {
    std::string* text = set_cookie(response);
    if (text != nullptr) text->erase(text->find("; HttpOnly"), 10);
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.cookie_sealed"), Status::Broken);
}

TEST(LoginProbes, SeeASecondCookie) {
  Stage stage(cookie_text([](const web::Request&, web::Response& response) {
    if (set_cookie(response) != nullptr) response.with("set-cookie", "track=1; Path=/");
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.cookie_sealed"), Status::Broken);
}

TEST(LoginProbes, SeeACookieThatIsNotSealed) {
  // Any change in the second half goes unnoticed, as where nothing authenticates it.
  struct Known {
    std::mutex mutex;
    std::string whole;
  };
  auto known = std::make_shared<Known>();
  Stage stage(spoiled([known](Authenticator& real, std::string_view cookie,
                              Activity activity) -> Result<Principal> {
    const std::lock_guard lock(known->mutex);
    const std::size_t half = known->whole.size() / 2;
    const bool is_alike = half > 0 && cookie.size() == known->whole.size() &&
                          cookie.substr(0, half) == known->whole.substr(0, half);
    auto answer = real.by_cookie(is_alike ? known->whole : std::string(cookie), activity);
    if (answer) known->whole = is_alike ? known->whole : std::string(cookie);
    return answer;
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.cookie_sealed"), Status::Broken);
}

TEST(LoginProbes, SeeALogInThatKeepsTheOldSession) {
  Stage stage(cookie_text([](const web::Request& request, web::Response& response) {
    const auto presented = request.cookie(identity::k_session_cookie);
    std::string* text = set_cookie(response);
    if (presented && text != nullptr) *text = identity::set_cookie_text(*presented);
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.id_fresh"), Status::Broken);
}

TEST(AccountProbes, HoldOnTheProduct) {
  Stage stage;
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.names_unique"), Status::Held);
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.password_required"), Status::Held);
}

TEST(AccountProbes, SeeNamesThatAreNotCompared) {
  Stage stage;
  // As without the unique index: what it compares is another value in every row.
  for (const attest::Which which : {attest::Which::First, attest::Which::Second})
    stage.run_beneath(
        which,
        "CREATE TRIGGER spoil AFTER INSERT ON identity_user WHEN NEW.role <> 'owner' BEGIN "
        "UPDATE identity_user SET email_hash = randomblob(32) "
        "WHERE tenant_id = NEW.tenant_id AND id = NEW.id; END");
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.names_unique"), Status::Broken);
}

TEST(AccountProbes, SeeASetUpWithAnEmptyPassword) {
  // Who gives none gets one.
  const auto generous = [](web::Call& call, const web::Handler& real) {
    std::string& body = request_of(call).body;
    constexpr std::string_view k_empty = "\"password\":\"\"";
    if (const std::size_t at = body.find(k_empty); at != std::string::npos)
      body.replace(at, k_empty.size(), "\"password\":\"violet-kettle-orbit-93\"");
    return real(call);
  };
  Stage stage(instead_of(web::Method::Post, "/api/v1/setup", generous));
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.password_required"), Status::Broken);
}

TEST(BoundaryProbes, HoldOnTheProduct) {
  Stage stage;
  EXPECT_FOUND(found(stage, attest::boundary_probes, "roles.matrix_enforced"), Status::Held);
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Held);
}

TEST(BoundaryProbes, SeeARoleWithMoreThanTheTableSays) {
  Stage stage(spoiled(
      [](Authenticator& real, std::string_view cookie, Activity activity) -> Result<Principal> {
        auto answer = real.by_cookie(cookie, activity);
        if (answer)
          if (auto* member = std::get_if<Member>(&*answer);
              member != nullptr && member->role == identity::Role::Analyst)
            member->role = identity::Role::Editor;
        return answer;
      }));
  EXPECT_FOUND(found(stage, attest::boundary_probes, "roles.matrix_enforced"), Status::Broken);
}

/// The organisation that has the survey the path names, whoever asks.
std::optional<TenantId> keeper_of(Stage& stage, const web::Call& call) {
  const auto id = SurveyId::parse(call.path_value("id"));
  const auto tenants = stage.engine().tenants();
  if (!id || !tenants) return {};
  for (const store::TenantRecord& tenant : *tenants) {
    auto reader = stage.engine().read(store::Space::of(tenant.id), store::k_grant_all);
    if (!reader) continue;
    const auto found = (*reader)->first(sql::survey::survey, {tenant.id, *id},
                                        [](const store::Row&) { return true; });
    if (found && *found) return tenant.id;
  }
  return {};
}

constexpr std::string_view k_survey = "/api/v1/surveys/{id}";

TEST(BoundaryProbes, SeeARouteThatTellsForeignObjectsApart) {
  Stage* itself = nullptr;
  const auto telling = [&itself](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    auto answer = real(call);
    if (!answer && answer.error().code == Code::NotFound && keeper_of(*itself, call))
      return fail(Code::Forbidden, "not yours");
    return answer;
  };
  Stage stage(instead_of(web::Method::Get, k_survey, telling));
  itself = &stage;
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Broken);
}

TEST(BoundaryProbes, SeeARouteThatCallsAnOrganisationsObjectsCommon) {
  Stage* itself = nullptr;
  const auto open = [&itself](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    return keeper_of(*itself, call) ? web::json_response(200, "{}") : real(call);
  };
  Sabotage sabotage = instead_of(web::Method::Get, k_survey, open);
  sabotage.routes = [bend = sabotage.routes](std::vector<web::Route>& routes) {
    bend(routes);
    for (web::Route& route : routes)
      if (route.pattern == k_survey && route.method == web::Method::Get)
        route.doc.objects = web::Objects::Common;
  };
  Stage stage(std::move(sabotage));
  itself = &stage;
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Broken);
}

TEST(BoundaryProbes, SeeARouteThatForgetsTheOrganisation) {
  Stage* itself = nullptr;
  // Looks where the survey is and not where the caller belongs.
  const auto forgetful = [&itself](web::Call& call,
                                   const web::Handler& real) -> Result<web::Answer> {
    const auto keeper = keeper_of(*itself, call);
    const auto* member = std::get_if<Member>(&call.principal());
    if (!keeper || member == nullptr) return real(call);
    Member moved = *member;
    moved.tenant = *keeper;
    web::Call other(itself->services(), call.route(), call.request(), {call.path_value("id")},
                    moved, call.id(), call.deadline());
    return real(other);
  };
  Stage stage(instead_of(web::Method::Get, k_survey, forgetful));
  itself = &stage;
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Broken);
}

}  // namespace
}  // namespace probity::app
