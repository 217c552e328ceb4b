#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "store/change.hpp"

namespace probity::store {

/// A Change as it lies in the commit log: enough to do it again.
struct LoggedChange {
  TenantId tenant;
  RawId epoch;                 ///< Of the tenant's file.
  std::uint64_t position = 0;  ///< 1, 2, 3 … within the epoch.
  std::string kind;            ///< Of its Redoer; empty when it leaves nothing but entries.
  Bytes content;
  Journal entries;
};

/// The change's record: sized fields one after the other.
void append_record(Bytes& records, const LoggedChange& change);
/// The records of a batch. IntegrityError when they are not what append_record() writes.
[[nodiscard]] Result<std::vector<LoggedChange>> read_records(BytesView records);

}  // namespace probity::store
