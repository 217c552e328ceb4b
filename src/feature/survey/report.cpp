#include "feature/survey/report.hpp"

#include "feature/survey/findings.hpp"
#include "feature/survey/report_schema.hpp"
#include "web/call.hpp"

namespace probity::survey {
namespace {

using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;

Result<Answer> get_report(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(query, report_query(call));
  PROBITY_TRY(found, find_report(services, call, id, query));
  web::Response response =
      found.findings ? web::json_response(200, found.findings->json) : web::empty_response(304);
  response.with("etag", found.etag);
  return response;
}

}  // namespace

std::vector<web::Route> report_routes(Services& services) {
  web::Limits bulk;
  bulk.lane = web::LaneKind::Bulk;
  bulk.deadline = web::k_bulk_deadline;
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/report",
                      Access::require(Permission::ReportsRead), bulk,
                      web::RouteDoc{"Counts, shares, means and promoter scores",
                                    {},
                                    k_report_schema,
                                    200,
                                    {"filter", "from", "to", "version", "weight", "compare"}},
                      [&services](Call& call) { return get_report(services, call); });
  routes.back().audit_read = "report.read";
  return routes;
}

}  // namespace probity::survey
