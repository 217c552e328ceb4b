#include "app/attest_probes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "attest/probes_access.hpp"
#include "attest/probes_audit.hpp"
#include "attest/probes_privacy.hpp"
#include "attest/probes_sealing.hpp"
#include "attest/probes_tls.hpp"

namespace probity::app {

attest::Probes all_probes(const attest::Ground& ground, const attest::FindListener& find,
                          const std::filesystem::path& data) {
  attest::Probes all;
  const auto add = [&all](attest::Probes probes) {
    std::ranges::move(probes, std::back_inserter(all));
  };
  add(attest::crypto_probes(ground));
  add(attest::record_probes(ground));
  add(attest::tls_probes(ground.clock, find));
  add(attest::http_probes(find));
  add(attest::session_probes(ground));
  add(attest::password_probes(ground));
  add(attest::audit_probes(ground));
  add(attest::account_probes(ground, find));
  add(attest::sealing_probes(ground, find, attest::product_sealing(data)));
  add(attest::privacy_probes(ground, find));
  add(attest::address_probes(ground, find));
  add(attest::boundary_probes(ground, find));
  add(attest::login_probes(ground, find));
  return all;
}

}  // namespace probity::app
