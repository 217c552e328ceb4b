#include "picture/pdf.hpp"

#include <cairo-pdf.h>
#include <fmt/format.h>

#include <algorithm>

#include "picture/cairo.hpp"
#include "picture/label.hpp"

namespace probity::picture {
namespace {

// Points, 1/72 inch.
constexpr double k_page_width = 595.28;
constexpr double k_page_height = 841.89;
constexpr double k_margin = 54;
constexpr double k_bottom = k_page_height - 62;
constexpr double k_width = k_page_width - 2 * k_margin;
constexpr double k_pixel = 0.75;  ///< Points of a pixel.
constexpr double k_small = 8;

class Tag {
 public:
  Tag(cairo_t* context, const char* name) : context_(context), name_(name) {
    cairo_tag_begin(context_, name_, nullptr);
  }
  Tag(const Tag&) = delete;
  Tag& operator=(const Tag&) = delete;
  ~Tag() { cairo_tag_end(context_, name_); }

 private:
  cairo_t* context_;
  const char* name_;
};

/// Widths and borders of a table's columns.
struct Columns {
  std::vector<std::size_t> positions;  ///< Of the table's columns.
  std::vector<double> x;
  std::vector<double> width;
};

class PdfWriter {
 public:
  PdfWriter(cairo_surface_t* surface, const Document& document)
      : surface_(surface), brush_(surface), document_(document) {}

  Result<void> write(const Deadline& deadline) {
    title_page();
    for (const Section& section : document_.sections) {
      if (deadline.has_passed()) return fail(Code::Deadline, "writing a PDF took too long");
      this->section(section);
    }
    end_page();
    return brush_.check();
  }

 private:
  void title_page();
  void facts();
  void section(const Section& section);
  void put_picture(const Picture& picture);
  void put_table(const Table& table);
  void put_rows(const Table& table, const Columns& columns);
  void put_head(const Table& table, const Columns& columns);
  double row_height(const std::vector<std::string>& cells, const Columns& columns, Weight weight);
  void paragraph(std::string_view text, Brush::Words words, const char* tag);
  void end_page();
  void need(double height) {
    if (y_ + height <= k_bottom || y_ <= k_margin) return;
    end_page();
    y_ = k_margin;
  }
  void outline(std::string_view title);

  cairo_surface_t* surface_;
  Brush brush_;
  const Document& document_;
  double y_ = k_margin;
  int page_ = 1;
};

void PdfWriter::paragraph(std::string_view text, Brush::Words words, const char* tag) {
  words.text = text;
  words.width = k_width;
  need(brush_.height_of(words));
  const Tag own(brush_.context(), tag);
  y_ += brush_.write(words, k_margin, y_);
}

void PdfWriter::end_page() {
  const double y = k_page_height - 44;
  Brush::Words left{.text = document_.title,
                    .size = k_small,
                    .width = k_width - 60,
                    .ink = Ink::Soft,
                    .lines_max = 1};
  const std::string number = std::to_string(page_);
  Brush::Words right{
      .text = number, .size = k_small, .width = 50, .ink = Ink::Soft, .anchor = Anchor::End};
  brush_.write(left, k_margin, y);
  brush_.write(right, k_margin + k_width - 50, y);
  cairo_show_page(brush_.context());
  ++page_;
}

void PdfWriter::outline(std::string_view title) {
  const std::string name = plain_text(title, 120);
  const std::string where = fmt::format("page={} pos=[0 {:.1f}]", page_, y_);
  cairo_pdf_surface_add_outline(surface_, CAIRO_PDF_OUTLINE_ROOT, name.c_str(), where.c_str(),
                                CAIRO_PDF_OUTLINE_FLAG_OPEN);
}

void PdfWriter::facts() {
  constexpr double k_name_width = 130;
  for (const auto& [name, value] : document_.facts) {
    Brush::Words left{.text = name, .size = 10, .width = k_name_width - 10, .ink = Ink::Soft};
    Brush::Words right{.text = value, .size = 10, .width = k_width - k_name_width};
    const double height = std::max(brush_.height_of(left), brush_.height_of(right));
    need(height + 5);
    const Tag own(brush_.context(), "P");
    brush_.write(left, k_margin, y_);
    brush_.write(right, k_margin + k_name_width, y_);
    y_ += height + 5;
  }
}

void PdfWriter::title_page() {
  constexpr double k_title_top = 140;
  y_ = k_title_top;
  if (!document_.organisation.empty()) {
    paragraph(document_.organisation, {.size = 11, .ink = Ink::Soft, .lines_max = 2}, "P");
    y_ += 6;
  }
  outline(document_.title);
  paragraph(document_.title, {.size = 24, .weight = Weight::Bold, .lines_max = 5}, "H1");
  y_ += 28;
  facts();
  y_ += 12;
  for (const std::string& note : document_.notes) {
    paragraph(note, {.size = 9.5, .ink = Ink::Soft}, "P");
    y_ += 4;
  }
  end_page();
  y_ = k_margin;
}

void PdfWriter::section(const Section& section) {
  Brush::Words heading{
      .text = section.title, .size = 13, .width = k_width, .weight = Weight::Bold, .lines_max = 6};
  double height = brush_.height_of(heading) + 8;
  if (section.picture)
    height += std::min(section.picture->height * k_pixel, k_bottom - k_margin - height);
  need(height + 24);
  outline(section.title);
  {
    const Tag own(brush_.context(), "H2");
    y_ += brush_.write(heading, k_margin, y_) + 8;
  }
  if (section.picture) put_picture(*section.picture);
  for (const std::string& note : section.notes) {
    paragraph(note, {.size = k_small, .ink = Ink::Soft}, "P");
    y_ += 2;
  }
  y_ += 6;
  put_table(section.table);
  y_ += 24;
}

void PdfWriter::put_picture(const Picture& picture) {
  const double room = k_bottom - y_;
  const double fit = std::min({k_width / picture.width, k_pixel, room / picture.height});
  const Tag own(brush_.context(), "Figure");
  brush_.draw(picture, {k_margin, y_, fit});
  y_ += picture.height * fit + 6;
}

void PdfWriter::put_table(const Table& table) {
  constexpr double k_first_part = 0.34;
  const std::size_t all = table.headings.size();
  for (std::size_t from = 1; from < std::max<std::size_t>(all, 1) && all > 0;) {
    const std::size_t to = std::min(all, from + k_pdf_columns_max - 1);
    Columns columns;
    columns.positions.push_back(0);
    for (std::size_t i = from; i < to; ++i)
      columns.positions.push_back(i);
    const double first = columns.positions.size() < 4 ? 0.5 : k_first_part;
    double x = k_margin;
    for (std::size_t i = 0; i < columns.positions.size(); ++i) {
      const double rest = static_cast<double>(columns.positions.size() - 1);
      const double width = i == 0 ? first * k_width : (1 - first) * k_width / rest;
      columns.x.push_back(x);
      columns.width.push_back(width - 8);
      x += width;
    }
    put_rows(table, columns);
    from = to;
  }
}

double PdfWriter::row_height(const std::vector<std::string>& cells, const Columns& columns,
                             Weight weight) {
  double height = 0;
  for (std::size_t i = 0; i < columns.positions.size(); ++i) {
    const Brush::Words words{.text = cells[columns.positions[i]],
                             .size = k_small,
                             .width = columns.width[i],
                             .weight = weight,
                             .lines_max = 3};
    height = std::max(height, brush_.height_of(words));
  }
  return height;
}

std::vector<std::string> texts_of(const std::vector<Cell>& row, std::size_t columns) {
  std::vector<std::string> out;
  for (const Cell& cell : row)
    out.push_back(cell_text(cell));
  out.resize(std::max(columns, out.size()));
  return out;
}

void PdfWriter::put_head(const Table& table, const Columns& columns) {
  const double height = row_height(table.headings, columns, Weight::Bold);
  const Tag own(brush_.context(), "TR");
  for (std::size_t i = 0; i < columns.positions.size(); ++i) {
    const Tag cell(brush_.context(), "TH");
    brush_.write({.text = table.headings[columns.positions[i]],
                  .size = k_small,
                  .width = columns.width[i],
                  .weight = Weight::Bold,
                  .ink = Ink::Soft,
                  .anchor = i == 0 ? Anchor::Start : Anchor::End,
                  .lines_max = 3},
                 columns.x[i], y_);
  }
  y_ += height + 4;
}

void PdfWriter::put_rows(const Table& table, const Columns& columns) {
  const double head = row_height(table.headings, columns, Weight::Bold) + 4;
  const std::size_t rows = std::min(table.rows.size(), k_pdf_rows_max);
  bool is_open = false;
  for (std::size_t at = 0; at < rows; ++at) {
    const auto texts = texts_of(table.rows[at], table.headings.size());
    const double height = row_height(texts, columns, Weight::Regular) + 3;
    const bool is_new_page = y_ + height + (is_open ? 0 : head) > k_bottom;
    if (is_new_page && is_open) cairo_tag_end(brush_.context(), "Table");
    if (is_new_page) need(k_page_height);
    if (is_new_page || !is_open) {
      cairo_tag_begin(brush_.context(), "Table", nullptr);
      is_open = true;
      put_head(table, columns);
    }
    const Tag own(brush_.context(), "TR");
    for (std::size_t i = 0; i < columns.positions.size(); ++i) {
      const bool is_words = columns.positions[i] < table.rows[at].size() &&
                            table.rows[at][columns.positions[i]].kind == Cell::Kind::Words;
      const Tag cell(brush_.context(), i == 0 ? "TH" : "TD");
      brush_.write({.text = texts[columns.positions[i]],
                    .size = k_small,
                    .width = columns.width[i],
                    .anchor = i == 0 || is_words ? Anchor::Start : Anchor::End,
                    .lines_max = 3},
                   columns.x[i], y_);
    }
    y_ += height;
  }
  if (is_open) cairo_tag_end(brush_.context(), "Table");
  y_ += 6;
  if (rows == table.rows.size()) return;
  const std::string more =
      fmt::format("{} more rows are in the workbook (XLSX).", count_text(table.rows.size() - rows));
  paragraph(more, {.size = k_small, .ink = Ink::Soft}, "P");
}

}  // namespace

Result<std::string> pdf_of(const Document& document, const Deadline& deadline) {
  PROBITY_CHECK(Brush::check_fonts());
  std::string out;
  const Surface surface(
      cairo_pdf_surface_create_for_stream(append_bytes, &out, k_page_width, k_page_height));
  const std::string title = plain_text(document.title, k_shown_characters_max);
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Probity");
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE,
                                 document.made_at.c_str());
  {
    PdfWriter writer(surface.get(), document);
    PROBITY_CHECK(writer.write(deadline));
  }
  cairo_surface_finish(surface.get());
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    return fail(Code::Internal, cairo_status_to_string(cairo_surface_status(surface.get())));
  return out;
}

}  // namespace probity::picture
