#!/usr/bin/env python3
"""A report over a million sealed responses: ./bench report [--long]

Opens and counts every response of one survey (seven questions, 600 bytes each), on SQLCipher and
on PostgreSQL. Printed: seconds of the request and of the server's processors, best and median of
five.
"""

import argparse
import statistics
import sys
import time

import benchlib


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench report")
    parser.add_argument("--long", action="store_true")
    parser.parse_args()
    count = 1_000_000
    print(f"{'engine':<12}{'responses':>11}{'median s':>10}{'best s':>8}{'cpu s':>8}")
    for engine in ("sqlcipher", "postgres"):
        with benchlib.places(engine) as made:
            if engine not in made:
                continue
            installation = made[engine]
            installation.fill(count)
            server = installation.serve()
            server.settle()
            seconds, used = [], []
            for _ in range(5):
                before, began = server.cpu_s(), time.monotonic()
                _, report = server.ask("GET", f"/api/v1/surveys/{installation.survey}/report",
                                       headers=installation.member)
                seconds.append(time.monotonic() - began)
                used.append(server.cpu_s() - before)
                if report["responses"] != count:
                    raise SystemExit(f"bench: the report counts {report['responses']}")
            server.stop()
            print(f"{engine:<12}{count:>11,}{statistics.median(seconds):>10.2f}"
                  f"{min(seconds):>8.2f}{statistics.median(used):>8.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
