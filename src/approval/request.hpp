#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/json_writer.hpp"
#include "module/approvable.hpp"
#include "store/tx.hpp"

// Inside the room: a request for approval as it is stored and told.
namespace probity::approval {

/// How a request stands. The stored ones are numbered as in the migration.
enum class State : std::uint8_t { Open, Approved, Refused, Withdrawn, Expired };

[[nodiscard]] std::string_view text_of(State state);

/// What somebody asked for.
struct Request {
  ApprovalId id;
  std::string action;
  std::string object;
  std::optional<std::int64_t> number;
  UserId asked_by;
  Instant asked_at;
  Instant expires_at;
  State stored_state = State::Open;
  std::optional<UserId> decided_by;
  std::optional<Instant> decided_at;
  std::optional<std::string> asker_email;  ///< Looked up where a list or a page needs it.

  /// As stored, or Expired from the moment `expires_at` on.
  [[nodiscard]] State state_at(Instant now) const;
};

/// Nothing when there is none such.
[[nodiscard]] Result<std::optional<Request>> find_request(store::Reader& reader, ApprovalId id);

/// Which requests a list shows.
struct Listing {
  ApprovalId after;  ///< Nil: from the newest.
  int limit = 100;
  bool is_open_only = false;
  Instant now;
};
/// Newest first.
[[nodiscard]] Result<std::vector<Request>> list_requests(store::Reader& reader,
                                                         const Listing& listing);

/// Stores a new request; gives back the one that waits already for the same. Conflict when one with
/// another number waits, too many wait, or its member asked too often.
struct Stored {
  Request request;
  bool is_new = true;
};
[[nodiscard]] Result<Stored> store_request(store::Tx& tx, const Request& request);

/// Ends an open request. Conflict when it was decided or expired meanwhile.
[[nodiscard]] Result<void> decide(store::Tx& tx, const Request& decided);

/// As an object of the API, for `viewer`.
void write_request(JsonWriter& json, const Request& request, const UserId& viewer, Instant now);

}  // namespace probity::approval
