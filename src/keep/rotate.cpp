#include "keep/rotate.hpp"

#include <fmt/format.h>

#include <vector>

#include "keep/journal.hpp"

namespace probity::keep {
namespace {

Result<std::vector<store::Space>> spaces_of(store::Engine& engine) {
  std::vector<store::Space> spaces{store::Space::system()};
  PROBITY_TRY(tenants, engine.tenants());
  for (const store::TenantRecord& tenant : tenants)
    if (tenant.state != "destroyed") spaces.push_back(store::Space::of(tenant.id));
  return spaces;
}

Result<int> renew_master(store::Engine& engine, crypto::MasterKeys& master,
                         const std::filesystem::path& key_file, const Rotation& rotation,
                         const std::function<void(Span)>& pause) {
  PROBITY_CHECK(master.add_key(key_file));
  pause(k_key_file_settle);
  PROBITY_TRY(first, engine.rewrap_keys());
  // A key made by a server that had not yet read the file is caught by going over them again.
  pause(k_key_file_settle);
  PROBITY_TRY(second, engine.rewrap_keys());
  if (rotation.old_master == Rotation::OldMaster::Drop) PROBITY_CHECK(master.drop_old(key_file));
  return first + second;
}

}  // namespace

Result<Rotated> rotate_keys(store::Engine& engine, crypto::MasterKeys& master,
                            const std::filesystem::path& key_file, const Rotation& rotation,
                            const std::function<void(Span)>& pause, Instant now) {
  Rotated done;
  PROBITY_TRY(spaces, spaces_of(engine));
  for (const store::Space& space : spaces) {
    PROBITY_TRY(number, engine.rotate_sealing_key(space));
    // The store has put it into the system's chain with the key itself; a tenant's auditors read
    // their own.
    if (!space.is_system())
      PROBITY_CHECK(
          journal(engine, space, "key.rotate", fmt::format("{{\"number\":{}}}", number), now));
    ++done.sealing_keys;
  }
  if (rotation.master == Rotation::Master::Keep) return done;
  PROBITY_TRY(rewrapped, renew_master(engine, master, key_file, rotation, pause));
  done.rewrapped = rewrapped;
  return done;
}

}  // namespace probity::keep
