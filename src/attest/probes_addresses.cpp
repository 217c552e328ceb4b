#include <array>
#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "attest/probes_privacy.hpp"
#include "sql/attest.hpp"
#include "web/address.hpp"

namespace probity::attest {
namespace {

using identity::AddressFormat;

/// Purpose under which the survey room seals a respondent's shortened address.
constexpr crypto::Purpose k_origin_purpose = "survey.origin";

struct Case {
  std::string_view given;
  AddressFormat format;
  std::string_view expected;
};

constexpr auto k_cases = std::to_array<Case>({
    {"203.0.113.77", AddressFormat::V4Slash24, "203.0.113.0"},
    {"203.0.113.77", AddressFormat::V4Slash16, "203.0.0.0"},
    {"203.0.113.77", AddressFormat::V4Slash8, "203.0.0.0"},
    {"203.0.113.77", AddressFormat::None, "0.0.0.0"},
    {"::ffff:203.0.113.77", AddressFormat::V4Slash24, "203.0.113.0"},
    {"::ffff:cb00:714d", AddressFormat::V4Slash24, "203.0.113.0"},
    {"2001:db8:1:2:3:4:5:6", AddressFormat::V4Slash24, "2001:db8:1::"},
    {"2001:db8:1:2:3:4:5:6", AddressFormat::V4Slash16, "2001:db8:1::"},
    {"2001:db8:1::6", AddressFormat::V4Slash8, "2001:db8:1::"},
    {"2001:0db8:0001:0002:0003:0004:0005:0006", AddressFormat::V4Slash24, "2001:db8:1::"},
    {"2001:db8:1:2:3:4:5:6", AddressFormat::None, "::"},
});

void look_at_step(const AddressSubject& subject, Observations& seen) {
  for (const Case& one : k_cases) {
    const auto address = web::parse_address(one.given);
    seen.need(address.has_value(), fmt::format("not read: {}", one.given));
    if (!address) continue;
    const std::string kept = web::address_text(subject.shorten(*address, one.format));
    seen.expect(kept == one.expected,
                fmt::format("{} as {}", one.given, identity::text_of(one.format)));
  }
}

/// What the store keeps of a respondent who came from 127.0.0.1.
Result<std::string> stored_origin(const Ground& ground, const store::TenantRecord& tenant,
                                  const std::string& survey) {
  const auto id = SurveyId::parse(survey);
  if (!id) return fail(Code::Internal, "no survey id");
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant.id), k_grant));
  struct Stored {
    ResponseId id;
    Bytes origin;
  };
  PROBITY_TRY(
      found,
      reader->first(sql::attest::stored_responses, {tenant.id, *id}, [](const store::Row& row) {
        return Stored{row.id<ResponseId>(0), row.is_null(2) ? Bytes() : to_bytes(row.bytes(2))};
      }));
  if (!found) return fail(Code::NotFound, "no response was stored");
  PROBITY_TRY(cipher, ground.engine.cipher(store::Space::of(tenant.id)));
  PROBITY_TRY(plain, cipher->open(k_origin_purpose, found->id.bytes(), found->origin));
  return std::string(as_text(plain));
}

Result<std::string> origin_of_answer(const Ground& ground, const FindListener& find, Cast& owner) {
  PROBITY_TRY(created, owner.visitor.post("/api/v1/surveys?mode=confidential",
                                          R"({"title":"Probe","elements":[)"
                                          R"({"type":"comment","name":"why"}]})"));
  const std::string survey = created.member("id");
  PROBITY_TRY(published, owner.visitor.post("/api/v1/surveys/" + survey + "/publish"));
  PROBITY_TRY(listener, find());
  Visitor respondent(listener);
  PROBITY_TRY(sent, respondent.post("/api/v1/public/" + published.member("token") + "/responses",
                                    R"({"answers":{"why":"x"}})"));
  if (sent.status != 201) return fail(Code::Internal, "a submission was refused");
  auto origin = stored_origin(ground, owner.tenant, survey);
  static_cast<void>(owner.visitor.send({.method = "DELETE", .path = "/api/v1/surveys/" + survey}));
  return origin;
}

Result<Reply> choose(Cast& owner, std::string_view format) {
  return owner.visitor.send({.method = "PATCH",
                             .path = "/api/v1/tenant/settings",
                             .body = fmt::format(R"({{"address_format":"{}"}})", format)});
}

/// Whether a dotted address ends in so many zeros.
bool ends_in_zeros(std::string_view text, int octets) {
  std::string_view rest = text;
  for (int i = 0; i < octets; ++i) {
    if (!rest.ends_with(".0")) return false;
    rest.remove_suffix(2);
  }
  return !rest.empty();
}

Result<Finding> format_applied(const Ground& ground, const FindListener& find,
                               const AddressSubject& subject) {
  Observations seen;
  look_at_step(subject, seen);
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner, Which::Second));
  const Leaving owner_leaves(ground, owner);
  for (const auto& [format, octets] : {std::pair{"v4/16", 2}, {"v4/8", 3}, {"v4/24", 1}}) {
    PROBITY_TRY(chosen, choose(owner, format));
    seen.need(chosen.status >= 200 && chosen.status < 300, "a format could not be chosen");
    PROBITY_TRY(origin, origin_of_answer(ground, find, owner));
    seen.need(!origin.empty(), "no place holds the short address");
    seen.expect(ends_in_zeros(origin, octets), fmt::format("more is kept than {}", format));
  }
  for (const std::string_view forbidden : {"full", "v4/32", "v6/128"}) {
    PROBITY_TRY(reply, choose(owner, forbidden));
    seen.expect(reply.status == 400 || reply.status == 422,
                fmt::format("the choice {} is accepted", forbidden));
  }
  seen.note("cases", static_cast<std::int64_t>(k_cases.size()));
  return seen.finding();
}

}  // namespace

AddressSubject product_addresses() { return {.shorten = web::anonymise_address}; }

Probes address_probes(const Ground& ground, const FindListener& find, AddressSubject subject) {
  Probes probes;
  probes.push_back({.name = "addresses.format_applied",
                    .run = [ground, find, subject = std::move(subject)](const Deadline&) {
                      return format_applied(ground, find, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
