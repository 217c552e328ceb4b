// The small texts everything else is read with: times, ids, numbers, escapes, encodings. What one
// of them takes it writes the same again, and what it writes it takes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/text.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_times(std::string_view text) {
  const auto at = parse_rfc3339(text);
  if (!at) return;
  const std::string written = to_rfc3339(*at);
  require(written.size() == 24);
  const auto again = parse_rfc3339(written);
  require(again && *again <= *at && *at - *again < Span::millis(1));
  require(to_http_date(*at).size() == 29);
}

void read_ids(std::string_view text) {
  if (const auto raw = parse_raw_id(text)) require(raw_id_text(*raw) == text);
  if (const auto id = SurveyId::parse(text)) require(id->text() == text);
}

void read_encodings(std::string_view text) {
  if (const auto bytes = from_hex(text)) require(to_hex(*bytes).size() == text.size());
  if (const auto bytes = from_base64url(text)) require(to_base64url(*bytes) == text);
  require(from_hex(to_hex(as_bytes(text))) == to_bytes(as_bytes(text)));
  require(from_base64url(to_base64url(as_bytes(text))) == to_bytes(as_bytes(text)));
  for (const Plus plus : {Plus::Literal, Plus::Space}) {
    const auto decoded = percent_decode(text, plus);
    require(!decoded || decoded->size() <= text.size());
    require(percent_decode(percent_encode(text), plus) == text);
  }
  if (const auto number = parse_int(text)) require(parse_int(std::to_string(*number)) == number);
}

void read_words(std::string_view text) {
  const std::string_view trimmed = trim(text);
  require(trim(trimmed) == trimmed);
  const bool is_text = is_utf8(text);
  if (is_text) require(code_points(text) <= text.size() && is_utf8(trimmed));
  for (const auto& mapped : {nfkc(text), fold(text)}) {
    // The library also refuses what stands for nothing; what it takes was UTF-8 and stays it.
    if (mapped) require(is_text && is_utf8(*mapped));
  }
  require(html_escape(text).find_first_of("<>\"'") == std::string::npos);
  std::size_t bytes = 0;
  const auto parts = split(text, ',');
  for (const std::string_view part : parts)
    bytes += part.size();
  require(bytes + parts.size() - 1 == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_times(text);
  read_ids(text);
  read_encodings(text);
  read_words(text);
  return 0;
}
