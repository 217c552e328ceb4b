#include "form/properties.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"

namespace probity::form {
namespace {

constexpr std::uint32_t bit(Owner owner) { return static_cast<std::uint32_t>(owner); }

constexpr std::uint32_t k_survey = bit(Owner::Survey);
constexpr std::uint32_t k_page = bit(Owner::Page);
constexpr std::uint32_t k_panel = bit(Owner::Panel);
constexpr std::uint32_t k_box = k_page | k_panel;
constexpr std::uint32_t k_text = bit(Owner::Text);
constexpr std::uint32_t k_comment = bit(Owner::Comment);
constexpr std::uint32_t k_dropdown = bit(Owner::Dropdown);
constexpr std::uint32_t k_many = bit(Owner::Checkbox) | bit(Owner::Tagbox) | bit(Owner::Ranking);
constexpr std::uint32_t k_select = k_many | bit(Owner::Radiogroup) | k_dropdown;
constexpr std::uint32_t k_rating = bit(Owner::Rating);
constexpr std::uint32_t k_boolean = bit(Owner::Boolean);
constexpr std::uint32_t k_ranking = bit(Owner::Ranking);
constexpr std::uint32_t k_matrix = bit(Owner::Matrix);
constexpr std::uint32_t k_lines = bit(Owner::MultipleText);
constexpr std::uint32_t k_html = bit(Owner::Html);
constexpr std::uint32_t k_answer =
    k_text | k_comment | k_select | k_rating | k_boolean | k_matrix | k_lines;
constexpr std::uint32_t k_element = k_answer | k_html;
constexpr std::uint32_t k_choice = bit(Owner::Choice);
constexpr std::uint32_t k_value =
    k_choice | bit(Owner::RateValue) | bit(Owner::Column) | bit(Owner::MatrixRow);
constexpr std::uint32_t k_item = bit(Owner::Item);
constexpr std::uint32_t k_numeric = bit(Owner::NumericValidator);
constexpr std::uint32_t k_length = bit(Owner::TextValidator);
constexpr std::uint32_t k_count = bit(Owner::CountValidator);
constexpr std::uint32_t k_rule = bit(Owner::ExpressionValidator);
constexpr std::uint32_t k_validator =
    k_numeric | k_length | k_count | k_rule | bit(Owner::EmailValidator);

constexpr Property kept(std::string_view name, std::uint32_t owners, Shape shape) {
  return {name, owners, Treatment::Kept, shape, {}};
}
constexpr Property ignored(std::string_view name, std::uint32_t owners,
                           std::string_view note = "it changes only how things look") {
  return {name, owners, Treatment::Ignored, Shape::Any, note};
}
constexpr Property refused(std::string_view name, std::uint32_t owners, std::string_view why) {
  return {name, owners, Treatment::Refused, Shape::Any, why};
}

constexpr std::string_view k_no_remote =
    "choices that come from elsewhere are not supported; write them in \"choices\"";
constexpr std::string_view k_no_copy =
    "choices taken from another question are not supported; write them in \"choices\"";
constexpr std::string_view k_no_enable =
    "read-only questions are not supported; use \"visibleIf\", or leave the question out";
constexpr std::string_view k_no_setting =
    "answers are only what respondents give; nothing sets or clears them";
constexpr std::string_view k_no_clock =
    "time limits are not supported; remove it, so that nobody relies on it";
constexpr std::string_view k_no_computed_bound =
    "computed bounds are not supported; use \"min\" and \"max\", or an expression validator";
constexpr std::string_view k_no_item_condition =
    "conditions on single choices, rows and columns are not supported; use one on the question";
constexpr std::string_view k_no_fetch = "nothing is loaded from other places";
constexpr std::string_view k_as_written = "they are shown in the order written";
constexpr std::string_view k_no_score = "answers are not scored";

// A plain array: deducing a std::array of so many elements is more than clang takes.
constexpr Property k_properties[] = {
    // The survey.
    kept("title", k_survey | k_box | k_element | k_item, Shape::LocalText),
    kept("description", k_survey | k_box | k_element, Shape::LocalText),
    kept("locale", k_survey, Shape::Text),
    kept("pages", k_survey, Shape::List),
    kept("elements", k_survey | k_box, Shape::List),
    kept("questions", k_survey | k_box, Shape::List),
    kept("completedHtml", k_survey, Shape::LocalText),
    kept("pageNextText", k_survey, Shape::LocalText),
    kept("pagePrevText", k_survey, Shape::LocalText),
    kept("completeText", k_survey, Shape::LocalText),
    kept("showPrevButton", k_survey, Shape::Boolean),
    kept("showTitle", k_survey, Shape::Boolean),
    kept("maxTextLength", k_survey, Shape::Number),
    kept("maxCommentLength", k_survey, Shape::Number),
    ignored("$schema", k_survey, "it does not concern respondents"),
    ignored("sjsVersion", k_survey, "it does not concern respondents"),
    ignored("surveyId", k_survey, "nothing is sent anywhere else"),
    ignored("surveyPostId", k_survey, "nothing is sent anywhere else"),
    ignored("surveyShowDataSaving", k_survey),
    ignored("cookieName", k_survey,
            "no cookie is set; use personal links to allow one answer each"),
    ignored("logo", k_survey, k_no_fetch),
    ignored("logoWidth", k_survey),
    ignored("logoHeight", k_survey),
    ignored("logoFit", k_survey),
    ignored("logoPosition", k_survey),
    ignored("backgroundImage", k_survey, k_no_fetch),
    ignored("backgroundImageFit", k_survey),
    ignored("backgroundImageAttachment", k_survey),
    ignored("backgroundOpacity", k_survey),
    ignored("headerView", k_survey),
    ignored("autoFocusFirstQuestion", k_survey),
    ignored("focusFirstQuestionAutomatic", k_survey),
    ignored("autoFocusFirstError", k_survey),
    ignored("focusOnFirstError", k_survey),
    ignored("loadingHtml", k_survey),
    ignored("completedBeforeHtml", k_survey),
    ignored("partialSendEnabled", k_survey, "answers are stored when the form is sent"),
    ignored("sendResultOnPageNext", k_survey, "answers are stored when the form is sent"),
    ignored("showNavigationButtons", k_survey | k_box),
    ignored("navigationButtonsVisibility", k_box),
    ignored("navigationButtonsLocation", k_survey),
    ignored("showPageTitles", k_survey),
    ignored("showCompletedPage", k_survey),
    ignored("showCompletePage", k_survey),
    ignored("navigateToUrl", k_survey, "respondents stay on the page of thanks"),
    ignored("navigateToUrlOnCondition", k_survey, "respondents stay on the page of thanks"),
    ignored("questionOrder", k_survey | k_box, k_as_written),
    ignored("questionsOrder", k_survey | k_box, k_as_written),
    ignored("matrixDragHandleArea", k_survey),
    ignored("showPageNumbers", k_survey),
    ignored("showQuestionNumbers", k_survey | k_box),
    ignored("questionTitleLocation", k_survey | k_box),
    ignored("questionDescriptionLocation", k_survey),
    ignored("questionErrorLocation", k_survey | k_box),
    ignored("showProgressBar", k_survey),
    ignored("progressBarLocation", k_survey),
    ignored("progressBarType", k_survey),
    ignored("progressBarShowNavigationText", k_survey),
    ignored("progressBarShowPageNumbers", k_survey),
    ignored("progressBarShowPageTitles", k_survey),
    ignored("progressBarNavigationTextLocation", k_survey),
    ignored("progressBarInheritWidthFrom", k_survey),
    ignored("showTOC", k_survey),
    ignored("tocLocation", k_survey),
    ignored("tocItemComponent", k_survey),
    ignored("storeOthersAsComment", k_survey | k_select,
            "the text of \"other\" is always stored beside the answer, as NAME-Comment"),
    ignored("autoAdvanceEnabled", k_survey),
    ignored("goNextPageAutomatic", k_survey),
    ignored("autoAdvanceAllowComplete", k_survey),
    ignored("allowCompleteSurveyAutomatic", k_survey),
    ignored("clearInvisibleValues", k_survey, "answers to hidden questions are never stored"),
    ignored("checkErrorsMode", k_survey),
    ignored("validateVisitedEmptyFields", k_survey),
    ignored("textUpdateMode", k_survey | k_text | k_comment),
    ignored("autoGrowComment", k_survey),
    ignored("allowResizeComment", k_survey),
    ignored("commentAreaRows", k_survey),
    ignored("startSurveyText", k_survey),
    ignored("previewText", k_survey),
    ignored("editText", k_survey),
    ignored("requiredMark", k_survey),
    ignored("requiredText", k_survey),
    ignored("questionStartIndex", k_survey | k_box),
    ignored("questionTitlePattern", k_survey),
    ignored("questionTitleTemplate", k_survey),
    ignored("firstPageIsStartPage", k_survey),
    ignored("firstPageIsStarted", k_survey),
    ignored("questionsOnPageMode", k_survey),
    ignored("isSinglePage", k_survey),
    ignored("showPreviewBeforeComplete", k_survey),
    ignored("previewMode", k_survey),
    ignored("showTimer", k_survey),
    ignored("showTimerPanel", k_survey),
    ignored("timerLocation", k_survey),
    ignored("timerInfoMode", k_survey),
    ignored("showTimerPanelMode", k_survey),
    ignored("widthMode", k_survey),
    ignored("gridLayoutEnabled", k_survey),
    ignored("width", k_survey | k_box | k_element),
    ignored("fitToContainer", k_survey),
    ignored("showBrandInfo", k_survey),
    ignored("maxOthersLength", k_survey),
    ignored("themeVariables", k_survey),
    ignored("requiredErrorText", k_box),
    ignored("keyDuplicationError", k_survey),
    refused("triggers", k_survey, k_no_setting),
    refused("calculatedValues", k_survey,
            "computed values are not supported; ask for what is needed"),
    refused("completedHtmlOnCondition", k_survey, "use one \"completedHtml\" for everybody"),
    refused("timeLimit", k_survey | k_box, k_no_clock),
    refused("timeLimitPerPage", k_survey, k_no_clock),
    refused("maxTimeToFinish", k_survey | k_box, k_no_clock),
    refused("maxTimeToFinishPage", k_survey, k_no_clock),
    refused("readOnly", k_survey | k_box | k_element, k_no_enable),

    // Everything with a place on a page.
    kept("name", k_box | k_element | k_item, Shape::Text),
    kept("type", k_panel | k_element | k_validator, Shape::Text),
    kept("visible", k_box | k_element, Shape::Boolean),
    kept("visibleIf", k_box | k_element, Shape::Expression),
    kept("isRequired", k_box | k_answer | k_item, Shape::Boolean),
    kept("requiredIf", k_box | k_answer, Shape::Expression),
    refused("enableIf", k_box | k_element, k_no_enable),
    ignored("id", k_box | k_element),
    ignored("state", k_box | k_element),
    ignored("questionTitleWidth", k_box),
    ignored("gridLayoutColumns", k_box),
    ignored("minWidth", k_box | k_element),
    ignored("maxWidth", k_box | k_element),
    ignored("colSpan", k_box | k_element),
    ignored("startWithNewLine", k_box | k_element),
    ignored("indent", k_box | k_element),
    ignored("innerIndent", k_box),
    ignored("showNumber", k_box | k_element),
    ignored("hideNumber", k_element),
    ignored("allowAdaptiveActions", k_box),
    ignored("navigationTitle", k_page),
    ignored("navigationDescription", k_page),

    // Questions.
    kept("titleLocation", k_element, Shape::Text),
    kept("requiredErrorText", k_answer | k_item, Shape::LocalText),
    kept("defaultValue", k_answer, Shape::Any),
    kept("validators", k_answer | k_item, Shape::List),
    kept("valueName", k_answer, Shape::Text),
    kept("showCommentArea", k_answer, Shape::Boolean),
    kept("hasComment", k_answer, Shape::Boolean),
    kept("commentText", k_answer, Shape::LocalText),
    ignored("useDisplayValuesInDynamicTexts", k_element),
    ignored("useDisplayValuesInTitle", k_element),
    ignored("descriptionLocation", k_element),
    ignored("correctAnswer", k_answer, k_no_score),
    ignored("clearIfInvisible", k_element, "answers to hidden questions are never stored"),
    ignored("errorLocation", k_element),
    ignored("renderAs", k_element),
    ignored("commentPlaceholder", k_answer),
    ignored("commentPlaceHolder", k_answer),
    ignored("defaultDisplayValue", k_answer),
    ignored("randomize", k_element | k_value, k_as_written),
    ignored("randomizeCategory", k_element | k_value, k_as_written),
    ignored("maxOthersLength", k_select),
    ignored("cssClasses", k_element),
    refused("resetValueIf", k_answer, k_no_setting),
    refused("setValueIf", k_answer, k_no_setting),
    refused("setValueExpression", k_answer, k_no_setting),
    refused("defaultValueExpression", k_answer | k_item,
            "computed defaults are not supported; use \"defaultValue\""),
    refused("bindings", k_element, k_no_setting),

    // Text and comment.
    kept("inputType", k_text | k_item, Shape::Text),
    kept("min", k_text | k_item, Shape::NumberOrText),
    kept("max", k_text | k_item, Shape::NumberOrText),
    kept("step", k_text | k_item, Shape::NumberOrText),
    kept("maxLength", k_text | k_comment | k_item, Shape::Number),
    kept("placeholder", k_text | k_comment | k_item, Shape::LocalText),
    kept("placeHolder", k_text | k_comment | k_item, Shape::LocalText),
    kept("autocomplete", k_text, Shape::Text),
    kept("autoComplete", k_text, Shape::Text),
    kept("rows", k_comment, Shape::Count),
    ignored("cols", k_comment),
    ignored("size", k_text | k_item),
    ignored("inputSize", k_text | k_item | k_lines),
    ignored("minErrorText", k_text | k_item),
    ignored("maxErrorText", k_text | k_item),
    ignored("stepErrorText", k_text),
    ignored("inputTextAlignment", k_text | k_item),
    ignored("dataList", k_text),
    ignored("maskSettings", k_text | k_item),
    ignored("autoGrow", k_comment),
    ignored("allowResize", k_comment),
    ignored("acceptCarriageReturn", k_comment),
    refused("maskType", k_text | k_item,
            "input masks are not supported; use \"inputType\" and validators"),
    refused("minValueExpression", k_text | k_item, k_no_computed_bound),
    refused("maxValueExpression", k_text | k_item, k_no_computed_bound),

    // Choices.
    kept("choices", k_select, Shape::List),
    kept("showOtherItem", k_select, Shape::Boolean),
    kept("hasOther", k_select, Shape::Boolean),
    kept("showNoneItem", k_select, Shape::Boolean),
    kept("hasNone", k_select, Shape::Boolean),
    kept("showRefuseItem", k_select, Shape::Boolean),
    kept("showDontKnowItem", k_select, Shape::Boolean),
    kept("otherText", k_select, Shape::LocalText),
    kept("noneText", k_select, Shape::LocalText),
    kept("refuseText", k_select, Shape::LocalText),
    kept("dontKnowText", k_select, Shape::LocalText),
    kept("otherPlaceholder", k_select, Shape::LocalText),
    kept("otherPlaceHolder", k_select, Shape::LocalText),
    kept("minSelectedChoices", k_many, Shape::Count),
    kept("maxSelectedChoices", k_many, Shape::Count),
    kept("choicesMin", k_dropdown, Shape::Number),
    kept("choicesMax", k_dropdown, Shape::Number),
    kept("choicesStep", k_dropdown, Shape::Number),
    kept("selectToRankEnabled", k_ranking, Shape::Boolean),
    ignored("choicesOrder", k_select, k_as_written),
    ignored("hideIfChoicesEmpty", k_select),
    ignored("separateSpecialChoices", k_select),
    ignored("otherErrorText", k_select),
    ignored("colCount", k_select | k_lines),
    ignored("itemComponent", k_select | k_rating),
    ignored("placeholder", k_select | k_rating),
    ignored("optionsCaption", k_select),
    ignored("placeHolder", k_select),
    ignored("allowClear", k_select),
    ignored("showClearButton", k_select),
    ignored("searchEnabled", k_select),
    ignored("textWrapEnabled", k_select),
    ignored("searchMode", k_select),
    ignored("autocomplete", k_dropdown),
    ignored("hideSelectedItems", k_select),
    ignored("closeOnSelect", k_select),
    ignored("showSelectAllItem", k_select),
    ignored("hasSelectAll", k_select),
    ignored("selectAllText", k_select),
    ignored("inputFieldComponent", k_select),
    ignored("createCustomChoiceText", k_select),
    ignored("choicesFromQuestionMode", k_select),
    ignored("choicesLazyLoadPageSize", k_select),
    ignored("selectToRankSwapAreas", k_ranking),
    ignored("selectToRankAreasLayout", k_ranking),
    ignored("selectToRankEmptyRankedAreaText", k_ranking),
    ignored("selectToRankEmptyUnrankedAreaText", k_ranking),
    ignored("longTap", k_ranking),
    ignored("itemSize", k_lines),
    refused("choicesByUrl", k_select, k_no_remote),
    refused("choicesLazyLoadEnabled", k_select, k_no_remote),
    refused("choicesFromQuestion", k_select, k_no_copy),
    refused("choiceValuesFromQuestion", k_select, k_no_copy),
    refused("choiceTextsFromQuestion", k_select, k_no_copy),
    refused("choicesVisibleIf", k_select, k_no_item_condition),
    refused("choicesEnableIf", k_select, k_no_item_condition),
    refused("allowCustomChoices", k_select, "use \"showOtherItem\" for answers of one's own"),
    refused("valuePropertyName", k_select, "answers are plain lists of values"),

    // Rating and boolean.
    kept("rateMin", k_rating, Shape::Number),
    kept("rateMax", k_rating, Shape::Number),
    kept("rateStep", k_rating, Shape::Number),
    kept("rateCount", k_rating, Shape::Count),
    kept("rateValues", k_rating, Shape::List),
    kept("autoGenerate", k_rating, Shape::Boolean),
    kept("minRateDescription", k_rating, Shape::LocalText),
    kept("maxRateDescription", k_rating, Shape::LocalText),
    kept("mininumRateDescription", k_rating, Shape::LocalText),
    kept("maximumRateDescription", k_rating, Shape::LocalText),
    ignored("rateType", k_rating),
    ignored("rateDisplayMode", k_rating),
    ignored("scaleColorMode", k_rating),
    ignored("rateColorMode", k_rating),
    ignored("displayRateDescriptionsAsExtremeItems", k_rating),
    ignored("rateDescriptionLocation", k_rating),
    ignored("displayMode", k_rating | k_boolean | k_matrix),
    kept("labelTrue", k_boolean, Shape::LocalText),
    kept("labelFalse", k_boolean, Shape::LocalText),
    kept("valueTrue", k_boolean, Shape::Scalar),
    kept("valueFalse", k_boolean, Shape::Scalar),
    ignored("label", k_boolean),
    ignored("swapOrder", k_boolean),
    ignored("useTitleAsLabel", k_boolean),
    ignored("showTitle", k_boolean),

    // Matrix and multipletext.
    kept("columns", k_matrix, Shape::List),
    kept("rows", k_matrix, Shape::List),
    kept("eachRowRequired", k_matrix, Shape::Boolean),
    kept("isAllRowRequired", k_matrix, Shape::Boolean),
    kept("eachRowUnique", k_matrix, Shape::Boolean),
    ignored("rowTitleWidth", k_matrix),
    ignored("rowOrder", k_matrix, k_as_written),
    ignored("rowsOrder", k_matrix, k_as_written),
    ignored("columnOrder", k_matrix, k_as_written),
    ignored("hideIfRowsEmpty", k_matrix),
    ignored("cellComponent", k_matrix),
    ignored("columnMinWidth", k_matrix),
    ignored("showHeader", k_matrix),
    ignored("verticalAlign", k_matrix),
    ignored("alternateRows", k_matrix),
    refused("cells", k_matrix,
            "texts of single cells are not supported; use row and column titles"),
    refused("cellType", k_matrix, "a matrix takes one choice per row; use a checkbox for each row"),
    refused("columnsVisibleIf", k_matrix, k_no_item_condition),
    refused("rowsVisibleIf", k_matrix, k_no_item_condition),
    kept("items", k_lines, Shape::List),
    ignored("itemErrorLocation", k_lines),
    ignored("itemTitleWidth", k_lines),
    kept("html", k_html, Shape::LocalText),

    // Choices, rows, columns, rate values.
    kept("value", k_value, Shape::Scalar),
    kept("text", k_value | k_validator, Shape::LocalText),
    ignored("icon", k_value),
    ignored("commentPlaceholder", k_value),
    ignored("isCommentRequired", k_value),
    refused("visibleIf", k_value, k_no_item_condition),
    refused("enableIf", k_value, k_no_item_condition),
    refused("showCommentArea", k_value,
            "a comment per choice is not supported; use \"showOtherItem\""),
    refused("hasComment", k_value, "a comment per choice is not supported; use \"showOtherItem\""),
    refused("elements", k_value, "questions inside choices are not supported; use \"visibleIf\""),
    refused("isExclusive", k_value, "use \"showNoneItem\" for a choice that stands alone"),

    // Validators.
    kept("notificationType", k_validator, Shape::Text),
    kept("minValue", k_numeric, Shape::NumberOrText),
    kept("maxValue", k_numeric, Shape::NumberOrText),
    kept("minLength", k_length, Shape::Number),
    kept("maxLength", k_length, Shape::Number),
    kept("allowDigits", k_length, Shape::Boolean),
    kept("minCount", k_count, Shape::Number),
    kept("maxCount", k_count, Shape::Number),
    kept("expression", k_rule, Shape::Expression),
};

constexpr std::array k_element_types = {
    TypeRow{"text", Treatment::Kept, k_text, {}},
    TypeRow{"comment", Treatment::Kept, k_comment, {}},
    TypeRow{"radiogroup", Treatment::Kept, bit(Owner::Radiogroup), {}},
    TypeRow{"checkbox", Treatment::Kept, bit(Owner::Checkbox), {}},
    TypeRow{"dropdown", Treatment::Kept, k_dropdown, {}},
    TypeRow{"tagbox", Treatment::Kept, bit(Owner::Tagbox), {}},
    TypeRow{"rating", Treatment::Kept, k_rating, {}},
    TypeRow{"boolean", Treatment::Kept, k_boolean, {}},
    TypeRow{"ranking", Treatment::Kept, k_ranking, {}},
    TypeRow{"matrix", Treatment::Kept, k_matrix, {}},
    TypeRow{"multipletext", Treatment::Kept, k_lines, {}},
    TypeRow{"html", Treatment::Kept, k_html, {}},
    TypeRow{"panel", Treatment::Kept, k_panel, {}},
    TypeRow{"buttongroup", Treatment::Ignored, bit(Owner::Radiogroup), "shown as a radiogroup"},
    TypeRow{"paneldynamic", Treatment::Refused, 0, "panels that respondents repeat"},
    TypeRow{"flowpanel", Treatment::Refused, 0, "questions inside running text"},
    TypeRow{"matrixdropdown", Treatment::Refused, 0, "a matrix of different questions"},
    TypeRow{"matrixdynamic", Treatment::Refused, 0, "a matrix that respondents extend"},
    TypeRow{"expression", Treatment::Refused, 0, "computed values"},
    TypeRow{"file", Treatment::Refused, 0, "uploads"},
    TypeRow{"signaturepad", Treatment::Refused, 0, "drawings"},
    TypeRow{"imagepicker", Treatment::Refused, 0, "pictures as choices"},
    TypeRow{"image", Treatment::Refused, 0, "pictures"},
    TypeRow{"imagemap", Treatment::Refused, 0, "areas of a picture as choices"},
    TypeRow{"slider", Treatment::Refused, 0, "sliders; use text with inputType range"},
    TypeRow{"empty", Treatment::Refused, 0, "a question without a type"},
};

constexpr std::array k_validator_types = {
    TypeRow{"numeric", Treatment::Kept, k_numeric, {}},
    TypeRow{"text", Treatment::Kept, k_length, {}},
    TypeRow{"answercount", Treatment::Kept, k_count, {}},
    TypeRow{"email", Treatment::Kept, bit(Owner::EmailValidator), {}},
    TypeRow{"expression", Treatment::Kept, k_rule, {}},
    TypeRow{"regex", Treatment::Refused, 0,
            "patterns may take unbounded time; use inputType, lengths or an expression"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_local_text(const Value& value) {
  if (value.is_null() || value.text() != nullptr || value.number() != nullptr) return true;
  const Value::Members* members = value.members();
  return members != nullptr && std::ranges::all_of(*members, [](const Member& member) {
           return member.value.text() != nullptr || member.value.is_null();
         });
}

bool is_boolean(const Value& value) {
  const std::string* text = value.text();
  return value.truth() != nullptr || (text != nullptr && (*text == "true" || *text == "false"));
}

bool is_number(const Value& value) {
  return value.number() != nullptr ||
         (value.text() != nullptr && parse_number(*value.text()).has_value());
}

bool is_count(const Value& value) {
  const double* number = value.number();
  return number != nullptr && *number >= 0 && std::trunc(*number) == *number && *number < 1e9;
}

}  // namespace

std::span<const Property> properties() { return k_properties; }
std::span<const TypeRow> element_types() { return k_element_types; }
std::span<const TypeRow> validator_types() { return k_validator_types; }

const Property* find_property(Owner owner, std::string_view name) {
  for (const Property& property : k_properties)
    if ((property.owners & bit(owner)) != 0 && property.name == name) return &property;
  return nullptr;
}

const Property* find_similar_property(Owner owner, std::string_view name) {
  for (const Property& property : k_properties) {
    if ((property.owners & bit(owner)) != 0 &&
        std::ranges::equal(property.name, name, {}, lower, lower)) {
      return &property;
    }
  }
  return nullptr;
}

bool is_neutral(const Value& value) {
  if (const bool* truth = value.truth()) return !*truth;
  if (const double* number = value.number()) return *number == 0;
  if (const std::string* text = value.text())
    return trim(*text).empty() || *text == "none" || *text == "radio" || *text == "false";
  return value.is_blank();
}

bool has_shape(const Value& value, Shape shape) {
  switch (shape) {
    case Shape::Any: return true;
    case Shape::Text:
    case Shape::Expression: return value.text() != nullptr || value.is_null();
    case Shape::LocalText: return is_local_text(value);
    case Shape::Boolean: return is_boolean(value);
    case Shape::Number: return is_number(value);
    case Shape::Count: return is_count(value);
    case Shape::NumberOrText: return value.number() != nullptr || value.text() != nullptr;
    case Shape::Scalar: return value.is_scalar();
    case Shape::List: return value.list() != nullptr;
  }
  return false;
}

std::string_view shape_words(Shape shape) {
  switch (shape) {
    case Shape::Any: return "anything";
    case Shape::Text: return "text";
    case Shape::Expression: return "an expression in text";
    case Shape::LocalText: return "text, or an object of texts by language";
    case Shape::Boolean: return "true or false";
    case Shape::Number: return "a number";
    case Shape::Count: return "a whole number from 0";
    case Shape::NumberOrText: return "a number or text";
    case Shape::Scalar: return "a text, a number, true or false";
    case Shape::List: return "a list";
  }
  return {};
}

}  // namespace probity::form
