#include "feature/survey/invented.hpp"

#include <algorithm>
#include <numeric>

namespace probity::survey {
namespace {

constexpr std::array<std::string_view, 5> k_topics{"hours", "choice", "staff", "rooms", "online"};
constexpr std::size_t k_hours = 0;
constexpr std::size_t k_rooms = 3;
constexpr std::size_t k_online = 4;
/// How each topic is found on the whole, beside the mood of who rates it.
constexpr std::array<int, 5> k_topic_bias{-14, 4, 16, -2, -9};

constexpr std::array<std::string_view, 4> k_languages{"en", "de", "fr", "es"};
constexpr std::array<int, 4> k_language_weights{36, 30, 19, 15};
constexpr std::array<std::string_view, 3> k_often{"weekly", "monthly", "rarely"};
constexpr std::array<int, 3> k_often_weights{35, 41, 24};
constexpr std::array<std::string_view, 5> k_ages{"under_25", "25_44", "45_64", "65_plus",
                                                 "refused"};
constexpr std::array<int, 5> k_age_weights{17, 30, 28, 17, 8};
constexpr std::array<std::string_view, 5> k_services{"lending", "reading", "children", "events",
                                                     "online"};
constexpr std::array<std::string_view, 5> k_conditions{"expected", "means", "feedback", "voice",
                                                       "rest"};

/// A value from 0 to 100 on a scale of five steps.
int step_of(int value) {
  constexpr std::array<int, 4> k_borders{22, 40, 57, 77};
  return 1 + static_cast<int>(
                 std::ranges::count_if(k_borders, [value](int border) { return value >= border; }));
}

int score_of(int value) { return std::clamp((value + 4) / 9, 0, 10); }

form::Value number(int value) { return form::Value(static_cast<double>(value)); }

}  // namespace

std::string_view Inventor::language() {
  return k_languages[static_cast<std::size_t>(dice_.weighted(k_language_weights))];
}

std::string Inventor::words(std::initializer_list<std::string_view> path,
                            std::string_view language) {
  const form::Value* at = &words_;
  for (const std::string_view step : path) {
    at = at->find(step);
    if (at == nullptr) return {};
  }
  const form::Value* list = at->find(language);
  if (list == nullptr || list->list() == nullptr || list->list()->empty()) return {};
  const auto& texts = *list->list();
  return form::scalar_text(
      texts[static_cast<std::size_t>(dice_.below(static_cast<int>(texts.size())))]);
}

Inventor::Person Inventor::person() {
  Person who;
  who.language = language();
  who.often = k_often[static_cast<std::size_t>(dice_.weighted(k_often_weights))];
  who.age = k_ages[static_cast<std::size_t>(dice_.weighted(k_age_weights))];
  int mood = 63 + dice_.noise(24);
  if (who.often == "weekly") mood += 9;
  if (who.often == "rarely") mood -= 11;
  if (who.age == "65_plus") mood += 6;
  if (who.age == "under_25") mood -= 6;
  for (std::size_t i = 0; i < k_topic_count; ++i)
    who.topics[i] = mood + k_topic_bias[i] + dice_.noise(15);
  // Working people meet closed doors, the young need seats, the old have trouble with the pages.
  if (who.age == "25_44") who.topics[k_hours] -= 15;
  if (who.age == "under_25") who.topics[k_rooms] -= 13;
  if (who.age == "65_plus") who.topics[k_online] -= 10;
  const auto best = std::ranges::max_element(who.topics);
  const auto worst = std::ranges::min_element(who.topics);
  who.best = static_cast<std::size_t>(best - who.topics.begin());
  who.worst = static_cast<std::size_t>(worst - who.topics.begin());
  const int mean =
      std::accumulate(who.topics.begin(), who.topics.end(), 0) / static_cast<int>(k_topic_count);
  const int overall = (4 * mood + 4 * mean + 2 * *worst) / 10 + dice_.noise(9);
  // What people say of the whole is stretched further than what they say of its parts.
  who.score = score_of(72 + (overall - 58) * 9 / 5);
  return who;
}

void Inventor::say_score(const Person& who, form::Value& answers) {
  if (dice_.percent(3)) return;
  answers.set("recommend", number(who.score));
  const bool is_glad = who.score >= 8;
  const int chance = who.score <= 6 ? 58 : (who.score <= 8 ? 32 : 46);
  if (dice_.percent(chance)) {
    const std::string_view side = is_glad ? "good" : "bad";
    std::string text =
        words({"topics", k_topics[is_glad ? who.best : who.worst], side}, who.language);
    if (dice_.percent(35)) text += " " + words({"more", side}, who.language);
    answers.set("reason", form::Value(std::move(text)));
  }
  if (who.score <= 8 && dice_.percent(38)) {
    answers.set("raise",
                form::Value(words({"topics", k_topics[who.worst], "raise"}, who.language)));
  }
}

void Inventor::say_used(const Person& who, form::Value& answers) {
  if (dice_.percent(5)) return;
  std::array<int, 5> chances{72, 34, 18, 16, 41};
  if (who.age == "under_25") chances = {48, 66, 4, 14, 52};
  if (who.age == "25_44") chances[2] = 44;
  if (who.age == "65_plus") chances = {80, 30, 10, 38, 22};
  form::Value::List used;
  for (std::size_t i = 0; i < k_services.size(); ++i)
    if (dice_.percent(chances[i])) used.emplace_back(k_services[i]);
  if (used.empty()) used.emplace_back("none");
  answers.set("used", form::Value(std::move(used)));
}

void Inventor::say_aspects(const Person& who, form::Value& answers) {
  form::Value rows;
  for (std::size_t i = 0; i < k_topic_count; ++i) {
    if (dice_.percent(4)) continue;
    const bool does_not_apply = (i == k_online && dice_.percent(who.age == "65_plus" ? 34 : 9)) ||
                                (i == k_rooms && who.often == "rarely" && dice_.percent(16));
    rows.set(k_topics[i], does_not_apply ? form::Value("na") : number(step_of(who.topics[i])));
  }
  if (!rows.is_null()) answers.set("aspects", std::move(rows));
}

form::Value Inventor::visitor() {
  const Person who = person();
  form::Value answers(form::Value::Members{});
  say_score(who, answers);
  say_used(who, answers);
  // Some give up on the second page.
  if (dice_.percent(6)) return answers;
  say_aspects(who, answers);
  if (!dice_.percent(2)) answers.set("often", form::Value(who.often));
  if (!dice_.percent(3)) answers.set("age", form::Value(who.age));
  return answers;
}

form::Value Inventor::colleague() {
  constexpr std::array<std::string_view, 3> k_places{"on_site", "remote", "both"};
  constexpr std::array<int, 3> k_place_weights{46, 23, 31};
  constexpr std::array<int, 5> k_condition_bias{14, 4, -16, 0, -4};
  const std::string_view spoken = language();
  const std::string_view place =
      k_places[static_cast<std::size_t>(dice_.weighted(k_place_weights))];
  const int load = 58 + (place == "on_site" ? 6 : -4) + dice_.noise(30);
  const int mood =
      70 + (place == "both" ? 6 : 0) - (load > 70 ? (load - 70) / 2 : 0) + dice_.noise(24);
  form::Value answers(form::Value::Members{});
  answers.set("mood", number(step_of(mood)));
  form::Value rows;
  for (std::size_t i = 0; i < k_conditions.size(); ++i) {
    const int tired = k_conditions[i] == "rest" && load > 60 ? (load - 60) / 2 : 0;
    if (dice_.percent(4)) continue;
    rows.set(k_conditions[i],
             number(step_of(mood + k_condition_bias[i] - tired + dice_.noise(16))));
  }
  if (!rows.is_null()) answers.set("conditions", std::move(rows));
  const int workload = std::max(2, step_of(load));
  answers.set("workload", number(workload));
  if (workload >= 4 && dice_.percent(36))
    answers.set("load_reason", form::Value(words({"pulse", "load_reason"}, spoken)));
  if (dice_.percent(5)) return answers;
  const int score = score_of(68 + (mood - 66) * 8 / 5 + dice_.noise(10));
  answers.set("recommend", number(score));
  if (dice_.percent(38))
    answers.set("reason", form::Value(words({"pulse", score >= 7 ? "good" : "bad"}, spoken)));
  if (dice_.percent(30))
    answers.set("one_thing", form::Value(words({"pulse", "one_thing"}, spoken)));
  if (!dice_.percent(4)) answers.set("place", form::Value(place));
  return answers;
}

}  // namespace probity::survey
