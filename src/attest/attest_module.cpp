#include "attest/attest_module.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "attest/catalogue.hpp"
#include "attest/evidence_routes.hpp"
#include "attest/grant.hpp"
#include "attest/page.hpp"
#include "attest/publisher.hpp"
#include "attest/runner.hpp"
#include "attest/shelf.hpp"
#include "attest/signing.hpp"
#include "base/text.hpp"
#include "web/call.hpp"
#include "web/page.hpp"

namespace probity::attest {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Route;

/// Statuses also change with time alone (evidence expires, a measurement is overdue).
constexpr Span k_version_every = Span::hours(1);
/// A reader's copy may be this old; the server itself makes a new one at most once a second.
constexpr std::string_view k_cache = "public, max-age=5";
/// What a stored version holds never changes.
constexpr std::string_view k_cache_version = "public, max-age=86400";
constexpr std::string_view k_why = "the statement is public";
constexpr std::string_view k_history_probe = "statement.versions_dated";

constexpr std::string_view k_document_schema = R"({"type":"object",
"required":["version","generated_at","counts","limits","promises","test_mode"],
"properties":{"version":{"type":"integer"},"generated_at":{"type":"string"},
"test_mode":{"type":"boolean"},"counts":{"type":"object",
"required":["held","broken","off","unknown","not_built"],"properties":{
"held":{"type":"integer"},"broken":{"type":"integer"},"off":{"type":"integer"},
"unknown":{"type":"integer"},"not_built":{"type":"integer"}}},
"limits":{"type":"array","items":{"type":"string"}},
"promises":{"type":"array","items":{"type":"object",
"required":["id","chapter","sentence","clauses","method","status","checked_at","next_due",
"evidence"],"properties":{"id":{"type":"string"},"chapter":{"type":"string"},
"sentence":{"type":"string"},"clauses":{"type":"array","items":{"type":"string"}},
"method":{"type":"string"},
"status":{"enum":["held","broken","off","unknown","not_built"]},
"checked_at":{"type":["string","null"]},"next_due":{"type":["string","null"]},
"evidence":{"type":"object"}}}}}})";

web::RouteDoc doc(std::string_view summary, std::string_view type) {
  return {.summary = summary,
          .request_schema = {},
          .response_schema = {},
          .query = {},
          .response_type = type};
}

Result<Answer> show_page(Publisher& publisher, Call&) {
  PROBITY_TRY(edition, publisher.current());
  auto response = web::html_response(200, statement_page(publisher.parts_of(*edition)));
  response.with("cache-control", k_cache);
  return response;
}

Result<Answer> show_document(Publisher& publisher, Call&) {
  PROBITY_TRY(edition, publisher.current());
  auto response = web::json_response(200, edition->document);
  response.with("cache-control", k_cache);
  return response;
}

Result<Answer> show_keys(Publisher& publisher, Call&) {
  auto response = web::json_response(200, keys_json(publisher.desk().published()));
  response.with("cache-control", k_cache);
  return response;
}

Result<Answer> show_versions(Publisher& publisher, Call&) {
  PROBITY_TRY(versions, publisher.shelf().versions());
  auto response = web::html_response(200, versions_page(versions));
  response.with("cache-control", k_cache);
  return response;
}

/// "/security/versions/3" is the page, "/security/versions/3.json" the signed document.
Result<Answer> show_version(Publisher& publisher, Call& call) {
  std::string_view name = call.path_value("n");
  const bool is_document = name.ends_with(".json");
  if (is_document) name.remove_suffix(5);
  const auto number = parse_int(name);
  if (!number || *number < 1) return fail(Code::NotFound);
  PROBITY_TRY(version, publisher.shelf().version(*number));
  auto response = is_document ? web::json_response(200, version.document)
                              : web::html_response(200, version_page(version));
  response.with("cache-control", k_cache_version);
  return response;
}

class Plugged final : public AttestModule {
 public:
  Plugged(ModuleParts parts, Catalogue catalogue, SigningDesk desk)
      : parts_(std::move(parts)),
        catalogue_(std::move(catalogue)),
        desk_(std::move(desk)),
        scratch_(parts_.engine, parts_.clock),
        shelf_(parts_.engine, parts_.build),
        runner_(shelf_, parts_.clock, parts_.log, all_probes()),
        publisher_({parts_.engine, parts_.clock, parts_.log, catalogue_, shelf_, runner_, desk_,
                    parts_.mode}) {
    runner_.on_settled([this] { publish(); });
  }
  ~Plugged() override { runner_.stop(); }

  [[nodiscard]] std::string_view name() const override { return "attest"; }
  [[nodiscard]] store::Grant grant() const override { return k_grant; }
  std::vector<Route> routes() override;
  [[nodiscard]] std::vector<module::PersonalColumn> personal_columns() const override;
  std::vector<jobs::Job> jobs() override;

  void start() override { runner_.start(); }
  void begin_stop() override { runner_.begin_stop(); }
  void stop() override { runner_.stop(); }
  bool settle(Span within) override { return runner_.settle(within); }
  Publisher& publisher() override { return publisher_; }
  Runner& runner() override { return runner_; }

 private:
  [[nodiscard]] Probes all_probes() {
    const Ground ground{parts_.engine, parts_.clock, scratch_};
    Probes probes = parts_.make_probes ? parts_.make_probes(ground) : Probes();
    Probes own = statement_probes(
        ground, catalogue_, {.page = statement_page, .document = [this](const StatementParts& p) {
                               return signed_statement(p, desk_);
                             }});
    std::ranges::move(own, std::back_inserter(probes));
    Probes history = history_probes(
        ground, {.versions = [this] { return shelf_.versions(); },
                 .version = [this](std::int64_t number) { return shelf_.version(number); },
                 .keys = desk_.published()});
    std::ranges::move(history, std::back_inserter(probes));
    return probes;
  }
  void publish() {
    const auto published = publisher_.publish_if_changed();
    if (!published) {
      parts_.log.warn("statement_not_published", {{"code", code_info(published.error().code).text},
                                                  {"detail", published.error().detail}});
      return;
    }
    // Before the first version there was no history to look at.
    const auto results = runner_.measured().results;
    const auto history = results.find(k_history_probe);
    if (*published && history != results.end() && history->second.finding.status == Status::Unknown)
      runner_.queue(k_history_probe);
  }

  ModuleParts parts_;
  Catalogue catalogue_;
  SigningDesk desk_;
  Scratch scratch_;
  Shelf shelf_;
  Runner runner_;
  Publisher publisher_;
};

std::vector<Route> Plugged::routes() {
  std::vector<Route> routes = evidence_routes(publisher_, parts_.engine);
  const auto open = [&](std::string_view pattern, web::RouteDoc text,
                        Result<Answer> (*show)(Publisher&, Call&)) {
    routes.emplace_back(web::Method::Get, pattern, Access::open_to_everyone(k_why), web::Limits{},
                        std::move(text),
                        [this, show](Call& call) { return show(publisher_, call); });
  };
  open("/security", doc("The security statement as a page", "text/html"), show_page);
  open("/security/versions", doc("Versions of the statement", "text/html"), show_versions);
  open("/security/versions/{n}",
       doc("A version of the statement: N is the page, N.json the signed document", "text/html"),
       show_version);
  open(
      "/.well-known/probity-statement.json",
      [] {
        web::RouteDoc d = doc("The security statement as a signed document", "application/json");
        d.response_schema = k_document_schema;
        return d;
      }(),
      show_document);
  open("/.well-known/probity-keys.json",
       doc("Public keys of the statement's signatures", "application/json"), show_keys);
  return routes;
}

std::vector<module::PersonalColumn> Plugged::personal_columns() const {
  constexpr std::string_view k_purpose = "Saying who vouches for the statement's sentences";
  constexpr std::string_view k_until = "Until the record is deleted";
  return {{"attest_evidence", "issuer_sealed", "Who issued a document filed as evidence", k_purpose,
           k_until},
          {"attest_evidence", "owner_sealed", "Who answers for that document", k_purpose, k_until}};
}

std::vector<jobs::Job> Plugged::jobs() {
  std::vector<jobs::Job> jobs = runner_.jobs();
  jobs.push_back({.name = "attest.versions",
                  .every = k_version_every,
                  .jitter_max = Span::minutes(1),
                  .run = [this](Instant now) -> Result<std::string> {
                    // What is overdue is measured first; its end publishes.
                    if (runner_.queue_overdue(now) > 0) return std::string("measuring");
                    PROBITY_TRY(is_new, publisher_.publish_if_changed());
                    return std::string(is_new ? "published" : "unchanged");
                  },
                  .missed = jobs::Missed::RunLast});
  return jobs;
}

}  // namespace

Result<std::unique_ptr<AttestModule>> make_module(ModuleParts parts) {
  PROBITY_TRY(catalogue, load_catalogue());
  PROBITY_TRY(desk, SigningDesk::open(parts.engine, parts.clock));
  return std::unique_ptr<AttestModule>(
      std::make_unique<Plugged>(std::move(parts), std::move(catalogue), std::move(desk)));
}

}  // namespace probity::attest
