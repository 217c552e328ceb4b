#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <exception>

#include "app/commands.hpp"

/// The process as a whole: nothing it writes is readable by others, no core dump ever holds a key
/// (DESIGN 3), and the last exception ends here.
int main(int argc, char** argv) {
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  // Every open tenant holds a few files and every client a socket.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  try {
    return probity::app::run_command(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "probity: %s\n", error.what());
    return 1;
  }
}
