#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::attest {

/// How the server knows (docs/statement.md, the four methods).
enum class Method : std::uint8_t { Live, Drill, Test, Evidence };
/// "LIVE", "DRILL", "TEST", "EVIDENCE".
[[nodiscard]] std::string_view text_of(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);

/// One sentence of the statement: a single claim that can turn out false.
struct Promise {
  std::string id;  ///< "p-<chapter>-…", stable.
  std::string chapter;
  std::string sentence;
  std::vector<std::string> clauses;  ///< Clause ids it satisfies ("MW-03"), at least one.
  Method method = Method::Live;
  std::string probe;  ///< Empty for evidence and for what is not built.
  bool is_built = false;
  std::string evidence_kind;  ///< For Method::Evidence only.
  std::optional<int> evidence_max_days;
  std::string sees_not;  ///< What the measurement misses.
};

struct Chapter {
  std::string id;
  std::string title;
};

/// The promises of this program, as data (src/attest/catalogue.json). Read-only once made.
struct Catalogue {
  std::vector<Chapter> chapters;
  std::vector<std::string> limits;   ///< What is not guaranteed; absolute security first.
  std::vector<std::string> clauses;  ///< Every clause id, sorted.
  std::vector<Promise> promises;
};

/// Clauses of the five model statements together.
inline constexpr std::size_t k_clause_count = 211;

/// Reads and checks a catalogue: all k_clause_count clauses, each covered by a promise; ids unique;
/// every chapter known; a probe exactly where something is measured; the limits open with the one
/// on absolute security. Config names the first thing wrong.
[[nodiscard]] Result<Catalogue> parse_catalogue(std::string_view json_text);

/// The one built in; the server does not start when it is refused.
[[nodiscard]] Result<Catalogue> load_catalogue();

}  // namespace probity::attest
