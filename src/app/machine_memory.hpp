#pragma once

#include <cstdint>
#include <string_view>

namespace probity::app {

/// Whether what lies in memory is encrypted by the machine, as far as a program can see. It is the
/// operator's choice of machine: the program uses what is there and says what it found (OWASP ASVS
/// 11.7.1).
enum class MemoryEncryption : std::uint8_t {
  Guest,      ///< In a confidential virtual machine (AMD SEV, Intel TDX): the host cannot read it.
  Available,  ///< The processor can (AMD SME, Intel TME); its firmware decides, and does not tell.
  NotSeen,    ///< Nothing of the kind.
};
/// "guest", "available", "not_seen".
[[nodiscard]] std::string_view memory_encryption_text(MemoryEncryption found);

/// From the text of /proc/cpuinfo and whether the kernel has the device of a confidential guest.
enum class GuestDevice : bool { Absent, Present };
[[nodiscard]] MemoryEncryption judge_memory(std::string_view cpuinfo, GuestDevice device);
/// Of this machine. What cannot be read counts as not seen.
[[nodiscard]] MemoryEncryption find_memory_encryption();

}  // namespace probity::app
