#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "module/module.hpp"

namespace probity::keep {

/// An export can be downloaded for this long after it was asked for.
inline constexpr Span k_export_life = Span::hours(24);

/// What the module needs; references must outlive it.
struct KeepParts {
  store::Engine& engine;
  const Clock& clock;
  /// The tables of an archive, in order. Called while a request is served.
  std::function<std::vector<module::ExportTable>()> tables;
};

/// `POST /api/v1/export` and what follows from it: a request that is remembered for a day, its
/// state, and the archive, which is made from one snapshot while it is downloaded and stored
/// nowhere.
[[nodiscard]] std::unique_ptr<module::Module> make_keep_module(KeepParts parts);

}  // namespace probity::keep
