#include <cstdint>

#include "feature/survey/limits.hpp"
#include "feature/survey/logo.hpp"

// Any bytes: what is taken has sides within the bounds, is no larger than it was by more than a
// header, and reads as itself again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probity;
  const auto logo = survey::read_logo({data, size});
  if (!logo) return 0;
  if (logo->facts.width < 1 || logo->facts.width > survey::k_logo_side_max_px) __builtin_trap();
  if (logo->facts.height < 1 || logo->facts.height > survey::k_logo_side_max_px) __builtin_trap();
  if (logo->bytes.size() > size + 1) __builtin_trap();
  if (logo->bytes.size() > survey::k_logo_max_bytes) return 0;
  const auto again = survey::read_logo(logo->bytes);
  if (!again || again->bytes != logo->bytes) __builtin_trap();
  return 0;
}
