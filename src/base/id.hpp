#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/instant.hpp"

namespace probity {

/// What every id is made of: 16 bytes, the first 6 of them the arrival time in milliseconds (big
/// endian), so that ids sort by arrival and new rows land at the end of an index; the rest random.
/// Where anonymity is promised the time is that of the hour (make_hourly), so an id tells no more.
struct RawId {
  std::array<std::uint8_t, 16> bytes{};
  constexpr auto operator<=>(const RawId&) const = default;
};

/// New id with the full time prefix. Random bytes come from the kernel's generator, buffered per
/// thread. Threads: any.
[[nodiscard]] RawId make_raw_id(Instant at);
/// New id whose time prefix is the hour of arrival: nothing finer can be read from it.
[[nodiscard]] RawId make_raw_hourly_id(Instant at);
/// 26 characters of lower-case Crockford base 32; sorts as the bytes do.
[[nodiscard]] std::string raw_id_text(const RawId& id);
[[nodiscard]] std::optional<RawId> parse_raw_id(std::string_view text);

/// An id of one kind of thing. The text form carries the tag's prefix ("sur_01j…"), so that a wrong
/// id is visible and does not parse. `Tag` has `static constexpr std::string_view prefix`.
template <typename Tag>
class Id {
 public:
  constexpr Id() = default;
  explicit constexpr Id(RawId raw) : raw_(raw) {}

  [[nodiscard]] static Id make(Instant at) { return Id(make_raw_id(at)); }
  [[nodiscard]] static Id make_hourly(Instant at) { return Id(make_raw_hourly_id(at)); }
  /// From a stored 16-byte column; nothing when the length is wrong.
  [[nodiscard]] static std::optional<Id> from_bytes(BytesView bytes) {
    if (bytes.size() != 16) return {};
    RawId raw;
    std::copy(bytes.begin(), bytes.end(), raw.bytes.begin());
    return Id(raw);
  }
  [[nodiscard]] static std::optional<Id> parse(std::string_view text) {
    if (!text.starts_with(Tag::prefix)) return {};
    const auto raw = parse_raw_id(text.substr(Tag::prefix.size()));
    if (!raw) return {};
    return Id(*raw);
  }

  [[nodiscard]] BytesView bytes() const { return raw_.bytes; }
  [[nodiscard]] const RawId& raw() const { return raw_; }
  [[nodiscard]] std::string text() const { return std::string(Tag::prefix) + raw_id_text(raw_); }
  [[nodiscard]] bool is_nil() const { return raw_ == RawId{}; }

  constexpr auto operator<=>(const Id&) const = default;

 private:
  RawId raw_;
};

struct TenantTag {
  static constexpr std::string_view prefix = "ten_";
};
struct UserTag {
  static constexpr std::string_view prefix = "usr_";
};
struct SessionTag {
  static constexpr std::string_view prefix = "ses_";
};
struct TokenTag {
  static constexpr std::string_view prefix = "tok_";
};
struct FactorTag {
  static constexpr std::string_view prefix = "fac_";
};
struct SurveyTag {
  static constexpr std::string_view prefix = "sur_";
};
struct ResponseTag {
  static constexpr std::string_view prefix = "res_";
};
struct JobTag {
  static constexpr std::string_view prefix = "job_";
};
struct EvidenceTag {
  static constexpr std::string_view prefix = "evi_";
};
struct ApprovalTag {
  static constexpr std::string_view prefix = "apr_";
};
struct AuditTag {
  static constexpr std::string_view prefix = "aud_";
};
struct RequestTag {
  static constexpr std::string_view prefix = "req_";
};

using TenantId = Id<TenantTag>;
using UserId = Id<UserTag>;
using SessionId = Id<SessionTag>;
using TokenId = Id<TokenTag>;
using FactorId = Id<FactorTag>;
using SurveyId = Id<SurveyTag>;
using ResponseId = Id<ResponseTag>;
using JobId = Id<JobTag>;
using EvidenceId = Id<EvidenceTag>;
using ApprovalId = Id<ApprovalTag>;
using AuditId = Id<AuditTag>;
using RequestId = Id<RequestTag>;

}  // namespace probity

template <typename Tag>
struct std::hash<probity::Id<Tag>> {
  std::size_t operator()(const probity::Id<Tag>& id) const noexcept {
    // The tail is random, so it is already a hash.
    std::size_t value = 0;
    for (int i = 8; i < 16; ++i)
      value = value << 8 | id.raw().bytes[static_cast<std::size_t>(i)];
    return value;
  }
};
