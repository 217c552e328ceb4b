#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "app/stage_for_test.hpp"
#include "attest/probes_access.hpp"

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

/// Changes Set-Cookie on its way out.
Sabotage cookie_text(std::function<void(std::string&)> change) {
  Sabotage sabotage;
  sabotage.answers = [change](const web::Request&, web::Response& response) {
    for (web::NamedText& header : response.headers)
      if (header.name == "set-cookie") change(header.value);
  };
  return sabotage;
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
  Stage stage(cookie_text([](std::string& text) { text += "; Max-Age=3600"; }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.signed_out_refused"), Status::Broken);
}

TEST(LoginProbes, SeeACookieThatScriptsCanRead) {
  Stage stage(cookie_text([](std::string& text) {
    const std::size_t at = text.find("; HttpOnly");
    if (at != std::string::npos) text.erase(at, 10);
  }));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.cookie_sealed"), Status::Broken);
}

TEST(LoginProbes, SeeASecondCookie) {
  Sabotage sabotage;
  sabotage.answers = [](const web::Request&, web::Response& response) {
    for (const web::NamedText& header : response.headers)
      if (header.name == "set-cookie") {
        response.with("set-cookie", "track=1; Path=/");
        return;
      }
  };
  Stage stage(std::move(sabotage));
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
  Sabotage sabotage;
  sabotage.answers = [](const web::Request& request, web::Response& response) {
    const auto presented = request.cookie(identity::k_session_cookie);
    if (!presented || request.path != "/api/v1/login") return;
    for (web::NamedText& header : response.headers)
      if (header.name == "set-cookie") header.value = identity::set_cookie_text(*presented);
  };
  Stage stage(std::move(sabotage));
  EXPECT_FOUND(found(stage, attest::login_probes, "sessions.id_fresh"), Status::Broken);
}

TEST(AccountProbes, HoldOnTheProduct) {
  Stage stage;
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.names_unique"), Status::Held);
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.password_required"), Status::Held);
}

TEST(AccountProbes, SeeNamesThatAreNotCompared) {
  Sabotage sabotage;
  // As without the unique index: every invitation makes an account.
  sabotage.answers = [](const web::Request& request, web::Response& response) {
    if (request.path == "/api/v1/users" && response.status == 409) response.status = 201;
  };
  Stage stage(std::move(sabotage));
  EXPECT_FOUND(found(stage, attest::account_probes, "accounts.names_unique"), Status::Broken);
}

TEST(AccountProbes, SeeASetUpWithAnEmptyPassword) {
  Sabotage sabotage;
  sabotage.answers = [](const web::Request& request, web::Response& response) {
    if (request.path == "/api/v1/setup") response.status = 204;
  };
  Stage stage(std::move(sabotage));
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

TEST(BoundaryProbes, SeeARouteThatTellsForeignObjectsApart) {
  Sabotage sabotage;
  // Knows what it has made, and answers 403 to whoever else asks for it.
  auto made = std::make_shared<std::map<std::string, std::string>>();
  sabotage.answers = [made](const web::Request& request, web::Response& response) {
    if (request.path == "/api/v1/surveys" && response.status == 201)
      (*made)[response.body.substr(response.body.find("sur_"), 30)] = "";
    for (const auto& [id, nothing] : *made)
      if (request.path == "/api/v1/surveys/" + id && response.status == 404) response.status = 403;
  };
  Stage stage(std::move(sabotage));
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Broken);
}

TEST(BoundaryProbes, SeeARouteThatForgetsTheOrganisation) {
  Sabotage sabotage;
  auto last = std::make_shared<std::string>();
  sabotage.answers = [last](const web::Request& request, web::Response& response) {
    if (request.path == "/api/v1/surveys" && response.status == 201) *last = response.body;
    if (!last->empty() && request.method == web::Method::Get && response.status == 404 &&
        request.path == "/api/v1/surveys/" + last->substr(last->find("sur_"), 30)) {
      response.status = 200;
      response.body = *last;
    }
  };
  Stage stage(std::move(sabotage));
  EXPECT_FOUND(found(stage, attest::boundary_probes, "isolation.foreign_objects_hidden"),
               Status::Broken);
}

}  // namespace
}  // namespace probity::app
