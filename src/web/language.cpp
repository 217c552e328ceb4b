#include "web/language.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace probity::web {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// A weight in thousandths: 1000 when absent, 0 when it is not readable.
int weight_of(std::string_view parameters) {
  parameters = trim(parameters);
  if (parameters.empty()) return 1000;
  if (!parameters.starts_with("q=")) return 0;
  const std::string_view number = parameters.substr(2);
  if (number.empty() || number.size() > 5) return 0;
  if (number.front() == '1') return 1000;
  if (number.front() != '0') return 0;
  int weight = 0;
  for (std::size_t i = 2; i < 5; ++i) {
    const char digit = i < number.size() ? number[i] : '0';
    if (digit < '0' || digit > '9') return 0;
    weight = weight * 10 + (digit - '0');
  }
  return weight;
}

}  // namespace

std::string_view preferred_language(std::string_view accept_language,
                                    std::span<const std::string_view> known) {
  std::string_view best;
  int best_weight = 0;
  std::size_t read = 0;
  for (const std::string_view entry : split(accept_language, ',')) {
    if (++read > k_languages_read) break;
    const auto semicolon = entry.find(';');
    const std::string_view range = trim(entry.substr(0, semicolon));
    std::string primary(range.substr(0, range.find('-')));
    std::ranges::transform(primary, primary.begin(), lower);
    const auto found = std::ranges::find(known, primary);
    if (found == known.end()) continue;
    const int weight = weight_of(semicolon == std::string_view::npos ? std::string_view()
                                                                     : entry.substr(semicolon + 1));
    if (weight > best_weight) {
      best = *found;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace probity::web
