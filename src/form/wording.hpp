#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace probity::form {

/// Every sentence respondents read that is not the author's.
enum class Phrase : std::uint8_t {
  Next,
  Back,
  Send,
  Optional,
  Required,
  ErrorTitle,
  ErrorPrefix,
  PageOf,
  Comment,
  OtherText,
  ChooseOne,
  NoAnswer,
  RankHint,
  SelectSeveral,
  AllAsked,
  NewQuestions,
  Language,
  MayLeaveOut,
  MayLeaveOutSome,
  NeedAnswer,
  NeedRow,
  NeedItem,
  NeedPanel,
  NotText,
  NotNumber,
  NotChoice,
  NotOneChoice,
  NotList,
  NotObject,
  NotAlone,
  ChosenTwice,
  UnknownRow,
  UnknownItem,
  RowsMustDiffer,
  RankAll,
  TooLong,
  TooShort,
  NoDigits,
  BadCharacter,
  TooSmall,
  TooLarge,
  BadStep,
  BadForm,
  TooEarly,
  TooLate,
  BadEmail,
  BadUrl,
  BadColor,
  TooFewChosen,
  TooManyChosen,
  RuleBroken,
  NoComment,
  UnknownQuestion,
  Privacy,
  Security,
  AsksYou,
  WhoAnonymous,
  WhoConfidential,
  WhoIdentified,
  NotOpenTitle,
  NotOpenYet,
  Closed,
  Full,
  NotStoredTitle,
  SentBefore,
  UnknownTitle,
  UnknownText,
  BusyTitle,
  BusyShow,
  BusySend,
  FailedTitle,
  FailedShow,
  FailedSend,
  NotTakenTitle,
  NotTaken,
  AskNumber,
  Thanks,
  Receipt,
  ReceiptUse,
  ReceiptCheck,
  ReceiptTitle,
  ReceiptStored,
  ReceiptUnknown,
  PreviewNotice,
  PreviewReceipt,
  ReviewTitle,
  ReviewHint,
  NotAnswered,
  Change,
  ContinueTo,
  TypedTitle,
  TypedHint,
  SendAgain,
  KeepHere,
  FoundKept,
  ResumeKept,
  DropKept,
  AnsweredOf,
  CharactersLeft,
  MoveUp,
  MoveDown,
  RankedAt,
  ClearRanking,
  NotSentTitle,
  TooQuick,
  Trapped,
  TooManyNow,
  LeaveEmpty,
  BeginAnew,
  Unreachable,
  NothingAnswered,
};
inline constexpr std::size_t k_phrase_count = static_cast<std::size_t>(Phrase::NothingAnswered) + 1;

/// The phrase in the language nearest to `locale` (English when there is none), with %1 and %2
/// replaced. The arguments are limits, examples and names of ours or of the tenant's, never a
/// respondent's text; the result is plain text, to be escaped like any other.
[[nodiscard]] std::string phrase(std::string_view locale, Phrase which, std::string_view first = {},
                                 std::string_view second = {});

/// The language phrase() answers in for `locale`: "de" for "de-CH", "en" for one without phrases.
[[nodiscard]] std::string_view phrase_language(std::string_view locale);

/// Languages that have all phrases.
[[nodiscard]] std::span<const std::string_view> phrase_locales();

/// True for languages written from right to left (ar, fa, he, ur and others).
[[nodiscard]] bool is_right_to_left(std::string_view locale);

}  // namespace probity::form
