"""What orients on a map without streets: boundaries, place names, hospitals, residential areas.

Everything is kept in world coordinates (see :mod:`geomap.maps.tilemath`), so that a tile is a
clip and a linear change of units. Positions in a tile are whole quarter pixels from its
north-west corner.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
import shapely
from shapely import STRtree

from geomap.maps.tilemath import KEY_BITS, TILE_PX, Tile, morton, tile_key
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

#: Tile units to a pixel.
UNITS = 4
#: The zoom from which the lines of each kind are drawn; "nation" are lines at sea.
LINE_ZOOMS: Mapping[str, int] = {"nation": 3, "province": 3, "city": 7, "county": 8}
#: The zoom from which land is filled: before, the background picture shows it.
LAND_ZOOM = 7
#: From here on lines are drawn as they are; before, simplified to a part of a pixel.
FULL_DETAIL_ZOOM = 12
_TOLERANCE_PX = 0.6
_MARGIN_PX = 4
_MOST_POINTS = 120
_POLYGON = 3  # shapely's number of the kind
_LEAST_RING = 8  # a ring of fewer than four positions has no area


class ContextTile(TypedDict):
    """One tile: lines by kind as flat lists x, y, x, y, …; points by kind as [x, y, rank, name].

    Land is true where it fills the tile, else the rings of its polygons as flat lists; a place
    is on land if an odd number of them go around it.
    """

    land: bool | list[list[int]]
    lines: dict[str, list[list[int]]]
    points: dict[str, list[list[int | str]]]


@dataclass(frozen=True, eq=False)
class PointLayer:
    """Named points of one kind.

    Parameters
    ----------
    lon, lat : (n,) degrees.
    names : (n,) names; an empty one is drawn without a label.
    zooms : (n,) the zoom from which each is drawn.
    until : (n,) the last zoom at which each is drawn.
    ranks : (n,) 0 for the most important; where a tile is crowded the least important give way.
    margin_px : a tile also has the points so far outside it, whose pictures reach into it.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    names: Sequence[str]
    zooms: NDArray[np.int64]
    until: NDArray[np.int64]
    ranks: NDArray[np.int64]
    margin_px: int = 0

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.float64]]:
        """Keys and rows in Morton order, and world coordinates by row."""
        x, y = to_world(self.lon, self.lat)
        keys = morton(x, y)
        order = np.argsort(keys, kind="stable")
        return keys[order], order, np.column_stack([x, y])

    def tile(self, tile: Tile) -> list[list[int | str]]:
        """List the points of a tile as [x, y, rank, name], the most important first."""
        world = self._sorted[2]
        rows = np.concatenate([self._inside(each) for each in self._around(tile)])
        rows = rows[(self.zooms[rows] <= tile.z) & (tile.z <= self.until[rows])]
        margin = self.margin_px * UNITS
        spots = _to_units(world[rows], tile)
        near = ((spots >= -margin) & (spots <= TILE_PX * UNITS + margin)).all(axis=1)
        rows, spots = rows[near], spots[near]
        order = np.lexsort((rows, self.ranks[rows]))[:_MOST_POINTS]
        return [
            [int(x), int(y), int(self.ranks[row]), str(self.names[row])]
            for (x, y), row in zip(spots[order], rows[order], strict=True)
        ]

    def _around(self, tile: Tile) -> list[Tile]:
        """List the tiles whose points may reach into this one."""
        if not self.margin_px:
            return [tile]
        side = 1 << tile.z
        columns = range(max(tile.x - 1, 0), min(tile.x + 2, side))
        lines = range(max(tile.y - 1, 0), min(tile.y + 2, side))
        return [Tile(tile.z, x, y) for x in columns for y in lines]

    def _inside(self, tile: Tile) -> NDArray[np.intp]:
        """Find the rows in a tile: one run of the sorted keys."""
        keys, order, _ = self._sorted
        shift = np.uint64(2 * (KEY_BITS - tile.z))
        first = tile_key(tile)
        ends = np.searchsorted(keys, np.array([first, first + 1], dtype=np.uint64) << shift)
        return order[ends[0] : ends[1]]


class _Level(NamedTuple):
    """What is drawn at one zoom: lines by kind and land, each with its tree."""

    lines: dict[str, tuple[STRtree, NDArray[np.object_]]]
    land: tuple[STRtree, NDArray[np.object_]]


@dataclass(frozen=True, eq=False)
class ContextIndex:
    """All that orients, ready to be cut into tiles.

    Parameters
    ----------
    lines : boundary lines by kind (`LINE_ZOOMS`), in world coordinates.
    points : named points by kind.
    land : polygons in world coordinates; none may overlap another.
    """

    lines: Mapping[str, NDArray[np.object_]]
    points: Mapping[str, PointLayer]
    land: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    _levels: dict[int, _Level] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm_up(self) -> None:
        """Simplify for every zoom now, so that no tile has to wait for it."""
        for z in range(FULL_DETAIL_ZOOM, min(LINE_ZOOMS.values()) - 1, -1):
            self._level(z)

    def tile(self, tile: Tile) -> ContextTile:
        """Cut one tile.

        Examples
        --------
        >>> line = shapely.linestrings([[0.5, 0.0], [0.5, 1.0]])
        >>> index = ContextIndex({"province": np.array([line])}, {})
        >>> index.tile(Tile(4, 8, 0))["lines"]
        {'province': [[0, 0, 0, 1040]]}
        """
        level = self._level(tile.z)
        lines = {}
        for kind, (tree, arcs) in level.lines.items():
            parts = _clip(arcs[np.sort(tree.query(_box(tile)))], tile)
            if parts:
                lines[kind] = parts
        points = {kind: layer.tile(tile) for kind, layer in self.points.items()}
        return {
            "land": _land(level, tile),
            "lines": lines,
            "points": {kind: found for kind, found in points.items() if found},
        }

    def _level(self, z: int) -> _Level:
        """Give what is drawn at a zoom, simplified for it."""
        z = min(z, FULL_DETAIL_ZOOM)
        if z not in self._levels:
            with self._lock:
                self._levels.setdefault(z, self._simplified(z))
        return self._levels[z]

    def _simplified(self, z: int) -> _Level:
        lines = {
            kind: _indexed(_simple(arcs, z))
            for kind, arcs in self.lines.items()
            if z >= LINE_ZOOMS[kind]
        }
        land = _simple(self.land, z, valid=True) if z >= LAND_ZOOM else self.land[:0]
        shapely.prepare(land)
        return _Level(lines, _indexed(land))


def _indexed(shapes: NDArray[np.object_]) -> tuple[STRtree, NDArray[np.object_]]:
    return STRtree(shapes), shapes


def _simple(shapes: NDArray[np.object_], z: int, *, valid: bool = False) -> NDArray[np.object_]:
    """Simplify shapes for a zoom; those below a pixel go."""
    if z >= FULL_DETAIL_ZOOM or not len(shapes):
        return shapes
    pixel = 1 / (TILE_PX << z)
    simple = shapely.simplify(shapes, _TOLERANCE_PX * pixel, preserve_topology=valid)
    box = shapely.bounds(simple)
    longer_side = np.fmax(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    large: NDArray[np.object_] = simple[longer_side >= pixel]
    return large


def _box(tile: Tile) -> shapely.Polygon:
    side = 1 / (1 << tile.z)
    margin = _MARGIN_PX / TILE_PX * side
    x, y = tile.x * side, tile.y * side
    return shapely.box(x - margin, y - margin, x + side + margin, y + side + margin)


def _land(level: _Level, tile: Tile) -> bool | list[list[int]]:
    """Clip land to a tile: its rings, or true where it fills the tile."""
    tree, polygons = level.land
    box = _box(tile)
    if len(tree.query(box, predicate="covered_by")):
        return True
    found = polygons[np.sort(tree.query(box))]
    parts = shapely.get_parts(shapely.clip_by_rect(found, *box.bounds))
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == _POLYGON])
    return [ring for ring in _flat(rings, tile) if len(ring) >= _LEAST_RING]


def _clip(arcs: NDArray[np.object_], tile: Tile) -> list[list[int]]:
    """Clip lines to a tile."""
    if not len(arcs):
        return []
    return _flat(shapely.get_parts(shapely.clip_by_rect(arcs, *_box(tile).bounds)), tile)


def _flat(lines: NDArray[np.object_], tile: Tile) -> list[list[int]]:
    """Write lines as whole units of a tile, x, y, x, y without repeated positions."""
    if not len(lines):
        return []
    spots, owner = shapely.get_coordinates(lines, return_index=True)
    units = _to_units(spots, tile)
    fresh = np.ones(len(units), dtype=bool)
    fresh[1:] = (np.diff(units, axis=0) != 0).any(axis=1) | (np.diff(owner) != 0)
    units, owner = units[fresh], owner[fresh]
    cuts = np.flatnonzero(np.diff(owner)) + 1
    return [piece.ravel().tolist() for piece in np.split(units, cuts) if len(piece) > 1]


def _to_units(world: NDArray[np.float64], tile: Tile) -> NDArray[np.int64]:
    """World coordinates as whole units from the tile's corner."""
    scale = float((TILE_PX * UNITS) << tile.z)
    corner = np.array([tile.x, tile.y]) * TILE_PX * UNITS
    units: NDArray[np.int64] = np.round(world * scale - corner).astype(np.int64)
    return units


def points_of(
    frame: gpd.GeoDataFrame,
    *,
    names: pd.Series,
    zooms: pd.Series | int,
    ranks: pd.Series | int,
    margin_px: int = 0,
) -> PointLayer:
    """Take a frame of points as a layer; rows without geometry are left out.

    Parameters
    ----------
    frame : (n,) points, degrees; polygons stand for a point inside them.
    names : (n,) what each is called; missing is unnamed.
    zooms, ranks, margin_px : as :class:`PointLayer` wants them, or one for all.
    """
    shapes = frame.geometry.to_numpy()
    kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = shapes[kept]
    spots = shapely.get_coordinates(shapely.point_on_surface(shapes))

    def column(value: pd.Series | int) -> NDArray[np.int64]:
        whole: NDArray[np.int64] = np.broadcast_to(np.asarray(value, dtype=np.int64), len(frame))
        chosen: NDArray[np.int64] = whole[kept]
        return chosen

    return PointLayer(
        spots[:, 0],
        spots[:, 1],
        names.fillna("").to_numpy(dtype=object)[kept].tolist(),
        column(zooms),
        column(_LAST_ZOOM),
        column(ranks),
        margin_px,
    )


#: The zooms at which names are drawn, first and last, by kind and then by rank.
_DIVISION_ZOOMS = {"province": (7, 8), "city": (7, 12), "county": (8, 15)}
_TOWN_ZOOMS = {4: 9, 5: 10, 6: 11}
_HOSPITALS_FROM, _CLINICS_FROM, _HOUSING_FROM = 11, 13, 13
_LAST_ZOOM = 22
_PICTURE_PX = 7  # half of what the script draws


def place_points(places: pd.DataFrame, *, language: str) -> PointLayer:
    """Take place names as labels, by rank and zoom.

    Towns and townships that are only known to their county are left out: all of a county's
    would stand on one point.

    Parameters
    ----------
    places : (n,) rows with ``lon``, ``lat``, ``name``, ``name_en``, ``kind``, ``rank`` and
        ``precision``.
    language : "en" takes the English name where there is one.
    """
    small = ~places["kind"].isin(list(_DIVISION_ZOOMS))
    shown = places["lon"].notna() & ~(small & places["precision"].isin(["county", "city"]))
    shown &= ~small | places["rank"].isin(list(_TOWN_ZOOMS))
    known = places[shown]
    spans = known["kind"].map(_DIVISION_ZOOMS)
    ranks: NDArray[np.int64] = known["rank"].to_numpy(dtype=np.int64)
    first = [
        _TOWN_ZOOMS[rank] if span != span else span[0]  # noqa: PLR0124 (nan: no division)
        for span, rank in zip(spans, ranks, strict=True)
    ]
    last = [_LAST_ZOOM if span != span else span[1] for span in spans]  # noqa: PLR0124 (the same)
    names = known["name_en"].fillna(known["name"]) if language == "en" else known["name"]
    return PointLayer(
        known["lon"].to_numpy(dtype=float),
        known["lat"].to_numpy(dtype=float),
        names.tolist(),
        np.array(first, dtype=np.int64),
        np.array(last, dtype=np.int64),
        ranks,
    )


def hospital_points(hospitals: gpd.GeoDataFrame) -> PointLayer:
    """Take hospitals as points, and clinics from nearer on; hospitals come first."""
    clinic = hospitals["kind"] != "hospital"
    zooms = clinic.map({True: _CLINICS_FROM, False: _HOSPITALS_FROM})
    names, ranks = hospitals["name"], clinic.astype(int)
    return points_of(hospitals, names=names, zooms=zooms, ranks=ranks, margin_px=_PICTURE_PX)


def housing_points(residential: gpd.GeoDataFrame) -> PointLayer:
    """Take residential areas as points."""
    names = residential["name"]
    return points_of(
        residential,
        names=names,
        zooms=_HOUSING_FROM,
        ranks=0,
        margin_px=_PICTURE_PX,
    )
