#include "report/words.hpp"

#include <algorithm>
#include <array>

#include "base/search_text.hpp"
#include "base/text.hpp"

namespace probity::report {
namespace {

struct StopWords {
  std::string_view language;
  std::string_view words;  ///< Folded, separated by spaces.
};

constexpr std::array<StopWords, 4> k_stop_words{{
    {"en",
     "a about after again all also am an and any are as at be because been before being but by can "
     "could did do does doing don don't for from get had has have having he her here him his how i "
     "if in into is it it's its just me more most my no nor not now of off on once only or other "
     "our out over own same she should so some such than that the their them then there these they "
     "this those through to too under until up very was we were what when where which while who "
     "why will with would you your"},
    {"es",
     "a al algo ante como con contra cual cuando de del desde donde durante e el ella ellas ellos "
     "en entre era eran es esa esas ese eso esos esta estan estas este esto estos fue fueron ha "
     "hay la las le les lo los mas me mi mis muy ni no nos nosotros o os para pero por porque que "
     "quien se ser si sin sobre son su sus tambien te tiene todo todos tu tus un una uno unos y ya "
     "yo"},
    {"fr",
     "a ai au aussi aux avec c'est ce ces cet cette dans de des du elle elles en est et etaient "
     "etait etre eux il ils j'ai je l'on la le les leur leurs lui ma mais me meme mes moi mon ne "
     "nos notre nous on ont ou par pas plus pour qu'il que qui sa sans se ses si son sont sur ta "
     "te "
     "tes toi ton tous tout tres tu un une vos votre vous y"},
    {"de",
     "aber alle als also am an auch auf aus bei beim bin bis bist da dann das dass dem den der des "
     "die dies diese dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas "
     "fur hab habe haben hat hatte ich ihm ihn ihr ihre im in ist ja kann kein keine man mehr mein "
     "meine mich mir mit nach nicht noch nur ob oder ohne sehr sein seine sich sie sind so uber um "
     "und uns unser unter vom von vor war waren was weil wenn wer werden wie wir wird wurde zu zum "
     "zur"},
}};

bool is_wordy(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// U+2019 and its neighbours are three bytes that begin with E2 80: marks, not letters.
bool is_mark(std::string_view text, std::size_t at) { return text.substr(at, 2) == "\xE2\x80"; }

/// The word at the beginning of what is left; empty when there is none. `text` moves behind it.
std::string_view take_word(std::string_view& text) {
  std::size_t begin = 0;
  while (begin < text.size() && (!is_wordy(text[begin]) || is_mark(text, begin)))
    begin += is_mark(text, begin) ? 3 : 1;
  std::size_t end = std::min(begin, text.size());
  while (end < text.size()) {
    const bool is_joint = (text[end] == '\'' || text[end] == '-') && end + 1 < text.size() &&
                          end > begin && is_wordy(text[end + 1]) && !is_mark(text, end + 1);
    if (!is_joint && (!is_wordy(text[end]) || is_mark(text, end))) break;
    ++end;
  }
  const std::string_view word = text.substr(std::min(begin, text.size()), end - begin);
  text.remove_prefix(std::min(end, text.size()));
  return word;
}

}  // namespace

WordTally::WordTally(const Questionnaire& questionnaire) {
  const auto speaks = [&](std::string_view language) {
    if (questionnaire.locale.starts_with(language)) return true;
    return std::ranges::any_of(questionnaire.locales, [&](const std::string& locale) {
      return locale.starts_with(language);
    });
  };
  for (const StopWords& stop : k_stop_words) {
    if (!speaks(stop.language)) continue;
    for (const std::string_view word : split(stop.words, ' '))
      stop_words_.insert(word);
  }
}

void WordTally::add(std::string_view text) {
  constexpr std::size_t k_word_bytes_max = 100;
  const auto folded = search_fold(text);
  if (!folded) return;
  ++texts_;
  seen_.clear();
  std::string_view rest = *folded;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (code_points(word) < 2 || word.size() > k_word_bytes_max) continue;
    if (stop_words_.contains(word) || !seen_.emplace(word).second) continue;
    const auto found = counts_.find(std::string(word));
    if (found != counts_.end())
      ++found->second;
    else if (counts_.size() < k_words_max)
      counts_.emplace(word, 1);
  }
}

std::vector<WordCount> WordTally::top(std::uint64_t least, std::size_t limit) const {
  std::vector<WordCount> out;
  for (const auto& [word, responses] : counts_)
    if (responses >= least) out.push_back({word, responses});
  std::ranges::sort(out, [](const WordCount& a, const WordCount& b) {
    return a.responses != b.responses ? a.responses > b.responses : a.word < b.word;
  });
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace probity::report
