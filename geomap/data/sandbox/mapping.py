"""Have a street map made of an extract by a process of its own, as files are read."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.data.basemap.kinds import FIRST_ZOOM, LAST_ZOOM
from geomap.data.basemap.making import COUNTED, PLACE, PLACES, PROGRESS, TILES
from geomap.data.sandbox.copies import open_made, read_made
from geomap.data.sandbox.limits import extract_limits
from geomap.data.sandbox.made import Task, made_of
from geomap.data.sandbox.server import BASEMAP
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from geomap.data.files.findings.report import Report

_TIME: Final = {"seconds_a_mb": 20, "most_seconds": 3600}
#: No more than this is taken: an index of all tiles of a province, and a tile before compression.
_LONGEST_INDEX, _LONGEST_TILE = 16 * 2**20, 4 * 2**20
_LOOK_SECONDS = 0.3
_EAST, _NORTH = 180.0, 90.0


@dataclass(frozen=True, eq=False)
class MadeMap:
    """What was made of an extract, for as long as it is needed.

    Parameters
    ----------
    report : what is drawn; ``details`` has the date of the data and the bounds in degrees.
    places : (n, 4) zoom, column, row and bytes of each tile.
    """

    report: Report
    places: NDArray[np.uint32]
    folder: Path

    def tiles(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Give the tiles one by one: zoom, column, row, and the tile, which is not trusted.

        Raises
        ------
        DataError : if there is less than was said.
        """
        with open_made(self.folder / TILES) as file:
            for z, x, y, size in self.places.tolist():
                content = file.read(size)
                if len(content) < size:
                    raise DataError("a tile of the map is missing")
                yield z, x, y, content


@contextmanager
def map_of(path: Path, *, tell: Callable[[int], object] = bool) -> Iterator[MadeMap]:
    """Make a street map of an extract that others made; it is gone afterwards.

    Parameters
    ----------
    path : .osm.pbf or .osm.
    tell : is told how many percent are done.

    Raises
    ------
    RefusedError : if the file is no extract, is damaged, holds no roads, or takes too long or
        too much memory.
    NoRoomError : if the disk is full.
    """
    task = Task(
        BASEMAP,
        partial(extract_limits, **_TIME),
        _taken,
        beside=lambda folder: _following(folder / PROGRESS, tell),
    )
    with made_of(path, task) as (made, report):
        yield replace(made, report=report)


def _taken(folder: Path, report: Report) -> MadeMap:
    """Take a map that nobody vouches for; its tiles are not looked into.

    Raises
    ------
    DataError : if it is none.
    """
    _require_sound(report)
    return MadeMap(report, _places(folder), folder)


def _require_sound(report: Report) -> None:
    """Refuse a report that is none of a map.

    Raises
    ------
    DataError : if what geomap shows of it is missing, or not what it must be.
    """
    said = report.details
    bounds, day = said.get("bounds"), said.get("date")
    if not isinstance(bounds, list) or [type(each) for each in bounds] != [float] * 4:
        raise DataError("the report of a map must state its bounds")
    west, south, east, north = bounds
    if not (-_EAST <= west <= east <= _EAST and -_NORTH <= south <= north <= _NORTH):
        raise DataError("the bounds of a map must lie on the globe")
    if not isinstance(day, str) or (day and not _is_day(day)):
        raise DataError("the report of a map must state its date, or none")
    if any(type(said.get(name)) is not int for name in COUNTED):
        raise DataError("the report of a map must count what it shows")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _places(folder: Path) -> NDArray[np.uint32]:
    """Read where the tiles belong; each must be of the grid, and once.

    Raises
    ------
    DataError : if they are not.
    """
    content = read_made(folder / PLACES, _LONGEST_INDEX)
    if not content or len(content) % (4 * PLACE.itemsize):
        raise DataError("the index of the map is damaged")
    places = np.frombuffer(content, dtype=PLACE).reshape(-1, 4)
    z, x, y, size = places.T
    sound = (z >= FIRST_ZOOM) & (z <= LAST_ZOOM) & (size > 0) & (size <= _LONGEST_TILE)
    side = np.uint64(1) << z.astype(np.uint64)
    sound &= (x < side) & (y < side)
    if not sound.all() or len(np.unique(places[:, :3], axis=0)) < len(places):
        raise DataError("the index of the map is damaged")
    return places


@contextmanager
def _following(progress: Path, tell: Callable[[int], object]) -> Iterator[None]:
    """Tell how far the reader says it is, until it is done."""
    over = threading.Event()

    def follow() -> None:
        while not over.wait(_LOOK_SECONDS):
            with suppress(DataError, ValueError):
                tell(max(0, min(100, int(read_made(progress, 8)))))

    thread = threading.Thread(target=follow, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
