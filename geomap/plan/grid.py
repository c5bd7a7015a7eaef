"""The cells of grids within the coverage standard: yes or no by their middle, or by their ground.

A facility covers a stretch of each row of cells, whose ends follow from the chord:
c² = (p - q)² + (z - w)² + 4 p q sin²(dlon / 2) for points at p and q from the axis of the earth,
at z and w above the equator. So a row costs a facility one arcsine, however many its cells.

A geodesic of length s has a chord c with 2 r sin(s / 2r) <= c <= s, where r is the least radius
of curvature of the ellipsoid (Schur's comparison theorem). Chords decide all but the pairs
between these two, which at 1 km are two micrometres apart; those the geodesic decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomap.errors import ParameterError
from geomap.model.crs import GEOD
from geomap.model.geodesy import ecef, geodesic_m
from geomap.plan.discs import check_radius

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

#: A distance this little over the standard is the standard, rounded.
ROUNDING_M: Final = 1e-6
#: The least radius of curvature of the ellipsoid, that of the meridian at the equator.
LEAST_BEND_M: Final = GEOD.b**2 / GEOD.a
_BLOCK = 40_000
_LINES = 8
_DEGREE_M = 110_000.0
_STRETCHES = 2_000_000


@dataclass(frozen=True)
class Reach:
    """The standard as chords: within ``sure_m`` all are covered, beyond ``most_m`` none."""

    standard_m: float

    @property
    def sure_m(self) -> float:
        """No pair beyond the standard has so short a chord."""
        bend_m = LEAST_BEND_M
        return float(2 * bend_m * np.sin(self.standard_m / 2 / bend_m)) - ROUNDING_M / 10

    @property
    def most_m(self) -> float:
        """No pair within the standard has a longer chord."""
        return self.standard_m + 2 * ROUNDING_M

    def covers(self, lon: Floats, lat: Floats, lon2: Floats, lat2: Floats) -> Mask:
        """Decide pairs by the geodesic."""
        decided: Mask = geodesic_m(lon, lat, lon2, lat2) <= self.standard_m + ROUNDING_M
        return decided


def covered_grid(
    lon: ArrayLike, lat: ArrayLike, sites: tuple[ArrayLike, ArrayLike], *, standard_m: float
) -> Mask:
    """Mark the cells of a grid whose middle has a site within the coverage standard.

    Parameters
    ----------
    lon, lat : (w,) longitudes of the columns and (h,) latitudes of the rows, degrees, each
        in ascending or descending order, not necessarily even.
    sites, standard_m : as :func:`covered_points`.

    Returns
    -------
    (h, w) bool, the same as :func:`covered_points` gives for the middles.

    Raises
    ------
    ParameterError : if the standard is out of range, or rows or columns are out of order.

    Examples
    --------
    >>> covered_grid([0, 0.01, 0.02], [0, 1], ([0.01], [0]), standard_m=1200).tolist()
    [[True, True, True], [False, False, False]]
    """
    grid = _Grid.of(lon, lat)
    reach = Reach(check_radius(standard_m, "standard_m"))
    steps = np.zeros(grid.shape[0] * (grid.shape[1] + 1), dtype=np.int64)
    doubtful = []
    for part in grid.beside(sites, standard_m):
        site, row = grid.rows_within(part, standard_m)
        most = grid.stretch(part, site, row, reach.most_m)
        sure = grid.stretch(part, site, row, reach.sure_m)
        if row.size:  # sites come from south to north: a block touches a few rows
            pad = grid.shape[1] + 1
            first, last = int(row.min()) * pad, (int(row.max()) + 1) * pad
            for sign, column in ((1, sure[0]), (-1, sure[1])):
                at = row * pad + column - first
                steps[first:last] += sign * np.bincount(at, minlength=last - first)
        for start, end in ((most[0], sure[0]), (sure[1], most[1])):
            doubtful.append(_expanded(start, end, (part[0][site], part[1][site], row)))
    covered: Mask = np.cumsum(steps.reshape(grid.shape[0], -1), axis=1)[:, :-1] > 0
    for column, x, y, row in doubtful:
        within = reach.covers(x, y, grid.lon[column], grid.lat[row])
        covered[row[within], column[within]] = True
    return covered[:: grid.down, :: grid.right]


def covered_shares(
    lon: ArrayLike, lat: ArrayLike, sites: tuple[ArrayLike, ArrayLike], *, standard_m: float
) -> Floats:
    """Give the share of each cell's ground within the coverage standard of a site.

    Each cell is swept along eight lines or more, at most an eighth of the standard apart; along
    them the covered stretches of all sites are joined exactly. A cell that the border crosses is
    right to 0.03, sums over many cells to 1e-4.

    Parameters
    ----------
    lon, lat : (w,) and (h,) middles of the columns and rows, degrees, at least two each, in
        ascending or descending order; cells reach half way to the next.
    sites, standard_m : as :func:`covered_grid`.

    Returns
    -------
    (h, w) shares, 0 to 1.

    Raises
    ------
    ParameterError : as :func:`covered_grid`, or if there are less than two rows or columns.

    Examples
    --------
    >>> shares = covered_shares([0, 0.04], [0, 0.04], ([0], [0]), standard_m=1000)
    >>> shares.round(2).tolist()
    [[0.16, 0.0], [0.0, 0.0]]
    """
    grid = _Grid.of(lon, lat)
    reach = Reach(check_radius(standard_m, "standard_m"))
    if min(grid.shape) < 2:  # noqa: PLR2004 (a cell reaches half way to the next)
        raise ParameterError(f"a grid must have two rows and columns or more, got {grid.shape}")
    edges = _edges(grid.lat)
    high_m = float(np.diff(edges).max()) * _DEGREE_M
    count = max(_LINES, int(np.ceil(_LINES * high_m / reach.standard_m)))
    within = (np.arange(count) + 0.5) / count
    lines = _Grid(
        grid.lon, (edges[:-1, None] + np.diff(edges)[:, None] * within).ravel(), grid.right, 1
    )
    shares = np.zeros(grid.shape)
    for top, bottom in _bands(lines, sites, reach.standard_m, count):
        band = _Grid(lines.lon, lines.lat[top:bottom], 1, 1)
        swept = _swept(band, sites, reach.standard_m)
        shares[top // count : bottom // count] = swept.reshape(-1, count, grid.shape[1]).mean(1)
    return shares[:: grid.down, :: grid.right]


def _edges(middles: Floats) -> Floats:
    """Give the borders between cells, and the outer ones."""
    between = (middles[1:] + middles[:-1]) / 2
    return np.concatenate([[2 * middles[0] - between[0]], between, [2 * middles[-1] - between[-1]]])


def _bands(
    lines: _Grid, sites: tuple[ArrayLike, ArrayLike], standard_m: float, a_row: int
) -> Iterator[tuple[int, int]]:
    """Cut the lines into bands of whole rows with a few million stretches each."""
    count = np.zeros(len(lines.lat) + 1, dtype=np.int64)
    for part in lines.beside(sites, standard_m):
        _, line = lines.rows_within(part, standard_m)
        count[1:] += np.bincount(line, minlength=len(lines.lat))
    rows = np.cumsum(count)[::a_row]
    cuts = np.searchsorted(rows, np.arange(0, rows[-1] + 1, _STRETCHES), side="right") - 1
    cuts = np.unique([0, *cuts, len(rows) - 1]) * a_row
    yield from zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)


def _swept(lines: _Grid, sites: tuple[ArrayLike, ArrayLike], standard_m: float) -> Floats:
    """Give the covered share of each cell along each line."""
    high, wide = lines.shape
    pad = wide + 2  # the lines one after the other on one axis, in cells
    edges = _edges(lines.lon)
    starts: list[Floats] = []
    ends: list[Floats] = []
    for part in lines.beside(sites, standard_m):
        site, line = lines.rows_within(part, standard_m)
        middle, half = part[0][site], lines.half_width(part[1][site], line, standard_m)
        there = np.isfinite(half)
        middle, half, line = middle[there], half[there], line[there]
        for bound, all_ in ((middle - half, starts), (middle + half, ends)):
            all_.append(line * pad + np.interp(bound, edges, np.arange(wide + 1.0)))
    if not starts:
        return np.zeros((high, wide))
    start, end = _joined(np.concatenate(starts), np.concatenate(ends))
    steps, parts = np.zeros(high * pad + 1), np.zeros(high * pad + 1)
    for sign, bound in ((1, start), (-1, end)):
        cell = bound.astype(np.int64)
        steps += sign * np.bincount(cell, minlength=len(steps))
        parts -= sign * np.bincount(cell, bound - cell, minlength=len(parts))
    return (np.cumsum(steps) + parts)[:-1].reshape(high, pad)[:, :wide]


def _joined(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Join stretches of one axis that touch."""
    order = np.argsort(start)
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.concatenate([[True], start[1:] > end[:-1]])
    last = np.concatenate([first[1:], [True]])
    return start[first], end[last]


def _expanded(start: Ints, end: Ints, along: tuple[NDArray[Any], ...]) -> tuple[NDArray[Any], ...]:
    """Write stretches out: each number from start to before end, and what stands along it."""
    count = np.maximum(end - start, 0)
    some = np.flatnonzero(count)
    which = np.repeat(some, count[some])
    before = np.cumsum(count[some]) - count[some]
    number = np.arange(len(which)) - np.repeat(before, count[some]) + start[which]
    return (number, *(each[which] for each in along))


@dataclass(frozen=True, eq=False)
class _Grid:
    """A grid in ascending order; ``right`` and ``down`` are -1 where it was given the other way."""

    lon: Floats
    lat: Floats
    right: int
    down: int

    @classmethod
    def of(cls, lon: ArrayLike, lat: ArrayLike) -> _Grid:
        (columns, right), (rows, down) = _axis(lon, "lon"), _axis(lat, "lat")
        return cls(columns, rows, right, down)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.lat), len(self.lon)

    def beside(
        self, sites: tuple[ArrayLike, ArrayLike], standard_m: float
    ) -> Iterator[tuple[Floats, Floats]]:
        """Give the sites that may cover a cell, from south to north, beyond 180 degrees too."""
        lon, lat = (np.asarray(each, dtype=np.float64) for each in sites)
        lon = np.concatenate([lon - 360, lon, lon + 360])
        lat = np.concatenate([lat, lat, lat])
        up = np.degrees(standard_m / LEAST_BEND_M) * 1.01
        aside = up / np.maximum(np.cos(np.radians(np.minimum(np.abs(lat) + up, 89.9))), 1e-3)
        near = (lat >= self.lat[0] - up) & (lat <= self.lat[-1] + up)
        near &= (lon >= self.lon[0] - aside) & (lon <= self.lon[-1] + aside)
        lon, lat = lon[near], lat[near]
        order = np.argsort(lat)
        lon, lat = lon[order], lat[order]
        for start in range(0, len(lon), _BLOCK):
            yield lon[start : start + _BLOCK], lat[start : start + _BLOCK]

    def rows_within(self, sites: tuple[Floats, Floats], standard_m: float) -> tuple[Ints, Ints]:
        """Pair sites with the rows that come near enough."""
        up = np.degrees(standard_m / LEAST_BEND_M) * (1 + 1e-9)
        start = np.searchsorted(self.lat, sites[1] - up)
        end = np.searchsorted(self.lat, sites[1] + up, side="right")
        row, site = _expanded(start, end, (np.arange(len(start)),))
        return site, row

    def stretch(
        self, sites: tuple[Floats, Floats], site: Ints, row: Ints, chord_m: float
    ) -> tuple[Ints, Ints]:
        """Give the columns of a row within a chord of a site: the first, and the one after."""
        middle, half = sites[0][site], self.half_width(sites[1][site], row, chord_m)
        nothing = np.isnan(half)
        start = np.searchsorted(self.lon, middle - half)
        end = np.searchsorted(self.lon, middle + half, side="right")
        end[nothing] = start[nothing]
        return start, end

    def half_width(self, lat: Floats, row: Ints, chord_m: float) -> Floats:
        """Give how far east and west a chord goes along a row, degrees; NaN: it ends before."""
        out, up = _meridian(lat)
        row_out, row_up = (each[row] for each in _meridian(self.lat))
        left = chord_m**2 - (out - row_out) ** 2 - (up - row_up) ** 2
        left[left < 0] = np.nan
        half = 2 * np.arcsin(np.minimum(np.sqrt(left / (4 * out * row_out)), 1))
        return np.asarray(np.degrees(half))


def _axis(given: ArrayLike, name: str) -> tuple[Floats, int]:
    """Give the degrees along an axis in ascending order, and -1 where they came the other way."""
    axis = np.atleast_1d(np.asarray(given, dtype=np.float64))
    if axis.ndim != 1 or not axis.size:
        raise ParameterError(f"{name} of a grid must be numbers along one axis, got {axis.shape}")
    way = -1 if axis[0] > axis[-1] else 1
    if not (np.diff(axis[::way]) > 0).all():
        raise ParameterError(f"{name} of a grid must rise or fall from end to end")
    return axis[::way], way


def _meridian(lat: Floats) -> tuple[Floats, Floats]:
    """Give the distances from the axis of the earth, and from the plane of the equator."""
    x, _, z = ecef(np.zeros_like(lat), lat).T
    return x, z
