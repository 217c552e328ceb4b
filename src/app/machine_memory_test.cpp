#include "app/machine_memory.hpp"

#include <gtest/gtest.h>

#include <string>

namespace probity::app {
namespace {

std::string processor(const std::string& flags) {
  return "processor\t: 0\nvendor_id\t: X\nflags\t\t: fpu vme " + flags + " ssse3\nbogomips\t: 1\n";
}

TEST(MachineMemory, IsEncryptedInAConfidentialGuest) {
  EXPECT_EQ(judge_memory(processor("tdx_guest"), GuestDevice::Absent), MemoryEncryption::Guest);
  EXPECT_EQ(judge_memory(processor(""), GuestDevice::Present), MemoryEncryption::Guest);
}

TEST(MachineMemory, MayBeEncryptedWhereTheProcessorCan) {
  for (const char* flag : {"sme", "tme"})
    EXPECT_EQ(judge_memory(processor(flag), GuestDevice::Absent), MemoryEncryption::Available)
        << flag;
}

TEST(MachineMemory, IsNeverSaidToBeEncryptedWithoutASign) {
  // Words that only begin or end like one, and processors that hold such guests for others.
  for (const char* flags : {"", "smep", "tmex xtme", "sev sev_es", "no_tdx_guest_at_all"})
    EXPECT_EQ(judge_memory(processor(flags), GuestDevice::Absent), MemoryEncryption::NotSeen)
        << flags;
  EXPECT_EQ(judge_memory("", GuestDevice::Absent), MemoryEncryption::NotSeen);
  EXPECT_EQ(judge_memory("model name: sme\n", GuestDevice::Absent), MemoryEncryption::NotSeen);
}

TEST(MachineMemory, OfThisMachineHasAnAnswer) {
  EXPECT_NE(memory_encryption_text(find_memory_encryption()), "");
}

}  // namespace
}  // namespace probity::app
