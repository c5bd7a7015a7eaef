"""Which discs of one radius make the border of their union: the others need not be joined.

The border of a union of discs runs along the borders of discs that are not wholly covered by
others. So it is enough to join those. Where a covered disc is left out, the ground it served may
look like a hole; but no border of the union crosses such a hole, so that one point of it tells
whether the whole of it is served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.geodesy import MEAN_RADIUS_M, ecef
from geomap.plan.discs import band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Bits = NDArray[np.uint64]

#: The circle in 64 arcs, one bit each.
_ARCS: Final = 64
_ALL: Final = np.uint64(2**64 - 1)
#: Side of the cells from which neighbours are taken, as a share of the radius, and how many
#: cells away they may lie: a third of the discs of a country remain.
_CELL, _AWAY = 0.4, 4
_ROW: Final = 1 << 32


def on_rim(lon: Floats, lat: Floats, radius_m: float) -> Mask:
    """Mark the discs that may have a part in the border of the union of all.

    Every disc that has one is marked, and some that have none. Of discs in one place, one is.

    Parameters
    ----------
    lon, lat : (n,) centres, degrees.
    radius_m : metres, the same for all.

    Returns
    -------
    (n,) bool.

    Examples
    --------
    >>> ring = np.arange(6) * np.pi / 3
    >>> lon = np.concatenate([[0.0, 0.0], 0.004 * np.cos(ring)])
    >>> lat = np.concatenate([[0.0, 0.0], 0.004 * np.sin(ring)])
    >>> on_rim(lon, lat, 1000).tolist()
    [False, False, True, True, True, True, True, True]
    """
    points = _Points.of(lon, lat, radius_m * _CELL)
    inner_m, outer_m = band(radius_m)
    shut = np.zeros(len(lon), dtype=np.uint64)
    left = np.flatnonzero(points.first_here)
    for step in _steps():
        rows, others = points.neighbours(left, step)
        rows, bits = _covered(rows, points.towards(rows, others), inner_m, outer_m)
        shut[rows] |= bits
        left = left[shut[left] != _ALL]
    marked = np.zeros(len(lon), dtype=bool)
    marked[points.order[left]] = True
    return marked


def _steps() -> list[tuple[int, int]]:
    """Order the cells around, the nearest first."""
    span = range(-_AWAY, _AWAY + 1)
    return sorted(
        ((row, column) for row in span for column in span), key=lambda s: s[0] ** 2 + s[1] ** 2
    )


@dataclass(frozen=True, eq=False)
class _Points:
    """Points sorted by cells of about one size, each cell stood for by its first point.

    ``order`` are their positions as given, ``first_here`` leaves out those that repeat a place;
    ``east`` and ``north`` are the (n, 3) directions of these names at each.
    """

    order: Ints
    lon: Floats
    lat: Floats
    east: Floats
    north: Floats
    row: Ints
    keys: Ints
    first: Ints
    first_here: Mask
    xyz: Floats
    side_deg: float

    @classmethod
    def of(cls, lon: Floats, lat: Floats, side_m: float) -> _Points:
        side_deg = float(np.degrees(side_m / MEAN_RADIUS_M))
        row = np.floor(lat / side_deg).astype(np.int64)
        key = row * _ROW + _column(lon, row, side_deg)
        order = np.lexsort((lat, lon, key))
        lon, lat = lon[order], lat[order]
        keys, first = np.unique(key[order], return_index=True)
        moved = (np.diff(lon, prepend=np.nan) != 0) | (np.diff(lat, prepend=np.nan) != 0)
        directions = _directions(np.radians(lon), np.radians(lat))
        return cls(
            order, lon, lat, *directions, row[order], keys, first, moved, ecef(lon, lat), side_deg
        )

    def neighbours(self, rows: Ints, step: tuple[int, int]) -> tuple[Ints, Ints]:
        """Pair points with the one that stands for the cell so many rows and columns away."""
        row = self.row[rows] + step[0]
        key = row * _ROW + _column(self.lon[rows], row, self.side_deg) + step[1]
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        there = self.keys[place] == key
        return rows[there], self.first[place[there]]

    def towards(self, rows: Ints, others: Ints) -> tuple[Floats, Floats]:
        """Give the ways to other points, in metres east and north."""
        way = self.xyz[others] - self.xyz[rows]
        return (
            np.einsum("ij,ij->i", way, self.east[rows]),
            np.einsum("ij,ij->i", way, self.north[rows]),
        )


def _directions(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Give the directions east and north at points, in radians, as (n, 3) geocentric vectors."""
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    out = -np.sin(lat)
    north = np.stack([out * np.cos(lon), out * np.sin(lon), np.cos(lat)], axis=-1)
    return east, north


def _column(lon: Floats, row: Ints, side_deg: float) -> Ints:
    """Count cells eastward; a row's cells are as wide in degrees as its latitude asks."""
    share = np.maximum(np.cos(np.radians((row + 0.5) * side_deg)), 1e-3)
    column: Ints = np.floor(lon * share / side_deg).astype(np.int64)
    return column


def _covered(
    rows: Ints, way: tuple[Floats, Floats], inner_m: float, outer_m: float
) -> tuple[Ints, Bits]:
    """Tell which arcs of the outer circle of each row lie within another's inner circle."""
    squared = way[0] ** 2 + way[1] ** 2
    near = squared > (outer_m - inner_m) ** 2
    rows, east, north, squared = rows[near], way[0][near], way[1][near], squared[near]
    cosine = (outer_m**2 - inner_m**2 + squared) / (2 * outer_m * np.sqrt(squared))
    half = np.arccos(np.clip(cosine, -1, 1)) * _ARCS / (2 * np.pi)
    middle = np.arctan2(east, north) * _ARCS / (2 * np.pi)
    start = np.ceil(middle - half).astype(np.int64)
    count = np.clip(np.floor(middle + half).astype(np.int64) - start, 0, _ARCS - 1)
    ones = (np.uint64(1) << count.astype(np.uint64)) - np.uint64(1)
    turn = (start % _ARCS).astype(np.uint64)
    back = (np.uint64(_ARCS) - turn) % np.uint64(_ARCS)
    return rows, (ones << turn) | np.where(turn > 0, ones >> back, np.uint64(0))
