#include "feature/survey/share.hpp"

#include "feature/survey/services.hpp"
#include "feature/survey/stored_link.hpp"
#include "feature/survey/survey.hpp"
#include "web/call.hpp"
#include "web/qr_code.hpp"
#include "web/security_headers.hpp"

namespace probity::survey {
namespace {

using web::Answer;
using web::Call;

struct Format {
  std::string_view type;
  std::string (*draw)(const web::QrCode&);
};

Result<Answer> send_code(Services& services, Call& call, const Format& format) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(token, load_link(*reader, *cipher, survey.id));
  if (!token) return refuse(Code::Conflict, "The survey has no link yet: publish it first.");
  const std::string origin = web::origin_of(call.request(), services.public_url);
  PROBITY_TRY(code, web::qr_code_of(origin + "/s/" + *token));
  web::Response response = web::empty_response(200);
  response.with("content-type", format.type);
  response.with("content-security-policy", web::k_inert_policy);
  response.body = format.draw(code);
  return response;
}

}  // namespace

std::vector<web::Route> share_routes(Services& services) {
  const auto read = web::Access::require(identity::Permission::SurveysRead);
  std::vector<web::Route> routes;
  const auto add = [&](std::string_view pattern, Format format) {
    web::RouteDoc doc{"The public link as a QR code", {}, {}};
    doc.response_type = format.type;
    routes.emplace_back(
        web::Method::Get, pattern, read, web::Limits{}, doc,
        [&services, format](Call& call) { return send_code(services, call, format); });
  };
  add("/api/v1/surveys/{id}/qr.svg", {"image/svg+xml", web::qr_svg});
  add("/api/v1/surveys/{id}/qr.png", {"image/png", web::qr_png});
  return routes;
}

}  // namespace probity::survey
