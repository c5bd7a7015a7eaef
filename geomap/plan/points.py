"""Who has a facility within the coverage standard, exactly: points as they come.

Points that make up a grid are answered as one (:mod:`geomap.plan.grid`); of others, those far
from any site are set aside, and a search tree looks the nearest site of the rest up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from geomap.model.geodesy import ecef
from geomap.plan.discs import check_radius
from geomap.plan.grid import LEAST_BEND_M, Reach, covered_grid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_SAMPLE = 20_000
_MOST_CELLS, _SPARSEST = 50_000_000, 8
_SQUARES = 4_000_000


def covered_points(
    lon: ArrayLike, lat: ArrayLike, sites: tuple[ArrayLike, ArrayLike], *, standard_m: float
) -> Mask:
    """Mark the points that have a site within the coverage standard, the edge included.

    Parameters
    ----------
    lon, lat : (n,) degrees; NaN is covered by nothing. Points that make up a grid are found to
        do so, and are answered ten times as fast.
    sites : longitudes and latitudes of the (m,) sites, degrees; m may be 0.
    standard_m : coverage standard S, geodesic metres.

    Returns
    -------
    (n,) bool: d_ij <= S for some j.

    Raises
    ------
    ParameterError : if the standard is out of range.

    References
    ----------
    Covering set N_i of Toregas et al. 1971, doi:10.1287/opre.19.6.1363.

    Examples
    --------
    >>> covered_points([0, 0, 1], [0, 0.01, 0], ([0], [0]), standard_m=1105.742759).tolist()
    [True, True, False]
    """
    reach = Reach(check_radius(standard_m, "standard_m"))
    east, north = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    at = np.asarray(sites[0], np.float64), np.asarray(sites[1], np.float64)
    known = np.isfinite(east) & np.isfinite(north)
    covered = np.zeros(east.shape, dtype=bool)
    if not known.any() or not at[0].size:
        return covered
    if not known.all():
        covered[known] = covered_points(east[known], north[known], at, standard_m=standard_m)
        return covered
    width = _raster_width(east, north)
    if width:
        columns, rows = east[:width], north[::width]
        return covered_grid(columns, rows, at, standard_m=standard_m).ravel()
    lattice = _lattice(east, north)
    if lattice is not None:
        columns, rows, column, row = lattice
        return covered_grid(columns, rows, at, standard_m=standard_m)[row, column]
    near = _near(east, north, at, reach.standard_m)
    covered[near] = _by_tree(east[near], north[near], at, reach)
    return covered


def _near(lon: Floats, lat: Floats, at: tuple[Floats, Floats], standard_m: float) -> Ints:
    """Leave out points with no site in the squares around theirs, each wider than the reach.

    Give the positions of the others, square by square: a tree is quicker asked in order.
    """
    up = float(np.degrees(standard_m / LEAST_BEND_M)) * 1.01
    aside = up / max(np.cos(np.radians(min(np.abs(lat).max() + up, 89.0))), 1e-2)
    west, south = lon.min(), lat.min()
    spread = max((lon.max() - west) / aside * (lat.max() - south) / up / _SQUARES, 1.0) ** 0.5
    wide, high = aside * spread, up * spread
    shape = int((lat.max() - south) / high) + 3, int((lon.max() - west) / wide) + 3
    held = np.zeros(shape, dtype=bool)
    for turn in (-360, 0, 360):
        row = np.floor((at[1] - south) / high).astype(np.int64) + 1
        column = np.floor((at[0] + turn - west) / wide).astype(np.int64) + 1
        inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
        held[row[inside], column[inside]] = True
    held[1:-1] |= held[2:] | held[:-2]
    held[:, 1:-1] |= held[:, 2:] | held[:, :-2]
    square = (((lat - south) / high).astype(np.int64) + 1) * shape[1]
    square += ((lon - west) / wide).astype(np.int64) + 1
    near = np.flatnonzero(held.ravel()[square])
    return near[np.argsort(square[near], kind="stable")]


def _by_tree(lon: Floats, lat: Floats, at: tuple[Floats, Floats], reach: Reach) -> Mask:
    """Look the nearest site of each point up; where it is in doubt, measure all that might do."""
    from scipy.spatial import cKDTree

    tree, points = cKDTree(ecef(*at)), ecef(lon, lat)
    nearest_m, _ = tree.query(points, distance_upper_bound=reach.most_m)
    covered = np.asarray(nearest_m <= reach.sure_m)
    doubt = np.flatnonzero(~covered & (nearest_m <= reach.most_m))
    if doubt.size:
        near = cast("list[list[int]]", tree.query_ball_point(points[doubt], reach.most_m))
        row = np.repeat(doubt, [len(each) for each in near])
        site = np.concatenate(near).astype(np.int64)
        within = reach.covers(lon[row], lat[row], at[0][site], at[1][site])
        covered[row[within]] = True
    return covered


def _raster_width(lon: Floats, lat: Floats) -> int:
    """Give the number of columns of points that come row by row as a whole grid, else 0."""
    width = int(np.argmax(lat != lat[0]))
    if width < 2 or len(lon) % width:  # noqa: PLR2004 (a row of one is none)
        return 0
    east, north = lon.reshape(-1, width), lat.reshape(-1, width)
    across, down = np.diff(east[0]), np.diff(north[:, 0])
    in_order = all((each > 0).all() or (each < 0).all() for each in (across, down))
    return width if in_order and (east == east[0]).all() and (north == north[:, :1]).all() else 0


def _lattice(lon: Floats, lat: Floats) -> tuple[Floats, Floats, Ints, Ints] | None:
    """Give the columns and rows of points that make up a grid, and which is whose; else None."""
    import pandas as pd

    if len(lon) < _SAMPLE or not (_repeats(lon) and _repeats(lat)):
        return None
    (column, columns), (row, rows) = (pd.factorize(each, sort=True) for each in (lon, lat))
    if len(columns) * len(rows) > min(_SPARSEST * len(lon), _MOST_CELLS):
        return None
    return columns, rows, column, row


def _repeats(degrees: Floats) -> bool:
    """Whether values come again in a sample, as they do on a grid of up to a million columns."""
    sample = np.random.default_rng(0).choice(degrees, _SAMPLE, replace=False, shuffle=False)
    return len(np.unique(sample)) < _SAMPLE * 0.98
