"""What passed and can not have changed since is not run again, but told as such.

A suite that passed leaves a stamp with a hash of whatever could change its result: the program, its
libraries, the files of the repository it could read, what lies in `shared` beside the checkout, the
environment, the system. A stamp counts for a day, so that nothing hides from the clock for long.
"""

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from suite import postgres
from suite.command import ROOT
from suite.progress import LATE, tree_hash
from suite.report import Case, Suite

PASSED = ROOT / "build" / "passed"
COUNTS_FOR_S = 24 * 3600
# Variables that reach a test and may change what it does; the run's own are not among them.
HEEDED = re.compile(r"^(PROBITY_|LC_|LANG|TZ$|PATH$|HOME$|TMPDIR$|USER$|LD_|PG|SSL|OPENSSL|NODE|"
                    r"GTEST_|ASAN_|UBSAN_|TSAN_|MALLOC_)")
OF_THE_RUN = {"PROBITY_TEST_BEGAN", "PROBITY_DEEP_SECONDS", "PROBITY_CI_SECONDS",
              "PROBITY_SCREENS"}
# A private cluster and a folder in memory have other names each time; that they are there matters.
GIVEN_ANEW = {"PROBITY_TEST_POSTGRES", "PROBITY_TEST_EMPTY_POSTGRES", "TMPDIR"}


class Unchanged:
    """Decides for one run of ./test. With `run_all` nothing is left out; stamps are still made."""

    def __init__(self, env: dict[str, str], *, run_all: bool = False) -> None:
        self.env = env
        self.run_all = run_all
        self.programs: dict[Path, str] = {}

    def guard(self, name: str, key: str | None, run: Callable[[], Suite]) -> Suite:
        """The suite as it passed with the same key, else as `run` has it now."""
        stamp = PASSED / f"{name.replace('/', '-').replace(' ', '-')}.json"
        if key is not None and not self.run_all and (told := recall(stamp, key)) is not None:
            return told
        # Not even a run that is ended half-way leaves an old stamp behind.
        stamp.unlink(missing_ok=True)
        suite = run()
        if key is not None:
            keep(stamp, key, suite)
        return suite

    def key(self, programs: Iterable[Path], *, reads_sources: bool = False) -> str | None:
        """A hash of everything that could change what these programs do; nothing when it is not
        known, and then they run."""
        try:
            parts = [self.program(path) for path in programs]
            parts += [self.repository if reads_sources else self.outside_sources]
            parts += [self.surroundings]
        except (OSError, subprocess.CalledProcessError):
            return None
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def key_of(self, *folders: str) -> str | None:
        """The same for a check of what lies in these folders of the repository alone."""
        try:
            listed = self.listed(lambda name: name in (*folders, "tools"))
            return hashlib.sha256("\n".join([listed, self.surroundings]).encode()).hexdigest()
        except (OSError, subprocess.CalledProcessError):
            return None

    def key_apart_from(self, rooms: Iterable[str], programs: Iterable[Path]) -> str | None:
        """For a test of the built program whose promises do not depend on these rooms: all sources
        but theirs stand for that program, the others are as in `key`."""
        left_out = {f"src/{room}" for room in rooms}
        try:
            parts = [self.program(path) for path in programs]
            listed = subprocess.run(["git", "ls-tree", self.repository, "src/", "src/feature/"],
                                    cwd=ROOT, check=True, capture_output=True, text=True).stdout
            parts += [line for line in listed.splitlines()
                      if line.split("\t")[1] not in left_out | {"src/feature"}]
            parts += [self.outside_sources, self.surroundings]
        except (OSError, subprocess.CalledProcessError):
            return None
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    # This and each of those below is taken once, when the first suite asks: what somebody changes
    # during the run must not be stamped as tested.
    def program(self, path: Path) -> str:
        if path not in self.programs:
            self.programs[path] = file_hash(path) + libraries(path)
        return self.programs[path]

    @cached_property
    def repository(self) -> str:
        return tree_hash()

    @cached_property
    def outside_sources(self) -> str:
        """Everything but src/, whose code is in the programs: data, documents, tests, tools."""
        return self.listed(lambda name: name != "src")

    def listed(self, is_meant: Callable[[str], bool]) -> str:
        """Git's hashes of the folders and files at the root that are meant."""
        listed = subprocess.run(["git", "ls-tree", self.repository], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout
        return "\n".join(line for line in listed.splitlines() if is_meant(line.split("\t")[1]))

    @cached_property
    def surroundings(self) -> str:
        given = {k: v for k, v in (os.environ | self.env).items()
                 if HEEDED.match(k) and k not in OF_THE_RUN}
        # A cluster the run was given, not one it made, may be another one under the same name.
        given |= {name: "given" for name in GIVEN_ANEW if name in self.env}
        release = Path("/etc/os-release")
        system = [os.uname().release, release.read_text() if release.exists() else "",
                  str(os.getuid()), str(os.cpu_count()), postgres_version()]
        named = [given[name] for name in ("PROBITY_SHARED", "PROBITY_SUITES") if given.get(name)]
        outside = {ROOT.parent / "shared", *map(Path, named)}
        data = [folder_listing(path) for path in sorted(outside) if path.is_dir()]
        return json.dumps([sorted(given.items()), system, data])


def recall(stamp: Path, key: str) -> Suite | None:
    try:
        kept = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if kept["key"] != key or not 0 <= time.time() - kept["at"] < COUNTS_FOR_S:
        return None
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept["at"]))
    return Suite(kept["name"], [Case(**case) for case in kept["cases"]], 0.0, since)


def keep(stamp: Path, key: str, suite: Suite) -> None:
    """Only for what passed whole: a failure, or a part left out for lack of time, runs again."""
    cases = suite.cases
    if not suite.count("passed") or any(
            case.state == "failed" or LATE in case.reason for case in cases):
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    fresh = stamp.with_name(stamp.name + ".new")
    fresh.write_text(json.dumps({"key": key, "at": time.time(), "name": suite.name,
                                 "cases": [vars(case) for case in cases]}), encoding="utf-8")
    fresh.replace(stamp)


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def libraries(program: Path) -> str:
    """The shared libraries a program would be given: their places, sizes and times."""
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        return "static"
    return "\n".join(stat_of(Path(path)) for path in re.findall(r"(/\S+) \(0x", listed.stdout))


def stat_of(path: Path) -> str:
    stat = path.stat()
    return f"{path} {stat.st_size} {stat.st_mtime_ns}"


def postgres_version() -> str:
    return stat_of(postgres.BINARIES / "postgres") if postgres.is_available() else "none"


def folder_listing(folder: Path) -> list[str]:
    return sorted(stat_of(path) for path in folder.rglob("*") if path.is_file())


def rooms_apart(test: Path) -> list[str]:
    """The rooms a file of tests says it does not depend on: "// Apart from: form, picture."."""
    said = re.search(r"^// Apart from: ([\w, /]+)\.$", test.read_text(encoding="utf-8"), re.M)
    return said[1].split(", ") if said else []


def reads_sources(tests: Iterable[Path]) -> bool:
    """Whether test code opens files of src/: any way from the checkout's root that does not
    plainly lead elsewhere counts as one. In TypeScript, any path that begins with src does."""
    for file in tests:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".ts" and re.search(r"""['"`](?:\.\./)*src[/'"`]""", text):
            return True
        for after in re.findall(r"PROBITY_SOURCE_DIR(.{0,80})", text, re.S):
            way = re.match(r"[^\w\"]*\"/?([^\"/]*)", after)
            if way is None or way[1] in ("src", "", "."):
                return True
    return False
