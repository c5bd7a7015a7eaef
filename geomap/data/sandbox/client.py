"""Have a file read by a process of its own, and watch over it until it is done or killed."""

from __future__ import annotations

import dataclasses
import logging
import os
import select
import time
from typing import TYPE_CHECKING, Literal

from geomap.data.files.findings.report import RefusedError, Report
from geomap.data.files.options import Reading
from geomap.data.files.table import require_known
from geomap.data.sandbox.answer import read_answer
from geomap.data.sandbox.copies import COPY_NAME, NoRoomError, open_made, private_copy
from geomap.data.sandbox.limits import limits_for, memory_bytes, work_seconds
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.data.sandbox.server import DONE, NOTES, TOO_MUCH_MEMORY, Request, stated
from geomap.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.options import Options
    from geomap.data.sandbox.copies import Copy
    from geomap.data.sandbox.limits import Limits
    from geomap.data.sandbox.readers import Reader
    from geomap.model.table import Table

    End = Literal["done", "reader_failed", "took_too_long", "too_much_memory"]

_LOG = logging.getLogger("geomap.sandbox")
_LOG.addHandler(logging.NullHandler())  # what a reader notes is for a log, not for the screen
_NOTED = 4000
_LOOK_SECONDS = 0.02
_DISK_FULL = b"No space left on device"
_OUT_OF_MEMORY = (b"MemoryError", b"bad_alloc", b"Cannot allocate memory")


def read(path: Path, table: Table, options: Options) -> Reading:
    """Read a file in a process of its own; see :func:`geomap.data.reading.read_table`."""
    require_known(options)
    try:
        with READERS.turn, private_copy(path) as copy:
            reading = _read_copy(copy, table, options)
    except RefusedError as error:
        return Reading(table.empty(), Report(path.name, table.name, findings=(error.finding,)))
    return Reading(reading.frame, as_named(reading.report, path))


def as_named(report: Report, path: Path) -> Report:
    """Call the copy, and what lay beside it, by the names that the office knows."""

    def named(value: object) -> object:
        if isinstance(value, list):
            return [named(each) for each in value]
        return value.replace(COPY_NAME, path.stem) if isinstance(value, str) else value

    findings = [
        dataclasses.replace(each, values={key: named(value) for key, value in each.values.items()})
        if each.row is None
        else each
        for each in report.findings
    ]
    return dataclasses.replace(report, file=path.name, findings=tuple(findings))


def _read_copy(copy: Copy, table: Table, options: Options) -> Reading:
    """Have the copy read, within the limits for its size.

    Raises
    ------
    RefusedError : if reading takes too long or too much memory, or fails.
    NoRoomError : if the disk is full.
    """
    limits = limits_for(copy.size_bytes)
    try:
        end = run(request_for(copy, table, options, limits), limits)
        if end == "done":
            return read_answer(copy.folder, table)
    except (ReaderLostError, DataError) as error:
        _LOG.warning("%s cannot be read: %s", copy.name, error)
        end = "reader_failed"
    raise refusal(copy, end, table.name, limits)


def refusal(copy: Copy, end: End, what: str, limits: Limits) -> RefusedError | NoRoomError:
    """Say why a reader did not get done with the copy, which was to be read as `what`."""
    notes = _notes(copy.folder / NOTES)
    _LOG.warning("%s as %s: %s\n%s", copy.name, what, end, notes.decode(errors="replace"))
    if end == "reader_failed" and any(each in notes for each in _OUT_OF_MEMORY):
        end = "too_much_memory"
    if end == "reader_failed" and _DISK_FULL in notes:
        return NoRoomError()
    if end == "took_too_long":
        most = round(limits.wall_seconds)
        return RefusedError(end, expected=round(limits.seconds), most=most)
    return RefusedError(end, expected=f"{limits.memory_bytes / 2**30:.0f} GB")


def request_for(copy: Copy, table: Table, options: Options, limits: Limits) -> Request:
    """Say what to read, and within which limits."""
    return Request(
        folder=str(copy.folder),
        file=copy.name,
        table=table.name,
        options=stated(options),
        seconds=limits.seconds,
        memory_bytes=limits.memory_bytes,
    )


def run(request: Request, limits: Limits) -> End:
    """Let a reader work until it is done or over a limit; either way it is gone afterwards."""
    reader = READERS.give()
    try:
        reader.connection.sendall(request.to_bytes())
        return _watch(reader, limits)
    except (BrokenPipeError, ConnectionResetError):
        return "reader_failed"
    finally:
        reader.end()


def _watch(reader: Reader, limits: Limits) -> End:
    """Wait for the reader's word, looking at the clock and at its memory."""
    begun = time.monotonic()
    while not select.select([reader.connection], [], [], _LOOK_SECONDS)[0]:
        if (
            time.monotonic() - begun > limits.wall_seconds
            or work_seconds(reader.pid) > limits.seconds
        ):
            return "took_too_long"
        used = memory_bytes(reader.pid)
        if used is not None and used[0] > limits.memory_bytes:
            return "too_much_memory"
    word = reader.connection.recv(len(TOO_MUCH_MEMORY) + 1).strip()
    if word == DONE:
        return "done"
    if not word and time.monotonic() - begun > limits.seconds:
        return "took_too_long"  # the kernel looked at the clock while this process could not
    return "too_much_memory" if word == TOO_MUCH_MEMORY else "reader_failed"


def _notes(path: Path) -> bytes:
    """Read the end of what a reader noted."""
    try:
        with open_made(path) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _NOTED))
            return file.read(_NOTED)
    except DataError:
        return b""
