"""Facilities as vector tiles, for maps that other people draw.

A tile says as much as fits into `LARGEST_BYTES`: few facilities with what a popup shows, more
with id, type and status, and yet more as cells of a pixel with the number in each. From zoom
`EXACT_ZOOM` on every facility is a point of its own in the one tile that it stands in, whatever
the size: all tiles of such a zoom hold each once. There is no margin, for the same reason.
Facilities beyond 85.05° north or south stand on the edge of the grid, and 180° E in its last
column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geomap.maps.mvt import EXTENT, Attribute, attribute, point_layer, value_message
from geomap.maps.tilemath import KEY_BITS, Tile, tile_key, unmorton
from geomap.model.facility import FACILITIES, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from geomap.maps.clusters import ClusterIndex

LAYER = "facilities"
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
#: From this zoom on, a unit of the tile is a cell of the keys: 0.6 m at the equator.
EXACT_ZOOM = 14
#: No tile above that zoom is larger, whatever is in it.
LARGEST_BYTES = 150_000
#: What few facilities, and what more of them, say of themselves.
FULL = (
    "id",
    "name",
    "name_en",
    "type",
    "status",
    "adcode",
    "beds_total",
    "beds_available",
    "beds_updated",
    "price_min",
    "price_max",
    "rating",
    "rating_scheme",
)
SHORT = ("id", "type", "status")
#: The number of facilities in a cell.
COUNT = "point_count"
#: The most facilities of a tile that says all of them.
MOST_FULL = 250
_MOST_SHORT, _MOST_CELLS = 2_500, 8_000
_FIRST_ZOOM = 4
_GRID_BOUNDS = (-180.0, -85.0511287798, 180.0, 85.0511287798)
_PX_BITS = 8  # a tile is 256 px
_NUMBERS = {name: number for number, name in enumerate(TYPES)}
_TYPE_VALUES = tuple(value_message(name) for name in TYPES)
_KINDS = {"integer": "Number", "number": "Number", "yes_no": "Boolean"}


class _Points(NamedTuple):
    """Facilities in Morton order.

    Their keys, their places in the grid of the keys, their positions in the frame, and the
    numbers of their types.
    """

    keys: NDArray[np.uint64]
    x: NDArray[np.uint32]
    y: NDArray[np.uint32]
    rows: NDArray[np.intp]
    kinds: NDArray[np.int8]

    def of(self, some: slice | NDArray[np.bool_]) -> _Points:
        """Give some of them."""
        return _Points(
            self.keys[some], self.x[some], self.y[some], self.rows[some], self.kinds[some]
        )


@dataclass(frozen=True, eq=False)
class FacilityTiles:
    """Located facilities, ready to be written as the tile of any place.

    Parameters
    ----------
    facilities : (n,) facility frame.
    clusters : the same facilities, grouped for the map.

    Examples
    --------
    >>> from geomap.maps.clusters import ClusterIndex
    >>> homes = FACILITIES.empty()
    >>> FacilityTiles(homes, ClusterIndex([], [], [])).tile(Tile(0, 0, 0))
    b''
    """

    facilities: pd.DataFrame
    clusters: ClusterIndex

    @cached_property
    def _points(self) -> _Points:
        rows = self.clusters.order
        names = self.facilities["type"].array.take(rows).tolist()
        kinds = np.array([_NUMBERS.get(each, -1) for each in names], dtype=np.int8)
        keys = self.clusters.keys
        return _Points(keys, *unmorton(keys), rows, kinds)

    @cached_property
    def _columns(self) -> Mapping[str, pd.api.extensions.ExtensionArray]:
        """What tiles say, by name: to look a column up in the frame takes longer than its rows."""
        return {name: self.facilities[name].array for name in FULL}

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the facilities, degrees; of the grid where there is none.

        Never beyond the grid, whose projection has no place for a pole: GDAL would find nothing.
        """
        rows = self.clusters.order
        if not rows.size:
            return _GRID_BOUNDS
        lon, lat = (np.asarray(each)[rows] for each in (self.clusters.lon, self.clusters.lat))
        lat = lat.clip(_GRID_BOUNDS[1], _GRID_BOUNDS[3])
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def warm_up(self) -> None:
        """Sort the facilities, before the first tile is asked for."""
        _ = self._points

    def attributes(self) -> Mapping[str, Attribute]:
        """Give what tiles say of all facilities, by name and in Morton order."""
        points = self._points
        return {
            name: _types(points.kinds) if name == "type" else self._attribute(name, points.rows)
            for name in FULL
        }

    def tile(self, tile: Tile, *, chosen: NDArray[np.bool_] | None = None) -> bytes:
        """Write the facilities of a tile.

        Parameters
        ----------
        tile : a tile of the grid.
        chosen : (n,) the facilities to show; all where None.

        Returns
        -------
        A Mapbox vector tile with the layer `LAYER`; nothing where no facility stands. The counts
        of its features, 1 where there is none, add up to its facilities.
        """
        points = self._within(tile, chosen)
        if len(points.rows) <= MOST_FULL:
            written = self._described(tile, points, FULL)
            if len(written) <= LARGEST_BYTES:
                return written
        if len(points.rows) <= _MOST_SHORT:
            written = self._described(tile, points, SHORT)
            if len(written) <= LARGEST_BYTES:
                return written
        if tile.z >= EXACT_ZOOM:
            return _layer(tile, points.x, points.y, {"type": _types(points.kinds)})
        return _cells(tile, points)

    def _within(self, tile: Tile, chosen: NDArray[np.bool_] | None) -> _Points:
        """Find the chosen facilities of a tile."""
        every = self._points
        shift = 2 * (KEY_BITS - tile.z)
        bounds = np.array([tile_key(tile), tile_key(tile) + 1], dtype=np.uint64) << np.uint64(shift)
        first, last = np.searchsorted(every.keys, bounds)
        here = every.of(slice(int(first), int(last)))
        return here if chosen is None else here.of(chosen[here.rows])

    def _described(self, tile: Tile, points: _Points, names: tuple[str, ...]) -> bytes:
        """Write facilities with what is known of them."""
        told = {name: self._attribute(name, points.rows) for name in names if name != "type"}
        attributes = {n: _types(points.kinds) if n == "type" else told[n] for n in names}
        return _layer(tile, points.x, points.y, attributes)

    def _attribute(self, name: str, rows: NDArray[np.intp]) -> Attribute:
        """Take a column as an attribute; dates as ISO 8601 writes them."""
        import pyarrow as pa

        values = pa.array(self._columns[name].take(rows), from_pandas=True)
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.date32()).cast(pa.string())
        return attribute(values)


def _types(kinds: NDArray[np.int8]) -> Attribute:
    """Take numbers of types as an attribute; -1 is none, and the last of `codes`."""
    there = np.flatnonzero(np.bincount(kinds + 1, minlength=len(TYPES) + 1)[1:])
    codes = np.full(len(TYPES) + 1, -1)
    codes[there] = np.arange(len(there))
    return Attribute(codes[kinds], [_TYPE_VALUES[each] for each in there])


def _cells(tile: Tile, points: _Points) -> bytes:
    """Write the number of facilities in each cell at their mean place, and their type if one.

    Cells are 1 px wide, or so much wider that there are not too many.
    """
    shift = 2 * (KEY_BITS - tile.z - _PX_BITS)
    starts = _starts(points.keys, shift)
    while len(starts) > _MOST_CELLS:
        shift += 2
        starts = starts[_starts(points.keys[starts], shift)]
    counts = np.diff(starts, append=len(points.keys))
    x, y = (np.add.reduceat(axis, starts, dtype=float) / counts for axis in (points.x, points.y))
    low, high = (each.reduceat(points.kinds, starts) for each in (np.minimum, np.maximum))
    there = np.bincount(counts) > 0
    numbers, codes = np.flatnonzero(there), (np.cumsum(there) - 1)[counts]
    counted = Attribute(codes, [value_message(each) for each in numbers.tolist()])
    kinds = _types(np.where(low == high, low, -1))
    return _layer(tile, x, y, {"type": kinds, COUNT: counted})


def _starts(keys: NDArray[np.uint64], shift: int) -> NDArray[np.intp]:
    """Find where each cell begins among ascending keys."""
    cells = keys >> np.uint64(shift)
    return np.flatnonzero(np.diff(cells, prepend=~cells[:1]))


def _layer(
    tile: Tile,
    x: NDArray[np.floating | np.uint32],
    y: NDArray[np.floating | np.uint32],
    attributes: Mapping[str, Attribute],
) -> bytes:
    """Write points, given in the grid of the keys, in units of the tile."""
    units = EXTENT * 2.0 ** (tile.z - KEY_BITS)
    own_x = np.floor((x + 0.5) * units).astype(np.int64) - tile.x * EXTENT
    own_y = np.floor((y + 0.5) * units).astype(np.int64) - tile.y * EXTENT
    return point_layer(LAYER, own_x, own_y, attributes)


def tile_json(
    tiles: FacilityTiles, address: str, *, name: str, attribution: str | None
) -> dict[str, object]:
    """Describe the tiles to programs that draw them, as TileJSON 3.0.0.

    Source: github.com/mapbox/tilejson-spec/tree/master/3.0.0.

    Parameters
    ----------
    tiles : the facilities.
    address : where their tiles are, with {z}, {x} and {y}.
    name : what the map is called.
    attribution : whose data it is; programs may show it as HTML, so it is escaped.
    """
    west, south, east, north = tiles.bounds
    return {
        "tilejson": "3.0.0",
        "name": name,
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": 0,
        "maxzoom": EXACT_ZOOM,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, _FIRST_ZOOM],
        **({"attribution": escape(attribution)} if attribution else {}),
        "vector_layers": [
            {
                "id": LAYER,
                "description": "Homes and centres; where there are many, their number in a cell",
                "minzoom": 0,
                "maxzoom": EXACT_ZOOM,
                "fields": {**{each: _kind(each) for each in FULL}, COUNT: "Number"},
            }
        ],
    }


def _kind(name: str) -> str:
    """Name the kind of an attribute as TileJSON does."""
    return _KINDS.get(FACILITIES.by_name[name].kind, "String")
