#include "picture/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "picture/label.hpp"

namespace probity::picture {
namespace {

constexpr double k_bar_height = 15;
constexpr double k_pair_height = 11;
constexpr double k_row_gap = 8;
constexpr double k_columns_height = 150;
constexpr double k_legend_square = 11;

/// Where the parts of a row of bars stand.
struct Layout {
  double label_width = 0;
  double bar_x = 0;
  double bar_width = 0;
  double text_room = 0;
  bool is_label_above = false;
};

template <typename Rows>
Layout layout_of(const Sketch& sketch, const Rows& rows, double text_room) {
  constexpr double k_label_part = 0.38;
  constexpr double k_gap = 10;
  Layout out;
  out.text_room = text_room;
  out.is_label_above = sketch.is_narrow();
  if (out.is_label_above) {
    out.label_width = sketch.width();
    out.bar_width = sketch.width() - text_room - k_gap;
    return out;
  }
  double widest = 60;
  for (const auto& row : rows)
    widest = std::max(widest, text_width(row.label, k_text_size));
  out.label_width = std::min(widest + 4, k_label_part * sketch.width());
  out.bar_x = out.label_width + k_gap;
  out.bar_width = sketch.width() - out.bar_x - text_room - k_gap;
  return out;
}

std::vector<std::string> label_lines(std::string_view label, const Layout& layout) {
  return wrap(label, {k_text_size, layout.label_width, 2});
}

/// Writes a row's label; gives where its bars begin.
double put_label(Sketch& sketch, const std::vector<std::string>& lines, const Layout& layout) {
  constexpr double k_base = 12;
  double y = sketch.y() + k_base;
  for (const std::string& line : lines) {
    sketch.text({.x = 0, .y = y, .text = line, .size = k_text_size, .room = layout.label_width});
    y += k_line_height;
  }
  const double height = static_cast<double>(lines.size()) * k_line_height;
  return layout.is_label_above ? sketch.y() + height : sketch.y();
}

void put_mark(Sketch& sketch, const Mark& mark, const Layout& layout, double top, double y,
              double height) {
  const auto x_of = [&](double value) {
    return layout.bar_x + layout.bar_width * std::clamp(value / top, 0.0, 1.0);
  };
  sketch.rect({layout.bar_x, y, x_of(mark.value) - layout.bar_x, height, mark.ink});
  if (mark.interval) {
    const double middle = y + height / 2;
    const double low = x_of(mark.interval->low);
    const double high = x_of(mark.interval->high);
    constexpr double k_cap = 3;
    sketch.line({low, middle, high, middle, Ink::Text, 1});
    sketch.line({low, middle - k_cap, low, middle + k_cap, Ink::Text, 1});
    sketch.line({high, middle - k_cap, high, middle + k_cap, Ink::Text, 1});
  }
  sketch.text({.x = sketch.width(),
               .y = y + height / 2 + 4.5,
               .text = mark.text,
               .size = k_small_size,
               .anchor = Anchor::End,
               .room = layout.text_room});
}

double text_room_of(const std::vector<BarRow>& rows) {
  double room = 30;
  for (const BarRow& row : rows)
    for (const Mark& mark : row.marks)
      room = std::max(room, text_width(mark.text, k_small_size));
  return room;
}

void put_grid(Sketch& sketch, const Layout& layout, double top, double from) {
  for (int part = 0; part <= 4; ++part) {
    const double x = layout.bar_x + layout.bar_width * part / 4;
    sketch.line({x, from, x, sketch.y() + 2, part == 0 ? Ink::Rule : Ink::Grid, 1});
    if (part % 2 != 0 && sketch.is_narrow()) continue;
    sketch.text({.x = x,
                 .y = sketch.y() + 14,
                 .text = number_text(100 * top * part / 4, 1) + " %",
                 .size = k_small_size,
                 .ink = Ink::Soft,
                 .anchor = part == 0 ? Anchor::Start : Anchor::Middle});
  }
  sketch.down(20);
}

/// Measures of a sheet of columns.
struct Grid {
  double pitch = 0;  ///< From one column to the next.
  double gap = 0;
  double floor = 0;       ///< Where the columns stand.
  double most = 1;        ///< The value as high as the sheet.
  std::size_t every = 1;  ///< Each so many columns have a label.
};

Grid grid_of(const Sketch& sketch, const ColumnSheet& sheet) {
  Grid out;
  double most = 0;
  double widest = 0;
  for (const BarRow& column : sheet.columns) {
    widest = std::max(widest, text_width(column.label, k_small_size) + 8);
    for (const Mark& mark : column.marks)
      most = std::max(most, mark.value);
  }
  if (most > 0) out.most = most;
  out.pitch = sketch.width() / static_cast<double>(sheet.columns.size());
  out.gap = std::min(10.0, out.pitch * 0.2);
  // The line's name has a line of its own above the highest value.
  out.floor = sketch.y() + (sheet.line_at ? 2 : 1) * k_line_height + k_columns_height;
  out.every = static_cast<std::size_t>(std::max(1.0, std::ceil(widest / out.pitch)));
  return out;
}

void put_column(Sketch& sketch, const BarRow& column, const Grid& grid, std::size_t at) {
  const double x = grid.pitch * static_cast<double>(at) + grid.gap / 2;
  const bool is_pair = column.marks.size() > 1;
  const double own = (grid.pitch - grid.gap) / (is_pair ? 2 : 1);
  for (std::size_t k = 0; k < column.marks.size(); ++k) {
    const Mark& mark = column.marks[k];
    const double height = k_columns_height * mark.value / grid.most;
    const double left = x + own * static_cast<double>(k);
    sketch.rect({left, grid.floor - height, own - (is_pair ? 1 : 0), height, mark.ink});
    const bool fits = text_width(mark.text, k_small_size) <= own + (is_pair ? 0 : grid.gap);
    if (!fits || (is_pair && mark.value <= 0)) continue;
    sketch.text({.x = left + own / 2,
                 .y = grid.floor - height - 4,
                 .text = mark.text,
                 .size = k_small_size,
                 .anchor = Anchor::Middle});
  }
  if (at % grid.every != 0) return;
  const double half = std::min(text_width(column.label, k_small_size), sketch.width()) / 2;
  const double middle = x + (grid.pitch - grid.gap) / 2;
  sketch.text({.x = std::clamp(middle, half, sketch.width() - half),
               .y = grid.floor + 15,
               .text = column.label,
               .size = k_small_size,
               .ink = Ink::Soft,
               .anchor = Anchor::Middle,
               .room = std::max(grid.pitch * static_cast<double>(grid.every), 2 * half)});
}

}  // namespace

void Sketch::rect(Rect shape) {
  if (shape.width > 0 && shape.height > 0) picture_.shapes.emplace_back(shape);
}

void Sketch::lay_under(std::size_t from, std::size_t later) {
  const auto begin = picture_.shapes.begin();
  std::rotate(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(later),
              picture_.shapes.end());
}

void Sketch::upright_beside_texts(const Line& shape, std::size_t first) {
  constexpr double k_air = 3;
  std::vector<std::pair<double, double>> gaps;
  for (const Shape& other : std::span(picture_.shapes).subspan(first)) {
    const auto* words = std::get_if<Text>(&other);
    if (words == nullptr) continue;
    const double width = text_width(words->text, words->size);
    const double left = words->x - width * static_cast<double>(words->anchor) / 2;
    if (shape.x1 < left - k_air || shape.x1 > left + width + k_air) continue;
    gaps.emplace_back(words->y - words->size, words->y + k_air);
  }
  std::ranges::sort(gaps);
  gaps.emplace_back(shape.y2, shape.y2);
  double from = shape.y1;
  for (const auto& [top, bottom] : gaps) {
    Line piece = shape;
    piece.y1 = from;
    piece.y2 = std::min(top, shape.y2);
    if (piece.y1 < piece.y2) line(piece);
    from = std::max(from, bottom);
  }
}

void Sketch::text(Text shape) {
  if (!shape.text.empty()) picture_.shapes.emplace_back(std::move(shape));
}

void Sketch::paragraph(std::string_view words, Ink ink) {
  constexpr std::size_t k_lines_max = 8;
  constexpr double k_base = 12;
  for (std::string& line : wrap(words, {k_small_size, width(), k_lines_max})) {
    text({.x = 0,
          .y = y_ + k_base,
          .text = std::move(line),
          .size = k_small_size,
          .ink = ink,
          .room = width()});
    y_ += k_line_height;
  }
}

void Sketch::heading(std::string_view words) {
  constexpr double k_base = 13;
  for (std::string& line : wrap(words, {k_text_size, width() * 0.92, 2})) {
    text({.x = 0,
          .y = y_ + k_base,
          .text = std::move(line),
          .size = k_text_size,
          .weight = Weight::Bold,
          .room = width()});
    y_ += k_line_height;
  }
  y_ += 3;
}

void Sketch::legend(const std::vector<Key>& keys) {
  constexpr double k_gap = 16;
  double x = 0;
  for (const Key& key : keys) {
    const double room = width() - k_legend_square - 6;
    const auto lines = wrap(key.name, {k_small_size, std::min(room, 260.0), 1});
    const double own = k_legend_square + 6 + text_width(lines.front(), k_small_size);
    if (x > 0 && x + own > width()) {
      x = 0;
      y_ += k_line_height;
    }
    rect({x, y_ + 2, k_legend_square, k_legend_square, key.ink});
    text({.x = x + k_legend_square + 6,
          .y = y_ + 12,
          .text = lines.front(),
          .size = k_small_size,
          .ink = Ink::Soft,
          .room = room});
    x += own + k_gap;
  }
  if (!keys.empty()) y_ += k_line_height + 6;
}

Picture Sketch::finish() && {
  picture_.height = std::ceil(y_ + 2);
  return std::move(picture_);
}

double top_of(const std::vector<BarRow>& rows) {
  double most = 0;
  for (const BarRow& row : rows)
    for (const Mark& mark : row.marks)
      most = std::max(most, mark.interval ? mark.interval->high : mark.value);
  return most <= 0.25 ? 0.25 : most <= 0.5 ? 0.5 : 1;
}

void draw_bars(Sketch& sketch, const BarSheet& sheet) {
  const Layout layout = layout_of(sketch, sheet.rows, text_room_of(sheet.rows));
  const double from = sketch.y();
  const std::size_t first_shape = sketch.size();
  for (const BarRow& row : sheet.rows) {
    const auto lines = label_lines(row.label, layout);
    double y = put_label(sketch, lines, layout);
    const double height = row.marks.size() > 1 ? k_pair_height : k_bar_height;
    for (const Mark& mark : row.marks) {
      put_mark(sketch, mark, layout, sheet.top, y, height);
      y += height + 1;
    }
    const double least = sketch.y() + static_cast<double>(lines.size()) * k_line_height;
    sketch.down(std::max(y, layout.is_label_above ? y : least) - sketch.y() + k_row_gap);
  }
  if (!sheet.has_axis) return;
  const std::size_t grid = sketch.size();
  put_grid(sketch, layout, sheet.top, from);
  sketch.lay_under(first_shape, grid);
}

void draw_columns(Sketch& sketch, const ColumnSheet& sheet) {
  if (sheet.columns.empty()) return;
  const Grid grid = grid_of(sketch, sheet);
  const std::size_t first = sketch.size();
  for (std::size_t i = 0; i < sheet.columns.size(); ++i)
    put_column(sketch, sheet.columns[i], grid, i);
  sketch.line({0, grid.floor, sketch.width(), grid.floor, Ink::Rule, 1});
  if (sheet.line_at) {
    const double x = grid.pitch * (*sheet.line_at + 0.5);
    sketch.upright_beside_texts({x, sketch.y() + 4, x, grid.floor + 4, Ink::Text, 1.5}, first);
    const bool is_right = x > sketch.width() / 2;
    sketch.text({.x = is_right ? x - 5 : x + 5,
                 .y = sketch.y() + 11,
                 .text = sheet.line_text,
                 .size = k_small_size,
                 .anchor = is_right ? Anchor::End : Anchor::Start});
  }
  sketch.down(grid.floor - sketch.y() + 22);
}

Ink scale_ink(std::size_t at, std::size_t of) {
  const double part = of < 2 ? 1 : static_cast<double>(at) / static_cast<double>(of - 1);
  const int step = static_cast<int>(std::lround(part * (k_scale_steps - 1)));
  return static_cast<Ink>(static_cast<int>(Ink::Scale1) + std::clamp(step, 0, k_scale_steps - 1));
}

Ink ink_on(Ink ink) {
  const bool is_pale = ink >= Ink::Scale1 && ink <= Ink::Scale4;
  if (ink == Ink::Unsure) return Ink::OnUnsure;
  return is_pale ? Ink::OnPale : Ink::OnDeep;
}

void draw_stack(Sketch& sketch, const std::vector<StackRow>& rows) {
  constexpr double k_height = 19;
  double room = 10;
  for (const StackRow& row : rows)
    room = std::max(room, text_width(row.text, k_small_size));
  const Layout layout = layout_of(sketch, rows, room);
  for (const StackRow& row : rows) {
    const auto lines = label_lines(row.label, layout);
    const double y = put_label(sketch, lines, layout);
    double x = layout.bar_x;
    for (const Slice& slice : row.slices) {
      const double width = layout.bar_width * std::clamp(slice.value, 0.0, 1.0);
      sketch.rect({x, y, std::max(0.0, width - 1), k_height, slice.ink});
      const std::string text =
          (slice.is_estimated ? "\u2248" : "") + number_text(100 * slice.value, 0) + " %";
      if (text_width(text, k_small_size) + 4 < width)
        sketch.text({.x = x + width / 2,
                     .y = y + 13.5,
                     .text = text,
                     .size = k_small_size,
                     .ink = ink_on(slice.ink),
                     .anchor = Anchor::Middle});
      x += width;
    }
    sketch.text({.x = layout.bar_x,
                 .y = y + 13,
                 .text = row.instead,
                 .size = k_small_size,
                 .ink = Ink::Soft,
                 .room = layout.bar_width});
    sketch.text({.x = sketch.width(),
                 .y = y + 13.5,
                 .text = row.text,
                 .size = k_small_size,
                 .anchor = Anchor::End,
                 .room = layout.text_room});
    const double least = sketch.y() + static_cast<double>(lines.size()) * k_line_height;
    sketch.down(std::max(y + k_height, least) - sketch.y() + k_row_gap);
  }
}

constexpr double k_gauge_size = 28;

double gauge_text_room(std::string_view text) {
  // Widths are of the regular face; the bold one takes somewhat more.
  constexpr double k_bold = 1.1;
  constexpr double k_gap = 14;
  return text_width(text, k_gauge_size) * k_bold + k_gap;
}

void draw_gauge(Sketch& sketch, const Gauge& gauge) {
  constexpr double k_height = 16;
  const double left = gauge.text_room;
  const double width = sketch.width() - left - 14;
  const auto x_of = [&](double score) { return left + width * (score + 100) / 200; };
  const double y = sketch.y() + 10;
  sketch.text({.x = 0,
               .y = y + 20,
               .text = gauge.text,
               .size = k_gauge_size,
               .weight = Weight::Bold,
               .room = left});
  sketch.rect({left, y, width, k_height, Ink::Grid});
  sketch.rect({x_of(gauge.interval.low), y, x_of(gauge.interval.high) - x_of(gauge.interval.low),
               k_height, gauge.ink == Ink::Second ? Ink::SecondPale : Ink::FirstPale});
  const double at = x_of(gauge.score);
  sketch.line({at, y - 5, at, y + k_height + 5, gauge.ink, 3});
  for (int tick = -100; tick <= 100; tick += 50) {
    const double x = x_of(tick);
    sketch.line({x, y + k_height, x, y + k_height + 4, Ink::Rule, 1});
    sketch.text({.x = x,
                 .y = y + k_height + 17,
                 .text = number_text(tick, 0),
                 .size = k_small_size,
                 .ink = Ink::Soft,
                 .anchor = tick == 100 ? Anchor::End : Anchor::Middle});
  }
  sketch.down(10 + k_height + 26);
}

}  // namespace probity::picture
