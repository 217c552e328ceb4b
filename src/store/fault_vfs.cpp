#include "store/fault_vfs.hpp"

namespace probity::store {

Result<std::unique_ptr<FaultVfs>> FaultVfs::install(const FaultPlan&) {
  return fail(Code::NotBuilt, "fault injection");
}

}  // namespace probity::store
