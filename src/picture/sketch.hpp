#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "picture/draw.hpp"
#include "picture/shape.hpp"
#include "report/statistics.hpp"

/// What the drawings of this room are put together from.
namespace probity::picture {

inline constexpr double k_text_size = 13;
inline constexpr double k_small_size = 11.5;
inline constexpr double k_line_height = 17;

/// A picture from top to bottom.
class Sketch {
 public:
  explicit Sketch(double width) { picture_.width = width; }

  [[nodiscard]] double width() const { return picture_.width; }
  [[nodiscard]] bool is_narrow() const { return picture_.width < k_width_narrow; }
  /// Where the next thing goes.
  [[nodiscard]] double y() const { return y_; }
  void down(double by) { y_ += by; }
  /// How many shapes there are; lay_under puts all later ones below those from there on.
  [[nodiscard]] std::size_t size() const { return picture_.shapes.size(); }
  void lay_under(std::size_t from, std::size_t later);

  void rect(Rect shape);
  void line(Line shape) { picture_.shapes.emplace_back(shape); }
  /// An upright line from top to bottom in pieces: it leaves out texts among the shapes from
  /// `first` on.
  void upright_beside_texts(const Line& shape, std::size_t first);
  void text(Text shape);
  /// Lines over the whole width, then moves below them.
  void paragraph(std::string_view text, Ink ink);
  /// A heading over the whole width.
  void heading(std::string_view text);
  /// Squares with their names, in as many lines as they need.
  struct Key {
    std::string name;
    Ink ink = Ink::First;
  };
  void legend(const std::vector<Key>& keys);
  [[nodiscard]] Picture finish() &&;

 private:
  Picture picture_;
  double y_ = 2;
};

/// One bar of a row.
struct Mark {
  double value = 0;                          ///< 0 to 1 of the whole.
  std::optional<report::Interval> interval;  ///< The same.
  std::string text;                          ///< What stands at its end.
  Ink ink = Ink::First;
};
struct BarRow {
  std::string label;
  std::vector<Mark> marks;
};
/// Rows of bars on an axis in percent from 0 to `top` (0 to 1; `has_axis` false: no axis).
struct BarSheet {
  std::vector<BarRow> rows;
  double top = 1;
  bool has_axis = true;
};
void draw_bars(Sketch& sketch, const BarSheet& sheet);
/// The end of an axis that these values fit on: 25, 50 or 100 %.
[[nodiscard]] double top_of(const std::vector<BarRow>& rows);

/// One column for each place, with one mark for each group.
struct ColumnSheet {
  std::vector<BarRow> columns;
  /// A vertical line at a position between the columns' centres (0 is the first), with its name.
  std::optional<double> line_at;
  std::string line_text;
};
void draw_columns(Sketch& sketch, const ColumnSheet& sheet);

/// A bar that is cut into shares.
struct Slice {
  double value = 0;
  Ink ink = Ink::Scale1;
  bool is_estimated = false;
};
struct StackRow {
  std::string label;
  std::vector<Slice> slices;
  std::string text;     ///< At its end ("mean 3.2").
  std::string instead;  ///< Words instead of a bar.
};
void draw_stack(Sketch& sketch, const std::vector<StackRow>& rows);
/// The ink of a slice among so many, and of text on it.
[[nodiscard]] Ink scale_ink(std::size_t at, std::size_t of);
[[nodiscard]] Ink ink_on(Ink ink);

/// The scale from -100 to 100 with a score and its interval.
struct Gauge {
  double score = 0;
  report::Interval interval;
  std::string text;
  Ink ink = Ink::First;
  double text_room = 0;  ///< What gauge_text_room says of the longest text of those drawn together.
};
/// Width that the text of a gauge takes, in units of the picture.
[[nodiscard]] double gauge_text_room(std::string_view text);
void draw_gauge(Sketch& sketch, const Gauge& gauge);

}  // namespace probity::picture
