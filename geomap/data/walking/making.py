"""Read a network where files that others made are read: its arrays as plain bytes, and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.data.files.findings.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import DTypeLike


#: The arrays, one after the other; what each element of a column is.
ARRAYS: Final = "network.bin"
OF_VERTICES: Final[Mapping[str, DTypeLike]] = {"lon": "<f8", "lat": "<f8", "node": "<i4"}
OF_LINES: Final[Mapping[str, DTypeLike]] = {"size": "<i4", "steps": "u1"}
#: What is counted; see :func:`geomap.data.network_files.read_network`.
COUNTED: Final = ("ways", "closed", "squares", "steps", "cut_off", "blocked")


def make_network(path: Path) -> Report:
    """Write the arrays of an extract's network beside it, and say what it holds.

    Raises
    ------
    RefusedError : if it is no extract, is damaged, or has no street.
    """
    from geomap.data.walking.extract import read_parts
    from geomap.data.walking.strokes import network_of

    parts, counts = read_parts(path)
    network = network_of(parts, counts)
    with path.with_name(ARRAYS).open("wb") as file:
        for name, kind in OF_VERTICES.items():
            file.write(getattr(network, name).astype(kind).tobytes())
        columns = {"size": np.diff(network.first), "steps": network.steps}
        for name, kind in OF_LINES.items():
            file.write(columns[name].astype(kind).tobytes())
    sizes = {"vertices": len(network.lon), "lines": len(network.steps)}
    ways = counts["ways"]
    details = {"format": "osm", **sizes, **{name: counts[name] for name in COUNTED}}
    return Report(path.name, "network", rows=ways, accepted=ways, details=details)
