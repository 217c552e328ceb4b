#include "attest/statement.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "base/json.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

/// Larger than any statement; a stored one is read back within it.
constexpr JsonLimits k_document_limits{.depth_max = 16, .bytes_max = 8 * 1024 * 1024};

json::value time_or_null(const std::optional<Instant>& at) {
  if (!at) return nullptr;
  return json::value(to_rfc3339(*at));
}

json::object evidence_of(const Standing& standing) {
  json::object evidence;
  auto parsed = parse_json(standing.evidence_json);
  if (parsed && parsed->is_object()) evidence = std::move(parsed->get_object());
  evidence["sees_not"] = standing.promise->sees_not;
  return evidence;
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list)
    out.emplace_back(text);
  return out;
}

json::object promise_of(const Standing& standing) {
  const Promise& promise = *standing.promise;
  json::object out;
  out["id"] = promise.id;
  out["chapter"] = promise.chapter;
  out["sentence"] = promise.sentence;
  out["clauses"] = texts(promise.clauses);
  out["status"] = text_of(standing.status);
  out["method"] = text_of(promise.method);
  out["checked_at"] = time_or_null(standing.checked_at);
  out["next_due"] = time_or_null(standing.next_due);
  out["evidence"] = evidence_of(standing);
  return out;
}

json::object counts_of(const std::vector<Standing>& standings) {
  const Counts counts = count(standings);
  return {{"held", counts.held},
          {"broken", counts.broken},
          {"unknown", counts.unknown},
          {"off", counts.off},
          {"not_built", counts.not_built}};
}

json::object body_of(const StatementParts& parts) {
  json::object body;
  body["version"] = parts.version;
  body["generated_at"] = to_rfc3339(parts.now);
  body["test_mode"] = parts.mode == Mode::Test;
  body["counts"] = counts_of(parts.standings);
  body["limits"] = texts(limits_of(parts));
  json::array promises;
  for (const Standing& standing : parts.standings)
    promises.push_back(promise_of(standing));
  body["promises"] = std::move(promises);
  body["previous"] = {{"version", parts.previous.number},
                      {"sha256", to_hex(parts.previous.digest)}};
  body["log_head"] = {{"entry", parts.log_head.entry}, {"sha256", to_hex(parts.log_head.hash)}};
  return body;
}

/// What differences are made from.
struct Outline {
  std::vector<std::string> order;
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> sentences;
};

Result<Outline> outline_of(std::string_view document) {
  PROBITY_TRY(value, parse_json(document, k_document_limits));
  const json::object* root = value.if_object();
  const json::value* promises = root != nullptr ? root->if_contains("promises") : nullptr;
  const json::value* limits = root != nullptr ? root->if_contains("limits") : nullptr;
  if (promises == nullptr || !promises->is_array() || limits == nullptr)
    return fail(Code::BadRequest, "not a statement");
  Outline outline;
  outline.order.emplace_back("limits");
  outline.sentences["limits"] = {"", canonical_json(*limits)};
  for (const json::value& promise : promises->get_array()) {
    const json::object* object = promise.if_object();
    std::array<std::string, 3> texts;
    constexpr std::array<std::string_view, 3> k_names{"id", "status", "sentence"};
    for (std::size_t i = 0; i < k_names.size(); ++i) {
      const json::value* text = object != nullptr ? object->if_contains(k_names[i]) : nullptr;
      if (text == nullptr || !text->is_string()) return fail(Code::BadRequest, "not a statement");
      texts[i] = std::string(text->get_string());
    }
    outline.order.push_back(texts[0]);
    outline.sentences[texts[0]] = {texts[1], texts[2]};
  }
  return outline;
}

constexpr std::array<std::string_view, 4> k_kind_texts{"added", "removed", "reworded", "moved"};

}  // namespace

std::vector<std::string> limits_of(const StatementParts& parts) {
  std::vector<std::string> limits = parts.catalogue.limits;
  if (parts.mode == Mode::Test) limits.emplace(limits.begin(), k_test_mode_line);
  if (parts.has_demonstration) limits.emplace_back(k_demonstration_line);
  return limits;
}

std::string signed_statement(const StatementParts& parts, const SigningDesk& desk) {
  json::object body = body_of(parts);
  const std::string message = canonical_json(body);
  const crypto::Signature signature = desk.sign(as_bytes(message));
  body["signature"] = {
      {"key_id", desk.current().key_id}, {"alg", "Ed25519"}, {"value", to_base64url(signature)}};
  return canonical_json(body);
}

Result<std::vector<Difference>> differences(std::string_view before, std::string_view after) {
  PROBITY_TRY(old_one, outline_of(before));
  PROBITY_TRY(new_one, outline_of(after));
  std::vector<Difference> list;
  for (const std::string& id : new_one.order) {
    const auto& [status, sentence] = new_one.sentences[id];
    const auto was = old_one.sentences.find(id);
    if (was == old_one.sentences.end()) {
      list.push_back({Difference::Kind::Added, id, "", status});
      continue;
    }
    if (was->second.second != sentence)
      list.push_back({Difference::Kind::Reworded, id, was->second.second, sentence});
    if (was->second.first != status)
      list.push_back({Difference::Kind::Moved, id, was->second.first, status});
  }
  for (const std::string& id : old_one.order)
    if (!new_one.sentences.contains(id))
      list.push_back({Difference::Kind::Removed, id, old_one.sentences[id].first, ""});
  return list;
}

std::string differences_json(const std::vector<Difference>& list) {
  json::array out;
  for (const Difference& difference : list)
    out.push_back({{"kind", k_kind_texts[static_cast<std::size_t>(difference.kind)]},
                   {"promise", difference.promise},
                   {"before", difference.before},
                   {"after", difference.after}});
  return canonical_json(out);
}

Result<std::vector<Difference>> parse_differences(std::string_view json_text) {
  PROBITY_TRY(value, parse_json(json_text, k_document_limits));
  if (!value.is_array()) return fail(Code::IntegrityError, "no list of differences");
  std::vector<Difference> list;
  for (const json::value& item : value.get_array()) {
    const json::object* object = item.if_object();
    std::array<std::string, 4> texts;
    constexpr std::array<std::string_view, 4> k_names{"kind", "promise", "before", "after"};
    for (std::size_t i = 0; i < k_names.size(); ++i) {
      const json::value* text = object != nullptr ? object->if_contains(k_names[i]) : nullptr;
      if (text == nullptr || !text->is_string()) return fail(Code::IntegrityError, "difference");
      texts[i] = std::string(text->get_string());
    }
    const auto kind = std::ranges::find(k_kind_texts, texts[0]);
    if (kind == k_kind_texts.end()) return fail(Code::IntegrityError, "difference");
    list.push_back(
        {static_cast<Difference::Kind>(kind - k_kind_texts.begin()), texts[1], texts[2], texts[3]});
  }
  return list;
}

}  // namespace probity::attest
