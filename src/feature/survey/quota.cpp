#include "feature/survey/quota.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "feature/survey/services.hpp"
#include "identity/principal.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;
using web::Answer;
using web::Call;

constexpr std::string_view k_remedy =
    "Delete surveys that are no longer needed, or ask whoever runs the server to raise";

/// What a piece adds to what its member has: nothing, or fewer bytes, when it stood there before.
Result<Amount> added_by(store::Reader& reader, const UserId& member, const StoredPiece& piece) {
  Amount added{1, static_cast<std::int64_t>(piece.bytes)};
  PROBITY_CHECK(reader.each(
      q::stored_piece,
      {reader.space().tenant(), piece.survey, static_cast<int>(piece.kind), piece.version},
      [&](const store::Row& row) -> Result<bool> {
        if (row.id<UserId>(0) == member)
          added = {0, static_cast<std::int64_t>(piece.bytes) - row.integer(1)};
        return false;
      }));
  return added;
}

void write_amount(JsonWriter& json, std::string_view name, const Amount& amount) {
  json.key(name);
  json.begin_object();
  json.field("files", amount.files);
  json.field("bytes", amount.bytes);
  json.end_object();
}

Result<Answer> show_own(const Services& services, Call& call) {
  const Storer own(services, call);
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(used, stored_by(*reader, own.member));
  JsonWriter json;
  json.begin_object();
  write_amount(json, "used", used);
  write_amount(json, "limit", own.most);
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

constexpr std::string_view k_amounts_schema =
    R"({"type":"object","required":["used","limit"],"properties":{)"
    R"("used":{"type":"object","required":["files","bytes"],"properties":{)"
    R"("files":{"type":"integer"},"bytes":{"type":"integer"}}},)"
    R"("limit":{"type":"object","required":["files","bytes"],"properties":{)"
    R"("files":{"type":"integer"},"bytes":{"type":"integer"}}}}})";

}  // namespace

Result<void> check_room(const Amount& used, const Amount& more, const Amount& most) {
  if (more.files > 0 && used.files > most.files - more.files) {
    return refuse_field(Code::QuotaExceeded, "uploads.member_max_files",
                        fmt::format("You store {} files and may store {}; this takes {} more. {} "
                                    "uploads.member_max_files.",
                                    used.files, most.files, more.files, k_remedy));
  }
  if (more.bytes > 0 && used.bytes > most.bytes - more.bytes) {
    return refuse_field(Code::QuotaExceeded, "uploads.member_max_bytes",
                        fmt::format("You store {} bytes and may store {}; this takes {} more. {} "
                                    "uploads.member_max_bytes.",
                                    used.bytes, most.bytes, more.bytes, k_remedy));
  }
  return {};
}

Result<Amount> stored_by(store::Reader& reader, const UserId& member) {
  PROBITY_TRY(amount, reader.first(q::stored_in_all, {reader.space().tenant(), member},
                                   [](const store::Row& row) {
                                     return Amount{row.integer(0), row.integer(1)};
                                   }));
  return amount.value_or(Amount());
}

Storer::Storer(const Services& services, const Call& call)
    : member(identity::user_of(call.principal())), most(services.member_quota) {}

Result<void> expect_room(const Services& services, Call& call, const Amount& more) {
  const Storer by(services, call);
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(used, stored_by(*reader, by.member));
  call.end_reading();
  return check_room(used, more, by.most);
}

Result<void> take_room(store::Tx& tx, const Storer& by, std::span<const StoredPiece> pieces) {
  if (by.member.is_nil()) return fail(Code::Internal, "something is stored that nobody stores");
  Amount more;
  for (const StoredPiece& piece : pieces) {
    PROBITY_TRY(added, added_by(tx, by.member, piece));
    more.files += added.files;
    more.bytes += added.bytes;
  }
  PROBITY_TRY(used, stored_by(tx, by.member));
  PROBITY_CHECK(check_room(used, more, by.most));
  for (const StoredPiece& piece : pieces) {
    PROBITY_CHECK(
        tx.run(q::put_stored, {tx.space().tenant(), piece.survey, static_cast<int>(piece.kind),
                               piece.version, by.member, static_cast<std::int64_t>(piece.bytes)}));
  }
  return {};
}

Result<void> take_room(store::Tx& tx, const Storer& by, const StoredPiece& piece) {
  return take_room(tx, by, std::span(&piece, 1));
}

Result<void> give_back_logo(store::Tx& tx, const SurveyId& survey) {
  PROBITY_CHECK(tx.run(q::drop_stored_piece,
                       {tx.space().tenant(), survey, static_cast<int>(StoredKind::Logo), 1}));
  return {};
}

Result<void> give_back_room(store::Tx& tx, const SurveyId& survey) {
  PROBITY_CHECK(tx.run(q::drop_stored_but,
                       {tx.space().tenant(), survey, static_cast<int>(StoredKind::Table)}));
  return {};
}

std::vector<web::Route> quota_routes(Services& services) {
  std::vector<web::Route> routes;
  routes.emplace_back(
      web::Method::Get, "/api/v1/me/storage", web::Access::signed_in(), web::Limits{},
      web::RouteDoc{"What the signed-in member has stored, and may", {}, k_amounts_schema},
      [&services](Call& call) { return show_own(services, call); });
  return routes;
}

}  // namespace probity::survey
