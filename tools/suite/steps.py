"""The ordinary tests: lint, unit tests, fuzz replays, tests against the built program."""

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from suite import command
from suite.command import LOGS, ROOT
from suite.report import Report, Suite, Timer
from suite.unchanged import Unchanged, reads_sources, rooms_apart

SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/support/leaks.supp:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def heading(text: str) -> None:
    print(f"\n== {text}", flush=True)


def build(report: Report, preset: str, targets: list[str], timeout_s: float = 7200) -> bool:
    suite = Suite(f"build {preset}")
    with Timer() as timer:
        outcome = command.run(
            f"build-{preset}", [str(ROOT / "tools/build"), preset, *targets],
            show=True, timeout_s=timeout_s)
    suite.seconds = timer.seconds
    if outcome.timed_out:
        suite.add(preset, "skipped", "time budget; the next run continues this build")
    elif outcome.ok:
        suite.add(preset, "passed")
    else:
        suite.add(preset, "failed", "does not build; the compiler's words are above")
    report.add(suite)
    return outcome.ok


def ctest_entries(build_dir: Path) -> list[dict]:
    listing = subprocess.run(
        ["ctest", "--test-dir", str(build_dir), "--show-only=json-v1"],
        capture_output=True, text=True, check=True).stdout
    entries = []
    for test in json.loads(listing)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        entries.append({
            "name": test["name"],
            "command": test.get("command", []),
            "labels": properties.get("LABELS", []),
            "timeout_s": properties.get("TIMEOUT", 600),
        })
    return entries


def gtest_suite(entry: dict, prefix: str, env: dict[str, str],
                budget_s: float = float("inf")) -> Suite:
    """Runs a test program. What a budget cut short counts as far as it came, and says so."""
    suite = Suite(f"{prefix}{entry['name']}")
    slug = suite.name.replace("/", "-").replace(" ", "-")
    result = LOGS / f"{slug}.xml"
    result.unlink(missing_ok=True)
    with Timer() as timer:
        outcome = command.run(
            slug, [*entry["command"], f"--gtest_output=xml:{result}"],
            env=SANITIZER_ENV | env, timeout_s=min(budget_s, entry["timeout_s"]))
    suite.seconds = timer.seconds
    if result.exists():
        read_gtest(suite, result)
    elif outcome.timed_out and budget_s < entry["timeout_s"]:
        read_cut_gtest(suite, outcome.log)
    if not outcome.ok and not outcome.timed_out and not suite.count("failed"):
        suite.add("program", "failed", outcome.why())
    elif outcome.timed_out and not suite.cases:
        suite.add("program", "failed", outcome.why())
    return suite


def read_cut_gtest(suite: Suite, log: Path) -> None:
    """The cases that ended before the program was stopped."""
    text = log.read_text(encoding="utf-8", errors="replace")
    words = {"      OK": "passed", " FAILED ": "failed", " SKIPPED": "skipped"}
    for word, name in re.findall(r"^\[ ?(      OK| FAILED | SKIPPED) \] (\S+)", text, re.M):
        suite.add(name, words[word], log.name)
    suite.add("the rest", "skipped", f"time budget; {len(suite.cases)} cases had ended")


def read_gtest(suite: Suite, result: Path) -> None:
    for case in xml.parse(result).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure, skipped = case.find("failure"), case.find("skipped")
        if failure is not None:
            suite.add(name, "failed", failure.get("message", ""))
        elif skipped is not None:
            # The first line of the message is the file and line.
            words = skipped.get("message", "").strip().splitlines()
            suite.add(name, "skipped", " ".join(words[1:]) or "no reason given")
        elif case.get("status") == "notrun":
            suite.add(name, "skipped", "disabled in the source")
        else:
            suite.add(name, "passed")


# Most of a test's time is waiting for a disk, or for a limit to pass.
TOGETHER = 2 * min(2, os.cpu_count() or 1)

# Suites by their names, to be run.
Named = list[tuple[str, Callable[[], Suite]]]


def together(pool: ThreadPoolExecutor, named: Named) -> Iterator[Suite]:
    """Runs suites side by side, those first that took longest last time; answers as they end."""
    record = LOGS / "seconds.json"
    try:
        seconds = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        seconds = {}
    first = sorted(named, key=lambda one: -seconds.get(one[0], 0.0))
    begun = {pool.submit(run): name for name, run in first}
    try:
        for ended in as_completed(begun):
            suite = ended.result()
            if not suite.since:
                seconds[begun[ended]] = suite.seconds
            yield suite
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    record.write_text(json.dumps(seconds), encoding="utf-8")


def unit(build_dir: Path, rooms: list[str], unchanged: Unchanged) -> Named:
    entries = [e for e in ctest_entries(build_dir) if "unit" in e["labels"]]
    if rooms:
        entries = [e for e in entries if e["name"] in rooms]

    def one(entry: dict) -> Suite:
        tests = [file for folder in ("src", "src/feature")
                 for file in (ROOT / folder / entry["name"]).glob("*.?pp")]
        tests += (ROOT / "tests/support").glob("*.hpp")
        key = unchanged.key([Path(entry["command"][0])], reads_sources=reads_sources(tests))
        return unchanged.guard(f"unit/{entry['name']}", key,
                               partial(gtest_suite, entry, "unit/", unchanged.env))

    return [(f"unit/{entry['name']}", partial(one, entry)) for entry in entries]


def all_together(report: Report, named: Named) -> None:
    """Adds what each came to, as it ends."""
    with ThreadPoolExecutor(max_workers=TOGETHER) as pool:
        for suite in together(pool, named):
            report.add(suite)


def fuzz_replays(report: Report, build_dir: Path, unchanged: Unchanged) -> None:
    entries = [entry for entry in ctest_entries(build_dir) if "fuzz" in entry["labels"]]

    def run(entry: dict) -> Suite:
        suite = Suite(entry["name"].replace("_", " ", 1))
        with Timer() as timer:
            outcome = command.run(
                entry["name"], entry["command"], timeout_s=entry["timeout_s"])
        suite.seconds = timer.seconds
        suite.add(entry["name"], "passed" if outcome.ok else "failed",
                  "" if outcome.ok else outcome.why())
        return suite

    def one(entry: dict) -> Suite:
        key = unchanged.key([Path(entry["command"][0])])
        return unchanged.guard(entry["name"], key, partial(run, entry))

    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for suite in pool.map(one, entries):
            report.add(suite)


def npm_install(report: Report) -> bool:
    """The tests' own packages."""
    outcome = command.run("npm", [str(ROOT / "pkg/npm"), str(ROOT / "tests")])
    if not outcome.ok:
        suite = Suite("npm ci")
        suite.add("npm ci", "failed", outcome.why())
        report.add(suite)
    return outcome.ok


def node_files(folders: list[str], rooms: list[str]) -> list[Path]:
    files = [f for folder in folders for f in sorted((ROOT / "tests" / folder).glob("*.test.ts"))]
    if rooms:
        files = [f for f in files if re.split(r"[.-]", f.name)[0] in rooms]
    return files


def node(files: list[Path], unchanged: Unchanged) -> Named:
    names = [f"{file.parent.name}/{file.name.removesuffix('.test.ts')}" for file in files]
    runner = Path(shutil.which("node") or "node")
    programs = [Path(unchanged.env["PROBITY_BINARY"]), runner]

    def one(name: str, file: Path) -> Suite:
        if apart := rooms_apart(file):
            key = unchanged.key_apart_from(apart, [runner])
        else:
            key = unchanged.key(programs, reads_sources=reads_sources([file]))
        return unchanged.guard(name, key, partial(node_suite, name, file, unchanged.env))

    return [(name, partial(one, name, file)) for name, file in zip(names, files, strict=True)]


NODE_LIMIT_S = 3600


def node_suite(name: str, file: Path, env: dict[str, str],
               budget_s: float = float("inf")) -> Suite:
    """Runs a file of tests. What a budget cut short counts as far as it came, and says so."""
    suite = Suite(name)
    slug = name.replace("/", "-")
    result = LOGS / f"{slug}.ndjson"
    result.unlink(missing_ok=True)
    reporter = str(ROOT / "tests/support/reporter.mjs")
    # Whoever gives a budget also knows how long it may take at most.
    limit_s = NODE_LIMIT_S if budget_s == float("inf") else budget_s
    ended: list[str] = []

    # Stopping the tests makes those that run fail: only what ended before counts.
    def remember() -> None:
        ended.extend(lines_of(result))

    with Timer() as timer:
        outcome = command.run(slug, [
            "node", "--import", str(ROOT / "tests/node_modules/tsx/dist/loader.mjs"),
            f"--test-reporter={reporter}", f"--test-reporter-destination={result}",
            "--test-reporter=spec", "--test-reporter-destination=stdout", str(file),
        ], env=env, timeout_s=limit_s, on_late=remember)
    suite.seconds = timer.seconds
    is_cut = outcome.timed_out and budget_s < float("inf")
    for line in ended if is_cut else lines_of(result):
        case = json.loads(line)
        suite.add(case["name"], case["state"], case["reason"])
    if is_cut:
        suite.add("the rest", "skipped", f"time budget; {len(suite.cases)} tests had ended")
    elif not outcome.ok and not suite.count("failed"):
        suite.add("program", "failed", outcome.why())
    return suite


def lines_of(result: Path) -> list[str]:
    """Whole lines only: the last one may be half written."""
    text = result.read_text(encoding="utf-8") if result.exists() else ""
    return text[:text.rfind("\n") + 1].splitlines()
