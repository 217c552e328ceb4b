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
constexpr std::string_view k_submit = "/api/v1/public/{token}/responses";

attest::Finding found(std::string_view name, Sabotage sabotage = {}) {
  Stage stage(std::move(sabotage));
  return stage.run(attest::privacy_probes(stage.ground(), stage.find()), name);
}

TEST(PrivacyProbes, HoldOnTheProduct) {
  for (const std::string_view name : {k_inventory, k_bare, k_refusal, k_undeclared})
    EXPECT_FOUND(found(name), Status::Held);
}

/// A module that declares its personal columns badly.
class Careless final : public module::Module {
 public:
  using Change = std::function<void(module::PersonalColumn&)>;
  Careless(std::unique_ptr<module::Module> real, Change change)
      : real_(std::move(real)), change_(std::move(change)) {}
  [[nodiscard]] std::string_view name() const override { return real_->name(); }
  [[nodiscard]] store::Grant grant() const override { return real_->grant(); }
  [[nodiscard]] std::vector<web::Route> routes() override { return real_->routes(); }
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override {
    auto columns = real_->personal_columns();
    for (module::PersonalColumn& column : columns)
      change_(column);
    return columns;
  }

 private:
  std::unique_ptr<module::Module> real_;
  Change change_;
};

TEST(PrivacyProbes, SeeAnInventoryWithAGap) {
  const Careless::Change without_table = [](module::PersonalColumn& column) {
    if (column.table == "identity_session") column.table = "";
  };
  const Careless::Change without_purpose = [](module::PersonalColumn& column) {
    if (column.table == "identity_session") column.purpose = "";
  };
  for (const Careless::Change& gap : {without_table, without_purpose}) {
    Sabotage sabotage;
    sabotage.modules = [&gap](std::vector<std::unique_ptr<module::Module>>& modules) {
      for (auto& module : modules)
        module = std::make_unique<Careless>(std::move(module), gap);
    };
    EXPECT_FOUND(found(k_inventory, std::move(sabotage)), Status::Broken);
  }
}

TEST(PrivacyProbes, SeeAColumnNobodyDeclared) {
  Stage stage;
  stage.run_beneath(attest::Which::First, "ALTER TABLE survey_gate ADD COLUMN nickname TEXT");
  EXPECT_FOUND(stage.run(attest::privacy_probes(stage.ground(), stage.find()), k_inventory),
               Status::Broken);
}

TEST(PrivacyProbes, SeeABrowserStoredWithTheAnswer) {
  // The route puts the browser's words into a field that the questionnaire has.
  const auto curious = [](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    web::Request& request = request_of(call);
    constexpr std::string_view k_answers = "\"answers\":{";
    const std::size_t at = request.body.find(k_answers);
    if (at != std::string::npos)
      request.body.insert(at + k_answers.size(),
                          "\"who\":\"" + std::string(request.header("user-agent")) + "\",");
    return real(call);
  };
  EXPECT_FOUND(found(k_bare, instead_of(web::Method::Post, k_submit, curious)), Status::Broken);
}

TEST(PrivacyProbes, SeeAPageThatIsSilentAboutDeclining) {
  // A page that asks the same and says nothing of leaving out; then one that says half of it.
  for (const char* words : {"Please answer all.", "Answers are optional."}) {
    const auto page = [words](web::Call&, const web::Handler&) -> Result<web::Answer> {
      return web::html_response(
          200,
          form::render_message({.locale = "en"}, {.heading = "Probe",
                                                  .paragraphs = {words, "Why?", "Who are you?"}}));
    };
    EXPECT_FOUND(found(k_refusal, instead_of(web::Method::Get, "/s/{token}", page)),
                 Status::Broken);
  }
}

TEST(PrivacyProbes, SeeAnAnswerThatNeedsAName) {
  // Whatever is asked has to be answered.
  const auto demanding = [](web::Call& call, const web::Handler& real) -> Result<web::Answer> {
    std::string& body = request_of(call).body;
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
  // Surveys are made confidential, whose records are not coarsened.
  const auto confidential = [](web::Call& call, const web::Handler& real) {
    for (web::NamedText& parameter : request_of(call).query)
      if (parameter.name == "mode") parameter.value = "confidential";
    return real(call);
  };
  EXPECT_FOUND(found(k_bare, instead_of(web::Method::Post, "/api/v1/surveys", confidential)),
               Status::Broken);
}

TEST(PrivacyProbes, SeeAFieldThatIsIgnored) {
  const auto deaf = [](web::Call& call, const web::Handler& real) {
    std::string& body = request_of(call).body;
    const std::size_t at = body.find(",\"e_mail_2\"");
    if (at != std::string::npos) body.erase(at, body.find('"', at + 14) - at + 1);
    return real(call);
  };
  EXPECT_FOUND(found(k_undeclared, instead_of(web::Method::Post, k_submit, deaf)), Status::Broken);
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
  // The choice is acknowledged and dropped.
  const auto drop = [](web::Call&, const web::Handler&) -> Result<web::Answer> {
    return web::json_response(200, "{}");
  };
  EXPECT_FOUND(shortened(attest::product_addresses(),
                         instead_of(web::Method::Patch, "/api/v1/tenant/settings", drop)),
               Status::Broken);
}

}  // namespace
}  // namespace probity::app
