#include <cstdio>
#include <exception>

#include "app/commands.hpp"
#include "app/process.hpp"

/// The last exception ends here.
int main(int argc, char** argv) {
  probity::app::prepare_process();
  try {
    return probity::app::run_command(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "probity: %s\n", error.what());
    return 1;
  }
}
