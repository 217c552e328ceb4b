#include "report/tally_state.hpp"

namespace probity::report {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view k_comment_suffix = "-Comment";

}  // namespace

SeenAnswers::SeenAnswers(const Questionnaire& form)
    : seen(form.questions.size()),
      is_seen(form.questions.size()),
      looked_at(form),
      value_slots_(form.questions.size()),
      comment_slots_(form.questions.size()) {
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; i < form.questions.size(); ++i) {
    if (!form.questions[i].is_answerable()) continue;
    keys.push_back(form.questions[i].key);
    key_questions_.push_back(i);
  }
  keys_.build(std::move(keys));
}

void SeenAnswers::scan(const dom::object& response) {
  for (const std::uint32_t question : commented_)
    looked_at.comments[question] = nullptr;
  commented_.clear();
  for (const std::uint32_t question : present)
    is_seen[question] = 0;
  present.clear();
  std::uint32_t expected = 0;  // Stored answers stand in the order of the questions.
  for (const auto& [key, value] : response) {
    std::uint32_t at = expected;
    if (at >= keys_.size() || keys_.key(at) != key) at = keys_.find(key);
    if (at == KeyTable::k_none) {
      if (needs_comments) scan_comment(key, value);
      continue;
    }
    expected = at + 1;
    const std::uint32_t question = key_questions_[at];
    if (is_seen[question] != 0 || form::is_blank(value)) continue;
    is_seen[question] = 1;
    seen[question] = value;
    present.push_back(question);
  }
}

void SeenAnswers::scan_comment(std::string_view key, const dom::element& value) {
  if (!key.ends_with(k_comment_suffix)) return;
  const std::uint32_t at = keys_.find(key.substr(0, key.size() - k_comment_suffix.size()));
  if (at == KeyTable::k_none) return;
  const std::uint32_t question = key_questions_[at];
  comment_slots_[question] = form::value_of(value);
  looked_at.comments[question] = &comment_slots_[question];
  commented_.push_back(question);
}

void SeenAnswers::collect(const std::vector<std::uint32_t>& needed) {
  for (const std::uint32_t question : needed) {
    looked_at.values[question] = nullptr;
    if (is_seen[question] == 0) continue;
    value_slots_[question] = form::value_of(seen[question]);
    looked_at.values[question] = &value_slots_[question];
  }
}

}  // namespace probity::report
