#include "web/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"

namespace probity::web {

Fields::Fields(const boost::json::value& object) : json_(object) {
  if (!json_.is_object()) note(Code::BadRequest, "", "A JSON object is expected here.");
}

void Fields::note(Code code, std::string_view name, std::string reason) {
  // The first finding decides the code; all of them are told.
  if (errors_.empty()) code_ = code;
  errors_.push_back({fmt::format("/{}", name), std::move(reason)});
}

const boost::json::value* Fields::find(std::string_view name) {
  known_.emplace_back(name);
  if (!json_.is_object()) return nullptr;
  const auto* value = json_.get_object().if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Fields::maybe_text(std::string_view name, TextRule rule) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    note(Code::BadRequest, name, "A text is expected here.");
    return {};
  }
  std::string text(value->get_string());
  if (text.size() > rule.bytes_max) {
    note(Code::LimitExceeded, name,
         fmt::format("At most {} bytes; this has {}.", rule.bytes_max, text.size()));
    return {};
  }
  if (text.empty() && !rule.may_be_empty) {
    note(Code::BadRequest, name, "It may not be empty.");
    return {};
  }
  if (text.find('\0') != std::string::npos) {
    note(Code::BadRequest, name, "It may not hold a NUL character.");
    return {};
  }
  return text;
}

std::string Fields::text(std::string_view name, TextRule rule) {
  const std::size_t before = errors_.size();
  auto value = maybe_text(name, rule);
  if (!value && errors_.size() == before && json_.is_object())
    note(Code::BadRequest, name, "It is required.");
  return std::move(value).value_or(std::string());
}

std::vector<std::string> Fields::texts(std::string_view name, TextRule rule) {
  std::vector<std::string> list;
  const auto* value = find(name);
  if (value == nullptr) return list;
  if (!value->is_array()) {
    note(Code::BadRequest, name, "A list of texts is expected here.");
    return list;
  }
  if (value->get_array().size() > rule.items_max) {
    note(Code::LimitExceeded, name, fmt::format("At most {} items.", rule.items_max));
    return list;
  }
  for (const auto& item : value->get_array()) {
    if (!item.is_string() || item.get_string().size() > rule.bytes_max) {
      note(Code::BadRequest, name,
           fmt::format("Each item is a text of at most {} bytes.", rule.bytes_max));
      return {};
    }
    list.emplace_back(item.get_string());
  }
  return list;
}

std::optional<std::int64_t> Fields::maybe_integer(std::string_view name, std::int64_t least,
                                                  std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  const auto* number = value->if_int64();
  if (number == nullptr || *number < least || *number > most) {
    note(number == nullptr ? Code::BadRequest : Code::LimitExceeded, name,
         fmt::format("A whole number from {} to {}.", least, most));
    return {};
  }
  return *number;
}

std::optional<bool> Fields::maybe_truth(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_bool()) {
    note(Code::BadRequest, name, "true or false is expected here.");
    return {};
  }
  return value->get_bool();
}

const boost::json::value* Fields::any(std::string_view name) { return find(name); }

void Fields::refuse(std::string_view name, std::string reason) {
  note(Code::BadRequest, name, std::move(reason));
}

Result<void> Fields::finish() {
  if (json_.is_object()) {
    for (const auto& member : json_.get_object()) {
      if (std::ranges::find(known_, std::string_view(member.key())) == known_.end())
        note(Code::UnknownField, std::string_view(member.key()).substr(0, 64),
             "This field is not declared here; leave it out.");
      if (errors_.size() >= 50) break;
    }
  }
  if (errors_.empty()) return {};
  Error error;
  error.code = code_;
  error.fields = std::move(errors_);
  return std::unexpected(std::move(error));
}

}  // namespace probity::web
