#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>

#include "base/json.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "sql/migrations.hpp"
#include "store/postgres_connection.hpp"
#include "web/address.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

std::string postgres_url() {
  const char* url = std::getenv("PROBITY_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

std::string with(const std::string& url, const std::string& words) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + words;
}

void run_sql(const std::string& text) {
  auto connection = store::PgConnection::open(postgres_url(), {});
  ASSERT_TRUE(connection) << connection.error().detail;
  const auto ran = (*connection)->script(text);
  ASSERT_TRUE(ran) << text << ": " << ran.error().detail;
}

Reply reply_of(web::Response response) {
  Reply reply{response.status, {}, std::move(response.body), {}};
  for (const auto& header : response.headers)
    reply.headers[header.name] = header.value;
  while (response.source) {
    auto piece = response.source->next();
    EXPECT_TRUE(piece);
    if (!piece) break;
    reply.body += piece->bytes;
    if (piece->is_last) break;
  }
  if (reply.headers["content-type"].starts_with("application/problem"))
    reply.code = reply.text("/code");
  return reply;
}

}  // namespace

std::string Reply::at(std::string_view pointer) const {
  const auto json = parse_json(body, {64, 64ULL * 1024 * 1024});
  if (!json) return "";
  boost::system::error_code error;
  const auto* value = json->find_pointer(pointer, error);
  return value == nullptr ? "" : boost::json::serialize(*value);
}

std::string Reply::text(std::string_view pointer) const {
  const std::string json = at(pointer);
  return json.size() < 2 || json.front() != '"' ? "" : json.substr(1, json.size() - 2);
}

void SurveyRoom::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "probity-survey-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  auto master = crypto::MasterKeys::create(directory_ / "master.key");
  ASSERT_TRUE(master);
  master_ = std::make_unique<crypto::MasterKeys>(std::move(*master));
  if (GetParam() == "postgres") {
    if (postgres_url().empty())
      GTEST_SKIP() << "PROBITY_TEST_POSTGRES is not set: the URL of a superuser of PostgreSQL 15";
    static std::atomic<int> number{0};
    database_ = fmt::format("probity_survey_{}_{}", ::getpid(), ++number);
    run_sql("CREATE DATABASE " + database_);
    const auto prepared =
        store::prepare_postgres(with(postgres_url(), "dbname=" + database_), "probity_app", log_);
    ASSERT_TRUE(prepared) << prepared.error().detail << prepared.error().hint;
  }
  restart();
  auto tenant = engine_->create_tenant("main", "");
  ASSERT_TRUE(tenant) << tenant.error().detail;
  tenant_ = tenant->id;
}

void SurveyRoom::TearDown() {
  router_.reset();
  module_.reset();
  if (engine_) engine_->stop(Span::seconds(5));
  engine_.reset();
  if (!database_.empty()) run_sql(fmt::format("DROP DATABASE {} WITH (FORCE)", database_));
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void SurveyRoom::restart() {
  router_.reset();
  module_.reset();
  if (engine_) engine_->stop(Span::seconds(5));
  engine_.reset();
  auto ledger = std::make_shared<IdempotencyLedger>(database_.empty() ? "sqlcipher" : "postgres");
  redoer_ = std::make_unique<SubmissionRedoer>(ledger);
  redoers_[0] = redoer_.get();
  store::EngineParts parts{clock_, log_, *master_, &chain_, sql::migrations()};
  parts.redoers = redoers_;
  auto engine =
      database_.empty()
          ? store::open_sqlcipher(directory_ / "data", parts)
          : store::open_postgres(
                with(postgres_url(), fmt::format("dbname={}&user=probity_app", database_)), parts);
  ASSERT_TRUE(engine) << engine.error().detail;
  engine_ = std::move(*engine);
  module_ = std::make_unique<SurveyModule>(*engine_, clock_, log_, std::move(ledger));
  auto routes = module_->routes();
  for (web::Route& route : routes)
    route.grant = module_->grant();
  auto router = web::Router::build(std::move(routes));
  ASSERT_TRUE(router) << router.error().detail;
  router_ = std::make_unique<web::Router>(std::move(*router));
}

Reply SurveyRoom::send(const Sent& sent) {
  web::Request request;
  request.method = web::parse_method(sent.method).value_or(web::Method::Get);
  request.body = sent.body;
  request.peer = web::parse_address(sent.peer).value_or(web::Address());
  for (const auto& [name, value] : sent.headers)
    request.headers.push_back({name, value});
  const RequestId id = RequestId::make(clock_.now());
  if (auto set = web::set_target(request, sent.target); !set)
    return reply_of(web::problem_response(set.error(), id));
  const web::Match match = router_->find(request);
  if (match.route == nullptr)
    return reply_of(web::problem_response(Error{Code::NotFound, {}, {}, {}, 0}, id));
  identity::Principal principal = identity::Anonymous{};
  if (match.route->access.needs_identity() && caller_) {
    principal = *caller_;
  } else if (match.route->access.needs_identity()) {
    principal = identity::Member{tenant_,      UserId::make(clock_.now()),
                                 SessionId(),  identity::Role::Owner,
                                 clock_.now(), clock_.now()};
  }
  web::Call call({*engine_, clock_, log_, &streams_}, *match.route, request, match.values,
                 principal, id, Deadline());
  const auto refused = [&](const Error& error) {
    return reply_of(match.route->refusal_page
                        ? match.route->refusal_page({request, error, id, call.language()})
                        : web::problem_response(error, id));
  };
  auto answer = match.route->handler(call);
  if (!answer) return refused(answer.error());
  if (auto* response = std::get_if<web::Response>(&*answer)) return reply_of(std::move(*response));
  auto& prepared = std::get<web::Prepared>(*answer);
  auto applied = engine_->apply(store::Space::of(call.tenant()), std::move(prepared.change));
  if (!applied) {
    if (applied.error().code == Code::Internal || applied.error().code == Code::StorageFailed)
      ADD_FAILURE() << applied.error().detail;
    return refused(applied.error());
  }
  return reply_of(prepared.respond());
}

Reply SurveyRoom::post(const std::string& target, const std::string& json) {
  return send({.method = "POST",
               .target = target,
               .body = json,
               .headers = {{"content-type", "application/json"}}});
}

Reply SurveyRoom::submit(const std::string& token, const std::string& answers,
                         const std::string& key) {
  Sent sent{.method = "POST",
            .target = "/api/v1/public/" + token + "/responses",
            .body = "{\"answers\":" + answers + "}",
            .headers = {{"content-type", "application/json"}}};
  if (!key.empty()) sent.headers["idempotency-key"] = key;
  return send(sent);
}

SurveyRoom::Made SurveyRoom::make(const std::string& questionnaire, const std::string& mode) {
  const Reply created = post("/api/v1/surveys?mode=" + mode, questionnaire);
  EXPECT_EQ(created.status, 201) << created.body;
  Made made{created.text("/id"), {}};
  const Reply published = post("/api/v1/surveys/" + made.id + "/publish");
  EXPECT_EQ(published.status, 200) << published.body;
  made.token = published.text("/token");
  return made;
}

}  // namespace probity::survey
