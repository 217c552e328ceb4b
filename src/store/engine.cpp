#include "store/engine.hpp"

#include <future>

namespace probity::store {

Result<void> Engine::apply(Space space, Change change) {
  std::promise<Result<void>> promise;
  auto answered = promise.get_future();
  submit(space, std::move(change),
         [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return answered.get();
}

}  // namespace probity::store
