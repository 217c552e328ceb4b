#include "base/log.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace probity {
namespace {

/// A path or a message of the system may hold bytes that are no text; the line stays JSON.
void write_text(JsonWriter& json, const std::string& text) {
  if (is_utf8(text))
    json.value(text);
  else
    json.value("hex:" + to_hex(as_bytes(text)));
}

void write_all(int fd, std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(fd, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    // A log that cannot be written must not stop the service; the audit log is what may not be
    // lost.
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string_view level_text(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warning: return "warning";
    case LogLevel::Failure: return "failure";
  }
  return "failure";
}

}  // namespace

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!wants(level)) return;
  JsonWriter json;
  json.begin_object();
  json.field("at", to_rfc3339(clock_.now()));
  json.field("level", level_text(level));
  json.field("event", event);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* const text = std::get_if<std::string>(&field.value))
      write_text(json, *text);
    else if (const auto* const number = std::get_if<std::int64_t>(&field.value))
      json.value(*number);
    else
      json.value(std::get<bool>(field.value));
  }
  json.end_object();
  std::string line = std::move(json).text();
  line.push_back('\n');
  const std::lock_guard lock(writing_);
  if (tap_) tap_(line);
  if (level >= least_) write_all(fd_, line);
}

void Log::tap(std::function<void(std::string_view line)> reader) {
  const std::lock_guard lock(writing_);
  is_tapped_ = reader != nullptr;
  tap_ = std::move(reader);
}

}  // namespace probity
