#pragma once

#include <filesystem>
#include <functional>

#include "base/error.hpp"
#include "crypto/keys.hpp"
#include "store/engine.hpp"

namespace probity::keep {

/// What `rotate-keys` is asked for.
struct Rotation {
  enum class Master : bool { Keep, Renew };
  enum class OldMaster : bool { Keep, Drop };
  Master master = Master::Keep;
  /// Whether older master keys leave the file: backups made before open with a copy of the old file
  /// alone.
  OldMaster old_master = OldMaster::Drop;

  [[nodiscard]] bool drops_old_master() const {
    return master == Master::Renew && old_master == OldMaster::Drop;
  }
};

/// What was done.
struct Rotated {
  int sealing_keys = 0;  ///< Spaces with a new sealing key, the system's among them.
  int rewrapped = 0;     ///< Stored keys now under the new master key.
};

/// How long running servers get to read a new key file before anything is wrapped under it: four
/// times the second in which they notice.
inline constexpr Span k_key_file_settle = Span::seconds(4);

/// New sealing keys for every tenant and the system; what is sealed from now on is sealed with
/// them, what lies there still opens with the old ones. With Master::Renew a new master key is
/// added, `pause` waits for running servers to have read it, every stored key is wrapped anew, and
/// the old master keys leave the file. The system's journal gets "key.rotate" for each space, and
/// "key.rewrap", in the Change that stores the keys; a tenant's own journal gets its "key.rotate"
/// after it.
/// May be run again after an interruption. Beside running servers.
[[nodiscard]] Result<Rotated> rotate_keys(store::Engine& engine, crypto::MasterKeys& master,
                                          const std::filesystem::path& key_file,
                                          const Rotation& rotation,
                                          const std::function<void(Span)>& pause, Instant now);

}  // namespace probity::keep
