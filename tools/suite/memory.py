"""A folder on a file system in memory: most of a test's time would be waiting for a disk.

What tests write needs not outlive the machine; what a crash leaves of a file is shown by faults
and power cuts the tests make themselves. The long tests write to the disk all the same.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - a folder of our own is made inside
NEEDED_BYTES = 4 << 30


@contextlib.contextmanager
def folder() -> Iterator[Path | None]:
    """A new folder, gone afterwards; nothing where somebody chose TMPDIR, or memory is short."""
    if "TMPDIR" in os.environ or not has_room(PLACE):
        yield None
        return
    made = Path(tempfile.mkdtemp(prefix="probity-tests-", dir=PLACE))
    # The cluster of the run belongs to another user and lies inside.
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def has_room(place: Path) -> bool:
    """Pages of such a file system are memory: both must be there."""
    try:
        return shutil.disk_usage(place).free >= NEEDED_BYTES and memory_left() >= NEEDED_BYTES
    except OSError:
        return False


def memory_left() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
