#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/cipher.hpp"
#include "identity/principal.hpp"
#include "store/change.hpp"
#include "store/engine.hpp"
#include "web/request.hpp"
#include "web/route.hpp"
#include "web/streams.hpp"

namespace probity::web {

/// What the pipeline lends to every call. All outlive it.
struct CallServices {
  store::Engine& engine;
  const Clock& clock;
  Log& log;
  StreamBudget* streams = nullptr;  ///< The pipeline's own; it sets it.
};

/// What a handler sees: the request, who asks, one tenant's snapshot and keys. Nothing global is
/// reachable from here. One thread at a time.
class Call {
 public:
  Call(const CallServices& services, const Route& route, const Request& request,
       std::vector<std::string_view> path_values, identity::Principal principal, RequestId id,
       Deadline deadline);

  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] const Route& route() const { return route_; }
  [[nodiscard]] const identity::Principal& principal() const { return principal_; }
  [[nodiscard]] const RequestId& id() const { return id_; }
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }
  [[nodiscard]] Log& log() { return services_.log; }

  /// The language the person who asks reads, once a handler knows it ("fr"): errors that follow,
  /// also at the commit, are told in it.
  void speak(std::string language) { language_ = std::move(language); }
  [[nodiscard]] std::string_view language() const { return language_; }

  /// Value of a `{name}` of the pattern, by name; empty when the pattern has none such.
  [[nodiscard]] std::string_view path_value(std::string_view name) const;
  /// As an id; NotFound when it does not parse (an unknown id and a malformed one are the same).
  template <typename AnyId>
  [[nodiscard]] Result<AnyId> path_id(std::string_view name) const {
    if (auto id = AnyId::parse(path_value(name))) return *id;
    return fail(Code::NotFound);
  }

  /// The tenant the call belongs to; nil until a link or log-in handler has entered one.
  [[nodiscard]] TenantId tenant() const { return tenant_; }
  /// Enters a tenant, once; only on routes open to everyone or by link. NotFound when unknown.
  [[nodiscard]] Result<void> enter(TenantId tenant);
  [[nodiscard]] Result<void> enter_slug(std::string_view slug);
  /// As enter, and the principal becomes Respondent.
  [[nodiscard]] Result<void> enter_as_respondent(TenantId tenant);

  /// The tenant's snapshot, opened on first use with the route's grant.
  [[nodiscard]] Result<store::Reader*> read();
  /// As read(), perhaps without what the last second's submissions stored: makes nobody write
  /// first.
  [[nodiscard]] Result<store::Reader*> read_committed();
  /// Ends reading early: what waits for a commit must not hold a connection.
  void end_reading() {
    snapshot_.reset();
    committed_.reset();
  }
  /// Gives the snapshot away, for a streamed body that outlives the handler. Throttled or
  /// Overloaded when as many are under way as may be (web/streams.hpp).
  [[nodiscard]] Result<std::unique_ptr<store::Reader>> take_snapshot();
  /// The tenant's sealing keys.
  [[nodiscard]] Result<std::shared_ptr<const crypto::Cipher>> cipher();

  /// An audit entry of this call's actor; `detail_json` is sealed when not empty.
  [[nodiscard]] Result<store::JournalEntry> entry(std::string_view action, std::string object,
                                                  std::string_view detail_json = {});
  /// The same without anything that could undo anonymity: the hour, no actor, no detail.
  [[nodiscard]] store::JournalEntry coarse_entry(std::string_view action, std::string object) const;

  /// The JSON body, parsed strictly (UnsupportedMedia when it is not declared as JSON).
  [[nodiscard]] Result<boost::json::value> json_body() const;
  /// `after` of a list: what its page begins behind, nil when absent or empty. BadRequest when it
  /// is no id of that kind.
  template <typename AnyId>
  [[nodiscard]] Result<AnyId> after_id() const {
    const auto text = request_.param("after");
    if (!text || text->empty()) return AnyId();
    if (const auto id = AnyId::parse(*text)) return *id;
    return refuse_field(Code::BadRequest, "after", "The value of `next` of the page before.");
  }
  /// `limit` of a list within 1…1000 (default 100); BadRequest names the bounds.
  [[nodiscard]] Result<int> list_limit() const;

 private:
  CallServices services_;
  const Route& route_;
  const Request& request_;
  std::vector<std::string_view> path_values_;
  identity::Principal principal_;
  RequestId id_;
  Deadline deadline_;
  Instant now_;
  TenantId tenant_;
  std::string language_;
  [[nodiscard]] Result<std::unique_ptr<store::Reader>> open(store::Freshness freshness);
  std::unique_ptr<store::Reader> snapshot_;
  std::unique_ptr<store::Reader> committed_;
};

}  // namespace probity::web
