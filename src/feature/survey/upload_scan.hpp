#pragma once

#include <string_view>

#include "feature/survey/services.hpp"
#include "web/call.hpp"

namespace probity::survey {

/// Lets the scanner of this server, where there is one, look into a file as it was sent, before
/// anything reads it. A refusal is logged, without the file's name or content.
[[nodiscard]] Result<void> scan_upload(const Services& services, web::Call& call,
                                       std::string_view file);

}  // namespace probity::survey
