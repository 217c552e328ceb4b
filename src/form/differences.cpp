#include "form/differences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

#include "base/text.hpp"
#include "form/change_words.hpp"
#include "form/limits.hpp"
#include "form/value.hpp"

namespace probity::form {
namespace {

/// Members that hold elements: these are compared one by one, not as members.
constexpr std::array<std::string_view, 3> k_holders{"pages", "elements", "questions"};

bool is_holder(std::string_view name) {
  return std::ranges::find(k_holders, name) != k_holders.end();
}

/// An element of a document where it stands.
struct Found {
  const Value* value = nullptr;
  std::string name;
  std::string kind;
  Place place;
};

std::string text_member(const Value& value, std::string_view name) {
  const Value* member = value.find(name);
  return member == nullptr ? std::string() : scalar_text(*member);
}

/// All elements of a document in the order in which they are met: a box before what it holds.
class Walk {
 public:
  explicit Walk(const Value& document) {
    if (const Value* pages = document.find("pages"); pages != nullptr && pages->list() != nullptr) {
      for (const Value& page : *pages->list())
        visit_page(page);
    } else {
      // A document without pages is one page, of the name that SurveyJS gives it.
      visit_list(document, {"page1", {}, 0});
      run();
    }
  }
  [[nodiscard]] std::vector<Found> take() { return std::move(found_); }

 private:
  /// A list that is being walked through.
  struct Open {
    const Value::List* list = nullptr;
    std::size_t next = 0;
    Place place;
  };

  void visit_page(const Value& page) {
    ++pages_;
    Place place;
    place.page = text_member(page, "name");
    if (place.page.empty()) place.page = fmt::format("page{}", pages_);
    place.position = pages_;
    found_.push_back({&page, place.page, "page", place});
    visit_list(page, place);
    run();
  }

  void visit_list(const Value& box, const Place& place) {
    for (const std::string_view name : {"elements", "questions"}) {
      const Value* list = box.find(name);
      if (list != nullptr && list->list() != nullptr) open_.push_back({list->list(), 0, place});
    }
  }

  /// Walks what is open, the innermost first; the depth of the document bounds the stack.
  void run() {
    while (!open_.empty()) {
      Open& top = open_.back();
      if (top.next == top.list->size()) {
        open_.pop_back();
        continue;
      }
      const Value& element = (*top.list)[top.next++];
      visit_element(element, top.place);
    }
  }

  void visit_element(const Value& element, Place place) {
    const bool is_panel = text_member(element, "type") == "panel";
    std::uint32_t& count = is_panel ? panels_ : questions_;
    place.position = ++count;
    std::string name = text_member(element, "name");
    if (name.empty()) name = fmt::format("{}{}", is_panel ? "panel" : "text", count);
    found_.push_back({&element, name, is_panel ? "panel" : "question", place});
    if (!is_panel) return;
    place.panel = name;
    visit_list(element, place);
  }

  std::vector<Found> found_;
  std::vector<Open> open_;
  std::uint32_t pages_ = 0;
  std::uint32_t panels_ = 0;
  std::uint32_t questions_ = 0;
};

/// Whether a member says what its absence says.
bool is_unset(std::string_view name, const Value* value) {
  if (value == nullptr || value->is_null()) return true;
  if (const std::string* text = value->text()) return text->empty();
  if (value->list() != nullptr) return value->list()->empty();
  if (value->members() != nullptr) return value->members()->empty();
  const bool* truth = value->truth();
  return truth != nullptr && !*truth && (name.starts_with("is") || name.starts_with("has"));
}

std::string json_of(const Value* value) {
  std::string out;
  if (value != nullptr) append_value(out, *value);
  return out;
}

void compare_member(std::string_view name, const Value& before, const Value& after,
                    std::vector<MemberChange>& out) {
  const Value* was = before.find(name);
  const Value* is = after.find(name);
  if (is_unset(name, was)) was = nullptr;
  if (is_unset(name, is)) is = nullptr;
  const bool is_same = was == nullptr || is == nullptr ? was == is : *was == *is;
  if (is_same) return;
  out.push_back({std::string(name), json_of(was), json_of(is), change_words(name, was, is)});
}

/// Members of two objects that differ, those of the older one first.
std::vector<MemberChange> compare_members(const Value& before, const Value& after) {
  std::vector<MemberChange> out;
  const auto each = [&](const Value& from, const Value* but_not) {
    if (from.members() == nullptr) return;
    for (const Member& member : *from.members()) {
      if (is_holder(member.name) || member.name == "name") continue;
      if (but_not != nullptr && but_not->find(member.name) != nullptr) continue;
      compare_member(member.name, before, after, out);
    }
  };
  each(before, nullptr);
  each(after, &before);
  return out;
}

ElementChange change_of(const Found& found) {
  ElementChange out;
  out.name = found.name;
  out.kind = found.kind;
  if (found.kind == "question") out.type = text_member(*found.value, "type");
  const Value* title = found.value->find("title");
  out.title = title == nullptr ? found.name : default_text(*title);
  if (out.title.empty()) out.title = found.name;
  return out;
}

using Key = std::pair<std::string, std::string>;  // Kind and name.

std::map<Key, const Found*> by_key(const std::vector<Found>& found) {
  std::map<Key, const Found*> out;
  for (const Found& one : found)
    out.emplace(Key{one.kind, one.name}, &one);
  return out;
}

/// For each number whether it lies on one longest rising run of the list: what kept its order.
std::vector<bool> rising(std::span<const std::size_t> numbers) {
  std::vector<std::size_t> ends;  // Positions that end the runs of each length, by number.
  std::vector<std::optional<std::size_t>> before(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto at = std::ranges::lower_bound(
        ends, numbers[i], {}, [&](std::size_t position) { return numbers[position]; });
    if (at != ends.begin()) before[i] = *(at - 1);
    if (at == ends.end()) {
      ends.push_back(i);
    } else {
      *at = i;
    }
  }
  std::vector<bool> out(numbers.size(), false);
  if (ends.empty()) return out;
  for (std::optional<std::size_t> i = ends.back(); i; i = before[*i])
    out[*i] = true;
  return out;
}

std::string where(const Place& place) {
  return place.panel.empty() ? fmt::format("page “{}”", place.page)
                             : fmt::format("panel “{}”", place.panel);
}

/// The sentence of something that stands elsewhere now.
std::string moved_words(const ElementChange& change) {
  const bool stays =
      change.before.page == change.after.page && change.before.panel == change.after.panel;
  if (change.kind != "page" && !stays) {
    return fmt::format("“{}” moved from {} to {}.", change.title, where(change.before),
                       where(change.after));
  }
  return fmt::format("“{}” moved from place {} to place {}.", change.title, change.before.position,
                     change.after.position);
}

/// What both documents hold, in the order of the newer one.
void compare_common(const std::vector<Found>& before, const std::vector<Found>& after,
                    std::string_view kind, Differences& out) {
  const auto old_ones = by_key(before);
  std::vector<std::pair<const Found*, const Found*>> common;
  std::vector<std::size_t> places;
  for (const Found& one : after) {
    if (one.kind != kind) continue;
    const auto old_one = old_ones.find(Key{one.kind, one.name});
    if (old_one == old_ones.end()) continue;
    common.emplace_back(old_one->second, &one);
    places.push_back(old_one->second->place.position);
  }
  const std::vector<bool> kept = rising(places);
  for (std::size_t i = 0; i < common.size(); ++i) {
    const auto& [was, is] = common[i];
    ElementChange change = change_of(*is);
    change.before = was->place;
    change.after = is->place;
    const bool is_elsewhere = kind != "page" && (was->place.page != is->place.page ||
                                                 was->place.panel != is->place.panel);
    if (!kept[i] || is_elsewhere) {
      change.words = moved_words(change);
      out.moved.push_back(change);
    }
    change.members = compare_members(*was->value, *is->value);
    change.words.clear();
    for (const MemberChange& member : change.members)
      change.words += (change.words.empty() ? "" : " ") + member.words;
    if (!change.members.empty()) out.changed.push_back(std::move(change));
  }
}

/// Those of `from` that `other` lacks.
std::vector<ElementChange> only_in(const std::vector<Found>& from, const std::vector<Found>& other,
                                   bool is_new) {
  const auto others = by_key(other);
  std::vector<ElementChange> out;
  for (const Found& one : from) {
    if (others.contains(Key{one.kind, one.name})) continue;
    ElementChange change = change_of(one);
    (is_new ? change.after : change.before) = one.place;
    const std::string what = one.kind == "question" ? "The question" : "The " + one.kind;
    const std::string place =
        one.kind == "page" ? "" : (is_new ? " to " : " from ") + where(one.place);
    change.words =
        fmt::format("{} “{}” was {}{}.", what, change.title, is_new ? "added" : "removed", place);
    out.push_back(std::move(change));
  }
  return out;
}

void write_json_or_null(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  text.empty() ? json.null() : json.raw(text);
}

void write_members(JsonWriter& json, std::string_view name,
                   const std::vector<MemberChange>& changes) {
  json.key(name);
  json.begin_array();
  for (const MemberChange& change : changes) {
    json.begin_object();
    json.field("member", change.member);
    write_json_or_null(json, "before", change.before);
    write_json_or_null(json, "after", change.after);
    json.field("words", change.words);
    json.end_object();
  }
  json.end_array();
}

void write_place(JsonWriter& json, std::string_view name, const Place& place) {
  if (place.position == 0) return;
  json.key(name);
  json.begin_object();
  json.field("page", place.page);
  if (!place.panel.empty()) json.field("panel", place.panel);
  json.field("position", place.position);
  json.end_object();
}

void write_elements(JsonWriter& json, std::string_view name,
                    const std::vector<ElementChange>& changes) {
  json.key(name);
  json.begin_array();
  for (const ElementChange& change : changes) {
    json.begin_object();
    json.field("name", change.name);
    json.field("kind", change.kind);
    if (!change.type.empty()) json.field("type", change.type);
    json.field("title", change.title);
    write_place(json, "before", change.before);
    write_place(json, "after", change.after);
    if (!change.members.empty()) write_members(json, "members", change.members);
    json.field("words", change.words);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Result<Differences> compare_questionnaires(std::string_view before, std::string_view after) {
  const ValueLimits limits{k_document_max_bytes, k_document_depth_max};
  PROBITY_TRY(old_document, parse_value(before, limits));
  PROBITY_TRY(new_document, parse_value(after, limits));
  const std::vector<Found> old_ones = Walk(old_document).take();
  const std::vector<Found> new_ones = Walk(new_document).take();
  Differences out;
  out.survey = compare_members(old_document, new_document);
  out.added = only_in(new_ones, old_ones, true);
  out.removed = only_in(old_ones, new_ones, false);
  for (const std::string_view kind : {"page", "panel", "question"})
    compare_common(old_ones, new_ones, kind, out);
  return out;
}

void write_differences(JsonWriter& json, const Differences& differences) {
  json.begin_object();
  write_members(json, "survey", differences.survey);
  write_elements(json, "added", differences.added);
  write_elements(json, "removed", differences.removed);
  write_elements(json, "moved", differences.moved);
  write_elements(json, "changed", differences.changed);
  json.end_object();
}

}  // namespace probity::form
