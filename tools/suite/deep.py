"""The long tests, in stages. A stage that passed leaves a stamp named by the hash of the working
tree, so a second run continues where the first one ended; PROBITY_DEEP_SECONDS bounds a run."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suite import command, steps
from suite.command import ROOT
from suite.report import Case, Report, Suite, Timer

STAMPS = ROOT / "build" / "deep"
FUZZ_SECONDS_EACH = 120
STAGE_LIMIT_S = 4 * 3600


def tree_hash() -> str:
    """Git's name for the working tree as it is, changes and new files included."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        git_index = ROOT / ".git" / "index"
        if git_index.exists():
            shutil.copyfile(git_index, index)
        env = os.environ | {"GIT_INDEX_FILE": str(index)}
        subprocess.run(["git", "add", "-A"], cwd=ROOT, env=env, check=True, capture_output=True)
        return subprocess.run(["git", "write-tree"], cwd=ROOT, env=env, check=True,
                              capture_output=True, text=True).stdout.strip()


class Budget:
    def __init__(self) -> None:
        self.end = time.monotonic() + float(os.environ.get("PROBITY_DEEP_SECONDS", "1e9"))

    def left_s(self, at_most: float = STAGE_LIMIT_S) -> float:
        return max(0.0, min(at_most, self.end - time.monotonic()))


def sanitizer(preset: str) -> Callable[[Report, Budget, dict[str, str]], None]:
    def stage(report: Report, budget: Budget, env: dict[str, str]) -> None:
        if steps.build(report, preset, ["unit"], budget.left_s()):
            steps.unit(report, ROOT / "build" / preset, [], env, f"{preset}/", budget.left_s)
            steps.fuzz_replays(report, ROOT / "build" / preset)

    return stage


def clang(report: Report, budget: Budget, env: dict[str, str]) -> None:
    if steps.build(report, "tidy", ["unit"], budget.left_s()):
        steps.unit(report, ROOT / "build/tidy", [], env, "clang/", budget.left_s)


def each_file(report: Report, budget: Budget, name: str, files: list[Path],
              argv: Callable[[Path], list[str]]) -> None:
    """Runs a checker over files, two at once; files that passed for this tree are not run again."""
    suite = Suite(name)
    done = STAMPS / f"{name}-{tree_hash()}"
    done.mkdir(parents=True, exist_ok=True)

    def one(file: Path) -> Case:
        shown = str(file.relative_to(ROOT))
        stamp = done / shown.replace("/", "-")
        if stamp.exists():
            return Case(shown, "passed")
        if budget.left_s() < 5:
            return Case(shown, "skipped", "time budget; the next run continues")
        slug = f"{name}-{shown.replace('/', '-')}"
        outcome = command.run(slug, argv(file), timeout_s=budget.left_s(900))
        if outcome.timed_out:
            return Case(shown, "skipped", "time budget; the next run continues")
        if not outcome.ok:
            return Case(shown, "failed", outcome.why())
        stamp.touch()
        return Case(shown, "passed")

    with Timer() as timer, ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        suite.cases = list(pool.map(one, files))
    suite.seconds = timer.seconds
    report.add(suite)


def commands_of(preset: str) -> dict[Path, list[str]]:
    """Source file -> its compiler command, as the build of that preset has it."""
    database = ROOT / "build" / preset / "compile_commands.json"
    entries = json.loads(database.read_text(encoding="utf-8"))
    return {Path(entry["file"]): entry["command"].split() for entry in entries}


def own_sources(preset: str) -> list[Path]:
    return sorted(p for p in commands_of(preset) if (ROOT / "src") in p.parents)


def tidy(report: Report, budget: Budget, _env: dict[str, str]) -> None:
    # Generated headers must exist before a file can be read.
    if steps.build(report, "tidy", ["probity_generate_sql"], budget.left_s()):
        each_file(report, budget, "clang-tidy", own_sources("tidy"), lambda file: [
            "clang-tidy-19", "-p", str(ROOT / "build/tidy"), "--quiet",
            "--warnings-as-errors=*", str(file)])


def headers(report: Report, budget: Budget, _env: dict[str, str]) -> None:
    """Every header compiles alone."""
    if not steps.build(report, "dev", ["probity_generate_sql"], budget.left_s()):
        return
    all_commands = commands_of("dev")
    own = {word for words in all_commands.values() for word in words if word.startswith("-I")}
    system = {words[at + 1] for words in all_commands.values()
              for at, word in enumerate(words) if word == "-isystem"}
    # The same exception as in cmake/flags.cmake: designated initialisers leave members out.
    flags = [*sorted(own), *(f"-isystem{path}" for path in sorted(system)),
             "-I" + str(ROOT / "src"), "-DSQLITE_HAS_CODEC", "-Wno-missing-field-initializers"]
    files = sorted((ROOT / "src").glob("**/*.hpp"))
    each_file(report, budget, "headers-alone", files, lambda file: [
        "g++", "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags,
        "-include", str(file), "-x", "c++", "/dev/null"])


def fuzz(report: Report, budget: Budget, _env: dict[str, str]) -> None:
    if not steps.build(report, "fuzz", ["unit"], budget.left_s()):
        return
    targets = sorted((ROOT / "build/fuzz").glob("probity_fuzz_*"))
    suite = Suite("fuzzing")
    with Timer() as timer:
        for target in targets:
            stem = target.name.removeprefix("probity_fuzz_")
            seconds = int(min(FUZZ_SECONDS_EACH, budget.left_s() / max(1, len(targets))))
            if seconds < 5:
                suite.add(stem, "skipped", "time budget; the next run continues")
                continue
            found = STAMPS / "corpus" / stem
            found.mkdir(parents=True, exist_ok=True)
            given = ROOT / "tests/corpus" / stem
            outcome = command.run(f"fuzz-{stem}", [
                str(target), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                "-print_final_stats=1", f"-artifact_prefix={STAMPS}/crash-{stem}-", str(found),
                *([str(given)] if given.exists() else []),
            ], timeout_s=seconds + 120, env=steps.SANITIZER_ENV)
            suite.add(f"{stem} ({seconds} s)", "passed" if outcome.ok else "failed",
                      "" if outcome.ok else outcome.why())
    suite.seconds = timer.seconds
    if targets:
        report.add(suite)


def long_runs(report: Report, budget: Budget, env: dict[str, str]) -> None:
    """The TypeScript tests again, told to be thorough."""
    if steps.build(report, "release", [], budget.left_s()):
        files = steps.node_files(["functional", "isolation", "drills", "browser"], [])
        deep_env = env | {"PROBITY_DEEP": "1", "PROBITY_DEEP_SECONDS": str(int(budget.left_s()))}
        steps.node(report, files, deep_env, budget.left_s())


def fresh_machine(report: Report, budget: Budget, _env: dict[str, str]) -> None:
    steps.simple(report, "fresh machine", [str(ROOT / "tests/drills/fresh-machine")],
                 timeout_s=budget.left_s())


STAGES: list[tuple[str, Callable[[Report, Budget, dict[str, str]], None]]] = [
    ("asan", sanitizer("asan")),
    ("tsan", sanitizer("tsan")),
    ("clang", clang),
    ("tidy", tidy),
    ("headers", headers),
    ("fuzz", fuzz),
    ("long", long_runs),
    ("fresh-machine", fresh_machine),
]


def run(report: Report, env: dict[str, str], share: int | None) -> None:
    budget = Budget()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stages = STAGES if share is None else [STAGES[share % len(STAGES)]]
    for name, stage in stages:
        steps.heading(f"deep: {name}")
        stamp = STAMPS / f"{name}-{tree_hash()}.json"
        if stamp.exists():
            print("   passed already for exactly this tree")
            for suite in json.loads(stamp.read_text(encoding="utf-8")):
                cases = [Case(**case) for case in suite["cases"]]
                report.suites.append(Suite(suite["name"], cases, suite["seconds"]))
            continue
        if budget.left_s() < 30:
            suite = Suite(f"deep {name}")
            suite.add(name, "skipped", "time budget; the next run continues")
            report.add(suite)
            continue
        first = len(report.suites)
        stage(report, budget, env)
        keep(stamp, report.suites[first:])


def keep(stamp: Path, suites: list[Suite]) -> None:
    """A stamp is earned by a stage that failed nothing and left nothing for the next run."""
    if any(c.state == "failed" or "time budget" in c.reason for s in suites for c in s.cases):
        return
    rows = [{"name": s.name, "seconds": s.seconds,
             "cases": [vars(c) for c in s.cases]} for s in suites]
    stamp.write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    sys.exit("run ./test --deep")
