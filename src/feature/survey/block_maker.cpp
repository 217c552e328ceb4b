#include "feature/survey/block_maker.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "crypto/random.hpp"
#include "feature/survey/blocks.hpp"
#include "feature/survey/limits.hpp"
#include "feature/survey/response_rows.hpp"
#include "sql/survey.hpp"

namespace probity::survey {
namespace {

namespace q = sql::survey;

constexpr std::size_t k_token_bytes = 16;
constexpr int k_surveys_per_page = 500;

/// One Change without a trace in the audit log: blocks say nothing that the rows do not.
Result<void> change(Services& services, TenantId tenant, store::Growth growth,
                    std::function<Result<void>(store::Tx&)> work) {
  store::Change change{survey_grant(), {}, {}, growth};
  change.apply = [work = std::move(work)](store::Tx& tx) -> Result<store::Journal> {
    PROBITY_CHECK(work(tx));
    return store::Journal{};
  };
  return services.engine.apply(store::Space::of(tenant), std::move(change));
}

/// Makes the blocks of one survey.
class Maker {
 public:
  Maker(Services& services, TenantId tenant, const SurveyId& survey)
      : services_(services), tenant_(tenant), survey_(survey) {}

  Result<int> run(const ResponseId& settled);

 private:
  /// Rows that no block covers, and the half empty block before them that is made anew with them.
  struct Gap {
    RowRange range;
    std::optional<BlockPlace> before;
  };
  [[nodiscard]] Result<std::optional<Gap>> find_gap(const ResponseId& begin,
                                                    const ResponseId& settled);
  [[nodiscard]] Result<bool> has_rows(const RowRange& range);
  [[nodiscard]] Result<BlockPlace> claim(const RowRange& range);
  /// Reads rows of the range until the block is full; where it ends.
  [[nodiscard]] Result<ResponseId> write(const RowRange& range, report::ColumnWriter& writer);
  [[nodiscard]] Result<bool> make_one(Gap gap, ResponseId& end);
  [[nodiscard]] Result<bool> fill(const BlockPlace& claimed, BlockPlace place, const Gap& gap,
                                  report::ColumnWriter& writer);

  Services& services_;
  TenantId tenant_;
  SurveyId survey_;
};

Result<bool> Maker::has_rows(const RowRange& range) {
  if (!(range.after < range.to)) return false;
  PROBITY_TRY(reader, services_.engine.read(store::Space::of(tenant_), survey_grant()));
  PROBITY_TRY(found, reader->first(q::has_rows_to, {tenant_, survey_, range.after, range.to},
                                   [](const store::Row& row) { return row.id<ResponseId>(0); }));
  return found.has_value();
}

/// The first gap after `begin`.
Result<std::optional<Maker::Gap>> Maker::find_gap(const ResponseId& begin,
                                                  const ResponseId& settled) {
  std::vector<BlockPlace> blocks;
  {
    PROBITY_TRY(reader, services_.engine.read(store::Space::of(tenant_), survey_grant()));
    PROBITY_TRY(found, blocks_of(*reader, survey_));
    blocks = std::move(found);
  }
  Gap gap;
  for (std::size_t i = 0; i <= blocks.size(); ++i) {
    gap.range.to = i < blocks.size() ? previous_id(blocks[i].first) : settled;
    RowRange rest = gap.range;
    rest.after = std::max(rest.after, begin);
    PROBITY_TRY(is_missing, has_rows(rest));
    if (is_missing) {
      if (gap.before && gap.before->responses < k_block_responses_max / 2)
        gap.range.after = previous_id(gap.before->first);
      else
        gap.before.reset();
      return gap;
    }
    if (i == blocks.size()) break;
    gap.before = blocks[i];
    gap.range.after = blocks[i].last;
  }
  return std::optional<Gap>();
}

Result<BlockPlace> Maker::claim(const RowRange& range) {
  RawId first = range.after.raw();
  for (std::size_t i = first.bytes.size(); i-- > 0;) {
    if (++first.bytes[i] != 0) break;
  }
  BlockPlace place{ResponseId(first), range.to, crypto::random_bytes(k_token_bytes), 0};
  const auto put_down = [&](store::Tx& tx) -> Result<void> {
    PROBITY_CHECK(tx.run(q::drop_claims, {tenant_, survey_}));
    PROBITY_CHECK(tx.run(q::claim_block, {tenant_, survey_, place.last, place.token, place.first}));
    return {};
  };
  PROBITY_CHECK(change(services_, tenant_, store::Growth::Grows, put_down));
  return place;
}

Result<ResponseId> Maker::write(const RowRange& range, report::ColumnWriter& writer) {
  PROBITY_TRY(cipher, services_.engine.cipher(store::Space::of(tenant_)));
  PROBITY_TRY(reader, services_.engine.read(store::Space::of(tenant_), survey_grant()));
  ResponseId last;
  ResponseId end = range.to;
  Bytes plain;
  const auto take = [&](const StoredResponse& response) -> Result<bool> {
    const bool is_enough = writer.is_full() || writer.responses() >= k_block_responses_max;
    if (is_enough && !is_same_crowd(last, response.id)) {
      end = end_of_crowd(last);
      return false;
    }
    if (writer.responses() >= report::k_columns_rows_max)
      return fail(Code::LimitExceeded, "a crowd is larger than a block");
    PROBITY_CHECK(
        cipher->open_into(k_answers_purpose, response.id.bytes(), response.answers, plain));
    const std::int64_t hour = response.received_at.hour().s() / 3'600;
    if (!writer.add(as_text(plain), hour, response.version))
      return fail(Code::IntegrityError, "stored answers are not a JSON object");
    last = response.id;
    return true;
  };
  PROBITY_CHECK(each_response_between(*reader, survey_, range, take));
  return end;
}

Result<bool> Maker::fill(const BlockPlace& claimed, BlockPlace place, const Gap& gap,
                         report::ColumnWriter& writer) {
  PROBITY_TRY(cipher, services_.engine.cipher(store::Space::of(tenant_)));
  const Bytes block = writer.finish();
  PROBITY_TRY(sealed, seal_block(*cipher, survey_, place, block));
  const auto filled =
      change(services_, tenant_, store::Growth::Grows, [&](store::Tx& tx) -> Result<void> {
        if (gap.before)
          PROBITY_CHECK(
              tx.run(q::drop_block, {tenant_, survey_, gap.before->last, gap.before->token}));
        PROBITY_TRY(rows, tx.run(q::fill_block, {tenant_, survey_, claimed.last, claimed.token,
                                                 place.last, place.responses, sealed}));
        if (rows == 0) return fail(Code::Conflict, "rows of a block changed while it was made");
        return {};
      });
  if (filled) return true;
  if (filled.error().code == Code::Conflict) return false;
  return std::unexpected(filled.error());
}

/// Whether it came to be; else somebody changed its rows, and it is left to the next run. `end` is
/// then where it would have ended.
Result<bool> Maker::make_one(Gap gap, ResponseId& end) {
  for (;;) {
    PROBITY_TRY(claimed, claim(gap.range));
    report::ColumnWriter writer;
    PROBITY_TRY(reached, write(gap.range, writer));
    if (gap.before && reached <= gap.before->last) {
      // The block before is full for another reason than its number of responses.
      gap.range.after = gap.before->last;
      gap.before.reset();
      continue;
    }
    end = reached;
    BlockPlace place = claimed;
    place.last = reached;
    place.responses = static_cast<std::int64_t>(writer.responses());
    return fill(claimed, place, gap, writer);
  }
}

Result<int> Maker::run(const ResponseId& settled) {
  int made = 0;
  ResponseId begin;
  for (int i = 0; i < k_blocks_per_run; ++i) {
    PROBITY_TRY(gap, find_gap(begin, settled));
    if (!gap) break;
    PROBITY_TRY(filled, make_one(*gap, begin));
    made += filled ? 1 : 0;
  }
  return made;
}

Result<void> drop_damaged(Services& services, const BlockNotes::Damaged& damaged) {
  return change(
      services, damaged.tenant, store::Growth::Essential, [&](store::Tx& tx) -> Result<void> {
        PROBITY_CHECK(
            tx.run(q::drop_block, {damaged.tenant, damaged.survey, damaged.last, damaged.token}));
        return {};
      });
}

struct Uncovered {
  SurveyId survey;
  Mode mode;
  std::int64_t responses;
};

Result<int> make_blocks_of(Services& services, TenantId tenant, Instant now) {
  int made = 0;
  SurveyId after;
  for (;;) {
    std::vector<Uncovered> surveys;
    {
      PROBITY_TRY(reader, services.engine.read(store::Space::of(tenant), survey_grant()));
      PROBITY_TRY(
          page,
          reader->all(q::uncovered, {tenant, after, k_surveys_per_page}, [](const store::Row& row) {
            return Uncovered{row.id<SurveyId>(0), static_cast<Mode>(row.integer(1)),
                             row.integer(2)};
          }));
      surveys = std::move(page);
    }
    for (const Uncovered& survey : surveys) {
      if (survey.responses < k_block_responses_min) continue;
      PROBITY_TRY(more, make_blocks(services, tenant, survey.survey, survey.mode, now));
      made += more;
    }
    if (surveys.size() < k_surveys_per_page) return made;
    after = surveys.back().survey;
  }
}

}  // namespace

Result<int> make_blocks(Services& services, TenantId tenant, const SurveyId& survey, Mode mode,
                        Instant now) {
  return Maker(services, tenant, survey).run(last_settled_id(mode, now));
}

Result<std::string> run_blocks(Services& services, Instant now, BlockScope scope) {
  const BlockNotes::Notes notes = services.block_notes.take();
  std::optional<Error> failure;
  int made = 0;
  for (const BlockNotes::Damaged& damaged : notes.damaged)
    if (auto dropped = drop_damaged(services, damaged); !dropped)
      failure = std::move(dropped).error();
  PROBITY_TRY(tenants, services.engine.tenants());
  for (const store::TenantRecord& tenant : tenants) {
    const bool is_wanted = scope == BlockScope::All || notes.slow.contains(tenant.id);
    if (tenant.state == "destroyed" || !is_wanted) continue;
    auto more = make_blocks_of(services, tenant.id, now);
    if (more) {
      if (*more > 0) {
        services.log.info("survey_blocks_made", {{"tenant", tenant.id.text()}, {"blocks", *more}});
      }
      made += *more;
      continue;
    }
    services.log.failure("survey_job_failed", {{"job", "survey.blocks"},
                                               {"tenant", tenant.id.text()},
                                               {"code", code_info(more.error().code).text}});
    failure = std::move(more).error();
  }
  if (failure) return std::unexpected(std::move(*failure));
  return fmt::format("made {} blocks", made);
}

std::vector<jobs::Job> block_jobs(Services& services) {
  constexpr auto k_once = jobs::Missed::RunLast;
  return {
      {"survey.blocks", Span::minutes(1), Span::seconds(10),
       [&services](Instant now) { return run_blocks(services, now, BlockScope::Noted); }, k_once},
      {"survey.blocks_all", Span::hours(1), Span::minutes(5),
       [&services](Instant now) { return run_blocks(services, now, BlockScope::All); }, k_once},
  };
}

}  // namespace probity::survey
