#!/usr/bin/env python3
"""Durable acknowledgements against what the machine could do: ./bench ack [--long]

Three servers share one TLS and HTTP path: `none` stores nothing, `append` puts each answer sealed
into one preallocated file with one fdatasync per group, `probity` is the real one (sealed, audited,
idempotent, in SQLCipher; beside it PostgreSQL). They run in a counterbalanced order, so that a
machine that grows slower or faster favours nobody, and begin when the server has come to rest after
its start. Load: wrk, 64 keep-alive connections, TLS 1.3,
600-byte answers, a fresh Idempotency-Key each. Printed: medians, ratios, processor time of the
server per acknowledgement.
"""

import argparse
import statistics
import sys

import benchlib


def measure(places: dict, rounds: int, seconds: int) -> dict:
    results: dict[str, list[dict]] = {name: [] for name in places}
    order = list(places)
    for number in range(rounds):
        for name in order if number % 2 == 0 else reversed(order):
            installation, mode = places[name]
            server = installation.serve(mode)
            server.settle()
            target = (server, installation.folder, [installation.link])
            benchlib.load(*target, f"w{number}", 1)
            results[name].append(benchlib.load(*target, f"r{number}{name}", seconds))
            server.stop()
            print(f"  {name:<10} {results[name][-1]['rate']:>9.0f}/s", file=sys.stderr, flush=True)
    return {name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            for name, rows in results.items()}


def show(medians: dict) -> None:
    none, append = medians["none"]["rate"], medians["append"]["rate"]
    print(f"{'server':<12}{'ack/s':>9}{'of none':>9}{'of append':>11}"
          f"{'cpu µs/ack':>12}{'p99 ms':>9}")
    for name, row in medians.items():
        print(f"{name:<12}{row['rate']:>9.0f}{row['rate'] / none:>9.2f}"
              f"{row['rate'] / append:>11.2f}{row['cpu_us']:>12.1f}{row['p99_ms']:>9.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench ack")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    with benchlib.places("sqlcipher", "postgres") as made:
        servers = {mode: (made["sqlcipher"], mode) for mode in ("none", "append", "probity")}
        if "postgres" in made:
            servers["postgres"] = (made["postgres"], "probity")
        show(measure(servers, 4 if options.long else 2, 6 if options.long else 4))
    return 0


if __name__ == "__main__":
    sys.exit(main())
