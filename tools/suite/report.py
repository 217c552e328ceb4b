"""What ran and how it ended; the table and the last line of `./test`.

`python3 -m suite.report RECORD [NAME=RECORD...]` adds recorded runs up: one table, one last line.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

STATES = ("passed", "failed", "skipped")


@dataclass
class Case:
    name: str
    state: str
    reason: str = ""


@dataclass
class Suite:
    name: str
    cases: list[Case] = field(default_factory=list)
    seconds: float = 0.0
    # When it passed, for a suite that was not run because nothing it depends on changed since.
    since: str = ""

    def add(self, name: str, state: str, reason: str = "") -> None:
        assert state in STATES
        self.cases.append(Case(name, state, reason))

    def count(self, state: str) -> int:
        return sum(case.state == state for case in self.cases)


class Report:
    """Collects suites; prints each as it ends, and the table at the end.

    With `record` everything collected lies in that file too, after every suite: what a run that
    is ended from outside had done still counts."""

    def __init__(self, record: Path | None = None) -> None:
        self.suites: list[Suite] = []
        self.record = record
        self.write_record()

    def write_record(self) -> None:
        if self.record is None:
            return
        self.record.parent.mkdir(parents=True, exist_ok=True)
        rows = [{"name": s.name, "seconds": s.seconds, "since": s.since,
                 "cases": [vars(c) for c in s.cases]} for s in self.suites]
        fresh = self.record.with_name(self.record.name + ".new")
        fresh.write_text(json.dumps(rows), encoding="utf-8")
        fresh.replace(self.record)

    def add(self, suite: Suite) -> None:
        if not suite.cases:
            suite.add("(no cases)", "failed", "ran nothing: a suite without a test proves nothing")
        self.suites.append(suite)
        self.write_record()
        words = [f"{suite.count(s)} {s}" for s in STATES if suite.count(s)]
        how = f"unchanged since {suite.since}" if suite.since else f"{suite.seconds:.1f} s"
        print(f"   {suite.name:<28} {', '.join(words)}  ({how})", flush=True)
        for case in suite.cases:
            if case.state == "failed":
                print(f"     FAILED {case.name}: {first_lines(case.reason, 12)}", flush=True)

    def count(self, state: str) -> int:
        return sum(suite.count(state) for suite in self.suites)

    def last_line(self) -> str:
        counted = ", ".join(f"{self.count(state)} {state}" for state in STATES)
        old = sum(suite.count("passed") for suite in self.suites if suite.since)
        if not old:
            return counted
        return f"{counted}; of the passed, {old} not run: unchanged since they passed"

    def finish(self) -> int:
        """Prints the table; the exit status."""
        self.write_record()
        failed = [(s.name, c) for s in self.suites for c in s.cases if c.state == "failed"]
        if failed:
            print("\nFailed:")
            for suite, case in failed:
                print(f"  {suite}: {case.name}: {first_lines(case.reason, 1)}")
        reasons = Counter(
            (s.name, first_lines(c.reason, 1)) for s in self.suites for c in s.cases
            if c.state == "skipped"
        )
        if reasons:
            print("\nSkipped:")
            for (suite, reason), number in reasons.items():
                print(f"  {suite}: {number} x {reason or 'no reason given'}")
        print(f"\n{'suite':<30}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
        for suite in self.suites:
            counts = [suite.count(state) for state in STATES]
            took = f"  unchanged since {suite.since}" if suite.since else f"{suite.seconds:>9.1f}"
            print(f"{suite.name:<30}{counts[0]:>8}{counts[1]:>8}{counts[2]:>9}{took}")
        print()
        print(self.last_line(), flush=True)
        return 1 if failed else 0


class Timer:
    """`with Timer() as t:` then t.seconds."""

    def __enter__(self) -> "Timer":
        self.began = time.monotonic()
        self.seconds = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self.began


def first_lines(text: str, number: int) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    more = [] if len(lines) <= number or number == 1 else ["..."]
    return ("\n" + " " * 12).join(lines[:number] + more) if lines else ""


def read_record(path: Path, prefix: str) -> list[Suite]:
    """The suites of a recorded run, or one that failed when it left no record or an empty one."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        rows = []
    suites = [Suite(prefix + row["name"], [Case(**case) for case in row["cases"]], row["seconds"],
                    row.get("since", "")) for row in rows]
    if not suites:
        lost = Suite(prefix + path.stem)
        lost.add("record", "failed", "the run ended before it recorded a suite")
        suites.append(lost)
    return suites


def add_up(words: list[str]) -> int:
    """Prints the runs of `[NAME=]RECORD` as one; suites of a named run carry its name."""
    report = Report()
    for word in words:
        name, _, path = word.rpartition("=")
        report.suites += read_record(Path(path), f"{name} " if name else "")
    print(f"\n== all runs together: {len(report.suites)} suites")
    return report.finish()


if __name__ == "__main__":
    sys.exit(add_up(sys.argv[1:]))
