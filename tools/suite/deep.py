"""The long tests, in stages made of pieces. A piece that passed leaves a stamp named by the hash of
the working tree, so a second run continues where the first one ended; PROBITY_DEEP_SECONDS bounds a
run. A share is one stage, begun at another piece each time round, so that a machine on which
nothing is built yet tests something real in a few minutes, and everything in the course of time."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suite import command, steps
from suite.command import LOGS, ROOT
from suite.progress import (LATE, PIECE_LEAST_S, STAMPS, STAGE_LIMIT_S, Budget, Piece, Run, keep,
                            late, piece_by_piece, recall, stamp_of)
from suite.report import Case, Report, Suite, Timer

FUZZ_SECONDS_EACH = 120
FUZZ_SECONDS_IN_SHARE = 30
# Sanitizers make programs several times slower; the ordinary limit is for the release.
UNIT_LIMIT_S = 3600
# A replay works for five seconds, which is little enough to need no budget.
REPLAY_LIMIT_S = 300
NODE_FOLDERS = ["functional", "isolation", "drills", "browser"]


def rooms() -> list[tuple[str, Path]]:
    """Names and folders, lowest first."""
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.findall(r"^probity_room\((\w+)(?: PATH (\S+))?", text, re.M)
    return [(name, ROOT / (path or f"src/{name}")) for name, path in found]


def fuzz_stems(folder: Path) -> list[str]:
    return [file.name.removesuffix("_fuzz.cpp") for file in sorted(folder.glob("*_fuzz.cpp"))]


def room_pieces(run: Run, preset: str, prefix: str) -> list[Piece]:
    """Unit tests and replays of the fuzz targets, a piece for each room that has any."""
    pieces = []
    for name, folder in rooms():
        units = [f"probity_{name}_test"] if any(folder.glob("*_test.cpp")) else []
        stems = fuzz_stems(folder)
        if units or stems:
            targets = [*units, *(f"probity_fuzz_{stem}" for stem in stems)]
            pieces.append(Piece(name, targets, room_test(run, preset, f"{prefix}{name}", targets)))
    # One target of the lowest room takes half a minute to build and makes sure that something was
    # tested, also where a machine is busy.
    lowest, *others = pieces
    target = lowest.targets[-1]
    sure = Piece(f"{lowest.name} first", [target],
                 room_test(run, preset, f"{prefix}{lowest.name}", [target]))
    return [sure, lowest, *run.rotated(others)]


def room_test(run: Run, preset: str, name: str, targets: list[str]) -> Callable[[], list[Suite]]:
    folder = ROOT / "build" / preset

    def test() -> list[Suite]:
        suites = []
        for target in targets:
            if target.startswith("probity_fuzz_"):
                suites.append(replay(folder / target, name))
            else:
                entry = {"name": name, "command": [str(folder / target)],
                         "timeout_s": UNIT_LIMIT_S}
                suites.append(steps.gtest_suite(entry, "", run.env, run.budget.left_s()))
        return suites

    return test


def replay(target: Path, name: str) -> Suite:
    """The corpus and some mutations of it, by a fuzz target built without a fuzzing engine."""
    stem = target.name.removeprefix("probity_fuzz_")
    suite = Suite(f"{name} fuzz replay")
    with Timer() as timer:
        outcome = command.run(f"{name}-fuzz-{stem}", [
            str(target), "--runs", "20000", "--seconds", "5", str(ROOT / "tests/corpus" / stem),
        ], env=steps.SANITIZER_ENV, timeout_s=REPLAY_LIMIT_S)
    suite.seconds = timer.seconds
    suite.add(stem, "passed" if outcome.ok else "failed", "" if outcome.ok else outcome.why())
    return suite


def sanitizer(preset: str) -> Callable[[Run], None]:
    def stage(run: Run) -> None:
        program = Piece("program", ["probity"], lambda: [story(run, preset)])
        piece_by_piece(run, preset, preset, [*room_pieces(run, preset, f"{preset}/"), program])

    return stage


def story(run: Run, preset: str) -> Suite:
    """The longest functional test against the program with sanitizers; a report they wrote is a
    failure even if the program lived on."""
    reports = LOGS / f"{preset}-report"
    for old in LOGS.glob(f"{preset}-report.*"):
        old.unlink()
    env = {name: f"{value}:log_path={reports}" for name, value in steps.SANITIZER_ENV.items()}
    env |= run.env | {"PROBITY_BINARY": str(ROOT / "build" / preset / "probity")}
    suite = steps.node_suite(f"{preset}/functional/story",
                             ROOT / "tests/functional/story.test.ts", env, run.budget.left_s())
    for report in sorted(LOGS.glob(f"{preset}-report.*")):
        text = report.read_text(encoding="utf-8", errors="replace")
        suite.add(report.name, "failed", f"{report.relative_to(ROOT)}\n{text[:4000]}")
    return suite


def clang(run: Run) -> None:
    piece_by_piece(run, "clang", "tidy", room_pieces(run, "tidy", "clang/"))


def each_file(run: Run, name: str, files: list[Path], argv: Callable[[Path], list[str]]) -> None:
    """Runs a checker over files, two at once; files that passed for this tree are not run again."""
    suite, not_reached = Suite(name), []
    done = STAMPS / f"{name}-{run.tree}"
    done.mkdir(parents=True, exist_ok=True)

    def one(file: Path) -> None:
        shown = str(file.relative_to(ROOT))
        slug = shown.replace("/", "-")
        if (done / slug).exists():
            suite.add(shown, "passed")
            return
        if run.budget.left_s() < 5:
            not_reached.append(shown)
            return
        outcome = command.run(f"{name}-{slug}", argv(file), timeout_s=run.budget.left_s(900))
        if outcome.timed_out and run.budget.left_s() < 5:
            not_reached.append(shown)
        elif not outcome.ok:
            suite.add(shown, "failed", outcome.why())
        else:
            (done / slug).touch()
            suite.add(shown, "passed")

    with Timer() as timer, ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(one, run.rotated(files)))
    suite.seconds = timer.seconds
    if not_reached:
        suite.add("not reached", "skipped", f"{LATE}: {len(suite.cases)} files done, "
                  f"{len(not_reached)} not reached, from {not_reached[0]} on")
    run.report.add(suite)


def commands_of(preset: str) -> dict[Path, list[str]]:
    """Source file -> its compiler command, as the build of that preset has it."""
    database = ROOT / "build" / preset / "compile_commands.json"
    entries = json.loads(database.read_text(encoding="utf-8"))
    return {Path(entry["file"]): entry["command"].split() for entry in entries}


def own_sources(preset: str) -> list[Path]:
    return sorted(p for p in commands_of(preset) if (ROOT / "src") in p.parents)


def generated(run: Run, preset: str) -> bool:
    """Generated headers must exist before a file can be read."""
    return steps.build(run.report, preset, ["probity_generate_sql"], run.budget.left_s())


def tidy(run: Run) -> None:
    if generated(run, "tidy"):
        each_file(run, "clang-tidy", own_sources("tidy"), lambda file: [
            "clang-tidy-19", "-p", str(ROOT / "build/tidy"), "--quiet",
            "--warnings-as-errors=*", str(file)])


def headers(run: Run) -> None:
    """Every header compiles alone."""
    if not generated(run, "dev"):
        return
    all_commands = commands_of("dev")
    own = {word for words in all_commands.values() for word in words if word.startswith("-I")}
    system = {words[at + 1] for words in all_commands.values()
              for at, word in enumerate(words) if word == "-isystem"}
    # The same exception as in cmake/flags.cmake: designated initialisers leave members out.
    flags = [*sorted(own), *(f"-isystem{path}" for path in sorted(system)),
             "-I" + str(ROOT / "src"), "-DSQLITE_HAS_CODEC", "-Wno-missing-field-initializers"]
    files = sorted((ROOT / "src").glob("**/*.hpp"))
    each_file(run, "headers-alone", files, lambda file: [
        "g++", "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags,
        "-include", str(file), "-x", "c++", "/dev/null"])


def fuzz(run: Run) -> None:
    stems = [stem for _, folder in rooms() for stem in fuzz_stems(folder)]
    pieces = [Piece(stem, [f"probity_fuzz_{stem}"], lambda stem=stem: [fuzz_one(run, stem)])
              for stem in [stems[0], *run.rotated(stems[1:])]]
    piece_by_piece(run, "fuzz", "fuzz", pieces)


def fuzz_one(run: Run, stem: str) -> Suite:
    most_s = FUZZ_SECONDS_EACH if run.turn is None else FUZZ_SECONDS_IN_SHARE
    seconds = max(5, int(run.budget.left_s(most_s)))
    found = STAMPS / "corpus" / stem
    found.mkdir(parents=True, exist_ok=True)
    given = ROOT / "tests/corpus" / stem
    suite = Suite(f"fuzz/{stem}")
    with Timer() as timer:
        outcome = command.run(f"fuzz-{stem}", [
            str(ROOT / "build/fuzz" / f"probity_fuzz_{stem}"), f"-max_total_time={seconds}",
            "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
            f"-artifact_prefix={STAMPS}/crash-{stem}-", str(found),
            *([str(given)] if given.exists() else []),
        ], timeout_s=seconds + 120, env=steps.SANITIZER_ENV)
    suite.seconds = timer.seconds
    runs = re.search(r"number_of_executed_units: (\d+)", outcome.log.read_text(errors="replace"))
    suite.add(f"{stem}, {runs[1] if runs else '?'} inputs", "passed" if outcome.ok else "failed",
              "" if outcome.ok else outcome.why())
    return suite


def long_runs(run: Run) -> None:
    """The TypeScript tests again, told to be thorough: as thorough as the time allows."""
    scale = min(1.0, run.budget.left_s() / STAGE_LIMIT_S) if run.budget.is_bounded else 1.0
    env = run.env | {"PROBITY_DEEP": "1", "PROBITY_DEEP_SCALE": f"{scale:.4f}"}

    def piece(file: Path) -> Piece:
        name = f"{file.parent.name}/{file.name.removesuffix('.test.ts')}"
        return Piece(name, ["probity"], lambda: [
            steps.node_suite(f"long/{name}", file, env, run.budget.left_s())])

    if steps.npm_install(run.report):
        files = run.rotated(steps.node_files(NODE_FOLDERS, []))
        piece_by_piece(run, "long", "release", [piece(file) for file in files])


def fresh_machine(run: Run) -> None:
    """All of it needs half an hour; under a budget the bare machine tests one room."""
    room = [rooms()[0][0]] if run.budget.is_bounded else []
    suite, result = Suite("fresh machine"), LOGS / "fresh-machine.steps"
    result.unlink(missing_ok=True)
    with Timer() as timer:
        outcome = command.run("fresh machine", [
            str(ROOT / "tests/drills/fresh-machine"), "--steps", str(result), *room],
            timeout_s=run.budget.left_s())
    suite.seconds = timer.seconds
    for line in result.read_text().splitlines() if result.exists() else []:
        status, name = line.split(" ", 1)
        suite.add(name, "passed" if status == "0" else "failed", outcome.tail(40))
    if outcome.timed_out:
        suite.add("not reached", "skipped", f"{LATE}: the steps that would have followed")
    elif outcome.status == steps.SKIPPED:
        suite.add("all", "skipped", outcome.tail(1))
    elif not outcome.ok and not suite.count("failed"):
        suite.add("drill", "failed", outcome.why())
    run.report.add(suite)


# Programs a stage can not do without; where one is missing the stage is skipped and says so.
NEEDS = {
    "clang": ["clang++-19"],
    "tidy": ["clang++-19", "clang-tidy-19"],
    "fuzz": ["clang++-19"],
}

STAGES: list[tuple[str, Callable[[Run], None]]] = [
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
    """All stages; or those of a share: its own, and the next while nothing real was tested."""
    work = Run(report, env, Budget(), None if share is None else share // len(STAGES))
    STAMPS.mkdir(parents=True, exist_ok=True)
    first = 0 if share is None else share % len(STAGES)
    for name, stage in STAGES[first:] + STAGES[:first]:
        steps.heading(f"deep: {name}")
        one_stage(work, name, stage)
        if share is not None and real_tests(report) > 0:
            break
    print(f"\n   real tests run: {real_tests(report)}", flush=True)
    if share is not None and real_tests(report) == 0:
        suite = Suite("share")
        suite.add(f"share {share}", "failed", "it ran no test: too little time, or a broken stage")
        report.add(suite)


def one_stage(work: Run, name: str, stage: Callable[[Run], None]) -> None:
    if recall(work, name):
        return
    missing = [program for program in NEEDS.get(name, []) if shutil.which(program) is None]
    if missing:
        suite = Suite(f"deep {name}")
        suite.add(name, "skipped", f"not installed: {', '.join(missing)}")
        work.report.add(suite)
        return
    if work.budget.left_s() < PIECE_LEAST_S:
        work.report.add(late(f"deep {name}", [name], 0))
        return
    first = len(work.report.suites)
    stage(work)
    keep(stamp_of(work, name), work.report.suites[first:])


def real_tests(report: Report) -> int:
    """What was tested and not only built."""
    return sum(suite.count("passed") + suite.count("failed")
               for suite in report.suites if not suite.name.startswith("build "))


if __name__ == "__main__":
    sys.exit("run ./test --deep")
