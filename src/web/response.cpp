#include "web/response.hpp"

#include <utility>

#include "base/json_writer.hpp"

namespace probity::web {
namespace {

Response typed_response(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  response.with("content-type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

Response json_response(int status, std::string json) {
  return typed_response(status, "application/json", std::move(json));
}

Response html_response(int status, std::string html) {
  return typed_response(status, "text/html; charset=utf-8", std::move(html));
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  return response;
}

Response redirect_response(int status, std::string_view location) {
  Response response = empty_response(status);
  response.with("location", location);
  return response;
}

Response problem_response(const Error& error, const RequestId& id, ProblemMember more) {
  const CodeInfo& info = code_info(error.code);
  JsonWriter json;
  json.begin_object();
  json.field("type", "urn:probity:problem:" + std::string(info.text));
  json.field("title", info.sentence);
  json.field("status", info.http_status);
  json.field("code", info.text);
  json.field("request_id", id.text());
  if (!error.hint.empty()) json.field("detail", error.hint);
  if (!error.fields.empty()) {
    json.key("errors");
    json.begin_array();
    for (const FieldError& field : error.fields) {
      json.begin_object();
      json.field("field", field.field);
      json.field("reason", field.reason);
      json.end_object();
    }
    json.end_array();
  }
  if (!more.json.empty()) {
    json.key(more.name);
    json.raw(more.json);
  }
  json.end_object();

  return with_refusal_headers(
      typed_response(info.http_status, "application/problem+json", std::move(json).text()), error);
}

Response with_refusal_headers(Response response, const Error& error) {
  if (error.retry_after_s > 0) response.with("retry-after", std::to_string(error.retry_after_s));
  // RFC 9110 15.5.2: a 401 names a scheme. Bearer makes no browser open a dialogue.
  if (response.status == 401) response.with("www-authenticate", "Bearer");
  return response;
}

}  // namespace probity::web
