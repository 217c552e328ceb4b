"""Runs one program in its own process group, with its output in a log and a time limit."""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build" / "logs"


RUNNING: set[subprocess.Popen] = set()


@dataclass
class Outcome:
    status: int
    log: Path
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.timed_out

    def tail(self, lines: int = 12) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(text[-lines:])

    def why(self) -> str:
        head = "ran out of time" if self.timed_out else f"exit status {self.status}"
        return f"{head}; {self.log.relative_to(ROOT)}\n{self.tail()}"


def run(
    name: str,
    command: list[str],
    *,
    env: dict[str, str] | None = None,
    timeout_s: float = 900,
    show: bool = False,
    on_late: Callable[[], None] = lambda: None,
) -> Outcome:
    """Output goes to build/logs/NAME.log, or to the terminal too when `show`. `on_late` is called
    when the time is up, before anything is ended."""
    log = LOGS / (name.replace("/", "-").replace(" ", "-") + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=None if show else file,
            stderr=None if show else subprocess.STDOUT,
            start_new_session=True,
        )
        RUNNING.add(process)
        try:
            return Outcome(process.wait(timeout=timeout_s), log)
        except subprocess.TimeoutExpired:
            on_late()
            end(process)
            return Outcome(process.returncode, log, timed_out=True)
        except BaseException:
            end(process)
            raise
        finally:
            RUNNING.discard(process)


def end_all() -> None:
    """Tells everything that runs, in whichever thread, to end."""
    for process in list(RUNNING):
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def end(process: subprocess.Popen) -> None:
    """Ends the process and what it started, politely and then for certain."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue
