#include "form/html.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace probity::form {
namespace {

constexpr std::size_t k_html_depth_max = 32;
constexpr std::size_t k_link_max_bytes = 2048;

constexpr std::array<std::string_view, 24> k_kept = {
    "p",  "br", "hr", "b",  "i",  "em", "strong", "u",  "s",          "small", "sub", "sup",
    "ul", "ol", "li", "h2", "h3", "h4", "h5",     "h6", "blockquote", "code",  "pre", "a"};
constexpr std::array<std::string_view, 10> k_dropped = {
    "div", "span", "font", "center", "section", "article", "header", "footer", "main", "label"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

struct Tag {
  std::string name;
  bool is_closing = false;
  std::string href;
  std::size_t length = 0;  ///< Bytes of the tag in the input.
};

/// Length of a character reference at the start, or 0.
std::size_t reference_length(std::string_view text) {
  std::size_t end = 1;
  if (text.size() > 2 && text[1] == '#') {
    end = lower(text[2]) == 'x' ? 3 : 2;
    const std::size_t digits = end;
    const auto is_hex = [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); };
    while (end < text.size() && end < 10 && (digits == 3 ? is_hex(text[end]) : is_digit(text[end])))
      ++end;
    if (end == digits) return 0;
  } else {
    while (end < text.size() && end < 33 && (is_letter(text[end]) || is_digit(text[end])))
      ++end;
    if (end == 1) return 0;
  }
  return end < text.size() && text[end] == ';' ? end + 1 : 0;
}

/// A link that may be followed, as it was meant; empty when it may not.
std::string safe_link(std::string_view value) {
  std::string link;
  for (std::size_t i = 0; i < value.size() && link.size() <= k_link_max_bytes; ++i) {
    link.push_back(value[i]);
    if (value.substr(i).starts_with("&amp;")) i += 4;
  }
  const bool is_plain = std::ranges::none_of(link, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '>' || c == '"' || c == '\'' ||
           c == '\\' || c == '`' || c == 0x7F;
  });
  const bool is_known = link.starts_with("https://") || link.starts_with("mailto:");
  return is_plain && is_known && link.size() <= k_link_max_bytes ? link : std::string();
}

/// Reads one tag at the start of the text; nothing when it is not a well-formed one.
class TagReader {
 public:
  explicit TagReader(std::string_view text) : text_(text) {}

  std::optional<Tag> read() {
    Tag tag;
    at_ = 1;
    tag.is_closing = take('/');
    while (at_ < text_.size() && tag.name.size() < 16 &&
           (is_letter(text_[at_]) || (!tag.name.empty() && is_digit(text_[at_])))) {
      tag.name.push_back(lower(text_[at_++]));
    }
    if (tag.name.empty() || at_ >= text_.size()) return {};
    if (!is_space(text_[at_]) && text_[at_] != '>' && text_[at_] != '/') return {};
    for (;;) {
      while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == '/'))
        ++at_;
      if (take('>')) break;
      if (!read_attribute(tag)) return {};
    }
    tag.length = at_;
    return tag;
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool read_attribute(Tag& tag) {
    std::string name;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) ||
                                  text_[at_] == '-' || text_[at_] == ':' || text_[at_] == '_')) {
      name.push_back(lower(text_[at_++]));
    }
    if (name.empty()) return false;
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
    if (!take('=')) return true;
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
    if (at_ >= text_.size()) return false;
    const char quote = text_[at_];
    std::string_view value;
    if (quote == '"' || quote == '\'') {
      const std::size_t end = text_.find(quote, at_ + 1);
      if (end == std::string_view::npos) return false;
      value = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      const std::size_t end = std::min(text_.find_first_of(" \t\r\n\f>", at_), text_.size());
      value = text_.substr(at_, end - at_);
      at_ = end;
    }
    if (name == "href") tag.href = safe_link(value);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Sanitiser {
 public:
  std::string run(std::string_view html) {
    // A tag never spans more than this, so a text of "<" alone stays linear.
    constexpr std::size_t k_tag_max_bytes = 2304;
    for (std::size_t i = 0; i < html.size();) {
      if (html[i] == '<') {
        if (has_comment_end_ && html.substr(i).starts_with("<!--")) {
          const std::size_t end = html.find("-->", i + 4);
          has_comment_end_ = end != std::string_view::npos;
          if (has_comment_end_) {
            i = end + 3;
            continue;
          }
        }
        const auto tag = TagReader(html.substr(i, k_tag_max_bytes)).read();
        if (tag && write_tag(*tag)) {
          i += tag->length;
          continue;
        }
      }
      i += write_text(html.substr(i));
    }
    while (!open_.empty())
      close_last();
    return std::move(out_);
  }

 private:
  std::size_t write_text(std::string_view text) {
    if (text[0] == '&') {
      if (const std::size_t length = reference_length(text)) {
        out_ += text.substr(0, length);
        return length;
      }
    }
    const std::size_t end = std::min(text.find_first_of("<&", 1), text.size());
    out_ += html_escape(text.substr(0, end));
    return end;
  }

  void close_last() {
    out_ += "</" + open_.back() + ">";
    open_.pop_back();
  }

  bool write_tag(Tag tag) {
    if (tag.name == "h1") tag.name = "h2";
    if (is_in(k_dropped, tag.name)) return true;
    if (!is_in(k_kept, tag.name)) return false;
    if (tag.name == "br" || tag.name == "hr") {
      out_ += "<" + tag.name + ">";
      return true;
    }
    if (tag.is_closing) {
      // A closing tag without its opening one says nothing.
      if (std::ranges::find(open_, tag.name) == open_.end()) return true;
      while (open_.back() != tag.name)
        close_last();
      close_last();
      return true;
    }
    if (open_.size() >= k_html_depth_max) return true;
    // Links and paragraphs do not nest.
    const bool is_single = tag.name == "a" || tag.name == "p";
    if (is_single && std::ranges::find(open_, tag.name) != open_.end())
      write_tag({tag.name, true, {}, 0});
    out_ += "<" + tag.name;
    if (!tag.href.empty() && tag.name == "a")
      out_ += " href=\"" + html_escape(tag.href) + "\" rel=\"noopener noreferrer\"";
    out_ += ">";
    open_.push_back(tag.name);
    return true;
  }

  std::string out_;
  std::vector<std::string> open_;
  bool has_comment_end_ = true;  ///< False once none was found, so that none is sought again.
};

}  // namespace

std::string sanitise_html(std::string_view html) { return Sanitiser().run(html); }

}  // namespace probity::form
