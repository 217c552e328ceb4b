#pragma once

#include "web/route.hpp"

namespace probity::app {

/// POST web::k_policy_report_path: where browsers tell what a content security policy kept from a
/// page (ASVS 3.4.7; CSP level 2, section 4.4). The log says which directive, and of what kind the
/// thing was (`policy_violated`). Addresses stay out of it: that of a respondent's page is a
/// secret, and an extension of somebody's browser says what that person uses. At most
/// k_policy_reports_told lines a minute; the next line counts what was left out.
///
/// Answers 204, 415 for other media types, 400 for what is no report. Threads: any.
[[nodiscard]] web::Route policy_report_route();

/// Anybody can send reports: the log does not grow by more than this each minute.
inline constexpr int k_policy_reports_told = 10;

}  // namespace probity::app
