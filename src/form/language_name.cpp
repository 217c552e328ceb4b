#include "form/language_name.hpp"

#include <algorithm>
#include <array>

namespace probity::form {
namespace {

struct Named {
  std::string_view tag;
  std::string_view name;
};
/// Names of the languages in themselves, as the Unicode CLDR writes them, by tag.
constexpr std::array k_names = {
    Named{"ar", "العربية"},    Named{"bg", "Български"},    Named{"ca", "Català"},
    Named{"cs", "Čeština"},    Named{"cy", "Cymraeg"},      Named{"da", "Dansk"},
    Named{"de", "Deutsch"},    Named{"el", "Ελληνικά"},     Named{"en", "English"},
    Named{"es", "Español"},    Named{"et", "Eesti"},        Named{"eu", "Euskara"},
    Named{"fa", "فارسی"},      Named{"fi", "Suomi"},        Named{"fr", "Français"},
    Named{"ga", "Gaeilge"},    Named{"gl", "Galego"},       Named{"he", "עברית"},
    Named{"hi", "हिन्दी"},      Named{"hr", "Hrvatski"},     Named{"hu", "Magyar"},
    Named{"id", "Indonesia"},  Named{"is", "Íslenska"},     Named{"it", "Italiano"},
    Named{"ja", "日本語"},     Named{"ko", "한국어"},       Named{"lt", "Lietuvių"},
    Named{"lv", "Latviešu"},   Named{"nb", "Norsk bokmål"}, Named{"nl", "Nederlands"},
    Named{"nn", "Nynorsk"},    Named{"no", "Norsk"},        Named{"pl", "Polski"},
    Named{"pt", "Português"},  Named{"ro", "Română"},       Named{"ru", "Русский"},
    Named{"sk", "Slovenčina"}, Named{"sl", "Slovenščina"},  Named{"sr", "Српски"},
    Named{"sv", "Svenska"},    Named{"th", "ไทย"},          Named{"tr", "Türkçe"},
    Named{"uk", "Українська"}, Named{"ur", "اردو"},         Named{"vi", "Tiếng Việt"},
    Named{"zh", "中文"}};
static_assert(std::ranges::is_sorted(k_names, {}, &Named::tag));

}  // namespace

std::string_view language_name(std::string_view locale) {
  const std::string_view tag = locale.substr(0, locale.find_first_of("-_"));
  const auto found = std::ranges::lower_bound(k_names, tag, {}, &Named::tag);
  return found != k_names.end() && found->tag == tag ? found->name : locale;
}

}  // namespace probity::form
