"""The test runner counts what ran, and no more."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from suite import command, deep, steps  # noqa: E402
from suite.report import Report, Suite  # noqa: E402

GTEST = """<?xml version="1.0"?><testsuites><testsuite name="Tx">
<testcase name="Commits" status="run" result="completed" classname="Tx" />
<testcase name="Postgres" status="run" result="skipped" classname="Tx">
<skipped message="x_test.cpp:12&#x0A;no PostgreSQL"/></testcase>
<testcase name="Off" status="notrun" result="suppressed" classname="Tx" />
<testcase name="Breaks" status="run" result="completed" classname="Tx">
<failure message="x_test.cpp:30&#x0A;Expected 1" type=""/></testcase>
</testsuite></testsuites>"""


def quietly(action) -> str:  # noqa: ANN001
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        action()
    return told.getvalue()


class ReportTest(unittest.TestCase):
    def test_last_line_counts(self) -> None:
        report = Report()
        suite = Suite("a")
        for state in ("passed", "passed", "failed", "skipped"):
            suite.add("x", state, "because")
        quietly(lambda: report.add(suite))
        text = quietly(lambda: self.assertEqual(report.finish(), 1))
        self.assertEqual(text.splitlines()[-1], "2 passed, 1 failed, 1 skipped")
        self.assertIn("a: 1 x because", text)

    def test_a_suite_that_ran_nothing_has_failed(self) -> None:
        report = Report()
        quietly(lambda: report.add(Suite("empty")))
        self.assertEqual(report.count("failed"), 1)


class GtestTest(unittest.TestCase):
    def test_states_and_reasons(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "r.xml"
            file.write_text(GTEST)
            suite = Suite("store")
            steps.read_gtest(suite, file)
        self.assertEqual([(c.name, c.state) for c in suite.cases], [
            ("Tx.Commits", "passed"), ("Tx.Postgres", "skipped"), ("Tx.Off", "skipped"),
            ("Tx.Breaks", "failed")])
        self.assertEqual(suite.cases[1].reason, "no PostgreSQL")

    def test_a_program_that_dies_has_failed(self) -> None:
        entry = {"name": "runner-test", "command": ["/bin/sh", "-c", "kill -9 $$"], "timeout_s": 9}
        self.assertEqual(steps.gtest_suite(entry, "", {}).count("failed"), 1)


class CommandTest(unittest.TestCase):
    def test_time_limit_ends_the_whole_group(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder) / "mark"
            words = ["/bin/sh", "-c", f"(sleep 0.6; touch {mark}) & wait"]
            outcome = command.run("runner-test", words, timeout_s=0.2)
            self.assertTrue(outcome.timed_out)
            self.assertFalse(outcome.ok)
            command.run("runner-test", ["sleep", "1"])
            self.assertFalse(mark.exists())


class StampTest(unittest.TestCase):
    def test_only_a_finished_stage_earns_a_stamp(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for state, reason, earned in (("passed", "", True), ("failed", "broken", False),
                                          ("skipped", "time budget; later", False),
                                          ("skipped", "not root", True)):
                stamp = Path(folder) / f"{state}-{len(reason)}"
                suite = Suite("stage")
                suite.add("x", state, reason)
                deep.keep(stamp, [suite])
                self.assertEqual(stamp.exists(), earned, (state, reason))


if __name__ == "__main__":
    unittest.main()
