#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "attest/cast.hpp"

namespace probity::attest {

/// Texts that occur nowhere else, in every form in which they might lie about: UTF-8, UTF-16 in
/// both orders, hexadecimal in both cases, base 64 at each of its three offsets.
class Marks {
 public:
  void add(std::string mark);
  /// A fresh one, added and returned.
  std::string make();
  /// Whether any of them stands in these bytes.
  [[nodiscard]] bool occur_in(BytesView bytes) const;

 private:
  std::vector<std::string> forms_;
};

/// store.content_sealed.
struct SealingSubject {
  /// Where an organisation's content could lie on disk; may be empty (PostgreSQL: the rows are
  /// searched instead).
  std::function<Result<std::vector<std::filesystem::path>>(const TenantId&)> files;
  /// Whether a commit log must have been among them.
  bool has_commit_log = false;
  /// A folder beside them for the control.
  std::filesystem::path folder;
  /// Called with a mark after the marked content was stored: what a careless writer would leave.
  std::function<void(const std::string& mark, const TenantId&)> afterwards;
};
/// Whether the store keeps a commit log, as a server's does.
enum class CommitLog : bool { None, Kept };
/// For a data directory with everything below it but the data files of other organisations.
[[nodiscard]] SealingSubject product_sealing(const std::filesystem::path& data,
                                             CommitLog commit_log = CommitLog::None);
[[nodiscard]] Probes sealing_probes(const Ground& ground, const FindListener& find,
                                    SealingSubject subject);

}  // namespace probity::attest
