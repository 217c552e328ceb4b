#!/usr/bin/env python3
"""Durable acknowledgements with millions of responses stored: ./bench stored [--long]

Two installations take turns, one empty, one with 2,000,000 responses (10,000,000 with --long) from
the 20 hours before, their audit entries and their idempotency keys. Printed: median rates, their
ratio, and how long the first submission after a start waits (the keys of 24 hours are read then).
"""

import argparse
import statistics
import sys

import benchlib


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench stored")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    count = 10_000_000 if options.long else 2_000_000
    rates: dict[str, list[float]] = {"empty": [], "full": []}
    first_s: dict[str, list[float]] = {"empty": [], "full": []}
    with benchlib.places("sqlcipher") as empty, benchlib.places("sqlcipher") as full:
        full["sqlcipher"].fill(count)
        made = {"empty": empty["sqlcipher"], "full": full["sqlcipher"]}
        for number in range(4):
            for name in made if number % 2 == 0 else reversed(made):
                server = made[name].serve()
                server.settle()
                first_s[name].append(benchlib.first_acknowledged_s(server, made[name].link))
                target = (server, made[name].folder, [made[name].link])
                benchlib.load(*target, f"w{number}", 2)
                rates[name].append(benchlib.load(*target, f"r{number}", 4)["rate"])
                server.stop()
                print(f"  {name:<6} {rates[name][-1]:>9.0f}/s", file=sys.stderr, flush=True)
    before, after = (statistics.median(rates[name]) for name in ("empty", "full"))
    waits = {name: statistics.median(first_s[name]) for name in first_s}
    print(f"{'responses stored':<20}{'ack/s':>9}{'of empty':>10}{'first s':>9}")
    print(f"{0:<20,}{before:>9.0f}{1:>10.2f}{waits['empty']:>9.2f}")
    print(f"{count:<20,}{after:>9.0f}{after / before:>10.2f}{waits['full']:>9.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
