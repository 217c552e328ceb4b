#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "form/document.hpp"

namespace probity::form {
namespace {

Kind kind_of(std::uint32_t owner) {
  switch (Owner{owner}) {
    case Owner::Comment: return Kind::Comment;
    case Owner::Radiogroup: return Kind::Radiogroup;
    case Owner::Checkbox: return Kind::Checkbox;
    case Owner::Dropdown: return Kind::Dropdown;
    case Owner::Tagbox: return Kind::Tagbox;
    case Owner::Rating: return Kind::Rating;
    case Owner::Boolean: return Kind::Boolean;
    case Owner::Ranking: return Kind::Ranking;
    case Owner::Matrix: return Kind::Matrix;
    case Owner::MultipleText: return Kind::MultipleText;
    case Owner::Html: return Kind::Html;
    default: return Kind::Text;
  }
}

/// Names stand in expressions between braces and in answers as members.
std::string_view name_problem(std::string_view name) {
  if (name.size() > k_name_max_bytes) return "is longer than 128 bytes";
  if (trim(name).size() != name.size()) return "begins or ends with a space";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "holds a control character";
    if (c == '{' || c == '}') return "holds a brace";
  }
  return {};
}

class DocumentReader {
 public:
  Result<Parsed> run(const Value& root) {
    const Node survey(root, {}, Owner::Survey);
    survey.check(findings_);
    if (root.members() == nullptr) return std::unexpected(findings_.take_error());
    read_survey(survey);
    read_pages(survey);
    make_index();
    check_controls();
    if (findings_.is_clean()) bind_conditions(out_, findings_);
    collect_locales();
    if (!findings_.is_clean()) return std::unexpected(findings_.take_error());
    return Parsed{std::move(out_), findings_.take_warnings()};
  }

 private:
  struct Place {
    std::uint32_t container;
    std::uint32_t page;
    std::size_t level;
  };

  void read_survey(const Node& node) {
    out_.title = read_local_text(node, "title", findings_);
    out_.description = read_local_text(node, "description", findings_);
    out_.next_text = read_local_text(node, "pageNextText", findings_);
    out_.previous_text = read_local_text(node, "pagePrevText", findings_);
    out_.complete_text = read_local_text(node, "completeText", findings_);
    if (const Value* html = node.get("completedHtml")) {
      out_.completed_html =
          read_local_text(*html, node.at("completedHtml"), findings_, k_html_max_bytes);
    }
    if (node.get("showPrevButton") != nullptr) out_.shows_previous = node.flag("showPrevButton");
    if (node.get("showTitle") != nullptr) out_.shows_title = node.flag("showTitle");
    const std::string locale = node.text("locale");
    if (locale.size() > 35) {
      findings_.refuse(Code::BadRequest, node.at("locale"), "is not a language like \"de\"");
    } else if (!locale.empty() && locale != "default") {
      out_.locale = locale;
    }
    const auto bounded = [&](std::string_view name, std::size_t& limit) {
      const auto value = node.number(name);
      if (value && *value > 0) limit = std::min(limit, static_cast<std::size_t>(*value));
    };
    bounded("maxTextLength", rules_.text_max);
    bounded("maxCommentLength", rules_.comment_max);
  }

  void read_pages(const Node& node) {
    const bool has_pages = !node.list("pages").empty();
    const bool has_elements = !node.list("elements", "questions").empty();
    if (has_pages && has_elements) {
      findings_.refuse(Code::BadRequest, node.at("elements"),
                       "stand in \"pages\" or here, not in both");
      return;
    }
    if (!has_pages) {
      // A survey without pages is one page; what the survey says is then not read twice.
      const std::uint32_t container = add_container(true, {}, "");
      read_elements(node, {container, 0, 0});
      return;
    }
    const Value::List& pages = node.list("pages");
    if (pages.size() > k_pages_max) {
      findings_.refuse(
          Code::LimitExceeded, node.at("pages"),
          fmt::format("has {} pages; at most {} are taken", pages.size(), k_pages_max));
      return;
    }
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const Node page(pages[i], child_path(node.at("pages"), i), Owner::Page);
      page.check(findings_);
      const std::uint32_t container = add_container(true, {}, page.path());
      read_box(page, container);
      read_elements(page, {container, static_cast<std::uint32_t>(i), 0});
    }
  }

  std::uint32_t add_container(bool is_page, std::optional<Place> inside, std::string path) {
    Container container;
    container.is_page = is_page;
    container.path = std::move(path);
    container.page = is_page ? static_cast<std::uint32_t>(out_.pages.size()) : inside->page;
    if (inside) container.parent = inside->container;
    const auto index = static_cast<std::uint32_t>(out_.containers.size());
    out_.containers.push_back(std::move(container));
    if (is_page) out_.pages.push_back(index);
    out_.order.push_back({true, index});
    return index;
  }

  void read_box(const Node& node, std::uint32_t index) {
    Container& box = out_.containers[index];
    box.name = node.text("name");
    if (const auto problem = name_problem(box.name); !problem.empty())
      findings_.refuse(Code::BadRequest, node.at("name"), std::string(problem));
    box.title = read_local_text(node, "title", findings_);
    box.description = read_local_text(node, "description", findings_);
    box.visible_if = read_condition(node, "visibleIf", findings_);
    box.required_if = read_condition(node, "requiredIf", findings_);
    box.is_required = node.flag("isRequired");
    box.is_hidden =
        node.get("visible") != nullptr && !node.flag("visible") && box.visible_if.is_empty();
  }

  void read_elements(const Node& node, const Place& place) {
    const bool is_current = node.get("elements") != nullptr;
    const std::string base = node.at(is_current ? "elements" : "questions");
    const Value::List& elements = node.list("elements", "questions");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (findings_.count() >= k_document_errors_max) return;
      read_element(elements[i], child_path(base, i), place);
    }
  }

  void read_element(const Value& value, const std::string& path, const Place& place) {
    const Value* type = value.find("type");
    if (value.members() == nullptr) {
      findings_.refuse(Code::BadRequest, path, "must be an object");
      return;
    }
    if (type == nullptr || type->text() == nullptr) {
      findings_.refuse(Code::BadRequest, child_path(path, "type"),
                       "is missing: say \"text\", \"radiogroup\" or another type");
      return;
    }
    const auto types = element_types();
    const auto row = std::ranges::find(types, *type->text(), &TypeRow::name);
    if (row == types.end() || row->treatment == Treatment::Refused) {
      const std::string why = row == types.end() ? "is not a type of the supported SurveyJS subset"
                                                 : fmt::format("is not supported ({})", row->note);
      findings_.refuse(Code::BadRequest, child_path(path, "type"),
                       fmt::format("\"{}\" {}", type->text()->substr(0, 64), why));
      return;
    }
    if (row->treatment == Treatment::Ignored)
      findings_.warn(child_path(path, "type"), std::string(row->note));
    const Node node(value, path, Owner{row->owner});
    node.check(findings_);
    if (node.owner() == Owner::Panel) {
      read_panel(node, place);
    } else {
      read_question_at(node, kind_of(row->owner), place);
    }
  }

  void read_panel(const Node& node, const Place& place) {
    if (place.level >= k_levels_max) {
      findings_.refuse(Code::LimitExceeded, node.path(),
                       fmt::format("panels lie more than {} levels deep", k_levels_max));
      return;
    }
    if (out_.containers.size() - out_.pages.size() >= k_panels_max) {
      findings_.refuse(Code::LimitExceeded, node.path(),
                       fmt::format("there are more than {} panels", k_panels_max));
      return;
    }
    const std::uint32_t container = add_container(false, place, node.path());
    read_box(node, container);
    read_elements(node, {container, place.page, place.level + 1});
  }

  void read_question_at(const Node& node, Kind kind, const Place& place) {
    if (out_.questions.size() >= k_questions_max) {
      if (!std::exchange(has_too_many_, true)) {
        findings_.refuse(Code::LimitExceeded, node.path(),
                         fmt::format("there are more than {} questions", k_questions_max));
      }
      return;
    }
    Question question;
    question.kind = kind;
    question.path = node.path();
    question.container = place.container;
    question.page = place.page;
    read_names(node, question);
    read_question(node, rules_, question, findings_);
    out_.order.push_back({false, static_cast<std::uint32_t>(out_.questions.size())});
    out_.questions.push_back(std::move(question));
  }

  void read_names(const Node& node, Question& question) {
    question.name = node.text("name");
    if (question.name.empty() && question.is_answerable()) {
      findings_.refuse(Code::BadRequest, node.at("name"), "is missing: every question needs one");
      return;
    }
    if (const auto problem = name_problem(question.name); !problem.empty()) {
      findings_.refuse(
          question.name.size() > k_name_max_bytes ? Code::LimitExceeded : Code::BadRequest,
          node.at("name"), std::string(problem));
      return;
    }
    question.key = node.text("valueName");
    if (question.key.empty()) question.key = question.name;
    if (const auto problem = name_problem(question.key); !problem.empty())
      findings_.refuse(Code::BadRequest, node.at("valueName"), std::string(problem));
    if (!question.name.empty() && !names_.insert(question.name).second)
      findings_.refuse(Code::BadRequest, node.at("name"), "is the name of another question too");
    if (question.is_answerable() && !keys_.insert(question.key).second) {
      findings_.refuse(Code::BadRequest,
                       node.at(node.text("valueName").empty() ? "name" : "valueName"),
                       "stands for the answer of another question too; answers are not shared");
    }
  }

  void make_index() {
    for (std::uint32_t i = 0; i < out_.questions.size(); ++i) {
      const Question& question = out_.questions[i];
      if (!question.is_answerable()) continue;
      out_.index.emplace_back(question.key, i);
      if (question.takes_comment() && keys_.contains(question.key + "-Comment")) {
        findings_.refuse(Code::BadRequest, question.path,
                         "its comment would be stored under the name of another question");
      }
    }
    for (std::uint32_t i = 0; i < out_.questions.size(); ++i) {
      const Question& question = out_.questions[i];
      if (question.is_answerable() && question.key != question.name &&
          !keys_.contains(question.name)) {
        out_.index.emplace_back(question.name, i);
      }
    }
    std::ranges::sort(out_.index);
  }

  /// In whichever language it is longest.
  static std::size_t longest(const LocalText& text) {
    std::size_t size = text.text().size();
    for (const auto& [locale, content] : text.others())
      size = std::max(size, content.size());
    return size;
  }

  /// Tables multiply: a document of 200 kB could make a page of 500 MB.
  void check_controls() {
    constexpr std::size_t k_control_bytes = 128;
    constexpr std::size_t k_place_bytes = 24;
    std::size_t sum = 0;
    for (const Question& question : out_.questions) {
      if (question.kind != Kind::Matrix && question.kind != Kind::Ranking) continue;
      std::size_t once = 0;
      for (const Choice& choice : question.choices)
        once += k_control_bytes + choice.key.size() + longest(choice.text);
      if (question.kind == Kind::Matrix) once *= question.rows.size();
      if (question.kind == Kind::Ranking)
        once += k_place_bytes * question.choices.size() * question.choices.size();
      const bool is_first_beyond = sum <= k_controls_max_bytes && sum + once > k_controls_max_bytes;
      sum += once;
      if (is_first_beyond) {
        findings_.refuse(Code::LimitExceeded, question.path,
                         "makes the pages of the document too large: its tables have too many "
                         "cells or too long texts in them");
      }
    }
  }

  void add_locales(const LocalText& text) {
    for (const auto& [locale, content] : text.others())
      if (std::ranges::find(out_.locales, locale) == out_.locales.end())
        out_.locales.push_back(locale);
  }

  void collect_locales() {
    out_.locales.push_back(out_.locale);
    add_locales(out_.title);
    add_locales(out_.description);
    for (const Container& container : out_.containers)
      add_locales(container.title);
    for (const Question& question : out_.questions) {
      add_locales(question.title);
      add_locales(question.html);
      for (const Choice& choice : question.choices)
        add_locales(choice.text);
      for (const Row& row : question.rows)
        add_locales(row.text);
      for (const Item& item : question.items)
        add_locales(item.title);
    }
  }

  Questionnaire out_;
  Findings findings_;
  SurveyRules rules_;
  std::set<std::string> names_;
  std::set<std::string> keys_;
  bool has_too_many_ = false;
};

}  // namespace

Result<Parsed> parse_questionnaire(std::string_view json) {
  PROBITY_TRY(root, parse_value(json, {k_document_max_bytes, k_document_depth_max}));
  return DocumentReader().run(root);
}

}  // namespace probity::form
