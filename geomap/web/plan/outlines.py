"""Outlines for the map: no finer than a reader sees, and where a map must be light, no heavier."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import shapely

from geomap.model.geojson import METRE_DECIMALS, geojson_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]

_DETAIL: Final = 1_500
#: So few corners may be drawn as much finer than the first view shows.
_FEW_CORNERS, _FINER = 20_000, 6
#: A light map begins so much finer than the first view shows, and is drawn coarser until it is.
_LIGHT_FINER, _COARSER, _MOST_TRIES = 4, 2.0, 10


@dataclass(frozen=True, eq=False)
class Outlines:
    """Polygons ready to be drawn.

    Attributes
    ----------
    shapes : (n,) polygons in degrees; empty where one is too small to be seen.
    decimals : of a degree, to which their corners are rounded.
    tolerance : degrees by which they may be wrong.
    """

    shapes: Shapes
    decimals: int = METRE_DECIMALS
    tolerance: float = 0.0


def finest_seen(frame: gpd.GeoDataFrame) -> float:
    """Give the degrees below which nobody sees a difference in the first view of a frame."""
    west, south, east, north = frame.total_bounds
    span = max(east - west, north - south)
    return float(span / _DETAIL) if np.isfinite(span) else 0.0


def simple(shapes: Shapes, tolerance: float) -> Shapes:
    """Simplify polygons; finely, so that circles are round when one comes closer, where few."""
    for each in (tolerance / _FINER, tolerance):
        found: Shapes = shapely.simplify(shapes, each)
        if shapely.get_num_coordinates(found).sum() <= _FEW_CORNERS:
            break
    return found


def simple_coverage(shapes: Shapes, tolerance: float) -> Shapes:
    """Simplify polygons that share borders, borders and all; each by itself where that fails."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    found: Shapes = shapes.copy()
    try:
        found[there] = shapely.coverage_simplify(shapes[there], tolerance)
    except (shapely.errors.GEOSException, shapely.errors.UnsupportedGEOSVersionError):
        found[there] = shapely.simplify(shapes[there], tolerance)
    return found


def light(shapes: Shapes, tolerance: float, *, most: int) -> Outlines:
    """Simplify polygons, each by itself, until all together have few corners.

    Parameters
    ----------
    shapes : (n,) polygons in degrees; their figures are counted elsewhere.
    tolerance : degrees below which nobody sees a difference in the first view.
    most : corners of all.

    Returns
    -------
    Outlines as fine as is allowed; what is smaller than its tolerance in both ways is left out,
    holes too.
    """
    return _lightened(
        shapes, tolerance, most,
        lambda some, degrees: shapely.simplify(some, degrees, preserve_topology=False),
    )  # fmt: skip


def light_coverage(shapes: Shapes, tolerance: float, *, most: int) -> Outlines:
    """Simplify polygons that share borders as :func:`light` does; their borders still meet."""
    return _lightened(shapes, tolerance, most, simple_coverage)


def feature(
    shape: Any,  # noqa: ANN401 (a shape)
    properties: Mapping[str, Any],
    decimals: int = METRE_DECIMALS,
) -> dict[str, Any]:
    """Write a GeoJSON feature, its corners rounded: to a metre where nothing is said."""
    rounded: Any = geojson_shapes(shape, decimals=decimals)
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded),
            "properties": properties}  # fmt: skip


def _lightened(
    shapes: Shapes, tolerance: float, most: int, simplified: Callable[[Shapes, float], Shapes]
) -> Outlines:
    """Simplify ever more coarsely, beginning with what is smaller than is seen."""
    degrees, found = tolerance / _LIGHT_FINER, shapes
    for _ in range(_MOST_TRIES):
        found = simplified(without_specks(found, degrees), degrees)
        if shapely.get_num_coordinates(found).sum() <= most:
            break
        degrees *= _COARSER
    decimals = max(0, math.ceil(-math.log10(degrees))) if degrees else METRE_DECIMALS
    return Outlines(found, min(decimals, METRE_DECIMALS), degrees)


def without_specks(shapes: Shapes, size: float) -> Shapes:
    """Leave the parts and the holes of polygons out that are smaller than a square of that size.

    Parameters
    ----------
    shapes : (n,) polygons or multipolygons, empty or missing ones among them.
    size : in their unit.

    Returns
    -------
    (n,) shapes; one without any part left is an empty polygon.

    Examples
    --------
    >>> town = shapely.box(0, 0, 10, 10) - shapely.box(1, 1, 2, 2) - shapely.box(4, 4, 8, 8)
    >>> island = shapely.box(20, 0, 21, 1)
    >>> shapes = np.array([shapely.MultiPolygon([town, island]), island])
    >>> shapely.area(without_specks(shapes, 2)).tolist()
    [84.0, 0.0]
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    large = shapely.area(shapely.polygons(shapely.get_exterior_ring(parts))) >= size**2
    parts, row = parts[large], row[large]
    rings, part = shapely.get_rings(parts, return_index=True)
    first = np.append(True, part[1:] != part[:-1])[: len(part)]
    kept = first | (shapely.area(shapely.polygons(rings)) >= size**2)
    whole = cast("Shapes", shapely.polygons(rings[kept], indices=part[kept]))
    found: Shapes = np.full(len(shapes), shapely.Polygon(), dtype=object)
    rows = np.unique(row)
    found[rows] = shapely.multipolygons(whole, indices=np.searchsorted(rows, row))
    return found
