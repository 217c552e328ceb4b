#!/usr/bin/env python3
"""What a respondent's page weighs and how long the server takes for it: ./bench page

A survey of 100 questions, one of 7 and, as the measure of one request, the health check: all in one
run on one connection kept open, in turn, so that a machine that grows slower favours nobody. A
page's weight is that of its HTML, style sheet and script as they come over the wire with gzip.
Printed: weights against 30 kB; median and 99th percentile of the time from request to last byte,
against 50 ms; processor time of the server for a page; how many health checks a page costs.
"""

import argparse
import http.client
import re
import ssl
import statistics
import sys
import time

import benchlib

WEIGHT_MAX_BYTES = 30_000
TIME_MAX_MS = 50.0
PACKED = {"Accept-Encoding": "gzip"}


def questionnaire(count: int) -> dict:
    elements = []
    for n in range(count):
        title = f"Question {n + 1}: how often did this happen in the last four weeks?"
        element = {"type": "comment", "name": f"q{n}", "title": title}
        if n % 5:
            element |= {"type": "radiogroup",
                        "choices": ["Never", "Rarely", "Sometimes", "Often", "Always"]}
        elements.append(element)
    return {"title": f"{count} questions", "elements": elements}


def publish(installation, server, count: int) -> str:
    _, made = server.ask("POST", "/api/v1/surveys", questionnaire(count), installation.member)
    _, published = server.ask("POST", f"/api/v1/surveys/{made['id']}/publish", {},
                              installation.member)
    return f"/s/{published['token']}"


class Reader:
    """One client with its connection."""

    def __init__(self, port: int):
        context = ssl._create_unverified_context()
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)

    def get(self, path: str, headers: dict | None = None) -> tuple[bytes, float]:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=headers or PACKED)
        answer = self.connection.getresponse()
        body = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"bench: GET {path}: {answer.status}")
        return body, took_ms


def weight(reader: Reader, path: str) -> dict[str, int]:
    plain = reader.get(path, {"Accept-Encoding": "identity"})[0].decode()
    files = re.findall(r'(?:href|src)="(/assets/[^"]+)"', plain)
    parts = {"html": len(reader.get(path)[0])}
    for file in files:
        parts[file.rsplit(".", 1)[1]] = len(reader.get(file)[0])
    return parts


def measure(server, reader: Reader, paths: dict[str, str], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in paths}
    order = list(paths)
    for number in range(rounds):
        for name in order if number % 2 == 0 else reversed(order):
            times[name].append(reader.get(paths[name])[1])
    return times


def cpu_ms(server, reader: Reader, path: str, rounds: int) -> float:
    before = server.cpu_s()
    for _ in range(rounds):
        reader.get(path)
    return (server.cpu_s() - before) / rounds * 1000


def show(name: str, row: list[float], cpu: float, unit_ms: float) -> float:
    ordered = sorted(row)
    middle, slow = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    print(f"{name:<16}{middle:>9.2f}{slow:>9.2f}{cpu:>9.2f}{middle / unit_ms:>14.1f}")
    return slow


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench page")
    parser.add_argument("--long", action="store_true")
    rounds = 1_000 if parser.parse_args().long else 200
    with benchlib.places("sqlcipher") as made:
        installation = made["sqlcipher"]
        server = installation.serve()
        try:
            paths = {"health check": "/healthz",
                     "7 questions": f"/s/{installation.link}",
                     "100 questions": publish(installation, server, 100)}
            server.settle()
            reader = Reader(server.port)
            heaviest = 0
            for name in ("7 questions", "100 questions"):
                parts = weight(reader, paths[name])
                total = sum(parts.values())
                heaviest = max(heaviest, total)
                listed = ", ".join(f"{part} {size}" for part, size in parts.items())
                print(f"{name:<16}{total:>7} bytes packed ({listed}), "
                      f"{total / WEIGHT_MAX_BYTES:.2f} of {WEIGHT_MAX_BYTES}")
            times = measure(server, reader, paths, rounds)
            unit_ms = statistics.median(times["health check"])
            print(f"{'':<16}{'ms':>9}{'p99 ms':>9}{'cpu ms':>9}{'health checks':>14}")
            slowest = max(show(name, row, cpu_ms(server, reader, paths[name], rounds), unit_ms)
                          for name, row in times.items())
            print(f"slowest p99 {slowest / TIME_MAX_MS:.2f} of {TIME_MAX_MS:.0f} ms")
        finally:
            server.stop()
    return 0 if heaviest <= WEIGHT_MAX_BYTES and slowest <= TIME_MAX_MS else 1


if __name__ == "__main__":
    sys.exit(main())
