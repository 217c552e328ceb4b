#include "app/attest_probes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/config.hpp"
#include "app/drill_listener.hpp"
#include "app/isolated_server.hpp"
#include "attest/probes_access.hpp"
#include "attest/probes_audit.hpp"
#include "attest/probes_drills.hpp"
#include "attest/probes_privacy.hpp"
#include "attest/probes_sealing.hpp"
#include "attest/probes_tls.hpp"

namespace probity::app {

attest::Probes all_probes(const attest::Ground& ground, const ProbeParts& parts) {
  const attest::FindListener& find = parts.find;
  attest::Probes all;
  const auto add = [&all](attest::Probes probes) {
    std::ranges::move(probes, std::back_inserter(all));
  };
  add(attest::crypto_probes(ground));
  add(attest::record_probes(ground));
  add(attest::tls_probes(ground.clock, find));
  add(attest::http_probes(find));
  add(attest::password_probes(ground));
  add(attest::audit_probes(ground));
  add(attest::account_probes(ground, find));
  add(attest::sealing_probes(ground, find,
                             attest::product_sealing(parts.data, attest::CommitLog::Kept)));
  add(attest::privacy_probes(ground, find));
  add(attest::address_probes(ground, find));
  add(attest::boundary_probes(ground, find));
  add(attest::row_probes(ground));
  add(attest::login_probes(ground, find));
  add(attest::factor_probes(ground, find, parts.public_url));
  add(attest::log_probes(ground, find, parts.log));
  const attest::MakeIsolated isolated = make_isolated_maker(parts.data);
  add(attest::session_probes(isolated));
  add(attest::profile_probes(isolated));
  add(attest::network_probes(isolated));
  add(attest::loss_probes({.open = make_drill_listeners(parts.data)}));
  add(attest::fault_probes({.make = isolated, .takes_config = takes_config}));
  add(attest::transfer_probes({.make_first = isolated, .make_second = isolated}));
  add(attest::shortening_probes(isolated));
  return all;
}

}  // namespace probity::app
