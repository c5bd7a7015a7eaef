"""The street maps of a workspace: one file of tiles for each extract, in the folder ``basemap``.

A file is MBTiles 1.3 (github.com/mapbox/mbtiles-spec), named after the extract: an extract of the
same name takes its place in one step, one of another name lies beside it. Where several have a
tile, their tiles are joined.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import threading
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geomap.data.basemap.kinds import FIRST_ZOOM, LAST_ZOOM
from geomap.data.basemap.merging import merge_tiles
from geomap.data.store import durable
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geomap.data.sandbox.mapping import MadeMap

FOLDER = "basemap"
ATTRIBUTION = "© OpenStreetMap contributors"
LICENCE = "ODbL-1.0"
_SUFFIX = ".mbtiles"
_GZIP_LEVEL = 6
_LONGEST_NAME = 80
#: No import takes so long: what is older was left by a killed one.
OLD_S = 24 * 60 * 60
#: Joined tiles that are kept; they lie where two cities meet.
_MOST_JOINED = 512
_TABLES = """
CREATE TABLE metadata (name TEXT, value TEXT);
CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);
"""
_INSERT = "INSERT INTO tiles VALUES (?, ?, ?, ?)"
_SELECT = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
#: What the layers of a tile are; see :mod:`geomap.data.basemap`.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "ground": {},
    "green": {"kind": "String"},
    "water": {"kind": "String"},
    "waterways": {"kind": "String", "name": "String", "en": "String"},
    "buildings": {},
    "roads": {"kind": "String", "tunnel": "Number", "name": "String", "en": "String"},
    "names": {"kind": "String", "zoom": "Number", "name": "String", "en": "String"},
}


@dataclass(frozen=True)
class StreetMap:
    """What is known of one street map.

    Parameters
    ----------
    name : of its file, without the end.
    bounds : west, south, east, north in degrees.
    date : of the data, as the extract states it; "" where it does not.
    """

    name: str
    bounds: tuple[float, float, float, float]
    date: str


def map_name(file: str) -> str:
    """Name the street map of an extract by the name of its file.

    Examples
    --------
    >>> map_name("盘锦 2025.osm.pbf"), map_name("..osm")
    ('盘锦-2025', 'map')
    """
    stem = re.sub(r"(\.osm)?(\.pbf)?$", "", file.lower())
    return re.sub(r"[^\w]+", "-", stem).strip("-_")[:_LONGEST_NAME] or "map"


def write_map(folder: Path, made: MadeMap) -> tuple[str, int]:
    """Keep a street map in a workspace: a crash leaves the earlier one of this name, or this.

    Parameters
    ----------
    folder : the workspace.
    made : what was made of an extract.

    Returns
    -------
    Its name, and the bytes of its file.

    Raises
    ------
    DataError : if the disk is full, or the folder cannot be written.
    """
    name = map_name(made.report.file)
    place = folder / FOLDER
    durable.make_folder(place)
    durable.remove_leftovers(place, older_than_s=OLD_S)
    with closing(sqlite3.connect(":memory:")) as tiles:
        tiles.executescript(_TABLES)
        tiles.executemany("INSERT INTO metadata VALUES (?, ?)", _metadata(name, made).items())
        rows = (
            (z, x, (1 << z) - 1 - y, gzip.compress(content, _GZIP_LEVEL, mtime=0))
            for z, x, y, content in made.tiles()
        )
        tiles.executemany(_INSERT, rows)
        tiles.commit()
        content = tiles.serialize()
    durable.write_atomically(place / f"{name}{_SUFFIX}", content)
    return name, len(content)


def _metadata(name: str, made: MadeMap) -> dict[str, str]:
    """Say what the map is, as MBTiles asks for, and of which day."""
    layers = [
        {"id": layer, "fields": dict(fields), "minzoom": FIRST_ZOOM, "maxzoom": LAST_ZOOM}
        for layer, fields in FIELDS.items()
    ]
    return {
        "name": name,
        "format": "pbf",
        "type": "baselayer",
        "minzoom": str(FIRST_ZOOM),
        "maxzoom": str(LAST_ZOOM),
        "bounds": ",".join(map(str, made.report.details["bounds"])),  # type: ignore[call-overload]  # checked when it was taken
        "attribution": ATTRIBUTION,
        "licence": LICENCE,
        "data_date": str(made.report.details["date"]),
        "file": made.report.file,
        "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "json": json.dumps({"vector_layers": layers}),
    }


class StreetMaps:
    """The street maps of a folder, read-only; threads may share them.

    Parameters
    ----------
    folder : the workspace; it may have none.

    Raises
    ------
    DataError : if one of them is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.stamp = maps_stamp(folder)
        self._held: list[tuple[StreetMap, sqlite3.Connection]] = []
        self._lock = threading.Lock()
        self._joined: dict[tuple[int, int, int], bytes] = {}
        for path in _files(folder):
            self._held.append(_opened(path))

    @property
    def maps(self) -> list[StreetMap]:
        """What is known of each, in the order of their names."""
        return [each for each, _ in self._held]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Give a tile, gzip-compressed; None where no map has one.

        Raises
        ------
        DataError : if a file is damaged.
        """
        place = z, x, (1 << z) - 1 - y
        with self._lock:
            try:
                rows = [each.execute(_SELECT, place).fetchone() for _, each in self._held]
            except sqlite3.DatabaseError as error:
                raise DataError(f"a street map is damaged ({error}): import it again") from error
        found = [bytes(row[0]) for row in rows if row is not None]
        if len(found) < 2:  # noqa: PLR2004 (one is as it is)
            return found[0] if found else None
        return self._join(place, found)

    def _join(self, place: tuple[int, int, int], found: list[bytes]) -> bytes:
        """Join tiles of several maps, or give what was joined before."""
        held = self._joined.get(place)
        if held is None:
            try:
                joined = merge_tiles(gzip.decompress(each) for each in found)
            except (OSError, EOFError, zlib.error) as error:
                raise DataError(f"a street map is damaged ({error}): import it again") from error
            held = gzip.compress(joined, _GZIP_LEVEL, mtime=0)
            if len(self._joined) >= _MOST_JOINED:
                self._joined.clear()
            self._joined[place] = held
        return held

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for _, each in self._held:
                each.close()


def maps_stamp(folder: Path) -> str:
    """Give a text that changes whenever a street map is written; "" where there is none."""
    found = [(path.name, path.stat()) for path in _files(folder)]
    return " ".join(f"{name}-{each.st_ino}-{each.st_mtime_ns}" for name, each in found)


def _files(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob(f"*{_SUFFIX}"))


def _opened(path: Path) -> tuple[StreetMap, sqlite3.Connection]:
    """Open a file of tiles; it is never changed, only replaced."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    tiles = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        told = dict(tiles.execute("SELECT name, value FROM metadata").fetchall())
        west, south, east, north = map(float, told["bounds"].split(","))
    except (sqlite3.DatabaseError, KeyError, ValueError) as error:
        tiles.close()
        raise DataError(f"{path} is damaged ({error}): import it again") from error
    return StreetMap(path.stem, (west, south, east, north), told.get("data_date", "")), tiles
