#include "base/log.hpp"

#include <unistd.h>

#include "base/json_writer.hpp"

namespace probity {
namespace {

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
    std::visit([&json](const auto& value) { json.value(value); }, field.value);
  }
  json.end_object();
  std::string line = std::move(json).text();
  line.push_back('\n');
  // A log that cannot be written must not stop the service; the audit log is what may not be lost.
  [[maybe_unused]] const ssize_t written = ::write(fd_, line.data(), line.size());
}

}  // namespace probity
