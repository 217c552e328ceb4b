#include <algorithm>
#include <array>
#include <charconv>

#include "net/wire.hpp"

namespace probity::net {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array k_phrases{
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{422, "Unprocessable Content"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{503, "Service Unavailable"},
    Phrase{505, "HTTP Version Not Supported"},
    Phrase{507, "Insufficient Storage"},
};

bool is_sendable(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; });
}

/// Headers that say how the message is framed: written here and nowhere else.
bool is_ours(std::string_view name) {
  return name == "content-length" || name == "transfer-encoding" || name == "connection" ||
         name == "date" || name == "keep-alive" || name == "upgrade" || name == "trailer";
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_number(std::string& out, std::uint64_t number, int base) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string_view reason_of(int status) {
  const auto found = std::ranges::lower_bound(k_phrases, status, {}, &Phrase::status);
  return found != k_phrases.end() && found->status == status ? found->text : std::string_view();
}

Result<std::string> write_head(const web::Response& response, After after, std::string_view date) {
  if (response.status < 200 || response.status > 599)
    return fail(Code::Internal, "a handler answered with a status outside 200-599");
  std::string out;
  out.reserve(512 + (response.body.size() < 4096 ? response.body.size() : 0));
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status), 10);
  out.append(" ").append(reason_of(response.status)).append("\r\n");
  append_header(out, "date", date);
  for (const web::NamedText& field : response.headers) {
    if (is_ours(field.name)) continue;
    if (field.name.empty() || field.name.find(':') != std::string::npos ||
        !is_sendable(field.name) || !is_sendable(field.value))
      return fail(Code::Internal, "a handler set a header with a control character");
    append_header(out, field.name, field.value);
  }
  const bool has_no_body = response.status == 204 || response.status == 304;
  if (response.source && !has_no_body) {
    append_header(out, "transfer-encoding", "chunked");
  } else if (!has_no_body) {
    out.append("content-length: ");
    append_number(out, response.body.size(), 10);
    out.append("\r\n");
  }
  if (after == After::Close) append_header(out, "connection", "close");
  out.append("\r\n");
  return out;
}

void append_chunk(std::string& out, std::string_view content) {
  if (content.empty()) return;  // An empty chunk would end the body.
  append_number(out, content.size(), 16);
  out.append("\r\n").append(content).append("\r\n");
}

}  // namespace probity::net
