#include "attest/finding.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"

namespace probity::attest {
namespace {

/// Bounds what one measurement may publish; a sabotaged server would otherwise fill the page.
constexpr int k_listed_max = 8;

void append_item(std::string& list, std::string_view text) {
  if (!list.empty()) list += ',';
  append_json_string(list, text);
}

}  // namespace

std::string_view text_of(Status status) {
  switch (status) {
    case Status::Held: return "held";
    case Status::Broken: return "broken";
    case Status::Unknown: return "unknown";
    case Status::Off: return "off";
    case Status::NotBuilt: return "not_built";
  }
  return "unknown";
}

std::optional<Status> parse_status(std::string_view text) {
  for (const Status status :
       {Status::Held, Status::Broken, Status::Unknown, Status::Off, Status::NotBuilt})
    if (text_of(status) == text) return status;
  return {};
}

void Observations::note(std::string_view name, std::int64_t value) {
  append_item(notes_, name);
  notes_ += fmt::format(":{}", value);
}

void Observations::note(std::string_view name, std::string_view value) {
  append_item(notes_, name);
  notes_ += ':';
  append_json_string(notes_, value);
}

void Observations::expect(bool is_as_promised, std::string_view what) {
  ++looked_;
  if (is_as_promised) return;
  if (++contradicted_ <= k_listed_max) append_item(contradictions_, what);
}

void Observations::need(bool is_there, std::string_view what) {
  if (!is_there) give_up(what);
}

void Observations::give_up(std::string_view reason) { append_item(missing_, reason); }

Finding Observations::finding() const {
  std::string json = "{" + notes_;
  const auto member = [&json](std::string_view text) {
    if (json.size() > 1) json += ',';
    json += text;
  };
  member(fmt::format("\"observations\":{}", looked_));
  if (contradicted_ > 0)
    member(
        fmt::format("\"contradictions\":[{}],\"contradicted\":{}", contradictions_, contradicted_));
  if (!missing_.empty()) member(fmt::format("\"reasons\":[{}]", missing_));
  json += '}';
  Status status = Status::Held;
  if (!missing_.empty() || looked_ == 0) status = Status::Unknown;
  if (contradicted_ > 0) status = Status::Broken;
  return {status, std::move(json)};
}

}  // namespace probity::attest
