#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "attest/catalogue.hpp"
#include "attest/probes.hpp"
#include "attest/scratch.hpp"
#include "audit/chain.hpp"
#include "support/own_database.hpp"

namespace probity::attest {

/// An engine with the product's audit log, an operator's organisation, and the ground of probes.
struct Workshop {
  audit::Chain chain;
  support::EitherEngine store;
  Scratch scratch{*store.engine, store.clock};
  Ground ground{*store.engine, store.clock, scratch};

  explicit Workshop(const std::string& kind = "sqlcipher") : store(kind, &chain) {
    store.clock.set(Instant::from_s(1'800'000'000));
  }
  /// The tenant that runs the installation.
  store::TenantRecord make_operator(std::string_view slug = "main") {
    auto made = store.engine->create_tenant(slug, "");
    EXPECT_TRUE(made);
    return *made;
  }
};

/// Runs the probe of that name out of a list.
inline Finding run_probe(const Probes& probes, std::string_view name) {
  for (const Probe& probe : probes) {
    if (probe.name != name) continue;
    auto finding = probe.run(Deadline::after(Span::seconds(60)));
    if (!finding) {
      ADD_FAILURE() << name << ": " << finding.error().detail << finding.error().hint;
      return {};
    }
    return *finding;
  }
  ADD_FAILURE() << "no probe " << name;
  return {};
}

/// The status, with the evidence shown when the test fails.
#define EXPECT_STATUS(finding, expected)                                                      \
  do {                                                                                        \
    const auto& seen_finding = (finding);                                                     \
    EXPECT_EQ(text_of(seen_finding.status), text_of(expected)) << seen_finding.evidence_json; \
  } while (false)

}  // namespace probity::attest
