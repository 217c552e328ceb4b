"""The reading of a binary's hardening: each property is missed when it is gone."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hardening  # noqa: E402

HEADER = "  Type:   DYN (Position-Independent Executable file)\n"
SEGMENTS = (
    "  GNU_STACK  0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x1\n"
    "  GNU_RELRO  0x000000 0x000000000011de40 0x000000000011de40 0x006408 0x0071c0 R   0x1\n")
DYNAMIC = " (FLAGS)  BIND_NOW\n (FLAGS_1)  Flags: NOW PIE\n"
SYMBOLS = " FUNC GLOBAL UND __stack_chk_fail@G\n FUNC GLOBAL UND __memcpy_chk@G\n"


class HardeningTest(unittest.TestCase):
    def missing(self, **changed: str) -> list[str]:
        parts = {"header": HEADER, "segments": SEGMENTS, "dynamic": DYNAMIC, "symbols": SYMBOLS}
        return hardening.findings(**(parts | changed))

    def test_a_hardened_binary_passes(self) -> None:
        self.assertEqual(self.missing(), [])

    def test_each_loss_is_named(self) -> None:
        cases = {
            "position-independent executable": {"header": "  Type:   EXEC\n"},
            "read-only relocations": {"segments": SEGMENTS.replace("GNU_RELRO", "LOAD")},
            "all symbols bound at start": {"dynamic": " (FLAGS_1)  Flags: PIE\n"},
            "stack not executable": {"segments": SEGMENTS.replace("RW ", "RWE")},
            "stack protector": {"symbols": " FUNC GLOBAL UND __memcpy_chk@G\n"},
            "fortified library calls": {"symbols": " FUNC GLOBAL UND __stack_chk_fail@G\n"},
            "no search path for libraries": {"dynamic": DYNAMIC + " (RUNPATH) /opt\n"},
        }
        for name, changed in cases.items():
            with self.subTest(name):
                self.assertEqual(self.missing(**changed), [name])


if __name__ == "__main__":
    unittest.main()
