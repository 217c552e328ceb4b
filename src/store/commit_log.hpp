#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "crypto/cipher.hpp"
#include "store/commit_lock.hpp"
#include "store/vfs_file.hpp"

namespace probity::store {

/// What a segment grows to: a second or two of the fastest load, so that the groups of one are in
/// their files before the other is full.
inline constexpr std::int64_t k_log_segment_bytes = 16LL * 1024 * 1024;
/// How long a segment takes batches of one generation before the other has its turn: with the
/// second its groups stay open, how long what it holds can be opened.
inline constexpr Span k_log_generation_max = Span::seconds(5);
/// How often segments that nobody holds any more are looked for.
inline constexpr Span k_log_wipe_every = Span::seconds(1);
/// Batches begin at multiples of this, so that writing one never touches a block that is durable.
inline constexpr std::int64_t k_log_block_bytes = 4'096;

/// The node's commit log: records of what was acknowledged and is not yet in its tenant's file, of
/// all tenants together, so that one sync makes a Change of each of a hundred tenants durable.
///
/// Two segments, written in turn. A segment holds one *generation* of *batches*; a batch is
/// everything that waited, sealed under the generation's own key and bound to its number. That key
/// stands in the segment's first block, sealed under the system's. Once nobody holds the segment
/// any more (its records lie in their files) that block is overwritten, and with the key all that
/// is left of the generation is gone. One process owns the log. Threads: any.
class CommitLog {
 public:
  /// Keeps the records of an append from being overwritten.
  using Hold = std::shared_ptr<const void>;
  /// Called on the log's own thread: the records are on disk, or why not. Must be short.
  using Durable = std::move_only_function<void(Result<void>)>;

  /// Below `directory`: commit.lock, commit.mark, commit-0.log, commit-1.log. Locked when another
  /// process has it. `vfs` as SQLite names it; null: the default one. `cipher`: the system's.
  [[nodiscard]] static Result<std::unique_ptr<CommitLog>> open(
      const std::filesystem::path& directory, const char* vfs,
      std::shared_ptr<const crypto::Cipher> cipher);
  /// Leaves what is in the log as it is: only stop() and append() overwrite anything.
  ~CommitLog();
  CommitLog(const CommitLog&) = delete;
  CommitLog& operator=(const CommitLog&) = delete;

  /// What stands in commit.mark: the order of the newest generation that must be there.
  struct Mark {
    std::uint64_t writes = 0;
    std::uint64_t order = 0;  ///< 0: none.
  };

  /// What the last owner left, in the order in which it was appended; each item is what one append
  /// gave, or several of them joined. IntegrityError when a batch in the middle is damaged, or when
  /// the log was in use and is missing, emptied or an older one (README, "The commit log's mark");
  /// nothing is overwritten then. To be called once, before the first append; nothing is
  /// overwritten while `hold` lives.
  struct Recovered {
    std::vector<Bytes> batches;
    Hold hold;
  };
  [[nodiscard]] Result<Recovered> recover();
  /// What was recovered lies in its files, or this process holds it.
  void recovered() { lock_.recovered(); }
  /// Whether another process waits for a file: groups are then to be committed at once.
  [[nodiscard]] bool is_awaited() const { return lock_.is_awaited(); }

  /// Queues records and gives the hold on their segment; `durable` is called once. Null, with
  /// `durable` untouched, when there is no room: the caller commits without the log.
  [[nodiscard]] Hold append(Bytes records, Durable&& durable);

  /// Makes what is queued durable, takes no more, and leaves nothing of what nobody holds. What is
  /// held then stays for the next owner, whatever becomes of the holds.
  void stop();
  /// Whether the log of this directory, which nobody owns, may hold something; true in doubt.
  [[nodiscard]] static bool may_hold(const std::filesystem::path& directory);

 private:
  /// How far a segment is written.
  struct Extent {
    RawId generation;
    std::shared_ptr<const crypto::Cipher> cipher;  ///< The generation's.
    Bytes sealed_key;
    std::uint64_t order = 0;    ///< Grows with every generation of the two segments.
    std::uint64_t batches = 0;  ///< 0: its first block is still to be written.
    std::int64_t end = 0;       ///< Where the next batch goes.
    Span begun_at;
  };
  struct Segment {
    std::unique_ptr<VfsFile> file;  ///< The log's thread's, once it is open.
    Extent extent;
    std::int64_t queued = 0;  ///< Bytes that wait for it, at most.
    bool is_spent = false;    ///< A write failed: nothing more in this generation.
    /// Order of the generation whose key its first block may hold; 0 when it holds none.
    std::uint64_t key_order = 0;
    /// The same once it is durable: what is sure to be found after a crash; 0 when nothing is.
    std::uint64_t sure_order = 0;
    std::shared_ptr<int> hold = std::make_shared<int>();
  };
  struct Waiting {
    std::size_t segment;
    Bytes records;
    std::int64_t room;
    Durable durable;
  };

  CommitLog(std::shared_ptr<const crypto::Cipher> cipher, CommitLock lock)
      : cipher_(std::move(cipher)), lock_(std::move(lock)) {}
  [[nodiscard]] static bool is_held(const Segment& segment) { return segment.hold.use_count() > 1; }
  [[nodiscard]] Result<void> begin_generation(Segment& segment);
  [[nodiscard]] Result<std::shared_ptr<const crypto::Cipher>> open_key(const Extent& extent) const;
  [[nodiscard]] bool find_room(std::int64_t room);
  void work();
  void write_waiting(std::unique_lock<std::mutex>& lock);
  void take_all_waiting(std::vector<Waiting>& into);
  void wipe_unheld(std::unique_lock<std::mutex>& lock);
  void end();
  [[nodiscard]] Result<void> set_mark(std::uint64_t order);
  [[nodiscard]] Result<Extent> write_batch(VfsFile& file, Extent extent, BytesView records);
  [[nodiscard]] Result<std::uint64_t> read_segment(Segment& segment, std::vector<Bytes>& batches);
  [[nodiscard]] Result<void> read_batches(Segment& segment, std::vector<Bytes>& batches);

  std::shared_ptr<const crypto::Cipher> cipher_;
  CommitLock lock_;
  std::unique_ptr<VfsFile> mark_file_;
  Mark mark_;  ///< As it stands in the file. The log's thread's, once it runs.
  bool is_mark_sure_ = true;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::array<Segment, 2> segments_;
  std::size_t current_ = 0;
  std::deque<Waiting> waiting_;
  bool is_stopping_ = false;
  bool is_failing_ = false;  ///< A batch failed, and not all of its groups know yet.
  Span wiped_at_;
  std::jthread thread_;
};

}  // namespace probity::store
