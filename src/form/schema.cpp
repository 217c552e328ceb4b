#include <array>

#include "base/json_writer.hpp"
#include "form/properties.hpp"
#include "form/questionnaire.hpp"

namespace probity::form {
namespace {

/// What a list of some owner holds.
struct ListRow {
  std::string_view property;
  std::string_view definition;
  std::size_t items_max;
};
constexpr std::array k_lists = {
    ListRow{"pages", "page", k_pages_max},
    ListRow{"elements", "element", k_questions_max},
    ListRow{"questions", "element", k_questions_max},
    ListRow{"choices", "choice", k_choices_max},
    ListRow{"rateValues", "rateValue", k_choices_max},
    ListRow{"columns", "column", k_choices_max},
    ListRow{"rows", "matrixRow", k_choices_max},
    ListRow{"items", "item", k_choices_max},
    ListRow{"validators", "validator", k_validators_max},
};

struct Definition {
  std::string_view name;
  Owner owner;
};
constexpr std::array k_definitions = {
    Definition{"page", Owner::Page},           Definition{"choice", Owner::Choice},
    Definition{"rateValue", Owner::RateValue}, Definition{"column", Owner::Column},
    Definition{"matrixRow", Owner::MatrixRow}, Definition{"item", Owner::Item},
};

/// A value of a choice may also stand alone, without an object around it.
bool may_be_scalar(Owner owner) {
  return owner == Owner::Choice || owner == Owner::RateValue || owner == Owner::Column ||
         owner == Owner::MatrixRow;
}

void write_types(JsonWriter& out, std::initializer_list<std::string_view> types) {
  out.key("type");
  out.begin_array();
  for (const std::string_view type : types)
    out.value(type);
  out.end_array();
}

void write_list(JsonWriter& out, std::string_view name) {
  out.field("type", "array");
  for (const ListRow& row : k_lists) {
    if (row.property != name) continue;
    out.field("maxItems", row.items_max);
    out.key("items");
    out.begin_object();
    out.field("$ref", "#/$defs/" + std::string(row.definition));
    out.end_object();
  }
}

void write_kept(JsonWriter& out, const Property& property) {
  switch (property.shape) {
    case Shape::Any: return;
    case Shape::Text: return write_types(out, {"string", "null"});
    case Shape::LocalText: return out.field("$ref", "#/$defs/text");
    case Shape::Boolean: return out.field("$ref", "#/$defs/truth");
    case Shape::Number: return write_types(out, {"number", "string", "null"});
    case Shape::Count: write_types(out, {"integer", "null"}); return out.field("minimum", 0);
    case Shape::NumberOrText: return write_types(out, {"number", "string", "null"});
    case Shape::Scalar: return write_types(out, {"string", "number", "boolean", "null"});
    case Shape::Expression: return out.field("$ref", "#/$defs/condition");
    case Shape::List: return write_list(out, property.name);
  }
}

void write_property(JsonWriter& out, const Property& property) {
  out.key(property.name);
  out.begin_object();
  switch (property.treatment) {
    case Treatment::Kept: write_kept(out, property); break;
    case Treatment::Ignored:
      out.field("description", "Ignored: " + std::string(property.note) + ".");
      break;
    case Treatment::Refused:
      out.field("description", "Refused: " + std::string(property.note) + ".");
      out.key("enum");
      out.raw(R"([null, false, 0, "", "none", "radio", "false", [], {}])");
      break;
  }
  out.end_object();
}

/// The object of one owner; `type` is the word its `type` property holds, empty when it has none.
void write_owner(JsonWriter& out, Owner owner, std::string_view type) {
  out.field("type", "object");
  out.key("properties");
  out.begin_object();
  for (const Property& property : properties()) {
    if ((property.owners & static_cast<std::uint32_t>(owner)) == 0) continue;
    if (property.name == "type" && !type.empty()) {
      out.key("type");
      out.begin_object();
      out.field("const", type);
      out.end_object();
    } else {
      write_property(out, property);
    }
  }
  out.end_object();
  const bool needs_name =
      !type.empty() && find_property(owner, "isRequired") != nullptr && owner != Owner::Panel;
  out.key("required");
  out.begin_array();
  if (!type.empty()) out.value("type");
  if (needs_name || owner == Owner::Item) out.value("name");
  out.end_array();
  out.field("additionalProperties", false);
}

void write_typed(JsonWriter& out, std::string_view name, std::span<const TypeRow> types) {
  out.key(name);
  out.begin_object();
  out.field("type", "object");
  out.key("oneOf");
  out.begin_array();
  for (const TypeRow& row : types) {
    if (row.treatment == Treatment::Refused) continue;
    out.begin_object();
    write_owner(out, Owner{row.owner}, row.name);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

void write_shared(JsonWriter& out) {
  out.key("text");
  out.raw(R"({"description": "One text, or one for each language.", "oneOf": [)"
          R"({"type": ["string", "number", "null"]}, )"
          R"({"type": "object", "additionalProperties": {"type": ["string", "null"]}}]})");
  out.key("truth");
  out.raw(R"({"enum": [true, false, "true", "false", null]})");
  out.key("condition");
  out.begin_object();
  write_types(out, {"string", "null"});
  out.field("maxLength", k_expression_max_bytes);
  out.field("description",
            "A condition like {age} >= 18 and {city} = 'Bern'. Functions: iif, sum, avg, min, max, "
            "round.");
  out.end_object();
}

void write_definitions(JsonWriter& out) {
  out.key("$defs");
  out.begin_object();
  write_shared(out);
  for (const Definition& definition : k_definitions) {
    out.key(definition.name);
    out.begin_object();
    if (may_be_scalar(definition.owner)) {
      out.key("oneOf");
      out.begin_array();
      out.raw(R"({"type": ["string", "number", "boolean"]})");
      out.begin_object();
      write_owner(out, definition.owner, {});
      out.end_object();
      out.end_array();
    } else {
      write_owner(out, definition.owner, {});
    }
    out.end_object();
  }
  write_typed(out, "element", element_types());
  write_typed(out, "validator", validator_types());
  out.end_object();
}

/// One member a line, so that a change of the table is a readable change of the file.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool is_text = false;
  const auto line = [&] { out.append("\n").append(depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (is_text) {
      out.push_back(c);
      if (c == '\\')
        out.push_back(json[++i]);
      else if (c == '"')
        is_text = false;
      continue;
    }
    const bool is_closing = c == '}' || c == ']';
    const bool is_empty = is_closing && (out.back() == '{' || out.back() == '[');
    if (is_closing && --depth, is_closing && !is_empty) line();
    if (c != ' ') out.push_back(c);
    if (c == '"') is_text = true;
    if (c == ':') out.push_back(' ');
    if (c == '{' || c == '[') ++depth;
    const bool is_opening_content =
        (c == '{' && json[i + 1] != '}') || (c == '[' && json[i + 1] != ']');
    if (c == ',' || is_opening_content) line();
  }
  return out + "\n";
}

}  // namespace

std::string questionnaire_schema() {
  JsonWriter out;
  out.begin_object();
  out.field("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.field("title", "Questionnaire");
  out.field("description",
            "The subset of SurveyJS documents that is taken. Properties described as ignored are "
            "accepted with a warning. What a schema cannot say (names that differ, conditions that "
            "refer to questions and do not depend on themselves, bounds that leave room for an "
            "answer) is checked when the document is sent.");
  write_owner(out, Owner::Survey, {});
  write_definitions(out);
  out.end_object();
  return indented(out.text());
}

}  // namespace probity::form
