// Runs a fuzz target without a fuzzing engine: every file of the corpus, then mutations of them
// from a fixed seed, so that each `./test` executes every target for a moment with any compiler.
//   probity_fuzz_x [--runs N] [--seconds S] [--seed N] CORPUS...

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// The entry point's name and shape are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t k_input_max_bytes = 1U << 16U;

struct Plan {
  std::uint64_t runs = 20'000;
  std::uint64_t seconds = 5;
  std::uint64_t seed = 1;
  std::vector<Input> corpus;
};

void add_corpus(Plan& plan, const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    return;
  }
  if (std::filesystem::is_directory(path)) {
    std::vector<std::filesystem::path> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      names.push_back(entry.path());
    }
    std::ranges::sort(names);
    for (const auto& name : names) {
      add_corpus(plan, name);
    }
    return;
  }
  std::ifstream file(path, std::ios::binary);
  plan.corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

Plan read_plan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--runs" && has_value) {
      plan.runs = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seconds" && has_value) {
      plan.seconds = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seed" && has_value) {
      plan.seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      add_corpus(plan, argv[i]);
    }
  }
  return plan;
}

std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) { return random() % bound; }

void mutate_once(Input& input, const Plan& plan, std::mt19937_64& random) {
  const auto at = [&] { return static_cast<std::ptrdiff_t>(below(random, input.size())); };
  switch (input.empty() ? 1 : below(random, 6)) {
    case 0:
      input[static_cast<std::size_t>(at())] ^= static_cast<std::uint8_t>(1U << below(random, 8));
      break;
    case 1:
      input.insert(input.begin() + (input.empty() ? 0 : at()),
                   static_cast<std::uint8_t>(below(random, 256)));
      break;
    case 2: input.erase(input.begin() + at()); break;
    case 3: input.resize(static_cast<std::size_t>(at())); break;
    case 4: {
      const Input part(input.begin() + at(), input.end());
      input.insert(input.begin() + at(), part.begin(), part.end());
      break;
    }
    default:
      if (!plan.corpus.empty()) {
        const Input& other = plan.corpus[below(random, plan.corpus.size())];
        const std::size_t cut = other.empty() ? 0 : below(random, other.size());
        input.resize(static_cast<std::size_t>(at()));
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(cut), other.end());
      }
  }
  if (input.size() > k_input_max_bytes) {
    input.resize(k_input_max_bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = read_plan(argc, argv);
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (const Input& input : plan.corpus) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::mt19937_64 random(plan.seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(plan.seconds);
  std::uint64_t runs = 0;
  for (; runs < plan.runs && std::chrono::steady_clock::now() < end; ++runs) {
    Input input = plan.corpus.empty() ? Input{} : plan.corpus[below(random, plan.corpus.size())];
    for (std::uint64_t n = 1 + below(random, 8); n > 0; --n) {
      mutate_once(input, plan, random);
    }
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("corpus %zu, mutations %llu, seed %llu\n", plan.corpus.size(),
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(plan.seed));
  return 0;
}
