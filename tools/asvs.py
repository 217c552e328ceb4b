#!/usr/bin/env python3
"""The score against OWASP ASVS 5.0.0: tools/asvs.py [--suite CSV] [--chapters]

docs/asvs.csv has one row a requirement: id, level, applies (yes, no), status, test, remark.

  proved    every test named exists in the sources
  claimed   a remark (or tests) says what is there, but no test of ours shows the whole of it
  unmet     not there, or not looked at yet
  n/a       does not concern this program; the remark says why

Tests, separated by blanks: room:Suite.Name (GoogleTest under src/), py:file.Class.test_name (under
tools/), or ts:path/of/file.test.ts#name with _ for blanks (node:test under tests/). A row whose
test is gone fails: a promise must not outlive what shows it. `--suite` also holds ids and levels
against OWASP's own file. Exit status 1 when something is wrong.
"""

import argparse
import csv
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ["id", "level", "applies", "status", "test", "remark"]
STATUSES = ("proved", "claimed", "unmet", "n/a")
REQUIREMENTS = 345
ID = re.compile(r"^V(\d+)\.(\d+)\.(\d+)$")
CPP = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
SCRIPT = re.compile(r"""\b(?:test|it)\(\s*(['"`])(.+?)\1""")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if reader.fieldnames != COLUMNS:
        raise SystemExit(f"{path}: the columns are {reader.fieldnames}, not {COLUMNS}")
    return rows


@cache
def cpp_tests(root: Path, room: str) -> frozenset[str]:
    found: set[str] = set()
    for folder in (root / "src" / room, root / "src" / "feature" / room):
        for path in folder.glob("*_test.cpp"):
            text = path.read_text(encoding="utf-8")
            found |= {f"{m.group(1)}.{m.group(2)}" for m in CPP.finditer(text)}
    return frozenset(found)


@cache
def python_tests(root: Path, module: str) -> frozenset[str]:
    path = root / "tools" / f"{module}.py"
    if not path.is_file():
        return frozenset()
    found, current = set(), ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if named := re.match(r"class (\w+)", line):
            current = named.group(1)
        elif named := re.match(r"    def (test\w*)\(", line):
            found.add(f"{current}.{named.group(1)}")
    return frozenset(found)


@cache
def script_tests(root: Path, file: str) -> frozenset[str]:
    path = root / file
    if not path.is_file() or not file.startswith("tests/"):
        return frozenset()
    text = path.read_text(encoding="utf-8")
    return frozenset(m.group(2).replace(" ", "_") for m in SCRIPT.finditer(text))


def exists(root: Path, test: str) -> bool:
    """Whether a named test is in the sources."""
    kind, _, name = test.partition(":")
    if kind == "py":
        module, _, rest = name.partition(".")
        return rest in python_tests(root, module)
    if kind == "ts":
        file, _, title = name.partition("#")
        return title in script_tests(root, file)
    return name in cpp_tests(root, kind)


def check_row(root: Path, row: dict[str, str]) -> list[str]:
    where, tests = row["id"], row["test"].split()
    problems = [f"{where}: no test {test} in the sources" for test in tests
                if not exists(root, test)]
    if not ID.match(where):
        problems.append(f"{where!r} is no id of a requirement")
    if row["level"] not in ("1", "2", "3"):
        problems.append(f"{where}: level {row['level']!r}")
    if row["applies"] not in ("yes", "no"):
        problems.append(f"{where}: applies is yes or no")
    if row["status"] not in STATUSES:
        problems.append(f"{where}: status {row['status']!r}; one of {', '.join(STATUSES)}")
    if row["status"] == "proved" and not tests:
        problems.append(f"{where}: proved names its tests")
    if row["status"] == "claimed" and not (tests or row["remark"]):
        problems.append(f"{where}: claimed says what is there")
    if (row["status"] == "n/a") != (row["applies"] == "no"):
        problems.append(f"{where}: n/a goes with applies=no, and only with it")
    if row["status"] == "n/a" and not row["remark"]:
        problems.append(f"{where}: n/a says why")
    return problems


def order(row: dict[str, str]) -> tuple[int, ...]:
    named = ID.match(row["id"])
    return tuple(int(part) for part in named.groups()) if named else (0, 0, 0)


def check(root: Path, rows: list[dict[str, str]]) -> list[str]:
    problems = [problem for row in rows for problem in check_row(root, row)]
    twice = [name for name, count in Counter(row["id"] for row in rows).items() if count > 1]
    problems += [f"{name} stands there twice" for name in twice]
    if len(rows) != REQUIREMENTS:
        problems.append(f"{len(rows)} rows; ASVS 5.0.0 has {REQUIREMENTS} requirements")
    if rows != sorted(rows, key=order):
        problems.append("the rows are not in the order of their ids")
    return problems


def check_suite(rows: list[dict[str, str]], suite: Path) -> list[str]:
    with suite.open(encoding="utf-8-sig", newline="") as file:
        theirs = {row["req_id"]: row["L"] for row in csv.DictReader(file)}
    ours = {row["id"]: row["level"] for row in rows}
    return [f"{name}: {ours.get(name)} here, {theirs.get(name)} at OWASP"
            for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name)]


def score(rows: list[dict[str, str]], by: str) -> list[str]:
    def group(row: dict[str, str]) -> str:
        return f"L{row['level']}" if by == "level" else row["id"].partition(".")[0]

    names = sorted({group(row) for row in rows}, key=lambda name: int(name[1:]))
    lines = [f"{'':6}{'proved':>8}{'claimed':>9}{'unmet':>7}{'applies':>9}{'n/a':>6}"]
    for name in [*names, "all"]:
        part = [row for row in rows if name in ("all", group(row))]
        count = Counter(row["status"] for row in part)
        applies = len(part) - count["n/a"]
        lines.append(f"{name:6}{count['proved']:8}{count['claimed']:9}{count['unmet']:7}"
                     f"{applies:9}{count['n/a']:6}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The score against OWASP ASVS 5.0.0.")
    parser.add_argument("--suite", type=Path, help="OWASP's CSV, to compare ids and levels")
    parser.add_argument("--chapters", action="store_true", help="by chapter as well as by level")
    options = parser.parse_args(arguments)
    rows = read(ROOT / "docs" / "asvs.csv")
    problems = check(ROOT, rows)
    if options.suite:
        problems += check_suite(rows, options.suite)
    for problem in problems:
        print(problem)
    print("\n".join(score(rows, "level")))
    if options.chapters:
        print("\n".join(score(rows, "chapter")))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
