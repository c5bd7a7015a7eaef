"""The nearest facilities, exactly: chords through the earth propose, the ellipsoid decides.

A straight chord between two points is quick to compute and to index, but it does not order
points quite as the geodesic does. Two bounds tie them together on WGS-84, with semi-axes
a > b and the least radius of curvature r = b²/a:

- a geodesic bends nowhere more than a circle of radius r, so by Schur's comparison theorem
  s <= 2r·asin(c / 2r) for every chord c <= 2r;
- stretched to a sphere of radius a, lengths grow by at most a/b: c <= 2a·sin(s / 2b); and c <= s.

From the k-th nearest chord they give a radius that surely holds the k nearest by geodesic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import DataError, ParameterError
from geomap.find.points import lon_lat
from geomap.model import crs, geodesy

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd
    from scipy.spatial import cKDTree

    Floats = npt.NDArray[np.float64]
    Positions = npt.NDArray[np.intp]
    Mask = npt.NDArray[np.bool_]

_A_M = 6_378_137.0
_B_M = 6_356_752.314245179
_LEAST_RADIUS_M = _B_M**2 / _A_M
_ROUNDING_M = 1e-6  # the coordinates of a chord are exact to some 1e-8 m

#: Below this many rows a scan of all chords is quicker than the tree.
SCAN_ROWS = 5_000
_MOST_FETCHED = 4_096
_SPARE = 8
#: Rows that are at most one of so many get a tree of their own.
_LEAST_NARROWED = 4
_POLE_DEG = 90
_DATE_LINE_DEG = 180


@dataclass(frozen=True, eq=False)
class NearestIndex:
    """An index over the points of one frame, built once and asked often.

    Parameters
    ----------
    frame : (n,) rows with Point geometry or none, in a known CRS.

    Raises
    ------
    CRSError, DataError : as :func:`geomap.find.nearest.nearest`.
    """

    frame: gpd.GeoDataFrame

    def __post_init__(self) -> None:
        _ = self._tree

    @cached_property
    def _points(self) -> Points:
        return Points.of(self.frame)

    @cached_property
    def _tree_rows(self) -> Positions:
        """The row of the frame behind each point of the tree."""
        return np.flatnonzero(self._points.located)

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        xyz, rows = self._points.xyz, self._tree_rows
        return cKDTree(xyz if rows.size == len(xyz) else xyz[rows])

    def query(
        self,
        lon: float,
        lat: float,
        *,
        k: int = 10,
        among: npt.ArrayLike | Among | None = None,
        max_distance_m: float | None = None,
    ) -> tuple[Positions, Floats]:
        """Find the nearest rows, by geodesic distance, then by id.

        Parameters
        ----------
        lon, lat : the point in degrees, WGS-84.
        k : the most rows to return.
        among : only these rows: an (n,) bool mask, or positions in the frame; or what
            :meth:`among` made of them.
        max_distance_m : only rows within this geodesic distance, the edge included.

        Returns
        -------
        (at most k,) positions in the frame and their geodesic distances in metres.

        Raises
        ------
        ParameterError : if a number is out of range, or `among` does not fit the frame.
        """
        query = Query.of(lon, lat, k=k, max_distance_m=max_distance_m)
        asked = among if isinstance(among, Among) else self._asked(among)
        if asked.number <= SCAN_ROWS:
            found = self._points.scan(query, asked.rows)
        elif asked.tree is not None:
            found = self._fetch(query, asked, asked.tree, asked.rows)
        else:
            found = self._fetch(query, asked, self._tree, self._tree_rows)
        return self._points.ordered(query, found)

    def among(self, rows: npt.ArrayLike) -> Among:
        """Make rows ready that are asked for time and again.

        Parameters
        ----------
        rows : an (n,) bool mask, or positions in the frame.

        Raises
        ------
        ParameterError : if `rows` does not fit the frame.
        """
        from scipy.spatial import cKDTree

        asked = self._asked(rows)
        if not SCAN_ROWS < asked.number <= self._tree_rows.size / _LEAST_NARROWED:
            return asked
        return replace(asked, tree=cKDTree(self._points.xyz[asked.rows]))

    def within(self, lon: float, lat: float, max_distance_m: float) -> tuple[Positions, Floats]:
        """Find every row within a geodesic distance, the edge included, in no order.

        Parameters
        ----------
        lon, lat : the point in degrees, WGS-84.
        max_distance_m : the greatest distance.

        Returns
        -------
        (m,) positions in the frame and their geodesic distances in metres.

        Raises
        ------
        ParameterError : if a number is out of range.
        """
        query = Query.of(lon, lat, k=1, max_distance_m=max_distance_m)
        leaves = self._tree.query_ball_point(query.xyz, query.most_chord_m)
        rows = self._tree_rows[np.asarray(leaves, dtype=np.intp)]
        points = self._points
        distance_m = geodesy.geodesic_m(query.lon, query.lat, points.lon[rows], points.lat[rows])
        near = distance_m <= query.max_distance_m
        return rows[near], distance_m[near]

    def _asked(self, among: npt.ArrayLike | None) -> Among:
        wanted = self._wanted(among)
        return Among(wanted, int(np.count_nonzero(wanted)))

    def _wanted(self, among: npt.ArrayLike | None) -> Mask:
        """Mark the located rows that are asked for."""
        located = self._points.located
        if among is None:
            return located
        given = np.asarray(among)
        if given.dtype != np.bool_:
            given = _mask_of(given, located.size)
        if given.shape != located.shape:
            raise ParameterError(
                f"among must be a mask of {located.size} rows or positions, got shape {given.shape}"
            )
        return given if self._tree_rows.size == located.size else located & given

    def _fetch(self, query: Query, asked: Among, tree: cKDTree, tree_rows: Positions) -> Positions:
        """Ask a tree for more points until the k nearest wanted ones are surely among them."""
        size = tree_rows.size
        fetched = math.ceil((query.k + _SPARE) * size / asked.number)
        while fetched <= min(_MOST_FETCHED, size):
            chord_m, leaf = _of_tree(tree, query, fetched)
            found = tree_rows[leaf]
            matching = asked.wanted[found]
            nearest_m = chord_m[matching]
            if found.size < fetched:  # all within the greatest distance have been seen
                return found[matching]
            if nearest_m.size >= query.k:
                safe_m = _safe_chord_m(nearest_m[query.k - 1])
                if safe_m < chord_m[-1]:
                    return found[matching][nearest_m <= safe_m]
            if not nearest_m.size:  # the wanted rows stand together somewhere else
                break
            fetched *= 4
        return self._points.scan(query, asked.rows)


@dataclass(frozen=True, eq=False)
class Among:
    """Rows to choose the nearest from; a tree of their own where they are few among many.

    Attributes
    ----------
    wanted : (n,) mask of the located rows that are asked for.
    number : how many they are.
    tree : their points; None where the tree of all rows serves as well.
    """

    wanted: Mask
    number: int
    tree: cKDTree | None = None

    @cached_property
    def rows(self) -> Positions:
        """Their positions in the frame."""
        return np.flatnonzero(self.wanted)


def _of_tree(tree: cKDTree, query: Query, number: int) -> tuple[Floats, Positions]:
    """Get the chords and numbers of a tree's nearest points within the greatest distance."""
    chord_m, leaf = (
        np.atleast_1d(each)
        for each in tree.query(query.xyz, k=number, distance_upper_bound=query.most_chord_m)
    )
    seen = np.isfinite(chord_m)
    return chord_m[seen], leaf[seen]


@dataclass(frozen=True)
class Query:
    """A checked question: where, how many, how far."""

    lon: float
    lat: float
    k: int
    max_distance_m: float

    @classmethod
    def of(cls, lon: float, lat: float, *, k: int, max_distance_m: float | None) -> Query:
        """Check a question; a ParameterError where a number is out of range."""
        if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
            raise ParameterError(
                f"k must be a whole number of at least 1, got {k!r}",
                zh=f"k 须为不小于 1 的整数，这里是 {k!r}",
            )
        far = math.inf if max_distance_m is None else _real("max_distance_m", max_distance_m)
        if not far >= 0:
            raise ParameterError(f"max_distance_m must be 0 or more metres, got {max_distance_m!r}")
        return cls(
            _degrees("lon", lon, _DATE_LINE_DEG), _degrees("lat", lat, _POLE_DEG), int(k), far
        )

    @cached_property
    def xyz(self) -> Floats:
        """Where it is asked from, in the earth's own axes, metres."""
        return geodesy.ecef([self.lon], [self.lat]).ravel()

    @cached_property
    def most_chord_m(self) -> float:
        """A chord that no point within the greatest distance exceeds."""
        return _longest_chord_m(self.max_distance_m) + _ROUNDING_M


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a frame, row by row; NaN where a row has none."""

    lon: Floats
    lat: Floats
    xyz: Floats
    ids: pd.Series | None

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> Points:
        """Take the points of a frame; errors as :func:`geomap.find.nearest.nearest`."""
        lon, lat = _coordinates(frame)
        ids = frame["id"].reset_index(drop=True) if "id" in frame else None
        return cls(lon, lat, geodesy.ecef(lon, lat), ids)

    @cached_property
    def located(self) -> Mask:
        """Mark the rows that have a point."""
        return np.isfinite(self.lon) & np.isfinite(self.lat)

    def scan(self, query: Query, rows: Positions) -> Positions:
        """Keep, of some located rows, those that can be among the k nearest."""
        apart = self.xyz[rows] - query.xyz
        chord_m = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        limit_m = query.most_chord_m
        if query.k < rows.size:
            kth_m = np.partition(chord_m, query.k - 1)[query.k - 1]
            limit_m = min(limit_m, _safe_chord_m(kth_m))
        near: Positions = rows[chord_m <= limit_m]
        return near

    def ordered(self, query: Query, rows: Positions) -> tuple[Positions, Floats]:
        """Order rows by geodesic distance, then id, and keep the k nearest within reach."""
        distance_m = geodesy.geodesic_m(query.lon, query.lat, self.lon[rows], self.lat[rows])
        near = distance_m <= query.max_distance_m
        rows, distance_m = rows[near], distance_m[near]
        order = np.lexsort((rows, distance_m))
        if self.ids is not None and (np.diff(distance_m[order]) == 0).any():
            order = np.lexsort((rows, _ranks(self.ids.iloc[rows]), distance_m))
        order = order[: query.k]
        return rows[order], distance_m[order]


def _mask_of(positions: npt.NDArray[np.generic], size: int) -> Mask:
    """Mark some positions among `size` rows."""
    mask = np.zeros(size, dtype=bool)
    if positions.size:
        whole = np.issubdtype(positions.dtype, np.integer)
        if not whole or positions.min() < 0 or positions.max() >= size:
            raise ParameterError(
                f"among must be a mask or positions from 0 to {size - 1}, got {positions!s:.60}"
            )
        mask[positions] = True
    return mask


def _longest_geodesic_m(chord_m: float) -> float:
    """Bound the geodesic that a chord can span; half the equator where the bound gives out."""
    if chord_m > 2 * _LEAST_RADIUS_M:
        return math.pi * _A_M
    return 2 * _LEAST_RADIUS_M * math.asin(chord_m / (2 * _LEAST_RADIUS_M))


def _longest_chord_m(distance_m: float) -> float:
    """Bound the chord that a geodesic can have."""
    return min(distance_m, 2 * _A_M * math.sin(min(distance_m / (2 * _B_M), math.pi / 2)))


def _safe_chord_m(chord_m: float) -> float:
    """Give a chord that no point exceeds that is as near by geodesic as one at `chord_m`."""
    return _longest_chord_m(_longest_geodesic_m(float(chord_m))) + _ROUNDING_M


def _coordinates(frame: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of a frame's points, NaN where a row has none."""
    import shapely

    here = crs.to_geographic(frame.geometry.to_frame())
    lon, lat = lon_lat(here)
    doubtful = np.flatnonzero(~(np.isfinite(lon) & (np.abs(lat) <= _POLE_DEG)))
    points = here.geometry.iloc[doubtful].to_numpy()
    wrong = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    if wrong.size:
        raise DataError(
            "every geometry must be a Point on earth or missing, got"
            f" {points[wrong[0]]!s:.60} at position {doubtful[wrong[0]]}:"
            " correct it, or take representative_point() of polygons"
        )
    return lon, lat


def _ranks(ids: pd.Series) -> Positions:
    """Rank ids in sorted order, missing ones last."""
    in_order = ids.reset_index(drop=True).sort_values(kind="stable").index.to_numpy()
    ranks = np.empty(in_order.size, dtype=np.intp)
    ranks[in_order] = np.arange(in_order.size)
    return ranks


def _real(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ParameterError(f"{name} must be a number, got {value!r}")
    return float(value)


def _degrees(name: str, value: float, most: int) -> float:
    degrees = _real(name, value)
    if not abs(degrees) <= most:
        raise ParameterError(
            f"{name} must be from -{most} to {most} degrees, got {value!r}",
            zh=f"{name} 须在 -{most} 到 {most} 度之间，这里是 {value!r}",
        )
    return degrees
