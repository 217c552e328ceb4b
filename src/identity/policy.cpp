#include "identity/policy.hpp"

#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <vector>

#include <fmt/core.h>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "identity/common_words.hpp"
#include "identity/hasher.hpp"
#include "identity/leaked_passwords.hpp"

namespace probity::identity {
namespace {

constexpr int k_common_words_max = 3;
constexpr int k_common_loose_max = 3;
constexpr std::size_t k_context_word_least = 3;
constexpr std::size_t k_different_least = 5;

/// A rule as it is published and as it is refused.
struct Rule {
  std::string_view name;
  std::string text;
};

/// Those of a profile, in the order in which they are published.
std::vector<Rule> rules_of(const PasswordProfile& profile) {
  std::vector<Rule> rules{
      {"min_length", fmt::format("Use at least {} characters; several words are easy to remember.",
                                 profile.length_least)},
      {"max_length", fmt::format("Use at most {} characters.", k_password_most)}};
  if (profile.phrase_least > 0) {
    rules.push_back({"kinds", fmt::format("Use capital and small letters, digits and marks, or at "
                                          "least {} characters.",
                                          profile.phrase_least)});
  }
  rules.push_back(
      {"common", "Do not use a well-known password, nor one put together from parts of such."});
  rules.push_back(
      {"repeated", "Do not repeat one piece, and use more than four different characters."});
  rules.push_back({"sequential", "Do not use runs of neighbouring letters, digits or keys."});
  rules.push_back({"context", "Do not use the name of the organisation or your e-mail address."});
  rules.push_back({"strength", "Choose one that is not guessed soon: add another word or two."});
  if (profile.history > 0) {
    rules.push_back(
        {"reused",
         profile.is_unique
             ? fmt::format("Use none of your last {}, and none anybody here uses.", profile.history)
             : fmt::format("Use none of your last {}.", profile.history)});
  }
  return rules;
}

char plain_letter(char c) {
  switch (c) {
    case '0': return 'o';
    case '1': return 'i';
    case '3': return 'e';
    case '4':
    case '@': return 'a';
    case '5':
    case '$': return 's';
    case '7': return 't';
    case '!': return 'i';
    default: return c;
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Letters and digits of ASCII and everything beyond it, without marks and white space.
std::string compact(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (is_digit(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80) kept += c;
  }
  return kept;
}

/// How badly a text is covered so far: loose characters first, then words.
struct Cover {
  int loose = std::numeric_limits<int>::max() / 2;
  int words = 0;
  bool operator<(const Cover& other) const {
    return loose != other.loose ? loose < other.loose : words < other.words;
  }
};

bool word_fits(std::string_view text, std::string_view unleeted, std::size_t at,
               std::string_view word) {
  return text.substr(at, word.size()) == word || unleeted.substr(at, word.size()) == word;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  return end - at;
}

/// The best cover of the whole text by words and runs of digits.
Cover cover_of(std::string_view text, std::string_view unleeted) {
  std::vector<Cover> best(text.size() + 1);
  best[0] = {0, 0};
  const auto offer = [&best](std::size_t at, Cover cover) {
    if (cover < best[at]) best[at] = cover;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Cover here = best[at];
    offer(at + 1, {here.loose + 1, here.words});
    if (const std::size_t digits = digits_at(text, at); digits > 0)
      offer(at + digits, {here.loose, here.words});
    for (const std::string_view word : common_words()) {
      if (at + word.size() <= text.size() && word_fits(text, unleeted, at, word))
        offer(at + word.size(), {here.loose, here.words + 1});
    }
  }
  return best[text.size()];
}

/// Keys that lie side by side, both ways round; digits and letters as well.
constexpr std::array<std::string_view, 8> k_rows{
    "1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop",
    "asdfghjkl",  "zxcvbnm",    "yxcvbnm",    "abcdefghijklmnopqrstuvwxyz"};

bool are_neighbours(char a, char b, int step) {
  return std::ranges::any_of(k_rows, [&](std::string_view row) {
    const auto at = row.find(a);
    if (at == std::string_view::npos) return false;
    const auto next = static_cast<std::ptrdiff_t>(at) + step;
    return next >= 0 && next < static_cast<std::ptrdiff_t>(row.size()) &&
           row[static_cast<std::size_t>(next)] == b;
  });
}

/// Words of the context worth looking for, longest first.
std::vector<std::string> context_words(const PasswordContext& context) {
  std::set<std::string> words;
  const auto add = [&words](std::string_view text) {
    const auto folded = fold(text);
    if (!folded) return;
    if (std::string word = compact(*folded); word.size() >= k_context_word_least)
      words.insert(std::move(word));
  };
  add(context.organisation);
  add(context.slug);
  for (const std::string_view word : split(context.organisation, ' '))
    add(word);
  for (const std::string_view side : split(context.email, '@')) {
    add(side);
    for (const std::string_view part : split(side, '.'))
      add(part);
  }
  std::vector<std::string> sorted(words.begin(), words.end());
  // Longest first. A stable sort would do, but clang warns of what this library makes it from.
  std::ranges::sort(sorted, [](const std::string& a, const std::string& b) {
    return a.size() == b.size() ? a < b : a.size() > b.size();
  });
  return sorted;
}

bool is_context(std::string_view folded, const PasswordContext& context) {
  std::string rest = compact(folded);
  const std::size_t before = rest.size();
  for (const std::string& word : context_words(context)) {
    for (auto at = rest.find(word); at != std::string::npos; at = rest.find(word))
      rest.erase(at, word.size());
  }
  return rest.size() < before && code_points(rest) < k_password_own_least;
}

void note(Error& error, const PasswordContext& context, std::string_view rule) {
  const std::vector<Rule> rules = rules_of(profile_of(context.profile));
  const auto found = std::ranges::find(rules, rule, &Rule::name);
  error.fields.push_back({context.field, fmt::format("{}: {}", found->name, found->text)});
}

}  // namespace

bool is_common(std::string_view text) {
  const std::string kept = compact(text);
  if (kept.empty()) return false;
  std::string marked;
  for (const char c : text)
    if (is_digit(c) || (c >= 'a' && c <= 'z') || c == '@' || c == '$' || c == '!') marked += c;
  for (const std::string& form : {kept, marked}) {
    std::string unleeted = form;
    std::ranges::transform(unleeted, unleeted.begin(), plain_letter);
    const Cover cover = cover_of(form, unleeted);
    if (cover.words > 0 && cover.words <= k_common_words_max && cover.loose <= k_common_loose_max)
      return true;
  }
  return false;
}

bool is_repeated(std::string_view text) {
  if (text.empty()) return false;
  if (std::set<char>(text.begin(), text.end()).size() < k_different_least) return true;
  for (std::size_t period = 1; period <= text.size() / 2; ++period) {
    if (text.substr(period) == text.substr(0, text.size() - period)) return true;
  }
  return false;
}

bool is_sequential(std::string_view text) {
  std::size_t longest = 1;
  for (const int step : {-1, 1}) {
    std::size_t run = 1;
    for (std::size_t i = 1; i < text.size(); ++i) {
      run = are_neighbours(text[i - 1], text[i], step) ? run + 1 : 1;
      longest = std::max(longest, run);
    }
  }
  return longest >= 4 && longest * 2 >= text.size();
}

double strength_bits(std::string_view password, const PasswordContext& context) {
  // The estimator reads C strings: what follows a NUL would not be looked at.
  std::string text(password.substr(0, std::min(password.size(), k_strength_input_bytes_max)));
  std::erase(text, '\0');
  const std::vector<std::string> words = context_words(context);
  std::vector<const char*> dictionary;
  for (const std::string& word : words)
    dictionary.push_back(word.c_str());
  dictionary.push_back(nullptr);
  const double bits = ZxcvbnMatch(text.c_str(), dictionary.data(), nullptr);
  wipe(text.data(), text.size());
  return bits;
}

Result<SecretBytes> check_password(std::string_view password, const PasswordContext& context) {
  auto normal = normal_password(password);
  if (!normal) {
    return refuse_field(Code::PasswordRefused, context.field,
                        "max_length: Use at most 256 characters of valid UTF-8.");
  }
  Error error{Code::PasswordRefused, {}, {}, {}, 0};
  const std::size_t length = code_points(normal->expose_text());
  if (length > k_password_most) {
    // The further rules are not worth their time on such a length.
    note(error, context, "max_length");
    return std::unexpected(std::move(error));
  }
  const PasswordProfile& profile = profile_of(context.profile);
  PROBITY_TRY(folded, fold(normal->expose_text()));
  if (length < profile.length_least) note(error, context, "min_length");
  if (length < profile.phrase_least && !has_four_kinds(normal->expose_text()))
    note(error, context, "kinds");
  if (is_common(folded) || is_leaked(folded)) note(error, context, "common");
  if (is_repeated(folded)) note(error, context, "repeated");
  if (is_sequential(folded)) note(error, context, "sequential");
  if (is_context(folded, context)) note(error, context, "context");
  if (strength_bits(normal->expose_text(), context) < k_strength_least_bits)
    note(error, context, "strength");
  wipe(folded.data(), folded.size());
  if (!error.fields.empty()) return std::unexpected(std::move(error));
  return std::move(*normal);
}

bool has_four_kinds(std::string_view text) {
  const auto has = [text](auto is_of) { return std::ranges::any_of(text, is_of); };
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  return has(is_capital) && has(is_small) && has(is_digit) &&
         has([&](char c) { return !is_capital(c) && !is_small(c) && !is_digit(c); });
}

Error reused_password(const PasswordContext& context) {
  Error error{Code::PasswordRefused, {}, {}, {}, 0};
  note(error, context, "reused");
  return error;
}

std::string policy_json(ProfileKind kind) {
  const PasswordProfile& profile = profile_of(kind);
  const auto days = [](JsonWriter& json, std::string_view name, std::int64_t count) {
    json.key(name);
    count > 0 ? json.value(count) : json.null();
  };
  JsonWriter json;
  json.begin_object();
  json.field("profile", profile.name);
  json.field("version", profile.version);
  json.field("min_length", profile.length_least);
  json.field("max_length", k_password_most);
  json.field("strength_bits_min", k_strength_least_bits);
  json.field("composition_rules", profile.phrase_least > 0);
  days(json, "rotation_days", profile.rotation_days);
  days(json, "reminder_day", profile.reminder_day);
  json.field("history", profile.history);
  json.field("unique_among_members", profile.is_unique);
  json.key("rules");
  json.begin_array();
  for (const Rule& rule : rules_of(profile)) {
    json.begin_object();
    json.field("name", rule.name);
    json.field("text", rule.text);
    json.end_object();
  }
  json.end_array();
  json.key("profiles");
  json.begin_array();
  for (std::size_t i = 0; i < k_profile_count; ++i)
    json.value(profile_of(static_cast<ProfileKind>(i)).name);
  json.end_array();
  json.end_object();
  return std::move(json).text();
}

}  // namespace probity::identity
