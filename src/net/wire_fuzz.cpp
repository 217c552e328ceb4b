#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/plain.hpp"
#include "net/wire.hpp"
#include "web/limits.hpp"

// The parser of requests against what must hold of every input: it ends, takes no more than there
// is, gives the same result in whatever pieces the input comes, and accepts no control characters.

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string trace;  ///< Everything that was understood, as text.
  bool operator==(const Outcome&) const = default;
};

void check_head(const net::Head& head) {
  require(head.request.path.starts_with('/') || head.request.path == "*");
  require(head.request.headers.size() <= web::k_headers_max);
  require(!head.request.host.empty());
  require(head.bytes <= web::k_head_max_bytes);
  for (const auto& field : head.request.headers) {
    require(!field.name.empty());
    for (const char c : field.value)
      require(c == '\t' || c < 0 || (c >= 0x20 && c != 0x7F));
  }
}

/// Reads messages while `step` more bytes become visible at a time.
Outcome read_in_pieces(std::string_view input, std::size_t step) {
  Outcome outcome;
  std::size_t start = 0;
  for (int message = 0; message < 16 && start < input.size(); ++message) {
    net::HeadReader reader;
    std::size_t visible = start;
    Result<std::optional<net::Head>> head = std::nullopt;
    while (visible < input.size() && head && !*head) {
      visible = std::min(input.size(), visible + step);
      head = reader.read(input.substr(start, visible - start));
    }
    if (!head) {
      outcome.trace += "E" + std::to_string(static_cast<int>(head.error().code));
      return outcome;
    }
    if (!*head) return outcome;
    check_head(**head);
    const auto& request = (*head)->request;
    outcome.trace += std::string(web::text_of(request.method)) + request.path + request.host;
    start += (*head)->bytes;
    net::BodyReader body((*head)->framing, request.content_length, 1 << 16);
    std::string content;
    while (!body.is_done() && start < input.size()) {
      const auto taken = body.read(input.substr(start, step), content);
      if (!taken) {
        outcome.trace += "e";
        return outcome;
      }
      require(*taken > 0 && *taken <= step);
      start += *taken;
    }
    outcome.trace += content;
    if (!body.is_done()) return outcome;
  }
  return outcome;
}

}  // namespace

// The entry point's name and shape are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read_in_pieces(input, std::max<std::size_t>(1, size));
  require(whole == read_in_pieces(input, 1 + size / 3));
  if (size <= 2048) require(whole == read_in_pieces(input, 1));
  static_cast<void>(net::answer_plain(input, {}));
  return 0;
}
