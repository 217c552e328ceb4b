#include "feature/survey/sheet.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.hpp"
#include "feature/survey/limits.hpp"
#include "form/value.hpp"

namespace probity::survey {
namespace {

// 0x80 to 0x9f of windows-1252 (the WHATWG table); 0 where it leaves a byte open.
constexpr std::array<char16_t, 32> k_windows_1252{
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
constexpr char16_t k_replacement = 0xfffd;

void append_code_point(std::string& out, char16_t c) {
  if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
  } else {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
  }
  out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
}

std::string from_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 16);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else if (byte >= 0xa0) {
      append_code_point(out, byte);
    } else {
      const char16_t known = k_windows_1252[byte - 0x80];
      append_code_point(out, known == 0 ? k_replacement : known);
    }
  }
  return out;
}

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

DecodedSheet without_controls(std::string text) {
  DecodedSheet sheet{std::move(text), 0};
  sheet.replaced = static_cast<std::size_t>(std::ranges::count_if(sheet.text, is_forbidden));
  if (sheet.replaced == 0) return sheet;
  std::string out;
  out.reserve(sheet.text.size() + 2 * sheet.replaced);
  for (const char c : sheet.text)
    is_forbidden(c) ? append_code_point(out, k_replacement) : out.push_back(c);
  sheet.text = std::move(out);
  return sheet;
}

std::unexpected<Error> refuse_at(Code code, std::size_t line, std::string_view what) {
  return refuse(code, fmt::format("Line {}: {}", line, what));
}

std::size_t count_line_ends(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n'))) ++count;
  return count;
}

enum class Wrapping : int { Zlib = 15, Gzip = 15 + 16 };

// An inflater that ends itself.
class Inflater {
 public:
  explicit Inflater(Wrapping wrapping) {
    is_ready_ = inflateInit2(&stream_, static_cast<int>(wrapping)) == Z_OK;
  }
  ~Inflater() {
    if (is_ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // zlib takes its input as non-const although it only reads it.
  void feed(std::string_view packed) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
  }
  [[nodiscard]] Result<std::string> run(std::size_t bytes_max) {
    if (!is_ready_) return fail(Code::Overloaded, "no memory to inflate");
    std::string out;
    std::array<char, 64 * 1024> piece;  // NOLINT(*-member-init): zlib tells what it wrote.
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END)
        return refuse(Code::BadRequest, "The compressed body is damaged or cut off.");
      const std::size_t made = piece.size() - stream_.avail_out;
      if (made > bytes_max - out.size()) {
        return refuse(Code::LimitExceeded,
                      fmt::format("The body unpacks to more than {} bytes; divide it.", bytes_max));
      }
      out.append(piece.data(), made);
      if (status == Z_STREAM_END) {
        if (stream_.avail_in == 0) return out;
        if (inflateReset(&stream_) != Z_OK) return fail(Code::Internal, "inflateReset");
      }
    }
  }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
};

Result<std::string> inflate_all(std::string_view packed, std::size_t bytes_max, Wrapping wrapping) {
  Inflater inflater(wrapping);
  inflater.feed(packed);
  return inflater.run(bytes_max);
}

/// Full-width ＝＋－＠ become = + - @ in spreadsheets of East Asian settings.
constexpr std::array<std::string_view, 4> k_wide_starts{"\xEF\xBC\x9D", "\xEF\xBC\x8B",
                                                        "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

bool starts_formula(std::string_view cell) {
  if (cell.empty()) return false;
  for (const std::string_view start : k_wide_starts)
    if (cell.starts_with(start)) return true;
  // Line ends and tabs before a formula are dropped by those who read cells generously.
  constexpr std::string_view k_starts = "=+-@\t\r\n";
  if (k_starts.find(cell.front()) == std::string_view::npos) return false;
  return !(cell.front() == '-' && form::parse_number(cell));
}

/// Cells of the first records when a separator cuts them all into equally many; 0 when it does not.
std::size_t even_width(std::string_view text, char separator) {
  constexpr int k_records = 20;
  SheetReader reader(text, separator);
  Record record;
  std::size_t width = 0;
  for (int i = 0; i < k_records; ++i) {
    const auto has = reader.next(record);
    if (!has) return 0;
    if (!*has) break;
    if (width != 0 && record.cells.size() != width) return 0;
    width = record.cells.size();
  }
  return width;
}

}  // namespace

Result<Encoding> parse_encoding(std::string_view text) {
  PROBITY_TRY(name, fold(text));
  if (name.empty() || name == "auto") return Encoding::Auto;
  if (name == "utf-8" || name == "utf8" || name == "utf-8-sig") return Encoding::Utf8;
  if (name == "windows-1252" || name == "cp1252") return Encoding::Windows1252;
  return refuse_field(Code::BadRequest, "encoding", "Either utf-8 or windows-1252.");
}

Result<DecodedSheet> decode_sheet(std::string bytes, Encoding encoding) {
  constexpr std::string_view k_mark = "\xef\xbb\xbf";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
    return refuse(Code::BadRequest,
                  "The file is UTF-16. Save it as UTF-8 or windows-1252 and send it again.");
  }
  if (bytes.find('\0') != std::string::npos)
    return refuse(Code::BadRequest, "The file holds a NUL byte, so it is not a text table.");
  if (bytes.starts_with(k_mark) && encoding != Encoding::Windows1252) {
    bytes.erase(0, k_mark.size());
    encoding = Encoding::Utf8;
  }
  const bool is_valid = encoding != Encoding::Windows1252 && is_utf8(bytes);
  if (is_valid) return without_controls(std::move(bytes));
  if (encoding == Encoding::Utf8) {
    return refuse_field(Code::BadRequest, "encoding",
                        "The file is not UTF-8 throughout. Send encoding=windows-1252 if it is.");
  }
  return without_controls(from_windows_1252(bytes));
}

char take_separator(std::string& text) {
  constexpr std::string_view k_said = "sep=";
  const std::size_t end = text.find_first_of("\r\n");
  if (end == k_said.size() + 1 && text.starts_with(k_said)) {
    const char separator = text[k_said.size()];
    if (separator == ',' || separator == ';' || separator == '\t' || separator == '|') {
      text.erase(0, end);
      return separator;
    }
  }
  if (even_width(text, ',') > 1) return ',';
  for (const char other : {';', '\t'})
    if (even_width(text, other) > 1) return other;
  return ',';
}

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max) {
  return inflate_all(packed, bytes_max, Wrapping::Gzip);
}

Result<std::string> inflate_text(std::string_view packed, std::size_t bytes_max) {
  return inflate_all(packed, bytes_max, Wrapping::Zlib);
}

std::string deflate_text(std::string_view text) {
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  // Cannot fail: the bound is enough, and there is no other error but lack of memory.
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(text.data()), text.size(),
                Z_DEFAULT_COMPRESSION) != Z_OK) {
    std::abort();
  }
  packed.resize(size);
  return packed;
}

void SheetReader::skip_line_end() {
  if (!is_line_end(at_)) return;
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  ++at_;
  ++line_;
}

Result<bool> SheetReader::next(Record& record) {
  record.cells.clear();
  unquoted_.clear();
  while (is_line_end(at_))
    skip_line_end();
  if (at_ >= text_.size()) return false;
  record.line = line_;
  for (;;) {
    PROBITY_TRY(text, cell(record.line));
    if (text.size() > k_import_cell_max_bytes) {
      return refuse_at(
          Code::LimitExceeded, record.line,
          fmt::format("a cell has more than {} bytes; shorten it.", k_import_cell_max_bytes));
    }
    record.cells.push_back(text);
    // One more than a table may have, so that a trailing separator is told from a wide row.
    if (record.cells.size() > k_import_columns_max + 1) {
      return refuse_at(
          Code::LimitExceeded, record.line,
          fmt::format("more than {} columns; divide the table.", k_import_columns_max));
    }
    if (at_ < text_.size() && text_[at_] == separator_) {
      ++at_;
      continue;
    }
    skip_line_end();
    return true;
  }
}

Result<std::string_view> SheetReader::cell(std::size_t record_line) {
  if (at_ < text_.size() && text_[at_] == '"') return quoted_cell(record_line);
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != separator_ && !is_line_end(at_))
    ++at_;
  return text_.substr(begin, at_ - begin);
}

Result<std::string_view> SheetReader::quoted_cell(std::size_t record_line) {
  std::string& out = unquoted_.emplace_back();
  for (bool is_open = true; is_open;) {
    const std::size_t begin = ++at_;
    at_ = text_.find('"', begin);
    if (at_ == std::string_view::npos)
      return refuse_at(Code::BadRequest, record_line, "a quoted cell is never closed.");
    const std::string_view part = text_.substr(begin, at_ - begin);
    out += part;
    line_ += count_line_ends(part);
    ++at_;
    is_open = at_ < text_.size() && text_[at_] == '"';
    if (is_open) out.push_back('"');
  }
  while (at_ < text_.size() && text_[at_] != separator_ && !is_line_end(at_))
    out.push_back(text_[at_++]);
  return std::string_view(out);
}

void append_csv_cell(std::string& out, std::string_view cell) {
  const bool is_formula = starts_formula(cell);
  const bool is_quoted = is_formula || cell.find_first_of("\",\r\n\t;") != std::string_view::npos ||
                         cell.starts_with(' ') || cell.ends_with(' ');
  if (is_quoted) out.push_back('"');
  if (is_formula) out.push_back('\'');
  for (const char c : cell) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  if (is_quoted) out.push_back('"');
}

}  // namespace probity::survey
