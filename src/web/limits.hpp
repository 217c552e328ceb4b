#pragma once

#include <cstddef>
#include <cstdint>

#include "base/instant.hpp"

namespace probity::web {

// Every bound of the request path, with its reason.

/// A body up to this size is read before the caller is known, on routes that need identity: less
/// than what most routes allow, so that a stranger cannot make the server hold much.
inline constexpr std::uint64_t k_body_unproven_max_bytes = 64 * 1024;
/// Ordinary JSON of members.
inline constexpr std::uint64_t k_body_default_max_bytes = 256 * 1024;
/// A log-in, a set-up: three short texts.
inline constexpr std::uint64_t k_body_small_max_bytes = 16 * 1024;
/// An import, as sent; what it unpacks to is bounded by the same (survey/limits.hpp).
inline constexpr std::uint64_t k_body_import_max_bytes = 64ULL * 1024 * 1024;
/// Bodies above k_body_unproven_max_bytes held at one time, in all and of one tenant (or of all
/// strangers): two imports of the largest size each, beside which the process stays small.
inline constexpr std::uint64_t k_bodies_held_max_bytes = 256ULL * 1024 * 1024;
inline constexpr std::uint64_t k_bodies_held_of_one_max_bytes = 128ULL * 1024 * 1024;
/// Request head: request line and headers together.
inline constexpr std::size_t k_head_max_bytes = 16 * 1024;
inline constexpr std::size_t k_headers_max = 64;
/// Work on one ordinary request; after that the client has given up.
inline constexpr Span k_request_deadline = Span::seconds(30);
/// Imports and exports.
inline constexpr Span k_bulk_deadline = Span::seconds(300);
/// Bodies made while they are sent each hold one of the store's readers for as long as the client
/// reads (web/streams.hpp): of one person, of one tenant, and over all by engine. The store lends
/// 256 readers over encrypted files and 16 to PostgreSQL: more than half is left for short reads.
inline constexpr std::uint64_t k_streams_of_person_max = 2;
inline constexpr std::uint64_t k_streams_of_tenant_max = 4;
inline constexpr std::uint64_t k_streams_sqlcipher_max = 64;
inline constexpr std::uint64_t k_streams_postgres_max = 7;
inline constexpr int k_stream_retry_after_s = 10;
/// Page size of lists: a client that asks for more is told the bound.
inline constexpr int k_list_limit_max = 1000;
inline constexpr int k_list_limit_default = 100;

}  // namespace probity::web
