"""The test runner counts what ran, and no more."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

from suite import command, deep, memory, progress, steps, unchanged  # noqa: E402
from suite.report import Report, Suite, read_record  # noqa: E402

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

    def test_what_a_budget_cut_short_counts_as_far_as_it_came(self) -> None:
        words = r"printf '[       OK ] A.B (1 ms)\n[  FAILED  ] A.C (1 ms)\n'; sleep 5"
        entry = {"name": "runner-test", "command": ["/bin/sh", "-c", words], "timeout_s": 9}
        suite = steps.gtest_suite(entry, "", {}, 0.5)
        self.assertEqual([(c.name, c.state) for c in suite.cases], [
            ("A.B", "passed"), ("A.C", "failed"), ("the rest", "skipped")])
        self.assertIn("time budget", suite.cases[2].reason)

    def test_what_is_late_without_a_budget_has_failed(self) -> None:
        entry = {"name": "runner-test", "command": ["/bin/sh", "-c", "sleep 5"], "timeout_s": 0.2}
        self.assertEqual(steps.gtest_suite(entry, "", {}).count("failed"), 1)


class PiecesTest(unittest.TestCase):
    """The order, the budget and the counts, with the build replaced."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        stamps = mock.patch.object(progress, "STAMPS", Path(holder.name))
        stamps.start()
        self.addCleanup(stamps.stop)
        self.report = Report()
        self.work = progress.Run(self.report, {}, progress.Budget(), 4)
        self.work.tree = "tree"
        self.ran: list[str] = []

    def piece(self, name: str, state: str = "passed") -> progress.Piece:
        def test() -> list[Suite]:
            self.ran.append(name)
            suite = Suite(name)
            suite.add("case", state, "because")
            return [suite]

        return progress.Piece(name, [], test)

    def run_all(self, pieces: list[progress.Piece], states: dict[str, str]) -> str:
        with mock.patch.object(progress, "built", lambda _run, _preset, piece, _pace:
                               states.get(piece.name, "built")):
            return quietly(lambda: progress.piece_by_piece(self.work, "s", "p", pieces))

    def test_what_was_not_reached_is_one_line_and_hides_no_failure(self) -> None:
        pieces = [self.piece("a"), self.piece("b"), self.piece("c", "failed"), self.piece("d")]
        self.run_all(pieces, {"b": "late", "d": "late"})
        self.assertEqual(self.ran, ["a", "c"])
        self.assertEqual([self.report.count(s) for s in ("passed", "failed", "skipped")], [1, 1, 1])
        self.assertIn("2 done, 2 not reached: b, d", self.report.suites[-1].cases[0].reason)

    def test_what_passed_is_not_run_again_for_the_same_tree(self) -> None:
        for _ in range(2):
            self.run_all([self.piece("a"), self.piece("b", "failed")], {})
        self.assertEqual(self.ran, ["a", "b", "b"])
        self.assertEqual(self.report.count("passed"), 2)
        self.assertIn("of the passed, 1 not run", self.report.last_line())

    def test_each_turn_begins_elsewhere(self) -> None:
        self.assertEqual(self.work.rotated([0, 1, 2]), [1, 2, 0])
        self.work.turn = None
        self.assertEqual(self.work.rotated([0, 1, 2]), [0, 1, 2])

    def test_a_build_that_would_not_end_in_time_is_not_begun(self) -> None:
        pace = progress.Pace()
        self.assertAlmostEqual(pace.estimate_s(10), 10 * progress.FIRST_GUESS_S)
        pace.learn(1000, 500)
        self.assertLess(pace.estimate_s(100), 60)
        late = {"PROBITY_DEEP_SECONDS": "60"}
        with mock.patch.dict("os.environ", late), \
                mock.patch.object(progress, "steps_to_build", lambda *_: 100):
            self.work.budget = progress.Budget()
            self.assertEqual(progress.built(self.work, "p", self.piece("a"), pace), "late")


class ShareTest(unittest.TestCase):
    def shares(self, share: int, counts: dict[str, int]) -> tuple[list[str], Report]:
        """Runs a share whose stages only add that many passed cases."""
        ran: list[str] = []

        def stage(name: str):  # noqa: ANN202
            def run(work: progress.Run) -> None:
                ran.append(name)
                suite = Suite(name)
                for number in range(counts.get(name, 0)):
                    suite.add(f"{number}", "passed")
                suite.add("not reached", "skipped", "time budget: 0 done")
                work.report.add(suite)

            return run

        report = Report()
        stages = [(name, stage(name)) for name in ("one", "two", "three")]
        with mock.patch.object(deep, "STAGES", stages), \
                mock.patch.object(progress.Run, "tree", "no such tree"):
            quietly(lambda: deep.run(report, {}, share))
        return ran, report

    def test_is_one_stage(self) -> None:
        ran, report = self.shares(4, {"one": 1, "two": 3, "three": 1})
        self.assertEqual((ran, report.count("passed")), (["two"], 3))

    def test_takes_the_next_stage_when_its_own_can_test_nothing_here(self) -> None:
        self.assertEqual(self.shares(1, {"three": 2})[0], ["two", "three"])

    def test_a_stage_whose_programs_are_missing_is_skipped(self) -> None:
        with mock.patch.object(deep, "NEEDS", {"two": ["no-such-program-19"]}):
            ran, report = self.shares(1, {"two": 5, "three": 2})
        self.assertEqual((ran, report.count("passed"), report.count("failed")), (["three"], 2, 0))
        self.assertIn("not installed: no-such-program-19",
                      [case.reason for suite in report.suites for case in suite.cases])

    def test_without_a_test_has_failed(self) -> None:
        ran, report = self.shares(0, {})
        self.assertEqual((ran, report.count("failed")), (["one", "two", "three"], 1))


class TogetherTest(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        logs = mock.patch.object(steps, "LOGS", Path(holder.name))
        logs.start()
        self.addCleanup(logs.stop)

    def run_named(self, names: list[str]) -> tuple[list[str], list[str]]:
        """Names in the order they were begun, one at a time, and in the order they came back."""
        begun: list[str] = []

        def one(name: str) -> Suite:
            begun.append(name)
            return Suite(name, [], {"slow": 9.0, "quick": 1.0}.get(name, 0.0))

        with ThreadPoolExecutor(max_workers=1) as pool:
            suites = steps.together(pool, [(name, partial(one, name)) for name in names])
            return begun, [suite.name for suite in suites]

    def test_the_slowest_of_last_time_begins(self) -> None:
        names = ["quick", "new", "slow"]
        self.assertEqual(self.run_named(names), (names, names))
        first = ["slow", "quick", "new"]
        self.assertEqual(self.run_named(names), (first, first))

    def test_what_fails_ends_what_waits(self) -> None:
        def fails() -> Suite:
            raise SystemExit(3)

        late = []
        slow = partial(command.run, "runner-test", ["sleep", "0.2"])
        named = [("first", fails), ("second", slow), ("third", lambda: late.append(1))]
        with self.assertRaises(SystemExit), ThreadPoolExecutor(max_workers=1) as pool:
            list(steps.together(pool, named))
        self.assertEqual(late, [])


class StampTest(unittest.TestCase):
    def test_only_a_finished_stage_earns_a_stamp(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for state, reason, earned in (("passed", "", True), ("failed", "broken", False),
                                          ("skipped", "time budget; later", False),
                                          ("skipped", "not root", True)):
                stamp = Path(folder) / f"{state}-{len(reason)}"
                suite = Suite("stage")
                suite.add("x", state, reason)
                progress.keep(stamp, [suite])
                self.assertEqual(stamp.exists(), earned, (state, reason))


class MemoryTest(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        for name, value in (("PLACE", Path(holder.name)), ("NEEDED_BYTES", 1)):
            patch = mock.patch.object(memory, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        patch = mock.patch.dict(os.environ)
        patch.start()
        self.addCleanup(patch.stop)
        os.environ.pop("TMPDIR", None)

    def test_a_folder_is_made_and_goes_with_what_is_in_it(self) -> None:
        with memory.folder() as made:
            (made / "left").write_text("x")
        self.assertFalse(made.exists())

    def test_there_is_none_where_somebody_chose_another(self) -> None:
        os.environ["TMPDIR"] = str(memory.PLACE)
        with memory.folder() as made:
            self.assertIsNone(made)

    def test_there_is_none_where_memory_is_short(self) -> None:
        left = memory.memory_left()
        self.assertGreater(left, 0)
        with mock.patch.object(memory, "memory_left", lambda: 0), memory.folder() as made:
            self.assertIsNone(made)
        with mock.patch.object(memory, "PLACE", memory.PLACE / "no"), memory.folder() as made:
            self.assertIsNone(made)


class UnchangedTest(unittest.TestCase):
    """What is run again, with a program of one line in the place of a test program."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.program = self.folder / "program"
        self.program.write_text("one")
        for name, value in (("PASSED", self.folder / "passed"), ("ROOT", self.folder / "checkout"),
                            ("tree_hash", lambda: self.tree)):
            patch = mock.patch.object(unchanged, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.listing = {"tree": ["blob 1\tREADME.md", "tree 2\tsrc"]}
        self.tree = "tree"
        self.runs = 0

    def ask(self, state: str = "passed", env: dict[str, str] | None = None,
            **how: bool) -> Suite:
        """One run of ./test as far as this suite goes."""
        reads_sources = how.pop("reads_sources", False)
        decides = unchanged.Unchanged(env or {}, **how)
        listed = mock.Mock(stdout="\n".join(self.listing[self.tree]))
        with mock.patch.object(unchanged.subprocess, "run", lambda *_, **__: listed), \
                mock.patch.object(unchanged, "libraries", lambda _: "static"):
            key = decides.key([self.program], reads_sources=reads_sources)
        self.assertIsNotNone(key)

        def run() -> Suite:
            self.runs += 1
            suite = Suite("unit/store")
            suite.add("Tx.Commits", "passed")
            suite.add("Tx.Last", state, "because")
            return suite

        return decides.guard("unit/store", key, run)

    def test_what_is_unchanged_is_told_and_counted_apart(self) -> None:
        self.assertEqual(self.ask().since, "")
        told = self.ask()
        self.assertEqual((self.runs, told.count("passed")), (1, 2))
        self.assertRegex(told.since, r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
        report = Report(self.folder / "record.json")
        fresh = Suite("unit/form")
        fresh.add("x", "passed")
        said = quietly(lambda: (report.add(told), report.add(fresh), report.finish()))
        self.assertIn(f"2 passed  (unchanged since {told.since})", said)
        self.assertEqual(said.splitlines()[-1], "3 passed, 0 failed, 0 skipped; "
                         "of the passed, 2 not run: unchanged since they passed")
        self.assertEqual(read_record(self.folder / "record.json", "")[0].since, told.since)

    def test_a_changed_program_runs(self) -> None:
        self.ask()
        self.program.write_text("two")
        self.assertEqual((self.ask().since, self.runs), ("", 2))

    def test_a_changed_environment_runs(self) -> None:
        self.ask()
        self.ask(env={"PROBITY_TEST_POSTGRES": "postgresql:///a"})
        self.assertEqual(self.runs, 2)
        self.ask(env={"PROBITY_TEST_POSTGRES": "postgresql:///another private cluster"})
        self.assertEqual(self.runs, 2)
        with mock.patch.dict("os.environ", {"PROBITY_SUITES": "/elsewhere"}):
            self.ask(env={"PROBITY_TEST_POSTGRES": "postgresql:///a"})
        self.assertEqual(self.runs, 3)

    def test_changed_data_beside_the_checkout_runs(self) -> None:
        # Without any nothing is listed: not the folder the run happens to be in.
        with mock.patch.dict("os.environ"):
            os.environ.pop("PROBITY_SHARED", None)
            self.assertTrue(unchanged.Unchanged({}).surroundings.endswith(", []]"))
        self.ask()
        (self.folder / "shared").mkdir()
        self.ask()
        (self.folder / "shared/vectors").write_text("1")
        self.ask()
        self.assertEqual(self.runs, 3)

    def test_a_changed_file_runs_and_a_source_only_where_it_is_read(self) -> None:
        self.listing["data"] = ["blob 9\tREADME.md", "tree 2\tsrc"]
        self.listing["source"] = ["blob 1\tREADME.md", "tree 9\tsrc"]
        for reads_sources, trees in ((False, ["data", "tree"]), (True, ["source", "tree"])):
            for tree in trees:
                self.tree = tree
                runs = self.runs
                self.ask(reads_sources=reads_sources)
                self.assertEqual(self.runs, runs + 1, (tree, reads_sources))
        self.ask(reads_sources=False)
        self.tree = "source"
        runs = self.runs
        self.ask(reads_sources=False)
        self.assertEqual(self.runs, runs)

    def test_typescript_that_opens_sources_is_told(self) -> None:
        file = self.folder / "a.test.ts"
        for text, reads in (("join(root, 'src/form/assets')", True), ("join(root, 'src')", True),
                            ("'../../src/a.ts'", True), ("'web/src'", False),
                            ("'../../web/src/a.ts'", False), ("'docs/asvs.csv'", False)):
            file.write_text(text)
            self.assertEqual(unchanged.reads_sources([file]), reads, text)

    def test_what_failed_or_was_cut_short_leaves_no_stamp(self) -> None:
        self.ask()
        self.ask("failed", run_all=True)
        self.ask("passed")
        self.assertEqual(self.runs, 3)
        suite = Suite("unit/store")
        suite.add("x", "passed")
        suite.add("the rest", "skipped", "time budget; 1 case had ended")
        unchanged.keep(self.folder / "cut", "key", suite)
        self.assertFalse((self.folder / "cut").exists())

    def test_a_run_that_is_ended_leaves_no_stamp(self) -> None:
        self.ask()

        def ended() -> Suite:
            raise SystemExit(1)

        with self.assertRaises(SystemExit):
            unchanged.Unchanged({}).guard("unit/store", "another", ended)
        self.ask()
        self.assertEqual(self.runs, 2)

    def test_all_runs_all(self) -> None:
        self.ask()
        self.assertEqual((self.ask(run_all=True).since, self.runs), ("", 2))

    def test_what_has_another_name_each_time_is_no_change(self) -> None:
        for number in "12":
            self.ask(env={"PROBITY_TEST_POSTGRES": number, "TMPDIR": number,
                          "PROBITY_SCREENS": number})
        self.assertEqual(self.runs, 1)
        self.ask(env={"PROBITY_TEST_POSTGRES": "1"})
        self.assertEqual(self.runs, 2)

    def test_a_check_of_some_folders_heeds_no_others(self) -> None:
        def key() -> str | None:
            listed = mock.Mock(stdout="\n".join(self.listing[self.tree]))
            with mock.patch.object(unchanged.subprocess, "run", lambda *_, **__: listed):
                return unchanged.Unchanged({}).key_of("web")

        self.listing["tree"] = ["tree 1\tsrc", "tree 2\tweb", "tree 3\ttools"]
        before = key()
        self.assertIsNotNone(before)
        self.listing["tree"][0] = "tree 4\tsrc"
        self.assertEqual(key(), before)
        for line in ("tree 5\tweb", "tree 5\ttools"):
            self.listing["tree"] = [line, *self.listing["tree"]]
            self.assertNotEqual(key(), before)

    def test_a_test_of_the_program_heeds_no_rooms_it_is_apart_from(self) -> None:
        def key() -> str | None:
            def listed(words: list[str], **_: object) -> mock.Mock:
                lines = [line for line in self.listing[self.tree]
                         if ("/" in line) == ("src/" in words)]
                return mock.Mock(stdout="\n".join(lines))

            with mock.patch.object(unchanged.subprocess, "run", listed):
                return unchanged.Unchanged({}).key_apart_from(["form", "feature/survey"], [])

        lines = ["tree 1\tsrc/form", "tree 2\tsrc/store", "tree 3\tsrc/feature",
                 "tree 4\tsrc/feature/survey", "tree 5\tweb"]
        self.listing["tree"] = lines
        before = key()
        self.assertIsNotNone(before)
        for place, heeded in enumerate((False, True, False, False, True)):
            self.listing["tree"] = [*lines]
            self.listing["tree"][place] = lines[place].replace("tree ", "tree 9")
            self.assertEqual(key() != before, heeded, lines[place])
        test = self.folder / "x.test.ts"
        test.write_text("// Kills.\n// Apart from: form, picture.\n")
        self.assertEqual(unchanged.rooms_apart(test), ["form", "picture"])
        test.write_text("// Kills, apart from: form.\n")
        self.assertEqual(unchanged.rooms_apart(test), [])

    def test_the_rooms_tests_are_apart_from_exist(self) -> None:
        root = Path(__file__).resolve().parents[1]
        named = {room for file in (root / "tests").glob("*/*.test.ts")
                 for room in unchanged.rooms_apart(file)}
        self.assertTrue(named)
        for room in named:
            self.assertTrue((root / "src" / room).is_dir(), room)

    def test_a_stamp_counts_for_a_day(self) -> None:
        self.ask()
        later = unchanged.time.time() + unchanged.COUNTS_FOR_S + 1
        with mock.patch.object(unchanged.time, "time", lambda: later):
            self.ask()
        self.assertEqual(self.runs, 2)

    def test_what_can_not_be_known_runs(self) -> None:
        self.assertIsNone(unchanged.Unchanged({}).key([self.folder / "missing"]))
        for _ in range(2):
            unchanged.Unchanged({}).guard("unit/store", None, lambda: self.ran())
        self.assertEqual(self.runs, 2)

    def ran(self) -> Suite:
        self.runs += 1
        return Suite("unit/store")

    def test_knows_tests_that_read_sources(self) -> None:
        for words, reads in (('f(PROBITY_SOURCE_DIR) / "src";', True),
                             ("f(PROBITY_SOURCE_DIR);", True),
                             ('f(PROBITY_SOURCE_DIR "/docs/a.md");', False),
                             ('f(PROBITY_SOURCE_DIR) /\n    "../shared/a";', False),
                             ("nothing", False)):
            (self.folder / "x_test.cpp").write_text(words)
            self.assertEqual(unchanged.reads_sources([self.folder / "x_test.cpp"]), reads, words)


if __name__ == "__main__":
    unittest.main()
