#include "attest/visitor.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "identity/authenticator.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

/// The chunks of a chunked body, joined; what is cut off is left out.
std::string joined_chunks(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t line = body.find("\r\n");
    if (line == std::string_view::npos) break;
    const std::string size_text(body.substr(0, line));
    const std::size_t size = std::strtoul(size_text.c_str(), nullptr, 16);
    body.remove_prefix(line + 2);
    if (size == 0 || size > body.size()) break;
    out += body.substr(0, size);
    body.remove_prefix(std::min(body.size(), size + 2));
  }
  return out;
}

}  // namespace

std::string_view Reply::header(std::string_view name) const {
  for (const web::NamedText& header : headers)
    if (header.name == name) return header.value;
  return {};
}

std::vector<std::string_view> Reply::headers_named(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const web::NamedText& header : headers)
    if (header.name == name) values.push_back(header.value);
  return values;
}

std::string Reply::member(std::string_view name) const {
  const auto value = parse_json(body);
  const json::object* object = value ? value->if_object() : nullptr;
  const json::value* found = object != nullptr ? object->if_contains(name) : nullptr;
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<Reply> parse_reply(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.1 "))
    return fail(Code::BadRequest, "no HTTP answer");
  Reply reply;
  const auto status = parse_int(bytes.substr(9, 3));
  if (!status) return fail(Code::BadRequest, "no HTTP status");
  reply.status = static_cast<int>(*status);
  std::string_view head = bytes.substr(0, end);
  head.remove_prefix(std::min(head.size(), head.find("\r\n")));
  while (head.starts_with("\r\n")) {
    head.remove_prefix(2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      reply.headers.push_back(
          {lower(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
    head.remove_prefix(line.size());
  }
  const std::string_view body = bytes.substr(end + 4);
  const bool is_chunked = reply.header("transfer-encoding") == "chunked";
  reply.body = is_chunked ? joined_chunks(body) : std::string(body);
  return reply;
}

std::string request_text(const Order& order, const std::string& host) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                 order.method, order.path, host);
  for (const web::NamedText& header : order.headers)
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  if (!order.body.empty()) text += "Content-Type: application/json\r\n";
  if (order.method != "GET" || !order.body.empty())
    text += fmt::format("Content-Length: {}\r\n", order.body.size());
  return text + "\r\n" + order.body;
}

Result<Reply> Visitor::send(const Order& order) {
  Order full = order;
  if (!cookie_.empty())
    full.headers.push_back({"Cookie", std::string(identity::k_session_cookie) + "=" + cookie_});
  if (!csrf_.empty()) full.headers.push_back({"X-CSRF-Token", csrf_});
  if (!bearer_.empty()) full.headers.push_back({"Authorization", "Bearer " + bearer_});
  PROBITY_TRY(talk, listener_.dialer->talk({.server_name = listener_.host,
                                            .trusted_pem = {},
                                            .only = {},
                                            .send = request_text(full, listener_.host),
                                            .early_data = {}}));
  if (!talk.is_established) return fail(Code::Overloaded, "the own listener: " + talk.failure);
  if (talk.received.empty()) return fail(Code::Overloaded, "the own listener gave no answer");
  PROBITY_TRY(reply, parse_reply(talk.received));
  // Whoever loads the server brings this about: it says nothing of any sentence.
  if (reply.status == code_info(Code::Overloaded).http_status &&
      reply.member("code") == code_info(Code::Overloaded).text)
    return fail(Code::Overloaded, "the server is overloaded");
  return reply;
}

Result<Reply> Visitor::log_in(std::string_view slug, const ScratchMember& member,
                              std::string_view password) {
  JsonWriter body;
  body.begin_object();
  body.field("tenant", slug);
  body.field("email", member.email);
  body.field("password", password);
  body.end_object();
  PROBITY_TRY(reply, post("/api/v1/login", std::move(body).text()));
  if (reply.status == 200) {
    cookie_ = cookie_of(reply);
    csrf_ = reply.member("csrf_token");
  }
  return std::move(reply);
}

std::string cookie_of(const Reply& reply) {
  const std::string name = std::string(identity::k_session_cookie) + "=";
  for (const std::string_view line : reply.headers_named("set-cookie"))
    if (line.starts_with(name))
      return std::string(line.substr(name.size(), line.find(';') - name.size()));
  return {};
}

}  // namespace probity::attest
