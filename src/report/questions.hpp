#pragma once

#include "form/questionnaire.hpp"
#include "form/visibility.hpp"

/// The words of the questionnaire that this room speaks in.
namespace probity::report {

using form::AnswerSet;
using form::Choice;
using form::Condition;
using form::Container;
using form::Expression;
using form::InputType;
using form::Item;
using form::Kind;
using form::Question;
using form::Questionnaire;
using form::Row;
using form::Target;
using form::Value;
using form::Variables;
using form::Visibility;

}  // namespace probity::report
