#!/usr/bin/env python3
"""Reports over a million sealed responses: ./bench report [--long]

On SQLCipher and PostgreSQL: plain, filtered, by date, compared and weighted, from rows and then
from blocks (docs/decisions/043), which must say the same; PostgreSQL's own aggregation of the same
answers as jsonb and under pgcrypto; peak memory; an import of 100,000 rows. Times are those of a
whole request. --long: 4 million responses.
"""

import argparse
import csv
import http.client
import io
import json
import os
import random
import ssl
import statistics
import sys
import time
import urllib.parse

import benchlib

CONTACTS = ["In person", "Remotely", "Both"]
LIKED = ["Advice", "Speed", "Price", "People"]
SITES = ["Harbour", "Station", "Office"]
GRADES = ["poor", "fair", "good", "excellent"]
QUESTIONNAIRE = {
    "title": "Reports",
    "pages": [{"name": "p", "elements": [
        {"type": "rating", "name": "recommend", "rateMin": 0, "rateMax": 10},
        {"type": "radiogroup", "name": "contact", "choices": CONTACTS},
        {"type": "checkbox", "name": "liked", "choices": LIKED},
        {"type": "matrix", "name": "sites", "rows": SITES, "columns": GRADES},
        {"type": "boolean", "name": "again"},
        {"type": "text", "name": "visits", "inputType": "number"},
        {"type": "text", "name": "weight", "inputType": "number"},
        {"type": "comment", "name": "words"},
        {"type": "comment", "name": "better", "visibleIf": "{again} = false"},
    ]}],
}
WORDS = "the team listened explained and kept its dates harbour office second phase report".split()


def respondents(count: int) -> list[dict]:
    """Answers of about 600 bytes each, not two alike."""
    drawn = random.Random(43)
    out = []
    for _ in range(count):
        again = drawn.random() < 0.7
        answers = {
            "recommend": min(10, int(drawn.triangular(0, 11, 9))),
            "contact": drawn.choice(CONTACTS),
            "liked": sorted(drawn.sample(LIKED, drawn.randint(1, 4)), key=LIKED.index),
            "sites": {site: drawn.choice(GRADES) for site in SITES},
            "again": again, "visits": drawn.randint(1, 60),
            "weight": round(drawn.uniform(0.3, 3), 3),
            "words": " ".join(drawn.choices(WORDS, k=50))}
        if not again:
            answers["better"] = " ".join(drawn.choices(WORDS, k=8))
        out.append(answers)
    return out


def reports(now_s: float) -> dict[str, dict[str, str]]:
    """Parameters by name."""
    def at(hours: float) -> str:
        return time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(now_s - hours * 3600))
    return {
        "plain": {},
        "filtered": {"filter": "{recommend} >= 9 and {liked} contains 'Speed'"},
        "by matrix": {"filter": "{sites.Harbour} = 'good' or {contact} = 'Both'"},
        "by date": {"from": at(48), "to": at(-48)},
        "compared": {"filter": "again=true", "compare": "again=false"},
        "weighted": {"weight": "weight"},
        "all at once": {"filter": "{visits} > 30 and {again} = true", "weight": "weight",
                        "from": at(48)},
    }


class Asking:
    """One installation's reports."""

    def __init__(self, installation: benchlib.Installation):
        self.installation = installation
        self.server = installation.serve()
        self.server.settle()

    def ask(self, parameters: dict[str, str]) -> tuple[float, float, dict]:
        """Seconds of the request and of the processors, and the report."""
        query = "&".join(f"{name}={urllib.parse.quote(value)}"
                         for name, value in parameters.items())
        before, began = self.server.cpu_s(), time.monotonic()
        _, report = self.server.ask(
            "GET", f"/api/v1/surveys/{self.installation.survey}/report?{query}",
            headers=self.installation.member)
        return time.monotonic() - began, self.server.cpu_s() - before, report

    def again(self) -> None:
        """A new process, which remembers no report."""
        self.server.stop()
        self.server = self.installation.serve()
        self.server.settle()

    def wait_for_blocks(self, rows_s: float) -> float:
        """Until the job has made blocks of what the first reports found slow."""
        began = time.monotonic()
        for number in range(100):
            seconds, _, _ = self.ask({"filter": f"{{visits}} > 30{' ' * (number + 1)}"})
            if seconds < rows_s / 2:
                return time.monotonic() - began
            time.sleep(3)
        raise SystemExit("bench: no blocks were made")

    def one_more(self) -> None:
        """A response, so that no report made before is the answer."""
        self.server.ask("POST", f"/api/v1/public/{self.installation.link}/responses",
                        {"answers": {"recommend": 9}})


def timed_reports(installation: benchlib.Installation, count: int) -> dict[str, float]:
    """Prints each report from rows and from blocks; the medians from blocks."""
    asking = Asking(installation)
    wanted = reports(time.time())
    from_rows = {name: asking.ask(parameters) for name, parameters in wanted.items()}
    rows_mb = asking.server.peak_mb()
    waited_s = asking.wait_for_blocks(from_rows["filtered"][0])
    asking.again()
    print(f"  blocks were made {waited_s:.0f} s after the first reports; peak memory from rows"
          f" {rows_mb:.0f} MB, before any report {asking.server.peak_mb():.0f} MB")
    print(f"  {'report':<12}{'rows s':>8}{'blocks s':>10}{'best s':>8}{'cpu s':>8}{'times':>7}")
    medians = {}
    for name, parameters in wanted.items():
        if asking.ask(parameters)[2] != from_rows[name][2]:
            raise SystemExit(f"bench: {name} from blocks differs from rows")
    for name, parameters in wanted.items():
        runs = []
        for _ in range(7):
            asking.one_more()
            runs.append(asking.ask(parameters)[:2])
        medians[name] = statistics.median(seconds for seconds, _ in runs)
        print(f"  {name:<12}{from_rows[name][0]:>8.2f}{medians[name]:>10.3f}"
              f"{min(runs)[0]:>8.3f}{statistics.median(cpu for _, cpu in runs):>8.2f}"
              f"{from_rows[name][0] / medians[name]:>7.1f}", flush=True)
    print(f"  the same in every figure; peak memory from blocks {asking.server.peak_mb():.0f} MB")
    if from_rows["plain"][2]["responses"] != count:
        raise SystemExit(f"bench: the report counts {from_rows['plain'][2]['responses']}")
    asking.server.stop()
    return medians


SINGLES = ("recommend", "contact", "again", "visits")
COUNTING = """
SET max_parallel_workers_per_gather = 2;
SELECT {keys}, count(*), sum(({given}->>'weight')::float8) FROM {source}
GROUP BY GROUPING SETS ({sets});
SELECT one, count(*) FROM {source}, jsonb_array_elements_text({given}->'liked') AS one GROUP BY 1;
SELECT key, value, count(*) FROM {source}, jsonb_each_text({given}->'sites') GROUP BY 1, 2;
SELECT count(*) FILTER (WHERE {given} ? 'words'), count(*) FILTER (WHERE {given} ? 'better')
FROM {source};
"""


def counting(source: str, given: str) -> str:
    keys = ", ".join(f"{given}->>'{name}' AS k{i}" for i, name in enumerate(SINGLES))
    sets = ", ".join(f"({i + 1})" for i in range(len(SINGLES)))
    return COUNTING.format(keys=keys, sets=sets, source=source, given=given)


def timed_queries(cluster: benchlib.Cluster, given: list[dict], count: int) -> dict[str, float]:
    """Seconds of the plain report's counts by PostgreSQL over the same answers."""
    lines = "\n".join(json.dumps(one).replace("\\", "\\\\") for one in given)
    cluster.query("CREATE EXTENSION pgcrypto;\n"
                  "CREATE TABLE lines (n serial, answers jsonb);\n"
                  f"COPY lines (answers) FROM STDIN;\n{lines}\n\\.\n"
                  "CREATE TABLE plain AS SELECT l.answers FROM generate_series(0, "
                  f"{count - 1}) i JOIN lines l ON l.n = i % {len(given)} + 1;\n"
                  "CREATE TABLE sealed AS SELECT pgp_sym_encrypt(answers::text, 'key',"
                  " 's2k-mode=0') AS answers FROM plain;\nVACUUM ANALYZE plain;\n"
                  "VACUUM ANALYZE sealed;\n")
    # Opened once for all counts: the best that can be asked of it.
    together = ("CREATE TEMP TABLE opened AS SELECT pgp_sym_decrypt(answers, 'key')::jsonb AS "
                "answers FROM sealed;\n" + counting("opened", "answers"))
    seconds = {}
    for name, sql, times in (("jsonb", counting("plain", "answers"), 3),
                             ("pgcrypto", together, 1)):
        runs = []
        for _ in range(times):
            began = time.monotonic()
            cluster.query(sql)
            runs.append(time.monotonic() - began)
        seconds[name] = min(runs)
    return seconds


def timed_import(installation: benchlib.Installation) -> tuple[float, float]:
    """Seconds that 100,000 rows of ten columns take, and the server's peak memory."""
    drawn = random.Random(7)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([f"Question {i}" for i in range(10)])
    for _ in range(100_000):
        table.writerow([*(drawn.choice(GRADES) for _ in range(6)), drawn.randint(0, 10),
                        drawn.choice(CONTACTS), drawn.randint(18, 90),
                        " ".join(drawn.choices(WORDS, k=12))])
    server = installation.serve()
    server.settle()
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=120,
                                             context=ssl._create_unverified_context())
    began = time.monotonic()
    connection.request("POST", "/api/v1/surveys/import", text.getvalue().encode(),
                       {"Content-Type": "text/csv", **installation.member})
    got = connection.getresponse()
    answer = json.loads(got.read())
    seconds = time.monotonic() - began
    if got.status != 201 or answer["imported"] != 100_000:
        raise SystemExit(f"bench: the import answered {got.status} {str(answer)[:300]}")
    peak_mb = server.peak_mb()
    server.stop()
    return seconds, peak_mb


def main() -> int:
    parser = argparse.ArgumentParser(prog="./bench report")
    parser.add_argument("--long", action="store_true")
    count = 4_000_000 if parser.parse_args().long else 1_000_000
    given = respondents(2_003)
    for engine in ("sqlcipher", "postgres"):
        with benchlib.places(engine) as made:
            if engine not in made:
                continue
            installation = made[engine]
            server = installation.serve()
            installation.survey, installation.link = installation.publish(server, QUESTIONNAIRE)
            server.stop()
            installation.fill(count, given)
            print(f"{engine}, {count:,} responses; load {os.getloadavg()[0]:.1f}")
            medians = timed_reports(installation, count)
            seconds, peak_mb = timed_import(installation)
            print(f"  import of 100,000 rows: {seconds:.1f} s, peak memory {peak_mb:.0f} MB",
                  flush=True)
            if not installation.cluster:
                continue
            beside = timed_queries(installation.cluster, given, count)
            for name, other_s in beside.items():
                print(f"  the counts of the plain report over {name}: {other_s:.2f} s,"
                      f" {other_s / medians['plain']:.0f} times as long", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
