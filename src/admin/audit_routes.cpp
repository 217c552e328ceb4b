#include <algorithm>

#include "admin/routes.hpp"
#include "audit/actions.hpp"
#include "audit/read.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace probity::admin {
namespace {

using web::Access;
using web::Answer;
using web::Call;
using web::Method;

constexpr std::string_view k_list_schema =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array",)"
    R"("items":{"type":"object","required":["seq","id","at","action","says","actor","object",)"
    R"("outcome","detail","hash"],"properties":{"seq":{"type":"integer"},"id":{"type":"string"},)"
    R"("at":{"type":"string"},"action":{"type":"string"},"says":{"type":"string"},)"
    R"("actor":{"type":"string"},)"
    R"("object":{"type":"string"},"outcome":{"type":"string"},"detail":{},)"
    R"("hash":{"type":"string"}}}},"next":{"type":["integer","null"]}}})";

Result<std::int64_t> after_seq(const Call& call) {
  const auto text = call.request().param("after");
  if (!text) return 0;
  const auto seq = parse_int(*text);
  if (!seq || *seq < 0)
    return refuse_field(Code::BadRequest, "after", "The value of `next` of the page before.");
  return *seq;
}

Result<void> write_entry(JsonWriter& json, const crypto::Cipher& cipher,
                         const audit::ChainedEntry& chained) {
  PROBITY_TRY(detail, audit::open_detail(cipher, chained.entry));
  json.begin_object();
  json.field("seq", chained.seq);
  json.field("id", chained.entry.id.text());
  json.field("at", to_rfc3339(chained.entry.at));
  json.field("action", chained.entry.action);
  json.field("says", audit::sentence_of(chained.entry.action));
  json.field("actor", chained.entry.actor);
  json.field("object", chained.entry.object);
  json.field("outcome", chained.entry.outcome);
  json.key("detail");
  detail.empty() ? json.null() : json.raw(detail);
  json.field("hash", to_hex(chained.hash));
  json.end_object();
  return {};
}

/// A page of the log, and where the next one begins.
struct Page {
  std::vector<audit::ChainedEntry> entries;
  std::optional<std::int64_t> next;
};

Result<Page> oldest_first(Call& call, store::Reader& reader, int limit) {
  PROBITY_TRY(after, after_seq(call));
  PROBITY_TRY(entries, audit::list_entries(reader, after, limit + 1));
  Page page{std::move(entries), {}};
  if (page.entries.size() > static_cast<std::size_t>(limit)) {
    page.entries.pop_back();
    page.next = page.entries.back().seq;
  }
  return page;
}

/// The entries before `before` ("end": the newest), newest first. The chain has no gaps, so a page
/// is known by its numbers.
Result<Page> newest_first(std::string_view before, store::Reader& reader, int limit) {
  PROBITY_TRY(head, audit::read_head(reader));
  std::int64_t end = head ? head->seq + 1 : 1;
  if (before != "end") {
    const auto seq = parse_int(before);
    if (!seq || *seq < 1)
      return refuse_field(Code::BadRequest, "before",
                          "`end`, or the value of `next` of the page before.");
    end = std::min(end, *seq);
  }
  const std::int64_t after = std::max<std::int64_t>(0, end - 1 - limit);
  PROBITY_TRY(entries, audit::list_entries(reader, after, static_cast<int>(end - 1 - after)));
  Page page{std::move(entries), {}};
  std::ranges::reverse(page.entries);
  if (after > 0) page.next = after + 1;
  return page;
}

Result<Answer> list(Call& call) {
  PROBITY_TRY(limit, call.list_limit());
  PROBITY_TRY(reader, call.read());
  PROBITY_TRY(cipher, call.cipher());
  const auto before = call.request().param("before");
  PROBITY_TRY(page,
              before ? newest_first(*before, *reader, limit) : oldest_first(call, *reader, limit));
  JsonWriter json;
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& entry : page.entries)
    PROBITY_CHECK(write_entry(json, *cipher, entry));
  json.end_array();
  json.key("next");
  page.next ? json.value(*page.next) : json.null();
  json.end_object();
  return web::json_response(200, std::move(json).text());
}

}  // namespace

void add_audit_routes(Routes& routes, const AdminParts&) {
  const web::RouteDoc doc{
      .summary = "Entries of the audit log, oldest first or back from `before`; on record",
      .request_schema = {},
      .response_schema = k_list_schema,
      .success_status = 200,
      .query = {"after", "before", "limit"}};
  routes.push_back(web::Route(Method::Get, "/api/v1/audit",
                              Access::require(identity::Permission::AuditRead), web::Limits{}, doc,
                              list)
                       .audited_as("audit.read"));
}

}  // namespace probity::admin
