#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace probity::store {

/// Who has the commit log of a directory, told between processes by locks on the bytes of
/// `commit.lock` (open file description locks, fcntl(2)): one for its owner, one for an owner that
/// has not yet written what the last one left, one for those who wait for a file. Asking takes no
/// lock, so whoever asks is in nobody's way. Threads: any.
class CommitLock {
 public:
  /// Takes the log, to be recovered. Locked when another process has it.
  [[nodiscard]] static Result<CommitLock> take(const std::filesystem::path& directory);
  CommitLock(CommitLock&& other) noexcept;
  CommitLock& operator=(CommitLock&& other) = delete;
  ~CommitLock();

  /// What was left lies in its files, or is known to this process to be owed.
  void recovered();
  /// Whether a process waits until this one lets go of a file.
  [[nodiscard]] bool is_awaited() const;

  [[nodiscard]] static bool is_owned(const std::filesystem::path& directory);
  [[nodiscard]] static bool is_recovering(const std::filesystem::path& directory);

  /// While one lives, the owner commits its groups to their files one by one.
  class Waiting {
   public:
    explicit Waiting(const std::filesystem::path& directory);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    int fd_;
  };

 private:
  explicit CommitLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace probity::store
