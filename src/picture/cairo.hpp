#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "picture/shape.hpp"

/// Inside this room only: shapes and lines of text on a surface of cairo.
namespace probity::picture {

struct CairoEnd {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }
};
using Surface = std::unique_ptr<cairo_surface_t, CairoEnd>;

/// Draws on a surface. A surface of one thread; the library's fonts are kept for each thread.
class Brush {
 public:
  explicit Brush(cairo_surface_t* surface);

  /// NotBuilt, with what to install, on a machine without any font.
  [[nodiscard]] static Result<void> check_fonts();
  /// Internal when the library failed, which it says at the end.
  [[nodiscard]] Result<void> check() const;

  [[nodiscard]] cairo_t* context() { return context_.get(); }
  /// All shapes, with their (0, 0) at x, y, `scale` times as large.
  struct Place {
    double x = 0;
    double y = 0;
    double scale = 1;
  };
  void draw(const Picture& picture, const Place& place);

  /// A paragraph of plain text, wrapped to a width.
  struct Words {
    std::string_view text;
    double size = 10;
    double width = 100;
    Weight weight = Weight::Regular;
    Ink ink = Ink::Text;
    Anchor anchor = Anchor::Start;
    int lines_max = 0;  ///< 0: as many as it has.
  };
  [[nodiscard]] double height_of(const Words& words);
  /// Writes it with its top left corner there; gives its height.
  double write(const Words& words, double x, double y);

 private:
  void put_rect(const Rect& rect);
  void put_line(const Line& line);
  void put_text(const Text& text);
  void lay_out(const Words& words);
  void set_ink(Ink ink);
  void set_font(double size, Weight weight);

  std::unique_ptr<cairo_t, CairoEnd> context_;
  std::unique_ptr<PangoLayout, CairoEnd> layout_;
};

/// Appends what a surface writes to the std::string behind `closure`.
[[nodiscard]] cairo_status_t append_bytes(void* closure, const unsigned char* bytes,
                                          unsigned int length);

}  // namespace probity::picture
