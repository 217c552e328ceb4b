// Any text is an expression or is refused; an expression evaluates to something for any answers.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "form/expression.hpp"

namespace {

using namespace probity::form;

/// Gives each variable another value of the list.
class Rotating final : public Variables {
 public:
  Rotating(const std::vector<Value>& values, std::size_t from) : values_(values), from_(from) {}
  [[nodiscard]] const Value* find(std::size_t variable) const override {
    const std::size_t at = (variable + from_) % (values_.size() + 1);
    return at == values_.size() ? nullptr : &values_[at];
  }

 private:
  const std::vector<Value>& values_;
  std::size_t from_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Value> k_values = {Value(5.0),
                                              Value("text"),
                                              Value("007"),
                                              Value(true),
                                              Value(Value::List{Value("a"), Value(1.0)}),
                                              Value(Value::Members{{"row", Value(2.0)}}),
                                              Value("")};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::parse(text);
  if (!expression) {
    if (expression.error().hint.empty()) std::abort();
    return 0;
  }
  if (expression->is_empty()) std::abort();
  for (std::size_t from = 0; from < 3; ++from) {
    const Rotating variables(k_values, from);
    const Value value = expression->evaluate(variables);
    if (const bool* truth = value.truth();
        truth != nullptr && *truth != expression->holds(variables))
      std::abort();
  }
  return 0;
}
