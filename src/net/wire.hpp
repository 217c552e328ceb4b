#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

// HTTP/1.1 as bytes, without a socket (RFC 9112). Strict on purpose: whatever two programs could
// read differently is refused, because that is what request smuggling is made of.

namespace probity::net {

/// The request target alone; longer is 414.
inline constexpr std::size_t k_target_max_bytes = 8 * 1024;
/// A chunk's size line: 8 hexadecimal digits, more than any body we take.
inline constexpr std::size_t k_chunk_digits_max = 8;

/// What stands between the head and the next request.
enum class Framing : std::uint8_t { None, Length, Chunked };

/// A head that was accepted.
struct Head {
  web::Request request;  ///< Without peer; `body` empty.
  Framing framing = Framing::None;
  bool keeps_alive = true;  ///< The client did not say `Connection: close`.
  bool expects_continue = false;
  std::size_t bytes = 0;  ///< Of the input, including the empty line.
};

/// Reads one head from input that grows. One object per head; pure, any thread.
class HeadReader {
 public:
  /// `input` begins with the head and holds everything received since. Nothing means more bytes are
  /// needed. Errors: BadRequest, HeadTooLarge (web::k_head_max_bytes, web::k_headers_max),
  /// TargetTooLong, UnknownMethod, MethodNotAllowed (CONNECT, TRACE), UnknownVersion. After an
  /// error nothing that follows on the connection may be believed.
  [[nodiscard]] Result<std::optional<Head>> read(std::string_view input);

 private:
  std::size_t line_start_ = 0;  ///< Where the line begins that is not complete yet.
  std::size_t lines_ = 0;
};

/// Reads one body from input that arrives in pieces.
class BodyReader {
 public:
  /// At most `most` bytes of content; a declared length must have been compared before.
  BodyReader(Framing framing, std::uint64_t length, std::uint64_t most)
      : framing_(framing), left_(length), most_(most) {
    if (framing == Framing::None || (framing == Framing::Length && length == 0))
      step_ = Step::Done;
    else if (framing == Framing::Length)
      step_ = Step::Data;
  }

  /// Appends content to `body`, returns how much of `input` it took. BadRequest on anything that is
  /// not exactly size CRLF data CRLF … 0 CRLF CRLF (no extensions, no trailers); BodyTooLarge.
  [[nodiscard]] Result<std::size_t> read(std::string_view input, std::string& body);
  [[nodiscard]] bool is_done() const { return step_ == Step::Done; }
  /// Content bytes so far.
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  enum class Step : std::uint8_t { Size, SizeLf, Data, DataCr, DataLf, LastCr, LastLf, Done };
  [[nodiscard]] Result<void> read_control(char c);
  [[nodiscard]] std::size_t read_data(std::string_view input, std::string& body);

  Framing framing_;
  Step step_ = Step::Size;
  std::uint64_t left_;
  std::uint64_t most_;
  std::uint64_t received_ = 0;
  std::size_t digits_ = 0;
};

/// Whether the connection stays open after a response.
enum class After : std::uint8_t { Keep, Close };

/// The bytes of a response's head; `date` is the value of the Date header. Framing headers are
/// written from the body or source; those a handler set are left out. Internal when the status is
/// no final one or a header holds a control character: nothing may be sent then.
[[nodiscard]] Result<std::string> write_head(const web::Response& response, After after,
                                             std::string_view date);

/// One chunk, and the end of a chunked body.
void append_chunk(std::string& out, std::string_view content);
inline constexpr std::string_view k_last_chunk = "0\r\n\r\n";
inline constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";

/// A status's phrase, empty when unknown.
[[nodiscard]] std::string_view reason_of(int status);

/// Whether a Host value (RFC 9110 7.2) is a name, an IPv4 or a bracketed IPv6 address, with an
/// optional port; never empty.
[[nodiscard]] bool is_host(std::string_view value);

}  // namespace probity::net
