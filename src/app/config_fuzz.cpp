// The configuration file and the fault plan of the command line: read, or refused with the name of
// the key and what is wrong.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "app/installation.hpp"

namespace {

using namespace probity;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const int file = ::memfd_create("config", MFD_CLOEXEC);
  require(file >= 0 && ::write(file, data, size) == static_cast<ssize_t>(size));
  app::Config config;
  const auto read = app::read_config("/proc/self/fd/" + std::to_string(file), config);
  ::close(file);
  if (read) {
    require(config.connections_max >= 16 && config.connections_max <= 65536);
    require(config.request_workers >= 0 && config.request_workers <= 64);
    static_cast<void>(app::complete_config(config));
  } else {
    require(read.error().code == Code::Config);
  }
  static_cast<void>(app::parse_faults({std::string(text)}));
  return 0;
}
