"""Have a street map made of an extract by a process of its own, as files are read."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.basemap.kinds import FIRST_ZOOM, LAST_ZOOM
from geomap.data.basemap.making import COUNTED, PLACE, PLACES, PROGRESS, TILES
from geomap.data.files.findings.report import RefusedError
from geomap.data.sandbox.answer import read_report
from geomap.data.sandbox.client import as_named, refusal, run
from geomap.data.sandbox.copies import open_made, private_copy, read_made
from geomap.data.sandbox.limits import Limits
from geomap.data.sandbox.readers import READERS, ReaderLostError
from geomap.data.sandbox.server import BASEMAP, Request
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from geomap.data.files.findings.report import Report
    from geomap.data.sandbox.copies import Copy

_LOG = logging.getLogger("geomap.sandbox")
#: What making a map takes: memory for the smallest file and for each MB more, seconds likewise.
_MEMORY_BYTES, _MEMORY_A_MB, _MOST_MEMORY = 2**30, 24 * 2**20, 6 * 2**30
_SECONDS, _SECONDS_A_MB, _MOST_SECONDS = 30, 20, 3600
_PATIENCE = 3
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
    with private_copy(path) as copy:
        with READERS.turn, _following(copy.folder / PROGRESS, tell):
            report = as_named(_report(copy), path)
        if report.outcome == "refused":
            finding = report.findings[0]
            raise RefusedError(finding.code, **finding.values)
        yield MadeMap(report, _places(copy.folder), copy.folder)


def _report(copy: Copy) -> Report:
    """Have the map made, and read what is said of it."""
    megabytes = copy.size_bytes / 2**20
    seconds = min(_MOST_SECONDS / _PATIENCE, _SECONDS + _SECONDS_A_MB * megabytes)
    memory = min(_MOST_MEMORY, _MEMORY_BYTES + int(_MEMORY_A_MB * megabytes))
    limits = Limits(seconds, memory, _MOST_SECONDS)
    request = Request(str(copy.folder), copy.name, BASEMAP, {}, limits.seconds, memory)
    try:
        end = run(request, limits)
        if end == "done":
            report = read_report(copy.folder)
            _require_sound(report)
            return report
    except (ReaderLostError, DataError) as error:
        _LOG.warning("%s cannot be made a map: %s", copy.name, error)
        end = "reader_failed"
    raise refusal(copy, end, BASEMAP, limits)


def _require_sound(report: Report) -> None:
    """Refuse a report that is none of a map.

    Raises
    ------
    DataError : if what geomap shows of it is missing, or not what it must be.
    """
    if report.outcome == "refused" and report.findings:
        return
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
