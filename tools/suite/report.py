"""What ran and how it ended; the table and the last line of `./test`."""

import time
from collections import Counter
from dataclasses import dataclass, field

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

    def add(self, name: str, state: str, reason: str = "") -> None:
        assert state in STATES
        self.cases.append(Case(name, state, reason))

    def count(self, state: str) -> int:
        return sum(case.state == state for case in self.cases)


class Report:
    """Collects suites; prints each as it ends, and the table at the end."""

    def __init__(self) -> None:
        self.suites: list[Suite] = []

    def add(self, suite: Suite) -> None:
        if not suite.cases:
            suite.add("(no cases)", "failed", "ran nothing: a suite without a test proves nothing")
        self.suites.append(suite)
        words = [f"{suite.count(s)} {s}" for s in STATES if suite.count(s)]
        print(f"   {suite.name:<28} {', '.join(words)}  ({suite.seconds:.1f} s)", flush=True)
        for case in suite.cases:
            if case.state == "failed":
                print(f"     FAILED {case.name}: {first_lines(case.reason, 12)}", flush=True)

    def count(self, state: str) -> int:
        return sum(suite.count(state) for suite in self.suites)

    def finish(self) -> int:
        """Prints the table; the exit status."""
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
            print(f"{suite.name:<30}{counts[0]:>8}{counts[1]:>8}{counts[2]:>9}"
                  f"{suite.seconds:>9.1f}")
        print()
        print(", ".join(f"{self.count(state)} {state}" for state in STATES), flush=True)
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
