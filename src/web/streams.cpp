#include "web/streams.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "web/limits.hpp"

namespace probity::web {
namespace {

/// A snapshot with the room it takes. The room is given back after the snapshot has ended.
class CountedSnapshot final : public store::Reader {
 public:
  CountedSnapshot(Budget::Share of_tenant, Budget::Share of_person,
                  std::unique_ptr<store::Reader> snapshot)
      : of_tenant_(std::move(of_tenant)),
        of_person_(std::move(of_person)),
        snapshot_(std::move(snapshot)) {}
  [[nodiscard]] const store::Space& space() const override { return snapshot_->space(); }
  [[nodiscard]] Result<void> each(const store::Query& query, store::Values values,
                                  const OnRow& on_row) override {
    return snapshot_->each(query, values, on_row);
  }

 private:
  Budget::Share of_tenant_;
  Budget::Share of_person_;
  std::unique_ptr<store::Reader> snapshot_;
};

/// One member, however many sessions and tokens it has; nil for strangers.
RawId person_of(const identity::Principal& who) {
  if (const auto* member = std::get_if<identity::Member>(&who)) return member->user.raw();
  if (const auto* holder = std::get_if<identity::TokenHolder>(&who)) return holder->made_by.raw();
  return {};
}

std::unexpected<Error> refused(Code code, std::string hint) {
  Error error;
  error.code = code;
  error.hint = std::move(hint);
  error.retry_after_s = k_stream_retry_after_s;
  return std::unexpected(std::move(error));
}

}  // namespace

StreamBudget::StreamBudget(std::uint64_t total_max)
    : of_tenants_(total_max, k_streams_of_tenant_max),
      of_persons_(total_max, k_streams_of_person_max) {}

Result<std::unique_ptr<store::Reader>> StreamBudget::count(
    const identity::Principal& who, std::unique_ptr<store::Reader> snapshot) {
  auto of_person = of_persons_.take(person_of(who), 1);
  if (!of_person)
    return refused(Code::Throttled,
                   fmt::format("{} of your downloads are under way; that is as many as one person "
                               "may have. Let one end first.",
                               k_streams_of_person_max));
  auto of_tenant = of_tenants_.take(identity::tenant_of(who).raw(), 1);
  if (!of_tenant)
    return refused(Code::Overloaded,
                   fmt::format("As many downloads are under way as may be, at most {} of one "
                               "organisation. Try again when one has ended.",
                               k_streams_of_tenant_max));
  return std::make_unique<CountedSnapshot>(std::move(*of_tenant), std::move(*of_person),
                                           std::move(snapshot));
}

std::uint64_t streams_max_of(std::string_view engine_kind) {
  return engine_kind == "postgres" ? k_streams_postgres_max : k_streams_sqlcipher_max;
}

}  // namespace probity::web
