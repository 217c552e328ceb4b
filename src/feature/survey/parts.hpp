#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace probity::survey {

/// One part of a multipart/form-data body (RFC 7578). The content is a view into the body.
struct FormPart {
  std::string name;
  std::string file_name;     ///< Empty when none is given; never a path to be opened.
  std::string content_type;  ///< Without parameters; empty when none is given.
  std::string_view content;
};

/// Splits a body whose Content-Type is `content_type`. BadRequest when it is not made of parts;
/// LimitExceeded for more than k_form_parts_max parts or a longer part header than
/// k_form_part_header_max. The body must outlive the result.
[[nodiscard]] Result<std::vector<FormPart>> split_parts(std::string_view content_type,
                                                        std::string_view body);

}  // namespace probity::survey
