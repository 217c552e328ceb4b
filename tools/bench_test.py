"""The table of ./bench: ratios are to the baseline of the same topic and argument."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bench  # noqa: E402


def row(name: str, time_ns: float) -> dict:
    return {"name": name, "ns": time_ns, "bytes_s": 0.0, "stddev": 0.0}


class TableTest(unittest.TestCase):
    def ratios(self, rows: list[dict]) -> list[str]:
        return [line.split()[1] for line in bench.table(rows)[1:]]

    def test_baseline_is_one_wherever_it_stands(self) -> None:
        rows = [row("seal/ours/64", 30.0), row("seal/baseline/64", 20.0)]
        self.assertEqual(self.ratios(rows), ["1.50", "1.00"])

    def test_arguments_have_their_own_baseline(self) -> None:
        rows = [row("seal/baseline/64", 10.0), row("seal/baseline/4096", 100.0),
                row("seal/ours/64", 20.0), row("seal/ours/4096", 110.0)]
        self.assertEqual(self.ratios(rows), ["1.00", "1.00", "2.00", "1.10"])

    def test_first_variant_stands_in_for_a_baseline(self) -> None:
        self.assertEqual(self.ratios([row("tx/one", 4.0), row("tx/many", 1.0)]), ["1.00", "0.25"])

    def test_failed_benchmark_stops_the_run(self) -> None:
        with self.assertRaises(SystemExit):
            list(bench.rows_in([{"name": "a/b", "error_occurred": True, "error_message": "no"}]))


if __name__ == "__main__":
    unittest.main()
