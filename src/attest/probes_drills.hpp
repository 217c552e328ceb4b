#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "attest/cast.hpp"
#include "attest/isolated.hpp"
#include "base/log.hpp"
#include "web/dialer.hpp"

namespace probity::attest {

// Probes that do the damage for real, to something made for it alone.

/// faults.answered_closed.
struct FaultSubject {
  MakeIsolated make;
  /// Whether the program would start with this configuration file's text.
  std::function<bool(std::string_view toml)> takes_config;
};
[[nodiscard]] Probes fault_probes(FaultSubject subject);

/// export.surveys_complete. The first server is what is exported from, the second is empty.
struct TransferSubject {
  MakeIsolated make_first;
  MakeIsolated make_second;
};
[[nodiscard]] Probes transfer_probes(TransferSubject subject);

/// sessions.lifetime_enforced, sessions.idle_enforced: over HTTP, by the isolated server's clock.
[[nodiscard]] Probes session_probes(const MakeIsolated& make);

/// passwords.reuse_refused, passwords.strict_enforced, passwords.age_enforced: likewise, under the
/// strict profile.
[[nodiscard]] Probes profile_probes(const MakeIsolated& make);

/// accounts.networks_restricted.
[[nodiscard]] Probes network_probes(const MakeIsolated& make);

/// addresses.shortening_first.
[[nodiscard]] Probes shortening_probes(MakeIsolated make);

/// A listener made for a drill, with a certificate of its own, under the product's supervision.
class DrillListener {
 public:
  virtual ~DrillListener() = default;
  [[nodiscard]] virtual OwnListener listener() const = 0;
  /// What readiness goes by.
  [[nodiscard]] virtual bool is_ready() const = 0;
  /// How far its clock is from the machine's; zero at first.
  virtual void set_clock_off(Span by) = 0;
};

/// tls.certificate_loss_closes.
struct LossSubject {
  std::function<Result<std::unique_ptr<DrillListener>>()> open;
  /// How soon the product promises to notice: its look-out's interval, and time to act.
  Span notices_within = Span::seconds(3);
};
[[nodiscard]] Probes loss_probes(LossSubject subject);

/// logs.secrets_absent: of the running server, by a tap on its log.
[[nodiscard]] Probes log_probes(const Ground& ground, const FindListener& find, Log& log);

}  // namespace probity::attest
