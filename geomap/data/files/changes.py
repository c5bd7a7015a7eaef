"""A list of changes to facilities as an office writes it: its cells, read in this process.

Files that others made are read by :func:`geomap.data.changes.read_changes`, in a child process.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geomap.data.files.findings.report import Finding, RefusedError, Report, arrange
from geomap.data.files.formats.raw import read_raw
from geomap.data.files.formats.sniff import NAMES, sniff
from geomap.data.files.places.coordinates import stated_frame
from geomap.model.facility import FACILITIES
from geomap.model.table import Label

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.formats.raw import RawTable

#: What is written beside the file.
CELLS: Final = "cells.json"
#: So many rows are given back: more than a scenario holds, so that it can be said.
MOST_ROWS: Final = 2_001
_KINDS: Final = ("csv", "xlsx", "geojson")
_ACCEPTED: Final = Label(
    "CSV（.csv .tsv .txt），Excel（.xlsx），GeoJSON（.geojson .json）",
    "CSV (.csv .tsv .txt), Excel (.xlsx), GeoJSON (.geojson .json)",
)


def make_changes(path: Path) -> Report:
    """Write the cells of a table of changes beside it as JSON, and say what was found.

    Raises
    ------
    RefusedError : if it is none of CSV, Excel and GeoJSON, or cannot be read.
    """
    source = sniff(path)
    if source.format not in _KINDS:
        raise RefusedError("format_unknown", came=NAMES[source.format], expected=_ACCEPTED)
    raw = read_raw(path, FACILITIES)
    some = slice(0, MOST_ROWS)
    cells = raw.cells.iloc[some].astype(object)
    told = {
        "header": list(raw.header),
        "rows": raw.rows[some].tolist(),
        "cells": cells.where(cells.notna(), None).to_numpy().tolist(),
        "places": _places(raw)[some],
    }
    path.with_name(CELLS).write_text(json.dumps(told), encoding="ascii")
    rows = len(raw.rows)
    findings: list[Finding] = [*raw.findings]
    return Report(path.name, "changes", rows, rows, findings=arrange(findings, rows))


def _places(raw: RawTable) -> list[Any]:
    """Give each row's point as longitude and latitude, the name of another geometry, or None."""
    if raw.geometry is None:
        return [None] * len(raw.rows)
    frame = stated_frame("wgs84", None, raw.crs)
    is_point = shapely.get_type_id(raw.geometry) == shapely.GeometryType.POINT
    spots = np.full((len(raw.rows), 2), np.nan)
    spots[is_point, 0], spots[is_point, 1] = frame.to_wgs84(
        shapely.get_x(raw.geometry[is_point]), shapely.get_y(raw.geometry[is_point])
    )
    known = np.isfinite(spots).all(axis=1)
    return [
        spot if there else None if shape is None or shape.is_empty else shape.geom_type
        for spot, there, shape in zip(spots.tolist(), known, raw.geometry, strict=True)
    ]
