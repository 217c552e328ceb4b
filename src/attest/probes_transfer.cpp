#include <boost/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "attest/probes_drills.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/hash.hpp"
#include "identity/users.hpp"

namespace probity::attest {
namespace {

namespace json = boost::json;

constexpr std::string_view k_slug = "drill";
constexpr JsonLimits k_document{.depth_max = 64, .bytes_max = 8 * 1024 * 1024};

/// Every type of question there is, and a comment to carry a mark.
constexpr std::string_view k_elements =
    R"([{"type":"comment","name":"mark"},{"type":"text","name":"t","inputType":"number"},)"
    R"({"type":"radiogroup","name":"r","choices":["x","y"]},)"
    R"({"type":"checkbox","name":"k","choices":["x","y"],"hasOther":true},)"
    R"({"type":"dropdown","name":"d","choices":["x","y"]},)"
    R"({"type":"tagbox","name":"g","choices":["x","y"]},{"type":"rating","name":"n"},)"
    R"({"type":"boolean","name":"b"},{"type":"ranking","name":"p","choices":["x","y"]},)"
    R"({"type":"matrix","name":"m","columns":[1,2],"rows":["a","b"]},)"
    R"({"type":"multipletext","name":"l","items":[{"name":"i"},{"name":"j"}]},)"
    R"({"type":"html","name":"h","html":"<b>Words</b>"}])";
constexpr std::string_view k_full =
    R"("t":7,"r":"x","k":["x","other"],"k-Comment":"else","d":"y","g":["x","y"],"n":4,"b":true,)"
    R"("p":["y","x"],"m":{"a":1,"b":2},"l":{"i":"one","j":"two"})";

/// An organisation at the front door of an isolated server.
struct House {
  std::unique_ptr<Isolated> server;
  TenantId tenant;
  std::unique_ptr<Visitor> owner;
  std::set<std::string> surveys;
  std::vector<std::string> marks;  ///< Each must come out exactly once.
  std::string foreign;             ///< Content of another organisation.
};

std::string mark_of(House& house) {
  house.marks.push_back("mark" + to_hex(as_bytes(random_word(12))));
  return house.marks.back();
}

Result<std::unique_ptr<Visitor>> signed_in(Isolated& server, const ScratchMember& member,
                                           std::string_view slug, std::string_view password) {
  PROBITY_TRY(listener, server.find()());
  auto visitor = std::make_unique<Visitor>(std::move(listener));
  PROBITY_TRY(reply, visitor->log_in(slug, member, password));
  if (reply.status != 200) return fail(Code::BadCredentials, "a member could not log in");
  return visitor;
}

Result<void> answer(House& house, const std::string& token, std::string_view members) {
  PROBITY_TRY(listener, house.server->find()());
  Visitor respondent(std::move(listener));
  PROBITY_TRY(sent, respondent.post("/api/v1/public/" + token + "/responses",
                                    fmt::format(R"({{"answers":{{{}}}}})", members)));
  return sent.status == 201 ? Result<void>() : fail(Code::Internal, "an answer was refused");
}

std::string questionnaire(std::string_view title) {
  return fmt::format(R"({{"title":"{}","elements":{}}})", title, k_elements);
}

/// A survey of two versions with full, nearly blank and blank responses under both.
Result<void> fill_survey(House& house, std::string_view mode) {
  PROBITY_TRY(created, house.owner->post(fmt::format("/api/v1/surveys?mode={}", mode),
                                         questionnaire("First words")));
  const std::string path = "/api/v1/surveys/" + created.member("id");
  house.surveys.insert(created.member("id"));
  PROBITY_TRY(published, house.owner->post(path + "/publish"));
  const std::string token = published.member("token");
  for (const std::string_view rest : {std::string_view(","), std::string_view()}) {
    const std::string full = rest.empty() ? "" : fmt::format(",{}", k_full);
    PROBITY_CHECK(answer(house, token, fmt::format(R"("mark":"{}"{})", mark_of(house), full)));
  }
  PROBITY_CHECK(answer(house, token, {}));
  PROBITY_TRY(changed,
              house.owner->send(
                  {.method = "PUT", .path = path, .body = questionnaire("Words of version two")}));
  PROBITY_TRY(again, house.owner->post(path + "/publish"));
  if (changed.status >= 300 || again.status != 200)
    return fail(Code::Internal, "a second version could not be published");
  return answer(house, token, fmt::format(R"("mark":"{}",{})", mark_of(house), k_full));
}

Result<House> make_house(const MakeIsolated& make) {
  House house;
  PROBITY_TRY(server, make());
  house.server = std::move(server);
  const Ground ground = house.server->ground();
  const Instant now = ground.clock.now();
  // Somebody else's content, which must stay behind.
  house.foreign = "foreign" + random_word(12);
  PROBITY_TRY(other, ground.engine.create_tenant("other", ""));
  const std::string password = random_password();
  PROBITY_TRY(stranger,
              make_scratch_member(ground.engine, other.id, identity::Role::Owner, password, now));
  PROBITY_TRY(theirs, signed_in(*house.server, stranger, other.slug, password));
  PROBITY_TRY(foreign, theirs->post("/api/v1/surveys", questionnaire(house.foreign)));
  if (foreign.status != 201) return fail(Code::Internal, "a survey could not be made");

  PROBITY_TRY(tenant, ground.engine.create_tenant(k_slug, ""));
  house.tenant = tenant.id;
  PROBITY_TRY(member,
              make_scratch_member(ground.engine, tenant.id, identity::Role::Owner, password, now));
  PROBITY_TRY(owner, signed_in(*house.server, member, k_slug, password));
  house.owner = std::move(owner);
  for (const std::string_view mode : {"anonymous", "confidential", "identified"})
    PROBITY_CHECK(fill_survey(house, mode));
  std::string local = to_hex(as_bytes(random_word(9)));
  house.marks.push_back(local);
  PROBITY_TRY(invited,
              house.owner->post("/api/v1/users", fmt::format(R"({{"email":"{}@scratch.invalid",)"
                                                             R"("role":"analyst"}})",
                                                             local)));
  PROBITY_TRY(named, house.owner->send(
                         {.method = "PATCH",
                          .path = "/api/v1/tenant/settings",
                          .body = fmt::format(R"({{"organisation_name":"{}"}})", mark_of(house))}));
  if (invited.status != 201 || named.status >= 300)
    return fail(Code::Internal, "members or settings could not be made");
  return house;
}

/// The archive as its owner downloads it.
Result<std::string> archive_of(Visitor& owner) {
  PROBITY_TRY(asked, owner.post("/api/v1/export"));
  const std::string where(asked.header("location"));
  if (asked.status != 202 || where.empty()) return fail(Code::Internal, "no export was begun");
  PROBITY_TRY(reply, owner.get(where + "/archive"));
  if (reply.status != 200) return fail(Code::Internal, "no archive came");
  return std::move(reply.body);
}

/// The manifest names every file with its true hash, and the schema every member of every row.
Result<void> look_at_form(const ArchiveFiles& files, Observations& seen) {
  const auto text_of = [&files](const std::string& name) {
    const auto found = files.find(name);
    return found == files.end() ? std::string() : found->second;
  };
  PROBITY_TRY(manifest, parse_json(text_of("manifest.json"), k_document));
  PROBITY_TRY(schema, parse_json(text_of("schema.json"), k_document));
  std::set<std::string> listed{"manifest.json"};
  for (const json::value& file : manifest.at("files").as_array()) {
    const std::string name(file.at("name").as_string());
    const std::string content = text_of(name);
    listed.insert(name);
    seen.expect(to_hex(crypto::sha256(as_bytes(content))) ==
                    std::string_view(file.at("sha256").as_string()),
                "a file differs from its hash: " + name);
  }
  for (const auto& [name, content] : files)
    seen.expect(listed.contains(name), "a file is not in the manifest: " + name);
  int rows = 0;
  for (const json::value& table : schema.at("tables").as_array()) {
    std::set<std::string> members;
    for (const json::value& member : table.at("members").as_array())
      members.emplace(member.as_string());
    const std::string folder = fmt::format("tables/{}/", std::string(table.at("name").as_string()));
    for (const auto& [name, content] : files) {
      if (!name.starts_with(folder)) continue;
      for (const std::string_view line : split(content, '\n')) {
        if (line.empty()) continue;
        ++rows;
        PROBITY_TRY(row, parse_json(line, k_document));
        for (const auto& member : row.as_object())
          seen.expect(
              members.contains(std::string(member.key())),
              fmt::format("{} is not in the schema of {}", std::string(member.key()), name));
      }
    }
  }
  seen.note("rows", rows);
  return {};
}

std::size_t occurrences(const ArchiveFiles& files, std::string_view text) {
  std::size_t count = 0;
  for (const auto& [name, content] : files)
    for (std::size_t at = content.find(text); at != content.npos; at = content.find(text, at + 1))
      ++count;
  return count;
}

void look_at_content(const House& house, const ArchiveFiles& files, Observations& seen) {
  for (const std::string& mark : house.marks)
    seen.expect(occurrences(files, mark) == 1, "a text does not come out exactly once");
  for (const std::string& survey : house.surveys)
    seen.expect(occurrences(files, survey) > 0, "a survey does not come out");
  seen.expect(occurrences(files, house.foreign) == 0, "another organisation's content comes out");
}

/// The same pages of the same API, as each house answers them.
Result<std::vector<std::string>> readings(const House& from, Visitor& owner) {
  std::vector<std::string> out;
  for (const std::string& survey : from.surveys) {
    const std::string path = "/api/v1/surveys/" + survey;
    for (const char* end : {"", "/responses?limit=1000", "/report"}) {
      PROBITY_TRY(reply, owner.get(path + end));
      out.push_back(fmt::format("{} {}", reply.status, reply.body));
    }
  }
  return out;
}

Result<std::unique_ptr<Visitor>> enter_second(Isolated& second, const store::TenantRecord& tenant,
                                              const std::string& email) {
  const Ground ground = second.ground();
  const std::string password = random_password();
  PROBITY_TRY(token, identity::reissue_link(ground.engine, tenant.id, email, ground.clock.now()));
  PROBITY_TRY(listener, second.find()());
  Visitor visitor(std::move(listener));
  PROBITY_TRY(set, visitor.post("/api/v1/setup", fmt::format(R"({{"token":"{}","password":"{}"}})",
                                                             token, password)));
  if (set.status != 204) return fail(Code::Internal, "an imported member cannot set a password");
  ScratchMember member;
  member.email = email;
  return signed_in(second, member, tenant.slug, password);
}

/// The tables that the archive itself says are read back, as one text each.
Result<std::map<std::string, std::string>> imported_tables(const ArchiveFiles& files) {
  PROBITY_TRY(schema, parse_json(files.at("schema.json"), k_document));
  std::map<std::string, std::string> tables;
  for (const json::value& table : schema.at("tables").as_array()) {
    if (!table.at("imported").as_bool()) continue;
    const std::string name(table.at("name").as_string());
    for (const auto& [file, content] : files)
      if (file.starts_with(fmt::format("tables/{}/", name))) tables[name] += content;
  }
  return tables;
}

/// Members come without passwords and are invited again: their rows differ by that alone.
constexpr std::string_view k_members = "identity_user";

Result<void> look_at_second(const House& house, const ArchiveFiles& files, Isolated& second,
                            Visitor& owner, Observations& seen) {
  PROBITY_TRY(before, readings(house, *house.owner));
  PROBITY_TRY(after, readings(house, owner));
  seen.need(before.front().starts_with("200"), "the surveys could not be read");
  for (std::size_t i = 0; i < before.size(); ++i)
    seen.expect(before[i] == after[i], fmt::format("reading {} differs after the import", i));
  PROBITY_TRY(archive, archive_of(owner));
  PROBITY_TRY(again, second.unpack(archive));
  PROBITY_TRY(first_tables, imported_tables(files));
  PROBITY_TRY(second_tables, imported_tables(again));
  for (const auto& [name, content] : first_tables)
    seen.expect(name == k_members || second_tables[name] == content,
                "a table differs after the import: " + name);
  seen.note("tables", static_cast<std::int64_t>(first_tables.size()));
  return {};
}

Result<Finding> surveys_complete(const TransferSubject& subject, const Deadline&) {
  Observations seen;
  PROBITY_TRY(house, make_house(subject.make_first));
  PROBITY_TRY(archive, archive_of(*house.owner));
  const auto files = house.server->unpack(archive);
  seen.expect(files.has_value(), "the archive does not unpack");
  if (!files) return seen.finding();
  PROBITY_CHECK(look_at_form(*files, seen));
  look_at_content(house, *files, seen);
  PROBITY_TRY(second, subject.make_second());
  const auto imported = second->import_archive(archive);
  seen.expect(imported.has_value(), "an empty server refuses the archive");
  if (!imported) return seen.finding();
  PROBITY_TRY(me, house.owner->get("/api/v1/me"));
  PROBITY_TRY(user, parse_json(me.body, k_document));
  const std::string email(user.at("user").at("email").as_string());
  PROBITY_TRY(owner, enter_second(*second, *imported, email));
  PROBITY_CHECK(look_at_second(house, *files, *second, *owner, seen));
  seen.note("surveys", static_cast<std::int64_t>(house.surveys.size()));
  seen.note("texts", static_cast<std::int64_t>(house.marks.size()));
  return seen.finding();
}

}  // namespace

Probes transfer_probes(TransferSubject subject) {
  Probes probes;
  probes.push_back({.name = "export.surveys_complete",
                    .method = Method::Drill,
                    .every = k_drill_every,
                    .run = [subject = std::move(subject)](const Deadline& deadline) {
                      return surveys_complete(subject, deadline);
                    }});
  return probes;
}

}  // namespace probity::attest
