"""Which area each thing lies in: by its place, or by its code where either has no place.

Areas may overlap and may be of several levels: each row is asked about by itself. Where the edge
of two areas of one level runs through a point, it belongs to the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from geomap.model.adcodes import code_ranges
from geomap.model.crs import to_geographic

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Positions = NDArray[np.intp]
    Mask = NDArray[np.bool_]
    Geometries = NDArray[np.object_]

#: Two drawings of one border differ: a village a quarter over it is still of one district. Over
#: the many cells of a grid the rounding evens out.
SLIVER: Final = 0.25
_EVERYWHERE: Final = 10**12 - 1


@dataclass(frozen=True, eq=False)
class Placement:
    """Pairs of a row and an area that it lies in, with the share of the row that does.

    Parameters
    ----------
    rows, areas : (p,) positions.
    share : (p,) above 0 and at most 1; 1 for points and by code.
    size, count : number of rows, and of areas.
    """

    rows: Positions
    areas: Positions
    share: Floats
    size: int
    count: int

    def sums(self, values: Floats) -> Floats:
        """Add (n,) values up by area; NaN counts as nothing. (k,) floats."""
        known = np.where(np.isfinite(values), values, 0.0)
        weights = known[self.rows] * self.share
        return np.bincount(self.areas, weights=weights, minlength=self.count).astype(np.float64)

    @property
    def nowhere(self) -> Mask:
        """(n,) bool: rows that lie in no area."""
        outside = np.ones(self.size, dtype=bool)
        outside[self.rows] = False
        return outside


def place(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Placement:
    """Find the areas that rows lie in.

    Parameters
    ----------
    frame : (n,) points, polygons or cells; ``adcode`` where there is one. A polygon lies in an
        area by the share of its ground; a quarter or less is none, three quarters or more all.
    areas : (k,) polygons or none, with ``adcode`` where there is one.

    Raises
    ------
    CRSError : if a frame that has geometry states no coordinate system.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> towns = gpd.GeoDataFrame({"adcode": ["410102", "410102001"]},
    ...     geometry=[box(0, 0, 2, 2), None], crs="EPSG:4326")
    >>> homes = gpd.GeoDataFrame({"adcode": ["410102001003", None]},
    ...     geometry=[None, Point(2, 1)], crs="EPSG:4326")
    >>> found = place(homes, towns)
    >>> sorted(zip(found.rows.tolist(), found.areas.tolist()))
    [(0, 0), (0, 1), (1, 0)]
    """
    shapes, grounds = _shapes(frame), _shapes(areas)
    located, drawn = _there(shapes), _there(grounds)
    rows, places, share = _by_ground(shapes, located, grounds, areas)
    coded_rows, coded_areas = _by_code(frame, areas)
    apart = ~(located[coded_rows] & drawn[coded_areas])
    coded_rows, coded_areas = coded_rows[apart], coded_areas[apart]
    return Placement(
        np.concatenate([rows, coded_rows]),
        np.concatenate([places, coded_areas]),
        np.concatenate([share, np.ones(coded_rows.size)]),
        len(frame),
        len(areas),
    )


def _shapes(frame: gpd.GeoDataFrame) -> Geometries:
    """Give the geometries in degrees; a frame may have none, and then states no system."""
    shapes: Geometries = frame.geometry.to_numpy()
    if not _there(shapes).any():
        return np.full(len(frame), None, dtype=object)
    return to_geographic(frame).geometry.to_numpy()  # type: ignore[no-any-return]  # (untyped)


def _there(shapes: Geometries) -> Mask:
    there: Mask = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return there


def _by_ground(
    shapes: Geometries, located: Mask, grounds: Geometries, areas: gpd.GeoDataFrame
) -> tuple[Positions, Positions, Floats]:
    """Pair by geometry, with shares."""
    drawn = np.flatnonzero(_there(grounds))
    polygons = _valid(grounds[drawn])
    rows = np.flatnonzero(located)
    # The tree prepares what it is asked with: few large polygons, not many points.
    place_, row = shapely.STRtree(shapes[rows]).query(polygons, predicate="intersects")
    rows, places = rows[row], drawn[place_]
    share = np.ones(rows.size)
    flat = shapely.get_dimensions(shapes[rows]) > 0
    share[flat] = _shares(shapes[rows[flat]], polygons[place_[flat]])
    keep = _first_of_level(rows, places, _level(areas), shapes, polygons[place_]) & (share > 0)
    return rows[keep], places[keep], share[keep]


def _valid(polygons: Geometries) -> Geometries:
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.make_valid(polygons[broken], method="structure")
    return polygons


def _shares(shapes: Geometries, polygons: Geometries) -> Floats:
    """Tell which share of each shape lies in its polygon; within one, degrees do for that."""
    shapes = _valid(shapes)
    whole = shapely.covers(polygons, shapes)
    share = whole.astype(np.float64)
    cut = ~whole
    area = shapely.area(shapes[cut])
    inside = shapely.area(shapely.intersection(shapes[cut], polygons[cut]))
    part = np.divide(inside, area, out=np.zeros_like(area), where=area > 0)
    share[cut] = np.where(part >= 1 - SLIVER, 1.0, np.where(part <= SLIVER, 0.0, part))
    return share


def _first_of_level(
    rows: Positions, places: Positions, levels: Positions, shapes: Geometries, polygons: Geometries
) -> Mask:
    """Keep one area of a level for a point that lies on the edge of several."""
    keep = np.ones(rows.size, dtype=bool)
    points = shapely.get_dimensions(shapes[rows]) == 0
    twice = pd.DataFrame({"row": rows, "level": levels[places], "point": points})
    again = np.flatnonzero(twice.duplicated(keep=False).to_numpy() & points)
    if again.size:
        edge = ~shapely.contains(polygons[again], shapes[rows[again]])
        order = again[edge][np.argsort(places[again[edge]], kind="stable")]
        some = twice.iloc[order]
        inside = set(map(tuple, twice.iloc[again[~edge]][["row", "level"]].to_numpy().tolist()))
        also = np.array([pair in inside for pair in zip(some["row"], some["level"], strict=True)])
        keep[order[some.duplicated().to_numpy() | also.astype(bool)]] = False
    return keep


def _level(areas: gpd.GeoDataFrame) -> Positions:
    if "level" not in areas:
        return np.zeros(len(areas), dtype=np.intp)
    levels: Positions = pd.factorize(areas["level"])[0]
    return levels


def _by_code(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> tuple[Positions, Positions]:
    """Pair by code: a row lies in an area whose range of codes holds its own."""
    first, last, coded = _ranges(frame)
    from_, to, known = _ranges(areas)
    rows = np.flatnonzero(coded)
    rows = rows[np.argsort(first[rows], kind="stable")]
    places = np.flatnonzero(known)
    low = np.searchsorted(first[rows], from_[places], side="left")
    high = np.searchsorted(first[rows], to[places], side="right")
    count = high - low
    start = np.repeat(low - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    found = rows[start + np.arange(count.sum())]
    area = np.repeat(places, count)
    within = last[found] <= to[area]
    return found[within], area[within]


def _ranges(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], Mask]:
    """Give the first and last code of each row, and who has one; a nation is everywhere."""
    if "adcode" not in frame:
        zeros = np.zeros(len(frame), dtype=np.int64)
        return zeros, zeros, zeros.astype(bool)
    first, last = code_ranges(frame["adcode"])
    known = last - first < _EVERYWHERE
    if "level" in frame:
        nation = (frame["level"] == "nation").to_numpy(dtype=bool)
        first, last = np.where(nation, 0, first), np.where(nation, _EVERYWHERE, last)
        known = known | nation
    return first, last, known
