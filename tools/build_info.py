#!/usr/bin/env python3
"""What this build is: build_info.py OUT_STEM VERSION COMPILER BUILD_TYPE SANITIZERS."""

import subprocess
import sys
from pathlib import Path

from embed_file import write_if_changed

ROOT = Path(__file__).resolve().parent.parent


def commit() -> str:
    """The commit, with a plus sign when the working tree differs from it; or `unknown`."""

    def git(*words: str) -> str:
        ran = subprocess.run(
            ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
        return ran.stdout.strip() if ran.returncode == 0 else ""

    name = git("rev-parse", "--short=12", "HEAD")
    if not name:
        return "unknown"
    return name + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def main() -> None:
    stem, version, compiler, build_type, sanitizers = sys.argv[1:6]
    values = {
        "build_version": version,
        "build_commit": commit(),
        "build_compiler": compiler,
        "build_type": build_type,
        "build_sanitizers": sanitizers,
    }
    declared = "".join(f"extern const std::string_view {name};\n" for name in values)
    defined = "".join(
        f'constinit const std::string_view {name}{{"{value}"}};\n'
        for name, value in values.items())
    space, end = "namespace probity::embedded {\n\n", "\n}  // namespace probity::embedded\n"
    write_if_changed(
        Path(stem + ".hpp"), f"#pragma once\n\n#include <string_view>\n\n{space}{declared}{end}")
    write_if_changed(
        Path(stem + ".cpp"), f'#include "embedded/build_info.hpp"\n\n{space}{defined}{end}')


if __name__ == "__main__":
    main()
