#include "net/clamd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string>

namespace probity::net {
namespace {

constexpr Span k_scan_max = Span::seconds(30);
constexpr Span k_turn_max = Span::seconds(2);
constexpr int k_come_back_s = 30;
constexpr std::size_t k_piece_bytes = std::size_t{64} * 1024;
constexpr std::size_t k_reply_max_bytes = 4096;

/// Holds the one turn there is, once it has come.
class Turn {
 public:
  Turn(std::binary_semaphore& turn, Span wait)
      : turn_(turn), has_come_(turn.try_acquire_for(std::chrono::microseconds(wait.us()))) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (has_come_) turn_.release();
  }
  [[nodiscard]] bool has_come() const { return has_come_; }

 private:
  std::binary_semaphore& turn_;
  bool has_come_;
};

std::unexpected<Error> come_back(std::string detail, std::string hint) {
  return std::unexpected(
      Error{Code::Overloaded, "clamd: " + std::move(detail), std::move(hint), {}, k_come_back_s});
}

std::unexpected<Error> cannot_say(std::string detail) {
  return come_back(std::move(detail),
                   "The scanner for viruses gives no answer, so the file is not taken. Try again "
                   "later; if it stays so, tell whoever runs this server.");
}

/// As the protocol has it: four bytes, the highest first.
Bytes length_of(std::size_t bytes) {
  Bytes out;
  for (const int shift : {24, 16, 8, 0})
    out.push_back(static_cast<std::uint8_t>((bytes >> shift) & 0xFF));
  return out;
}

/// The file in pieces, each behind its length, and one without any at the end. False when the
/// scanner takes no more: it may have had enough, and its reply says why.
bool send_file(const Outgoing& scanner, std::string_view file, const Deadline& deadline) {
  constexpr std::string_view k_command("zINSTREAM\0", 10);
  if (!scanner.send(as_bytes(k_command), deadline)) return false;
  for (; !file.empty(); file.remove_prefix(std::min(file.size(), k_piece_bytes))) {
    const std::string_view piece = file.substr(0, k_piece_bytes);
    if (!scanner.send(length_of(piece.size()), deadline)) return false;
    if (!scanner.send(as_bytes(piece), deadline)) return false;
  }
  return scanner.send(length_of(0), deadline);
}

/// Up to the zero byte that ends a reply to a command with "z"; empty when there is none.
std::string reply_of(const Outgoing& scanner, const Deadline& deadline) {
  std::string text;
  while (text.size() < k_reply_max_bytes) {
    const Bytes got = scanner.receive(deadline);
    if (got.empty()) return {};
    text += as_text(got);
    if (const std::size_t end = text.find('\0'); end != std::string::npos)
      return text.substr(0, end);
  }
  return {};
}

/// A scanner's words in letters that can stand anywhere.
std::string plain(std::string_view words) {
  constexpr std::size_t k_words_max_bytes = 100;
  std::string out(words.substr(0, k_words_max_bytes));
  std::ranges::replace_if(
      out, [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
  return out;
}

Result<void> judge(std::string_view reply, bool is_sent) {
  constexpr std::string_view k_begin = "stream: ";
  constexpr std::string_view k_found = " FOUND";
  if (reply == "stream: OK" && is_sent) return {};
  if (reply.empty()) return cannot_say("no reply in time");
  const bool is_found = reply.starts_with(k_begin) && reply.ends_with(k_found) &&
                        reply.size() > k_begin.size() + k_found.size();
  if (!is_found) return cannot_say("it says " + plain(reply));
  reply.remove_prefix(k_begin.size());
  reply.remove_suffix(k_found.size());
  return refuse_field(Code::UnsafeFile, "file",
                      fmt::format("A scanner for viruses found {} in it. It is not taken, and "
                                  "nothing of it is stored.",
                                  plain(reply)));
}

}  // namespace

Result<void> Clamd::check(std::string_view file, const Deadline& deadline) {
  const Turn turn(turn_, std::min(k_turn_max, deadline.left()));
  if (!turn.has_come()) {
    return come_back("another file is still being scanned",
                     "Another file is being scanned for viruses, so this one is not taken. Try "
                     "again in half a minute.");
  }
  const Deadline end = Deadline::after(std::min(k_scan_max, deadline.left()));
  const auto scanner = Outgoing::open(target_, end);
  if (!scanner) return cannot_say(scanner.error().detail);
  const bool is_sent = send_file(*scanner, file, end);
  return judge(reply_of(*scanner, end), is_sent);
}

}  // namespace probity::net
