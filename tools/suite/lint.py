"""Checks of the sources: the house's rules, format, types, the tools' own tests."""

import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from suite import command
from suite.command import ROOT
from suite.report import Suite, Timer
from suite.steps import Named
from suite.unchanged import Unchanged

# A program that can not do its work here ends with this, its reason on the last line.
SKIPPED = 77
TSC = ["node", "tests/node_modules/typescript/bin/tsc", "-p", "tests"]
# Both look for their parts beside where they run.
OF_THE_CONSOLE = {
    "svelte-check": ["svelte-check/bin/svelte-check", "--tsconfig", "tsconfig.json",
                     "--fail-on-warnings"],
    "prettier": ["prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
}


def checks(unchanged: Unchanged, *, has_packages: bool) -> Named:
    """All of them, to be run beside the tests. Without the tests' npm packages no types."""
    named: Named = [
        ("house", partial(program, "house", [sys.executable, "tools/house.py"])),
        ("tools", tool_tests),
        ("sql on both", partial(program, "sql on both", [sys.executable, "tools/sql_both.py"],
                                env=unchanged.env)),
        ("clang-format", clang_format),
    ]
    if has_packages:
        # The tests are type-checked; at run time the types are only stripped.
        named.append(guarded(unchanged, "tsc", TSC, "tests", "web"))
    named += console(unchanged)
    if (ROOT / "build/probity").exists():
        hardening = [sys.executable, "tools/hardening.py"]
        named.append(("hardening", partial(program, "hardening", hardening)))
    return named


def guarded(unchanged: Unchanged, name: str, argv: list[str], *folders: str) -> tuple:
    def run() -> Suite:
        return unchanged.guard(name, unchanged.key_of(*folders), partial(program, name, argv))

    return name, run


def program(name: str, argv: list[str], *, env: dict[str, str] | None = None) -> Suite:
    """A program that says by its exit status whether all is well."""
    suite = Suite(name)
    with Timer() as timer:
        outcome = command.run(name, argv, env=env, timeout_s=900)
    suite.seconds = timer.seconds
    if outcome.ok:
        suite.add(name, "passed")
    elif outcome.timed_out:
        suite.add(name, "skipped", "time budget; the next run tries again")
    elif outcome.status == SKIPPED:
        suite.add(name, "skipped", outcome.tail(1))
    else:
        suite.add(name, "failed", f"{outcome.log.relative_to(ROOT)}\n{outcome.tail(40)}")
    return suite


def tool_tests() -> Suite:
    suite = Suite("tools")
    with Timer() as timer:
        outcome = command.run("tools", [
            sys.executable, "-m", "unittest", "discover", "-v", "-s", "tools", "-p", "*_test.py"])
    suite.seconds = timer.seconds
    for line in outcome.log.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"^(\w+) \(([\w.]+)\).* \.\.\. (ok|FAIL|ERROR|skipped.*)$", line):
            state = {"ok": "passed", "FAIL": "failed", "ERROR": "failed"}.get(match[3], "skipped")
            suite.add(f"{match[2]}", state, match[3] if state != "failed" else outcome.why())
    if not outcome.ok and not suite.count("failed"):
        suite.add("unittest", "failed", outcome.why())
    return suite


def clang_format() -> Suite:
    program = shutil.which("clang-format-19")
    suite = Suite("clang-format")
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.cpp", "*.hpp"],
        cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    files = [name for name in files if (ROOT / name).exists()]
    with Timer() as timer:
        if program is None:
            suite.add("format", "skipped", "clang-format-19 is not installed")
        elif not files:
            suite.add("format", "skipped", "no C++ files")
        else:
            outcome = command.run("clang-format", [program, "--dry-run", "-Werror", *files])
            reason = "" if outcome.ok else (
                "run: tools/format\n" + formatted_badly(outcome.log))
            suite.add(f"{len(files)} files", "passed" if outcome.ok else "failed", reason)
    suite.seconds = timer.seconds
    return suite


def formatted_badly(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace")
    return "\n".join(sorted(set(re.findall(r"^(\S+?\.[ch]pp):\d+", text, re.M))))


def console(unchanged: Unchanged) -> Named:
    """Types and layout of the console's sources; the build installed what this needs."""
    packages = ROOT / "web/node_modules"
    if not packages.is_dir():
        def missing() -> Suite:
            suite = Suite("console sources")
            suite.add(suite.name, "skipped", "web/node_modules is missing: pkg/install build")
            return suite

        return [("console sources", missing)]
    return [guarded(unchanged, name, ["env", "-C", str(packages.parent), "node",
                                      str(packages / words[0]), *words[1:]], "web")
            for name, words in OF_THE_CONSOLE.items()]
