#include <array>
#include <boost/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "attest/drill_passkey.hpp"
#include "attest/probes_access.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "crypto/totp.hpp"
#include "identity/passkeys.hpp"

namespace probity::attest {
namespace {

/// A text of a JSON body by its pointer ("/options/challenge"), or empty.
std::string text_at(const Reply& reply, std::string_view pointer) {
  const auto json = parse_json(reply.body);
  boost::system::error_code none;
  const boost::json::value* found = json ? json->find_pointer(pointer, none) : nullptr;
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

/// A log-in of somebody new to the browser; `more` is members of the body.
Result<Reply> enter(const FindListener& find, const Cast& cast, std::string_view more = {}) {
  JsonWriter body;
  body.begin_object();
  body.field("tenant", cast.tenant.slug);
  body.field("email", cast.member.email);
  body.field("password", cast.password);
  body.end_object();
  std::string text = std::move(body).text();
  if (!more.empty()) text.insert(text.size() - 1, fmt::format(",{}", more));
  PROBITY_TRY(listener, find());
  Visitor visitor(listener);
  return visitor.post("/api/v1/login", text);
}

Result<void> expect_asked(const FindListener& find, const Cast& cast, std::string_view what,
                          Observations& seen) {
  PROBITY_TRY(bare, enter(find, cast));
  seen.expect(bare.status == 401 && bare.member("code") == "mfa_required",
              fmt::format("the password alone opens an account that has {}", what));
  return {};
}

/// What was given lets in once, and not again.
Result<void> expect_once(const FindListener& find, const Cast& cast, std::string_view what,
                         const std::string& given, Observations& seen) {
  PROBITY_TRY(first, enter(find, cast, given));
  seen.expect(first.status == 200, fmt::format("{} does not let in", what));
  PROBITY_TRY(second, enter(find, cast, given));
  seen.expect(second.status == 401, fmt::format("{} lets in twice", what));
  return {};
}

std::string otp(std::string_view code) { return fmt::format(R"("otp":"{}")", code); }

Result<Reply> prove(Cast& cast, std::string_view path) {
  return cast.visitor.post(std::string(path), fmt::format(R"({{"password":"{}"}})", cast.password));
}

Result<void> look_at_app(const Ground& ground, const FindListener& find, Observations& seen) {
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Analyst));
  const Leaving leaves(ground, cast);
  PROBITY_TRY(offer, prove(cast, "/api/v1/me/factors/totp"));
  const auto secret = from_base32(text_at(offer, "/secret"));
  seen.need(offer.status == 200 && secret.has_value(), "no app could be offered");
  if (!secret) return {};
  const std::int64_t step = crypto::totp_step_of(ground.clock.now());
  const std::string code = crypto::totp_code(*secret, step);
  PROBITY_TRY(made, cast.visitor.post("/api/v1/me/factors",
                                      fmt::format(R"({{"ticket":"{}","code":"{}","name":"Probe"}})",
                                                  text_at(offer, "/ticket"), code)));
  seen.need(made.status == 201, "no app could be set up");
  if (seen.has_given_up()) return {};
  PROBITY_CHECK(expect_asked(find, cast, "an app", seen));
  PROBITY_TRY(used, enter(find, cast, otp(code)));
  seen.expect(used.status == 401, "the code an app was set up with lets in");
  PROBITY_CHECK(
      expect_once(find, cast, "a code of an app", otp(crypto::totp_code(*secret, step + 1)), seen));
  const std::string recovery = text_at(made, "/recovery_codes/0");
  seen.need(!recovery.empty(), "no recovery codes were given");
  return expect_once(find, cast, "a recovery code", otp(recovery), seen);
}

Result<void> look_at_passkey(const Ground& ground, const FindListener& find,
                             const std::string& public_url, Observations& seen) {
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Analyst));
  const Leaving leaves(ground, cast);
  PROBITY_TRY(offer, prove(cast, "/api/v1/me/factors/passkey"));
  const std::string party = text_at(offer, "/options/rp/id");
  seen.need(offer.status == 200 && !party.empty(), "no passkey could be asked for");
  if (seen.has_given_up()) return {};
  PROBITY_TRY(page,
              identity::relying_party_of(public_url.empty() ? "https://" + party : public_url));
  DrillPasskey key(party, page.origin);
  DrillPasskey elsewhere(party, "https://elsewhere.invalid");
  const auto body = [](const std::string& credential) {
    return fmt::format(R"({{"credential":{},"name":"Probe"}})", credential);
  };
  const std::string challenge = text_at(offer, "/options/challenge");
  PROBITY_TRY(stolen, cast.visitor.post("/api/v1/me/factors", body(elsewhere.make(challenge))));
  seen.expect(stolen.status == 400, "a passkey made on another page is taken");
  PROBITY_TRY(made, cast.visitor.post("/api/v1/me/factors", body(key.make(challenge))));
  seen.need(made.status == 201, "no passkey could be set up");
  if (seen.has_given_up()) return {};
  PROBITY_CHECK(expect_asked(find, cast, "a passkey", seen));
  PROBITY_TRY(asked, enter(find, cast));
  const auto credential = [&](DrillPasskey& by) {
    return fmt::format(R"("credential":{})", by.use(text_at(asked, "/passkey/challenge")));
  };
  PROBITY_TRY(wrong, enter(find, cast, credential(elsewhere)));
  seen.expect(wrong.status == 401, "somebody else's passkey lets in");
  return expect_once(find, cast, "what a passkey signed", credential(key), seen);
}

Result<Reply> demand(Cast& owner, std::string_view roles) {
  return owner.visitor.send({.method = "PATCH",
                             .path = "/api/v1/tenant/settings",
                             .body = fmt::format(R"({{"second_factor_roles":[{}]}})", roles)});
}

Result<void> look_at_demand(const Ground& ground, const FindListener& find, Observations& seen) {
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner));
  const Leaving owner_leaves(ground, owner);
  PROBITY_TRY(cast, cast_member(ground, find, identity::Role::Auditor));
  const Leaving leaves(ground, cast);
  PROBITY_TRY(before, cast.visitor.get("/api/v1/audit"));
  PROBITY_TRY(asked, demand(owner, R"("auditor")"));
  auto after = cast.visitor.get("/api/v1/audit");
  auto again = enter(find, cast);
  PROBITY_TRY(ended, demand(owner, ""));
  PROBITY_CHECK(after);
  PROBITY_CHECK(again);
  seen.need(before.status == 200 && asked.status == 204 && ended.status == 204,
            "the demand could not be made");
  seen.expect(after->status == 403 && after->member("code") == "enrolment_required",
              "an open session without a second factor goes on where one is demanded");
  seen.expect(again->body.find(R"("enrolment_due":true)") != std::string::npos,
              "a log-in without a second factor opens everything where one is demanded");
  return {};
}

}  // namespace

Probes factor_probes(const Ground& ground, const FindListener& find,
                     const std::string& public_url) {
  Probes probes;
  probes.push_back({.name = "accounts.second_factor",
                    .run = [ground, find, public_url](const Deadline&) -> Result<Finding> {
                      Observations seen;
                      PROBITY_CHECK(look_at_app(ground, find, seen));
                      PROBITY_CHECK(look_at_passkey(ground, find, public_url, seen));
                      PROBITY_CHECK(look_at_demand(ground, find, seen));
                      return seen.finding();
                    }});
  return probes;
}

}  // namespace probity::attest
