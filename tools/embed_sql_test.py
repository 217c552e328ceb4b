"""The SQL generator: what it makes of good files and how it refuses bad ones."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import embed_sql  # noqa: E402


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.sql = Path(holder.name)
        (self.sql / "queries").mkdir()
        (self.sql / "migrations").mkdir()

    def query(self, text: str, room: str = "survey") -> embed_sql.Query:
        path = self.sql / "queries" / f"{room}.sql"
        path.write_text(text)
        return embed_sql.parse_queries(path)[0]

    def migration(self, text: str, name: str = "0010_tenant_survey.sql") -> embed_sql.Migration:
        path = self.sql / "migrations" / name
        path.write_text(text)
        return embed_sql.parse_migration(path)

    def refuses(self, text: str, words: str) -> None:
        with self.assertRaisesRegex(embed_sql.SqlError, words):
            self.query(text)


class QueryTest(Folder):
    def test_parameters_are_numbered_for_each_engine(self) -> None:
        query = self.query("-- name: a\nINSERT INTO t (b, c) VALUES ($1, $2); -- $9\n")
        self.assertEqual(query.text["sqlite"], "INSERT INTO t (b, c) VALUES (?1, ?2)")
        self.assertEqual(query.text["postgres"], "INSERT INTO t (b, c) VALUES ($1, $2)")
        self.assertEqual((query.arity, query.writes), (2, True))

    def test_quoted_text_is_left_alone(self) -> None:
        query = self.query("-- name: a\nSELECT b FROM t WHERE c = '$1; -- no' AND d = $1\n")
        self.assertIn("'$1; -- no'", query.text["sqlite"])
        self.assertEqual(query.arity, 1)

    def test_one_block_for_each_engine(self) -> None:
        query = self.query(
            "-- name: a\n-- only: postgres\nSELECT b FROM t WHERE c = $1 FOR UPDATE\n"
            "-- name: a\n-- only: sqlite\nSELECT b FROM t WHERE c = $1\n")
        self.assertIn("FOR UPDATE", query.text["postgres"])
        self.assertNotIn("FOR UPDATE", query.text["sqlite"])
        self.assertFalse(query.writes)

    def test_a_cte_that_writes_is_a_write(self) -> None:
        self.assertTrue(self.query(
            "-- name: a\nWITH gone AS (DELETE FROM t WHERE b = $1 RETURNING c) SELECT c FROM gone"
        ).writes)

    def test_refusals(self) -> None:
        self.refuses("-- name: a\nSELECT $2\n", "without a gap")
        self.refuses("-- name: a\n", "no statement")
        self.refuses("-- name: a\nSELECT 1; SELECT 2\n", "more than one statement")
        self.refuses("-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n", "defined twice")
        self.refuses("-- name: A-b\nSELECT 1\n", "is not a name")
        self.refuses("-- name: a\n-- only: oracle\nSELECT 1\n", "sqlite or postgres")
        self.refuses("SELECT 1\n", "before the first")
        self.refuses("-- name: a\nSELECT CAST($1 AS {nothing})\n", "unknown macro")
        self.refuses("-- name: a\n-- only: sqlite\nSELECT $1\n-- name: a\n-- only: postgres\n"
                     "SELECT 1\n", "must agree")


class MigrationTest(Folder):
    def test_sections_and_macros(self) -> None:
        made = self.migration(
            "CREATE TABLE a (id {bytes});\n{tenant_table a}\n-- only: postgres\nSET x = 1;\n"
            "-- only: sqlite\nSELECT 2;\n-- both\nSELECT 3;\n")
        self.assertEqual(
            made.text["sqlite"], "CREATE TABLE a (id BLOB);\nSELECT 2;\nSELECT 3;")
        self.assertIn("id BYTEA", made.text["postgres"])
        self.assertIn("ALTER TABLE a FORCE ROW LEVEL SECURITY", made.text["postgres"])
        self.assertIn("SET x = 1", made.text["postgres"])
        self.assertFalse(made.system)
        self.assertEqual(len(made.sha256_hex), 64)

    def test_every_byte_counts_for_the_hash(self) -> None:
        one, two = self.migration("SELECT 1;"), self.migration("SELECT 1; ")
        self.assertNotEqual(one.sha256_hex, two.sha256_hex)

    def test_refuses_other_names_and_shared_numbers(self) -> None:
        with self.assertRaisesRegex(embed_sql.SqlError, "name it"):
            self.migration("SELECT 1;", "10_survey.sql")
        (self.sql / "migrations/10_survey.sql").unlink()
        self.migration("SELECT 1;", "0010_tenant_a.sql")
        self.migration("SELECT 1;", "0010_tenant_b.sql")
        with self.assertRaisesRegex(embed_sql.SqlError, "share a number"):
            embed_sql.generate(self.sql)

    def test_ascending_order(self) -> None:
        self.migration("SELECT 2;", "0020_tenant_b.sql")
        self.migration("SELECT 1;", "0010_system_a.sql")
        text = embed_sql.generate(self.sql)["migrations.cpp"]
        self.assertLess(text.index("0010_system_a"), text.index("0020_tenant_b"))


class RepositoryTest(unittest.TestCase):
    def test_the_repository_generates(self) -> None:
        sql = Path(__file__).resolve().parent.parent / "sql"
        self.assertIn("all_queries.hpp", embed_sql.generate(sql))


if __name__ == "__main__":
    unittest.main()
