#!/usr/bin/env python3
"""Runs the benchmarks and prints ratios: tools/bench.py [NAME] [--long]

A benchmark is named TOPIC/VARIANT. The variant called `baseline` is what the topic is compared
with, and its ratio is 1.00 by definition; without one, the first variant is. Ratios travel between
machines, nanoseconds do not, so the table leads with ratios. TOPIC/VARIANT/ARGUMENT is compared
with the baseline of the same argument.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOISY = 0.05


def rows_of(program: Path, name: str, is_long: bool) -> list[dict]:
    """One row a benchmark: name, median time in ns, spread as a share of the median."""
    command = [
        str(program), "--benchmark_format=json", f"--benchmark_repetitions={10 if is_long else 3}",
        "--benchmark_report_aggregates_only=true", "--benchmark_enable_random_interleaving=true",
        f"--benchmark_min_time={1.0 if is_long else 0.2}",
    ]
    if name:
        command.append(f"--benchmark_filter={name}")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0 or not ran.stdout.strip():
        if "Failed to match any benchmarks" in ran.stderr:
            return []
        raise SystemExit(f"{program.name} failed:\n{ran.stderr}")
    return list(rows_in(json.loads(ran.stdout)["benchmarks"]))


def rows_in(results: list[dict]) -> Iterable[dict]:
    unit = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
    by_name: dict[str, dict] = {}
    for result in results:
        if result.get("error_occurred"):
            raise SystemExit(f"{result['name']}: {result.get('error_message')}")
        row = by_name.setdefault(result["run_name"], {"name": result["run_name"], "bytes_s": 0.0})
        time_ns = result["real_time"] * unit[result["time_unit"]]
        if result["aggregate_name"] == "median":
            row["ns"] = time_ns
            row["bytes_s"] = result.get("bytes_per_second", 0.0)
        elif result["aggregate_name"] == "stddev":
            row["stddev"] = time_ns
    return by_name.values()


def split_name(name: str) -> tuple[str, str, str]:
    words = name.split("/")
    return words[0], words[1] if len(words) > 1 else "", "/".join(words[2:])


def table(rows: list[dict]) -> list[str]:
    """Lines of the table, with the ratio of each row to the baseline of its topic."""
    baselines: dict[tuple[str, str], float] = {}
    for row in rows:
        topic, variant, argument = split_name(row["name"])
        if variant == "baseline" or (topic, argument) not in baselines:
            baselines[topic, argument] = row["ns"]
    lines = [f"{'benchmark':<48}{'ratio':>8}{'time':>12}{'spread':>8}{'MB/s':>10}"]
    for row in rows:
        topic, _, argument = split_name(row["name"])
        ratio = row["ns"] / baselines[topic, argument]
        spread = row.get("stddev", 0.0) / row["ns"] if row["ns"] else 0.0
        mark = " noisy" if spread > NOISY else ""
        rate = f"{row['bytes_s'] / 1e6:.0f}" if row["bytes_s"] else "-"
        lines.append(f"{row['name']:<48}{ratio:>8.2f}{shown_time(row['ns']):>12}"
                     f"{spread:>8.1%}{rate:>10}{mark}")
    return lines


def shown_time(time_ns: float) -> str:
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if time_ns >= size:
            return f"{time_ns / size:.2f} {unit}"
    return f"{time_ns:.1f} ns"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench")
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    programs = sorted((ROOT / "build").glob("probity_*_bench"))
    rows: list[dict] = []
    for program in programs:
        print(f"== {program.name}", flush=True)
        rows += rows_of(program, options.name, options.long)
    if not rows:
        print(f"bench: no benchmark contains {options.name!r}" if programs
              else "bench: no room has a benchmark yet", file=sys.stderr)
        return 1
    print()
    print("\n".join(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
