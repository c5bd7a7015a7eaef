"""Have something made of a file by a process of its own, and take it if it is sound.

What is made is plain bytes beside a report; a :class:`Task` says how they are checked. The tasks
are in :mod:`geomap.data.sandbox.mapping`, ``walking``, ``rasters`` and ``changes``.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from geomap.data.files.findings.report import RefusedError
from geomap.data.sandbox.answer import read_report
from geomap.data.sandbox.client import as_named, refusal, run
from geomap.data.sandbox.copies import private_copy
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.data.sandbox.server import Request
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.copies import Copy
    from geomap.data.sandbox.limits import Limits

T = TypeVar("T")
_LOG = logging.getLogger("geomap.sandbox")


@dataclass(frozen=True)
class Task(Generic[T]):
    """What to make of a file.

    Parameters
    ----------
    what : its name, as the server of readers knows it.
    limits : what a file of so many bytes may take.
    take : makes it of the folder that the reader wrote and of its report, neither of which
        anybody vouches for; raises DataError if they are not sound.
    options : for who makes it, as JSON has them.
    beside : what goes on meanwhile in this process; it is given the folder.
    """

    what: str
    limits: Callable[[int], Limits]
    take: Callable[[Path, Report], T]
    options: Mapping[str, object] = field(default_factory=dict)
    beside: Callable[[Path], AbstractContextManager[object]] = nullcontext


@contextmanager
def made_of(path: Path, task: Task[T]) -> Iterator[tuple[T, Report]]:
    """Make something of a file that others made; what the reader wrote is gone afterwards.

    Raises
    ------
    RefusedError : if the report says why there is nothing, it took too long or too much memory,
        or the reader failed.
    NoRoomError : if the disk is full.
    """
    with private_copy(path) as copy:
        with READERS.turn, task.beside(copy.folder):
            made, report = _made(copy, path, task)
        yield made, as_named(report, path)


def _made(copy: Copy, path: Path, task: Task[T]) -> tuple[T, Report]:
    """Have it made of the copy, and take it."""
    limits = task.limits(copy.size_bytes)
    folder, options = str(copy.folder), dict(task.options)
    most = (limits.seconds, limits.memory_bytes)
    try:
        end = run(Request(folder, copy.name, task.what, options, *most), limits)
        if end == "done":
            report = read_report(copy.folder)
            _require_something(as_named(report, path))
            return task.take(copy.folder, report), report
    except RefusedError:
        raise
    except (ReaderLostError, DataError) as error:
        _LOG.warning("%s cannot be made a %s: %s", copy.name, task.what, error)
        end = "reader_failed"
    raise refusal(copy, end, task.what, limits)


def _require_something(report: Report) -> None:
    """Refuse a file of which the reader says why there is nothing."""
    if report.outcome == "refused" and report.findings:
        finding = report.findings[0]
        raise RefusedError(finding.code, **finding.values)
