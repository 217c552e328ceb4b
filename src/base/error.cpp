#include "base/error.hpp"

#include <array>
#include <cstddef>

namespace probity {
namespace {

struct Entry {
  Code code = Code::Internal;
  CodeInfo info;
};

// In the order of the enumeration; error_test.cpp walks it.
constexpr std::array k_entries{
    Entry{Code::BadRequest, {"bad_request", 400, "The request is not what this route takes."}},
    Entry{Code::UnknownField, {"unknown_field", 422, "A field is not declared here."}},
    Entry{Code::LimitExceeded, {"limit_exceeded", 422, "A limit is exceeded."}},
    Entry{Code::QuotaExceeded,
          {"quota_exceeded", 422, "It is more than one member may store. Nothing was stored."}},
    Entry{Code::UnsafeFile,
          {"unsafe_file", 400, "A scanner found something harmful in it. Nothing was stored."}},
    Entry{Code::InvalidAnswers, {"invalid_answers", 422, "Some answers cannot be accepted."}},
    Entry{Code::PasswordRefused, {"password_refused", 422, "The password policy refuses this."}},
    Entry{Code::UnsupportedMedia,
          {"unsupported_media_type", 415, "This content type or encoding is not taken here."}},
    Entry{Code::BodyTooLarge, {"body_too_large", 413, "The body is too large."}},
    Entry{Code::IdempotencyReused,
          {"idempotency_key_reused", 422, "This Idempotency-Key came with another body before."}},
    Entry{Code::HeadTooLarge,
          {"head_too_large", 431, "The request line and headers are too large."}},
    Entry{Code::TargetTooLong, {"target_too_long", 414, "The address is too long."}},
    Entry{Code::UnknownMethod, {"unknown_method", 501, "This request method is not known here."}},
    Entry{Code::UnknownVersion, {"unknown_version", 505, "Only HTTP/1.1 is spoken here."}},
    Entry{Code::RequestTimeout, {"request_timeout", 408, "The request did not arrive in time."}},
    Entry{Code::Unauthenticated, {"unauthenticated", 401, "Log in first."}},
    Entry{Code::BadCredentials,
          {"bad_credentials", 401, "Organisation, e-mail address or password is wrong."}},
    Entry{Code::SessionExpired, {"session_expired", 401, "The session has ended. Log in again."}},
    Entry{Code::MfaRequired, {"mfa_required", 401, "A second factor is needed."}},
    Entry{Code::PasswordExpired,
          {"password_expired", 403, "Your password has reached its age. Set a new one first."}},
    Entry{Code::EnrolmentRequired,
          {"enrolment_required", 403,
           "Your organisation asks for a second factor. Set it up first."}},
    Entry{Code::Forbidden, {"forbidden", 403, "You may not do this."}},
    Entry{Code::NetworkRefused,
          {"network_refused", 403, "Your organisation lets nobody in from this network."}},
    Entry{Code::Csrf, {"csrf", 403, "The X-CSRF-Token header is missing or wrong."}},
    Entry{Code::Throttled, {"throttled", 429, "Too many attempts. Wait before the next one."}},
    Entry{Code::Banned, {"banned", 403, "This is shut out for a time."}},
    Entry{Code::NotFound, {"not_found", 404, "There is nothing here."}},
    Entry{Code::MethodNotAllowed, {"method_not_allowed", 405, "This method is not offered here."}},
    Entry{Code::Gone, {"gone", 410, "It was here and is no longer."}},
    Entry{Code::Conflict, {"conflict", 409, "It contradicts what is stored."}},
    Entry{Code::PreconditionFailed,
          {"precondition_failed", 412, "It was changed in the meantime. Read it again."}},
    Entry{Code::SurveyClosed, {"survey_closed", 410, "This survey takes no responses now."}},
    Entry{Code::NotBuilt, {"not_built", 501, "This is not built yet."}},
    Entry{Code::Overloaded, {"overloaded", 503, "The server is busy. Try again shortly."}},
    Entry{Code::Deadline, {"deadline_exceeded", 503, "It took too long and was stopped."}},
    Entry{Code::StorageFull, {"storage_full", 507, "The disk is nearly full; nothing was stored."}},
    Entry{Code::StorageFailed,
          {"storage_failed", 503, "The store failed; it may not be stored. Try again."}},
    Entry{Code::IntegrityError, {"integrity_error", 500, "Stored data does not verify."}},
    Entry{Code::KeyUnavailable, {"key_unavailable", 503, "The key for this is not available."}},
    Entry{Code::NewerData, {"newer_data", 503, "The data was written by a newer version."}},
    Entry{Code::Locked, {"locked", 503, "Another process is using the data."}},
    Entry{Code::Config, {"config", 500, "The configuration is refused."}},
    Entry{Code::Internal, {"internal", 500, "Something went wrong on our side."}},
};

static_assert(k_entries.size() == static_cast<std::size_t>(Code::Internal) + 1);

}  // namespace

const CodeInfo& code_info(Code code) { return k_entries[static_cast<std::size_t>(code)].info; }

}  // namespace probity
