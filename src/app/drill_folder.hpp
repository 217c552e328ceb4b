#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace probity::app {

inline constexpr std::string_view k_drill_prefix = "drill-";

/// A folder for a drill that nobody else may look into, gone with the object. Its path is empty
/// when it could not be made.
class DrillFolder {
 public:
  explicit DrillFolder(const std::filesystem::path& parent) {
    std::string pattern = (parent / (std::string(k_drill_prefix) + "XXXXXX")).string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~DrillFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  DrillFolder(const DrillFolder&) = delete;
  DrillFolder& operator=(const DrillFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Takes away what drills of a process that ended suddenly left behind.
inline void remove_drill_folders(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored))
    if (entry.path().filename().string().starts_with(k_drill_prefix))
      std::filesystem::remove_all(entry.path(), ignored);
}

}  // namespace probity::app
