#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "attest/page.hpp"
#include "attest/probes.hpp"
#include "attest/standing.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

/// Results as a bad day would leave them: one probe failed, one is overdue, the others are fine.
struct BadDay {
  Measured measured;
  std::string failed;
  std::string overdue;
};

BadDay bad_day(const Catalogue& catalogue, Instant now) {
  BadDay day;
  for (const Promise& promise : catalogue.promises) {
    if (promise.probe.empty()) continue;
    day.measured.probes.insert(promise.probe);
    if (day.failed.empty())
      day.failed = promise.probe;
    else if (day.overdue.empty() && promise.probe != day.failed)
      day.overdue = promise.probe;
  }
  for (const std::string& probe : day.measured.probes) {
    ProbeResult result{
        probe, {Status::Held, R"({"observations":1})"}, now - Span::hours(2), now + Span::hours(1)};
    if (probe == day.failed) result.finding.status = Status::Broken;
    if (probe == day.overdue) result.next_due = now - Span::seconds(1);
    day.measured.results.emplace(probe, std::move(result));
  }
  return day;
}

/// The part of the page that belongs to one sentence; empty when it is not there.
std::string_view item_of(std::string_view page, const std::string& id) {
  const std::size_t begin = page.find("<li id=\"" + id + "\">");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = page.find("</li>", begin);
  return page.substr(begin, end == std::string_view::npos ? end : end - begin);
}

void look_at_page(const StatementParts& parts, std::string_view page, Observations& seen) {
  for (const Standing& standing : parts.standings) {
    const std::string_view item = item_of(page, standing.promise->id);
    const auto shows = [item](std::string_view text) {
      return item.find(text) != std::string_view::npos;
    };
    seen.expect(!item.empty(), "the page leaves out " + standing.promise->id);
    seen.expect(shows(html_escape(standing.promise->sentence)) && shows(words_of(standing.status)),
                "the page shows another sentence or status: " + standing.promise->id);
    if (standing.checked_at)
      seen.expect(shows(to_rfc3339(*standing.checked_at)),
                  "the page shows another time: " + standing.promise->id);
    for (const std::string& clause : standing.promise->clauses)
      seen.expect(shows(clause), "the page leaves out clause " + clause);
  }
  const std::size_t first_item = page.find("<li id=\"p-");
  for (const std::string& limit : limits_of(parts))
    seen.expect(page.find(html_escape(limit)) < first_item, "the page does not open with a limit");
}

bool is_text(const json::value* value, std::string_view expected) {
  return value != nullptr && value->is_string() &&
         std::string_view(value->get_string()) == expected;
}

const json::object* find_promise(const json::array& promises, const std::string& id) {
  for (const json::value& value : promises)
    if (const json::object* object = value.if_object())
      if (is_text(object->if_contains("id"), id)) return object;
  return nullptr;
}

void look_at_document(const StatementParts& parts, std::string_view text, Observations& seen) {
  auto parsed = parse_json(text, {.depth_max = 16, .bytes_max = 8 * 1024 * 1024});
  const json::object* root = parsed ? parsed->if_object() : nullptr;
  const json::value* promises = root != nullptr ? root->if_contains("promises") : nullptr;
  if (promises == nullptr || !promises->is_array()) {
    seen.expect(false, "the document holds no promises");
    return;
  }
  std::set<std::string, std::less<>> clauses;
  for (const Standing& standing : parts.standings) {
    const json::object* object = find_promise(promises->get_array(), standing.promise->id);
    if (object == nullptr) {
      seen.expect(false, "the document leaves out " + standing.promise->id);
      continue;
    }
    const json::value* checked = object->if_contains("checked_at");
    const bool has_time = standing.checked_at ? is_text(checked, to_rfc3339(*standing.checked_at))
                                              : checked != nullptr && checked->is_null();
    seen.expect(has_time && is_text(object->if_contains("status"), text_of(standing.status)) &&
                    is_text(object->if_contains("sentence"), standing.promise->sentence),
                "the document differs: " + standing.promise->id);
    const json::value* named = object->if_contains("clauses");
    if (named == nullptr || !named->is_array()) continue;
    for (const json::value& clause : named->get_array())
      if (clause.is_string()) clauses.emplace(clause.get_string());
  }
  seen.expect(clauses.size() == k_clause_count, "the document does not name every clause");
  const json::value* limits = root->if_contains("limits");
  const std::vector<std::string> expected = limits_of(parts);
  bool has_limits =
      limits != nullptr && limits->is_array() && limits->get_array().size() == expected.size();
  for (std::size_t i = 0; has_limits && i < expected.size(); ++i)
    has_limits = is_text(&limits->get_array()[i], expected[i]);
  seen.expect(has_limits, "the document leaves out a limit");
}

void look_at_judgement(const BadDay& day, const std::vector<Standing>& standings,
                       Observations& seen) {
  for (const Standing& standing : standings) {
    if (standing.promise->probe == day.failed)
      seen.expect(standing.status == Status::Broken, "a failed measurement is not broken");
    if (standing.promise->probe == day.overdue)
      seen.expect(standing.status == Status::Unknown, "an overdue measurement is not unknown");
  }
}

Result<Finding> measure(const Ground& ground, const Catalogue& catalogue,
                        const StatementSubject& subject) {
  Observations seen;
  const Instant now = ground.clock.now();
  const BadDay day = bad_day(catalogue, now);
  seen.need(!day.failed.empty() && !day.overdue.empty(), "the catalogue has no two probes");
  const std::vector<Standing> standings = judge(catalogue, day.measured, now);
  seen.expect(standings.size() == catalogue.promises.size(), "a sentence is not judged");
  look_at_judgement(day, standings, seen);
  seen.expect(catalogue.limits.front().find("Absolute security") == 0,
              "the first limit is not the one on absolute security");
  for (const Mode mode : {Mode::Production, Mode::Test}) {
    const StatementParts parts{
        .catalogue = catalogue, .standings = standings, .now = now, .mode = mode, .version = 1};
    look_at_page(parts, subject.page(parts), seen);
    look_at_document(parts, subject.document(parts), seen);
  }
  seen.note("sentences", static_cast<std::int64_t>(standings.size()));
  seen.note("clauses", static_cast<std::int64_t>(catalogue.clauses.size()));
  return seen.finding();
}

}  // namespace

Probes statement_probes(const Ground& ground, const Catalogue& catalogue,
                        StatementSubject subject) {
  Probes probes;
  probes.push_back({.name = "statement.complete_shown",
                    .run = [ground, &catalogue, subject = std::move(subject)](const Deadline&) {
                      return measure(ground, catalogue, subject);
                    }});
  return probes;
}

}  // namespace probity::attest
