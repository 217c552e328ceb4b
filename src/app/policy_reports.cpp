#include "app/policy_reports.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"
#include "web/call.hpp"
#include "web/security_headers.hpp"

namespace probity::app {
namespace {

namespace json = boost::json;

constexpr std::string_view k_media_type = "application/csp-report";
constexpr JsonLimits k_bounds{4, web::k_body_small_max_bytes};

/// What is written to the log comes from these lists, never from the report.
constexpr std::array<std::string_view, 15> k_directives{
    "base-uri",        "connect-src",
    "default-src",     "font-src",
    "form-action",     "frame-src",
    "frame-ancestors", "img-src",
    "object-src",      "require-trusted-types-for",
    "style-src",       "style-src-attr",
    "script-src-elem", "style-src-elem",
    "trusted-types"};
constexpr std::array<std::string_view, 9> k_kinds{
    "inline", "eval", "wasm-eval",          "self",
    "data",   "blob", "trusted-types-sink", "trusted-types-policy",
    "about"};

/// One of the list, or nothing where a report says something else.
template <std::size_t Count>
std::optional<std::string_view> known(const std::array<std::string_view, Count>& list,
                                      std::string_view said) {
  const auto found = std::ranges::find(list, said);
  if (found == list.end()) return std::nullopt;
  return *found;
}

std::string_view text_of(const json::object& report, std::string_view name) {
  const json::value* value = report.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

std::string_view directive_of(const json::object& report) {
  std::string_view said = text_of(report, "effective-directive");
  // Older browsers send the directive with its sources.
  if (said.empty()) said = text_of(report, "violated-directive");
  said = said.substr(0, said.find(' '));
  if (said.starts_with("script-src")) return "script-src";
  return known(k_directives, said).value_or("other");
}

std::string_view kind_of(const json::object& report) {
  const std::string_view said = text_of(report, "blocked-uri");
  if (said.starts_with("http:") || said.starts_with("https:")) return "address";
  return known(k_kinds, said.substr(0, said.find(':'))).value_or("other");
}

/// How many lines this minute may still have.
class Ration {
 public:
  /// Whether one more may be written, and how many were not since the last one was.
  std::optional<std::int64_t> take(Instant now) {
    const std::scoped_lock lock(mutex_);
    const std::int64_t minute = now.s() / 60;
    if (minute != minute_) {
      minute_ = minute;
      told_ = 0;
    }
    if (told_ == k_policy_reports_told) {
      ++left_out_;
      return std::nullopt;
    }
    ++told_;
    return std::exchange(left_out_, 0);
  }

 private:
  std::mutex mutex_;
  std::int64_t minute_ = 0;
  int told_ = 0;
  std::int64_t left_out_ = 0;
};

Result<web::Answer> take_report(web::Call& call, Ration& ration) {
  const std::string_view type = call.request().header("content-type");
  if (trim(type.substr(0, type.find(';'))) != k_media_type)
    return refuse(Code::UnsupportedMedia, "Browsers send application/csp-report.");
  PROBITY_TRY(body, parse_json(call.request().body, k_bounds));
  const json::value* found =
      body.is_object() ? body.get_object().if_contains("csp-report") : nullptr;
  if (found == nullptr || !found->is_object())
    return refuse_field(Code::BadRequest, "csp-report", "must be an object");
  if (const auto left_out = ration.take(call.now())) {
    call.log().warn("policy_violated", {{"directive", directive_of(found->get_object())},
                                        {"kind", kind_of(found->get_object())},
                                        {"left_out", *left_out}});
  }
  return web::empty_response(204);
}

}  // namespace

web::Route policy_report_route() {
  web::RouteDoc doc;
  doc.summary = "A browser tells what the policy of a page kept from it";
  doc.request_type = k_media_type;
  doc.request_schema =
      R"({"type":"object","required":["csp-report"],"properties":{"csp-report":)"
      R"({"type":"object","properties":{"effective-directive":{"type":"string"},)"
      R"("violated-directive":{"type":"string"},"blocked-uri":{"type":"string"}}}}})";
  doc.success_status = 204;
  web::Limits limits;
  limits.body_max_bytes = web::k_body_small_max_bytes;
  return {web::Method::Post,
          web::k_policy_report_path,
          web::Access::open_to_everyone("browsers send it by themselves, with no log-in"),
          limits,
          doc,
          [ration = std::make_shared<Ration>()](web::Call& call) {
            return take_report(call, *ration);
          }};
}

}  // namespace probity::app
