#include <gtest/gtest.h>

#include "app/stage_for_test.hpp"
#include "attest/probes_privacy.hpp"
#include "form/render.hpp"
#include "web/address.hpp"
#include "web/page.hpp"

namespace probity::app {
namespace {

using attest::Status;

constexpr std::string_view k_bare = "privacy.anonymous_answer_bare";
constexpr std::string_view k_refusal = "privacy.refusal_explained";
constexpr std::string_view k_undeclared = "privacy.undeclared_field_refused";
constexpr std::string_view k_inventory = "privacy.inventory_complete";
constexpr std::string_view k_addresses = "addresses.format_applied";

attest::Finding found(std::string_view name, Sabotage sabotage = {}) {
  Stage stage(std::move(sabotage));
  return stage.run(attest::privacy_probes(stage.ground(), stage.find()), name);
}

Sabotage on_answers(std::function<void(const web::Request&, web::Response&)> change) {
  Sabotage sabotage;
  sabotage.answers = std::move(change);
  return sabotage;
}

bool is_submission(const web::Request& request) {
  return request.path.ends_with("/responses") && request.method == web::Method::Post;
}

TEST(PrivacyProbes, HoldOnTheProduct) {
  for (const std::string_view name : {k_inventory, k_bare, k_refusal, k_undeclared})
    EXPECT_FOUND(found(name), Status::Held);
}

TEST(PrivacyProbes, SeeAnInventoryWithAGap) {
  for (const std::string_view gap : {"\"table\":\"identity_session\"", "\"purpose\":\"Log-in\""}) {
    EXPECT_FOUND(
        found(k_inventory, on_answers([gap](const web::Request& request, web::Response& response) {
                if (request.path != "/api/v1/privacy/inventory") return;
                const std::size_t at = response.body.find(gap);
                ASSERT_NE(at, std::string::npos);
                const std::size_t colon = response.body.find(':', at);
                response.body.replace(colon + 1, at + gap.size() - colon - 1, "\"\"");
              })),
        Status::Broken);
  }
}

TEST(PrivacyProbes, SeeAColumnNobodyDeclared) {
  Stage stage;
  constexpr store::Query k_add{"sabotage.add",
                               "sabotage",
                               "ALTER TABLE survey_gate ADD COLUMN nickname TEXT",
                               "ALTER TABLE survey_gate ADD COLUMN nickname TEXT",
                               0,
                               true};
  const auto ground = stage.ground();
  const auto tenant = ground.scratch.tenant(attest::Which::First);
  ASSERT_TRUE(tenant);
  store::Change change{.grant = store::k_grant_all,
                       .apply = [&k_add](store::Tx& tx) -> Result<store::Journal> {
                         PROBITY_CHECK(tx.run(k_add, {}));
                         return store::Journal{};
                       },
                       .on_refusal = {}};
  ASSERT_TRUE(stage.engine().apply(store::Space::of(tenant->id), std::move(change)));
  EXPECT_FOUND(stage.run(attest::privacy_probes(ground, stage.find()), k_inventory),
               Status::Broken);
}

TEST(PrivacyProbes, SeeABrowserStoredWithTheAnswer) {
  std::string agent;
  EXPECT_FOUND(found(k_bare, on_answers([&](const web::Request& request, web::Response& response) {
                       if (is_submission(request)) agent = request.header("user-agent");
                       if (request.path.ends_with("/responses") && !is_submission(request))
                         response.body += agent;
                     })),
               Status::Broken);
}

/// Puts another handler in the place of the product's.
Sabotage instead_of(web::Method method, std::string_view pattern,
                    std::function<Result<web::Answer>(web::Call&, const web::Handler&)> handler) {
  Sabotage sabotage;
  sabotage.routes = [method, pattern, handler](std::vector<web::Route>& routes) {
    for (web::Route& route : routes) {
      if (route.pattern != pattern || route.method != method) continue;
      route.handler = [handler, real = route.handler](web::Call& call) {
        return handler(call, real);
      };
      return;
    }
    ADD_FAILURE() << "no route " << pattern;
  };
  return sabotage;
}

TEST(PrivacyProbes, SeeAPageThatIsSilentAboutDeclining) {
  // A page that asks the same and says nothing of leaving out; then one that says half of it.
  for (const char* words : {"Please answer all.", "Answers are optional."}) {
    const auto page = [words](web::Call&, const web::Handler&) -> Result<web::Answer> {
      return web::html_response(
          200, form::render_message({.locale = "en"}, "Probe", {words, "Why?", "Who are you?"}));
    };
    EXPECT_FOUND(found(k_refusal, instead_of(web::Method::Get, "/s/{token}", page)),
                 Status::Broken);
  }
}

TEST(PrivacyProbes, SeeAnAnswerThatNeedsAName) {
  // Whatever is asked has to be answered.
  const auto demanding = [](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    auto& body = const_cast<web::Request&>(call.request()).body;
    constexpr std::string_view k_name = R"("name":)";
    for (std::size_t at = body.find(k_name); at != std::string::npos; at = body.find(k_name, at)) {
      body.insert(at, R"("isRequired":true,)");
      at += 2 * k_name.size() + 10;
    }
    return real(call);
  };
  EXPECT_FOUND(found(k_refusal, instead_of(web::Method::Post, "/api/v1/surveys", demanding)),
               Status::Broken);
}

TEST(PrivacyProbes, SeeAResponseThatTellsItsSecond) {
  Sabotage sabotage;
  // Submissions are taken to a confidential survey, whose records are not coarsened.
  sabotage.routes = [](std::vector<web::Route>& routes) {
    for (web::Route& route : routes) {
      if (route.pattern != "/api/v1/surveys" || route.method != web::Method::Post) continue;
      route.handler = [real = route.handler](web::Call& call) {
        auto& request = const_cast<web::Request&>(call.request());
        for (web::NamedText& parameter : request.query)
          if (parameter.name == "mode") parameter.value = "confidential";
        return real(call);
      };
    }
  };
  EXPECT_FOUND(found(k_bare, std::move(sabotage)), Status::Broken);
}

TEST(PrivacyProbes, SeeAFieldThatIsIgnored) {
  Sabotage sabotage;
  sabotage.routes = [](std::vector<web::Route>& routes) {
    for (web::Route& route : routes) {
      if (!route.pattern.ends_with("/responses") || route.method != web::Method::Post) continue;
      route.handler = [real = route.handler](web::Call& call) {
        auto& request = const_cast<web::Request&>(call.request());
        const std::size_t at = request.body.find(",\"e_mail_2\"");
        if (at != std::string::npos)
          request.body.erase(at, request.body.find('"', at + 14) - at + 1);
        return real(call);
      };
    }
  };
  EXPECT_FOUND(found(k_undeclared, std::move(sabotage)), Status::Broken);
}

attest::Finding shortened(attest::AddressSubject subject, Sabotage sabotage = {}) {
  Stage stage(std::move(sabotage));
  return stage.run(attest::address_probes(stage.ground(), stage.find(), std::move(subject)),
                   k_addresses);
}

TEST(AddressProbe, HoldsOnTheProduct) {
  EXPECT_FOUND(shortened(attest::product_addresses()), Status::Held);
}

TEST(AddressProbe, SeesALongerRemnantOfIpv6) {
  attest::AddressSubject subject;
  subject.shorten = [](const web::Address& address, identity::AddressFormat format) {
    web::Address kept = web::anonymise_address(address, format);
    if (address.is_v6)
      for (std::size_t i = 6; i < 8; ++i)
        kept.bytes[i] = address.bytes[i];
    return kept;
  };
  EXPECT_FOUND(shortened(subject), Status::Broken);
}

TEST(AddressProbe, SeesAMappedAddressTakenForIpv6) {
  attest::AddressSubject subject;
  subject.shorten = [](const web::Address& address, identity::AddressFormat format) {
    if (address.is_v6) return web::anonymise_address(address, format);
    web::Address mapped;
    mapped.is_v6 = true;
    mapped.bytes[10] = mapped.bytes[11] = 0xFF;
    std::copy_n(address.bytes.begin(), 4, mapped.bytes.begin() + 12);
    return mapped;
  };
  EXPECT_FOUND(shortened(subject), Status::Broken);
}

TEST(AddressProbe, SeesAChoiceThatIsNotFollowed) {
  Sabotage sabotage;
  // The choice is acknowledged and dropped.
  sabotage.routes = [](std::vector<web::Route>& routes) {
    for (web::Route& route : routes) {
      if (route.pattern != "/api/v1/tenant/settings" || route.method != web::Method::Patch)
        continue;
      route.handler = [](web::Call&) -> Result<web::Answer> {
        return web::json_response(200, "{}");
      };
    }
  };
  EXPECT_FOUND(shortened(attest::product_addresses(), std::move(sabotage)), Status::Broken);
}

}  // namespace
}  // namespace probity::app
