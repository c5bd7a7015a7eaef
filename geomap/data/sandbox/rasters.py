"""Have a band of a GeoTIFF read by a process of its own, as files are read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.places.coordinates import stated_frame
from geomap.data.rasters.geotiff import BAND, MOST_CELLS
from geomap.data.sandbox.answer import read_report
from geomap.data.sandbox.client import as_named, refusal, run
from geomap.data.sandbox.copies import private_copy, read_made
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.data.sandbox.server import RASTER, Request
from geomap.errors import DataError
from geomap.model.crs import GEOGRAPHIC, transform_points
from geomap.model.population_grid import PopulationGrid

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.copies import Copy

_LOG = logging.getLogger("geomap.sandbox")
_MEMORY_BYTES, _SECONDS, _MOST_SECONDS = 1536 * 2**20, 60, 180
_HALF_TURN, _POLE = 180.0, 90.0
_COUNTS, _PLACES = ("columns", "rows", "unknown", "negative"), ("west", "north", "width", "height")


def grid_of_file(
    path: Path, *, band: int = 1, crs: str | None = None
) -> tuple[PopulationGrid, Report]:
    """Read a band of a GeoTIFF that others made.

    Raises
    ------
    RefusedError : if the file is no GeoTIFF, is damaged, turned or too large, states no
        coordinate system or one that is not accepted, or takes too long or too much memory.
    ParameterError : if `crs` is unknown.
    NoRoomError : if the disk is full.
    """
    stated_frame("wgs84", crs, None)
    with private_copy(path) as copy:
        with READERS.turn:
            grid, report = _read(copy, band, crs)
        report = as_named(report, path)
        if grid is None:
            finding = report.findings[0]
            raise RefusedError(finding.code, **finding.values)
        return grid, report


def _read(copy: Copy, band: int, crs: str | None) -> tuple[PopulationGrid | None, Report]:
    """Have the copy read; no grid where the report says why."""
    limits = Limits(_SECONDS, _MEMORY_BYTES, _MOST_SECONDS)
    options = {"band": band}
    request = Request(str(copy.folder), copy.name, RASTER, options, _SECONDS, _MEMORY_BYTES)
    try:
        end = run(request, limits)
        if end == "done":
            report = read_report(copy.folder)
            if report.outcome == "refused" and report.findings:
                return None, report
            return _taken(copy.folder, report, crs), report
    except RefusedError:
        raise
    except (ReaderLostError, DataError) as error:
        _LOG.warning("%s cannot be read as a raster: %s", copy.name, error)
        end = "reader_failed"
    raise refusal(copy, end, RASTER, limits)


def _taken(folder: Path, report: Report, crs: str | None) -> PopulationGrid:
    """Make a grid of bytes that nobody vouches for.

    Raises
    ------
    RefusedError : if its coordinate system is none that is accepted.
    DataError : if they are no grid.
    """
    said = {name: report.details.get(name) for name in (*_COUNTS, *_PLACES, "system")}
    if any(type(said[name]) is not int or said[name] < 0 for name in _COUNTS):  # type: ignore[operator]  # an int by now
        raise DataError("the report of a raster must count its cells")
    if any(type(said[name]) is not float for name in _PLACES) or type(said["system"]) is not str:
        raise DataError("the report of a raster must say where it lies")
    columns, rows, _, negative = (int(str(said[name])) for name in _COUNTS)
    west, north, width, height = (float(str(said[name])) for name in _PLACES)
    frame = stated_frame("wgs84", crs, str(said["system"]))
    data = read_made(folder / BAND, 4 * MOST_CELLS)
    if len(data) != 4 * columns * rows:
        raise DataError("a raster must be as long as it says")
    grid = PopulationGrid(
        people=np.frombuffer(data, "<f4").reshape(rows, columns),
        x=(west + (np.arange(columns) + 0.5) * width).astype(np.float64),
        y=(north + (np.arange(rows) + 0.5) * height).astype(np.float64),
        width=width,
        height=abs(height),
        crs=frame.crs or GEOGRAPHIC,
        negative=negative,
    )
    _require_on_earth(grid)
    return grid


def _require_on_earth(grid: PopulationGrid) -> None:
    """Refuse a grid whose corners are no places, as with metres that are said to be degrees."""
    x, y = np.meshgrid(grid.x[[0, -1]], grid.y[[0, -1]])
    lon, lat = transform_points(x.ravel(), y.ravel(), grid.crs)
    wrong = ~(np.abs(lon) <= _HALF_TURN) | ~(np.abs(lat) <= _POLE)
    if wrong.any():
        corner = f"{x.ravel()[wrong][0]:g}, {y.ravel()[wrong][0]:g}"
        raise RefusedError("raster_outside", came=corner, expected=grid.crs)
