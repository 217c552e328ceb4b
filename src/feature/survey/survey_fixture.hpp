#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "feature/survey/redo.hpp"
#include "feature/survey/survey_module.hpp"
#include "identity/principal.hpp"
#include "store/engine.hpp"
#include "web/limits.hpp"
#include "web/router.hpp"
#include "web/streams.hpp"

namespace probity::survey {

/// What a request of a test came to.
struct Reply {
  int status = 0;
  std::string code;  ///< Of a problem document.
  std::string body;
  std::map<std::string, std::string> headers;

  /// A member of the JSON body by pointer ("/questions/0/name"), as compact JSON; "" when absent.
  [[nodiscard]] std::string at(std::string_view pointer) const;
  /// The same for texts, without quotes.
  [[nodiscard]] std::string text(std::string_view pointer) const;
};

/// What is sent.
struct Sent {
  std::string method = "GET";
  std::string target;
  std::string body;
  std::map<std::string, std::string> headers;
  std::string peer = "34.107.218.251";
};

/// A survey module on a real engine (the parameter: "sqlcipher" or "postgres") with an audit chain,
/// a tenant and a clock that stands still. Requests go through the router to the handlers and
/// through the engine's writer; the pipeline (log-in, permissions) is tested in its own room.
class SurveyRoom : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  void TearDown() override;

  Reply send(const Sent& sent);
  Reply get(const std::string& target) { return send({.target = target}); }
  Reply post(const std::string& target, const std::string& json = "");
  Reply submit(const std::string& token, const std::string& answers, const std::string& key = "");
  /// A published survey of a questionnaire; its id and token.
  struct Made {
    std::string id;
    std::string token;
  };
  Made make(const std::string& questionnaire, const std::string& mode = "anonymous");
  /// A first or another module on the same data, as after a start.
  void restart();

  std::filesystem::path directory_;
  FakeClock clock_;
  web::StreamBudget streams_{web::k_streams_sqlcipher_max};
  Log log_{2, clock_, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master_;
  audit::Chain chain_;
  std::unique_ptr<SubmissionRedoer> redoer_;
  std::array<store::Redoer*, 1> redoers_{};
  std::string database_;
  std::unique_ptr<store::Engine> engine_;
  std::unique_ptr<SurveyModule> module_;
  std::unique_ptr<web::Router> router_;
  TenantId tenant_;
  /// Who sends what needs somebody; a new owner each time while there is none.
  std::optional<identity::Principal> caller_;
};

inline constexpr std::string_view k_simple_questionnaire = R"({
  "title": "Lunch", "elements": [
  {"type": "radiogroup", "name": "food", "title": "What did you have?",
   "choices": ["Soup", "Salad", "Bread"], "isRequired": true},
  {"type": "rating", "name": "again", "title": "Again?", "rateMin": 0, "rateMax": 10},
  {"type": "comment", "name": "why", "title": "Why?"}]})";

}  // namespace probity::survey
