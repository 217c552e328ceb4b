#include "feature/survey/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

#include "audit/entry.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "feature/survey/survey.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

/// Surveys looked at in one reading.
constexpr int k_surveys_per_page = 500;

/// One Change that deletes a slice and says how much it took.
using Slice = std::function<Result<Erased>(store::Tx&)>;

/// How a slice that took something stands in the audit log: an entry of its own, with how much.
struct Noted {
  std::shared_ptr<const crypto::Cipher> cipher;
  std::string_view action;  ///< Empty: not at all.
  Instant at;
  SurveyId survey;
};

Result<store::Journal> journal_of(const Noted& noted, const Erased& erased) {
  if (noted.action.empty() || erased.rows == 0) return store::Journal{};
  const std::string detail = fmt::format(R"({{"responses":{}}})", erased.responses);
  PROBITY_TRY(entry, audit::make_entry(*noted.cipher, {.at = noted.at,
                                                       .action = noted.action,
                                                       .actor = "system",
                                                       .object = noted.survey.text(),
                                                       .detail_json = detail}));
  return store::Journal{std::move(entry)};
}

Result<Erased> apply_slice(Services& services, TenantId tenant, const Slice& slice,
                           const Noted& noted) {
  auto deleted = std::make_shared<Erased>();
  store::Change change;
  change.grant = survey_grant();
  change.growth = store::Growth::Essential;
  change.apply = [slice, deleted, noted](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_TRY(erased, slice(tx));
    *deleted = erased;
    return journal_of(noted, erased);
  };
  PROBITY_CHECK(services.engine.apply(store::Space::of(tenant), std::move(change)));
  return *deleted;
}

/// Runs slices of one survey until one comes back short.
Result<Erased> erase_slices(Services& services, TenantId tenant, const Slice& slice,
                            const Noted& noted) {
  Erased total;
  for (int i = 0; i < k_slices_per_run; ++i) {
    PROBITY_TRY(deleted, apply_slice(services, tenant, slice, noted));
    total.rows += deleted.rows;
    total.responses += deleted.responses;
    if (deleted.rows < k_erase_slice) break;
  }
  return total;
}

/// The smallest id a response of that moment can have: ids begin with their arrival.
ResponseId first_id_at(Instant at) {
  RawId raw;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.us() / 1000));
  for (int i = 0; i < 6; ++i)
    raw.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  return ResponseId(raw);
}

struct Retained {
  SurveyId id;
  std::int64_t days;
  Mode mode;
};

/// What lies before this id is past its retention. The id of an anonymous response knows the hour
/// it came in and no more: it goes once that whole hour is past, so never early.
ResponseId end_of_retention(const Retained& survey, Instant now) {
  const Instant end = now - Span::days(survey.days);
  return first_id_at(survey.mode == Mode::Anonymous ? end.hour() : end);
}

Result<std::int64_t> retain_survey(Services& services, TenantId tenant, const Retained& survey,
                                   Instant now) {
  const ResponseId before = end_of_retention(survey, now);
  PROBITY_TRY(cipher, services.engine.cipher(store::Space::of(tenant)));
  const Noted noted{cipher, "retention.run", now, survey.id};
  const Slice slice = [id = survey.id, before](store::Tx& tx) -> Result<Erased> {
    const TenantId owner = tx.space().tenant();
    PROBITY_TRY(erased, erase_responses_before(tx, id, before, k_erase_slice));
    if (erased.responses > 0) PROBITY_CHECK(tx.run(q::count_erased, {owner, id, erased.responses}));
    return erased;
  };
  PROBITY_TRY(erased, erase_slices(services, tenant, slice, noted));
  return erased.responses;
}

Result<std::int64_t> retain_tenant(Services& services, TenantId tenant, Instant now) {
  std::int64_t total = 0;
  SurveyId after;
  for (;;) {
    std::vector<Retained> surveys;
    {
      PROBITY_TRY(reader, services.engine.read(store::Space::of(tenant), survey_grant()));
      PROBITY_TRY(page, reader->all(q::with_retention, {tenant, after, k_surveys_per_page},
                                    [](const store::Row& row) {
                                      return Retained{row.id<SurveyId>(0), row.integer(1),
                                                      static_cast<Mode>(row.integer(2))};
                                    }));
      surveys = std::move(page);
    }
    for (const Retained& survey : surveys) {
      PROBITY_TRY(erased, retain_survey(services, tenant, survey, now));
      total += erased;
    }
    if (surveys.size() < k_surveys_per_page) return total;
    after = surveys.back().id;
  }
}

/// Everything that is left of a deleted survey once its responses are gone.
Result<Erased> drop_rest(store::Tx& tx, const SurveyId& id) {
  const TenantId tenant = tx.space().tenant();
  for (const store::Query* query :
       {&q::drop_blocks, &q::drop_versions, &q::drop_links, &q::drop_report_links, &q::drop_pages,
        &q::drop_logo, &q::drop_stored, &q::drop_survey, &q::drop_gate})
    PROBITY_CHECK(tx.run(*query, {tenant, id}));
  return Erased{1, 0};
}

Result<std::int64_t> sweep_tenant(Services& services, TenantId tenant, Instant now) {
  std::vector<SurveyId> deleted;
  {
    PROBITY_TRY(reader, services.engine.read(store::Space::of(tenant), survey_grant()));
    PROBITY_TRY(found, reader->all(q::deleted, {tenant, k_surveys_per_page},
                                   [](const store::Row& row) { return row.id<SurveyId>(0); }));
    deleted = std::move(found);
  }
  PROBITY_TRY(cipher, services.engine.cipher(store::Space::of(tenant)));
  std::int64_t dropped = 0;
  for (const SurveyId& id : deleted) {
    const Noted noted{cipher, "survey.sweep", now, id};
    RawId last;
    last.bytes.fill(0xff);
    const Slice responses = [id, last](store::Tx& tx) {
      return erase_responses_before(tx, id, ResponseId(last), k_erase_slice);
    };
    PROBITY_TRY(erased, erase_slices(services, tenant, responses, noted));
    if (erased.rows >= k_erase_slice * k_slices_per_run) {
      services.to_sweep.add(tenant);
      continue;
    }
    const Slice rest = [id](store::Tx& tx) { return drop_rest(tx, id); };
    PROBITY_TRY(gone, apply_slice(services, tenant, rest, noted));
    dropped += gone.rows;
  }
  return dropped;
}

Result<std::int64_t> forget_tenant(Services& services, TenantId tenant, Instant now) {
  const Slice slice = [&services, now](store::Tx& tx) -> Result<Erased> {
    PROBITY_TRY(rows, services.ledger.forget(tx, now));
    return Erased{rows, 0};
  };
  std::int64_t total = 0;
  for (int i = 0; i < k_slices_per_run; ++i) {
    PROBITY_TRY(deleted, apply_slice(services, tenant, slice, {}));
    total += deleted.rows;
    if (deleted.rows < k_forget_slice) break;
  }
  return total;
}

using TenantWork = std::function<Result<std::int64_t>(TenantId)>;

/// Runs `work` for every active tenant that `wanted` holds (null: all). One that fails is logged
/// and does not stop the others; the last error is then the run's.
Result<std::int64_t> for_each_tenant(Services& services, std::string_view job,
                                     const TenantWork& work,
                                     const std::set<TenantId>* wanted = nullptr) {
  PROBITY_TRY(tenants, services.engine.tenants());
  std::int64_t total = 0;
  std::optional<Error> failure;
  for (const store::TenantRecord& tenant : tenants) {
    const bool is_wanted = wanted == nullptr || wanted->contains(tenant.id);
    if (tenant.state == "destroyed" || !is_wanted) continue;
    auto count = work(tenant.id);
    if (count) {
      total += *count;
      continue;
    }
    services.log.failure(
        "survey_job_failed",
        {{"job", job}, {"tenant", tenant.id.text()}, {"code", code_info(count.error().code).text}});
    failure = std::move(count).error();
  }
  if (failure) return std::unexpected(std::move(*failure));
  return total;
}

}  // namespace

Result<std::string> run_retention(Services& services, Instant now) {
  PROBITY_TRY(total, for_each_tenant(services, "survey.retention", [&](TenantId tenant) {
                return retain_tenant(services, tenant, now);
              }));
  return fmt::format("erased {}", total);
}

Result<std::string> run_sweep(Services& services, Instant now, SweepScope scope) {
  const std::set<TenantId> listed = services.to_sweep.take();
  const TenantWork work = [&](TenantId tenant) { return sweep_tenant(services, tenant, now); };
  const auto* wanted = scope == SweepScope::Listed ? &listed : nullptr;
  PROBITY_TRY(total, for_each_tenant(services, "survey.sweep", work, wanted));
  return fmt::format("removed {} surveys", total);
}

Result<std::string> run_forgetting(Services& services, Instant now) {
  PROBITY_TRY(total, for_each_tenant(services, "survey.idempotency", [&](TenantId tenant) {
                return forget_tenant(services, tenant, now);
              }));
  return fmt::format("forgot {}", total);
}

std::vector<jobs::Job> survey_jobs(Services& services) {
  // Each removes what is due by `now`, however often it was missed.
  constexpr auto k_once = jobs::Missed::RunLast;
  return {
      {"survey.retention", Span::hours(1), Span::minutes(5),
       [&services](Instant now) { return run_retention(services, now); }, k_once},
      {"survey.sweep", Span::minutes(1), Span::seconds(10),
       [&services](Instant now) { return run_sweep(services, now, SweepScope::Listed); }, k_once},
      {"survey.sweep_all", Span::hours(6), Span::minutes(10),
       [&services](Instant now) { return run_sweep(services, now, SweepScope::All); }, k_once},
      {"survey.idempotency", Span::hours(1), Span::minutes(5),
       [&services](Instant now) { return run_forgetting(services, now); }, k_once},
  };
}

}  // namespace probity::survey
