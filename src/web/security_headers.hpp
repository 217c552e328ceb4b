#pragma once

#include <string_view>

#include "base/id.hpp"
#include "web/response.hpp"

namespace probity::web {

/// The policy of what is no page: a picture, or an answer that only sends on. Shown by itself it
/// runs nothing, loads nothing, has no origin, and stands in nobody's frame.
inline constexpr std::string_view k_inert_policy =
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox";

/// Where browsers send reports of what a policy kept from a page: `report-uri` of every policy of a
/// page. All browsers know it; the newer report-to would need a header more.
inline constexpr std::string_view k_policy_report_path = "/policy-report";

/// Headers every answer carries: HSTS, a content security policy without `unsafe-inline`, no
/// sniffing, no referrer, no framing, no caching unless the handler said otherwise, the request id.
/// A header the handler has set stays as it is.
void add_security_headers(Response& response, std::string_view hsts, const RequestId& id);

/// Lets pages of this server, and no others, show the answer in a frame: everything else stays as
/// add_security_headers has it. For what is made to be shown inside our own pages (SW-31).
void allow_own_frames(Response& response);
/// The same for the pages of one source of a policy: an origin ("https://example.org") that was
/// checked to be one.
void allow_frames_of(Response& response, std::string_view source);

}  // namespace probity::web
