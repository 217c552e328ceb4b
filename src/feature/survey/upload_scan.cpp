#include "feature/survey/upload_scan.hpp"

namespace probity::survey {

Result<void> scan_upload(const Services& services, web::Call& call, std::string_view file) {
  if (services.scanner == nullptr) return {};
  Result<void> looked = services.scanner->check(file, call.deadline());
  if (looked) return looked;
  const Error& error = looked.error();
  call.log().warn("upload_refused",
                  {{"tenant", call.tenant().text()},
                   {"request_id", call.id().text()},
                   {"bytes", static_cast<std::int64_t>(file.size())},
                   {"detail", error.fields.empty() ? error.detail : error.fields.front().reason}});
  return looked;
}

}  // namespace probity::survey
