#include "store/engine.hpp"

#include <future>

namespace probity::store {

// Engines in front of an engine (measuring, failing) need none of these.
Result<TenantRecord> Engine::create_tenant_as(TenantId, std::string_view, std::string_view) {
  return fail(Code::NotBuilt, "this engine takes no tenant from elsewhere");
}

Result<void> Engine::rename_tenant(TenantId, std::string_view) {
  return fail(Code::NotBuilt, "this engine renames no tenant");
}

Result<void> Engine::discard_tenant(TenantId) {
  return fail(Code::NotBuilt, "this engine takes no tenant back");
}

Result<void> Engine::apply(Space space, Change change) {
  std::promise<Result<void>> promise;
  auto answered = promise.get_future();
  submit(space, std::move(change),
         [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return answered.get();
}

}  // namespace probity::store
