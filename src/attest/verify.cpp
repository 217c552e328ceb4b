#include "attest/verify.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "attest/signing.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/sign.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

/// What a signature holds, and nothing else: it is not itself signed.
constexpr std::array<std::string_view, 3> k_signature_members{"key_id", "alg", "value"};

constexpr JsonLimits k_document_limits{.depth_max = 16, .bytes_max = 8 * 1024 * 1024};

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<Bytes> key_from_document(std::string_view text, const std::string& key_id) {
  const auto value = parse_json(text, k_document_limits);
  const json::object* root = value ? value->if_object() : nullptr;
  const json::value* keys = root != nullptr ? root->if_contains("keys") : nullptr;
  if (keys == nullptr || !keys->is_array()) return {};
  for (const json::value& key : keys->get_array())
    if (const json::object* one = key.if_object(); one && text_at(*one, "key_id") == key_id)
      return from_base64url(text_at(*one, "public_key"));
  return {};
}

std::optional<Bytes> find_key(std::string_view given, const std::string& key_id) {
  const std::string_view text = trim(given);
  if (text.starts_with('{')) return key_from_document(text, key_id);
  return from_base64url(text);
}

struct Reading {
  json::object body;  // Without the signature.
  json::object signature;
  bool is_canonical = false;
};

std::optional<Reading> read(std::string_view document, std::vector<std::string>& lines) {
  auto value = parse_json(document, k_document_limits);
  if (!value || !value->is_object()) {
    lines.emplace_back("This is no JSON object.");
    return {};
  }
  const std::string canonical = canonical_json(*value);
  Reading reading{std::move(value->get_object()), {}, trim(document) == canonical};
  const json::value* signature = reading.body.if_contains("signature");
  if (signature == nullptr || !signature->is_object() || !reading.body.contains("promises")) {
    lines.emplace_back("This is no signed statement: `signature` or `promises` is missing.");
    return {};
  }
  reading.signature = signature->get_object();
  reading.body.erase("signature");
  return reading;
}

void describe(const json::object& body, Instant now, std::vector<std::string>& lines) {
  const std::string made = text_at(body, "generated_at");
  const auto at = parse_rfc3339(made);
  if (!at) {
    lines.emplace_back("It does not say when it was made.");
    return;
  }
  const Span age = now - *at;
  lines.push_back(
      fmt::format("Made {} ({} hours ago).", made, std::max<std::int64_t>(0, age.s() / 3600)));
  if (age > k_statement_old) lines.emplace_back("It is old: ask the server for a fresh one.");
  if (age < Span::minutes(-5)) lines.emplace_back("It comes from the future: compare the clocks.");
  if (const json::value* counts = body.if_contains("counts"))
    lines.push_back("Sentences: " + canonical_json(*counts));
}

/// The reason why the signature does not count, or empty.
std::string check_signature(const Reading& reading, std::string_view given, Verdict& verdict) {
  const std::string key_id = text_at(reading.signature, "key_id");
  verdict = Verdict::Invalid;
  // A text of which another reader may read more or something else than what was signed (a member
  // that stands twice, a number in another notation) proves nothing.
  if (!reading.is_canonical)
    return "It is not in the canonical form (RFC 8785) in which servers publish it: take the bytes "
           "as the server sends them.";
  const bool is_closed = std::ranges::all_of(k_signature_members, [&](std::string_view name) {
    const json::value* value = reading.signature.if_contains(name);
    return value != nullptr && value->is_string();
  });
  if (!is_closed || reading.signature.size() != k_signature_members.size())
    return "The signature does not hold `key_id`, `alg` and `value` alone.";
  if (text_at(reading.signature, "alg") != "Ed25519") return "The signature is not Ed25519.";
  if (trim(given).empty()) {
    verdict = Verdict::Unchecked;
    return fmt::format("Signed with key {}. Give that public key with --key to check it.", key_id);
  }
  const auto key = find_key(given, key_id);
  if (!key) {
    verdict = Verdict::Unchecked;
    return fmt::format("What was given with --key holds no public key {}.", key_id);
  }
  if (key_id_of(*key) != key_id)
    return fmt::format("It names key {}, but the key given is {}.", key_id, key_id_of(*key));
  const auto signature = from_base64url(text_at(reading.signature, "value"));
  const std::string message = canonical_json(reading.body);
  if (!signature || !crypto::verify_signature(*key, as_bytes(message), *signature))
    return "The signature does not fit: the statement was altered or is not from this key.";
  verdict = Verdict::Valid;
  return {};
}

}  // namespace

Verification verify_statement(std::string_view document, std::string_view key, Instant now) {
  Verification result;
  auto reading = read(document, result.lines);
  if (!reading) return result;
  describe(reading->body, now, result.lines);
  const std::string reason = check_signature(*reading, key, result.verdict);
  result.lines.push_back(reason.empty() ? "The signature is good, by the key given." : reason);
  const json::value* test_mode = reading->body.if_contains("test_mode");
  if (test_mode == nullptr || !test_mode->is_bool() || test_mode->get_bool()) {
    result.verdict = Verdict::Invalid;
    result.lines.emplace_back("It was made in test mode: it is never valid.");
  }
  result.lines.emplace_back(result.verdict == Verdict::Valid     ? "VALID"
                            : result.verdict == Verdict::Invalid ? "NOT VALID"
                                                                 : "NOT CHECKED");
  return result;
}

}  // namespace probity::attest
