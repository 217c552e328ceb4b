"""Tests of asvs.py: the repository's table is sound, and each kind of mistake is found."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import asvs  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


def row(**changes: str) -> dict[str, str]:
    whole = {"id": "V11.3.3", "level": "2", "applies": "yes", "status": "unmet", "test": "",
             "remark": ""}
    return whole | changes


def problems(**changes: str) -> list[str]:
    return asvs.check_row(ROOT, row(**changes))


class Repository(unittest.TestCase):
    def test_the_table_is_sound(self) -> None:
        rows = asvs.read(ROOT / "docs" / "asvs.csv")
        self.assertEqual(asvs.check(ROOT, rows), [])

    def test_levels_are_those_of_the_standard(self) -> None:
        rows = asvs.read(ROOT / "docs" / "asvs.csv")
        count = [sum(row["level"] == level for row in rows) for level in "123"]
        self.assertEqual(count, [70, 183, 92])

    def test_305_requirements_apply(self) -> None:
        rows = asvs.read(ROOT / "docs" / "asvs.csv")
        applying = [row for row in rows if row["applies"] == "yes"]
        self.assertEqual([sum(row["level"] == level for row in applying) for level in "123"],
                         [65, 159, 81])

    def test_ids_are_those_of_the_standard(self) -> None:
        suites = Path(os.environ.get("PROBITY_SUITES", ROOT.parent / "shared" / "suites"))
        suite = suites / "asvs-5.0.0" / "asvs_5.0.0_en.csv"
        if not suite.is_file():
            self.skipTest("the standard's own file is not there; set PROBITY_SUITES")
        self.assertEqual(asvs.check_suite(asvs.read(ROOT / "docs" / "asvs.csv"), suite), [])

    def test_it_prints_a_score(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(asvs.main(["--chapters"]), 0)
        self.assertIn("proved", out.getvalue())
        self.assertIn("V11", out.getvalue())


class Finding(unittest.TestCase):
    def test_a_sound_row_has_no_problem(self) -> None:
        self.assertEqual(problems(), [])
        self.assertEqual(problems(status="proved", test="crypto:Cipher.RefusesAFlippedBit"), [])
        self.assertEqual(problems(status="claimed", remark="so it is"), [])
        self.assertEqual(problems(status="n/a", applies="no", remark="no GraphQL"), [])

    def test_a_test_that_is_gone(self) -> None:
        for test in ("crypto:Cipher.NoSuchTest", "nowhere:Cipher.RefusesAFlippedBit",
                     "py:asvs_test.Repository.test_none", "py:none.A.test_b", "RefusesAFlippedBit",
                     "ts:tests/functional/none.test.ts#x", "ts:../x#y"):
            self.assertEqual(len(problems(status="proved", test=test)), 1, test)

    def test_one_gone_among_others(self) -> None:
        found = problems(status="proved",
                         test="crypto:Cipher.RefusesAFlippedBit crypto:Cipher.Gone")
        self.assertEqual(len(found), 1)
        self.assertIn("Cipher.Gone", found[0])

    def test_status_without_what_it_needs(self) -> None:
        self.assertTrue(problems(status="proved"))
        self.assertTrue(problems(status="claimed"))
        self.assertTrue(problems(status="n/a", applies="no"))
        self.assertTrue(problems(status="n/a", remark="x"))
        self.assertTrue(problems(applies="no", remark="x"))
        self.assertTrue(problems(status="green"))
        self.assertTrue(problems(applies="maybe"))
        self.assertTrue(problems(level="4"))
        self.assertTrue(problems(id="11.3.3"))

    def test_rows_missing_doubled_or_out_of_order(self) -> None:
        rows = asvs.read(ROOT / "docs" / "asvs.csv")
        self.assertTrue(asvs.check(ROOT, rows[:-1]))
        self.assertTrue(asvs.check(ROOT, [*rows[:-1], rows[0]]))
        self.assertTrue(asvs.check(ROOT, [rows[1], rows[0], *rows[2:]]))

    def test_other_columns(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.csv"
            path.write_text("id,level\nV1.1.1,1\n")
            with self.assertRaises(SystemExit):
                asvs.read(path)


class Naming(unittest.TestCase):
    def test_tests_of_every_kind_are_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {
                "src/a/x_test.cpp": "TEST(Thing, Holds) {}\nTEST_F( Other , Works ) {}",
                "src/feature/b/y_test.cpp": "TEST(Far,\n     Away) {}",
                "tools/z_test.py": "class A(X):\n    def test_it(self):\n",
                "tests/f.test.ts": "test('a route refuses', async () => {})\nit(\"works\", x)",
            }.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            for name in ("a:Thing.Holds", "a:Other.Works", "b:Far.Away", "py:z_test.A.test_it",
                         "ts:tests/f.test.ts#a_route_refuses", "ts:tests/f.test.ts#works"):
                self.assertTrue(asvs.exists(root, name), name)
            self.assertFalse(asvs.exists(root, "b:Thing.Holds"))


if __name__ == "__main__":
    unittest.main()
