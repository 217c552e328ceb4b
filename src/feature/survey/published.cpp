#include "feature/survey/published.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/stored_logo.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

/// Older versions kept parsed, over all surveys.
constexpr std::size_t k_older_kept = 64;

/// A row of the statement `behind_link`.
struct LinkRow {
  Published published;
  std::optional<Bytes> settings;
  std::optional<Bytes> logo;
};

LinkRow link_row_of(const store::Row& row) {
  LinkRow out;
  Published& published = out.published;
  published.survey = row.id<SurveyId>(0);
  published.mode = static_cast<Mode>(row.integer(1));
  published.revision = row.integer(2);
  published.version = row.integer(3);
  published.status = static_cast<Status>(row.integer(4));
  published.opens_at = row.maybe_instant(5);
  published.closes_at = row.maybe_instant(6);
  if (!row.is_null(7)) out.settings = to_bytes(row.bytes(7));
  if (!row.is_null(8)) out.logo = to_bytes(row.bytes(8));
  return out;
}

}  // namespace

Result<WaitingRoom::Place> WaitingRoom::enter(const std::shared_ptr<WaitingRoom>& room) {
  if (room->taken_.fetch_add(1) < k_waiting_per_link_max) return Place(room);
  --room->taken_;
  Error error{Code::Overloaded, "too many submissions of one link wait", {}, {}, 1};
  return std::unexpected(std::move(error));
}

int WaitingRoom::rush() {
  const std::int64_t second = monotonic_now().s();
  const std::scoped_lock lock(mutex_);
  if (second != second_) {
    before_ = second == second_ + 1 ? now_ : 0;
    now_ = 0;
    second_ = second;
  }
  ++now_;
  return std::max({taken_.load(), now_, before_});
}

bool WaitingRoom::is_within_rate(std::int64_t most, Span now) {
  if (most == 0) return true;
  const std::int64_t minute = now.s() / 60;
  const std::scoped_lock lock(mutex_);
  if (minute != minute_) {
    minute_ = minute;
    taken_in_ = 0;
  }
  if (taken_in_ >= most) return false;
  ++taken_in_;
  return true;
}

Opening Published::opening(Instant now) const {
  SurveyRecord record;
  record.status = status;
  record.opens_at = opens_at;
  record.closes_at = closes_at;
  return opening_at(record, now);
}

Result<std::shared_ptr<const Published>> LinkCache::find(web::Call& call, std::string_view token) {
  const auto parsed = LinkToken::parse(token);
  if (!parsed) return fail(Code::NotFound, "not a link");
  PROBITY_CHECK(call.enter_as_respondent(parsed->tenant));
  if (auto published = fresh(*parsed)) return published;
  return load(call, *parsed);
}

std::shared_ptr<const Published> LinkCache::known(std::string_view token) {
  const auto parsed = LinkToken::parse(token);
  if (!parsed) return {};
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(*parsed);
  return entry == entries_.end() ? nullptr : entry->second.published;
}

std::shared_ptr<const Published> LinkCache::fresh(const LinkToken& token) {
  const Span now = monotonic_now();
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(token);
  if (entry == entries_.end() || now - entry->second.checked_at >= k_link_recheck) return {};
  return entry->second.published;
}

Result<std::shared_ptr<const Published>> LinkCache::load(web::Call& call, const LinkToken& token) {
  std::uint64_t epoch = 0;
  std::shared_ptr<const Published> known;
  {
    const std::scoped_lock lock(mutex_);
    epoch = epoch_;
    if (const auto entry = entries_.find(token); entry != entries_.end()) {
      known = entry->second.published;
      // One thread reads again; the others go on with what is known meanwhile.
      entry->second.checked_at = monotonic_now();
    }
  }
  auto loaded = read_again(call, token, known, epoch);
  if (!loaded) {
    // What cannot be looked up is not shown from memory either (SW-14).
    const std::scoped_lock lock(mutex_);
    if (const auto entry = entries_.find(token); entry != entries_.end())
      entry->second.checked_at = monotonic_now() - k_link_recheck;
  }
  return loaded;
}

Result<std::shared_ptr<const Published>> LinkCache::read_again(
    web::Call& call, const LinkToken& token, const std::shared_ptr<const Published>& known,
    std::uint64_t epoch) {
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(hash, token.hash(*cipher));
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(found, reader->first(q::behind_link, {token.tenant, hash}, link_row_of));
  if (!found) {
    const std::scoped_lock lock(mutex_);
    entries_.erase(token);
    return fail(Code::NotFound, "no such link");
  }
  Published* row = &found->published;
  if (known && known->revision == row->revision) return known;
  if (found->settings) {
    PROBITY_TRY(pages, open_page_settings(*cipher, row->survey, *found->settings));
    row->pages = std::move(pages);
  }
  if (found->logo) {
    PROBITY_TRY(logo, open_logo_facts(*cipher, row->survey, *found->logo));
    row->logo = std::move(logo);
  }
  row->waiting = known ? known->waiting : std::make_shared<WaitingRoom>();
  PROBITY_TRY(version, load_version(*reader, *cipher, row->survey, row->version));
  PROBITY_TRY(questionnaire, parse_stored(version.json));
  row->questionnaire = std::move(questionnaire);
  row->json = std::move(version.json);
  auto published = std::make_shared<const Published>(std::move(*row));
  keep(token, published, epoch);
  return published;
}

void LinkCache::keep(const LinkToken& token, std::shared_ptr<const Published> published,
                     std::uint64_t epoch) {
  const std::scoped_lock lock(mutex_);
  if (epoch != epoch_) return;
  if (entries_.size() >= k_links_kept && !entries_.contains(token)) {
    const auto oldest = std::ranges::min_element(
        entries_, {}, [](const auto& item) { return item.second.checked_at; });
    entries_.erase(oldest);
  }
  entries_[token] = {std::move(published), monotonic_now()};
}

Result<std::shared_ptr<const form::Questionnaire>> LinkCache::version_of(web::Call& call,
                                                                         const Published& published,
                                                                         std::int64_t version) {
  if (version == published.version) return published.questionnaire;
  if (version < 1 || version > published.version) return fail(Code::NotFound, "no such version");
  const Older key{published.survey, version};
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = older_.find(key); found != older_.end()) return found->second;
  }
  PROBITY_TRY(cipher, call.cipher());
  PROBITY_TRY(reader, call.read_committed());
  PROBITY_TRY(loaded, load_version(*reader, *cipher, published.survey, version));
  PROBITY_TRY(questionnaire, parse_stored(loaded.json));
  const std::scoped_lock lock(mutex_);
  if (older_.size() >= k_older_kept) older_.clear();
  older_[key] = questionnaire;
  return questionnaire;
}

void LinkCache::forget(const SurveyId& survey) {
  const std::scoped_lock lock(mutex_);
  ++epoch_;
  std::erase_if(entries_,
                [&](const auto& item) { return item.second.published->survey == survey; });
}

}  // namespace probity::survey
