#include "feature/survey/redo.hpp"

#include <algorithm>

#include "feature/survey/intake.hpp"
#include "feature/survey/services.hpp"

namespace probity::survey {
namespace {

constexpr std::string_view k_kind = "survey.response";
/// What follows the response.
constexpr std::uint32_t k_has_origin = 1;
constexpr std::uint32_t k_has_claim = 2;

void append_instant(Bytes& out, Instant at) {
  append_u64(out, static_cast<std::uint64_t>(at.us()));
}

Instant read_instant(ByteReader& reader) {
  return Instant::from_us(static_cast<std::int64_t>(reader.u64()));
}

void read_part(ByteReader& reader, std::array<std::uint8_t, 16>& part) {
  const BytesView bytes = reader.take(part.size());
  std::ranges::copy(bytes, part.begin());
}

Claim read_claim(ByteReader& reader) {
  Claim claim;
  read_part(reader, claim.key_hash);
  read_part(reader, claim.body_hash);
  read_part(reader, claim.masked_id);
  claim.at = read_instant(reader);
  return claim;
}

}  // namespace

store::Redo redo_of(const NewResponse& response, const std::optional<Claim>& claim) {
  store::Redo redo{k_kind, {}};
  Bytes& out = redo.content;
  out.reserve(160 + response.answers.size() + (response.origin ? response.origin->size() : 0));
  append_u32(out, (response.origin ? k_has_origin : 0) | (claim ? k_has_claim : 0));
  out.insert(out.end(), response.survey.bytes().begin(), response.survey.bytes().end());
  out.insert(out.end(), response.id.bytes().begin(), response.id.bytes().end());
  append_instant(out, response.received_at);
  append_u64(out, static_cast<std::uint64_t>(response.version));
  append_sized(out, response.answers);
  if (response.origin) append_sized(out, *response.origin);
  if (claim) {
    out.insert(out.end(), claim->key_hash.begin(), claim->key_hash.end());
    out.insert(out.end(), claim->body_hash.begin(), claim->body_hash.end());
    out.insert(out.end(), claim->masked_id.begin(), claim->masked_id.end());
    append_instant(out, claim->at);
  }
  return redo;
}

std::string_view SubmissionRedoer::kind() const { return k_kind; }

store::Grant SubmissionRedoer::grant() const { return survey_grant(); }

Result<void> SubmissionRedoer::redo(store::Tx& tx, BytesView content) {
  ByteReader reader(content);
  const std::uint32_t parts = reader.u32();
  const auto survey = SurveyId::from_bytes(reader.take(16));
  const auto id = ResponseId::from_bytes(reader.take(16));
  auto response = std::make_shared<NewResponse>();
  response->received_at = read_instant(reader);
  response->version = static_cast<std::int64_t>(reader.u64());
  response->answers = to_bytes(reader.sized());
  if ((parts & k_has_origin) != 0) response->origin = to_bytes(reader.sized());
  std::optional<Claim> claim;
  if ((parts & k_has_claim) != 0) claim = read_claim(reader);
  if (!survey || !id || !reader.is_whole() || !reader.is_at_end())
    return fail(Code::IntegrityError, "a logged response does not hold together");
  response->survey = *survey;
  response->id = *id;
  return Intake::of(tx, *ledger_).take_again(tx, std::move(response), claim);
}

}  // namespace probity::survey
