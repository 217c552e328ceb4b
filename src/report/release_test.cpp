#include "report/release.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "report/knowledge_fixture.hpp"
#include "report/report.hpp"

/// The promise of docs/decisions/031 against somebody who asks at random and adds and subtracts
/// everything that is told.
namespace probity::report {
namespace {

using form::parse_questionnaire;
using form::Parsed;

constexpr std::uint64_t k_least = 5;

constexpr std::string_view k_form = R"({"elements":[
  {"type":"radiogroup","name":"dept","choices":["a","b","c"]},
  {"type":"radiogroup","name":"sex","choices":["m","f"]},
  {"type":"rating","name":"score","rateMin":1,"rateMax":3},
  {"type":"checkbox","name":"many","choices":["p","q"]},
  {"type":"radiogroup","name":"why","choices":["y","n"],"visibleIf":"{dept} = 'a'"}]})";

/// Everything that can be said by one person: a value in each of these dimensions.
enum Dim : std::size_t { Dept, Sex, Score, Many, Why, Day, k_dims };
using Person = std::array<int, k_dims>;
constexpr int k_skipped = -1;
constexpr int k_not_shown = -2;

std::string answers_of(const Person& person) {
  std::string out = "{";
  const auto put = [&](std::string_view name, std::string value) {
    out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", name, value);
  };
  if (person[Dept] >= 0) put("dept", fmt::format("\"{}\"", "abc"[person[Dept]]));
  if (person[Sex] >= 0) put("sex", fmt::format("\"{}\"", "mf"[person[Sex]]));
  if (person[Score] >= 0) put("score", fmt::format("{}", person[Score] + 1));
  constexpr std::array<std::string_view, 3> k_lists{R"(["p"])", R"(["q"])", R"(["p","q"])"};
  if (person[Many] >= 0) put("many", std::string(k_lists[static_cast<std::size_t>(person[Many])]));
  if (person[Why] >= 0) put("why", fmt::format("\"{}\"", "yn"[person[Why]]));
  return out + "}";
}

/// All kinds of people there can be.
std::vector<Person> make_grid() {
  std::vector<Person> out;
  for (int dept = -1; dept < 3; ++dept)
    for (int sex = -1; sex < 2; ++sex)
      for (int score = -1; score < 3; ++score)
        for (int many = -1; many < 3; ++many)
          for (int day = 0; day < 3; ++day)
            for (int why = -1; why < 2; ++why) {
              if (dept != 0 && why != -1) continue;
              out.push_back({dept, sex, score, many, dept == 0 ? why : k_not_shown, day});
            }
  return out;
}

using Test = std::function<bool(const Person&)>;

/// The people, what is asked about them, and who listens.
class Attack {
 public:
  explicit Attack(unsigned seed) : random_(seed), parsed_(*parse_questionnaire(k_form)) {
    std::vector<double> weights;
    std::gamma_distribution<double> skew(0.35);
    // Some kinds of people are common and some are rare in every dimension.
    std::map<std::pair<std::size_t, int>, double> likely;
    for (const Person& person : grid_) {
      double weight = 1;
      for (std::size_t d = 0; d < k_dims; ++d) {
        const auto [found, is_new] = likely.try_emplace({d, person[d]}, 0);
        if (is_new) found->second = 0.02 + skew(random_);
        weight *= person[d] == k_not_shown ? 1 : found->second;
      }
      weights.push_back(weight);
    }
    std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
    people_.resize(grid_.size());
    const int size = std::uniform_int_distribution(30, 160)(random_);
    for (int i = 0; i < size; ++i)
      ++people_[draw(random_)];
    drop_what_nobody_says();
  }

  [[nodiscard]] std::uint64_t count(const Test& test) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < grid_.size(); ++i)
      if (test(grid_[i])) sum += people_[i];
    return sum;
  }
  [[nodiscard]] Knowledge::Row row_of(const Test& test) const {
    Knowledge::Row row;
    for (const Person& person : grid_)
      row.push_back(test(person) ? 1 : 0);
    return row;
  }
  void learn(Knowledge& knowledge, const Test& test) { knowledge.learn(row_of(test)); }

  std::string random_filter() {
    static const std::vector<std::string> atoms{"{dept} = 'a'",
                                                "{dept} = 'b'",
                                                "{dept} = 'c'",
                                                "{dept} <> 'a'",
                                                "{dept} empty",
                                                "{sex} = 'm'",
                                                "{sex} = 'f'",
                                                "{sex} notempty",
                                                "{score} >= 2",
                                                "{score} = 1",
                                                "{score} = 2",
                                                "{score} < 3",
                                                "{score} empty",
                                                "{many} contains 'p'",
                                                "{many} contains 'q'",
                                                "{many} notempty",
                                                "{why} = 'y'",
                                                "{why} notempty",
                                                "{why} = 'n'",
                                                "{why} empty",
                                                "{dept} = 'a' and {why} empty",
                                                "{dept} = 'a' or {dept} = 'b'"};
    const auto atom = [&] { return "(" + atoms[random_() % atoms.size()] + ")"; };
    std::string out = random_() % 5 == 0 ? "not " + atom() : atom();
    for (auto more = random_() % 3; more > 0; --more)
      out += (random_() % 3 == 0 ? " or " : " and ") + atom();
    return out;
  }
  Selection random_selection() {
    Selection out;
    asked_.clear();
    if (random_() % 8 != 0) {
      asked_ = random_filter();
      auto filter = Filter::parse(parsed_.questionnaire, asked_);
      EXPECT_TRUE(filter);
      if (filter) out.filter = std::move(*filter);
    }
    if (random_() % 3 == 0) out.from_unit = static_cast<int>(random_() % 3);
    if (random_() % 3 == 0) out.to_unit = static_cast<int>(random_() % 4);
    if (random_() % 8 == 0) out.version = 1;
    return out;
  }

  /// The report of a selection, by the counting that is under test.
  [[nodiscard]] Report ask(const Selection& selection, std::uint64_t least,
                           std::optional<std::uint32_t> weight = {}) const {
    Tally tally(parsed_.questionnaire, selection, weight);
    for (std::size_t i = 0; i < grid_.size(); ++i)
      for (int n = 0; n < people_[i]; ++n)
        EXPECT_TRUE(tally.add(answers_of(grid_[i]), {grid_[i][Day], 1}));
    return make_report(tally, least);
  }
  /// Whether a selection means this kind of person.
  [[nodiscard]] std::vector<bool> meaning_of(const Selection& selection) const {
    std::vector<bool> out;
    for (const Person& person : grid_) {
      Tally tally(parsed_.questionnaire, selection, {});
      EXPECT_TRUE(tally.add(answers_of(person), {person[Day], 1}));
      out.push_back(tally.responses() == 1);
    }
    return out;
  }

  /// Takes everything out of a report that it tells.
  void read(const Report& report, const Selection& selection, Knowledge& knowledge) {
    if (!report.is_shown()) return;
    const auto meaning = meaning_of(selection);
    const auto is_meant = [&](const Person& person) {
      return meaning[static_cast<std::size_t>(&person - grid_.data())];
    };
    learn(knowledge, is_meant);
    for (std::size_t d = 0; d < Day; ++d) {
      const QuestionCount& question = report.questions[d];
      for (const auto& values : told_sets(question, d))
        learn(knowledge,
              [&](const Person& person) { return is_meant(person) && values.contains(person[d]); });
    }
  }

  /// The sets of values whose counts a question tells.
  [[nodiscard]] static std::vector<std::set<int>> told_sets(const QuestionCount& question,
                                                            std::size_t d) {
    std::vector<std::set<int>> out;
    if (question.is_answered_known) {
      out.push_back({k_skipped});
      out.push_back({k_not_shown});
    }
    for (std::size_t i = 0; i < question.counts.size(); ++i) {
      if (question.counts[i].is_pooled) continue;
      // Of a checkbox an option is told: those who chose it alone or with the other.
      const int own = static_cast<int>(i);
      out.push_back(d == Many ? std::set<int>{own, 2} : std::set<int>{own});
    }
    for (const Pool& pool : question.pools) {
      std::set<int> values;
      for (const std::string& text : pool.texts) {
        if (text == "skipped") values.insert(k_skipped);
        if (text == "not_shown") values.insert(k_not_shown);
        for (std::size_t i = 0; i < question.counts.size(); ++i)
          if (question.counts[i].text == text) values.insert(static_cast<int>(i));
      }
      out.push_back(std::move(values));
    }
    return out;
  }

  /// A group too small to be told about, with an answer of it that is known nevertheless.
  [[nodiscard]] std::optional<std::string> find_known(const Knowledge& knowledge,
                                                      const Knowledge& totals) const {
    // The same people may be described by a group that is large enough.
    std::set<Knowledge::Row> allowed;
    for (const auto& box : boxes())
      if (!has_small_side(box))
        allowed.insert(row_of([&](const Person& person) { return is_in_box(person, box); }));
    for (const auto& box : boxes()) {
      const Test is_in = [&](const Person& person) { return is_in_box(person, box); };
      if (!has_small_side(box)) continue;
      const auto row = row_of(is_in);
      if (allowed.contains(row) || totals.knows(row) || !knowledge.knows(row)) continue;
      std::string name;
      for (const auto& [d, values] : box) {
        name += fmt::format(" dim {}:", d);
        for (const int value : values)
          name += fmt::format(" {}", value);
      }
      return fmt::format("{} people,{}", count(is_in), name);
    }
    return {};
  }

  /// What the reports over everything tell.
  [[nodiscard]] Knowledge totals() {
    Knowledge out;
    read(ask({}, k_least), {}, out);
    for (int day = 0; day < 3; ++day)
      learn(out, [&](const Person& person) { return person[Day] == day; });
    return out;
  }

  [[nodiscard]] const std::string& asked() const { return asked_; }

 private:
  using Box = std::vector<std::pair<std::size_t, std::set<int>>>;

  /// A value that nobody gave is known to be nobody's: the reports over everything say so.
  void drop_what_nobody_says() {
    std::set<std::pair<std::size_t, int>> said;
    for (std::size_t i = 0; i < grid_.size(); ++i)
      for (std::size_t d = 0; d < k_dims && people_[i] != 0; ++d)
        said.emplace(d, grid_[i][d]);
    std::vector<Person> grid;
    std::vector<int> people;
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      bool is_possible = true;
      for (std::size_t d = 0; d < k_dims; ++d)
        is_possible = is_possible && said.contains({d, grid_[i][d]});
      if (!is_possible) continue;
      grid.push_back(grid_[i]);
      people.push_back(people_[i]);
    }
    grid_ = std::move(grid);
    people_ = std::move(people);
  }

  static bool is_in_box(const Person& person, const Box& box) {
    return std::ranges::all_of(
        box, [&](const auto& side) { return side.second.contains(person[side.first]); });
  }
  /// Whether leaving one dimension out, as the answer, leaves one to four people. What says nothing
  /// more than the rest is no answer.
  [[nodiscard]] bool has_small_side(const Box& box) const {
    for (std::size_t left_out = 0; left_out < box.size(); ++left_out) {
      Box group = box;
      group.erase(group.begin() + static_cast<std::ptrdiff_t>(left_out));
      const Test is_in = [&](const Person& person) { return is_in_box(person, group); };
      const std::uint64_t n = count(is_in);
      if (n == 0 || n >= k_least) continue;
      if (row_of(is_in) != row_of([&](const Person& each) { return is_in_box(each, box); }))
        return true;
    }
    return false;
  }
  [[nodiscard]] static std::vector<std::set<int>> sets_of(std::size_t d) {
    switch (d) {
      case Dept: return {{0}, {1}, {2}, {-1}, {0, 1}, {1, 2}};
      case Sex: return {{0}, {1}, {-1}};
      case Score: return {{0}, {1}, {2}, {-1}, {0, 1}};
      case Many: return {{0, 2}, {1, 2}, {-1}};
      case Why: return {{0}, {1}, {-1}, {0, 1}};
      default: return {{0}, {1}, {2}, {0, 1}};
    }
  }
  [[nodiscard]] static std::vector<Box> boxes() {
    std::vector<Box> out;
    for (std::size_t a = 0; a < k_dims; ++a)
      for (std::size_t b = a + 1; b < k_dims; ++b)
        for (const auto& in_a : sets_of(a))
          for (const auto& in_b : sets_of(b)) {
            out.push_back({{a, in_a}, {b, in_b}});
            for (std::size_t c = b + 1; c < k_dims; ++c)
              for (const auto& in_c : sets_of(c))
                out.push_back({{a, in_a}, {b, in_b}, {c, in_c}});
          }
    return out;
  }

  std::mt19937 random_;
  std::string asked_;
  Parsed parsed_;
  std::vector<Person> grid_ = make_grid();
  std::vector<int> people_;
};

constexpr unsigned k_seeds = 24;
constexpr unsigned k_seeds_without = 6;
constexpr int k_questions_asked = 60;

/// What somebody finds who asks so often under a rule of that size.
std::optional<std::string> attack(unsigned seed, std::uint64_t least, int* shown) {
  Attack attack(seed);
  const Knowledge totals = attack.totals();
  Knowledge knowledge = totals;
  for (int i = 0; i < k_questions_asked; ++i) {
    const Selection selection = attack.random_selection();
    const Report report = attack.ask(selection, least);
    *shown += report.verdict == Verdict::Group ? 1 : 0;
    attack.read(report, selection, knowledge);
  }
  return attack.find_known(knowledge, totals);
}

TEST(SmallGroups, AreNotFoundByAddingAndSubtracting) {
  int shown = 0;
  for (unsigned seed = 1; seed <= k_seeds; ++seed) {
    const auto found = attack(seed, k_least, &shown);
    EXPECT_FALSE(found) << "seed " << seed << ": " << *found;
  }
  EXPECT_GT(shown, static_cast<int>(k_seeds)) << "a rule that shows nothing is no rule";
}

/// Without the rule the same attack finds them.
TEST(SmallGroups, AreFoundWithoutTheRule) {
  int shown = 0;
  unsigned found = 0;
  for (unsigned seed = 1; seed <= k_seeds_without; ++seed)
    found += attack(seed, 1, &shown) ? 1 : 0;
  EXPECT_EQ(found, k_seeds_without);
}

/// With a bound one lower, too: the test sees single people.
TEST(SmallGroups, AreFoundWithALowerBound) {
  int shown = 0;
  unsigned found = 0;
  for (unsigned seed = 1; seed <= k_seeds_without; ++seed)
    found += attack(seed, 3, &shown) ? 1 : 0;
  EXPECT_GT(found, 0U);
}

/// The rule of before looked at the group and its rest alone.
TEST(SmallGroups, AreFoundWhenOnlyGroupAndRestAreLookedAt) {
  unsigned found = 0;
  for (unsigned seed = 1; seed <= k_seeds_without; ++seed) {
    Attack attack(seed);
    const Knowledge totals = attack.totals();
    Knowledge knowledge = totals;
    const std::uint64_t all = attack.count([](const Person&) { return true; });
    for (int i = 0; i < k_questions_asked; ++i) {
      const Selection selection = attack.random_selection();
      Report report = attack.ask(selection, 1);
      if (report.responses < k_least || all - report.responses < k_least) continue;
      attack.read(report, selection, knowledge);
    }
    found += attack.find_known(knowledge, totals) ? 1 : 0;
  }
  EXPECT_EQ(found, k_seeds_without);
}

}  // namespace
}  // namespace probity::report
