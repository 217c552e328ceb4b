// The server with its storage replaced by a yardstick, for `./bench ack`. Serves existing data:
//   probity_yardstick none|append DATA ADDR:PORT

#include <signal.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "app/compose.hpp"
#include "app/config.hpp"
#include "app/installation.hpp"
#include "benchmarks/yardstick_engine.hpp"

namespace probity::benchmarks {
namespace {

Result<void> run(std::string_view name, app::Config config) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  PROBITY_CHECK(app::complete_config(config));
  PROBITY_TRY(installation, app::Installation::open(config, app::Installation::Keys::MustExist));
  const Yardstick yardstick = name == "append" ? Yardstick::Append : Yardstick::None;
  installation->replace_engine([&](std::unique_ptr<store::Engine> engine) {
    return measure_against(std::move(engine), yardstick, config.data / "yardstick");
  });
  PROBITY_TRY(composition, app::Composition::build(config, *installation));
  for (const std::string& address : composition->server().state().addresses)
    std::printf("Serving https://%s\n", address.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&set, &signal);
  composition->drain(Span::seconds(2));
  return {};
}

}  // namespace
}  // namespace probity::benchmarks

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  probity::app::Config config;
  config.data = argv[2];
  config.listen = {argv[3]};
  const auto ran = probity::benchmarks::run(argv[1], config);
  if (!ran) std::fprintf(stderr, "yardstick: %s\n", ran.error().detail.c_str());
  return ran ? 0 : 1;
}
