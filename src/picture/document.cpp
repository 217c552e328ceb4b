#include "picture/document.hpp"

#include "picture/draw.hpp"
#include "picture/label.hpp"

namespace probity::picture {

Section section_of(const Subject& subject, double width) {
  Section out;
  out.title = plain_text(subject.first->title, k_shown_characters_max);
  constexpr double k_telephone = 320;
  if (form_of(subject) != Form::None) {
    out.picture = draw(subject, width);
    out.narrow = draw(subject, k_telephone);
  }
  out.notes = notes_of(subject);
  out.table = table_of(subject);
  return out;
}

}  // namespace probity::picture
