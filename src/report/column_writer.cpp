#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "form/json_answer.hpp"
#include "report/column_table.hpp"

namespace probity::report {
namespace {

namespace dom = simdjson::dom;

/// Items of one list; what has more is kept as it is.
constexpr std::size_t k_items_max = 4'096;
/// Responses kept as they are: a block of nothing else is no gain.
constexpr std::size_t k_odd_max_bytes = 8UL * 1024 * 1024;
/// Different items of one column before a block ends; each response brings at most k_items_max.
constexpr std::size_t k_item_values_max = 60'000;

bool is_scalar(const dom::element& value) { return !value.is_array() && !value.is_object(); }

/// Whether an answer is a scalar, or a list or an object of a few.
bool is_plain(const dom::element& value) {
  std::size_t items = 0;
  dom::array list;
  if (!value.get_array().get(list)) {
    for (const dom::element item : list)
      if (++items > k_items_max || !is_scalar(item)) return false;
    return true;
  }
  dom::object members;
  if (value.get_object().get(members)) return true;
  for (const auto& [name, item] : members)
    if (++items > k_items_max || !is_scalar(item)) return false;
  return true;
}

/// Different values in the order in which they were met, each as its JSON text.
class ValueTable {
 public:
  /// How a value reads once its text is left out; empty for what is no text.
  struct Entry {
    std::string text;
    std::string without_text;
  };

  std::uint16_t put(const Entry& entry) {
    const std::string& text =
        are_texts_left_out_ && !entry.without_text.empty() ? entry.without_text : entry.text;
    const auto found = codes_.find(text);
    if (found != codes_.end()) return found->second;
    const auto code = static_cast<std::uint16_t>(entries_.size());
    codes_.emplace(text, code);
    entries_.push_back({text, entry.without_text});
    bytes_ += text.size();
    return code;
  }
  /// Leaves texts out from now on; for each code the one it becomes.
  std::vector<std::uint16_t> leave_texts_out() {
    std::vector<Entry> before = std::exchange(entries_, {});
    codes_.clear();
    bytes_ = 0;
    are_texts_left_out_ = true;
    std::vector<std::uint16_t> out;
    out.reserve(before.size());
    for (const Entry& entry : before)
      out.push_back(put(entry));
    return out;
  }
  [[nodiscard]] bool are_texts_left_out() const { return are_texts_left_out_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// More than is kept of one question.
  [[nodiscard]] bool is_too_large() const {
    constexpr std::size_t k_long_bytes = 64;
    const bool is_of_long = bytes_ >= k_long_bytes * entries_.size();
    return bytes_ > (is_of_long ? k_columns_long_values_max_bytes : k_columns_values_max_bytes);
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  void append_to(std::string& out) const {
    out.push_back('[');
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (i != 0) out.push_back(',');
      out += entries_[i].text;
    }
    out.push_back(']');
  }

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint16_t> codes_;
  std::size_t bytes_ = 0;
  bool are_texts_left_out_ = false;
};

struct WrittenColumn {
  std::string key;
  ValueTable heads;
  std::vector<std::uint16_t> codes;  ///< 0 where there is none; the head's code and 1 else.
  ValueTable values;
  std::vector<std::uint16_t> items;
};

void set_scalar(const dom::element& value, std::string& out) {
  std::string_view text;
  out.clear();
  if (!value.get_string().get(text))
    append_json_string(out, text);
  else
    out = simdjson::minify(value);
}

/// The empty text stays: conditions tell it from others.
bool is_text(const dom::element& value) {
  std::string_view text;
  return !value.get_string().get(text) && !text.empty();
}

}  // namespace

struct ColumnWriter::State {
  form::AnswerParser parser;
  std::size_t rows = 0;
  std::vector<WrittenColumn> columns;
  std::unordered_map<std::string, std::size_t> by_key;
  ValueTable arrivals;
  std::vector<std::uint16_t> arrival_codes;
  std::string odd;
  std::size_t odd_count = 0;
  std::size_t item_count = 0;
  std::vector<std::size_t> used;  ///< Columns of the response being taken.
  ValueTable::Entry entry;

  /// Finds the columns of a response; false when it fits none.
  bool find_columns(const dom::object& response) {
    used.clear();
    for (const auto& [key, value] : response) {
      if (!is_plain(value)) return false;
      const auto [at, is_new] = by_key.try_emplace(std::string(key), columns.size());
      if (is_new) {
        // A name that is new late has a cell in every response before.
        const bool is_too_wide = (rows + 1) * (columns.size() + 1) > k_columns_cells_max;
        if (columns.size() == k_columns_max || is_too_wide) {
          by_key.erase(at);
          return false;
        }
        columns.push_back({});
        columns.back().key = key;
      }
      if (std::ranges::find(used, at->second) != used.end()) return false;
      used.push_back(at->second);
    }
    return true;
  }

  void add_item(WrittenColumn& column, const dom::element& value, const std::string_view* name) {
    std::string scalar;
    set_scalar(value, scalar);
    entry.without_text.clear();
    if (name == nullptr) {
      entry.text = std::move(scalar);
      if (is_text(value)) entry.without_text = "{}";
    } else {
      std::string quoted;
      append_json_string(quoted, *name);
      entry.text = fmt::format("[{},{}]", quoted, scalar);
      if (is_text(value)) entry.without_text = fmt::format("[{}]", quoted);
    }
    column.items.push_back(column.values.put(entry));
    ++item_count;
  }

  void add_answer(WrittenColumn& column, const dom::element& value) {
    column.codes.resize(rows);
    dom::array list;
    dom::object members;
    std::size_t items = 0;
    entry.without_text.clear();
    if (!value.get_array().get(list)) {
      for (const dom::element item : list) {
        add_item(column, item, nullptr);
        ++items;
      }
      entry = {fmt::format("[0,{}]", items), {}};
    } else if (!value.get_object().get(members)) {
      for (const auto& [name, item] : members) {
        add_item(column, item, &name);
        ++items;
      }
      entry = {fmt::format("[1,{}]", items), {}};
    } else {
      set_scalar(value, entry.text);
      if (is_text(value)) entry.without_text = "{}";
    }
    column.codes.push_back(static_cast<std::uint16_t>(column.heads.put(entry) + 1));
    leave_texts_out(column);
  }

  static void leave_texts_out(WrittenColumn& column) {
    if (!column.heads.are_texts_left_out() && column.heads.is_too_large()) {
      const auto codes = column.heads.leave_texts_out();
      for (std::uint16_t& code : column.codes)
        if (code != 0) code = static_cast<std::uint16_t>(codes[code - 1U] + 1);
    }
    const bool is_large = column.values.is_too_large() || column.values.size() > k_item_values_max;
    if (!column.values.are_texts_left_out() && is_large) {
      const auto codes = column.values.leave_texts_out();
      for (std::uint16_t& code : column.items)
        code = codes[code];
    }
  }

  void add_odd(std::string_view answers, const std::string& arrival) {
    if (odd_count++ != 0) odd.push_back(',');
    odd += fmt::format("[{},", arrival);
    append_json_string(odd, answers);
    odd.push_back(']');
  }

  [[nodiscard]] std::string texts() const {
    std::string out = "[";
    arrivals.append_to(out);
    out += ",[";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i != 0) out.push_back(',');
      out.push_back('[');
      append_json_string(out, columns[i].key);
      out.push_back(',');
      columns[i].heads.append_to(out);
      out.push_back(',');
      columns[i].values.append_to(out);
      out.push_back(']');
    }
    out += "],[" + odd + "]]";
    return out;
  }
};

ColumnWriter::ColumnWriter() : state_(std::make_unique<State>()) {}
ColumnWriter::~ColumnWriter() = default;
ColumnWriter::ColumnWriter(ColumnWriter&&) noexcept = default;
ColumnWriter& ColumnWriter::operator=(ColumnWriter&&) noexcept = default;

bool ColumnWriter::add(std::string_view answers_json, std::int64_t hour, std::int64_t version) {
  State& own = *state_;
  dom::object response;
  if (!own.parser.parse(answers_json, response)) return false;
  const std::string arrival = fmt::format("[{},{}]", hour, version);
  if (!own.find_columns(response)) {
    own.add_odd(answers_json, arrival);
    return true;
  }
  std::size_t at = 0;
  for (const auto& [key, value] : response)
    own.add_answer(own.columns[own.used[at++]], value);
  own.arrival_codes.push_back(own.arrivals.put({arrival, {}}));
  ++own.rows;
  return true;
}

bool ColumnWriter::is_full() const {
  const State& own = *state_;
  if (own.rows + own.odd_count >= k_columns_rows_max) return true;
  if (own.odd.size() > k_odd_max_bytes) return true;
  if (own.rows * own.columns.size() + own.item_count > k_columns_cells_max) return true;
  std::size_t bytes = 0;
  for (const WrittenColumn& column : own.columns) {
    bytes += column.heads.bytes() + column.values.bytes();
    if (column.values.size() > k_item_values_max) return true;
  }
  return bytes > k_columns_texts_max_bytes;
}

std::size_t ColumnWriter::responses() const { return state_->rows + state_->odd_count; }

Bytes ColumnWriter::finish() {
  State& own = *state_;
  Bytes out{k_columns_form};
  append_u32(out, static_cast<std::uint32_t>(own.rows));
  append_sized(out, as_bytes(own.texts()));
  append_codes(out, own.arrival_codes);
  for (WrittenColumn& column : own.columns) {
    column.codes.resize(own.rows);
    append_codes(out, column.codes);
    append_u32(out, static_cast<std::uint32_t>(column.items.size()));
    append_codes(out, column.items);
  }
  state_ = std::make_unique<State>();
  return out;
}

}  // namespace probity::report
