#include <algorithm>

#include "form/json_answer.hpp"
#include "report/column_table.hpp"

namespace probity::report {
namespace {

namespace dom = simdjson::dom;

bool read_arrival(const dom::element& text, HourOfArrival& out) {
  if (text.at(0).get_int64().get(out.hour) || text.at(1).get_int64().get(out.version)) return false;
  return out.hour >= -k_columns_hour_max && out.hour <= k_columns_hour_max && out.version >= 0 &&
         out.version <= k_columns_version_max;
}

bool read_head(const dom::element& text, Column::Head& out) {
  if (text.is_object()) {
    out.shape = Column::Shape::LeftOut;
    return true;
  }
  out.shape = Column::Shape::Scalar;
  out.value = text;
  if (!text.is_array()) return true;
  std::int64_t kind = 0;
  std::int64_t items = 0;
  if (text.at(0).get_int64().get(kind) || text.at(1).get_int64().get(items)) return false;
  out.shape = kind == 0 ? Column::Shape::List : Column::Shape::Object;
  out.items = static_cast<std::uint32_t>(items);
  return kind >= 0 && kind <= 1 && items >= 0 && items <= 65'535;
}

bool read_item(const dom::element& text, Column::Item& out) {
  if (text.is_object()) {
    out.is_left_out = true;
    return true;
  }
  out.value = text;
  dom::array member;
  if (text.get_array().get(member)) return true;
  if (member.at(0).get_string().get(out.name)) return false;
  out.is_left_out = member.at(1).get(out.value) != simdjson::SUCCESS;
  return out.is_left_out || !(out.value.is_array() || out.value.is_object());
}

/// The texts of a column; its codes come apart.
bool read_texts(const dom::element& text, Column& out) {
  dom::array heads;
  dom::array values;
  if (text.at(0).get_string().get(out.key) || text.at(1).get_array().get(heads) ||
      text.at(2).get_array().get(values)) {
    return false;
  }
  // Sizes are counted to 2^24 and no further, which is far enough.
  if (heads.size() >= k_columns_codes_max || values.size() > k_columns_codes_max) return false;
  out.heads.emplace_back();
  for (const dom::element one : heads) {
    Column::Head head;
    if (!read_head(one, head)) return false;
    out.has_heads_left_out |= head.shape == Column::Shape::LeftOut;
    out.heads.push_back(head);
  }
  for (const dom::element one : values) {
    Column::Item item;
    if (!read_item(one, item)) return false;
    out.has_items_left_out |= item.is_left_out;
    out.values.push_back(item);
  }
  return true;
}

/// `cells` are those the columns before left of what a block may have.
bool read_column(ByteReader& in, std::size_t rows, std::size_t& cells, Column& out) {
  if (rows > cells || !read_codes(in, rows, out.heads.size(), out.codes)) return false;
  cells -= rows;
  const std::size_t count = in.u32();
  if (count > cells) return false;
  cells -= count;
  if (!read_codes(in, count, out.values.size(), out.items)) return false;
  const auto has_items = [](const Column::Head& head) { return head.items > 0; };
  if (std::ranges::none_of(out.heads, has_items)) return count == 0;
  std::vector<std::uint32_t> sizes;
  for (const Column::Head& head : out.heads)
    sizes.push_back(head.items);
  out.begins.reserve(rows + 1);
  std::size_t begin = 0;
  for (const std::uint16_t code : out.codes) {
    out.begins.push_back(static_cast<std::uint32_t>(begin));
    begin += sizes[code];
  }
  out.begins.push_back(static_cast<std::uint32_t>(begin));
  return begin == count;
}

bool read_all_texts(const dom::element& root, Columns::State& own) {
  dom::array arrivals;
  dom::array columns;
  dom::array odd;
  if (root.at(0).get_array().get(arrivals) || root.at(1).get_array().get(columns) ||
      root.at(2).get_array().get(odd)) {
    return false;
  }
  if (columns.size() > k_columns_max || own.rows + odd.size() > k_columns_rows_max) return false;
  for (const dom::element one : arrivals) {
    own.arrivals.emplace_back();
    if (!read_arrival(one, own.arrivals.back())) return false;
  }
  for (const dom::element one : columns) {
    own.columns.emplace_back();
    if (!read_texts(one, own.columns.back())) return false;
  }
  form::AnswerParser parser;
  for (const dom::element one : odd) {
    own.odd.emplace_back();
    dom::element arrival;
    if (one.at(0).get(arrival) || !read_arrival(arrival, own.odd.back().arrival)) return false;
    if (one.at(1).get_string().get(own.odd.back().answers)) return false;
    dom::object parsed;
    if (!parser.parse(own.odd.back().answers, parsed)) return false;
  }
  return true;
}

}  // namespace

Columns::Columns(std::unique_ptr<State> state) : state_(std::move(state)) {}
Columns::~Columns() = default;
Columns::Columns(Columns&&) noexcept = default;
Columns& Columns::operator=(Columns&&) noexcept = default;

std::optional<Columns> Columns::read(BytesView block) {
  ByteReader in(block);
  const BytesView form = in.take(1);
  if (!in.is_whole() || form[0] != k_columns_form) return {};
  auto state = std::make_unique<State>();
  state->rows = in.u32();
  const BytesView text = in.sized();
  if (!in.is_whole() || state->rows > k_columns_rows_max) return {};
  state->text.resize(text.size() + simdjson::SIMDJSON_PADDING);
  std::ranges::copy(text, state->text.begin());
  dom::element root;
  if (state->parser.parse(state->text.data(), text.size(), false).get(root)) return {};
  if (!read_all_texts(root, *state)) return {};
  if (!read_codes(in, state->rows, state->arrivals.size(), state->arrival_codes)) return {};
  std::size_t cells = k_columns_read_cells_max;
  for (Column& column : state->columns)
    if (!read_column(in, state->rows, cells, column)) return {};
  if (!in.is_at_end()) return {};
  return Columns(std::move(state));
}

std::size_t Columns::responses() const { return state_->rows + state_->odd.size(); }

}  // namespace probity::report
