#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace probity::web {

/// Looks into a file that somebody hands in before any of it is used (OWASP ASVS 5.4.3).
class FileScanner {
 public:
  FileScanner() = default;
  FileScanner(const FileScanner&) = delete;
  FileScanner& operator=(const FileScanner&) = delete;
  virtual ~FileScanner() = default;

  /// UnsafeFile names "file" and what was found in it; Overloaded where nobody can say, so that a
  /// file nobody looked into is never taken. Waits at most until the deadline. Threads: any.
  [[nodiscard]] virtual Result<void> check(std::string_view file, const Deadline& deadline) = 0;
};

}  // namespace probity::web
