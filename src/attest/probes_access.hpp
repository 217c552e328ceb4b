#pragma once

#include "attest/cast.hpp"

namespace probity::attest {

// Probes that come in by the front door. Their subject is whatever answers at the listener: a test
// points them at a server with a broken control.

/// sessions.signed_out_refused, sessions.cookie_sealed, sessions.id_fresh,
/// sessions.revoked_everywhere, sessions.account_change_ends.
[[nodiscard]] Probes login_probes(const Ground& ground, const FindListener& find);
/// accounts.names_unique, accounts.password_required.
[[nodiscard]] Probes account_probes(const Ground& ground, const FindListener& find);
/// accounts.second_factor. `public_url`: as configured, may be empty.
[[nodiscard]] Probes factor_probes(const Ground& ground, const FindListener& find,
                                   const std::string& public_url);
/// roles.matrix_enforced, isolation.foreign_objects_hidden.
[[nodiscard]] Probes boundary_probes(const Ground& ground, const FindListener& find);
/// isolation.rows_held; comes in beneath the door: by the store itself.
[[nodiscard]] Probes row_probes(const Ground& ground);

}  // namespace probity::attest
