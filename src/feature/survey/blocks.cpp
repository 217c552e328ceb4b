#include "feature/survey/blocks.hpp"

#include <algorithm>

#include "feature/survey/limits.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

/// What a block is bound to, beside the tenant and the purpose.
Bytes binding_of(const SurveyId& survey, const BlockPlace& place) {
  Bytes out;
  for (const BytesView part :
       {survey.bytes(), place.first.bytes(), place.last.bytes(), BytesView(place.token)})
    append_sized(out, part);
  return out;
}

}  // namespace

Result<std::vector<BlockPlace>> blocks_of(store::Reader& reader, const SurveyId& survey) {
  std::vector<BlockPlace> out;
  const auto on_row = [&](const store::Row& row) -> Result<bool> {
    if (row.integer(4) == 0) return true;
    BlockPlace place{row.id<ResponseId>(0), row.id<ResponseId>(1), to_bytes(row.bytes(2)),
                     row.integer(3)};
    if (out.empty() || out.back().last < place.first) out.push_back(std::move(place));
    return true;
  };
  PROBITY_CHECK(reader.each(q::blocks, {reader.space().tenant(), survey}, on_row));
  return out;
}

Result<Bytes> sealed_block(store::Reader& reader, const SurveyId& survey, const BlockPlace& place) {
  PROBITY_TRY(found, reader.first(q::block_content,
                                  {reader.space().tenant(), survey, place.last, place.token},
                                  [](const store::Row& row) { return to_bytes(row.bytes(0)); }));
  if (!found) return fail(Code::IntegrityError, "a block is gone within one snapshot");
  return std::move(*found);
}

Result<report::Columns> open_block(const crypto::Cipher& cipher, const SurveyId& survey,
                                   const BlockPlace& place, BytesView sealed) {
  PROBITY_TRY(plain, cipher.open(k_block_purpose, binding_of(survey, place), sealed));
  auto columns = report::Columns::read(plain);
  if (!columns || columns->responses() != static_cast<std::uint64_t>(place.responses))
    return fail(Code::IntegrityError, "a block is not one this build reads");
  return std::move(*columns);
}

Result<Bytes> seal_block(const crypto::Cipher& cipher, const SurveyId& survey,
                         const BlockPlace& place, BytesView block) {
  return cipher.seal(k_block_purpose, binding_of(survey, place), block);
}

ResponseId previous_id(const ResponseId& id) {
  RawId raw = id.raw();
  if (raw == RawId{}) return id;
  for (std::size_t i = raw.bytes.size(); i-- > 0;) {
    if (raw.bytes[i]-- != 0) break;
  }
  return ResponseId(raw);
}

ResponseId last_settled_id(Mode mode, Instant now) {
  const Instant settled = now - k_block_settling;
  const Instant end = mode == Mode::Anonymous ? settled.hour() : settled;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, end.us() / 1000));
  RawId raw;
  for (std::size_t i = 0; i < 6; ++i)
    raw.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  return previous_id(ResponseId(raw));
}

}  // namespace probity::survey
