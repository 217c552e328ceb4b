#pragma once

#include <cstddef>
#include <cstdint>

#include "base/instant.hpp"

/// Every bound of the survey room, each with its reason.
namespace probity::survey {

// Submissions.
/// How long an Idempotency-Key is remembered: longer than clients try again.
inline constexpr Span k_idempotency_kept = Span::hours(24);
inline constexpr std::size_t k_idempotency_key_max = 128;
/// Keys held in memory over all tenants, 17 to 34 bytes each; SQLCipher only. Beyond it the tables
/// of other tenants are dropped (and read again when needed), then 503.
inline constexpr std::size_t k_ledger_keys_max = 16'000'000;
/// Keys of a group lie in one row with the time of its newest, and are remembered by it: no key
/// longer than this beyond its 24 hours.
inline constexpr Span k_claims_row_span = Span::seconds(1);
/// Rows a slice of forgetting looks at; keeps one Change below a few milliseconds.
inline constexpr std::int64_t k_forget_slice = 2'000;
/// Submissions of one link that wait for their commit: half of a tenant's queue, so one crowded
/// link leaves room for the others of its tenant. Never per address.
inline constexpr int k_waiting_per_link_max = 2'048;
/// How stale a link's state may be before it is read again (other nodes' changes).
inline constexpr Span k_link_recheck = Span::seconds(1);
/// Links kept in memory; the least recently loaded go first.
inline constexpr std::size_t k_links_kept = 4'096;

// Crowds (docs/decisions/033).
/// Responses of a survey in flight, or within a second, from which on they are taken in as crowds:
/// fewer are stored alone.
inline constexpr int k_crowd_min = 16;
/// Ids of a crowd: what reading in id order holds in memory, and few crowds for a commit.
inline constexpr std::size_t k_crowd_max = 256;
/// Sealed bytes of a crowd: what reading in id order holds in memory.
inline constexpr std::size_t k_crowd_max_bytes = 4UL * 1024 * 1024;
/// Sealed bytes of a row of several responses: what erasing one of them writes again.
inline constexpr std::size_t k_row_max_bytes = 1024UL * 1024;

// What one member may store in all (docs/decisions/058), where the operator says nothing else.
/// Years of daily surveys; few enough to be counted within a millisecond or two.
inline constexpr std::int64_t k_member_files_max = 10'000;
/// 64 of the largest tables, and a part of the disks that servers have.
inline constexpr std::int64_t k_member_bytes_max = 4LL * 1024 * 1024 * 1024;

// Settings of a survey.
inline constexpr std::int64_t k_response_cap_max = 1'000'000'000;
inline constexpr std::int64_t k_retention_days_max = 36'500;

// Settings of a survey's pages (docs/for-editors.md).
inline constexpr std::size_t k_page_text_max_bytes = 2'000;  ///< A few paragraphs.
inline constexpr std::size_t k_page_address_max_bytes = 1'000;
inline constexpr std::size_t k_imprint_max_bytes = 500;
inline constexpr std::size_t k_logo_alt_max_bytes = 300;
/// A logo is shown 4 rem high: enough for twice the pixels, little enough for a slow line.
inline constexpr std::size_t k_logo_max_bytes = 64 * 1024;
inline constexpr std::uint32_t k_logo_side_max_px = 2'000;
/// Any: to ask a quick person again costs more than a simple program that the trap lets through.
inline constexpr std::int64_t k_page_seconds_default = 0;
inline constexpr std::int64_t k_page_seconds_max = 60;
inline constexpr std::int64_t k_page_per_minute_max = 100'000;
inline constexpr std::int64_t k_page_idle_default_s = 90;
inline constexpr std::int64_t k_page_idle_least_s = 15;
inline constexpr std::int64_t k_page_idle_max_s = 3'600;

// Reports.
/// Responses handed from the reading thread to a counting thread at a time: so many, or the first
/// to reach the bytes.
inline constexpr std::size_t k_scan_batch_rows = 512;
inline constexpr std::size_t k_scan_batch_bytes = 512UL * 1024;
/// Batches waiting; with the bytes of each it bounds a report's memory to some 10 MiB.
inline constexpr std::size_t k_scan_batches_max = 16;
/// A console that asks again with If-None-Match gets a report at most this old.
inline constexpr Span k_report_kept = Span::seconds(1);
/// Reports kept in memory; the least recently used go first.
inline constexpr std::size_t k_report_cache_entries = 256;
inline constexpr std::size_t k_report_cache_bytes = 64UL * 1024 * 1024;
/// Links to the reports of one survey.
inline constexpr std::size_t k_report_links_max = 50;
inline constexpr std::int64_t k_report_link_hours_max = 365 * 24;
inline constexpr std::size_t k_report_link_name_max_bytes = 200;
/// Pages shown by one link within a minute.
inline constexpr int k_report_link_views_per_minute = 60;
/// Links whose views are counted and whose page is kept; the least recently used go first.
inline constexpr std::size_t k_report_pages_kept = 256;
inline constexpr std::size_t k_report_pages_bytes = 16UL * 1024 * 1024;
/// What a group of a comparison is called in pictures.
inline constexpr std::size_t k_group_label_max_bytes = 200;
/// Questions of a document whose words are counted: each reads every response once more.
inline constexpr int k_document_words_max = 20;

// Blocks for reports (docs/decisions/043).
/// Responses of a block; a crowd that was begun still fits (report::k_columns_rows_max).
inline constexpr std::int64_t k_block_responses_max = 65'000;
/// Responses without a block from which on blocks are made: fewer are counted in milliseconds.
inline constexpr std::int64_t k_block_responses_min = 4'096;
/// How old what blocks cover is at least: clocks of nodes differ, and commits take a moment.
inline constexpr Span k_block_settling = Span::minutes(2);
inline constexpr int k_blocks_per_run = 1'000;  ///< Of one survey; then the next run goes on.
/// Sealed blocks on their way to a counting thread, each up to some 50 MiB, usually a few 100 kB.
inline constexpr std::size_t k_scan_blocks_max = 2;

// Exports.
/// What one piece of a streamed export holds: so many responses, or the first to reach the bytes.
inline constexpr int k_export_rows = 500;
inline constexpr std::size_t k_export_piece_bytes = 256UL * 1024;

// Imports (docs/decisions/032).
inline constexpr std::size_t k_import_max_bytes = 64ULL * 1024 * 1024;
inline constexpr std::size_t k_import_columns_max = 500;  ///< Each becomes a question.
inline constexpr std::size_t k_import_rows_max = 1'000'000;
inline constexpr std::size_t k_import_cell_max_bytes = 200'000;  ///< 50,000 characters of comment.
inline constexpr std::size_t k_import_refused_shown_max = 1'000;
/// A column with at most this many distinct values, or this share of the rows, offers choices.
inline constexpr std::size_t k_import_choices_min = 20;
inline constexpr std::size_t k_import_choice_percent = 5;
/// Longest cell that still reads as a choice, in characters.
inline constexpr std::size_t k_import_choice_length_max = 200;

/// A form that carries a file and a plan; a browser may add a field of its own.
inline constexpr std::size_t k_form_parts_max = 8;
inline constexpr std::size_t k_form_part_header_max = 4 * 1024;
/// A decision about each column, with titles.
inline constexpr std::size_t k_import_plan_max_bytes = 1024 * 1024;
inline constexpr std::size_t k_import_plan_depth_max = 5;
/// Words that mean "no answer", each compared with every cell, and the length of one.
inline constexpr std::size_t k_import_missing_max = 100;
inline constexpr std::size_t k_import_missing_max_bytes = 1'000;
/// A LimeSurvey structure: long texts in many languages stay well below.
inline constexpr std::size_t k_lime_max_bytes = 16ULL * 1024 * 1024;
inline constexpr std::size_t k_lime_depth_max = 8;  ///< document/table/rows/row/field.
inline constexpr std::size_t k_lime_rows_max = 100'000;

// Archives.
/// Answers of one response: those of the widest table that can be imported fit.
inline constexpr std::size_t k_import_answers_max_bytes = 64ULL * 1024 * 1024;

// Jobs.
inline constexpr std::int64_t k_erase_slice = 1'000;  ///< Rows deleted by one Change.
inline constexpr int k_slices_per_run = 1'000;        ///< Then the job goes on in its next run.

}  // namespace probity::survey
