#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::web {

/// Bounds of a text field.
struct TextRule {
  std::size_t bytes_max = 1024;
  bool may_be_empty = false;
  std::size_t items_max = 100;  ///< For lists of texts.
};

/// Reads a JSON object field by field, with bounds, and refuses what nobody asked for. Errors are
/// collected, so that a client learns of all of them at once.
///
///     Fields fields(json);
///     auto name = fields.text("name", {.bytes_max = 200});
///     auto scopes = fields.texts("scopes", {.items_max = 20});
///     PROBITY_CHECK(fields.finish());   // wrong types, limits, unknown names
class Fields {
 public:
  explicit Fields(const boost::json::value& object);

  /// Required: empty text and a noted error when missing or wrong.
  std::string text(std::string_view name, TextRule rule = {});
  std::optional<std::string> maybe_text(std::string_view name, TextRule rule = {});
  std::vector<std::string> texts(std::string_view name, TextRule rule = {});
  std::optional<std::int64_t> maybe_integer(std::string_view name, std::int64_t least,
                                            std::int64_t most);
  std::optional<bool> maybe_truth(std::string_view name);
  /// A member taken as it is; null pointer when absent.
  const boost::json::value* any(std::string_view name);
  /// Notes an error of the caller's own finding.
  void refuse(std::string_view name, std::string reason);
  /// BadRequest, UnknownField or LimitExceeded with every finding; nothing wrong otherwise.
  [[nodiscard]] Result<void> finish();

 private:
  const boost::json::value* find(std::string_view name);
  void note(Code code, std::string_view name, std::string reason);

  const boost::json::value& json_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
  Code code_ = Code::BadRequest;
};

}  // namespace probity::web
