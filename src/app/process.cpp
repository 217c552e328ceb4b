#include "app/process.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "app/wiped_memory.hpp"

namespace probity::app {

void prepare_process() {
  wipe_freed_memory();
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
  // Every request frees what it took: giving that back to the kernel each time costs more than it
  // is worth. What is kept is bounded by what was once in use.
  mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
  mallopt(M_TOP_PAD, 256 * 1024);
  // Setting one of them stops glibc from learning this one: the rows of a group, a few hundred
  // kilobytes, would be mapped and unmapped each time (`./bench ack`: 13 k/s against 17 to 24 k/s).
  mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
}

}  // namespace probity::app
