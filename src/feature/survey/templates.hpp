#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "form/questionnaire.hpp"
#include "web/route.hpp"

namespace probity::survey {

/// A questionnaire of ours to begin with, in every language its pages speak. Texts of the product,
/// the same for all tenants; nothing of them is stored until a survey is made from one.
struct Template {
  std::string id;  ///< "nps"; stable.
  std::int64_t minutes = 0;
  form::LocalText title;        ///< For who chooses one; not what respondents read.
  form::LocalText description;  ///< What it asks and what it is for.
  std::vector<std::string> languages;
  std::size_t questions = 0;       ///< That can be answered.
  std::string questionnaire_json;  ///< A SurveyJS document.
};

/// All of them, in the order they are offered. Threads: any.
[[nodiscard]] std::span<const Template> templates();
/// Null when there is none of that name.
[[nodiscard]] const Template* find_template(std::string_view id);

/// The routes by which they are listed and read.
[[nodiscard]] std::vector<web::Route> template_routes();

}  // namespace probity::survey
