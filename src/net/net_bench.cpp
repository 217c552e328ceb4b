#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "crypto/certificate.hpp"
#include "net/server.hpp"
#include "net/wire.hpp"

// What a request costs before and after the service. Without arguments for Google Benchmark the
// parser and the writer are measured; `--serve SECONDS [--port N]` is a whole server that answers
// nothing, for a load generator, and prints the processor time a request took.

namespace probity::net {
namespace {

const std::string& sample_request() {
  static const std::string request =
      "POST /api/v1/public/lnk_01j0000000000000000000000/responses HTTP/1.1\r\n"
      "Host: localhost:8443\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n"
      "Idempotency-Key: 0123456789abcdef0123456789abcdef\r\n"
      "Content-Type: application/json\r\nContent-Length: 600\r\n\r\n" +
      std::string(600, 'x');
  return request;
}

void read_request(benchmark::State& state) {
  for (auto _ : state) {
    const std::string_view input = sample_request();
    auto head = HeadReader().read(input);
    BodyReader body((*head)->framing, (*head)->request.content_length, 1024);
    std::string content;
    benchmark::DoNotOptimize(body.read(input.substr((*head)->bytes), content));
  }
}
BENCHMARK(read_request);

void write_response(benchmark::State& state) {
  const web::Response response = web::json_response(201, R"({"receipt":"0123456789"})");
  for (auto _ : state)
    benchmark::DoNotOptimize(write_head(response, After::Keep, "Thu, 01 Jan 2026 00:00:00 GMT"));
}
BENCHMARK(write_response);

/// Answers at once.
class NullService final : public web::Service {
 public:
  void admit(web::Request, std::move_only_function<void(web::Admission)> ready) override {
    web::Admission admission;
    admission.body_max_bytes = 1024 * 1024;
    ready(std::move(admission));
  }
  void serve(std::shared_ptr<web::Exchange>, std::string,
             std::move_only_function<void(web::Response)> done) override {
    count.fetch_add(1, std::memory_order_relaxed);
    done(web::json_response(201, R"({"receipt":"0123456789abcdef"})"));
  }
  void pull(std::shared_ptr<web::BodySource>,
            std::move_only_function<void(Result<web::BodySource::Piece>)> done) override {
    done(fail(Code::NotBuilt));
  }
  web::Response refuse_malformed(const Error& error) override {
    return web::problem_response(error, RequestId());
  }
  void finished(const std::shared_ptr<web::Exchange>&, int, std::uint64_t) override {}

  std::atomic<std::uint64_t> count = 0;
};

Span processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return Span::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         Span::micros(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int serve(std::int64_t seconds, std::int64_t port) {
  const SystemClock clock;
  Log log(STDERR_FILENO, clock, LogLevel::Failure);
  NullService service;
  std::string name = (std::filesystem::temp_directory_path() / "probity-bench-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  ServerOptions options;
  options.listen = {"127.0.0.1:" + std::to_string(port)};
  options.certificate = folder / "cert.pem";
  options.private_key = folder / "key.pem";
  const auto made =
      crypto::make_self_signed(options.certificate, options.private_key, {"localhost"}, clock.now(),
                               clock.now() + Span::days(1));
  auto server = made ? Server::start(options, service, clock, log) : std::unexpected(made.error());
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    std::filesystem::remove_all(folder);
    return 1;
  }
  std::printf("listening on https://%s\n", (*server)->state().addresses.front().c_str());
  std::fflush(stdout);
  const Deadline end = Deadline::after(Span::seconds(seconds));
  while (!end.has_passed())
    ::usleep(10'000);
  const std::uint64_t count = service.count;
  const Span used = processor_time();
  if (count > 0) {
    std::printf("requests %llu, processor %.1f us/request, %.0f requests/s\n",
                static_cast<unsigned long long>(count),
                static_cast<double>(used.us()) / static_cast<double>(count),
                static_cast<double>(count) / static_cast<double>(seconds));
  }
  server->reset();
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace probity::net

int main(int argc, char** argv) {
  std::int64_t seconds = 0;
  std::int64_t port = 0;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--serve")
      seconds = probity::parse_int(argv[i + 1]).value_or(0);
    if (std::string_view(argv[i]) == "--port") port = probity::parse_int(argv[i + 1]).value_or(0);
  }
  if (seconds > 0) return probity::net::serve(seconds, port);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
