#include "picture/svg.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <variant>

#include "base/text.hpp"
#include "picture/label.hpp"

namespace probity::picture {
namespace {

struct InkLook {
  std::string_view name;
  std::string_view colour;
};

// In the order of Ink.
constexpr std::array k_inks{
    InkLook{"ink-text", "#1a1f23"},    InkLook{"ink-soft", "#50585f"},
    InkLook{"ink-rule", "#59636b"},    InkLook{"ink-grid", "#dde2df"},
    InkLook{"ink-first", "#2f8193"},   InkLook{"ink-first-pale", "#a9cfd7"},
    InkLook{"ink-second", "#c0641a"},  InkLook{"ink-second-pale", "#ecc9a5"},
    InkLook{"ink-good", "#1a6b3c"},    InkLook{"ink-unsure", "#d9b949"},
    InkLook{"ink-bad", "#a4262c"},     InkLook{"ink-scale-1", "#d5e8ec"},
    InkLook{"ink-scale-2", "#a9cfd7"}, InkLook{"ink-scale-3", "#7ab4c0"},
    InkLook{"ink-scale-4", "#4b97a7"}, InkLook{"ink-scale-5", "#1f7486"},
    InkLook{"ink-scale-6", "#0b5563"}, InkLook{"ink-scale-7", "#06353f"},
    InkLook{"ink-on-pale", "#1a1f23"}, InkLook{"ink-on-unsure", "#1a1f23"},
    InkLook{"ink-on-deep", "#ffffff"},
};

constexpr std::size_t k_title_characters_max = 300;

std::string escaped(std::string_view text, std::size_t characters_max) {
  return html_escape(plain_text(text, characters_max));
}

/// Numbers with one decimal are exact enough for pixels.
std::string at(double value) { return number_text(value, 1); }

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void operator()(const Rect& rect) {
    fmt::format_to(std::back_inserter(out_),
                   R"(<rect x="{}" y="{}" width="{}" height="{}" class="{}" fill="{}"/>)",
                   at(rect.x), at(rect.y), at(rect.width), at(rect.height), ink_class(rect.ink),
                   ink_colour(rect.ink));
  }
  void operator()(const Line& line) {
    fmt::format_to(
        std::back_inserter(out_),
        R"(<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}" stroke="{}" stroke-width="{}"/>)",
        at(line.x1), at(line.y1), at(line.x2), at(line.y2), ink_class(line.ink),
        line.ink == Ink::Text ? "currentColor" : ink_colour(line.ink), at(line.width));
  }
  void operator()(const Text& text) {
    fmt::format_to(std::back_inserter(out_),
                   R"(<text x="{}" y="{}" font-size="{}" class="{}" fill="{}")", at(text.x),
                   at(text.y), at(text.size), ink_class(text.ink),
                   text.ink == Ink::Text ? "currentColor" : ink_colour(text.ink));
    if (text.anchor != Anchor::Start)
      fmt::format_to(std::back_inserter(out_), R"( text-anchor="{}")", anchor_name(text.anchor));
    if (text.weight == Weight::Bold) out_ += R"( font-weight="600")";
    out_ += R"( unicode-bidi="plaintext">)";
    out_ += escaped(text.text, k_title_characters_max);
    out_ += "</text>";
  }

 private:
  std::string& out_;
};

}  // namespace

std::string_view anchor_name(Anchor anchor) {
  switch (anchor) {
    case Anchor::Start: return "start";
    case Anchor::Middle: return "middle";
    case Anchor::End: return "end";
  }
  return "start";
}

std::string_view ink_class(Ink ink) { return k_inks[static_cast<std::size_t>(ink)].name; }
std::string_view ink_colour(Ink ink) { return k_inks[static_cast<std::size_t>(ink)].colour; }

std::string svg_of(const Picture& picture) {
  std::string out = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" width="{0}" )"
      R"(height="{1}" viewBox="0 0 {0} {1}" color="#1a1f23" )"
      R"(font-family="system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif">)",
      at(picture.width), at(picture.height));
  out += "<title>" + escaped(picture.title, k_title_characters_max) + "</title>";
  out += "<desc>" + escaped(picture.description, k_description_characters_max) + "</desc>";
  Writer writer(out);
  for (const Shape& shape : picture.shapes)
    std::visit(writer, shape);
  return out + "</svg>\n";
}

}  // namespace probity::picture
