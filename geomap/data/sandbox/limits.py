"""What reading one file may use; see the table in :mod:`geomap.data.sandbox`."""

from __future__ import annotations

import math
import os
import resource
from dataclasses import dataclass
from pathlib import Path

#: The reader in all, what it shares with its server included: with its parent about 1 GB.
MEMORY_BYTES = 960 * 2**20
#: Seconds for each MB of file, for the smallest file, and for the largest.
SECONDS_A_MB, LEAST_SECONDS, MOST_SECONDS = 5, 10, 60
#: So many times longer than it works may a reader wait for the processor.
_PATIENCE = 3
#: What an extract takes: memory for the smallest file and for each MB more, and seconds.
_EXTRACT_BYTES, _EXTRACT_BYTES_A_MB, _MOST_EXTRACT_BYTES = 2**30, 24 * 2**20, 6 * 2**30
_EXTRACT_SECONDS = 30
_FILE_BYTES = 1024 * 2**20
_OPEN_FILES = 128
_PAGE_BYTES = resource.getpagesize()
#: Columns of /proc/<pid>/statm, in pages.
_RESIDENT, _PRIVATE = 1, 5
#: Columns of /proc/<pid>/stat after the name: the process's own work and the kernel's for it.
_TICKS = slice(11, 13)


@dataclass(frozen=True)
class Limits:
    """How long reading may take and how much memory it may use.

    Parameters
    ----------
    seconds : of work by the processor: on a busy machine a good file is not refused.
    memory_bytes : resident memory, shared pages included.
    most_seconds : that somebody waits, whatever else the machine does.
    """

    seconds: float
    memory_bytes: int = MEMORY_BYTES
    most_seconds: float = MOST_SECONDS

    @property
    def wall_seconds(self) -> float:
        """How long the office waits at most."""
        return min(self.most_seconds, _PATIENCE * self.seconds)


def limits_for(size_bytes: int) -> Limits:
    """Give the limits for a file of this size.

    Examples
    --------
    >>> [limits_for(megabytes * 2**20).seconds for megabytes in (0, 1, 5, 12, 500)]
    [10, 10, 25.0, 60, 60]
    """
    return Limits(min(MOST_SECONDS, max(LEAST_SECONDS, SECONDS_A_MB * size_bytes / 2**20)))


def extract_limits(size_bytes: int, *, seconds_a_mb: float, most_seconds: float) -> Limits:
    """Give the limits for an OpenStreetMap extract of this size, which is read whole.

    Parameters
    ----------
    size_bytes : of the file.
    seconds_a_mb : of work for each MB.
    most_seconds : that somebody waits.

    Examples
    --------
    >>> limits = extract_limits(10 * 2**20, seconds_a_mb=20, most_seconds=3600)
    >>> limits.seconds, limits.memory_bytes // 2**20, limits.wall_seconds
    (230.0, 1264, 690.0)
    """
    megabytes = size_bytes / 2**20
    seconds = min(most_seconds / _PATIENCE, _EXTRACT_SECONDS + seconds_a_mb * megabytes)
    memory = _EXTRACT_BYTES + int(_EXTRACT_BYTES_A_MB * megabytes)
    return Limits(seconds, min(_MOST_EXTRACT_BYTES, memory), most_seconds)


def hold(limits: Limits) -> None:
    """Bind this process to the limits; the kernel keeps them."""
    used = memory_bytes("self")
    if used is not None:
        resident, private = used
        room = max(0, limits.memory_bytes - resident)
        _lower(resource.RLIMIT_DATA, private + room)
    _lower(resource.RLIMIT_CPU, math.ceil(limits.seconds) + 5)  # should the client not look
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)


def memory_bytes(pid: int | str) -> tuple[int, int] | None:
    """Tell the resident and the private writable memory of a process; None where it is not told."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    return int(pages[_RESIDENT]) * _PAGE_BYTES, int(pages[_PRIVATE]) * _PAGE_BYTES


def work_seconds(pid: int) -> float:
    """Tell for how long a process has kept the processor busy; 0 where it is not told."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    columns = text.rpartition(")")[2].split()  # the name before may hold anything
    return sum(map(int, columns[_TICKS])) / os.sysconf("SC_CLK_TCK")


def _lower(limit: int, value: int) -> None:
    """Set a limit, soft and hard, if it is not lower already."""
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(limit, (value, value))
