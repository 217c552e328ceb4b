#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "feature/survey/limits.hpp"
#include "store/tx.hpp"
#include "web/call.hpp"
#include "web/route.hpp"

namespace probity::survey {

struct Services;

/// What is stored, or may be: pieces ("files") and the bytes of all of them.
struct Amount {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

/// Where the operator says nothing else.
inline constexpr Amount k_member_quota{k_member_files_max, k_member_bytes_max};

/// Stored as these numbers.
enum class StoredKind : std::uint8_t { Questionnaire = 0, Table = 1, Logo = 2 };

/// Something a member stores: a version of a questionnaire, the table a survey is made from, a
/// logo. Who stores it again, as a draft or a logo is, has it from then on.
struct StoredPiece {
  SurveyId survey;
  StoredKind kind = StoredKind::Questionnaire;
  std::int64_t version = 1;  ///< Of the questionnaire; 1 for anything else.
  std::size_t bytes = 0;     ///< As sent, unpacked; of a table its rows where they take more.
};

/// QuotaExceeded when `more` does not fit beside `used`: names what is full, what is used and the
/// remedy. What adds nothing is never refused, however much is used. Pure.
[[nodiscard]] Result<void> check_room(const Amount& used, const Amount& more, const Amount& most);

/// What a member has stored in all surveys of the tenant.
[[nodiscard]] Result<Amount> stored_by(store::Reader& reader, const UserId& member);

/// Who stores, and how much they may: the member, or the maker of the token.
struct Storer {
  Storer(const Services& services, const web::Call& call);
  UserId member;
  Amount most;
};

/// Whether there is room for new pieces now, before anything expensive is done for them. Ends
/// reading.
[[nodiscard]] Result<void> expect_room(const Services& services, web::Call& call,
                                       const Amount& more);

/// Notes the pieces as the member's own; QuotaExceeded, and nothing noted, when they do not fit.
/// Exact: a tenant's Changes run one after the other, over all nodes.
[[nodiscard]] Result<void> take_room(store::Tx& tx, const Storer& by,
                                     std::span<const StoredPiece> pieces);
[[nodiscard]] Result<void> take_room(store::Tx& tx, const Storer& by, const StoredPiece& piece);

/// Gives back what a logo took, or what a survey that is about to go took. Its table stays counted
/// until the sweep has erased the responses: who imports and deletes in turn fills the disk too.
[[nodiscard]] Result<void> give_back_logo(store::Tx& tx, const SurveyId& survey);
[[nodiscard]] Result<void> give_back_room(store::Tx& tx, const SurveyId& survey);

/// What the signed-in member has stored, and may.
[[nodiscard]] std::vector<web::Route> quota_routes(Services& services);

}  // namespace probity::survey
