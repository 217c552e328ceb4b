#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "store/change.hpp"
#include "web/access.hpp"
#include "web/limits.hpp"
#include "web/response.hpp"

namespace probity::web {

class Call;

/// The second kind of answer a handler can give: a Change, and what to say once it is on disk.
/// `respond` runs after the commit, on the writer's thread: it only builds a response from what
/// `change.apply` left in the state both share.
struct Prepared {
  store::Change change;
  std::move_only_function<Response()> respond;
};

/// What a handler answers: at once from its snapshot, or after a Change has been committed.
using Answer = std::variant<Response, Prepared>;

/// A plain function on a worker lane; may block on the snapshot, never on the writer.
using Handler = std::function<Result<Answer>(Call&)>;

/// Which lane of workers a handler runs on.
enum class LaneKind : std::uint8_t {
  Requests,   ///< Ordinary, short.
  Passwords,  ///< Argon2id: slow by design, must not starve the rest.
  Bulk,       ///< Imports, exports, reports over many rows.
};

/// Whether a route takes a compressed body (and unpacks it within its own bounds).
enum class Coding : bool { None, Gzip };

/// Bounds of one route.
struct Limits {
  std::uint64_t body_max_bytes = k_body_default_max_bytes;
  LaneKind lane = LaneKind::Requests;
  Span deadline = k_request_deadline;
  Coding coding = Coding::None;
};

/// Whose the things are that a route's path names. Common ones are the program's own, the same for
/// every tenant and changed by none: only a read may say so, and whatever checks that tenants see
/// nothing of each other expects such a route to know no tenant's things (docs/statement.md,
/// isolation.foreign_objects_hidden).
enum class Objects : std::uint8_t { OfTenant, Common };

/// How the route is described in the OpenAPI document. Texts are ours and end without a full stop.
struct RouteDoc {
  std::string_view summary;
  std::string_view request_schema;   ///< JSON Schema text, or empty when there is no JSON body.
  std::string_view response_schema;  ///< JSON Schema text of the success answer, or empty.
  int success_status = 200;
  std::vector<std::string_view> query;  ///< Names of the query parameters it reads.
  std::string_view request_type = "application/json";
  std::string_view response_type = "application/json";
  Objects objects = Objects::OfTenant;
  /// JSON Schema text of a 202 answer: what was asked for waits for somebody else. Empty: never.
  std::string_view waiting_schema{};
};

/// An error on its way to a person.
struct Refusal {
  const Request& request;
  const Error& error;
  const RequestId& id;
  /// As Call::speak was told by the handler; empty when it was not reached or did not say.
  std::string_view language;
};

/// Makes the page of a Refusal; its status is that of the error's code.
using RefusalPage = std::function<Response(const Refusal&)>;

/// A method and a path pattern ("/api/v1/surveys/{id}") with everything that must be known about
/// them before a handler runs.
struct Route {
  Route(Method m, std::string_view p, Access a, Limits l, RouteDoc d, Handler h)
      : method(m), pattern(p), access(a), limits(l), doc(std::move(d)), handler(std::move(h)) {}

  Method method;
  std::string_view pattern;
  Access access;
  Limits limits;
  RouteDoc doc;
  Handler handler;
  /// Reads of confidential answers: an entry with this action is committed before the answer goes
  /// out. Empty for everything else (Changes journal themselves).
  std::string_view audit_read;
  /// Set by the module list: what the handler's snapshot may read.
  store::Grant grant{};

  /// What people read when this page cannot be shown or its form not taken; without one they get
  /// web::refusal_page.
  RefusalPage refusal_page;

  /// Marks the route as a read of confidential content.
  Route&& audited_as(std::string_view action) && {
    audit_read = action;
    return std::move(*this);
  }
  /// Gives the route a page of its own for errors.
  Route&& refused_with(RefusalPage page) && {
    refusal_page = std::move(page);
    return std::move(*this);
  }
};

}  // namespace probity::web
