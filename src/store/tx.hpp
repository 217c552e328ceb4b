#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "store/query.hpp"
#include "store/value.hpp"

namespace probity::store {

/// Where data lies: the system's space (tenants, keys, statement, jobs) or one tenant's. A
/// transaction belongs to exactly one.
class Space {
 public:
  [[nodiscard]] static Space system() { return Space(TenantId()); }
  [[nodiscard]] static Space of(TenantId tenant) { return Space(tenant); }
  [[nodiscard]] bool is_system() const { return tenant_.is_nil(); }
  /// Nil for the system.
  [[nodiscard]] const TenantId& tenant() const { return tenant_; }
  auto operator<=>(const Space&) const = default;

 private:
  explicit Space(TenantId tenant) : tenant_(tenant) {}
  TenantId tenant_;
};

/// Which rooms' statements an execution context may run: feature code cannot write identity or
/// audit tables, a report writes nothing. A statement outside the grant is Internal, and
/// nothing runs.
struct Grant {
  std::string_view name;                     ///< For logs and tests ("survey").
  std::span<const std::string_view> reads;   ///< Rooms whose reading statements may run.
  std::span<const std::string_view> writes;  ///< Rooms whose writing statements may run.
};

/// Everything; for the composition root, migrations, export and tests only.
extern const Grant k_grant_all;

/// Reads of one consistent snapshot. One thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;
  using OnRow = std::function<Result<bool>(const Row&)>;

  [[nodiscard]] virtual const Space& space() const = 0;
  /// Calls `on_row` for each row until it returns false or an error.
  [[nodiscard]] virtual Result<void> each(const Query& query, Values values,
                                          const OnRow& on_row) = 0;

  /// First row through `map`, or nothing.
  template <typename Map>
  [[nodiscard]] auto first(const Query& query, Values values, Map map)
      -> Result<std::optional<decltype(map(std::declval<const Row&>()))>> {
    std::optional<decltype(map(std::declval<const Row&>()))> found;
    PROBITY_CHECK(each(query, values, [&](const Row& row) -> Result<bool> {
      found = map(row);
      return false;
    }));
    return found;
  }
  /// All rows through `map`. Only for queries with a LIMIT or a known bound.
  template <typename Map>
  [[nodiscard]] auto all(const Query& query, Values values, Map map)
      -> Result<std::vector<decltype(map(std::declval<const Row&>()))>> {
    std::vector<decltype(map(std::declval<const Row&>()))> rows;
    PROBITY_CHECK(each(query, values, [&](const Row& row) -> Result<bool> {
      rows.push_back(map(row));
      return true;
    }));
    return rows;
  }
};

class Tx;

/// What the Changes of one group gather in memory to be written together. A hundred small rows cost
/// a hundred statements, and under keys in random order as many pages; gathered they cost one of
/// each. A Change that gathers runs no statement of its own afterwards, so that taking it back
/// needs no savepoint. Lives as long as the group's transaction. Threads: the writer.
class GroupPart {
 public:
  virtual ~GroupPart() = default;
  /// A Change starts: undo_change() comes back to this point.
  virtual void begin_change() = 0;
  virtual void undo_change() = 0;
  /// Whether anything was gathered since begin_change().
  [[nodiscard]] virtual bool has_gathered() const = 0;
  /// Writes all of it, then forgets it and every row remembered: called before the next statement
  /// of another Change and before the journal. An error fails the whole group.
  [[nodiscard]] virtual Result<void> write(Tx& tx) = 0;
};

/// The writer's transaction, as a Change sees it. Features cannot make one, and nobody but the
/// writer commits it.
class Tx : public Reader {
 public:
  /// Rows changed. Conflict when a unique or foreign key forbids it.
  [[nodiscard]] virtual Result<std::int64_t> run(const Query& query, Values values) = 0;

  /// The group's part of this type, made by `make` (a unique_ptr of it) when there is none yet.
  template <typename Part, typename Make>
  [[nodiscard]] Part& part(Make make) {
    static char kind = 0;  // Its address tells one type from another.
    return static_cast<Part&>(
        find_part(&kind, [&]() -> std::unique_ptr<GroupPart> { return make(); }));
  }

 protected:
  using MakePart = std::function<std::unique_ptr<GroupPart>()>;
  [[nodiscard]] virtual GroupPart& find_part(const void* kind, const MakePart& make) = 0;

 private:
  friend class PartStatements;
  /// Whether statements are a part's own; what held before.
  [[nodiscard]] virtual bool set_in_part(bool is_in_part) = 0;
};

/// While it lives, statements are a part's own: they do not make it write what it has gathered.
class PartStatements {
 public:
  explicit PartStatements(Tx& tx) : tx_(tx), was_in_part_(tx.set_in_part(true)) {}
  ~PartStatements() { static_cast<void>(tx_.set_in_part(was_in_part_)); }
  PartStatements(const PartStatements&) = delete;
  PartStatements& operator=(const PartStatements&) = delete;

 private:
  Tx& tx_;
  bool was_in_part_;
};

/// The snapshot a handler reads from; never blocks a writer and is never blocked by one. Ends when
/// destroyed.
using Snapshot = Reader;

}  // namespace probity::store
