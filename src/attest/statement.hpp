#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attest/catalogue.hpp"
#include "attest/signing.hpp"
#include "attest/standing.hpp"
#include "crypto/hash.hpp"

namespace probity::attest {

/// Whether the clock can be moved: then the statement says so first and is never valid.
enum class Mode : bool { Production, Test };

/// The first line of a statement made in test mode.
inline constexpr std::string_view k_test_mode_line =
    "This server runs in test mode: its clock can be moved, and this statement is not valid.";

/// What a statement says of a server that shows a demonstration: invented answers prove nothing.
inline constexpr std::string_view k_demonstration_line =
    "This server holds a demonstration: the surveys, people and answers of its tenant demo are "
    "invented. No sentence of this statement is measured on them or counts them, and what is seen "
    "there shows nothing of how any organisation keeps what was entrusted to it.";

/// The newest stored version: what a statement names as `previous`, so that each version vouches
/// for the one before.
struct Predecessor {
  std::int64_t number = 0;  ///< 0 before the first.
  crypto::Digest digest{};  ///< SHA-256 of that version's signed document; zeros before.
};

/// Where the installation's own audit chain ends (the system's space: keys, backups, versions of
/// the statement), named as `log_head`: whoever keeps a signed statement can notice that entries
/// behind it were taken out later.
struct LogHead {
  std::int64_t entry = 0;  ///< Number of the newest entry; 0 before the first.
  crypto::Digest hash{};
};

/// What one statement says.
struct StatementParts {
  const Catalogue& catalogue;
  const std::vector<Standing>& standings;
  Instant now;
  Mode mode = Mode::Production;
  std::int64_t version = 0;
  Predecessor previous{};
  LogHead log_head{};
  bool has_demonstration = false;  ///< Whether a tenant is marked as one.
};

/// The limits as this statement prints them: in test mode with the line on it in front, with a
/// demonstration with the line on that at the end.
[[nodiscard]] std::vector<std::string> limits_of(const StatementParts& parts);

/// The signed document in RFC 8785 canonical form; the signature is over the
/// canonical form without the member `signature`.
[[nodiscard]] std::string signed_statement(const StatementParts& parts, const SigningDesk& desk);

/// What changed from one signed document to a later one.
struct Difference {
  enum class Kind : std::uint8_t { Added, Removed, Reworded, Moved };
  Kind kind = Kind::Moved;
  std::string promise;  ///< Its id, or "limits".
  std::string before;   ///< Status, sentence, or empty.
  std::string after;
  auto operator<=>(const Difference&) const = default;
};

/// Compares sentences, statuses and limits, not times and evidence. BadRequest when one of the two
/// is no statement. Pure; in the order of the later document.
[[nodiscard]] Result<std::vector<Difference>> differences(std::string_view before,
                                                          std::string_view after);

[[nodiscard]] std::string differences_json(const std::vector<Difference>& list);
[[nodiscard]] Result<std::vector<Difference>> parse_differences(std::string_view json_text);

}  // namespace probity::attest
