#include "identity/sweep.hpp"

#include "audit/entry.hpp"
#include "identity/limits.hpp"
#include "sql/identity.hpp"

namespace probity::identity {

Result<Planned<Swept>> plan_sweep(const Acting& acting) {
  PROBITY_TRY(entry,
              audit::make_entry(*acting.cipher, {acting.now, "identity.sweep", acting.actor}));
  Planned<Swept> plan{{k_grant, {}, std::nullopt, store::Growth::Essential},
                      std::make_shared<Swept>()};
  plan.change.apply = [now = acting.now, outcome = plan.outcome,
                       entry = std::move(entry)](store::Tx& tx) -> Result<store::Journal> {
    const TenantId& tenant = tx.space().tenant();
    PROBITY_TRY(sessions,
                tx.run(sql::identity::sweep_sessions, {tenant, now - k_session_absolute}));
    PROBITY_TRY(links, tx.run(sql::identity::sweep_links, {tenant, now - k_link_memory}));
    PROBITY_TRY(attempts,
                tx.run(sql::identity::sweep_attempts_of_nobody, {tenant, now - k_attempt_memory}));
    outcome->rows = sessions + links + attempts;
    return outcome->rows > 0 ? store::Journal{entry} : store::Journal{};
  };
  return plan;
}

}  // namespace probity::identity
