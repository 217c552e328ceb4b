#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// A picture as a list of shapes, laid out once and written by several writers. Units are pixels of
/// CSS (1/96 inch), y grows downwards. No type here belongs to a library.
namespace probity::picture {

/// What a colour means. Writers decide how it looks; pages may say it otherwise in the dark.
enum class Ink : std::uint8_t {
  Text,
  Soft,  ///< Text of less weight.
  Rule,  ///< Axes, whiskers.
  Grid,
  First,  ///< Bars of the only or the first group.
  FirstPale,
  Second,  ///< Bars of the group it is compared with.
  SecondPale,
  Good,
  Unsure,
  Bad,
  Scale1,  ///< Steps of one colour, from pale to deep.
  Scale2,
  Scale3,
  Scale4,
  Scale5,
  Scale6,
  Scale7,
  OnPale,    ///< Text on Scale1 to Scale4.
  OnUnsure,  ///< Text on Unsure.
  OnDeep,    ///< Text on Scale5 to Scale7, Good and Bad.
};
inline constexpr int k_scale_steps = 7;

struct Rect {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  Ink ink = Ink::First;
};

struct Line {
  double x1 = 0;
  double y1 = 0;
  double x2 = 0;
  double y2 = 0;
  Ink ink = Ink::Rule;
  double width = 1;
};

enum class Anchor : std::uint8_t { Start, Middle, End };
enum class Weight : bool { Regular, Bold };

/// One line of text; may hold anything a person typed, writers make it inert.
struct Text {
  double x = 0;
  double y = 0;  ///< Of the base line.
  std::string text;
  double size = 13;
  Ink ink = Ink::Text;
  Anchor anchor = Anchor::Start;
  Weight weight = Weight::Regular;
  double room = 0;  ///< Width it must not exceed; 0 for no bound.
};

using Shape = std::variant<Rect, Line, Text>;

struct Picture {
  double width = 0;
  double height = 0;
  std::string title;        ///< Read aloud as the picture's name.
  std::string description;  ///< Read aloud after it: what the picture shows, in words.
  std::vector<Shape> shapes;
};

}  // namespace probity::picture
