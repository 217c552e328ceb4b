#include <fmt/core.h>

#include "admin/routes.hpp"
#include "audit/read.hpp"
#include "web/network_rules.hpp"

namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::BodySource;
using web::Call;
using web::Method;

/// How often the session is looked at again: a log-off ends the stream within a second (WI-26).
constexpr Span k_pull_every = Span::millis(500);
/// Without news a comment line keeps proxies from closing the connection.
constexpr Span k_heartbeat_every = Span::seconds(15);

/// The last piece of a stream whose session does not hold any more.
constexpr const char* k_end = "event: end\ndata: {\"reason\":\"session\"}\n\n";

/// Says how much has happened in the tenant, as long as the member's session holds. Keeps no
/// snapshot open between two pulls.
class EventSource final : public BodySource {
 public:
  EventSource(const AdminParts& parts, std::string cookie, TenantId tenant,
              const web::Address& client)
      : parts_(parts), cookie_(std::move(cookie)), tenant_(tenant), client_(client) {}

  [[nodiscard]] Result<Piece> next() override {
    // A stream is not activity: it would keep every session alive for good.
    const auto principal = parts_.authenticator.by_cookie(cookie_, identity::Activity::Background);
    const auto* member = principal ? std::get_if<identity::Member>(&*principal) : nullptr;
    if (member != nullptr && (member->is_enrolment_due || member->password.is_over ||
                              !web::lets_in(member->networks, client_)))
      return Piece{k_end, true, {}};
    if (!principal) {
      const Code code = principal.error().code;
      if (code == Code::Unauthenticated || code == Code::SessionExpired)
        return Piece{k_end, true, {}};
      return std::unexpected(principal.error());
    }
    PROBITY_TRY(changes, count_changes());
    if (!has_sent_ || changes != changes_) {
      has_sent_ = true;
      changes_ = changes;
      quiet_ = {};
      return Piece{fmt::format("event: change\ndata: {{\"changes\":{}}}\n\n", changes), false,
                   k_pull_every};
    }
    quiet_ = quiet_ + k_pull_every;
    if (quiet_ < k_heartbeat_every) return Piece{{}, false, k_pull_every};
    quiet_ = {};
    return Piece{": still here\n\n", false, k_pull_every};
  }

 private:
  [[nodiscard]] Result<std::int64_t> count_changes() {
    PROBITY_TRY(reader, parts_.engine.read(store::Space::of(tenant_), k_grant));
    PROBITY_TRY(head, audit::read_head(*reader));
    return head ? head->seq : 0;
  }

  AdminParts parts_;
  std::string cookie_;
  TenantId tenant_;
  web::Address client_;
  std::int64_t changes_ = 0;
  bool has_sent_ = false;
  Span quiet_;
};

Result<Answer> open_stream(Call& call, const AdminParts& parts) {
  const auto cookie = call.request().cookie(identity::k_session_cookie);
  if (!cookie) return fail(Code::Unauthenticated, "a stream needs the session cookie");
  web::Response response = web::empty_response(200);
  response.with("content-type", "text/event-stream").with("cache-control", "no-store");
  response.source = std::make_unique<EventSource>(parts, std::string(*cookie), call.tenant(),
                                                  call.request().peer);
  return response;
}

}  // namespace

void add_event_routes(Routes& routes, const AdminParts& parts) {
  const web::RouteDoc doc{.summary = "Stream of events: how many changes the tenant has seen",
                          .request_schema = {},
                          .response_schema = {},
                          .success_status = 200,
                          .query = {},
                          .request_type = {},
                          .response_type = "text/event-stream"};
  routes.emplace_back(Method::Get, "/api/v1/events", Access::signed_in(), web::Limits{}, doc,
                      [parts](Call& call) { return open_stream(call, parts); });
}

}  // namespace probity::admin
