#pragma once

#include <memory>
#include <vector>

#include "module/approvable.hpp"
#include "module/module.hpp"

namespace probity::approval {

/// How long a request waits for somebody to approve it.
inline constexpr Span k_request_life = Span::hours(7 * 24);
/// How long it is remembered after that.
inline constexpr Span k_request_memory = Span::hours(30 * 24);
/// How long account, role and password of whoever approves have been as they are: nobody makes
/// themselves a second person, or takes one over, unnoticed within the hour.
inline constexpr Span k_standing_least = Span::hours(24);
/// Open requests: of one tenant, and of one member, so that nobody keeps the others from asking.
inline constexpr int k_open_requests_max = 100;
inline constexpr int k_open_requests_of_member_max = 20;
/// What one member asks for within 24 hours, withdrawn or not.
inline constexpr int k_requests_of_member_a_day_max = 100;

/// Whether the call's tenant wants a second person for what cannot be taken back
/// (`approval_required` of its settings). The route's grant must read "identity".
[[nodiscard]] Result<bool> is_required(web::Call& call);

/// Asks for `wish` on behalf of the call's member, or of the member whose token it is: 202 with the
/// request, which somebody else has to approve. The same wish, asked for again while it waits, is
/// the same request. Conflict where too many wait. Audited as approval.ask.
[[nodiscard]] Result<web::Answer> ask(web::Call& call, module::Wish wish);

/// Whether somebody approved `wish`, within the time for which that is remembered.
[[nodiscard]] Result<bool> was_approved(store::Reader& reader, const module::Wish& wish);

/// JSON Schema of one request, for the 202 of those who ask.
inline constexpr std::string_view k_asked_schema =
    R"({"type":"object","required":["approval"],"properties":{"approval":{"type":"object",)"
    R"("required":["id","action","object","number","state","asked_by","is_own","asked_at",)"
    R"("expires_at","decided_by","decided_at"],"properties":{"id":{"type":"string"},)"
    R"("action":{"type":"string"},"object":{"type":"string"},)"
    R"("number":{"type":["integer","null"]},)"
    R"("state":{"enum":["open","approved","refused","withdrawn","expired"]},)"
    R"("asked_by":{"type":"string"},"asked_by_email":{"type":"string"},)"
    R"("is_own":{"type":"boolean"},)"
    R"("asked_at":{"type":"string"},"expires_at":{"type":"string"},)"
    R"("decided_by":{"type":["string","null"]},"decided_at":{"type":["string","null"]}}}}})";

struct ApprovalParts {
  store::Engine& engine;
  std::vector<module::Approvable> approvables;  ///< Of all modules, which outlive this one.
};

/// Routes under /api/v1/approvals, and the job that forgets old requests.
[[nodiscard]] std::unique_ptr<module::Module> make_approval(ApprovalParts parts);

}  // namespace probity::approval
