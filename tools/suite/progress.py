"""How a long stage uses the time it has: piece by piece, real tests from the first minute on, each
piece remembered for the tree it passed with, and what was not reached named in one line."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from suite import command
from suite.command import ROOT
from suite.report import Case, Report, Suite

STAMPS = ROOT / "build" / "deep"
STAGE_LIMIT_S = 4 * 3600
# Kept back for what ends a run: killing a program that is late, the table.
RESERVE_S = 15
# Seconds a step of Ninja takes before anything was measured: two cores, with sanitizers.
FIRST_GUESS_S = 3.0
# The first piece of a stage may take this long whatever the budget says: on a machine so busy that
# a few files take minutes, one real test late is worth more than none in time.
FIRST_PIECE_S = 900
# A piece that needs no building is not begun with less than this.
PIECE_LEAST_S = 20
LATE = "time budget"


def tree_hash() -> str:
    """Git's name for the working tree as it is, changes and new files included."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        named = subprocess.run(["git", "rev-parse", "--git-path", "index"], cwd=ROOT, check=False,
                               capture_output=True, text=True).stdout.strip()
        if named and (ROOT / named).exists():
            shutil.copyfile(ROOT / named, index)
        env = os.environ | {"GIT_INDEX_FILE": str(index)}
        subprocess.run(["git", "add", "-A"], cwd=ROOT, env=env, check=True, capture_output=True)
        return subprocess.run(["git", "write-tree"], cwd=ROOT, env=env, check=True,
                              capture_output=True, text=True).stdout.strip()


class Budget:
    """PROBITY_DEEP_SECONDS from when ./test was called, which installs packages first."""

    def __init__(self) -> None:
        whole = float(os.environ.get("PROBITY_DEEP_SECONDS", "1e9"))
        began = float(os.environ.get("PROBITY_TEST_BEGAN", time.time()))
        self.is_bounded = whole < 1e9
        self.end = time.monotonic() + whole - max(0.0, time.time() - began)

    def left_s(self, at_most: float = STAGE_LIMIT_S) -> float:
        return max(0.0, min(at_most, self.end - time.monotonic() - RESERVE_S))


class Pace:
    """Seconds a step of Ninja takes on this machine, learnt from what this run has built."""

    def __init__(self) -> None:
        self.steps = 0
        self.seconds = 0.0

    def learn(self, steps_done: int, seconds: float) -> None:
        self.steps += steps_done
        self.seconds += seconds

    def estimate_s(self, steps_to_do: int) -> float:
        # Twenty steps weigh as much as the guess; later rooms have heavier files than the first.
        each = (self.seconds + 20 * FIRST_GUESS_S) / (self.steps + 20)
        return each * steps_to_do


@dataclass
class Run:
    """What a stage works with."""

    report: Report
    env: dict[str, str]
    budget: Budget = field(default_factory=Budget)
    # Which part a bounded run begins with; nothing for a whole run.
    turn: int | None = None

    # Computed once: a stage must not stamp what somebody changed meanwhile.
    @cached_property
    def tree(self) -> str:
        return tree_hash()

    def rotated(self, items: list) -> list:
        if self.turn is None or not items:
            return items
        first = self.turn % len(items)
        return items[first:] + items[:first]


@dataclass
class Piece:
    """A part of a stage that can be built and tested alone."""

    name: str
    targets: list[str]
    test: Callable[[], list[Suite]]


def stamp_of(run: Run, name: str) -> Path:
    return STAMPS / f"{name.replace('/', '-')}-{run.tree}.json"


def recall(run: Run, name: str) -> bool:
    """Puts the suites of a piece that passed for exactly this tree into the report."""
    stamp = stamp_of(run, name)
    if not stamp.exists():
        return False
    print(f"   {name}: passed already for exactly this tree", flush=True)
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(stamp.stat().st_mtime))
    for suite in json.loads(stamp.read_text(encoding="utf-8")):
        cases = [Case(**case) for case in suite["cases"]]
        # One that a stage recalled itself keeps its own time.
        run.report.suites.append(
            Suite(suite["name"], cases, suite["seconds"], suite.get("since") or since))
    return True


def keep(stamp: Path, suites: list[Suite]) -> None:
    """A stamp is earned by a stage that failed nothing and left nothing for the next run."""
    if any(c.state == "failed" or LATE in c.reason for s in suites for c in s.cases):
        return
    rows = [{"name": s.name, "seconds": s.seconds, "since": s.since,
             "cases": [vars(c) for c in s.cases]} for s in suites]
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps(rows), encoding="utf-8")


def late(name: str, what: list[str], done: int) -> Suite:
    """One skipped line for all that was not reached."""
    suite = Suite(name)
    suite.add("not reached", "skipped",
              f"{LATE}: {done} done, {len(what)} not reached: {', '.join(what)}")
    return suite


def steps_to_build(preset: str, targets: list[str]) -> int:
    """What Ninja would do for these targets; configures the folder first."""
    folder = ROOT / "build" / preset if preset != "release" else ROOT / "build"
    command.run(f"plan-{preset}", [str(ROOT / "tools/build"), preset, "build.ninja"])
    if not (folder / "build.ninja").exists():
        return 0  # It can not be configured; building it will say why.
    # Under its own name the plan would be to make the plan again, for a dry run can not find out
    # whether there are new files; a copy has no such rule.
    shutil.copyfile(folder / "build.ninja", folder / "plan.ninja")
    outcome = command.run(f"plan-{preset}", [
        "ninja", "-C", str(folder), "-f", "plan.ninja", "-n", *targets])
    counts = re.findall(r"^\[\d+/(\d+)\]", outcome.log.read_text(errors="replace"), re.M)
    return max((int(count) for count in counts), default=0)


def piece_by_piece(run: Run, stage: str, preset: str, pieces: list[Piece]) -> None:
    """Builds and tests pieces in this order. Under a budget, one that would not be built in time is
    left out, for a later one may be smaller; a failure is never left out."""
    pace, done, not_reached = Pace(), 0, []
    for piece in pieces:
        stamp_name = f"{stage}-{piece.name}"
        if recall(run, stamp_name):
            done += 1
            continue
        first = len(run.report.suites)
        state = built(run, preset, piece, pace)
        if state == "late":
            not_reached.append(piece.name)
        elif state == "built":
            for suite in piece.test():
                run.report.add(suite)
            done += 1
            keep(stamp_of(run, stamp_name), run.report.suites[first:])
    if not_reached:
        run.report.add(late(stage, not_reached, done))


def built(run: Run, preset: str, piece: Piece, pace: Pace) -> str:
    """Builds a piece: "built", "broken" (which stands in the report) or "late"."""
    is_first = pace.steps == 0 and pace.seconds == 0
    if run.budget.left_s() < PIECE_LEAST_S:
        return "late"
    to_do = steps_to_build(preset, piece.targets)
    needs_s = pace.estimate_s(to_do) + PIECE_LEAST_S
    # The first piece is tried whatever the guess says: nothing was measured yet.
    if not is_first and needs_s > run.budget.left_s():
        return "late"
    before = time.monotonic()
    outcome = command.run(f"build-{preset}", [str(ROOT / "tools/build"), preset, *piece.targets],
                          timeout_s=max(run.budget.left_s(), FIRST_PIECE_S if is_first else 0))
    seconds = time.monotonic() - before
    pace.learn(to_do, seconds)
    if outcome.timed_out:
        return "late"
    if outcome.ok:
        print(f"   built {piece.name} ({to_do} steps, {seconds:.0f} s)", flush=True)
        return "built"
    suite = Suite(f"build {preset}")
    suite.add(piece.name, "failed", f"does not build\n{outcome.tail(40)}")
    run.report.add(suite)
    return "broken"
