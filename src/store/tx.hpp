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
/// audit tables, jobs cannot read ballots. A statement outside the grant asserts.
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

/// The writer's transaction, as a Change sees it. Features cannot make one, and nobody but the
/// writer commits it.
class Tx : public Reader {
 public:
  /// Rows changed. Conflict when a unique or foreign key forbids it.
  [[nodiscard]] virtual Result<std::int64_t> run(const Query& query, Values values) = 0;
};

/// The snapshot a handler reads from; never blocks a writer and is never blocked by one. Ends when
/// destroyed.
using Snapshot = Reader;

}  // namespace probity::store
