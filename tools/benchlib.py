"""What the benchmarks of the whole program share: servers, installations, a database, load."""

import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CONNECTIONS = 64
PASSWORD = "violet harbour lantern 47"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

QUESTIONNAIRE = {
    "title": "Benchmark",
    "pages": [{"name": "p", "elements": [
        {"type": "rating", "name": "recommend", "rateMin": 0, "rateMax": 10},
        {"type": "radiogroup", "name": "contact", "choices": ["In person", "Remotely", "Both"]},
        {"type": "checkbox", "name": "liked", "choices": ["Advice", "Speed", "Price", "People"]},
        {"type": "text", "name": "project"},
        {"type": "boolean", "name": "again"},
        {"type": "comment", "name": "words"},
        {"type": "comment", "name": "better"},
    ]}],
}


def answers(size: int, recommend: int = 9) -> str:
    """A body of `size` bytes."""
    body = {"answers": {"recommend": recommend, "contact": "Remotely",
                        "liked": ["Advice", "People"],
                        "project": "Harbour office, second phase", "again": True,
                        "words": "", "better": "Shorter reports between the milestones."}}
    missing = size - len(json.dumps(body))
    body["answers"]["words"] = ("The team listened, explained and kept its dates. " * 20)[:missing]
    return json.dumps(body)


class Server:
    """One server process on the benchmark's data."""

    def __init__(self, words: list[str], log: Path):
        self.log = log.open("ab")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = 0
        for line in self.process.stdout:
            if found := re.match(r"Serving https://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        if not self.port:
            raise SystemExit(f"bench: the server did not start; see {log}")

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def settle(self) -> None:
        """Waits until what a server does after its start (it measures its statement) is over."""
        for _ in range(120):
            before = self.cpu_s()
            time.sleep(0.5)
            if self.cpu_s() - before < 0.02:
                return
        raise SystemExit("bench: the server did not come to rest within a minute")

    def ask(self, method: str, path: str, body=None, headers=None):
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context)
        sent = json.dumps(body) if body is not None else None
        all_headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, sent, {**all_headers, **(headers or {})})
        got = connection.getresponse()
        text = got.read().decode()
        if got.status >= 400:
            raise SystemExit(f"bench: {method} {path}: {got.status} {text}")
        return got, json.loads(text) if text else None

    def peak_mb(self) -> float:
        """The most memory that was resident so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


class Cluster:
    """A private PostgreSQL with fsync on."""

    BIN = Path("/usr/lib/postgresql/15/bin")

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        self.as_postgres = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self.as_postgres = ["runuser", "-u", "postgres", "--"]
        self.run("initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8")
        self.run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o",
                 f"-k {folder} -c listen_addresses=''", "start")
        for name in ("probity", "beside"):
            self.run("createdb", "-h", str(folder), "-U", "postgres", name)

    def run(self, name: str, *words: str) -> None:
        subprocess.run([*self.as_postgres, str(self.BIN / name), *words], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def url(self, role: str) -> str:
        return f"postgresql:///probity?host={self.folder}&user={role}"

    def query(self, sql: str) -> str:
        """What statements print, one line a row; the database is apart from the program's."""
        words = [*self.as_postgres, "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                 str(self.folder), "-U", "postgres", "-d", "beside"]
        return subprocess.run(words, input=sql, check=True, cwd="/", capture_output=True,
                              text=True).stdout

    def stop(self) -> None:
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "fast", "stop")


class Installation:
    """Data with one published survey, and the ways to serve it."""

    def __init__(self, folder: Path, cluster: Cluster | None):
        self.folder, self.cluster = folder, cluster
        self.data = folder / ("data-postgres" if cluster else "data")
        words = ["--data", str(self.data), "--tenant", "main", "--name", "Benchmark",
                 "--owner", "owner@bench.example", *self.database("postgres")]
        made = subprocess.run([BUILD / "probity", "init", *words], capture_output=True, text=True,
                              check=True)
        token = re.search(r"/setup/(\S+)", made.stdout)[1]
        server = self.serve("probity")
        server.ask("POST", "/api/v1/setup", {"token": token, "password": PASSWORD})
        entered, _ = server.ask("POST", "/api/v1/login", {
            "tenant": "main", "email": "owner@bench.example", "password": PASSWORD})
        cookie = entered.getheader("Set-Cookie").split(";")[0]
        _, me = server.ask("GET", "/api/v1/me", headers={"Cookie": cookie})
        self.member = {"Cookie": cookie, "X-CSRF-Token": me["csrf_token"]}
        self.survey, self.link = self.publish(server)
        server.stop()

    def database(self, role: str) -> list[str]:
        return ["--database", self.cluster.url(role)] if self.cluster else []

    def publish(self, server: Server, questionnaire: dict = QUESTIONNAIRE) -> tuple[str, str]:
        _, made = server.ask("POST", "/api/v1/surveys?mode=anonymous", questionnaire, self.member)
        _, published = server.ask("POST", f"/api/v1/surveys/{made['id']}/publish", {}, self.member)
        return made["id"], published["token"]

    def fill(self, count: int, given: list[dict] | None = None) -> None:
        """Stores so many responses as submissions do, without the network between."""
        given = given or [json.loads(answers(600, n))["answers"] for n in range(11)]
        lines = "\n".join(json.dumps(one) for one in given)
        subprocess.run([BUILD / "probity_yardstick", "fill", self.data, str(count), self.link,
                        *self.database("probity_app")[1:]], input=lines, text=True, check=True)

    def serve(self, mode: str = "probity") -> Server:
        log = self.folder / f"{mode}.log"
        if mode == "probity":
            words = [str(BUILD / "probity"), "serve", "--data", str(self.data),
                     "--listen", "127.0.0.1:0", *self.database("probity_app")]
        else:
            words = [str(BUILD / "probity_yardstick"), mode, str(self.data), "127.0.0.1:0"]
        return Server(words, log)


LUA = """
local thread_count = 0
links = {%s}
function setup(thread) thread:set("number", thread_count); thread_count = thread_count + 1 end
function init(args)
  run = args[1]; sent = 0
  body = [==[%s]==]
  headers = {["Content-Type"] = "application/json"}
end
function request()
  sent = sent + 1
  headers["Idempotency-Key"] = run .. "-" .. number .. "-" .. sent
  return wrk.format("POST", "/api/v1/public/" .. links[sent %% #links + 1] .. "/responses",
                    headers, body)
end
"""


def first_acknowledged_s(server: Server, link: str) -> float:
    """How long one submission waits: the first after a start waits for what is read into memory.

    Without an Idempotency-Key it would not wait for those of the last 24 hours.
    """
    headers = {"Idempotency-Key": f"first-{time.time_ns()}"}
    began = time.monotonic()
    server.ask("POST", f"/api/v1/public/{link}/responses", json.loads(answers(600)), headers)
    return time.monotonic() - began


def load(server: Server, folder: Path, links: list[str], run: str, seconds: float) -> dict:
    """Submissions to these links in turn, each with an Idempotency-Key of its own."""
    script = folder / "load.lua"
    script.write_text(LUA % (",".join(f'"{link}"' for link in links), answers(600)))
    before = server.cpu_s()
    ran = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", "--latency", "-s", str(script),
         f"https://127.0.0.1:{server.port}", "--", run],
        capture_output=True, text=True, check=True)
    used_s = server.cpu_s() - before
    count = int(re.search(r"(\d+) requests in", ran.stdout)[1])
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)", ran.stdout):
        raise SystemExit(f"bench: {failed[1]} of {count} answers were refusals")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", ran.stdout).groups()
    p99_ms = float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return {"rate": rate, "cpu_us": used_s / count * 1e6, "p99_ms": p99_ms}


@contextmanager
def places(*engines: str):
    """A folder of its own with an installation for each engine ("sqlcipher", "postgres");
    PostgreSQL only where it is installed."""
    folder = Path(tempfile.mkdtemp(prefix="probity-bench-", dir="/var/tmp"))
    cluster = None
    try:
        made = {}
        for engine in engines:
            if engine == "postgres":
                if not Cluster.BIN.exists():
                    continue
                folder.chmod(0o755)
                cluster = Cluster(folder / "pg")
            made[engine] = Installation(folder, cluster if engine == "postgres" else None)
        yield made
    finally:
        if cluster:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
