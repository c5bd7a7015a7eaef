"""Have a walking network read by a process of its own, as files are read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import RefusedError
from geomap.data.sandbox.answer import read_report
from geomap.data.sandbox.client import as_named, refusal, run
from geomap.data.sandbox.copies import private_copy, read_made
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.data.sandbox.server import NETWORK, Request
from geomap.data.walking.making import ARRAYS, COUNTED, OF_LINES, OF_VERTICES
from geomap.errors import DataError
from geomap.model.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.copies import Copy

_LOG = logging.getLogger("geomap.sandbox")
#: What reading takes: memory for the smallest file and for each MB more, seconds likewise.
_MEMORY_BYTES, _MEMORY_A_MB, _MOST_MEMORY = 2**30, 24 * 2**20, 6 * 2**30
_SECONDS, _SECONDS_A_MB, _MOST_SECONDS = 30, 10, 1800
_PATIENCE = 3
#: No more is taken: a network of a province.
_LONGEST_ARRAYS = 2**31


def network_of_file(path: Path) -> tuple[Network, Report]:
    """Read the network of an extract that others made, stairs and all.

    Raises
    ------
    RefusedError : if the file is no extract, is damaged, holds no street, or takes too long or
        too much memory.
    NoRoomError : if the disk is full.
    """
    with private_copy(path) as copy:
        with READERS.turn:
            network, report = _read(copy)
        report = as_named(report, path)
        if network is None:
            finding = report.findings[0]
            raise RefusedError(finding.code, **finding.values)
        return network, report


def _read(copy: Copy) -> tuple[Network | None, Report]:
    """Have the copy read; no network where the report says why."""
    megabytes = copy.size_bytes / 2**20
    seconds = min(_MOST_SECONDS / _PATIENCE, _SECONDS + _SECONDS_A_MB * megabytes)
    memory = min(_MOST_MEMORY, _MEMORY_BYTES + int(_MEMORY_A_MB * megabytes))
    limits = Limits(seconds, memory, _MOST_SECONDS)
    request = Request(str(copy.folder), copy.name, NETWORK, {}, limits.seconds, memory)
    try:
        end = run(request, limits)
        if end == "done":
            report = read_report(copy.folder)
            if report.outcome == "refused" and report.findings:
                return None, report
            return _taken(copy.folder, report), report
    except (ReaderLostError, DataError) as error:
        _LOG.warning("%s cannot be read as a network: %s", copy.name, error)
        end = "reader_failed"
    raise refusal(copy, end, NETWORK, limits)


def _taken(folder: Path, report: Report) -> Network:
    """Make a network of bytes that nobody vouches for.

    Raises
    ------
    DataError : if they are none.
    """
    said = {name: report.details.get(name) for name in ("vertices", "lines", *COUNTED)}
    if any(type(each) is not int or each < 0 for each in said.values()):
        raise DataError("the report of a network must count what it holds")
    sizes = {name: int(str(each)) for name, each in said.items()}
    kinds = {name: (np.dtype(kind), sizes["vertices"]) for name, kind in OF_VERTICES.items()}
    kinds |= {name: (np.dtype(kind), sizes["lines"]) for name, kind in OF_LINES.items()}
    data = read_made(folder / ARRAYS, _LONGEST_ARRAYS)
    if len(data) != sum(kind.itemsize * size for kind, size in kinds.values()):
        raise DataError("the arrays of a network must be as long as it says")
    at, arrays = 0, {}
    for name, (kind, size) in kinds.items():
        arrays[name] = np.frombuffer(data, kind, size, at).astype(kind.newbyteorder("="))
        at += kind.itemsize * size
    length = arrays.pop("size")
    if (length < 0).any():
        raise DataError("a line must not be shorter than nothing")
    first = np.concatenate([[0], np.cumsum(length, dtype=np.int64)]).astype(np.int64)
    steps = arrays.pop("steps") > 0
    counts = {name: sizes[name] for name in COUNTED}
    return Network(**arrays, first=first, steps=steps, slowness=np.ones(len(steps)), counts=counts)
