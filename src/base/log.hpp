#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/id.hpp"

namespace probity {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Failure };

/// One named value of a log line. Takes only what may be logged: numbers, truth values, ids and
/// texts the program itself chose. Never a respondent's text, a secret or a full address.
struct LogField {
  LogField(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
  LogField(std::string_view n, std::int64_t v) : name(n), value(v) {}
  LogField(std::string_view n, int v) : name(n), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view n, std::size_t v) : name(n), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  template <typename Tag>
  LogField(std::string_view n, const Id<Tag>& v) : name(n), value(v.text()) {}

  std::string_view name;
  std::variant<std::string, std::int64_t, bool> value;
};

/// Writes JSON lines to a file descriptor (standard error in production), one write per line, so
/// lines of several threads never mix. Threads: any.
class Log {
 public:
  Log(int fd, const Clock& clock, LogLevel least = LogLevel::Info)
      : fd_(fd), clock_(clock), least_(least) {}

  /// `event` is a fixed text chosen by the program ("listener_closed").
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Info, event, fields);
  }
  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Warning, event, fields);
  }
  void failure(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::Failure, event, fields);
  }
  [[nodiscard]] bool wants(LogLevel level) const { return level >= least_ || is_tapped_; }

  /// Hands every line of every level to `reader` as well, until untap(); what is written stays as
  /// it was. One tap at a time. For the probe that searches the log for what must not be in it.
  void tap(std::function<void(std::string_view line)> reader);
  void untap() { tap(nullptr); }

 private:
  int fd_;
  const Clock& clock_;
  LogLevel least_;
  std::atomic<bool> is_tapped_ = false;
  std::function<void(std::string_view line)> tap_;  // Guarded by writing_.
  // Kernels differ in whether two writes to one file may land on each other.
  std::mutex writing_;
};

}  // namespace probity
