#include "picture/picture_json.hpp"

#include <cmath>
#include <variant>

#include "picture/label.hpp"
#include "picture/svg.hpp"

namespace probity::picture {
namespace {

/// Numbers with one decimal are exact enough for pixels.
double rounded(double value) { return std::round(value * 10) / 10; }

class ShapeWriter {
 public:
  explicit ShapeWriter(JsonWriter& json) : json_(json) {}

  void operator()(const Rect& rect) {
    begin("rect", rect.ink);
    json_.field("x", rounded(rect.x));
    json_.field("y", rounded(rect.y));
    json_.field("width", rounded(rect.width));
    json_.field("height", rounded(rect.height));
    json_.end_object();
  }
  void operator()(const Line& line) {
    begin("line", line.ink);
    json_.field("x1", rounded(line.x1));
    json_.field("y1", rounded(line.y1));
    json_.field("x2", rounded(line.x2));
    json_.field("y2", rounded(line.y2));
    json_.field("width", rounded(line.width));
    json_.end_object();
  }
  void operator()(const Text& text) {
    begin("text", text.ink);
    json_.field("x", rounded(text.x));
    json_.field("y", rounded(text.y));
    json_.field("text", plain_text(text.text, k_shown_characters_max));
    json_.field("size", rounded(text.size));
    json_.field("anchor", anchor_name(text.anchor));
    if (text.weight == Weight::Bold) json_.field("bold", true);
    json_.end_object();
  }

 private:
  void begin(std::string_view kind, Ink ink) {
    json_.begin_object();
    json_.field("kind", kind);
    json_.field("ink", ink_class(ink));
  }
  JsonWriter& json_;
};

}  // namespace

void write_picture(JsonWriter& json, const Picture& picture) {
  json.begin_object();
  json.field("width", picture.width);
  json.field("height", picture.height);
  json.field("title", plain_text(picture.title, k_shown_characters_max));
  json.field("description", plain_text(picture.description, k_description_characters_max));
  json.key("shapes");
  json.begin_array();
  ShapeWriter writer(json);
  for (const Shape& shape : picture.shapes)
    std::visit(writer, shape);
  json.end_array();
  json.end_object();
}

}  // namespace probity::picture
