#include "picture/cairo.hpp"

#include <algorithm>
#include <new>
#include <variant>

#include "base/bytes.hpp"
#include "picture/label.hpp"
#include "picture/svg.hpp"

namespace probity::picture {
namespace {

/// Longest text that is laid out; what people read of one is far below.
constexpr std::size_t k_laid_out_characters_max = 4'000;
constexpr double k_tried_size = 12;

double hex_part(std::string_view colour, std::size_t at) {
  const auto digit = [&](std::size_t i) {
    const char c = colour[i];
    return c <= '9' ? c - '0' : c - 'a' + 10;
  };
  constexpr double k_most = 255;
  return (16 * digit(at) + digit(at + 1)) / k_most;
}

struct FontEnd {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

}  // namespace

Brush::Brush(cairo_surface_t* surface)
    : context_(cairo_create(surface)), layout_(pango_cairo_create_layout(context_.get())) {
  pango_layout_set_single_paragraph_mode(layout_.get(), TRUE);
}

Result<void> Brush::check_fonts() {
  // Pango lists families of its own even where no font is installed, so one is tried.
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  Brush brush(surface.get());
  brush.set_font(k_tried_size, Weight::Regular);
  pango_layout_set_text(brush.layout_.get(), "Aa0", -1);
  if (pango_layout_get_unknown_glyphs_count(brush.layout_.get()) == 0) return {};
  return refuse(Code::NotBuilt,
                "This server has no fonts, so it makes no PDF and no PNG. Its operator installs "
                "the package fonts-dejavu-core.");
}

Result<void> Brush::check() const {
  const cairo_status_t status = cairo_status(context_.get());
  if (status == CAIRO_STATUS_SUCCESS) return {};
  return fail(Code::Internal, cairo_status_to_string(status));
}

void Brush::set_ink(Ink ink) {
  const std::string_view colour = ink_colour(ink);
  cairo_set_source_rgb(context_.get(), hex_part(colour, 1), hex_part(colour, 3),
                       hex_part(colour, 5));
}

void Brush::set_font(double size, Weight weight) {
  const std::unique_ptr<PangoFontDescription, FontEnd> font(
      pango_font_description_from_string("Noto Sans, DejaVu Sans, sans-serif"));
  pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
  if (weight == Weight::Bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_SEMIBOLD);
  pango_layout_set_font_description(layout_.get(), font.get());
}

void Brush::draw(const Picture& picture, const Place& place) {
  cairo_save(context_.get());
  cairo_translate(context_.get(), place.x, place.y);
  cairo_scale(context_.get(), place.scale, place.scale);
  for (const Shape& shape : picture.shapes) {
    if (const auto* rect = std::get_if<Rect>(&shape)) put_rect(*rect);
    if (const auto* line = std::get_if<Line>(&shape)) put_line(*line);
    if (const auto* text = std::get_if<Text>(&shape)) put_text(*text);
  }
  cairo_restore(context_.get());
}

void Brush::put_rect(const Rect& rect) {
  set_ink(rect.ink);
  cairo_rectangle(context_.get(), rect.x, rect.y, rect.width, rect.height);
  cairo_fill(context_.get());
}

void Brush::put_line(const Line& line) {
  set_ink(line.ink);
  cairo_set_line_width(context_.get(), line.width);
  cairo_move_to(context_.get(), line.x1, line.y1);
  cairo_line_to(context_.get(), line.x2, line.y2);
  cairo_stroke(context_.get());
}

void Brush::put_text(const Text& text) {
  const std::string plain = plain_text(text.text, k_shown_characters_max);
  PangoLayout* layout = layout_.get();
  set_font(text.size, text.weight);
  pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_NONE);
  pango_layout_set_width(layout, -1);
  pango_layout_set_height(layout, -1);
  pango_layout_set_text(layout, plain.data(), static_cast<int>(plain.size()));
  PangoRectangle box;
  pango_layout_get_extents(layout, nullptr, &box);
  if (text.room > 0 && box.width > text.room * PANGO_SCALE) {
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_width(layout, static_cast<int>(text.room * PANGO_SCALE));
    pango_layout_get_extents(layout, nullptr, &box);
  }
  const double width = static_cast<double>(box.width) / PANGO_SCALE;
  const double base = static_cast<double>(pango_layout_get_baseline(layout)) / PANGO_SCALE;
  double x = text.x - static_cast<double>(box.x) / PANGO_SCALE;
  if (text.anchor == Anchor::Middle) x -= width / 2;
  if (text.anchor == Anchor::End) x -= width;
  set_ink(text.ink);
  cairo_move_to(context_.get(), x, text.y - base);
  pango_cairo_show_layout(context_.get(), layout);
}

void Brush::lay_out(const Words& words) {
  const std::string plain = plain_text(words.text, k_laid_out_characters_max);
  PangoLayout* layout = layout_.get();
  set_font(words.size, words.weight);
  pango_layout_set_width(layout, static_cast<int>(words.width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize(layout,
                             words.lines_max > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  pango_layout_set_height(layout, words.lines_max > 0 ? -words.lines_max : -1);
  pango_layout_set_alignment(layout,
                             words.anchor == Anchor::End ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
  pango_layout_set_text(layout, plain.data(), static_cast<int>(plain.size()));
}

double Brush::height_of(const Words& words) {
  lay_out(words);
  PangoRectangle box;
  pango_layout_get_extents(layout_.get(), nullptr, &box);
  return static_cast<double>(box.height) / PANGO_SCALE;
}

double Brush::write(const Words& words, double x, double y) {
  const double height = height_of(words);
  set_ink(words.ink);
  cairo_move_to(context_.get(), x, y);
  pango_cairo_show_layout(context_.get(), layout_.get());
  return height;
}

cairo_status_t append_bytes(void* closure, const unsigned char* bytes, unsigned int length) {
  auto& out = *static_cast<std::string*>(closure);
  try {
    out += as_text(BytesView(bytes, length));
  } catch (const std::bad_alloc&) {
    return CAIRO_STATUS_NO_MEMORY;
  }
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace probity::picture
