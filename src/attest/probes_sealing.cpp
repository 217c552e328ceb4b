#include "attest/probes_sealing.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "attest/grant.hpp"
#include "base/json_writer.hpp"
#include "crypto/hash.hpp"
#include "sql/attest.hpp"
#include "store/vfs_file.hpp"

namespace probity::attest {
namespace {

constexpr std::size_t k_chunk_bytes = 64UL * 1024;
/// Longer than any form of a mark, so that none is missed at the seam of two chunks.
constexpr std::size_t k_overlap_bytes = 512;

std::string utf16(std::string_view text, bool is_little) {
  std::string out;
  for (const char c : text) {
    if (is_little)
      out += {c, '\0'};
    else
      out += {'\0', c};
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - ('a' - 'A'));
  return text;
}

/// The middle of the mark in base 64, as it looks behind `offset` other bytes.
std::string base64_at(const std::string& mark, std::size_t offset) {
  const std::string whole = to_base64url(as_bytes(std::string(offset, '\0') + mark));
  // The first and last group of four also hold foreign bits.
  return whole.substr(4, whole.size() - 8);
}

enum class Search : std::uint8_t { Clean, Found, Unreadable };

/// Piece by piece, however big the file is. One that is gone meanwhile holds nothing. Through the
/// store, since the server has the files of its databases open.
Search search_file(const std::filesystem::path& path, const Marks& marks,
                   const Deadline& deadline) {
  const auto file = store::VfsFile::open_to_read(path);
  if (!file) return file.error().code == Code::NotFound ? Search::Clean : Search::Unreadable;
  std::string window;
  std::string chunk(k_chunk_bytes, '\0');
  for (std::int64_t at = 0;;) {
    const auto count = (*file)->read_at(at, chunk);
    if (!count) return Search::Unreadable;
    if (*count == 0) return Search::Clean;
    at += static_cast<std::int64_t>(*count);
    // Logs are made longer than they are: of a blank piece what touches the next one is enough.
    const bool is_blank =
        std::string_view(chunk).substr(0, *count).find_first_not_of('\0') == std::string_view::npos;
    window.append(chunk, 0, is_blank ? std::min(*count, k_overlap_bytes) : *count);
    if (marks.occur_in(as_bytes(window))) return Search::Found;
    if (window.size() > k_overlap_bytes) window.erase(0, window.size() - k_overlap_bytes);
    if (deadline.has_passed()) return Search::Unreadable;
  }
}

std::string survey_with(Marks& marks) {
  JsonWriter survey;
  survey.begin_object();
  survey.field("title", marks.make());
  survey.key("elements");
  survey.begin_array();
  survey.begin_object();
  survey.field("type", "comment");
  survey.field("name", "why");
  survey.field("title", marks.make());
  survey.end_object();
  survey.begin_object();
  survey.field("type", "radiogroup");
  survey.field("name", "what");
  survey.key("choices");
  survey.begin_array();
  survey.value(marks.make());
  survey.value(marks.make());
  survey.end_array();
  survey.end_object();
  survey.end_array();
  survey.end_object();
  return std::move(survey).text();
}

/// What was stored on purpose, to be looked for.
struct Stored {
  Marks marks;
  std::vector<Bytes> secrets;  ///< Of links and tokens, which are kept as hashes.
};

/// The secret in an answer's link or token, whose last part is base 64 behind `before`. A link that
/// its maker can see again may lie sealed; in no column may it be read.
void keep_secret(Stored& stored, std::string text, std::string_view before, Observations& seen) {
  auto secret = text.starts_with(before)
                    ? from_base64url(std::string_view(text).substr(before.size()))
                    : std::optional<Bytes>();
  seen.need(secret && !secret->empty(), "a link or token came in a form that is not known");
  if (!secret) return;
  stored.secrets.push_back(std::move(*secret));
  stored.marks.add(std::move(text));
}

/// A survey with an answer and links to it and to its report.
Result<void> store_survey(Cast& owner, const FindListener& find, Stored& stored,
                          Observations& seen) {
  PROBITY_TRY(created,
              owner.visitor.post("/api/v1/surveys?mode=confidential", survey_with(stored.marks)));
  const std::string path = "/api/v1/surveys/" + created.member("id");
  PROBITY_TRY(published, owner.visitor.post(path + "/publish"));
  PROBITY_TRY(shared, owner.visitor.post(path + "/report/links",
                                         fmt::format(R"({{"name":"{}","expires_in_hours":1}})",
                                                     stored.marks.make())));
  PROBITY_TRY(listener, find());
  Visitor respondent(listener);
  const std::string answers = fmt::format(R"({{"answers":{{"why":"{}"}}}})", stored.marks.make());
  PROBITY_TRY(sent,
              respondent.send({.method = "POST",
                               .path = "/api/v1/public/" + published.member("token") + "/responses",
                               .body = answers,
                               .headers = {{"Idempotency-Key", stored.marks.make()}}}));
  seen.need(created.status == 201 && sent.status == 201 && shared.status == 201,
            "a marked survey could not be stored");
  keep_secret(stored, published.member("token"), "", seen);
  keep_secret(stored, shared.member("token"), "", seen);
  return {};
}

/// Stores marked content of every kind through the front door.
Result<void> store_marked(Cast& owner, const FindListener& find, Stored& stored,
                          Observations& seen) {
  PROBITY_CHECK(store_survey(owner, find, stored, seen));
  Marks& marks = stored.marks;
  // An address may not hold every letter of a mark.
  std::string local = to_hex(as_bytes(random_word(12)));
  marks.add(local);
  PROBITY_TRY(invited,
              owner.visitor.post("/api/v1/users", fmt::format(R"({{"email":"{}@scratch.invalid",)"
                                                              R"("role":"analyst"}})",
                                                              local)));
  const std::string name = fmt::format(R"({{"organisation_name":"{}"}})", marks.make());
  PROBITY_TRY(settings, owner.visitor.send(
                            {.method = "PATCH", .path = "/api/v1/tenant/settings", .body = name}));
  PROBITY_TRY(token, owner.visitor.post("/api/v1/tokens",
                                        fmt::format(R"({{"name":"{}","scopes":["surveys.read"]}})",
                                                    marks.make())));
  seen.need(invited.status == 201 && settings.status < 300 && token.status == 201,
            "marked content could not be stored");
  keep_secret(stored, invited.member("invite_path"), "/setup/", seen);
  keep_secret(stored, token.member("token"), "prb_", seen);
  return {};
}

/// Every column that holds what somebody typed, beneath the encryption of the file.
Result<void> look_at_columns(const Ground& ground, TenantId tenant, const Marks& marks,
                             Observations& seen) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_grant));
  std::map<std::string, int, std::less<>> looked_at;
  PROBITY_CHECK(reader->each(
      sql::attest::sealed_values, {tenant}, [&](const store::Row& row) -> Result<bool> {
        if (row.is_null(1)) return true;
        const std::string column(row.text(0));
        ++looked_at[column];
        const BytesView value = row.bytes(1);
        // Empty details of the audit log are left empty.
        if (value.empty()) return true;
        const bool is_sealed = value.size() >= crypto::k_sealed_overhead &&
                               value[0] == crypto::k_algorithm_aes_256_gcm &&
                               crypto::Cipher::key_number_of(value) > 0;
        seen.expect(is_sealed, "not sealed: " + column);
        seen.expect(!marks.occur_in(value), "readable beneath the seal: " + column);
        return true;
      }));
  for (const std::string_view column :
       {"survey_survey.title", "survey_version.questionnaire", "survey_response.answers",
        "survey_report_link.settings", "identity_user.email_sealed"})
    seen.need(looked_at.contains(column), fmt::format("nothing was found in {}", column));
  seen.note("columns", static_cast<std::int64_t>(looked_at.size()));
  return {};
}

/// Every column of hashes: none holds what it is the hash of, or a part of that.
Result<void> look_at_hashes(const Ground& ground, TenantId tenant, const Stored& stored,
                            Observations& seen) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_grant));
  std::set<std::string, std::less<>> looked_at;
  PROBITY_CHECK(reader->each(sql::attest::hashed_values, {tenant},
                             [&](const store::Row& row) -> Result<bool> {
                               const std::string column(row.text(0));
                               looked_at.insert(column);
                               const std::string_view value = as_text(row.bytes(1));
                               const auto is_readable = [&](const Bytes& secret) {
                                 const std::string_view text = as_text(secret);
                                 return text.find(value) != std::string_view::npos ||
                                        value.find(text) != std::string_view::npos;
                               };
                               // Some stand one after the other in a row, some are cut to half.
                               constexpr std::size_t k_half_bytes = sizeof(crypto::Digest) / 2;
                               seen.expect(!value.empty() && value.size() % k_half_bytes == 0 &&
                                               !stored.marks.occur_in(row.bytes(1)) &&
                                               std::ranges::none_of(stored.secrets, is_readable),
                                           "readable, where only its hash may be: " + column);
                               return true;
                             }));
  for (const std::string_view column :
       {"survey_link.link_hash", "survey_report_link.link_hash", "survey_idempotency.key_hash",
        "identity_user.email_hash", "identity_link.token_hash", "identity_token.secret_hash"})
    seen.need(looked_at.contains(column), fmt::format("nothing was found in {}", column));
  seen.note("hash_columns", static_cast<std::int64_t>(looked_at.size()));
  return {};
}

/// PostgreSQL: every row of every table the organisation can have, as text.
Result<void> look_at_rows(const Ground& ground, TenantId tenant, const Marks& marks,
                          Observations& seen) {
  PROBITY_TRY(reader, ground.engine.read(store::Space::of(tenant), k_grant));
  int tables = 0;
  PROBITY_CHECK(reader->each(sql::attest::dump, {}, [&](const store::Row& row) -> Result<bool> {
    ++tables;
    seen.expect(!marks.occur_in(as_bytes(row.text(1))),
                fmt::format("readable in table {}", row.text(0)));
    return true;
  }));
  seen.need(tables > 0, "no table could be searched");
  seen.note("tables", tables);
  return {};
}

/// The data file of an organisation other than this one, and what its database keeps beside it.
bool is_of_another(const std::filesystem::path& file, const TenantId& tenant) {
  const std::string name = file.filename().string();
  const std::size_t end = name.find(".db");
  if (end == std::string::npos) return false;
  const auto owner = TenantId::parse(std::string_view(name).substr(0, end));
  return owner && *owner != tenant;
}

/// The index of a database's log: numbers of pages and sums over them. Reading it would end the
/// locks on it.
bool is_log_index(const std::filesystem::path& file) {
  return file.filename().string().ends_with("-shm");
}

/// Every file below the data directory but those that belong to other organisations.
Result<std::vector<std::filesystem::path>> files_beside_others(const std::filesystem::path& data,
                                                               const TenantId& tenant) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(data, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone) && !is_of_another(at->path(), tenant) &&
        !is_log_index(at->path()))
      files.push_back(at->path());
  }
  if (error) return fail(Code::StorageFailed, "the data directory could not be listed");
  return files;
}

bool is_commit_log(const std::string& name) {
  return name.starts_with("commit-") && name.ends_with(".log");
}

void look_at_files(const SealingSubject& subject, TenantId tenant, const Marks& marks,
                   const Deadline& deadline, Observations& seen) {
  const auto listed = subject.files(tenant);
  seen.need(listed.has_value(), "the data directory could not be listed");
  if (!listed) return;
  bool has_system = false;
  bool has_log = false;
  for (const std::filesystem::path& file : *listed) {
    const std::string name = file.filename().string();
    const Search result = search_file(file, marks, deadline);
    seen.expect(result != Search::Found, "readable on disk: " + name);
    seen.need(result != Search::Unreadable, "could not be read to its end: " + name);
    has_system = has_system || name == "system.db";
    has_log = has_log || is_commit_log(name);
  }
  seen.need(has_system, "the system's own file was not among those searched");
  seen.need(has_log || !subject.has_commit_log, "the commit log was not among the files searched");
  seen.note("files", static_cast<std::int64_t>(listed->size()));
}

/// The same search must find what was written in clear on purpose.
void look_at_control(const SealingSubject& subject, Marks& marks, const Deadline& deadline,
                     Observations& seen) {
  const std::filesystem::path file = subject.folder / ("probe-" + to_hex(as_bytes(random_word(6))));
  const std::string control = marks.make();
  {
    std::ofstream out(file, std::ios::binary);
    out << std::string(k_chunk_bytes - 7, '.') << control;
  }
  seen.need(search_file(file, marks, deadline) == Search::Found, "the control was not found");
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
}

Result<Finding> content_sealed(const Ground& ground, const FindListener& find,
                               const SealingSubject& subject, const Deadline& deadline) {
  Observations seen;
  Stored stored;
  Marks& marks = stored.marks;
  PROBITY_TRY(owner, cast_member(ground, find, identity::Role::Owner, Which::Second));
  const Leaving leaves(ground, owner);
  PROBITY_CHECK(store_marked(owner, find, stored, seen));
  if (seen.has_given_up()) return seen.finding();
  if (subject.afterwards) subject.afterwards(marks.make(), owner.tenant.id);
  PROBITY_CHECK(look_at_columns(ground, owner.tenant.id, marks, seen));
  PROBITY_CHECK(look_at_hashes(ground, owner.tenant.id, stored, seen));
  if (ground.engine.kind() == "postgres") {
    PROBITY_CHECK(look_at_rows(ground, owner.tenant.id, marks, seen));
  } else {
    look_at_files(subject, owner.tenant.id, marks, deadline, seen);
    look_at_control(subject, marks, deadline, seen);
  }
  return seen.finding();
}

}  // namespace

void Marks::add(std::string mark) {
  for (const bool is_little : {true, false})
    forms_.push_back(utf16(mark, is_little));
  const std::string hex = to_hex(as_bytes(mark));
  forms_.push_back(upper(hex));
  forms_.push_back(hex);
  for (const std::size_t offset : {0UZ, 1UZ, 2UZ})
    forms_.push_back(base64_at(mark, offset));
  forms_.push_back(std::move(mark));
}

std::string Marks::make() {
  std::string mark = "Mark" + to_hex(as_bytes(random_word(12)));
  add(mark);
  return mark;
}

bool Marks::occur_in(BytesView bytes) const {
  return std::ranges::any_of(forms_, [text = as_text(bytes)](const std::string& form) {
    return text.find(form) != std::string_view::npos;
  });
}

SealingSubject product_sealing(const std::filesystem::path& data, CommitLog commit_log) {
  SealingSubject subject;
  subject.folder = data;
  subject.has_commit_log = commit_log == CommitLog::Kept;
  subject.files = [data](const TenantId& tenant) { return files_beside_others(data, tenant); };
  return subject;
}

Probes sealing_probes(const Ground& ground, const FindListener& find, SealingSubject subject) {
  Probes probes;
  probes.push_back({.name = "store.content_sealed",
                    .run = [ground, find, subject = std::move(subject)](const Deadline& deadline) {
                      return content_sealed(ground, find, subject, deadline);
                    }});
  return probes;
}

}  // namespace probity::attest
