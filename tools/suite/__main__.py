"""`./test`: see the head of that script for the options."""

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from suite import command, deep, lint, memory, postgres, steps
from suite.command import ROOT
from suite.report import Report, Suite
from suite.unchanged import Unchanged

FOLDERS = ("functional", "isolation", "drills", "browser")
# Made with the pictures of every page; they take time, and are made where they are missing.
SCREENS = ROOT / "build/screens/index.html"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test")
    parser.add_argument("rooms", nargs="*", metavar="ROOM",
                        help="a folder of src/ or a file of tests; without any, everything")
    parser.add_argument("--all", action="store_true",
                        help="also what has not changed since it passed; naming rooms does so too")
    parser.add_argument("--deep", action="store_true",
                        help="also sanitizers, fuzzing and other long tests; resumable")
    parser.add_argument("--deep-only", action="store_true", help="only the long ones")
    parser.add_argument("--share", type=int, help="with --deep-only: one stage, by number modulo")
    parser.add_argument("--record", type=Path, metavar="FILE",
                        help="also write what ran to FILE; see suite/report.py")
    return parser.parse_args()


def known_rooms() -> set[str]:
    folders = [p for p in (ROOT / "src").iterdir() if p.is_dir() and p.name != "feature"]
    folders += [p for p in (ROOT / "src/feature").glob("*") if p.is_dir()]
    tests = [f.name.split(".")[0].split("-")[0] for d in FOLDERS
             for f in (ROOT / "tests" / d).glob("*.test.ts")]
    return {p.name for p in folders} | set(tests)


def ordinary(report: Report, rooms: list[str], unchanged: Unchanged) -> None:
    targets = [f"probity_{room}_test" for room in rooms if has_unit_tests(room)]
    if rooms and (ROOT / "src/app/main.cpp").exists() and steps.node_files(list(FOLDERS), rooms):
        targets.append("probity")
    steps.heading("build")
    if rooms and not targets:
        print("   nothing to build for these rooms")
    elif not steps.build(report, "release", targets):
        return
    files = steps.node_files(list(FOLDERS), rooms)
    for room in rooms:
        if not has_unit_tests(room) and not steps.node_files(list(FOLDERS), [room]):
            suite = Suite(room)
            suite.add(room, "skipped", "the room has no tests")
            report.add(suite)
    has_packages = steps.npm_install(report)
    # In one pool: no kind waits for the last of another.
    named = [] if rooms else lint.checks(unchanged, has_packages=has_packages)
    named += steps.unit(ROOT / "build", rooms, unchanged)
    if has_packages:
        named += steps.node(files, unchanged)
    steps.heading("lint, unit tests and tests of the built program")
    steps.all_together(report, named)
    if not rooms:
        steps.fuzz_replays(report, ROOT / "build", unchanged)


def has_unit_tests(room: str) -> bool:
    folders = [ROOT / "src" / room, ROOT / "src/feature" / room]
    return any(True for folder in folders for _ in folder.glob("*_test.cpp"))


def start_postgres(stack: ExitStack, report: Report, parent: Path | None) -> dict[str, str]:
    """What unit and TypeScript tests look for; without it they skip and say so."""
    if "PROBITY_TEST_POSTGRES" in os.environ:
        return {}
    if not postgres.is_available():
        return {}
    try:
        cluster = stack.enter_context(postgres.Cluster(parent))
    except Exception as error:  # noqa: BLE001 - whatever it is belongs into the report
        suite = Suite("postgres")
        suite.add("private cluster", "failed", str(error))
        report.add(suite)
        return {}
    return {"PROBITY_TEST_POSTGRES": cluster.url, "PROBITY_TEST_EMPTY_POSTGRES": str(cluster.empty)}


def outside_data() -> dict[str, str]:
    """Vectors and data sets beside the checkout, for tests that skip without them."""
    shared = ROOT.parent / "shared"
    places = {"PROBITY_SHARED": shared, "PROBITY_SUITES": shared / "suites"}
    return {name: str(path) for name, path in places.items()
            if path.is_dir() and name not in os.environ}


def leave(received: int, _frame: object) -> None:
    command.end_all()
    sys.exit(128 + received)


def main() -> int:
    wanted = options()
    unknown = set(wanted.rooms) - known_rooms()
    if unknown:
        print(f"test: no room named {', '.join(sorted(unknown))}; there are: "
              f"{', '.join(sorted(known_rooms()))}", file=sys.stderr)
        return 2
    # Ended from outside, the run still stops what it started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    report = Report(wanted.record)
    with ExitStack() as stack:
        is_long = wanted.deep or wanted.deep_only
        quick = None if is_long else stack.enter_context(memory.folder())
        env = start_postgres(stack, report, quick)
        env |= outside_data()
        env["PROBITY_BINARY"] = str(ROOT / "build/probity")
        if quick is not None:
            env["TMPDIR"] = str(quick)
        if not wanted.deep_only:
            run_all = wanted.all or bool(wanted.rooms)
            if not run_all and SCREENS.exists():
                env["PROBITY_SCREENS"] = "no"
            ordinary(report, wanted.rooms, Unchanged(env, run_all=run_all))
        if is_long:
            deep.run(report, env, wanted.share)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
