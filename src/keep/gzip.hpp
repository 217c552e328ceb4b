#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "keep/tar.hpp"

namespace probity::keep {

/// Compresses a stream into gzip form (RFC 1952), piece by piece.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  /// Takes `plain` and appends what has become of it so far.
  void add(std::string_view plain, std::string& out);
  /// Appends the end of the stream.
  void finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Unpacks a gzip stream that `read` gives. BadRequest when it is none, or is cut off.
class GzipReader {
 public:
  explicit GzipReader(ReadSome read);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Up to `wanted` bytes; fewer only at the end.
  [[nodiscard]] Result<std::string> read(std::size_t wanted);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probity::keep
