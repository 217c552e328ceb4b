#include "form/document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace probity::form {
namespace {

/// Undeclared names come from outside: shown short and without control characters.
std::string shown(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64))
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
  return out;
}

bool is_locale(std::string_view text) {
  if (text.empty() || text.size() > 35) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

void Findings::refuse(Code code, std::string path, std::string reason) {
  if (error_.fields.size() >= k_document_errors_max) return;
  if (error_.fields.empty()) error_.code = code;
  error_.fields.push_back({std::move(path), std::move(reason)});
}

void Findings::warn(std::string path, std::string reason) {
  if (warnings_.size() < k_warnings_max) warnings_.push_back({std::move(path), std::move(reason)});
}

std::string child_path(std::string_view path, std::string_view name) {
  std::string out(path);
  out.push_back('/');
  for (const char c : name.substr(0, k_name_max_bytes)) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out.push_back(c);
  }
  return out;
}

std::string child_path(std::string_view path, std::size_t index) {
  return fmt::format("{}/{}", path, index);
}

void Node::check(Findings& findings) const {
  const Value::Members* members = value_.members();
  if (members == nullptr) {
    findings.refuse(Code::BadRequest, path_, "must be an object");
    return;
  }
  for (const auto& [name, value] : *members) {
    const Property* row = find_property(owner_, name);
    if (row == nullptr) {
      const Property* similar = find_similar_property(owner_, name);
      findings.refuse(Code::UnknownField, at(shown(name)),
                      similar != nullptr
                          ? fmt::format("is not known here; \"{}\" is meant", similar->name)
                          : "is not a property of the supported SurveyJS subset; remove it");
    } else if (row->treatment == Treatment::Refused) {
      if (!is_neutral(value)) findings.refuse(Code::BadRequest, at(name), std::string(row->note));
    } else if (row->treatment == Treatment::Ignored) {
      findings.warn(at(name), fmt::format("ignored: {}", row->note));
    } else if (!value.is_null() && !has_shape(value, row->shape)) {
      findings.refuse(Code::BadRequest, at(name),
                      fmt::format("must be {}", shape_words(row->shape)));
    }
  }
}

const Value* Node::get(std::string_view name, std::string_view older) const {
  const Value* value = value_.find(name);
  if (value != nullptr && !value->is_null()) return value;
  if (older.empty()) return nullptr;
  value = value_.find(older);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::string Node::text(std::string_view name, std::string_view older) const {
  const Value* value = get(name, older);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

bool Node::flag(std::string_view name, std::string_view older) const {
  const Value* value = get(name, older);
  if (value == nullptr) return false;
  if (const std::string* text = value->text()) return *text == "true";
  return value->truth() != nullptr && *value->truth();
}

std::optional<double> Node::number(std::string_view name) const {
  const Value* value = get(name);
  if (value == nullptr) return {};
  if (const double* number = value->number()) return *number;
  return value->text() != nullptr ? parse_number(*value->text()) : std::nullopt;
}

std::optional<std::size_t> Node::count(std::string_view name) const {
  const auto value = number(name);
  if (!value || *value < 0 || *value > 1e9) return {};
  return static_cast<std::size_t>(*value);
}

const Value::List& Node::list(std::string_view name, std::string_view older) const {
  static const Value::List k_empty;
  const Value* value = get(name, older);
  return value != nullptr && value->list() != nullptr ? *value->list() : k_empty;
}

bool is_answer_shaped(const Value& value) {
  if (value.is_scalar()) return true;
  // Four special choices may stand beside the declared ones.
  constexpr std::size_t k_parts_max = k_choices_max + 4;
  if (const Value::List* list = value.list())
    return list->size() <= k_parts_max && std::ranges::all_of(*list, &Value::is_scalar);
  const Value::Members* members = value.members();
  return members != nullptr && members->size() <= k_parts_max &&
         std::ranges::all_of(*members, [](const Member& m) { return m.value.is_scalar(); });
}

LocalText read_local_text(const Value& value, const std::string& path, Findings& findings,
                          std::size_t bytes_max) {
  const auto is_short = [&](std::string_view text) {
    if (text.size() <= bytes_max) return true;
    findings.refuse(Code::LimitExceeded, path,
                    fmt::format("has {} bytes; at most {} are taken", text.size(), bytes_max));
    return false;
  };
  const Value::Members* members = value.members();
  if (members == nullptr) {
    std::string text = scalar_text(value);
    return is_short(text) ? LocalText(std::move(text)) : LocalText();
  }
  if (members->size() > k_locales_max) {
    findings.refuse(
        Code::LimitExceeded, path,
        fmt::format("has {} languages; at most {} are taken", members->size(), k_locales_max));
    return {};
  }
  LocalText out;
  for (const auto& [locale, content] : *members) {
    const std::string* text = content.text();
    if (text == nullptr || !is_short(*text)) continue;
    if (!is_locale(locale)) {
      findings.refuse(Code::BadRequest, path,
                      "a language is named like \"default\", \"de\" or \"pt-BR\"");
      return {};
    }
    out.add(locale == "default" ? std::string() : locale, *text);
  }
  return out;
}

LocalText read_local_text(const Node& node, std::string_view name, Findings& findings,
                          std::string_view older) {
  const Value* value = node.get(name, older);
  return value == nullptr ? LocalText() : read_local_text(*value, node.at(name), findings);
}

Condition read_condition(const Node& node, std::string_view name, Findings& findings) {
  Condition out;
  const std::string text = node.text(name);
  if (trim(text).empty()) return out;
  auto parsed = Expression::parse(text);
  if (parsed) {
    out.expression = std::move(*parsed);
  } else {
    findings.refuse(parsed.error().code, node.at(name), parsed.error().hint);
  }
  return out;
}

}  // namespace probity::form
