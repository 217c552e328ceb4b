#include "app/serve.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <memory>

#include "app/compose.hpp"
#include "app/installation.hpp"
#include "app/key_watch.hpp"
#include "app/machine_memory.hpp"
#include "app/memory_care.hpp"
#include "app/test_clock.hpp"
#include "base/text.hpp"
#include "store/engine.hpp"

namespace probity::app {
namespace {

/// SIGTERM finishes what was accepted within this (docs/for-operators.md).
constexpr Span k_drain_max = Span::seconds(10);

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set, signal);
  return set;
}

Result<void> check_mode(const Config& config) {
  const bool is_marked = std::filesystem::exists(test_clock_file(config.data));
  if (is_marked && !config.is_test_mode)
    return refuse(Code::Config,
                  fmt::format("{} was used in test mode, where the clock is moved. It cannot serve "
                              "people: begin with a new directory, or add --test-mode.",
                              config.data.string()));
  if (config.is_test_mode && !is_marked)
    return store_test_offset(test_clock_file(config.data), Span());
  return {};
}

/// Waits for signals until one asks to stop.
void wait_for_end(Composition& composition, Log& log) {
  const sigset_t set = handled_signals();
  for (;;) {
    int signal = 0;
    sigwait(&set, &signal);
    if (signal != SIGHUP) return;
    const auto reloaded = composition.server().reload_certificate();
    log.info("certificate_reloaded", {{"ok", reloaded.has_value()}});
  }
}

void say_ready(Composition& composition) {
  // For people and scripts; the listener has logged the same.
  for (const std::string& address : composition.server().state().addresses)
    std::printf("Serving https://%s\n", address.c_str());
  std::fflush(stdout);
}

}  // namespace

Result<void> serve(const Config& config) {
  // Before any thread starts, so that all of them leave these signals to this one.
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);

  std::error_code error;
  if (!std::filesystem::exists(config.data, error))
    return refuse(Code::Config,
                  fmt::format("{} does not exist. `probity init` makes it.", config.data.string()));
  PROBITY_TRY(lock, store::DirectoryLock::take(config.data));
  static_cast<void>(lock);  // Held until the end of this function.
  PROBITY_CHECK(check_mode(config));
  PROBITY_TRY(installation, Installation::open(config, Installation::Keys::MustExist, {},
                                               Installation::Opener::Server));
  installation->log().info("machine_memory",
                           {{"encryption", memory_encryption_text(find_memory_encryption())}});
  const MemoryCare memory_care;
  const KeyWatch key_watch(installation->master(), config.key_file, installation->log());
  PROBITY_TRY(composition, Composition::build(config, *installation));
  say_ready(*composition);
  wait_for_end(*composition, installation->log());
  installation->log().info("draining");
  composition->drain(k_drain_max);
  installation->engine().stop(k_drain_max);
  installation->log().info("stopped");
  return {};
}

}  // namespace probity::app
