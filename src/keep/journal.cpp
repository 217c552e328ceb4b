#include "keep/journal.hpp"

#include <utility>

namespace probity::keep {

Result<void> journal(store::Engine& engine, store::Space space, std::string_view action,
                     std::string_view detail_json, Instant now) {
  PROBITY_TRY(cipher, engine.cipher(space));
  PROBITY_TRY(
      entry,
      audit::make_entry(*cipher,
                        {.at = now, .action = action, .actor = "cli", .detail_json = detail_json}));
  store::Change change{
      store::k_grant_all,
      [entry](store::Tx&) -> Result<store::Journal> { return store::Journal{entry}; },
      {},
      store::Growth::Essential};
  return engine.apply(space, std::move(change));
}

}  // namespace probity::keep
