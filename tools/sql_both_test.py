"""The two-engine check notices what one engine does not know."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sql_both  # noqa: E402


class SqliteTest(unittest.TestCase):
    def refused(self, migration: str, query: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            sql = Path(folder)
            (sql / "queries").mkdir()
            (sql / "migrations").mkdir()
            (sql / "migrations/0001_tenant_a.sql").write_text(migration)
            (sql / "queries/a.sql").write_text(f"-- name: q\n{query}\n")
            return [r.what for r in sql_both.check_sqlite(*sql_both.load(sql))]

    def test_good_statements_pass(self) -> None:
        self.assertEqual(self.refused("CREATE TABLE t (a BIGINT);", "SELECT a FROM t WHERE a = $1"),
                         [])

    def test_unknown_column(self) -> None:
        self.assertEqual(self.refused("CREATE TABLE t (a BIGINT);", "SELECT b FROM t"), ["a.q"])

    def test_migration_that_does_not_apply(self) -> None:
        self.assertEqual(self.refused("CREATE TABLE t (;", "SELECT 1"), ["0001_tenant_a"])


if __name__ == "__main__":
    unittest.main()
