#pragma once

#include <functional>

#include "attest/probes.hpp"
#include "audit/verify.hpp"

namespace probity::attest {

/// audit.change_recorded and audit.tampering_named.
struct AuditSubject {
  /// Makes one change of a member in the tenant through the product's own path; the audited action.
  std::function<Result<std::string>(const Ground&, const store::TenantRecord&)> change;
  /// Makes such a change, and then the same again, which is refused inside its transaction.
  std::function<Result<void>(const Ground&, const store::TenantRecord&)> refused_change;
  /// Walks a chain.
  std::function<Result<audit::AuditVerdict>(store::Reader&)> verify = audit::verify;
};
[[nodiscard]] AuditSubject product_audit();
[[nodiscard]] Probes audit_probes(const Ground& ground, AuditSubject subject = product_audit());

}  // namespace probity::attest
