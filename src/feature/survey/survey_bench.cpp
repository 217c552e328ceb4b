#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "audit/chain.hpp"
#include "crypto/keys.hpp"
#include "feature/survey/scan.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/submit.hpp"
#include "feature/survey/survey.hpp"
#include "sql/migrations.hpp"
#include "sql/survey.hpp"
#include "web/call.hpp"
#include "web/router.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr std::string_view k_document = R"({"title":"Bench","elements":[
  {"type":"radiogroup","name":"a","choices":["Yes","No","Perhaps"]},
  {"type":"checkbox","name":"b","choices":["One","Two","Three","Four","Five","Six"]},
  {"type":"rating","name":"c","rateMin":0,"rateMax":10},
  {"type":"comment","name":"d"}]})";

std::string answers(int i) {
  return fmt::format(R"({{"a":"{}","b":["One","Four","Six"],"c":{},"d":"{}"}})",
                     i % 3 == 0 ? "Yes" : "No", i % 11, std::string(530, 'x'));
}

/// A SQLCipher store with one published survey.
class Stage {
 public:
  Stage() {
    const auto folder = std::filesystem::temp_directory_path();
    std::string pattern = (folder / "probity-bench-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    master_ = std::make_unique<crypto::MasterKeys>(
        *crypto::MasterKeys::create(directory_ / "master.key"));
    const store::EngineParts parts{clock_, log_, *master_, &chain_, sql::migrations()};
    engine_ = *store::open_sqlcipher(directory_ / "data", parts);
    tenant_ = engine_->create_tenant("main", "")->id;
    services_ = std::make_unique<Services>(*engine_, clock_, log_);
    routes_ = submit_routes(*services_);
    for (web::Route& route : routes_)
      route.grant = survey_grant();
    publish();
  }
  ~Stage() {
    engine_->stop(Span::seconds(5));
    engine_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  void apply(std::move_only_function<Result<store::Journal>(store::Tx&)> work) {
    store::Change change{survey_grant(), std::move(work), {}, store::Growth::Grows};
    if (!engine_->apply(store::Space::of(tenant_), std::move(change))) std::abort();
  }
  void publish() {
    const auto cipher = *engine_->cipher(store::Space::of(tenant_));
    survey_ = SurveyId::make(clock_.now());
    token_ = LinkToken::make(tenant_);
    const auto title = *seal_title(*cipher, survey_, "Bench");
    const auto document = *seal_questionnaire(*cipher, survey_, 1, k_document);
    const auto hash = *token_.hash(*cipher);
    apply([&](store::Tx& tx) -> Result<store::Journal> {
      PROBITY_CHECK(tx.run(q::insert_survey, {tenant_, survey_, 0, 1, clock_.now(), title}));
      PROBITY_CHECK(tx.run(q::insert_gate, {tenant_, survey_, 1, 0}));
      PROBITY_CHECK(tx.run(q::insert_version, {tenant_, survey_, 1, clock_.now(), document}));
      PROBITY_CHECK(tx.run(q::insert_link, {tenant_, hash, survey_, clock_.now(), title}));
      return store::Journal{};
    });
  }
  void fill(int rows) {
    const auto cipher = *engine_->cipher(store::Space::of(tenant_));
    constexpr int k_slice = 5'000;
    for (int done = 0; done < rows; done += k_slice) {
      std::vector<std::pair<ResponseId, Bytes>> sealed;
      for (int i = 0; i < k_slice; ++i) {
        const auto id = ResponseId::make(clock_.now());
        sealed.emplace_back(
            id, *cipher->seal(k_answers_purpose, id.bytes(), as_bytes(answers(done + i))));
      }
      std::ranges::sort(sealed, {}, &std::pair<ResponseId, Bytes>::first);
      clock_.advance(Span::millis(1));
      apply([&](store::Tx& tx) -> Result<store::Journal> {
        for (const auto& [id, bytes] : sealed)
          PROBITY_CHECK(tx.run(q::insert_response,
                               {tenant_, survey_, id, clock_.now(), 1, bytes, nullptr, nullptr}));
        return store::Journal{};
      });
    }
  }

  std::filesystem::path directory_;
  FakeClock clock_;
  Log log_{2, clock_, LogLevel::Failure};
  std::unique_ptr<crypto::MasterKeys> master_;
  audit::Chain chain_;
  std::unique_ptr<store::Engine> engine_;
  std::unique_ptr<Services> services_;
  std::vector<web::Route> routes_;
  TenantId tenant_;
  SurveyId survey_;
  LinkToken token_;
};

/// What a worker does for one submission before its Change: parse, check, seal, hash.
void prepare_a_submission(benchmark::State& state) {
  Stage stage;
  const web::Route& route = stage.routes_[1];
  web::Request request;
  request.method = web::Method::Post;
  request.headers = {{"content-type", "application/json"}, {"idempotency-key", "0123456789abcdef"}};
  request.body = "{\"answers\":" + answers(1) + "}";
  const std::string token = stage.token_.text();
  for (auto _ : state) {
    web::Call call({*stage.engine_, stage.clock_, stage.log_}, route, request, {token},
                   identity::Anonymous{}, RequestId::make(stage.clock_.now()), Deadline());
    auto answer = route.handler(call);
    if (!answer) std::abort();
    benchmark::DoNotOptimize(answer);
  }
}
BENCHMARK(prepare_a_submission);

/// A report over that many sealed responses of about 600 bytes.
void report(benchmark::State& state) {
  Stage stage;
  stage.fill(static_cast<int>(state.range(0)));
  const auto cipher = *stage.engine_->cipher(store::Space::of(stage.tenant_));
  const auto questionnaire = *parse_stored(k_document);
  const Deadline never;
  for (auto _ : state) {
    auto reader = stage.engine_->read(store::Space::of(stage.tenant_), survey_grant());
    const Scan scan{
        stage.survey_, *questionnaire, {{}}, static_cast<std::uint64_t>(state.range(0)), never};
    auto scanned = scan_responses(**reader, *cipher, scan);
    if (!scanned ||
        scanned->tallies.front().responses() != static_cast<std::uint64_t>(state.range(0)))
      std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(report)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace probity::survey
