#!/usr/bin/env python3
"""Durable acknowledgements of many tenants writing evenly: ./bench tenants [--long]

One server with 1,000 tenants. 64 connections submit to one tenant, to 100 and to all in turn; the
three loads alternate in a counterbalanced order. Printed: median rates and what they are of one.
"""

import argparse
import json
import statistics
import subprocess
import sys

import benchlib

COUNTS = (1, 100, 1000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench tenants")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    rates: dict[int, list[float]] = {count: [] for count in COUNTS}
    with benchlib.places("sqlcipher") as made:
        installation = made["sqlcipher"]
        links = subprocess.run(
            [benchlib.BUILD / "probity_yardstick", "tenants", installation.data, str(max(COUNTS))],
            input=json.dumps(benchlib.QUESTIONNAIRE), capture_output=True, text=True,
            check=True).stdout.split()
        server = installation.serve()
        server.settle()
        benchlib.load(server, installation.folder, links, "warm", 5)
        for number in range(4 if options.long else 2):
            for count in COUNTS if number % 2 == 0 else reversed(COUNTS):
                ran = benchlib.load(server, installation.folder, links[:count], f"{number}-{count}",
                                    5)
                rates[count].append(ran["rate"])
                print(f"  {count:>5} tenants {ran['rate']:>9.0f}/s", file=sys.stderr, flush=True)
        server.stop()
    one = statistics.median(rates[1])
    print(f"{'tenants':<10}{'ack/s':>9}{'of one':>9}")
    for count in COUNTS:
        rate = statistics.median(rates[count])
        print(f"{count:<10,}{rate:>9.0f}{rate / one:>9.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
