#include "report/release.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "report/knowledge_fixture.hpp"

/// As release_test, for questions whose numbers add up with one another (rankings, so many choices
/// of so many, matrices whose rows differ), for matrices, and for weights.
namespace probity::report {
namespace {

using form::parse_questionnaire;
using form::Parsed;

constexpr std::uint64_t k_least = 5;

/// One question: what may be answered, as members of the response; the first is no answer.
struct Asked {
  std::string name;
  std::vector<std::string> answers;
  /// Only those who gave this answer to the first question are asked.
  std::string after = {};
};

struct Setting {
  std::string_view name;
  std::string_view form;
  std::vector<Asked> asked;
  std::vector<std::string> atoms;
  std::string_view weight = {};
};

const Asked k_dept{"dept", {"", R"("a")", R"("b")", R"("c")"}};
const std::vector<std::string> k_dept_atoms{"{dept} = 'a'", "{dept} = 'b'", "{dept} = 'c'",
                                            "{dept} empty"};

std::vector<std::string> atoms_with(std::vector<std::string> more) {
  more.insert(more.end(), k_dept_atoms.begin(), k_dept_atoms.end());
  return more;
}

const std::vector<Setting> k_settings{
    {"ranking",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"ranking","name":"order","choices":["x","y","z"]}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"order",
       {"", R"(["x","y","z"])", R"(["x","z","y"])", R"(["y","x","z"])", R"(["y","z","x"])",
        R"(["z","x","y"])", R"(["z","y","x"])"}}},
     atoms_with({"{yes} = true", "{yes} = false", "{order} notempty"})},
    {"two of three",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"checkbox","name":"two","choices":["x","y","z"],
            "minSelectedChoices":2,"maxSelectedChoices":2}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"two", {"", R"(["x","y"])", R"(["x","z"])", R"(["y","z"])"}}},
     atoms_with({"{yes} = true", "{yes} = false", "{two} contains 'x'", "{two} contains 'y'",
                 "{two} contains 'z'", "{two} notempty"})},
    {"rows that differ",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"matrix","name":"grid","rows":["r","s","t"],"columns":["x","y","z"],
            "eachRowUnique":true,"isAllRowRequired":true}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"grid",
       {"", R"({"r":"x","s":"y","t":"z"})", R"({"r":"x","s":"z","t":"y"})",
        R"({"r":"y","s":"x","t":"z"})", R"({"r":"y","s":"z","t":"x"})",
        R"({"r":"z","s":"x","t":"y"})", R"({"r":"z","s":"y","t":"x"})"}}},
     atoms_with({"{yes} = true", "{yes} = false", "{grid.r} = 'x'", "{grid.s} = 'x'",
                 "{grid.t} = 'y'", "{grid.t} = 'x'", "{grid} notempty"})},
    {"matrix",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"matrix","name":"grid","rows":["r","s"],"columns":["x","y"]}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"grid",
       {"", R"({"r":"x","s":"y"})", R"({"r":"x","s":"x"})", R"({"r":"y","s":"x"})",
        R"({"r":"y","s":"y"})", R"({"r":"x"})", R"({"r":"y"})", R"({"s":"x"})", R"({"s":"y"})"}}},
     atoms_with({"{yes} = true", "{yes} = false", "{grid.r} = 'x'", "{grid.r} = 'y'",
                 "{grid.s} = 'x'", "{grid.s} empty", "{grid} notempty"})},
    {"lines, and rows shown to some",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"multipletext","name":"lines","items":[{"name":"i"},{"name":"j"}]},
           {"type":"matrix","name":"grid","rows":["r","s","t"],"columns":["x"],
            "visibleIf":"{dept} = 'a'"}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"lines", {"", R"({"i":"1"})", R"({"j":"1"})", R"({"i":"1","j":"1"})"}},
      {"grid",
       {"", R"({"r":"x"})", R"({"s":"x"})", R"({"t":"x"})", R"({"r":"x","s":"x"})",
        R"({"r":"x","t":"x"})", R"({"s":"x","t":"x"})", R"({"r":"x","s":"x","t":"x"})"},
       R"("a")"}},
     atoms_with({"{yes} = true", "{lines.i} notempty", "{lines.j} empty", "{lines} notempty",
                 "{grid.r} = 'x'", "{grid} empty", "{grid.s} empty"})},
    {"three options",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"checkbox","name":"many","choices":["x","y","z"]}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"many",
       {"", R"(["x"])", R"(["y"])", R"(["z"])", R"(["x","y"])", R"(["x","z"])", R"(["y","z"])",
        R"(["x","y","z"])"}}},
     atoms_with({"{yes} = true", "{yes} empty", "{many} contains 'x'", "{many} contains 'y'",
                 "{many} contains 'z'", "{many} notempty"})},
    {"weights",
     R"({"elements":[{"type":"radiogroup","name":"dept","choices":["a","b","c"]},
           {"type":"boolean","name":"yes"},
           {"type":"checkbox","name":"many","choices":["x","y"]},
           {"type":"radiogroup","name":"why","choices":["p","q"],"visibleIf":"{dept} = 'a'"},
           {"type":"rating","name":"w","rateValues":[1,2,7]}]})",
     {k_dept,
      {"yes", {"", "true", "false"}},
      {"many", {"", R"(["x"])", R"(["y"])", R"(["x","y"])"}},
      {"why", {"", R"("p")", R"("q")"}, R"("a")"},
      {"w", {"", "1", "2", "7"}}},
     atoms_with({"{yes} = true", "{yes} = false", "{yes} empty", "{many} contains 'x'",
                 "{why} = 'p'", "{why} notempty"}),
     "w"}};

/// One kind of person: an answer to each question, and the day.
struct Kind {
  std::string json;
  std::int64_t day = 0;
  std::uint64_t weight = 0;
  std::vector<std::size_t> values;  ///< By facet, and the day last.
};

/// The people of a setting, what is asked about them, and who listens.
class Listener {
 public:
  Listener(const Setting& setting, unsigned seed)
      : setting_(setting), random_(seed), parsed_(*parse_questionnaire(setting.form)) {
    if (!setting.weight.empty()) weight_ = form().find(setting.weight);
    for (std::uint32_t i = 0; i < form().questions.size(); ++i)
      for (const Facet& facet : facets_of(form().questions[i], i))
        facets_.push_back(facet);
    make_kinds({}, 0);
    draw_people();
    learn({}, totals_, false);
    for (std::int64_t day = 0; day < k_days; ++day)
      totals_.learn(row([&](const Kind& kind) { return kind.day == day ? 1 : 0; }));
    known_ = totals_;
  }

  void ask() { learn(random_selection(), known_, random_() % 2 == 0); }
  void ask_everything_by_weight() { learn({}, known_, true); }
  [[nodiscard]] int shown() const { return shown_; }

  /// An answer of fewer people than may be told, or the sum of their weights.
  [[nodiscard]] std::optional<std::string> found() {
    std::set<Knowledge::Row> allowed;
    const auto boxes = all_boxes();
    for (const Box& box : boxes)
      if (!has_small_side(box)) allowed.insert(row_of(box));
    for (const Box& box : boxes) {
      const bool is_counted = !asks_weight(box) && has_small_side(box);
      if (is_counted && !allowed.contains(row_of(box)) && is_new(row_of(box)))
        return "counted:" + name_of(box);
      const std::uint64_t n = count(box);
      if (!weight_ || asks_weight(box) || n == 0 || n >= k_least) continue;
      for (const int power : {1, 2})
        if (is_new(row_of(box, power)))
          return fmt::format("weighed {} power {}:{}", n, power, name_of(box));
    }
    return {};
  }

 private:
  static constexpr std::int64_t k_days = 2;
  /// Values of facets; the facet after the last is the day.
  using Box = std::vector<std::pair<std::size_t, std::size_t>>;

  [[nodiscard]] const Questionnaire& form() const { return parsed_.questionnaire; }

  void make_kinds(const std::vector<std::string>& given, std::size_t at) {
    if (at == setting_.asked.size()) {
      for (std::int64_t day = 0; day < k_days; ++day)
        grid_.push_back(kind_of(given, day));
      return;
    }
    const Asked& asked = setting_.asked[at];
    for (const std::string& answer : asked.answers) {
      if (!asked.after.empty() && given[0] != asked.after && !answer.empty()) continue;
      auto more = given;
      more.push_back(answer);
      make_kinds(more, at + 1);
    }
  }
  [[nodiscard]] Kind kind_of(const std::vector<std::string>& given, std::int64_t day) const {
    Kind out;
    out.day = day;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i].empty()) continue;
      out.json += fmt::format("{}\"{}\":{}", out.json.empty() ? "{" : ",", setting_.asked[i].name,
                              given[i]);
      if (setting_.asked[i].name == setting_.weight) out.weight = std::stoul(given[i]);
    }
    out.json += out.json.empty() ? "{}" : "}";
    Tally tally(form(), Selection{}, {});
    EXPECT_TRUE(tally.add(out.json, {day, 1}));
    const Block whole = tally.whole();
    for (const Facet& facet : facets_) {
      const auto counts = tally.values_of(facet, whole);
      out.values.push_back(
          static_cast<std::size_t>(std::ranges::find(counts, 1UL) - counts.begin()));
    }
    out.values.push_back(static_cast<std::size_t>(day));
    return out;
  }

  /// Some kinds of people are common and some are rare in every respect; what nobody of the whole
  /// says is known to be nobody's.
  void draw_people() {
    std::gamma_distribution<double> skew(0.35);
    std::vector<std::vector<double>> likely(facets_.size() + 1, std::vector<double>(16));
    for (auto& values : likely)
      for (double& value : values)
        value = 0.02 + skew(random_);
    std::vector<double> weights;
    for (const Kind& kind : grid_) {
      double weight = 1;
      for (std::size_t f = 0; f < kind.values.size(); ++f)
        weight *= likely[f][kind.values[f]];
      weights.push_back(weight);
    }
    std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
    people_.resize(grid_.size());
    const int size = std::uniform_int_distribution(30, 160)(random_);
    for (int i = 0; i < size; ++i)
      ++people_[draw(random_)];
    std::set<std::pair<std::size_t, std::size_t>> said;
    for (std::size_t i = 0; i < grid_.size(); ++i)
      for (std::size_t f = 0; f < grid_[i].values.size() && people_[i] != 0; ++f)
        said.emplace(f, grid_[i].values[f]);
    const auto kinds = std::move(grid_);
    const auto numbers = std::move(people_);
    grid_.clear();
    people_.clear();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      bool is_possible = true;
      for (std::size_t f = 0; f < kinds[i].values.size(); ++f)
        is_possible = is_possible && said.contains({f, kinds[i].values[f]});
      if (!is_possible) continue;
      grid_.push_back(kinds[i]);
      people_.push_back(numbers[i]);
    }
  }

  Selection random_selection() {
    Selection out;
    const auto atom = [&] { return "(" + setting_.atoms[random_() % setting_.atoms.size()] + ")"; };
    if (random_() % 8 != 0) {
      std::string text = random_() % 5 == 0 ? "not " + atom() : atom();
      for (auto more = random_() % 3; more > 0; --more)
        text += (random_() % 3 == 0 ? " or " : " and ") + atom();
      auto filter = Filter::parse(form(), text);
      EXPECT_TRUE(filter) << text;
      if (filter) out.filter = std::move(*filter);
    }
    if (random_() % 3 == 0) out.from_unit = 1;
    if (random_() % 4 == 0) out.to_unit = 1;
    return out;
  }

  template <typename Of>
  [[nodiscard]] Knowledge::Row row(const Of& of) const {
    Knowledge::Row out;
    for (const Kind& kind : grid_)
      out.push_back(static_cast<std::uint64_t>(of(kind)));
    return out;
  }
  static std::uint64_t power_of(std::uint64_t weight, int power) {
    return power == 0 ? 1 : power == 1 ? weight : weight * weight;
  }

  /// Takes all that a release lets out, which is more than a report says.
  void learn(const Selection& selection, Knowledge& knowledge, bool is_weighted) {
    const auto weight = is_weighted ? weight_ : std::nullopt;
    Tally tally(form(), selection, weight);
    for (std::size_t i = 0; i < grid_.size(); ++i)
      for (int n = 0; n < people_[i]; ++n)
        EXPECT_TRUE(tally.add(grid_[i].json, {grid_[i].day, 1}));
    const Release release(tally, k_least);
    if (!release.is_shown()) return;
    shown_ += release.verdict() == Verdict::Group ? 1 : 0;
    std::vector<bool> meant;
    for (const Kind& kind : grid_) {
      Tally one(form(), selection, {});
      EXPECT_TRUE(one.add(kind.json, {kind.day, 1}));
      meant.push_back(one.responses() == 1);
    }
    const auto is_meant = [&](const Kind& kind) {
      return meant[static_cast<std::size_t>(&kind - grid_.data())];
    };
    for (const int power : {0, 1, 2})
      if (power == 0 || weight)
        knowledge.learn(
            row([&](const Kind& k) { return is_meant(k) ? power_of(k.weight, power) : 0; }));
    for (std::size_t f = 0; f < facets_.size(); ++f) {
      learn_classes(release.facet(facets_[f]), f, is_meant, 0, knowledge);
      if (weight) learn_classes(release.weighted_facet(facets_[f]), f, is_meant, 1, knowledge);
    }
  }
  template <typename Meant>
  void learn_classes(const FacetRelease& told, std::size_t f, const Meant& is_meant, int power,
                     Knowledge& knowledge) const {
    const std::set<std::uint32_t> classes(told.class_of.begin(), told.class_of.end());
    for (const std::uint32_t own : classes)
      knowledge.learn(row([&](const Kind& kind) {
        const bool is_in = is_meant(kind) && told.class_of[kind.values[f]] == own;
        return is_in ? power_of(kind.weight, power) : 0;
      }));
  }

  [[nodiscard]] std::size_t values_in(std::size_t f) const {
    std::size_t most = 0;
    for (const Kind& kind : grid_)
      most = std::max(most, kind.values[f]);
    return most + 1;
  }
  [[nodiscard]] std::size_t question_of(std::size_t f) const {
    return f < facets_.size() ? facets_[f].question : form().questions.size();
  }
  [[nodiscard]] bool asks_weight(const Box& box) const {
    return weight_ && std::ranges::any_of(box, [&](const auto& side) {
             return question_of(side.first) == *weight_;
           });
  }
  [[nodiscard]] std::vector<Box> all_boxes() const {
    std::vector<Box> out{{}};
    for (std::size_t at = 0; at < out.size(); ++at) {
      const Box box = out[at];
      if (box.size() == 3) continue;
      for (std::size_t f = box.empty() ? 0 : box.back().first + 1; f <= facets_.size(); ++f) {
        for (std::size_t value = 0; value < values_in(f); ++value) {
          out.push_back(box);
          out.back().emplace_back(f, value);
        }
      }
    }
    return out;
  }
  static bool is_in(const Kind& kind, const Box& box) {
    return std::ranges::all_of(
        box, [&](const auto& side) { return kind.values[side.first] == side.second; });
  }
  [[nodiscard]] Knowledge::Row row_of(const Box& box, int power = 0) const {
    return row(
        [&](const Kind& kind) { return is_in(kind, box) ? power_of(kind.weight, power) : 0; });
  }
  [[nodiscard]] std::uint64_t count(const Box& box) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < grid_.size(); ++i)
      if (is_in(grid_[i], box)) sum += static_cast<std::uint64_t>(people_[i]);
    return sum;
  }
  [[nodiscard]] bool is_new(const Knowledge::Row& row) const {
    return !totals_.knows(row) && known_.knows(row);
  }
  /// Whether leaving a question out, as the answer, leaves one to four people.
  [[nodiscard]] bool has_small_side(const Box& box) const {
    for (const auto& [left_out, any] : box) {
      Box group;
      for (const auto& side : box)
        if (question_of(side.first) != question_of(left_out)) group.push_back(side);
      const std::uint64_t n = count(group);
      if (n > 0 && n < k_least && row_of(group) != row_of(box)) return true;
    }
    return false;
  }
  [[nodiscard]] std::string name_of(const Box& box) const {
    std::string out;
    for (const auto& [f, value] : box)
      out += f < facets_.size() ? fmt::format(" {}/{}/{}={}", form().questions[question_of(f)].name,
                                              int(facets_[f].kind), facets_[f].part, value)
                                : fmt::format(" day={}", value);
    return out;
  }

  const Setting& setting_;
  std::mt19937 random_;
  Parsed parsed_;
  std::optional<std::uint32_t> weight_;
  std::vector<Facet> facets_;
  std::vector<Kind> grid_;
  std::vector<int> people_;
  Knowledge totals_;
  Knowledge known_;
  int shown_ = 0;
};

constexpr unsigned k_seeds = 20;
constexpr int k_questions_asked = 40;

TEST(SmallGroups, AreNotFoundInAnyKindOfQuestion) {
  for (const Setting& setting : k_settings) {
    int shown = 0;
    for (unsigned seed = 1; seed <= k_seeds; ++seed) {
      Listener listener(setting, seed);
      listener.ask_everything_by_weight();
      for (int i = 0; i < k_questions_asked; ++i)
        listener.ask();
      const auto found = listener.found();
      EXPECT_FALSE(found) << setting.name << ", seed " << seed << ": " << *found;
      shown += listener.shown();
    }
    EXPECT_GT(shown, static_cast<int>(k_seeds))
        << setting.name << ": what shows nothing is no rule";
  }
}

}  // namespace
}  // namespace probity::report
