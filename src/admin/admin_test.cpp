#include "admin/admin.hpp"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include <boost/json.hpp>

#include "admin/routes.hpp"
#include "audit/read.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "identity/sessions.hpp"
#include "identity/users.hpp"
#include "support/both_engines.hpp"
#include "web/pipeline.hpp"

namespace probity::admin {
namespace {

constexpr std::string_view k_password = "violet kettle sails at noon";
constexpr std::string_view k_password_2 = "seven brown teapots whisper";

/// A browser or program: keeps its cookie and its CSRF token.
struct Client {
  std::string cookie;
  std::string csrf;
  std::string bearer;
  std::vector<web::NamedText> headers;
};

/// The whole path of a request but the socket, on both engines.
class Admin : public support::BothEngines {
 protected:
  void begin() override {
    authenticator_ = std::make_unique<identity::StoreAuthenticator>(*engine, clock);
    login_ = std::make_unique<identity::Login>(*engine, clock, hasher_);
    module_ = make_admin({*engine, clock, *authenticator_, *login_, hasher_});
    auto routes = module_->routes();
    for (auto& route : routes)
      route.grant = module_->grant();
    auto router = web::Router::build(std::move(routes));
    ASSERT_TRUE(router) << router.error().detail;
    pipeline_ = std::make_unique<web::Pipeline>(
        std::move(*router), web::CallServices{*engine, clock, log}, *authenticator_,
        web::PipelineOptions{.request_workers = 2});
    auto token = identity::create_owner(*engine, tenant, "owner@example.org", clock.now());
    ASSERT_TRUE(token);
    owner_token_ = *token;
  }
  void end() override {
    if (pipeline_) pipeline_->stop();
  }

  web::Response send(Client& client, web::Method method, const std::string& target,
                     std::string body = {}, std::string_view type = "application/json") {
    web::Request request;
    request.method = method;
    EXPECT_TRUE(web::set_target(request, target));
    request.host = "localhost";
    request.peer.bytes = {203, 0, 113, 5};
    const auto add = [&](std::string name, std::string value) {
      if (!value.empty()) request.headers.push_back({std::move(name), std::move(value)});
    };
    if (!body.empty()) add("content-type", std::string(type));
    if (!client.cookie.empty()) add("cookie", "__Host-probity=" + client.cookie);
    if (method != web::Method::Get) add("x-csrf-token", client.csrf);
    if (!client.bearer.empty()) add("authorization", "Bearer " + client.bearer);
    for (const auto& header : client.headers)
      add(header.name, header.value);
    request.content_length = body.size();
    std::promise<web::Response> answered;
    pipeline_->admit(std::move(request), [&](web::Admission admission) {
      if (admission.refusal) return answered.set_value(std::move(*admission.refusal));
      pipeline_->serve(admission.exchange, std::move(body),
                       [&](web::Response response) { answered.set_value(std::move(response)); });
    });
    web::Response response = answered.get_future().get();
    for (const auto& header : response.headers) {
      if (header.name != "set-cookie") continue;
      const auto begin = header.value.find('=') + 1;
      client.cookie = header.value.substr(begin, header.value.find(';') - begin);
    }
    return response;
  }
  web::Response get(Client& client, const std::string& target) {
    return send(client, web::Method::Get, target);
  }
  web::Response post(Client& client, const std::string& target, std::string body = {}) {
    return send(client, web::Method::Post, target, std::move(body));
  }
  static boost::json::object json_of(const web::Response& response) {
    auto parsed = parse_json(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed && parsed->is_object() ? parsed->as_object() : boost::json::object();
  }
  static std::string text(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  static std::string header(const web::Response& response, std::string_view name) {
    for (const auto& h : response.headers)
      if (h.name == name) return h.value;
    return {};
  }

  int redeem(std::string_view token, std::string_view password) {
    Client nobody;
    return post(nobody, "/api/v1/setup",
                fmt::format(R"({{"token":"{}","password":"{}"}})", token, password))
        .status;
  }
  web::Response try_login(Client& client, std::string_view email, std::string_view password) {
    web::Response response =
        post(client, "/api/v1/login",
             fmt::format(R"({{"tenant":"main","email":"{}","password":"{}"}})", email, password));
    if (response.status == 200) client.csrf = text(json_of(response), "csrf_token");
    return response;
  }
  Client owner() {
    if (!owner_token_.empty()) {
      EXPECT_EQ(redeem(owner_token_, k_password), 204);
      owner_token_.clear();
    }
    Client client;
    EXPECT_EQ(try_login(client, "owner@example.org", k_password).status, 200);
    return client;
  }
  /// A member who has a password, and its id.
  std::pair<Client, std::string> member(Client& by, std::string_view email, std::string_view role) {
    const auto invited =
        post(by, "/api/v1/users", fmt::format(R"({{"email":"{}","role":"{}"}})", email, role));
    EXPECT_EQ(invited.status, 201) << invited.body;
    const auto body = json_of(invited);
    EXPECT_EQ(redeem(text(body, "invite_path").substr(7), k_password), 204);
    Client client;
    EXPECT_EQ(try_login(client, email, k_password).status, 200);
    return {client, text(body, "id")};
  }

  identity::Argon hasher_{crypto::PasswordCost{8 * 1024 * 1024, 1}};
  std::unique_ptr<identity::StoreAuthenticator> authenticator_;
  std::unique_ptr<identity::Login> login_;
  std::unique_ptr<module::Module> module_;
  std::unique_ptr<web::Pipeline> pipeline_;
  std::string owner_token_;
};
INSTANTIATE_TEST_SUITE_P(Engines, Admin, support::both_engines(), support::engine_name);

TEST_P(Admin, StartPageSaysWhoIsLoggedInAndLogsOutByForm) {
  Client nobody;
  EXPECT_NE(get(nobody, "/").body.find("href=\"/login\""), std::string::npos);
  Client client = owner();
  const auto start = get(client, "/");
  ASSERT_EQ(start.status, 200);
  for (const std::string_view text :
       {"owner@example.org", "owner", "/security", "/privacy", "action=\"/logout\""})
    EXPECT_NE(start.body.find(text), std::string::npos) << text;
  EXPECT_EQ(start.body.find("href=\"/login\""), std::string::npos);
  // The form of the page works without script, and no other site's does.
  Client browser = client;
  browser.csrf.clear();
  const auto log_out = [&](const std::string& fields) {
    return send(browser, web::Method::Post, "/logout", fields, "application/x-www-form-urlencoded")
        .status;
  };
  EXPECT_EQ(log_out("csrf_token=invented"), 403);
  EXPECT_EQ(log_out(""), 403);
  const std::string name = "name=\"csrf_token\" value=\"";
  const auto at = start.body.find(name) + name.size();
  const std::string token = start.body.substr(at, start.body.find('"', at) - at);
  EXPECT_EQ(token, client.csrf);
  browser.headers = {{"sec-fetch-site", "cross-site"}};
  EXPECT_EQ(log_out("csrf_token=" + token), 403);
  browser.headers.clear();
  EXPECT_EQ(log_out("csrf_token=" + percent_encode(token)), 303);
  EXPECT_EQ(browser.cookie, "");
  EXPECT_EQ(get(client, "/api/v1/me").status, 401);
  // A cookie that no longer holds is the same as none.
  EXPECT_NE(get(client, "/").body.find("href=\"/login\""), std::string::npos);
  EXPECT_EQ(log_out("csrf_token=" + token), 401);
}

TEST_P(Admin, ReadingTheMembersIsOnRecord) {
  Client client = owner();
  ASSERT_EQ(get(client, "/api/v1/users").status, 200);
  EXPECT_NE(get(client, "/api/v1/audit").body.find("\"user.read\""), std::string::npos);
}

TEST_P(Admin, SetupLoginMeAndLogoutFollowTheContract) {
  Client client = owner();
  const auto me = get(client, "/api/v1/me");
  ASSERT_EQ(me.status, 200) << me.body;
  const auto body = json_of(me);
  EXPECT_EQ(text(body, "tenant"), "main");
  EXPECT_FALSE(body.contains("organisation"));
  ASSERT_EQ(send(client, web::Method::Patch, "/api/v1/tenant/settings",
                 R"({"organisation_name":"Bakery"})")
                .status,
            204);
  EXPECT_EQ(text(json_of(get(client, "/api/v1/me")), "organisation"), "Bakery");
  EXPECT_EQ(text(body, "csrf_token"), client.csrf);
  EXPECT_EQ(text(body.at("user").as_object(), "email"), "owner@example.org");
  EXPECT_EQ(text(body.at("user").as_object(), "role"), "owner");
  EXPECT_EQ(text(body.at("session").as_object(), "expires_at"),
            to_rfc3339(clock.now() + Span::days(7)));
  EXPECT_EQ(text(body.at("session").as_object(), "idle_expires_at"),
            to_rfc3339(clock.now() + Span::hours(4)));
  const std::string cookie = client.cookie;
  Client without_token = client;
  without_token.csrf.clear();
  EXPECT_EQ(text(json_of(post(without_token, "/api/v1/logout")), "code"), "csrf");
  const auto out = post(client, "/api/v1/logout");
  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(client.cookie, "");
  client.cookie = cookie;
  EXPECT_EQ(get(client, "/api/v1/me").status, 401) << "a replayed cookie is worth nothing";
}

TEST_P(Admin, LoginAnswersAlikeAndSetsASessionCookie) {
  (void)owner();
  std::set<std::string> bodies;
  for (const auto& [slug, email, password] :
       {std::tuple{"main", "owner@example.org", "wrong"},
        std::tuple{"main", "nobody@example.org", "violet kettle sails at noon"},
        std::tuple{"elsewhere", "owner@example.org", "violet kettle sails at noon"}}) {
    Client client;
    const auto refused = post(
        client, "/api/v1/login",
        fmt::format(R"({{"tenant":"{}","email":"{}","password":"{}"}})", slug, email, password));
    EXPECT_EQ(refused.status, 401);
    auto body = json_of(refused);
    EXPECT_EQ(text(body, "code"), "bad_credentials");
    body.erase("request_id");
    bodies.insert(boost::json::serialize(body));
    EXPECT_EQ(client.cookie, "");
  }
  EXPECT_EQ(bodies.size(), 1U);
  Client client;
  const auto in = try_login(client, "owner@example.org", k_password);
  const std::string cookie = header(in, "set-cookie");
  EXPECT_TRUE(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax")) << cookie;
  EXPECT_EQ(in.body.find("violet"), std::string::npos);
}

TEST_P(Admin, LoginIsThrottledWithRetryAfter) {
  (void)owner();
  Client client;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(try_login(client, "owner@example.org", "wrong").status, 401) << i;
  const auto refused = try_login(client, "owner@example.org", k_password);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "retry-after"), "1");
  const auto page = [&](std::string_view email) {
    return send(client, web::Method::Post, "/login",
                fmt::format("tenant=main&email={}&password=wrong", percent_encode(email)),
                "application/x-www-form-urlencoded");
  };
  const auto told = page("owner@example.org");
  EXPECT_EQ(told.status, 429);
  EXPECT_NE(told.body.find("Try again in 1 second."), std::string::npos) << told.body;
  // An account nobody has waits in the same words.
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(page("nobody@example.org").status, 401) << i;
  EXPECT_NE(page("nobody@example.org").body.find("Try again in 1 second."), std::string::npos);
  clock.advance(Span::seconds(1));
  EXPECT_EQ(try_login(client, "owner@example.org", k_password).status, 200);
}

TEST_P(Admin, LoginPageNamesTheOnlyOrganisationOrTheOneOfItsAddress) {
  Client nobody;
  EXPECT_NE(get(nobody, "/login").body.find("value=\"main\""), std::string::npos);
  EXPECT_NE(get(nobody, "/login?tenant=other").body.find("value=\"other\""), std::string::npos);
  EXPECT_NE(get(nobody, "/login?set_up=yes").body.find("role=\"status\""), std::string::npos);
  EXPECT_EQ(get(nobody, "/login").body.find("role=\"status\""), std::string::npos);
  ASSERT_TRUE(engine->create_tenant("second", ""));
  const auto two = get(nobody, "/login").body;
  EXPECT_EQ(two.find("value=\"main\""), std::string::npos);
  EXPECT_EQ(two.find("value=\"second\""), std::string::npos);
}

TEST_P(Admin, SetupRefusesWeakPasswordsByRuleAndUsedLinks) {
  for (const std::string_view weak : {"Passw0rd", "aaaaaaaaaaaa", "main", "12345678"}) {
    Client nobody;
    const auto refused =
        post(nobody, "/api/v1/setup",
             fmt::format(R"({{"token":"{}","password":"{}"}})", owner_token_, weak));
    EXPECT_EQ(refused.status, 422) << weak;
    EXPECT_NE(refused.body.find("min_length"), std::string::npos);
  }
  EXPECT_EQ(redeem(owner_token_, k_password), 204);
  EXPECT_EQ(redeem(owner_token_, k_password_2), 410);
  EXPECT_EQ(redeem("AAAA", k_password_2), 404);
}

TEST_P(Admin, SetupPageConsumesNothingAndItsFormRedeems) {
  Client nobody;
  for (int i = 0; i < 3; ++i) {
    const auto page = get(nobody, "/setup/" + owner_token_);
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("<label for=\"password\">"), std::string::npos);
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
  }
  const auto form = [&](std::string_view password) {
    return send(nobody, web::Method::Post, "/setup",
                fmt::format("token={}&password={}", owner_token_, password),
                "application/x-www-form-urlencoded");
  };
  const auto weak = form("Passw0rd");
  EXPECT_EQ(weak.status, 422);
  EXPECT_NE(weak.body.find("role=\"alert\""), std::string::npos);
  nobody.headers = {{"sec-fetch-site", "cross-site"}};
  EXPECT_EQ(form("violet+kettle+sails+at+noon").status, 403);
  nobody.headers.clear();
  // A command beside the server has just given the organisation another name.
  ASSERT_TRUE(open()->rename_tenant(tenant, "renamed"));
  const auto good = form("violet+kettle+sails+at+noon");
  EXPECT_EQ(good.status, 303);
  EXPECT_EQ(header(good, "location"), "/login?set_up=yes&tenant=renamed");
  EXPECT_EQ(get(nobody, "/setup/" + owner_token_).status, 410);
  EXPECT_EQ(get(nobody, "/setup/AAAA").status, 404);
  owner_token_.clear();
  const auto page = get(nobody, "/login?tenant=%22%3E%3Cscript%3E");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  const auto login_form = [&](std::string_view password) {
    return send(nobody, web::Method::Post, "/login",
                fmt::format("tenant=renamed&email=owner%40example.org&password={}", password),
                "application/x-www-form-urlencoded");
  };
  const auto wrong = login_form("wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body.find("wrong\""), std::string::npos) << "the password is not sent back";
  EXPECT_EQ(login_form("violet+kettle+sails+at+noon").status, 303);
  EXPECT_EQ(get(nobody, "/api/v1/me").status, 200);
}

TEST_P(Admin, SessionsAreListedEndedAndRevoked) {
  Client one = owner();
  Client two = owner();
  auto list = json_of(get(one, "/api/v1/sessions"));
  ASSERT_EQ(list.at("items").as_array().size(), 2U);
  std::string other;
  int current = 0;
  for (const auto& item : list.at("items").as_array()) {
    const auto& session = item.as_object();
    if (session.at("is_current").as_bool())
      ++current;
    else
      other = text(session, "id");
    EXPECT_EQ(text(session, "network"), "203.0.113.0/24");
  }
  EXPECT_EQ(current, 1);
  EXPECT_EQ(send(one, web::Method::Delete, "/api/v1/sessions/" + other).status, 204);
  EXPECT_EQ(get(two, "/api/v1/me").status, 401);
  EXPECT_EQ(send(one, web::Method::Delete, "/api/v1/sessions/" + other).status, 404);
  Client three = owner();
  const auto token =
      json_of(post(one, "/api/v1/tokens", R"({"name":"ci","scopes":["users.read"]})"));
  Client program;
  program.bearer = text(token, "token");
  EXPECT_EQ(get(program, "/api/v1/users").status, 200);
  EXPECT_EQ(post(one, "/api/v1/sessions/revoke-all").status, 204);
  EXPECT_EQ(get(three, "/api/v1/me").status, 401);
  EXPECT_EQ(get(program, "/api/v1/users").status, 200) << "tokens stay unless asked";
  Client four = owner();
  EXPECT_EQ(post(four, "/api/v1/sessions/revoke-all", R"({"tokens":true})").status, 204);
  EXPECT_EQ(get(program, "/api/v1/users").status, 401);
}

TEST_P(Admin, PasswordChangeLogsOffEverywhere) {
  Client one = owner();
  Client two = owner();
  const std::string cookie = one.cookie;
  const auto change = [&](std::string_view current, std::string_view fresh) {
    return post(one, "/api/v1/me/password",
                fmt::format(R"({{"current":"{}","new":"{}"}})", current, fresh));
  };
  EXPECT_EQ(text(json_of(change("wrong", k_password_2)), "code"), "bad_credentials");
  EXPECT_EQ(change(k_password, "short").status, 422);
  EXPECT_EQ(change(k_password, k_password_2).status, 204);
  one.cookie = cookie;
  EXPECT_EQ(get(one, "/api/v1/me").status, 401);
  EXPECT_EQ(get(two, "/api/v1/me").status, 401);
  EXPECT_EQ(try_login(one, "owner@example.org", k_password_2).status, 200);
}

TEST_P(Admin, UsersAreAddedListedChangedAndDeleted) {
  Client by = owner();
  clock.advance(Span::seconds(1));
  auto [editor, id] = member(by, "editor@example.org", "editor");
  EXPECT_EQ(post(by, "/api/v1/users", R"({"email":"EDITOR@example.org"})").status, 409);
  EXPECT_EQ(post(by, "/api/v1/users", R"({"email":"no address"})").status, 400);
  EXPECT_EQ(post(by, "/api/v1/users", R"({"email":"a@b","role":"king"})").status, 400);
  EXPECT_EQ(post(by, "/api/v1/users", R"({"email":"a@b","age":7})").status, 422);
  EXPECT_EQ(get(editor, "/api/v1/users").status, 403);
  EXPECT_EQ(post(editor, "/api/v1/users", R"({"email":"a@b"})").status, 403);
  clock.advance(Span::seconds(1));
  const auto none = json_of(post(by, "/api/v1/users", R"({"email":"none@example.org"})"));
  auto list = json_of(get(by, "/api/v1/users?limit=2"));
  EXPECT_EQ(list.at("items").as_array().size(), 2U);
  list = json_of(get(by, "/api/v1/users?limit=2&after=" + text(list, "next")));
  ASSERT_EQ(list.at("items").as_array().size(), 1U);
  EXPECT_TRUE(list.at("next").is_null());
  EXPECT_EQ(text(list.at("items").as_array()[0].as_object(), "role"), "none");
  EXPECT_EQ(post(by, "/api/v1/users/" + text(none, "id") + "/invite").status, 201);
  const std::string path = "/api/v1/users/" + id;
  EXPECT_EQ(send(by, web::Method::Patch, path, R"({"disabled":true})").status, 204);
  EXPECT_EQ(get(editor, "/api/v1/me").status, 401);
  EXPECT_EQ(try_login(editor, "editor@example.org", k_password).status, 401);
  EXPECT_EQ(send(by, web::Method::Patch, path, R"({"disabled":false,"role":"analyst"})").status,
            204);
  EXPECT_EQ(try_login(editor, "editor@example.org", k_password).status, 200);
  EXPECT_EQ(send(by, web::Method::Delete, path).status, 204);
  EXPECT_EQ(get(editor, "/api/v1/me").status, 401);
  EXPECT_EQ(send(by, web::Method::Delete, path).status, 404);
  EXPECT_EQ(send(by, web::Method::Delete, "/api/v1/users/usr_x").status, 404);
  const auto self = json_of(get(by, "/api/v1/me"));
  EXPECT_EQ(
      send(by, web::Method::Delete, "/api/v1/users/" + text(self.at("user").as_object(), "id"))
          .status,
      409);
}

TEST_P(Admin, MembersOfAnotherTenantAreNotFound) {
  Client by = owner();
  auto other = engine->create_tenant("other", "");
  ASSERT_TRUE(other);
  ASSERT_TRUE(identity::create_owner(*engine, other->id, "victim@example.org", clock.now()));
  auto reader = engine->read(store::Space::of(other->id), store::k_grant_all);
  auto cipher = engine->cipher(store::Space::of(other->id));
  const auto users = identity::list_users(**reader, **cipher, UserId(), 5);
  const std::string path = "/api/v1/users/" + users->front().id.text();
  EXPECT_EQ(send(by, web::Method::Patch, path, R"({"disabled":true})").status, 404);
  EXPECT_EQ(send(by, web::Method::Delete, path).status, 404);
  EXPECT_EQ(post(by, path + "/invite").status, 404);
  EXPECT_EQ(get(by, "/api/v1/users").body.find("victim"), std::string::npos);
}

TEST_P(Admin, TokensAreMadeListedAndRevoked) {
  Client by = owner();
  const auto made =
      post(by, "/api/v1/tokens", R"({"name":"nightly","scopes":["users.read","tokens.manage"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  Client program;
  program.bearer = text(json_of(made), "token");
  EXPECT_EQ(get(program, "/api/v1/users").status, 200);
  EXPECT_EQ(get(program, "/api/v1/audit").status, 403);
  EXPECT_EQ(get(program, "/api/v1/me").status, 403);
  EXPECT_EQ(post(program, "/api/v1/tokens", R"({"name":"x","scopes":["users.read"]})").status, 403);
  EXPECT_EQ(post(by, "/api/v1/tokens", R"({"name":"x","scopes":["fly"]})").status, 400);
  EXPECT_EQ(
      post(by, "/api/v1/tokens", R"({"name":"x","scopes":["users.read"],"expires_in_days":3661})")
          .status,
      422);
  const auto list = get(by, "/api/v1/tokens");
  EXPECT_NE(list.body.find("nightly"), std::string::npos);
  EXPECT_EQ(list.body.find(program.bearer), std::string::npos);
  const std::string path = "/api/v1/tokens/" + text(json_of(made), "id");
  EXPECT_EQ(send(by, web::Method::Delete, path).status, 204);
  EXPECT_EQ(get(program, "/api/v1/users").status, 401);
  EXPECT_EQ(send(by, web::Method::Delete, path).status, 404);
}

TEST_P(Admin, SettingsTakeIfMatch) {
  Client by = owner();
  const auto shown = get(by, "/api/v1/tenant/settings");
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(json_of(shown).at("session_idle_s").as_int64(), 14'400);
  by.headers = {{"if-match", header(shown, "etag")}};
  const auto patch = [&](std::string body) {
    return send(by, web::Method::Patch, "/api/v1/tenant/settings", std::move(body)).status;
  };
  EXPECT_EQ(patch(R"({"session_idle_s":900,"address_format":"none"})"), 204);
  EXPECT_EQ(patch(R"({"session_idle_s":1000})"), 412);
  by.headers = {{"if-match", "nonsense"}};
  EXPECT_EQ(patch(R"({"session_idle_s":1000})"), 412);
  by.headers.clear();
  EXPECT_EQ(patch(R"({"session_idle_s":299})"), 422);
  EXPECT_EQ(patch(R"({"session_idle_s":14401})"), 422);
  EXPECT_EQ(patch(R"({"address_format":"v4/32"})"), 400);
  const auto after = json_of(get(by, "/api/v1/tenant/settings"));
  EXPECT_EQ(after.at("session_idle_s").as_int64(), 900);
  EXPECT_EQ(text(after, "address_format"), "none");
  clock.advance(Span::seconds(901));
  const auto expired = get(by, "/api/v1/me");
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(text(json_of(expired), "code"), "session_expired");
}

TEST_P(Admin, AuditIsPagedOpenedAndItselfRecorded) {
  Client by = owner();
  (void)member(by, "auditor@example.org", "auditor");
  const auto first = json_of(get(by, "/api/v1/audit?limit=2"));
  ASSERT_EQ(first.at("items").as_array().size(), 2U);
  EXPECT_EQ(text(first.at("items").as_array()[0].as_object(), "action"), "user.create");
  EXPECT_EQ(first.at("next").as_int64(), 2);
  const auto rest = get(by, "/api/v1/audit?after=2");
  EXPECT_NE(rest.body.find("audit.read"), std::string::npos);
  EXPECT_NE(rest.body.find(R"("detail":{"role":"auditor"})"), std::string::npos);
  EXPECT_EQ(rest.body.find("auditor@example.org"), std::string::npos);
  EXPECT_EQ(get(by, "/api/v1/audit?after=-1").status, 400);
  EXPECT_EQ(get(by, "/api/v1/audit?limit=1001").status, 400);
}

TEST_P(Admin, EventStreamCountsAndEndsWithItsSession) {
  Client by = owner();
  auto stream = get(by, "/api/v1/events");
  ASSERT_EQ(stream.status, 200);
  ASSERT_TRUE(stream.source);
  auto piece = stream.source->next();
  ASSERT_TRUE(piece);
  EXPECT_TRUE(piece->bytes.starts_with("event: change\ndata: {\"changes\":")) << piece->bytes;
  EXPECT_LE(piece->wait.ms(), 500);
  EXPECT_EQ(stream.source->next()->bytes, "");
  Client other = owner();
  EXPECT_TRUE(stream.source->next()->bytes.starts_with("event: change")) << "a log-in is a change";
  for (int i = 0; i < 29; ++i)
    EXPECT_EQ(stream.source->next()->bytes, "") << i;
  EXPECT_EQ(stream.source->next()->bytes, ": still here\n\n");
  EXPECT_EQ(post(other, "/api/v1/sessions/revoke-all").status, 204);
  piece = stream.source->next();
  ASSERT_TRUE(piece);
  EXPECT_TRUE(piece->is_last);
}

TEST_P(Admin, PolicyIsPublicAndTheRestIsNot) {
  Client nobody;
  const auto policy = get(nobody, "/api/v1/policy/password");
  EXPECT_EQ(policy.status, 200);
  EXPECT_EQ(json_of(policy).at("min_length").as_int64(), 15);
  for (const auto& route : pipeline_->router().routes()) {
    if (!route->access.needs_identity()) continue;
    std::string target(route->pattern);
    if (const auto open = target.find('{'); open != std::string::npos)
      target.replace(open, target.find('}') - open + 1, "usr_01kdvdna00r7m9p0t2ddstzshj");
    const auto refused = send(nobody, route->method, target);
    EXPECT_EQ(refused.status, 401) << target;
  }
}

TEST_P(Admin, EveryRouteIsDocumented) {
  std::set<std::string> seen;
  for (const auto& route : pipeline_->router().routes()) {
    EXPECT_FALSE(route->doc.summary.empty()) << route->pattern;
    EXPECT_FALSE(route->doc.summary.ends_with(".")) << route->pattern;
    for (const std::string_view schema : {route->doc.request_schema, route->doc.response_schema}) {
      if (!schema.empty()) {
        EXPECT_TRUE(parse_json(schema)) << route->pattern << schema;
      }
    }
  }
  EXPECT_EQ(module_->name(), "admin");
  EXPECT_GE(module_->personal_columns().size(), 14U);
}

TEST_P(Admin, SweepRunsOverEveryTenant) {
  (void)owner();
  clock.advance(Span::days(8));
  auto jobs = module_->jobs();
  ASSERT_EQ(jobs.size(), 1U);
  const auto outcome = jobs[0].run(clock.now());
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(*outcome, "removed 1");
}

}  // namespace
}  // namespace probity::admin
