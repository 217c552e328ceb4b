#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/moment.hpp"
#include "store/postgres_connection.hpp"

namespace probity::store {

/// A copy may take longer than any request.
inline constexpr const char* k_no_time_limits =
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
/// The table of applied steps: made first, filled first.
inline constexpr std::string_view k_step_table = "schema_step";

/// A table and what copies its rows; the texts come from the server, names quoted.
struct CopiedTable {
  std::string name;
  bool is_of_tenants = false;
  std::string out;      ///< In the order of its key; of tenants, the present one's rows.
  std::string in;       ///< For the owner, who must be let past row-level security.
  std::string unforce;  ///< Lets the owner past it.
  std::string force;    ///< Holds the owner again.
};

/// Those of the schema, or the temporary ones of this session.
enum class TablesOf : bool { Schema, Scratch };
[[nodiscard]] Result<std::vector<CopiedTable>> list_tables(PgConnection& connection,
                                                           TablesOf which);

/// `system/` or `tenants/<id>/`, where a space's files lie.
[[nodiscard]] std::string folder_of(const Space& space);
/// `<table>.copy`.
[[nodiscard]] std::string file_of(const CopiedTable& table);

/// Whether a space has rows there. The system has some in tables of tenants too (its audit log), as
/// those of the nil tenant.
[[nodiscard]] bool lies_in(const CopiedTable& table, const Space& space);

/// From here on row-level security and statements of tenants mean this space's rows.
[[nodiscard]] Result<void> enter(PgConnection& connection, const Space& space);

/// What a transaction of this connection sees.
class PgMoment final : public Moment {
 public:
  explicit PgMoment(PgConnection& connection) : connection_(connection) {}
  [[nodiscard]] Result<std::vector<TenantRecord>> tenants() override;
  [[nodiscard]] Result<std::unique_ptr<Reader>> read(const Space& space) override;

 private:
  PgConnection& connection_;
};

/// Writes every table of the schema as the application role sees it, in one snapshot, each in
/// PostgreSQL's binary COPY format. Streams; nothing is held in memory.
[[nodiscard]] Result<std::vector<std::string>> dump_rows(PgConnection& connection,
                                                         const std::filesystem::path& directory,
                                                         const Look& look);

}  // namespace probity::store
