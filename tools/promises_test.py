"""Tests of promises.py: the repository's catalogue is sound, and each kind of mistake is found."""

import contextlib
import copy
import importlib.util
import io
import shutil
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("promises", ROOT / "tools" / "promises.py")
promises = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(promises)


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = promises.main(list(arguments))
    return status, out.getvalue()


class Repository(unittest.TestCase):
    def test_catalogue_is_sound_and_generated_page_is_fresh(self):
        status, output = run("--check")
        self.assertEqual(status, 0, output)

    def test_there_are_211_clauses(self):
        self.assertEqual(len(promises.every_clause()), 211)
        self.assertEqual(set(promises.load(ROOT)["clauses"]), set(promises.every_clause()))

    def test_no_clause_is_both_whole_and_begun(self):
        self.assertFalse(set(promises.WHOLE) & set(promises.BEGUN))
        self.assertFalse(set(promises.WHOLE + promises.BEGUN) - set(promises.every_clause()))

    def test_every_clause_and_every_promise_is_on_the_page(self):
        page = promises.render(promises.load(ROOT))
        for clause in promises.every_clause():
            self.assertIn(f"| {clause} |", page)
        for promise in promises.load(ROOT)["promises"]:
            self.assertIn(promise["sentence"], page)


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.catalogue = copy.deepcopy(promises.load(ROOT))
        self.table = (ROOT / promises.TABLE).read_text(encoding="utf-8")

    def promise(self, **wanted):
        for candidate in self.catalogue["promises"]:
            if all(candidate.get(key) == value for key, value in wanted.items()):
                return candidate
        self.fail(f"no promise with {wanted}")

    def expect(self, text: str):
        found = promises.check(self.catalogue, self.table)
        self.assertTrue(any(text in line for line in found), f"{text!r} not in {found}")

    def test_sound_catalogue_has_none(self):
        self.assertEqual(promises.check(self.catalogue, self.table), [])

    def test_missing_clause(self):
        del self.catalogue["clauses"]["HV-30"]
        self.expect("clause HV-30: missing")

    def test_invented_clause(self):
        self.catalogue["clauses"]["MW-50"] = dict(self.catalogue["clauses"]["MW-49"])
        self.expect("clause MW-50: no such clause")

    def test_line_beyond_the_model_statement(self):
        self.catalogue["clauses"]["MW-49"]["line"] = 40
        self.expect("clause MW-49: line must be 1 to 39")

    def test_line_zero(self):
        self.catalogue["clauses"]["MW-49"]["line"] = 0
        self.expect("clause MW-49: line")

    def test_wrong_seed_and_kind(self):
        self.catalogue["clauses"]["SW-01"] |= {"seed": "MirrorWave", "kind": "MAGIC"}
        self.expect("clause SW-01: seed must be 'Software'")
        self.expect("clause SW-01: kind")

    def test_uncovered_clause(self):
        self.promise(clauses=["HV-30"])["clauses"] = ["HV-31"]
        self.expect("clause HV-30: no promise covers it")

    def test_promise_for_an_unknown_clause(self):
        self.promise(clauses=["HV-30"])["clauses"] = ["HV-30", "HV-99"]
        self.expect("no clause HV-99")

    def test_whole_clause_with_an_unbuilt_promise(self):
        self.promise(clauses=["SW-13"]).update(probe=None, built=False, tests=[])
        self.expect("clause SW-13: every one of its promises needs a probe")

    def test_begun_clause_may_not_be_all_built(self):
        for candidate in list(self.catalogue["promises"]):
            if candidate["clauses"] == ["WI-52"] and candidate["probe"] is None:
                self.catalogue["promises"].remove(candidate)
        self.expect("clause WI-52: some of its promises")

    def test_green_without_standing(self):
        self.promise(clauses=["SW-34"]).update(
            probe="tls.plain_refused", built=True, tests=["tests/x.test.ts"])
        self.expect("clause SW-34: has a probe")

    def test_built_without_probe(self):
        self.promise(clauses=["SW-34"])["built"] = True
        self.expect("built and a probe go together")

    def test_built_without_test(self):
        self.promise(clauses=["SW-13"])["tests"] = []
        self.expect("built, but no test is named")

    def test_misspelt_probe(self):
        self.promise(clauses=["SW-13"])["probe"] = "tls.Closes"
        self.expect("not of the form area.noun_state")

    def test_evidence_without_kind(self):
        del self.promise(evidence_kind="soc3")["evidence_kind"]
        self.expect("evidence_kind belongs to the method EVIDENCE")

    def test_evidence_kind_on_a_live_promise(self):
        self.promise(clauses=["SW-13"])["evidence_kind"] = "soc3"
        self.expect("evidence_kind belongs to the method EVIDENCE")

    def test_evidence_age_on_a_live_promise(self):
        self.promise(clauses=["SW-13"])["evidence_max_days"] = 365
        self.expect("evidence_max_days")

    def test_same_id_twice(self):
        self.catalogue["promises"].append(dict(self.catalogue["promises"][0]))
        self.expect("id used twice")
        self.expect("sentence used twice")

    def test_empty_chapter(self):
        self.catalogue["chapters"].append({"id": "moon", "title": "The moon"})
        self.expect("chapter moon: has no promise")

    def test_unknown_chapter_product_method_and_field(self):
        self.catalogue["promises"][0] |= {
            "chapter": "moon", "products": ["moon"], "method": "HOPE"}
        self.expect("no chapter 'moon'")
        self.expect("products must be some of")
        self.expect("method must be one of")
        self.catalogue["promises"][0]["colour"] = "green"
        self.expect("unknown ['colour']")

    def test_missing_field(self):
        del self.catalogue["promises"][0]["sees_not"]
        self.expect("missing ['sees_not']")

    def test_sentence_that_is_too_long(self):
        self.catalogue["promises"][0]["sentence"] = "A" * 300 + "."
        self.expect("one sentence of at most")

    def test_missing_limit_on_absolute_security(self):
        self.catalogue["limits"].pop(0)
        self.expect("no absolute security")
        self.catalogue["limits"] = []
        self.expect("no absolute security")

    def test_probe_without_row(self):
        self.table = self.table.replace("| `tls.plain_refused` |", "| `tls.plain_dropped` |")
        self.expect("no row for probe tls.plain_refused")
        self.expect("no promise uses probe tls.plain_dropped")

    def test_row_without_sabotage(self):
        lines = self.table.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("| `tls.plain_refused` |"))
        lines[at] = " | ".join(lines[at].split(" | ")[:5]) + " | |"
        self.table = "\n".join(lines)
        self.expect("the row of tls.plain_refused needs 6 filled cells")


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        for path in (promises.CATALOGUE, promises.TABLE):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.root / path)
        for promise in promises.load(self.root)["promises"]:
            if promise["built"]:
                (self.root / promise["room"]).mkdir(parents=True, exist_ok=True)
                for test in promise["tests"]:
                    (self.root / test).parent.mkdir(parents=True, exist_ok=True)
                    (self.root / test).touch()

    def run_here(self, *arguments: str) -> tuple[int, str]:
        return run("--root", str(self.root), *arguments)

    def test_stale_page_fails_the_check_and_is_rewritten_without_it(self):
        self.assertEqual(self.run_here("--check")[0], 1)
        self.assertFalse((self.root / promises.GENERATED).exists())
        self.assertEqual(self.run_here()[0], 0)
        self.assertEqual(self.run_here("--check")[0], 0)
        with (self.root / promises.GENERATED).open("a", encoding="utf-8") as page:
            page.write("An addition by hand.\n")
        status, output = self.run_here("--check")
        self.assertEqual(status, 1)
        self.assertIn("is stale", output)

    def test_absent_rooms_and_tests_are_failures(self):
        self.assertEqual(self.run_here()[0], 0)
        (self.root / "tests/functional/tls.test.ts").unlink()
        shutil.rmtree(self.root / "src/feature/survey")
        for arguments in ((), ("--check",)):
            status, output = self.run_here(*arguments)
            self.assertEqual(status, 1)
            self.assertIn("error: no test file tests/functional/tls.test.ts", output)
            self.assertIn("error: no room src/feature/survey", output)

    def test_unsound_catalogue_leaves_the_page_alone(self):
        path = self.root / promises.CATALOGUE
        text = path.read_text(encoding="utf-8").replace('"MW-49"', '"MW-94"', 1)
        path.write_text(text, encoding="utf-8")
        self.assertEqual(self.run_here()[0], 1)
        self.assertFalse((self.root / promises.GENERATED).exists())


if __name__ == "__main__":
    unittest.main()
