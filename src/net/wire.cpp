#include "net/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "web/limits.hpp"

namespace probity::net {
namespace {

constexpr std::size_t k_method_max_bytes = 24;
constexpr std::size_t k_host_max_bytes = 255;
/// "HTTP/1.1" and two spaces beside method and target.
constexpr std::size_t k_request_line_max_bytes = k_method_max_bytes + k_target_max_bytes + 16;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

/// tchar of RFC 9110 5.6.2.
constexpr bool is_token_char(char c) {
  return is_digit(c) || is_alpha(c) ||
         (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

constexpr std::array<bool, 256> k_token = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 128; ++i)
    table[i] = is_token_char(static_cast<char>(i));
  return table;
}();

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return k_token[static_cast<unsigned char>(c)]; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

bool equals_folded(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Optional white space is space and tab only (RFC 9110 5.6.3).
std::string_view trim_ows(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether a comma-separated list holds the word, in any case.
bool list_has(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (equals_folded(trim_ows(list.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// Host without port; views into the argument. Nothing when it is not a host.
std::optional<std::string_view> host_name(std::string_view value) {
  if (value.empty() || value.size() > k_host_max_bytes) return {};
  std::string_view name;
  std::string_view port;
  if (value.front() == '[') {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos || end < 3) return {};
    name = value.substr(0, end + 1);
    port = value.substr(end + 1);
    const bool is_address = std::ranges::all_of(value.substr(1, end - 1), [](char c) {
      return is_digit(c) || c == ':' || c == '.' || (lower(c) >= 'a' && lower(c) <= 'f');
    });
    if (!is_address) return {};
  } else {
    const std::size_t colon = value.find(':');
    name = value.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : value.substr(colon);
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return is_digit(c) || is_alpha(c) || c == '-' || c == '.' || c == '_';
    });
    if (!is_name) return {};
  }
  if (port.empty()) return name;
  port.remove_prefix(1);
  unsigned number = 0;
  const auto [at, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (value[name.size()] != ':' || port.size() > 5 || error != std::errc() ||
      at != port.data() + port.size() || number > 65535)
    return {};
  return name;
}

std::unexpected<Error> bad(std::string hint) { return refuse(Code::BadRequest, std::move(hint)); }

/// Headers whose meaning depends on there being one.
bool is_single(std::string_view name) {
  constexpr std::array<std::string_view, 9> k_single{
      "host",         "content-length",   "transfer-encoding",
      "content-type", "content-encoding", "authorization",
      "cookie",       "expect",           "origin"};
  return std::ranges::find(k_single, name) != k_single.end();
}

/// The request line: checked as soon as it is there, so that another protocol is noticed at once.
struct RequestLine {
  web::Method method;
  std::string_view target;
};

Result<RequestLine> read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad("The request line is not method, target and version with one space between.");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return bad("The request method is not a token.");
  const bool is_http = version.size() == 8 && version.starts_with("HTTP/") &&
                       is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!is_http) return bad("The request line does not end with HTTP/1.1.");
  if (target.empty() || !std::ranges::all_of(target, is_visible))
    return bad("The request target has a character that must be escaped.");
  if (target.size() > k_target_max_bytes) {
    return refuse(Code::TargetTooLong, "At most " + std::to_string(k_target_max_bytes) +
                                           " bytes of request target are read.");
  }
  if (version != "HTTP/1.1") return refuse(Code::UnknownVersion, "Send HTTP/1.1.");
  const auto known = web::parse_method(method);
  if (!known) {
    return fail(method == "CONNECT" || method == "TRACE" ? Code::MethodNotAllowed
                                                         : Code::UnknownMethod);
  }
  return RequestLine{*known, target};
}

Result<void> add_header(web::Request& request, std::string_view line) {
  if (request.headers.size() == web::k_headers_max) {
    return refuse(Code::HeadTooLarge,
                  "At most " + std::to_string(web::k_headers_max) + " headers are read.");
  }
  if (line.front() == ' ' || line.front() == '\t') return bad("A header is folded over two lines.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("A header has no colon.");
  // Also refuses white space before the colon, which some programs read as part of the name.
  if (!is_token(line.substr(0, colon))) return bad("A header name is not a token.");
  const std::string_view value = trim_ows(line.substr(colon + 1));
  bool is_ascii = true;
  for (const char c : value) {
    if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7F)
      return bad("A header value has a control character.");
    is_ascii = is_ascii && c >= 0;
  }
  if (!is_ascii && !is_utf8(value)) return bad("A header value is not valid UTF-8.");
  web::NamedText field{lower(line.substr(0, colon)), std::string(value)};
  if (is_single(field.name)) {
    for (const web::NamedText& other : request.headers)
      if (other.name == field.name) return bad("The header " + field.name + " is sent twice.");
  }
  request.headers.push_back(std::move(field));
  return {};
}

/// Content-Length: digits only; `+1`, `1,1` and values past 2^63 are refused.
Result<std::uint64_t> read_length(std::string_view value) {
  std::uint64_t length = 0;
  const auto [at, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || error != std::errc() || at != value.data() + value.size() ||
      !std::ranges::all_of(value, is_digit) || length > INT64_MAX)
    return bad("Content-Length is not a decimal number.");
  return length;
}

Result<void> set_framing(Head& head) {
  const web::NamedText* length = nullptr;
  const web::NamedText* coding = nullptr;
  for (const web::NamedText& field : head.request.headers) {
    if (field.name == "content-length") length = &field;
    if (field.name == "transfer-encoding") coding = &field;
    if (field.name == "connection" && list_has(field.value, "close")) head.keeps_alive = false;
    if (field.name == "expect") {
      if (!equals_folded(field.value, "100-continue"))
        return bad("Expect takes 100-continue only.");
      head.expects_continue = true;
    }
  }
  if (length != nullptr && coding != nullptr)
    return bad("Content-Length and Transfer-Encoding are both sent.");
  if (coding != nullptr) {
    if (!equals_folded(coding->value, "chunked"))
      return bad("Transfer-Encoding takes chunked only.");
    head.framing = Framing::Chunked;
    head.request.is_chunked = true;
  } else if (length != nullptr) {
    PROBITY_TRY(bytes, read_length(length->value));
    head.request.content_length = bytes;
    if (bytes > 0) head.framing = Framing::Length;
  }
  return {};
}

Result<void> set_host_and_target(web::Request& request, std::string_view target) {
  const std::string_view host = request.header("host");
  if (host.empty()) return bad("The Host header is missing or empty.");
  const auto name = host_name(host);
  if (!name) return bad("The Host header is not a host name or address with an optional port.");
  request.host = lower(*name);
  if (target == "*") {
    if (request.method != web::Method::Options) return bad("The target '*' is for OPTIONS only.");
    request.path = "*";
    return {};
  }
  constexpr std::string_view k_scheme = "https://";
  if (target.front() != '/' && target.size() > k_scheme.size() &&
      equals_folded(target.substr(0, k_scheme.size()), k_scheme)) {
    target.remove_prefix(k_scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (!equals_folded(target.substr(0, end), host))
      return bad("The target names another authority than the Host header.");
    target.remove_prefix(end);
    if (target.empty() || target.front() == '?')
      return web::set_target(request, "/" + std::string(target));
  }
  return web::set_target(request, target);
}

std::unexpected<Error> head_too_large() {
  return refuse(Code::HeadTooLarge, "At most " + std::to_string(web::k_head_max_bytes) +
                                        " bytes of request line and headers are read.");
}

/// The end of a line that ends with CRLF and has neither character elsewhere; nothing while it is
/// incomplete.
Result<std::optional<std::size_t>> line_end(std::string_view input, std::size_t from) {
  const std::size_t end = input.find_first_of(std::string_view("\r\n\0", 3), from);
  if (end == std::string_view::npos) return std::nullopt;
  if (input[end] != '\r') return bad("A line ends without carriage return, or has a NUL.");
  if (end + 1 == input.size()) return std::nullopt;
  if (input[end + 1] != '\n') return bad("A carriage return stands alone.");
  return end;
}

/// All of a head's lines; `block` ends with the empty line.
Result<Head> read_block(std::string_view block) {
  Head head;
  head.bytes = block.size();
  std::size_t end = block.find('\r');
  PROBITY_TRY(first, read_request_line(block.substr(0, end)));
  head.request.method = first.method;
  head.request.headers.reserve(16);
  for (std::size_t at = end + 2;; at = end + 2) {
    end = block.find('\r', at);
    if (end == at) break;
    PROBITY_CHECK(add_header(head.request, block.substr(at, end - at)));
  }
  PROBITY_CHECK(set_framing(head));
  PROBITY_CHECK(set_host_and_target(head.request, first.target));
  return head;
}

}  // namespace

bool is_host(std::string_view value) { return host_name(value).has_value(); }

Result<std::optional<Head>> HeadReader::read(std::string_view input) {
  const bool is_over = input.size() > web::k_head_max_bytes;
  const std::string_view readable = input.substr(0, web::k_head_max_bytes);
  while (true) {
    PROBITY_TRY(end, line_end(readable, line_start_));
    if (!end) break;
    if (*end == line_start_) {
      if (lines_ == 0) return bad("The request begins with an empty line.");
      PROBITY_TRY(head, read_block(readable.substr(0, *end + 2)));
      return std::optional<Head>(std::move(head));
    }
    if (lines_ == 0) PROBITY_CHECK(read_request_line(readable.substr(0, *end)));
    ++lines_;
    if (lines_ > web::k_headers_max + 1) {
      return refuse(Code::HeadTooLarge,
                    "At most " + std::to_string(web::k_headers_max) + " headers are read.");
    }
    line_start_ = *end + 2;
  }
  if (lines_ == 0 && readable.size() > k_request_line_max_bytes) {
    return refuse(Code::TargetTooLong, "At most " + std::to_string(k_target_max_bytes) +
                                           " bytes of request target are read.");
  }
  // One byte past the limit, or a full head without its end: either way it does not fit.
  if (is_over || readable.size() == web::k_head_max_bytes) return head_too_large();
  return std::nullopt;
}

Result<std::size_t> BodyReader::read(std::string_view input, std::string& body) {
  std::size_t at = 0;
  while (at < input.size() && step_ != Step::Done) {
    if (step_ == Step::Data) {
      at += read_data(input.substr(at), body);
    } else {
      PROBITY_CHECK(read_control(input[at]));
      ++at;
    }
  }
  return at;
}

std::size_t BodyReader::read_data(std::string_view input, std::string& body) {
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  body.append(input.substr(0, take));
  left_ -= take;
  received_ += take;
  if (left_ == 0) step_ = framing_ == Framing::Chunked ? Step::DataCr : Step::Done;
  return take;
}

Result<void> BodyReader::read_control(char c) {
  const auto expect = [&](char wanted, Step next) -> Result<void> {
    if (c != wanted) return bad("The chunked body is not size CRLF data CRLF.");
    step_ = next;
    return {};
  };
  switch (step_) {
    case Step::Size: {
      if (c == '\r' && digits_ > 0) {
        step_ = Step::SizeLf;
        return {};
      }
      const int digit = is_digit(c)                            ? c - '0'
                        : (lower(c) >= 'a' && lower(c) <= 'f') ? lower(c) - 'a' + 10
                                                               : -1;
      if (digit < 0) return bad("A chunk size is not hexadecimal; chunk extensions are not taken.");
      if (++digits_ > k_chunk_digits_max) return bad("A chunk size has too many digits.");
      left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
      return {};
    }
    case Step::SizeLf:
      PROBITY_CHECK(expect('\n', left_ == 0 ? Step::LastCr : Step::Data));
      digits_ = 0;
      if (received_ + left_ > most_) {
        return refuse(Code::BodyTooLarge,
                      "At most " + std::to_string(most_) + " bytes are taken here.");
      }
      return {};
    case Step::DataCr: return expect('\r', Step::DataLf);
    case Step::DataLf: return expect('\n', Step::Size);
    case Step::LastCr:
      if (c != '\r') return bad("Trailers after a chunked body are not taken.");
      step_ = Step::LastLf;
      return {};
    case Step::LastLf: return expect('\n', Step::Done);
    case Step::Data:
    case Step::Done: break;
  }
  return {};
}

}  // namespace probity::net
