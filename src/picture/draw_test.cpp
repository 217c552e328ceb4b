#include "picture/draw.hpp"

#include <algorithm>
#include <fstream>
#include <variant>

#include "picture/label.hpp"
#include "picture/picture_fixture.hpp"
#include "picture/png.hpp"
#include "picture/svg.hpp"

namespace probity::picture {
namespace {

const Subject& named(const std::vector<Subject>& subjects, std::string_view name) {
  return *std::ranges::find_if(subjects,
                               [&](const Subject& one) { return one.question->name == name; });
}

bool says(const Picture& picture, std::string_view text) {
  return std::ranges::any_of(picture.shapes, [&](const Shape& shape) {
    const auto* words = std::get_if<Text>(&shape);
    return words != nullptr && words->text.find(text) != std::string::npos;
  });
}

TEST(Draw, EachQuestionGetsTheFormThatFitsIt) {
  Asked asked = believable();
  const auto& subjects = asked.look();
  const std::vector<std::pair<std::string_view, Form>> expected{
      {"food", Form::Bars},     {"days", Form::Bars},     {"again", Form::Score},
      {"stars", Form::Columns}, {"agree", Form::Stack},   {"wish", Form::Stack},
      {"age", Form::Columns},   {"since", Form::Columns}, {"lines", Form::Bars},
      {"why", Form::None}};
  for (const auto& [name, form] : expected)
    EXPECT_EQ(form_of(named(subjects, name)), form) << name;
  Subject words = named(subjects, "why");
  words.words = {{"good", 60}, {"work", 60}};
  EXPECT_EQ(form_of(words), Form::Words);
  EXPECT_TRUE(says(draw(words, 640), "good"));
}

TEST(Draw, ShapesStayInsideAtEveryWidth) {
  Asked asked = believable();
  for (const bool is_compared : {false, true}) {
    asked.look(is_compared ? "food=Salad" : "", is_compared ? "food=Bread" : "");
    const auto& subjects = is_compared ? asked.look("food=Salad", "food=Bread") : asked.look();
    for (const Subject& subject : subjects) {
      for (const double width : {240.0, 320.0, 459.0, 640.0, 1'600.0}) {
        const Picture picture = draw(subject, width);
        EXPECT_EQ(picture.width, width);
        for (const Shape& shape : picture.shapes) {
          const auto* rect = std::get_if<Rect>(&shape);
          if (rect == nullptr) continue;
          EXPECT_GE(rect->x, 0);
          EXPECT_LE(rect->x + rect->width, width + 0.01) << subject.question->name;
          EXPECT_LE(rect->y + rect->height, picture.height) << subject.question->name;
        }
      }
    }
  }
}

TEST(Draw, NoUprightLineCrossesAText) {
  Asked asked = believable();
  const auto crosses = [](const Line& line, const Text& text) {
    const double width = text_width(text.text, text.size);
    const double left = text.x - width * static_cast<double>(text.anchor) / 2;
    return line.x1 > left && line.x1 < left + width && line.y1 < text.y &&
           line.y2 > text.y - text.size * 0.7;
  };
  int lines = 0;
  for (const Subject& subject : asked.look()) {
    for (double width = 240; width < 900; width += 7) {
      const Picture picture = draw(subject, width);
      for (const Shape& shape : picture.shapes) {
        const auto* line = std::get_if<Line>(&shape);
        if (line == nullptr || line->x1 != line->x2 || line->ink != Ink::Text) continue;
        ++lines;
        for (const Shape& other : picture.shapes) {
          const auto* text = std::get_if<Text>(&other);
          EXPECT_FALSE(text != nullptr && crosses(*line, *text))
              << subject.question->name << " " << width << " " << text->text;
        }
      }
    }
  }
  EXPECT_GT(lines, 100);
}

TEST(Draw, WidthIsClamped) {
  Asked asked = believable();
  const Subject& subject = asked.look().front();
  EXPECT_EQ(draw(subject, k_width_min - 1).width, k_width_min);
  EXPECT_EQ(draw(subject, k_width_min).width, k_width_min);
  EXPECT_EQ(draw(subject, k_width_max).width, k_width_max);
  EXPECT_EQ(draw(subject, k_width_max + 1).width, k_width_max);
}

TEST(Draw, NoScoreReachesItsBar) {
  Asked asked = believable();
  for (const bool is_estimated : {false, true}) {
    Subject subject = named(asked.look(), "again");
    report::QuestionCount count = *subject.first;
    count.nps->score = -99.5;
    count.is_estimated = is_estimated;
    subject.first = &count;
    const Picture picture = draw(subject, 240);
    ASSERT_TRUE(says(picture, is_estimated ? "\u2248-99.5" : "-99.5"));
    for (const Shape& shape : picture.shapes) {
      const auto* text = std::get_if<Text>(&shape);
      if (text == nullptr || !text->text.ends_with("-99.5")) continue;
      const double right = text->x + text_width(text->text, text->size) * 1.05;
      for (const Shape& other : picture.shapes) {
        const auto* bar = std::get_if<Rect>(&other);
        if (bar == nullptr || bar->y >= text->y) continue;
        if (bar->y + bar->height > text->y - text->size) {
          EXPECT_GE(bar->x, right) << text->text;
        }
      }
    }
  }
}

TEST(Draw, ScoreSaysItsIntervalAndTheMethod) {
  Asked asked = believable();
  const Subject& subject = named(asked.look(), "again");
  EXPECT_TRUE(says(draw(subject, 640), "95 % interval"));
  const auto notes = notes_of(subject);
  EXPECT_TRUE(std::ranges::any_of(notes, [](const std::string& note) {
    return note.find("Bonett and Price 2012") != std::string::npos;
  }));
}

TEST(Draw, MoreChoicesThanFitAreNamedAsLeftOut) {
  for (const std::size_t choices : {k_bars_max - 1, k_bars_max, k_bars_max + 1}) {
    std::string json = R"({"elements":[{"type":"dropdown","name":"q","choices":[)";
    for (std::size_t i = 0; i < choices; ++i)
      json += (i == 0 ? "\"c" : ",\"c") + std::to_string(i) + "\"";
    Asked asked(json + "]}]}");
    asked.answer(R"({"q":"c0"})", 5);
    const Picture picture = draw(asked.look().front(), 640);
    EXPECT_EQ(says(picture, "1 more are in the table"), choices > k_bars_max) << choices;
  }
}

// Also writes them to a folder named by the environment, for looking at.
TEST(Draw, EverythingBecomesPngToo) {
  const char* folder = std::getenv("PROBITY_PICTURES");
  Asked asked = believable();
  for (const bool is_compared : {false, true}) {
    const auto subjects = is_compared ? asked.look("food=Salad", "food=Bread", 5) : asked.look();
    for (Subject subject : subjects) {
      if (subject.question->name == "why")
        subject.words = {{"good", 60}, {"work", 44}, {"coffee", 12}};
      for (const double width : {300.0, 640.0}) {
        const Picture picture = draw(subject, width);
        const std::string path = std::string(folder == nullptr ? "" : folder) + "/" +
                                 subject.question->name + (is_compared ? "-compared-" : "-") +
                                 std::to_string(static_cast<int>(width));
        const auto png = png_of(picture);
        ASSERT_TRUE(png);
        EXPECT_TRUE(png->starts_with("\x89PNG"));
        if (folder == nullptr) continue;
        std::ofstream(path + ".png") << *png;
        std::ofstream(path + ".svg") << svg_of(picture);
      }
    }
  }
}

}  // namespace
}  // namespace probity::picture
