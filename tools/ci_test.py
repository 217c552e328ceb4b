""".ci/run with ./test replaced: what it counts, how long the long stage may run, how it ends."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Records what the run is told to, notes its words and its budget, ends as told.
PROGRAM = """#!/bin/bash
echo "$* budget=${PROBITY_DEEP_SECONDS:-none}" >>calls
case $1 in --deep-only) name=deep; record=$5 ;; *) name=test; record=$3 ;; esac
if [ -e "$name.json" ]; then mkdir -p "${record%/*}"; cp "$name.json" "$record"; fi
echo "0 passed, 0 failed, 1 skipped"
exit "$(cat "$name.status" 2>/dev/null || echo 0)"
"""


def suites(*states: str) -> str:
    cases = [{"name": f"case {i}", "state": state, "reason": ""} for i, state in enumerate(states)]
    return json.dumps([{"name": "unit/store", "seconds": 1.5, "cases": cases}])


class CiTest(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)
        for name in (".ci/run", "tools/suite/report.py", "tools/suite/__init__.py"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        self.write("test", PROGRAM)
        (self.root / "test").chmod(0o755)
        self.write("test.json", suites("passed", "passed", "skipped"))
        self.write("deep.json", suites("skipped"))

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def run_it(self, **variables: str) -> tuple[int, list[str]]:
        env = {k: v for k, v in os.environ.items() if not k.startswith("PROBITY_")} | variables
        ran = subprocess.run([self.root / ".ci/run"], cwd="/", env=env, text=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return ran.returncode, ran.stdout.splitlines()

    def calls(self) -> list[str]:
        return (self.root / "calls").read_text(encoding="utf-8").splitlines()

    def test_the_end_adds_both_runs(self) -> None:
        status, lines = self.run_it()
        self.assertEqual(status, 0)
        self.assertEqual(lines[-1], "2 passed, 0 failed, 2 skipped")
        self.assertIn("== all runs together: 2 suites", lines)
        table = [line.split() for line in lines]
        self.assertIn(["unit/store", "2", "0", "1", "1.5"], table)
        self.assertIn(["deep", "unit/store", "0", "0", "1", "1.5"], table)

    def test_the_stage_has_fifteen_minutes(self) -> None:
        self.run_it()
        self.assertTrue(self.calls()[1].endswith("budget=900"), self.calls())

    def test_a_slow_run_shortens_the_stage(self) -> None:
        self.run_it(PROBITY_CI_SECONDS="700")
        budget = int(self.calls()[1].rpartition("=")[2])
        self.assertIn(budget, range(390, 401))

    def test_without_time_the_stage_is_left_out(self) -> None:
        status, lines = self.run_it(PROBITY_CI_SECONDS="340")
        self.assertEqual((status, len(self.calls())), (0, 1))
        self.assertEqual(lines[-1], "2 passed, 0 failed, 1 skipped")

    def test_a_failure_of_either_run_is_one_of_the_whole(self) -> None:
        for failing in ("test", "deep"):
            self.write(f"{failing}.status", "1")
            self.assertEqual(self.run_it()[0], 1, failing)
            self.write(f"{failing}.status", "0")
        self.write("deep.json", suites("failed", "passed"))
        status, lines = self.run_it()
        self.assertEqual((status, lines[-1]), (1, "3 passed, 1 failed, 1 skipped"))

    def test_a_run_that_recorded_nothing_has_failed(self) -> None:
        for name in ("test.json", "deep.json"):
            kept = (self.root / name).read_text(encoding="utf-8")
            (self.root / name).unlink()
            status, lines = self.run_it()
            self.assertEqual(status, 1, name)
            self.assertIn(" 1 failed, ", lines[-1])
            self.write(name, kept)


if __name__ == "__main__":
    unittest.main()
