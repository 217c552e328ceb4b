#include "feature/survey/stored_logo.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/quota.hpp"
#include "feature/survey/revision.hpp"
#include "feature/survey/services.hpp"
#include "feature/survey/upload_scan.hpp"
#include "sql/survey.hpp"
#include "web/call.hpp"
#include "web/security_headers.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using identity::Permission;
using web::Access;
using web::Answer;
using web::Call;
using web::Method;
using web::Response;

constexpr crypto::Purpose k_about_purpose = "survey.logo.about";
constexpr crypto::Purpose k_picture_purpose = "survey.logo.picture";

/// The picture alone: as a page of its own it runs nothing and asks for nothing.
Response picture_response(const Logo& logo, std::string_view caching) {
  Response response = web::empty_response(200);
  response.with("content-type", media_type(logo.facts.type));
  response.with("content-security-policy", web::k_inert_policy);
  response.with("cache-control", caching);
  response.body = as_text(logo.bytes);
  return response;
}

Result<Answer> put_logo(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_CHECK(scan_upload(services, call, call.request().body));
  PROBITY_TRY(logo, read_logo(as_bytes(call.request().body)));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(sealed, seal_logo(*cipher, id, logo));
  PROBITY_TRY(entry, call.entry("survey.update", id.text(), R"({"logo":true})"));
  auto etag = std::make_shared<std::string>();
  const StoredPiece piece{id, StoredKind::Logo, 1, logo.bytes.size()};
  auto apply = [=, by = Editor(call), storer = Storer(services, call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    PROBITY_CHECK(take_room(tx, storer, piece));
    PROBITY_CHECK(store_logo(tx, id, sealed));
    PROBITY_CHECK(touch(tx, survey, by));
    PROBITY_TRY(after, load_survey(tx, id));
    *etag = after.etag();
    return store::Journal{entry};
  };
  auto respond = [&services, id, etag, facts = logo.facts] {
    services.links.forget(id);
    JsonWriter json;
    write_logo(json, id, facts);
    Response response = web::json_response(200, std::move(json).text());
    response.with("etag", *etag);
    return response;
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Grows},
                       std::move(respond)};
}

Result<Answer> delete_logo(Services& services, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(entry, call.entry("survey.update", id.text(), R"({"logo":false})"));
  auto etag = std::make_shared<std::string>();
  auto apply = [=, by = Editor(call),
                condition = IfMatch(call.request())](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(survey, load_for_change(tx, id, condition));
    PROBITY_TRY(gone, tx.run(q::drop_logo, {tx.space().tenant(), id}));
    PROBITY_CHECK(give_back_logo(tx, id));
    *etag = survey.etag();
    if (gone == 0) return store::Journal{};
    PROBITY_CHECK(touch(tx, survey, by));
    PROBITY_TRY(after, load_survey(tx, id));
    *etag = after.etag();
    return store::Journal{entry};
  };
  auto respond = [&services, id, etag] {
    services.links.forget(id);
    Response response = web::empty_response(204);
    response.with("etag", *etag);
    return response;
  };
  return web::Prepared{{survey_grant(), std::move(apply), {}, store::Growth::Essential},
                       std::move(respond)};
}

Result<Answer> get_logo(Services&, Call& call) {
  PROBITY_TRY(id, call.path_id<SurveyId>("id"));
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(survey, load_survey(*reader, id));
  PROBITY_TRY(logo, load_logo(*reader, *cipher, survey.id));
  if (!logo) return fail(Code::NotFound, "no logo");
  return picture_response(*logo, "no-store");
}

/// Its address names its bytes, so that it may be kept for good; only by the reader's own browser,
/// as the link is nobody else's.
Result<Answer> show_logo(Services& services, Call& call) {
  PROBITY_TRY(published, services.links.find(call, call.path_value("token")));
  if (!published->logo || published->logo->file_name() != call.path_value("name"))
    return fail(Code::NotFound, "no such logo");
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(logo, load_logo(*reader, *cipher, published->survey));
  if (!logo) return fail(Code::NotFound, "no logo");
  return picture_response(*logo, "private, max-age=31536000, immutable");
}

constexpr std::string_view k_logo_schema =
    R"({"type":"object","required":["path","type","width","height"],"properties":{)"
    R"("path":{"type":"string"},"type":{"enum":["image/png","image/jpeg","image/webp"]},)"
    R"("width":{"type":"integer"},"height":{"type":"integer"}}})";

}  // namespace

Result<SealedLogo> seal_logo(const crypto::Cipher& cipher, const SurveyId& id, const Logo& logo) {
  const std::string about = fmt::format("{} {} {} {}", static_cast<int>(logo.facts.type),
                                        logo.facts.width, logo.facts.height, logo.facts.digest);
  SealedLogo out;
  PROBITY_TRY(facts, cipher.seal(k_about_purpose, id.bytes(), as_bytes(about)));
  PROBITY_TRY(picture, cipher.seal(k_picture_purpose, id.bytes(), logo.bytes));
  out.about = std::move(facts);
  out.picture = std::move(picture);
  return out;
}

Result<LogoFacts> open_logo_facts(const crypto::Cipher& cipher, const SurveyId& id,
                                  BytesView about) {
  PROBITY_TRY(plain, cipher.open(k_about_purpose, id.bytes(), about));
  const auto parts = split(as_text(plain), ' ');
  if (parts.size() != 4) return fail(Code::IntegrityError, "facts of a logo are not understood");
  const auto type = parse_int(parts[0]);
  const auto width = parse_int(parts[1]);
  const auto height = parse_int(parts[2]);
  if (!type || *type < 0 || *type > static_cast<int>(LogoType::Webp) || !width || !height)
    return fail(Code::IntegrityError, "facts of a logo are not understood");
  return LogoFacts{static_cast<LogoType>(*type), static_cast<std::uint32_t>(*width),
                   static_cast<std::uint32_t>(*height), std::string(parts[3])};
}

Result<Logo> open_logo(const crypto::Cipher& cipher, const SurveyId& id, BytesView picture) {
  PROBITY_TRY(bytes, cipher.open(k_picture_purpose, id.bytes(), picture));
  auto logo = read_logo(bytes);
  if (!logo) return fail(Code::IntegrityError, "a stored logo is not understood");
  return logo;
}

Result<std::optional<LogoFacts>> load_logo_facts(store::Reader& reader,
                                                 const crypto::Cipher& cipher, const SurveyId& id) {
  PROBITY_TRY(about, reader.first(q::logo_facts, {reader.space().tenant(), id},
                                  [](const store::Row& row) { return to_bytes(row.bytes(0)); }));
  if (!about) return std::optional<LogoFacts>();
  PROBITY_TRY(facts, open_logo_facts(cipher, id, *about));
  return std::optional(std::move(facts));
}

Result<std::optional<Logo>> load_logo(store::Reader& reader, const crypto::Cipher& cipher,
                                      const SurveyId& id) {
  PROBITY_TRY(picture, reader.first(q::logo, {reader.space().tenant(), id},
                                    [](const store::Row& row) { return to_bytes(row.bytes(0)); }));
  if (!picture) return std::optional<Logo>();
  PROBITY_TRY(logo, open_logo(cipher, id, *picture));
  return std::optional(std::move(logo));
}

Result<void> store_logo(store::Tx& tx, const SurveyId& id, const SealedLogo& logo) {
  PROBITY_CHECK(tx.run(q::put_logo, {tx.space().tenant(), id, logo.about, logo.picture}));
  return {};
}

void write_logo(JsonWriter& json, const SurveyId& id, const LogoFacts& facts) {
  json.begin_object();
  json.field("path", fmt::format("/api/v1/surveys/{}/logo", id.text()));
  json.field("type", media_type(facts.type));
  json.field("width", static_cast<std::int64_t>(facts.width));
  json.field("height", static_cast<std::int64_t>(facts.height));
  json.end_object();
}

std::string logo_address(std::string_view token, const LogoFacts& facts) {
  return fmt::format("/s/{}/logo/{}", token, facts.file_name());
}

std::vector<web::Route> logo_routes(Services& services) {
  const auto bind = [&services](auto function) {
    return [&services, function](Call& call) { return function(services, call); };
  };
  const auto edit = Access::require(Permission::SurveysEdit);
  // Whoever waits for the scanner of files holds a worker: none of those that serve respondents.
  const web::Limits limits{.body_max_bytes = k_logo_max_bytes, .lane = web::LaneKind::Bulk};
  web::RouteDoc put{"Put a picture at the head of a survey's pages", {}, k_logo_schema};
  put.request_type = "image/png";
  web::RouteDoc look{"The picture at the head of a survey's pages", {}, {}};
  look.response_type = "image/png";
  std::vector<web::Route> routes;
  routes.emplace_back(Method::Put, "/api/v1/surveys/{id}/logo", edit, limits, put, bind(put_logo));
  routes.emplace_back(Method::Get, "/api/v1/surveys/{id}/logo",
                      Access::require(Permission::SurveysRead), web::Limits{}, look,
                      bind(get_logo));
  routes.emplace_back(Method::Delete, "/api/v1/surveys/{id}/logo", edit, web::Limits{},
                      web::RouteDoc{"Take the picture away", {}, {}, 204}, bind(delete_logo));
  routes.emplace_back(Method::Get, "/s/{token}/logo/{name}", Access::by_link(), web::Limits{}, look,
                      bind(show_logo));
  return routes;
}

}  // namespace probity::survey
