#include "feature/survey/token.hpp"

#include <algorithm>

#include "crypto/random.hpp"

namespace probity::survey {
namespace {

constexpr std::string_view k_receipt_prefix = "rcp_";
constexpr std::size_t k_half_length = 26;  // 16 bytes in base 32.

Result<RawId> receipt_tag(const crypto::Cipher& cipher, const SurveyId& survey,
                          const ResponseId& id) {
  Bytes text = to_bytes(survey.bytes());
  text.insert(text.end(), id.bytes().begin(), id.bytes().end());
  PROBITY_TRY(hash, cipher.lookup_hash("survey.receipt.tag", text));
  RawId tag;
  std::copy_n(hash.begin(), tag.bytes.size(), tag.bytes.begin());
  return tag;
}

// The id under the pad that the tag gives; its own inverse.
Result<RawId> under_pad(const crypto::Cipher& cipher, const RawId& tag, const RawId& id) {
  PROBITY_TRY(pad, cipher.lookup_hash("survey.receipt.pad", tag.bytes));
  RawId out = id;
  for (std::size_t i = 0; i < out.bytes.size(); ++i)
    out.bytes[i] ^= pad[i];
  return out;
}

}  // namespace

LinkToken LinkToken::make(TenantId tenant) {
  LinkToken token{tenant, {}};
  const Bytes random = crypto::random_bytes(token.secret.size());
  std::ranges::copy(random, token.secret.begin());
  return token;
}

std::optional<LinkToken> LinkToken::parse(std::string_view text) {
  constexpr std::size_t k_text_length = 43;
  if (text.size() != k_text_length) return {};
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != 32) return {};
  const auto tenant = TenantId::from_bytes(BytesView(*bytes).first(16));
  if (!tenant || tenant->is_nil()) return {};
  LinkToken token{*tenant, {}};
  std::copy_n(bytes->begin() + 16, token.secret.size(), token.secret.begin());
  return token;
}

std::string LinkToken::text() const {
  Bytes bytes = to_bytes(tenant.bytes());
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  return to_base64url(bytes);
}

Result<std::array<std::uint8_t, 32>> LinkToken::hash(const crypto::Cipher& cipher) const {
  return cipher.lookup_hash("survey.link", secret);
}

Result<std::string> make_receipt(const crypto::Cipher& cipher, const SurveyId& survey,
                                 const ResponseId& id) {
  PROBITY_TRY(tag, receipt_tag(cipher, survey, id));
  PROBITY_TRY(hidden, under_pad(cipher, tag, id.raw()));
  return std::string(k_receipt_prefix) + raw_id_text(tag) + raw_id_text(hidden);
}

Result<ResponseId> open_receipt(const crypto::Cipher& cipher, const SurveyId& survey,
                                std::string_view receipt) {
  if (!receipt.starts_with(k_receipt_prefix)) return fail(Code::NotFound);
  receipt.remove_prefix(k_receipt_prefix.size());
  if (receipt.size() != 2 * k_half_length) return fail(Code::NotFound);
  const auto tag = parse_raw_id(receipt.substr(0, k_half_length));
  const auto hidden = parse_raw_id(receipt.substr(k_half_length));
  if (!tag || !hidden) return fail(Code::NotFound);
  PROBITY_TRY(raw, under_pad(cipher, *tag, *hidden));
  const ResponseId id(raw);
  PROBITY_TRY(expected, receipt_tag(cipher, survey, id));
  if (!equal_constant_time(expected.bytes, tag->bytes)) return fail(Code::NotFound);
  return id;
}

}  // namespace probity::survey
