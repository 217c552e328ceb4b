#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "feature/survey/logo.hpp"
#include "feature/survey/page_settings.hpp"
#include "feature/survey/survey.hpp"
#include "feature/survey/token.hpp"
#include "web/call.hpp"

namespace probity::survey {

/// Submissions of one link that wait for their commit.
class WaitingRoom {
 public:
  /// A place in it, given back on destruction.
  class Place {
   public:
    Place() = default;
    explicit Place(std::shared_ptr<WaitingRoom> room) : room_(std::move(room)) {}
    Place(Place&& other) noexcept : room_(std::move(other.room_)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(room_, other.room_);
      return *this;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (room_) --room_->taken_;
    }

   private:
    std::shared_ptr<WaitingRoom> room_;
  };
  /// Overloaded when k_waiting_per_link_max are taken.
  [[nodiscard]] static Result<Place> enter(const std::shared_ptr<WaitingRoom>& room);
  /// How great the crowd at the door is: places taken now or, when that is more, submissions that
  /// came within one second, this one or the one before.
  [[nodiscard]] int rush();
  /// Counts one response of the minute of `now` (of the monotonic clock) and says whether it is
  /// within `most`; 0 lets all in. A node counts by itself.
  [[nodiscard]] bool is_within_rate(std::int64_t most, Span now);

 private:
  std::atomic<int> taken_ = 0;
  std::mutex mutex_;         ///< Guards the rest.
  std::int64_t second_ = 0;  ///< Of the monotonic clock: the one counted in `now_`.
  int now_ = 0;
  int before_ = 0;           ///< In the second before it.
  std::int64_t minute_ = 0;  ///< Of the monotonic clock: the one counted in `taken_in_`.
  std::int64_t taken_in_ = 0;
};

/// What a link stands for: everything a submission needs before its Change. Immutable.
struct Published {
  SurveyId survey;
  Mode mode = Mode::Anonymous;
  std::int64_t revision = 0;
  std::int64_t version = 0;
  Status status = Status::Draft;
  std::optional<Instant> opens_at;
  std::optional<Instant> closes_at;
  std::shared_ptr<const form::Questionnaire> questionnaire;  ///< Of `version`.
  PageSettings pages;
  std::optional<LogoFacts> logo;
  std::string json;  ///< The questionnaire as its author sent it.
  std::shared_ptr<WaitingRoom> waiting;

  [[nodiscard]] Opening opening(Instant now) const;
};

/// Published surveys by their links, in memory, so that a submission reads nothing before its
/// Change. An entry is read again after a second (other nodes), and forgotten at once when this
/// node commits a change of its survey. Being stale is harmless: the Change checks again. Threads:
/// any.
class LinkCache {
 public:
  /// Enters the link's tenant as a respondent and gives what the link stands for. NotFound for a
  /// link that is none, of an unknown tenant, or of a survey that was deleted.
  [[nodiscard]] Result<std::shared_ptr<const Published>> find(web::Call& call,
                                                              std::string_view token);
  /// What is in memory for a link, however old; nothing otherwise. For how a page looks alone.
  [[nodiscard]] std::shared_ptr<const Published> known(std::string_view token);
  /// The questionnaire of a version that was published; NotFound for any other.
  [[nodiscard]] Result<std::shared_ptr<const form::Questionnaire>> version_of(
      web::Call& call, const Published& published, std::int64_t version);
  /// After the commit of a change of this survey.
  void forget(const SurveyId& survey);

 private:
  struct Entry {
    std::shared_ptr<const Published> published;
    Span checked_at;
  };
  using Older = std::pair<SurveyId, std::int64_t>;

  [[nodiscard]] std::shared_ptr<const Published> fresh(const LinkToken& token);
  [[nodiscard]] Result<std::shared_ptr<const Published>> load(web::Call& call,
                                                              const LinkToken& token);
  [[nodiscard]] Result<std::shared_ptr<const Published>> read_again(
      web::Call& call, const LinkToken& token, const std::shared_ptr<const Published>& known,
      std::uint64_t epoch);
  void keep(const LinkToken& token, std::shared_ptr<const Published> published,
            std::uint64_t epoch);

  std::mutex mutex_;
  std::map<LinkToken, Entry> entries_;
  std::map<Older, std::shared_ptr<const form::Questionnaire>> older_;
  std::uint64_t epoch_ = 0;  ///< Grows with every forget(): what was read before is not kept.
};

}  // namespace probity::survey
