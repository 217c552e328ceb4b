#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace probity {

/// Why something failed. Each code has one stable text, one HTTP status and one public sentence
/// (code_info), so that the same failure reads the same on every route and in every log.
enum class Code : std::uint8_t {
  // What a client sent.
  BadRequest,        ///< The bytes or fields are not what the route declares.
  UnknownField,      ///< A field that is not declared; the name is in `fields`.
  LimitExceeded,     ///< Larger, longer, deeper or more numerous than a named limit.
  QuotaExceeded,     ///< More than this member may store in all; audited wherever it is refused.
  UnsafeFile,        ///< A file in which a scanner found something; audited wherever it is refused.
  InvalidAnswers,    ///< Answers that the questionnaire refuses; the questions are in `fields`.
  PasswordRefused,   ///< A password that the policy refuses; the rule is in `fields`.
  UnsupportedMedia,  ///< A content type or encoding the route does not take.
  BodyTooLarge,      ///< The body is larger than this caller may send to this route.
  IdempotencyReused,  ///< The same Idempotency-Key with another body.
  HeadTooLarge,       ///< Request line and headers exceed their bytes or number.
  TargetTooLong,      ///< The request target alone exceeds its bytes.
  UnknownMethod,      ///< A request method this server does not know.
  UnknownVersion,     ///< Another protocol version than HTTP/1.1.
  RequestTimeout,     ///< The client did not send its request in time.
  // Who is asking.
  Unauthenticated,    ///< No credentials, or credentials that do not hold.
  BadCredentials,     ///< A log-in that failed, for whatever reason.
  SessionExpired,     ///< A session past one of its ends.
  MfaRequired,        ///< The password is right, a second factor is missing.
  PasswordExpired,    ///< The member has to set a new password before anything else.
  EnrolmentRequired,  ///< The member has to set up a second factor before anything else.
  Forbidden,          ///< A known principal without the permission.
  NetworkRefused,     ///< The tenant lets nobody in from the client's network.
  Csrf,               ///< A state-changing call by cookie without its X-CSRF-Token.
  Throttled,          ///< Too many attempts; `retry_after_s` says when to come back.
  Banned,             ///< The address or account is shut out for a time.
  // What is there.
  NotFound,            ///< Unknown, or of another tenant: the two are not told apart.
  MethodNotAllowed,    ///< The path exists, the method does not.
  Gone,                ///< It was there and is not any more (a used link, a closed survey).
  Conflict,            ///< It contradicts what is stored (a duplicate, a wrong state).
  PreconditionFailed,  ///< If-Match names another version: somebody else changed it.
  SurveyClosed,        ///< The survey takes no responses now.
  // What the server can do.
  NotBuilt,        ///< Promised, but not built yet.
  Overloaded,      ///< A bounded queue is full; come back after `retry_after_s`.
  Deadline,        ///< The work was not done before its deadline.
  StorageFull,     ///< Below the low-water mark: nothing more is accepted.
  StorageFailed,   ///< The store failed; not acknowledged, yet it may be written.
  IntegrityError,  ///< Stored bytes do not open under their key: fails closed.
  KeyUnavailable,  ///< The key file or a tenant's key is missing or destroyed.
  NewerData,       ///< The data was written by a newer build.
  Locked,          ///< Another process holds the data directory.
  Config,          ///< The configuration is refused.
  Internal,        ///< A bug. Counted, logged, never explained to a client.
};

/// The fixed text of a code.
struct CodeInfo {
  std::string_view text;      ///< Stable, snake case, what clients compare ("not_found").
  int http_status;            ///< Status of the problem document.
  std::string_view sentence;  ///< What a person reads.
};

/// Promises an entry for every code.
[[nodiscard]] const CodeInfo& code_info(Code code);

/// One refused field of a request, told to the client.
struct FieldError {
  std::string field;   ///< JSON pointer, parameter or question name ("/answers/age").
  std::string reason;  ///< Plain words: the rule, the limit and what to do.
};

/// A failure on its way to the one place that answers it.
/// `detail` is for the operator's log and never leaves the process; `fields` and `hint` are shown
/// to the client, so neither may hold a secret or a respondent's text.
struct Error {
  Code code = Code::Internal;
  std::string detail;
  std::string hint;
  std::vector<FieldError> fields;
  int retry_after_s = 0;
};

/// Value or Error. Every function that can fail for a reason in the world returns one.
template <typename T>
using Result = std::expected<T, Error>;

/// `return fail(Code::NotFound, "no such survey");`
[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail), {}, {}, 0});
}

/// A refusal the client is told about, not tied to one field.
[[nodiscard]] inline std::unexpected<Error> refuse(Code code, std::string hint) {
  return std::unexpected(Error{code, {}, std::move(hint), {}, 0});
}

/// A refusal of one field: names it, its rule and its remedy.
[[nodiscard]] inline std::unexpected<Error> refuse_field(Code code, std::string field,
                                                         std::string reason) {
  Error error{code, {}, {}, {}, 0};
  error.fields.push_back({std::move(field), std::move(reason)});
  return std::unexpected(std::move(error));
}

}  // namespace probity

#define PROBITY_CONCAT_(a, b) a##b
#define PROBITY_CONCAT(a, b) PROBITY_CONCAT_(a, b)

/// `PROBITY_TRY(row, tx.one(query));` declares `row` or returns the error.
#define PROBITY_TRY(name, expression)                                         \
  auto PROBITY_CONCAT(name, _result) = (expression);                          \
  if (!PROBITY_CONCAT(name, _result))                                         \
    return std::unexpected(std::move(PROBITY_CONCAT(name, _result)).error()); \
  auto& name = *PROBITY_CONCAT(name, _result)

/// `PROBITY_CHECK(tx.run(query));` for results whose value is not needed.
#define PROBITY_CHECK(expression)                                        \
  do {                                                                   \
    if (auto probity_check_result = (expression); !probity_check_result) \
      return std::unexpected(std::move(probity_check_result).error());   \
  } while (false)
