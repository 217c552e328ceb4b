// What `./bench` needs beside the program itself, on existing data:
//   probity_yardstick none|append DATA ADDR:PORT       serves it with storage replaced by a
//   yardstick probity_yardstick fill DATA COUNT LINK [DATABASE]  stores responses (answers: a line
//   each, stdin) probity_yardstick tenants DATA COUNT [DATABASE]    makes tenants with the survey
//   on stdin

#include <signal.h>

#include <charconv>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "app/compose.hpp"
#include "app/config.hpp"
#include "app/installation.hpp"
#include "app/process.hpp"
#include "base/text.hpp"
#include "benchmarks/fill.hpp"
#include "benchmarks/yardstick_engine.hpp"

namespace probity::benchmarks {
namespace {

Result<void> serve(std::string_view name, app::Config config) {
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

std::string read_input() {
  std::string text;
  char piece[4096];
  for (std::size_t size = 0; (size = std::fread(piece, 1, sizeof piece, stdin)) > 0;)
    text.append(piece, size);
  return text;
}

Result<void> prepare(app::Config config, int count, const std::string& link) {
  PROBITY_CHECK(app::complete_config(config));
  PROBITY_TRY(installation, app::Installation::open(config, app::Installation::Keys::MustExist));
  const std::string input = read_input();
  const Instant now = SystemClock().now();
  if (!link.empty()) {
    std::vector<std::string> answers;
    for (const std::string_view line : split(input, '\n'))
      if (!line.empty()) answers.emplace_back(line);
    PROBITY_CHECK(fill_survey(installation->engine(), link, answers, count, now));
  } else {
    PROBITY_TRY(links, make_tenants(installation->engine(), input, count, now));
    for (const std::string& made : links)
      std::printf("%s\n", made.c_str());
  }
  installation->engine().stop(Span::seconds(10));
  return {};
}

Result<void> run(std::span<const std::string> words) {
  app::Config config;
  config.data = words[1];
  if (words[0] == "none" || words[0] == "append") {
    config.listen = {words[2]};
    return serve(words[0], std::move(config));
  }
  const bool fills = words[0] == "fill" && words.size() > 3;
  if (!fills && words[0] != "tenants") return fail(Code::Config, "unknown words");
  int count = 0;
  std::from_chars(words[2].data(), words[2].data() + words[2].size(), count);
  const std::size_t database = fills ? 4 : 3;
  if (words.size() > database) config.database = words[database];
  return prepare(std::move(config), count, fills ? words[3] : std::string());
}

}  // namespace
}  // namespace probity::benchmarks

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  probity::app::prepare_process();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto ran = probity::benchmarks::run(words);
  if (!ran) std::fprintf(stderr, "yardstick: %s\n", ran.error().detail.c_str());
  return ran ? 0 : 1;
}
