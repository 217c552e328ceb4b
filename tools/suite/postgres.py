"""One private PostgreSQL cluster for a run: a socket in a private folder, no port, fsync on."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
START_LIMIT_S = 60


class Cluster:
    """`with Cluster(parent) as cluster:` then cluster.url, for a superuser."""

    def __init__(self, parent: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="probity-pg-", dir=parent))
        self.process: subprocess.Popen | None = None
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name

    @property
    def url(self) -> str:
        return f"postgresql:///postgres?host={self.folder}&user=postgres"

    @property
    def empty(self) -> Path:
        """A data folder nobody has used: tests copy it, which is quicker than making their own."""
        return self.folder / "empty"

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def as_user(self) -> dict:
        if os.getuid() != 0:
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def start(self) -> None:
        if os.getuid() == 0:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        data = self.folder / "data"
        subprocess.run(
            [BINARIES / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--locale=C",
             "--encoding=UTF8", "--no-sync", "--no-instructions"],
            cwd="/", check=True, stdout=subprocess.DEVNULL, **self.as_user(),
        )
        subprocess.run(["cp", "-a", data, self.empty], check=True)
        with (self.folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [BINARIES / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=",
                 "-c", "fsync=on", "-c", "max_connections=200"],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **self.as_user(),
            )
        self.wait()
        # Roles belong to the cluster. Rooms that are tested at once would both find it missing and
        # both make it; one would fail.
        subprocess.run(
            [BINARIES / "psql", "-X", "-q", "-d", self.url, "-c", "CREATE ROLE probity_app LOGIN"],
            check=True)

    def wait(self) -> None:
        end = time.monotonic() + START_LIMIT_S
        while time.monotonic() < end:
            ready = subprocess.run(
                [BINARIES / "pg_isready", "-q", "-h", self.folder], check=False)
            if ready.returncode == 0:
                return
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start:\n" + (self.folder / "server.log").read_text())

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def is_available() -> bool:
    return (BINARIES / "postgres").exists()
