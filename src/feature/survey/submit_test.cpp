#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/survey_fixture.hpp"

namespace probity::survey {
namespace {

using Submitting = SurveyRoom;

TEST_P(Submitting, StoresAResponseThatTheReportCounts) {
  const Made made = make(std::string(k_simple_questionnaire));
  const Reply first = submit(made.token, R"({"food":"Soup","again":9,"why":"Warm"})");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.text("/receipt").size(), 56U);
  ASSERT_EQ(submit(made.token, R"({"food":"Bread"})").status, 201);
  const Reply report = get("/api/v1/surveys/" + made.id + "/report");
  ASSERT_EQ(report.status, 200) << report.body;
  EXPECT_EQ(report.at("/responses"), "2");
  EXPECT_EQ(report.at("/questions/0/counts"), R"({"Soup":1,"Salad":0,"Bread":1})");
  EXPECT_EQ(report.at("/questions/2/blank"), "1");
}

TEST_P(Submitting, ReceiptCanBeCheckedUntilTheResponseIsErased) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string receipt = submit(made.token, R"({"food":"Soup"})").text("/receipt");
  const std::string target = "/api/v1/public/" + made.token + "/receipts/" + receipt;
  EXPECT_EQ(get(target).body, R"({"stored":true,"hour":"2026-01-01T00:00:00.000Z"})");
  const Reply list = get("/api/v1/surveys/" + made.id + "/responses");
  const std::string id = list.text("/items/0/id");
  EXPECT_EQ(receipt.find(id.substr(4)), std::string::npos);
  ASSERT_EQ(send({.method = "DELETE", .target = "/api/v1/surveys/" + made.id + "/responses/" + id})
                .status,
            204);
  EXPECT_EQ(get(target).status, 404);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id + "/report").at("/responses"), "0");
}

TEST_P(Submitting, AlteredReceiptIsUnknown) {
  const Made made = make(std::string(k_simple_questionnaire));
  std::string receipt = submit(made.token, R"({"food":"Soup"})").text("/receipt");
  receipt.back() = receipt.back() == '0' ? '8' : '0';
  EXPECT_EQ(get("/api/v1/public/" + made.token + "/receipts/" + receipt).status, 404);
}

TEST_P(Submitting, KeepsTheAnonymisedAddressAloneAndNoneInAnonymousSurveys) {
  const Made confidential = make(std::string(k_simple_questionnaire), "confidential");
  const Made anonymous = make(std::string(k_simple_questionnaire));
  submit(confidential.token, R"({"food":"Soup"})");
  submit(anonymous.token, R"({"food":"Soup"})");
  auto reader = engine_->read(store::Space::of(tenant_), module_->grant());
  const auto cipher = engine_->cipher(store::Space::of(tenant_));
  ASSERT_TRUE(reader && cipher);
  std::vector<std::string> kept;
  Result<void> read;
  for (const Made& made : {confidential, anonymous}) {
    read = each_response(
        **reader, *SurveyId::parse(made.id), [&](const StoredResponse& response) -> Result<bool> {
          if (!response.origin) {
            kept.emplace_back("none");
            return true;
          }
          PROBITY_TRY(plain,
                      (*cipher)->open(k_origin_purpose, response.id.bytes(), *response.origin));
          kept.emplace_back(as_text(plain));
          return true;
        });
  }
  ASSERT_TRUE(read) << read.error().detail;
  std::ranges::sort(kept);
  EXPECT_EQ(kept, (std::vector<std::string>{"34.107.218.0", "none"}));
}

TEST_P(Submitting, SameKeyFromManyThreadsIsStoredOnce) {
  const Made made = make(std::string(k_simple_questionnaire));
  std::array<std::string, 8> receipts;
  {
    std::vector<std::jthread> threads;
    for (std::string& receipt : receipts)
      threads.emplace_back(
          [&] { receipt = submit(made.token, R"({"food":"Soup"})", "key").text("/receipt"); });
  }
  for (const std::string& receipt : receipts)
    EXPECT_EQ(receipt, receipts.front());
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/responses"), "1");
}

TEST_P(Submitting, RefusalsOfOneSurveyTakeNothingFromAnotherInTheirGroups) {
  const Made open = make(std::string(k_simple_questionnaire));
  const Made full = make(std::string(k_simple_questionnaire));
  ASSERT_EQ(send({.method = "PATCH",
                  .target = "/api/v1/surveys/" + full.id + "/settings",
                  .body = R"({"response_cap":1})",
                  .headers = {{"content-type", "application/json"}}})
                .status,
            200);
  ASSERT_EQ(submit(full.token, R"({"food":"Soup"})").status, 201);
  constexpr int k_threads = 8;
  constexpr int k_rounds = 20;
  std::atomic<int> acknowledged = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < k_threads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < k_rounds; ++round) {
          acknowledged += submit(open.token, R"({"food":"Soup"})").status == 201 ? 1 : 0;
          refused += submit(full.token, R"({"food":"Bread"})").status == 410 ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(acknowledged, k_threads * k_rounds);
  EXPECT_EQ(refused, k_threads * k_rounds);
  EXPECT_EQ(get("/api/v1/surveys/" + open.id + "/report").at("/responses"),
            std::to_string(k_threads * k_rounds));
  EXPECT_EQ(get("/api/v1/surveys/" + full.id + "/report").at("/responses"), "1");
}

INSTANTIATE_TEST_SUITE_P(Engines, Submitting, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
