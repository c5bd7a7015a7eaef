"""Have a walking network read by a process of its own, as files are read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.data.sandbox.copies import read_made
from geomap.data.sandbox.limits import extract_limits
from geomap.data.sandbox.made import Task, made_of
from geomap.data.sandbox.server import NETWORK
from geomap.data.walking.making import ARRAYS, COUNTED, OF_LINES, OF_VERTICES
from geomap.errors import DataError
from geomap.model.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.report import Report

_TIME: Final = {"seconds_a_mb": 10, "most_seconds": 1800}
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
    task = Task(NETWORK, partial(extract_limits, **_TIME), _taken)
    with made_of(path, task) as (network, report):
        return network, report


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
