#pragma once

namespace probity::report {

/// A sum that comes to the same in whatever order it is added up: two doubles, together about 106
/// bits (Knuth's TwoSum, The Art of Computer Programming 2, 4.2.2). Exact as long as the sum and
/// the last bit of the least addend are less than 2^105 apart, which holds for a million weights
/// between 0.00001 and 1,000,000 of any doubles. For numbers of one sign.
class ExactSum {
 public:
  void operator+=(double more) {
    const double sum = high_ + more;
    const double part = sum - high_;
    low_ += (high_ - (sum - part)) + (more - part);
    high_ = sum + low_;
    low_ -= high_ - sum;
  }
  void operator+=(const ExactSum& other) {
    *this += other.high_;
    *this += other.low_;
  }
  /// The sum, rounded to the nearest double.
  [[nodiscard]] double value() const { return high_; }

 private:
  double high_ = 0;
  double low_ = 0;
};

}  // namespace probity::report
