#!/usr/bin/env python3
"""Is the binary hardened as cmake/flags.cmake asks? tools/hardening.py [FILE]

Reads the file itself with readelf, so a flag that the linker dropped is noticed.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def readelf(*words: str) -> str:
    return subprocess.run(["readelf", "-W", *words], capture_output=True, text=True,
                          check=True).stdout


def findings(header: str, segments: str, dynamic: str, symbols: str) -> list[str]:
    """What is missing, in words; empty when nothing is."""
    stack = re.search(r"GNU_STACK(?:\s+0x\w+){5}\s+(\w+)", segments)
    asked = {
        "position-independent executable": "DYN" in header and " PIE" in dynamic,
        "read-only relocations": "GNU_RELRO" in segments,
        "all symbols bound at start": "BIND_NOW" in dynamic,
        "stack not executable": stack is not None and "E" not in stack.group(1),
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified library calls": re.search(r"\b__(?!stack)\w+_chk\b", symbols) is not None,
        "no search path for libraries": not re.search(r"\((RPATH|RUNPATH)\)", dynamic),
    }
    return [name for name, holds in asked.items() if not holds]


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/probity"
    if not file.exists():
        print(f"hardening: {file} is not built", file=sys.stderr)
        return 1
    missing = findings(readelf("-h", str(file)), readelf("-l", str(file)),
                       readelf("-d", str(file)), readelf("--dyn-syms", str(file)))
    for name in missing:
        print(f"hardening: {file.name} lacks: {name}; see cmake/flags.cmake")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
