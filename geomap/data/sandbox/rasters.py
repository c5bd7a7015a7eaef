"""Have a band of a GeoTIFF read by a process of its own, as files are read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.places.coordinates import stated_frame
from geomap.data.rasters.geotiff import BAND, MOST_CELLS
from geomap.data.sandbox.copies import read_made
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.made import Task, made_of
from geomap.data.sandbox.server import RASTER
from geomap.errors import DataError
from geomap.model.crs import GEOGRAPHIC, transform_points
from geomap.model.population_grid import PopulationGrid

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.files.findings.report import Report

_LIMITS = Limits(seconds=60, memory_bytes=1536 * 2**20, most_seconds=180)
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
    task = Task(RASTER, lambda _size: _LIMITS, partial(_taken, crs=crs), {"band": band})
    with made_of(path, task) as (grid, report):
        return grid, report


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
    if not data or len(data) != 4 * columns * rows:
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
