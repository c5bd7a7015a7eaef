"""Boundaries as lines: every border of the county polygons once, by the rank of what it parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

#: Segments are compared on a grid of this many degrees (0.1 m).
_GRID_DEG = 1e-6


def boundary_arcs(counties: gpd.GeoDataFrame) -> dict[str, NDArray[np.object_]]:
    """Draw the boundaries of counties as lines, each once, by the rank of what they part.

    A segment between counties of one city is a county line, between cities of one province
    a city line; between provinces, or at the coast and the frontier, a province line.

    Parameters
    ----------
    counties : (n,) polygons, degrees, with ``adcode``; neighbours share their vertices.

    Returns
    -------
    Lines in world coordinates under "province", "city" and "county".

    Examples
    --------
    >>> import geopandas as gpd
    >>> boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    >>> pair = gpd.GeoDataFrame({"adcode": ["410101", "410201"]}, geometry=boxes)
    >>> {kind: len(arcs) for kind, arcs in boundary_arcs(pair).items()}
    {'province': 1, 'city': 1, 'county': 0}
    """
    starts, ends, owner = _segments(counties.geometry.to_numpy())
    one, other, first = _pairs(starts, ends, owner)
    codes = counties["adcode"].to_numpy(dtype="U6")
    province, city = codes.astype("U2"), codes.astype("U4")
    kinds = np.where(
        (other < 0) | (province[one] != province[other]),
        "province",
        np.where(city[one] != city[other], "city", "county"),
    )
    ordered = np.argsort(first)
    lines, line_kinds = _runs(starts, ends, first[ordered], kinds[ordered])
    return {kind: _joined(lines[line_kinds == kind]) for kind in ("province", "city", "county")}


def _runs(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    chosen: NDArray[np.intp],
    kinds: NDArray[np.str_],
) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    """Draw chosen segments, in the order of their rings, as lines of one kind each."""
    if not len(chosen):
        return np.empty(0, dtype=object), kinds
    after = starts[chosen[1:]] != ends[chosen[:-1]]
    breaks = np.append(True, after.any(axis=1) | (np.diff(chosen) != 1) | (kinds[1:] != kinds[:-1]))
    run = np.cumsum(breaks) - 1
    last = np.flatnonzero(np.append(breaks[1:], True))
    spots = np.empty((len(chosen) + len(last), 2))
    spots[np.arange(len(chosen)) + run] = starts[chosen]
    spots[last + run[last] + 1] = ends[chosen[last]]
    sizes = np.diff(last, prepend=-1) + 1
    lines = shapely.linestrings(spots, indices=np.repeat(np.arange(len(last)), sizes))
    return np.asarray(lines), kinds[last]


def _segments(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Every side of every ring: its two ends and the row of its polygon."""
    polygons, row = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    return spots[:-1][inside], spots[1:][inside], row[polygon[ring[1:][inside]]]


def _pairs(
    starts: NDArray[np.float64], ends: NDArray[np.float64], owner: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Find the owners beside each distinct segment (-1: none), and one index of it."""
    if not len(owner):
        return owner, owner, owner
    keys = np.sort(np.column_stack([_spot_key(starts), _spot_key(ends)]), axis=1)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    keys = keys[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (np.diff(keys, axis=0) != 0).any(axis=1)
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(keys)) - 1
    other = np.where(last > first, owner[order[last]], -1)
    return owner[order[first]], other, order[first]


def _spot_key(spots: NDArray[np.float64]) -> NDArray[np.int64]:
    """One number for a position on the comparison grid."""
    grid = np.round(spots / _GRID_DEG).astype(np.int64)
    joined: NDArray[np.int64] = grid[:, 0] * 10**9 + grid[:, 1]
    return joined


def _joined(pieces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Join lines end to end as long as they do not fork, in world coordinates."""
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pieces)))
    return to_world_lines(lines)


def land_polygons(counties: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Join counties to the land that they cover together.

    Parameters
    ----------
    counties : (n,) polygons, degrees; neighbours share their vertices; n may be 0.

    Returns
    -------
    (m,) polygons in world coordinates, none touching another along a line.

    Examples
    --------
    >>> import geopandas as gpd
    >>> boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)]
    >>> len(land_polygons(gpd.GeoDataFrame(geometry=boxes)))
    2
    """
    shapes = counties.geometry.to_numpy()
    parts = shapely.get_parts(shapely.coverage_union_all(shapes)) if len(shapes) else shapes
    return to_world_lines(parts)


def to_world_lines(lines: NDArray[np.object_] | Iterable[object]) -> NDArray[np.object_]:
    """Project lines, or polygons, from degrees to world coordinates."""
    parts = shapely.get_parts(np.asarray(lines, dtype=object))
    return shapely.transform(parts, lambda spots: np.column_stack(to_world(*spots.T)))
