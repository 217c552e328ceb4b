#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire.hpp"

// The llhttp project's messages (data only, beside the checkout): what its strict parser refuses,
// ours must not accept.

namespace probity::net {
namespace {

struct Message {
  std::string where;
  std::string type;
  std::string bytes;
  bool is_refused = false;  ///< The suite's verdict.
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// The suite writes messages as text: line ends stand for CRLF, escapes for single characters.
std::string to_bytes_of(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  replace_all(text, "\\\n", "");
  replace_all(text, "\n", "\r\n");
  replace_all(text, "\\r", "\r");
  replace_all(text, "\\n", "\n");
  replace_all(text, "\\t", "\t");
  replace_all(text, "\\f", "\f");
  for (std::size_t at = 0; (at = text.find("\\x", at)) != std::string::npos; ++at) {
    unsigned char value = 0;
    const auto end = std::from_chars(text.data() + at + 2,
                                     text.data() + std::min(at + 4, text.size()), value, 16)
                         .ptr;
    text.replace(at, static_cast<std::size_t>(end - text.data()) - at,
                 std::string(1, static_cast<char>(value)));
  }
  return text;
}

/// The text of the next fenced block after `at`, which moves behind it.
std::string block(const std::string& file, std::string_view fence, std::size_t& at) {
  const std::size_t start = file.find(fence, at);
  if (start == std::string::npos) return {};
  const std::size_t first = start + fence.size();
  const std::size_t end = file.find("\n```", first);
  at = end;
  return file.substr(first, end + 1 - first);
}

/// `error code=` of anything but a pause, which is no refusal.
bool has_error(std::string_view log) {
  for (std::size_t at = 0; (at = log.find("error code=", at)) != std::string_view::npos; ++at) {
    const std::string_view rest = log.substr(at + 11, 3);
    if (!rest.starts_with("21 ") && !rest.starts_with("22 ") && !rest.starts_with("23 "))
      return true;
  }
  return false;
}

std::vector<Message> read_suite(const std::filesystem::path& folder) {
  std::vector<Message> messages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".md" || entry.path().filename() == "url.md") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(stream),
                           std::istreambuf_iterator<char>()};
    for (std::size_t at = 0; (at = file.find("<!-- meta=", at)) != std::string::npos;) {
      const std::string meta = file.substr(at, file.find("-->", at) - at);
      const std::size_t type = meta.find("\"type\"");
      ++at;
      if (type == std::string::npos) continue;
      const std::size_t open = meta.find('"', type + 6) + 1;
      Message message;
      message.where = entry.path().filename().string() + ":" + std::to_string(at);
      message.type = meta.substr(open, meta.find('"', open) - open);
      message.bytes = to_bytes_of(block(file, "```http\n", at));
      message.is_refused = has_error(block(file, "```log\n", at));
      messages.push_back(std::move(message));
    }
  }
  return messages;
}

bool is_accepted(std::string_view input) {
  while (!input.empty()) {
    const auto head = HeadReader().read(input);
    if (!head || !*head) return false;
    input.remove_prefix((*head)->bytes);
    BodyReader body((*head)->framing, (*head)->request.content_length, 1 << 20);
    std::string content;
    const auto taken = body.read(input, content);
    if (!taken || !body.is_done()) return false;
    input.remove_prefix(*taken);
    if (!(*head)->keeps_alive) return input.empty();
  }
  return true;
}

TEST(LlhttpSuite, NothingItRefusesIsAccepted) {
  const std::filesystem::path folder =
      std::filesystem::path(PROBITY_SOURCE_DIR) / "../shared/suites/llhttp-9.4.2/test";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "the llhttp suite is not beside the checkout (../shared/suites)";
  int refused = 0;
  int accepted = 0;
  int responses = 0;
  for (const Message& message : read_suite(folder)) {
    // A lenient verdict says what a lenient parser would do: no yardstick for this one.
    if (message.type.find("lenient") != std::string::npos) continue;
    const bool is_response = message.type.starts_with("response");
    responses += is_response ? 1 : 0;
    if (message.is_refused || is_response) {
      ++refused;
      EXPECT_FALSE(is_accepted(message.bytes)) << message.where << "\n" << message.bytes;
    } else {
      accepted += is_accepted(message.bytes) ? 1 : 0;
    }
  }
  RecordProperty("refused", refused);
  RecordProperty("accepted", accepted);
  std::printf("messages refused as they must be: %d (%d of them responses)\n", refused, responses);
  EXPECT_GE(refused, 100);
}

}  // namespace
}  // namespace probity::net
