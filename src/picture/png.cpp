#include "picture/png.hpp"

#include <algorithm>
#include <cmath>

#include "picture/cairo.hpp"

namespace probity::picture {

Result<std::string> png_of(const Picture& picture) {
  PROBITY_CHECK(Brush::check_fonts());
  constexpr double k_margin = 12;
  const double width = picture.width + 2 * k_margin;
  const double height = picture.height + 2 * k_margin;
  const double scale = std::min(k_png_scale, std::sqrt(k_png_pixels_max / (width * height)));
  const Surface surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(width * scale), static_cast<int>(height * scale)));
  Brush brush(surface.get());
  cairo_set_source_rgb(brush.context(), 1, 1, 1);
  cairo_paint(brush.context());
  brush.draw(picture, {k_margin * scale, k_margin * scale, scale});
  PROBITY_CHECK(brush.check());
  std::string out;
  if (cairo_surface_write_to_png_stream(surface.get(), append_bytes, &out) != CAIRO_STATUS_SUCCESS)
    return fail(Code::Internal, "a picture was not written as PNG");
  return out;
}

}  // namespace probity::picture
