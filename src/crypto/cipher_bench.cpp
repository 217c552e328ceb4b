// Sealing and opening as the rooms above do it. Processor time a core; the same with two threads
// shows whether they wait for each other.

#include <benchmark/benchmark.h>

#include "crypto/cipher.hpp"
#include "crypto/hash.hpp"
#include "crypto/password.hpp"
#include "crypto/sign.hpp"

namespace probity::crypto {
namespace {

const Bytes k_row(16, 0x21);

const Cipher& shared_cipher() {
  static const Cipher* const cipher = [] {
    static Cipher made(Bytes(16, 1));
    made.add_key(1, Key::random());
    return &made;
  }();
  return *cipher;
}

void count(benchmark::State& state, std::size_t bytes_each) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_each));
}

void seal(benchmark::State& state) {
  const Bytes plain(static_cast<std::size_t>(state.range(0)), 0x61);
  for (auto _ : state)
    benchmark::DoNotOptimize(shared_cipher().seal("response.answers", k_row, plain));
  count(state, plain.size());
}
BENCHMARK(seal)->Arg(64)->Arg(512)->Arg(4096)->Arg(65536);
BENCHMARK(seal)->Arg(512)->Threads(2);

void open_into(benchmark::State& state) {
  const Bytes plain(static_cast<std::size_t>(state.range(0)), 0x61);
  const auto sealed = shared_cipher().seal("response.answers", k_row, plain);
  Bytes out;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        shared_cipher().open_into("response.answers", k_row, *sealed, out).has_value());
  }
  count(state, plain.size());
}
BENCHMARK(open_into)->Arg(64)->Arg(512)->Arg(4096)->Arg(65536);
BENCHMARK(open_into)->Arg(512)->Threads(2);

void lookup_hash(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(shared_cipher().lookup_hash("user.email", as_bytes("a@example.org")));
  count(state, 13);
}
BENCHMARK(lookup_hash);

void hash_sha256(benchmark::State& state) {
  const Bytes data(static_cast<std::size_t>(state.range(0)), 0x61);
  for (auto _ : state)
    benchmark::DoNotOptimize(sha256(data));
  count(state, data.size());
}
BENCHMARK(hash_sha256)->Arg(64)->Arg(512)->Arg(65536);

void sign(benchmark::State& state) {
  const SigningKey key = SigningKey::random();
  const Bytes message(512, 0x61);
  for (auto _ : state)
    benchmark::DoNotOptimize(key.sign(message));
  count(state, message.size());
}
BENCHMARK(sign);

void verify_password_at_default_cost(benchmark::State& state) {
  const std::string encoded = hash_password("correct horse").value_or("");
  for (auto _ : state)
    benchmark::DoNotOptimize(verify_password(encoded, "guess"));
  count(state, 0);
}
BENCHMARK(verify_password_at_default_cost);

}  // namespace
}  // namespace probity::crypto
