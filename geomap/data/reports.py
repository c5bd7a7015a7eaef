"""What readers report of a facility: kept in the workspace, apart from the published data.

``reports/reports.jsonl`` gets one line a report and loses none: a line is written in one piece
under a lock, and flushed to the disk before the reader is thanked. It may hold a name or a
telephone number, so only the operator's account may read it; nothing here is ever published.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from geomap.data.store.durable import make_folder, spoken_os_errors, sync_folder
from geomap.errors import DataError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

FOLDER, FILE = "reports", "reports.jsonl"
#: A file larger than this is not written to: somebody should read it first.
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class FacilityReport:
    """What somebody says of a facility.

    Parameters
    ----------
    facility_id, facility_name : the facility, as it was published then.
    revision : what was published then.
    about : what it is about, a key of the form's choices.
    text : in the reader's words.
    contact : how to reach the reader; None where none was given.
    language : of the page that was read.
    """

    facility_id: str
    facility_name: str
    revision: str
    about: str
    text: str
    contact: str | None
    language: str


def keep_report(workspace: Path, report: FacilityReport, at: datetime) -> str:
    """Keep a report; when this returns it is on the disk.

    Parameters
    ----------
    workspace : the folder of the workspace.
    report : what is said.
    at : now, with its time zone.

    Returns
    -------
    The report's number.

    Raises
    ------
    DataError : if the folder cannot be written, or the disk is full.
    TooLargeError : if so many reports wait that the file has reached MOST_BYTES.
    """
    number = secrets.token_hex(6)
    entry = {"number": number, "at": at.isoformat(timespec="seconds"), **asdict(report)}
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    folder = workspace / FOLDER
    make_folder(folder)
    path = folder / FILE
    with spoken_os_errors(path):
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        handle = os.open(path, flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _append(handle, line, path)
        finally:
            os.close(handle)
        sync_folder(folder)
    return number


def _append(handle: int, line: bytes, path: Path) -> None:
    """Write a line at the end and flush it; a line cut by a crash or a full disk is ended first."""
    size = os.fstat(handle).st_size
    if size + len(line) > MOST_BYTES:
        raise TooLargeError(f"{path} holds {size} bytes: read the reports, then move the file away")
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line
    written = os.write(handle, line)
    if written != len(line):
        os.ftruncate(handle, size)
        raise DataError(f"{path} cannot be written: the disk is full; free some space")
    os.fsync(handle)


def read_reports(workspace: Path) -> Iterator[dict[str, str | None]]:
    """Read the reports in the order in which they came; a line cut by a crash is left out.

    Examples
    --------
    >>> from pathlib import Path
    >>> list(read_reports(Path("nowhere")))
    []
    """
    path = workspace / FOLDER / FILE
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue
