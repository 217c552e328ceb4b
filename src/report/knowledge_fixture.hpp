#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

/// For tests: what somebody knows who adds and subtracts everything that is told.
namespace probity::report {

/// What is known: the span of rows of coefficients of the unknown counts of the grid, over a prime
/// field (equal to that over the rationals but for chances of one to 10^9).
class Knowledge {
 public:
  using Row = std::vector<std::uint64_t>;
  static constexpr std::uint64_t k_prime = 1'000'000'007;

  void learn(Row row) {
    reduce(row);
    const auto lead = std::ranges::find_if(row, [](std::uint64_t x) { return x != 0; });
    if (lead == row.end()) return;
    const std::uint64_t inverse = power(*lead, k_prime - 2);
    const auto at = static_cast<std::size_t>(lead - row.begin());
    for (std::uint64_t& x : row)
      x = x * inverse % k_prime;
    rows_.emplace(at, std::move(row));
  }
  [[nodiscard]] bool knows(Row row) const {
    reduce(row);
    return std::ranges::all_of(row, [](std::uint64_t x) { return x == 0; });
  }

 private:
  void reduce(Row& row) const {
    for (const auto& [lead, known] : rows_) {
      const std::uint64_t factor = row[lead];
      if (factor == 0) continue;
      for (std::size_t i = lead; i < row.size(); ++i)
        row[i] = (row[i] + (k_prime - factor) * known[i]) % k_prime;
    }
  }
  static std::uint64_t power(std::uint64_t base, std::uint64_t exponent) {
    std::uint64_t out = 1;
    for (; exponent != 0; exponent >>= 1, base = base * base % k_prime)
      if (exponent & 1) out = out * base % k_prime;
    return out;
  }
  std::map<std::size_t, Row> rows_;
};

}  // namespace probity::report
