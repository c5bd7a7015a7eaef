"""Make the tiles of an extract, where files that others made are read.

The tiles are written beside the file as plain bytes: one after another, and a table of where each
belongs and how long it is. Whoever takes them decodes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import RefusedError, Report
from geomap.model.mercator import to_degrees

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.basemap.extract import Extract

#: The tiles; for each its zoom, column, row and bytes; how far the work is, in percent.
TILES, PLACES, PROGRESS = "tiles.bin", "tiles.index", "progress"
PLACE = np.dtype("<u4")
#: What is counted in the report.
COUNTED = ("roads", "buildings", "water", "green", "names")
#: Reading takes this share of the time, going by how many bytes an object that is drawn takes.
_READING_PERCENT, _BYTES_EACH = 40, 80
_DECIMALS = 6


def make_map(path: Path) -> Report:
    """Write the tiles of an extract beside it, and say what is drawn.

    Raises
    ------
    RefusedError : if it is no extract, is damaged, has no roads or is too wide.
    """
    from geomap.data.basemap.cutting import count_columns, cut_tiles
    from geomap.data.basemap.extract import read_extract
    from geomap.data.files.formats.sniff import EXTRACT, NAMES, sniff

    source = sniff(path)
    if source.format not in ("osm", "pbf"):
        raise RefusedError("format_unknown", came=NAMES[source.format], expected=EXTRACT)
    progress = path.with_name(PROGRESS)
    share = _BYTES_EACH / path.stat().st_size
    extract = read_extract(
        path, tell=lambda done: _note(progress, min(1, done * share) * _READING_PERCENT)
    )
    columns = (100 - _READING_PERCENT) / count_columns(extract.box)
    places = []
    with path.with_name(TILES).open("wb") as file:
        for tile in cut_tiles(
            extract, tell=lambda done: _note(progress, _READING_PERCENT + done * columns)
        ):
            file.write(tile.content)
            places.append((tile.z, tile.x, tile.y, len(tile.content)))
    path.with_name(PLACES).write_bytes(np.array(places, dtype=PLACE).tobytes())
    return _report(path, extract)


def _note(path: Path, percent: float) -> None:
    """Leave word of how far the work is."""
    path.write_text(str(int(percent)), encoding="ascii")


def _report(path: Path, extract: Extract) -> Report:
    """Say what is drawn, where, and of which day."""
    west, north, east, south = extract.box
    lon, lat = to_degrees([west, east], [south, north])
    counts = {name: extract.counts.get(name, 0) for name in COUNTED}
    counts["names"] += extract.counts.get("named areas", 0)
    drawn = sum(counts.values())
    bounds = [round(float(each), _DECIMALS) for each in (lon[0], lat[0], lon[1], lat[1])]
    details = {"format": "osm", "date": extract.date, "bounds": bounds, **counts}
    return Report(path.name, "basemap", rows=drawn, accepted=drawn, details=details)
