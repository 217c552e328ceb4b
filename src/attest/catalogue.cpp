#include "attest/catalogue.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include <fmt/format.h>

#include "base/json.hpp"
#include "embedded/catalogue_json.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

std::unexpected<Error> wrong(const std::string& what) {
  return fail(Code::Config, "catalogue: " + what);
}

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return out;
  for (const json::value& item : value->get_array())
    if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

Result<Promise> read_promise(const json::value& value) {
  if (!value.is_object()) return wrong("a promise is no object");
  const json::object& object = value.get_object();
  Promise promise;
  promise.id = text(object, "id");
  promise.chapter = text(object, "chapter");
  promise.sentence = text(object, "sentence");
  promise.clauses = texts(object, "clauses");
  promise.probe = text(object, "probe");
  promise.evidence_kind = text(object, "evidence_kind");
  promise.sees_not = text(object, "sees_not");
  if (const json::value* built = object.if_contains("built"))
    promise.is_built = built->is_bool() && built->get_bool();
  if (const json::value* days = object.if_contains("evidence_max_days"))
    if (days->is_int64()) promise.evidence_max_days = static_cast<int>(days->get_int64());
  const auto method = parse_method(text(object, "method"));
  if (!method) return wrong(promise.id + ": unknown method");
  promise.method = *method;
  if (promise.id.empty() || promise.sentence.empty() || promise.clauses.empty())
    return wrong("a promise without id, sentence or clause: " + promise.id);
  return promise;
}

Result<void> check_promise(const Promise& promise, const Catalogue& catalogue) {
  const auto is_its_chapter = [&](const Chapter& c) { return c.id == promise.chapter; };
  if (std::ranges::none_of(catalogue.chapters, is_its_chapter))
    return wrong(promise.id + ": unknown chapter");
  for (const std::string& clause : promise.clauses)
    if (!std::ranges::binary_search(catalogue.clauses, clause))
      return wrong(promise.id + ": unknown clause " + clause);
  const bool is_evidence = promise.method == Method::Evidence;
  if (is_evidence != !promise.evidence_kind.empty())
    return wrong(promise.id + ": evidence_kind goes with the method EVIDENCE");
  if (is_evidence ? !promise.probe.empty() : promise.is_built == promise.probe.empty())
    return wrong(promise.id + ": what is built has a probe, and nothing else has");
  return {};
}

Result<void> check(const Catalogue& catalogue) {
  if (catalogue.limits.empty() || !catalogue.limits.front().starts_with("Absolute security"))
    return wrong("the first limit must be on absolute security");
  if (catalogue.clauses.size() != k_clause_count)
    return wrong(fmt::format("{} clauses instead of {}", catalogue.clauses.size(), k_clause_count));
  std::set<std::string_view> ids;
  std::set<std::string_view> covered;
  for (const Promise& promise : catalogue.promises) {
    PROBITY_CHECK(check_promise(promise, catalogue));
    if (!ids.insert(promise.id).second) return wrong(promise.id + " is used twice");
    covered.insert(promise.clauses.begin(), promise.clauses.end());
  }
  for (const std::string& clause : catalogue.clauses)
    if (!covered.contains(clause)) return wrong("no promise covers " + clause);
  return {};
}

}  // namespace

std::string_view text_of(Method method) {
  switch (method) {
    case Method::Live: return "LIVE";
    case Method::Drill: return "DRILL";
    case Method::Test: return "TEST";
    case Method::Evidence: return "EVIDENCE";
  }
  return "LIVE";
}

std::optional<Method> parse_method(std::string_view text) {
  for (const Method method : {Method::Live, Method::Drill, Method::Test, Method::Evidence})
    if (text_of(method) == text) return method;
  return {};
}

Result<Catalogue> parse_catalogue(std::string_view json_text) {
  PROBITY_TRY(document, parse_json(json_text, {.depth_max = 8, .bytes_max = 4 * 1024 * 1024}));
  if (!document.is_object()) return wrong("no object");
  const json::object& root = document.get_object();
  Catalogue catalogue;
  catalogue.limits = texts(root, "limits");
  for (const std::string_view name : {"chapters", "promises"}) {
    const json::value* list = root.if_contains(name);
    if (list == nullptr || !list->is_array()) return wrong(fmt::format("{} is no list", name));
  }
  for (const json::value& chapter : root.at("chapters").get_array())
    if (chapter.is_object())
      catalogue.chapters.push_back(
          {text(chapter.get_object(), "id"), text(chapter.get_object(), "title")});
  if (const json::value* clauses = root.if_contains("clauses"); clauses && clauses->is_object())
    for (const auto& clause : clauses->get_object())
      catalogue.clauses.emplace_back(clause.key());
  std::ranges::sort(catalogue.clauses);
  for (const json::value& value : root.at("promises").get_array()) {
    PROBITY_TRY(promise, read_promise(value));
    catalogue.promises.push_back(std::move(promise));
  }
  PROBITY_CHECK(check(catalogue));
  return catalogue;
}

Result<Catalogue> load_catalogue() { return parse_catalogue(embedded::catalogue_json); }

}  // namespace probity::attest
