"""Which facilities lie within the coverage standard of which demand: sparse distances, in blocks.

Chords between geocentric points propose; where the length along the ground that they stand for
comes near the standard, the geodesic decides. Demand is taken in blocks that lie together, with
about as many pairs each, so that memory holds one block of raw pairs at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import TooLargeError
from geomap.model import geodesy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from scipy import sparse
    from scipy.spatial import cKDTree

    Floats = npt.NDArray[np.float64]
    Positions = npt.NDArray[np.intp]

#: More pairs than this do not fit into 2 GB beside the tables.
MOST_PAIRS: Final = 150_000_000
_BLOCK_PAIRS = 2_000_000
_THREADS = 2
_SAMPLES = 512
_CELL_DEG = 0.02
#: A distance from a chord is right to 2 mm up to 50 km and to 0.03 % beyond.
_SHORT_M, _SHORT_DOUBT_M, _LONG_DOUBT = 50_000.0, 0.005, 4e-4
_ROUNDING_M = 1e-6
_HALF_WAY_M = 20_003_931.0


@dataclass(frozen=True, eq=False)
class Block:
    """Some demand rows and their distances: (k,) positions, (k, m) metres, absent out of reach."""

    rows: Positions
    distance_m: sparse.csr_array


def pairs_within(
    demand: tuple[Floats, Floats], facilities: tuple[Floats, Floats], threshold_m: float
) -> Iterator[Block]:
    """Give the geodesic distances of all pairs within a threshold, the edge included.

    Parameters
    ----------
    demand : longitude and latitude, (n,) each, degrees; NaN is nowhere.
    facilities : the same, (m,) each.
    threshold_m : greatest distance, positive.

    Yields
    ------
    Blocks that together hold every demand row with a place once; a stored 0 is a distance of 0.
    Lengths are right to 2 mm up to 50 km and to 0.03 % beyond; who is within is exact.

    Raises
    ------
    TooLargeError : if there are more than about 150 million pairs.
    """
    from scipy.spatial import cKDTree

    sites = np.flatnonzero(np.isfinite(facilities[0]) & np.isfinite(facilities[1]))
    rows = _together(*demand)
    tree = cKDTree(geodesy.ecef(facilities[0][sites], facilities[1][sites]))
    search = _Search(demand, facilities, sites, tree, threshold_m)
    points = geodesy.ecef(demand[0][rows], demand[1][rows])
    parts = _parts(points, tree, search.chord_m)
    with ThreadPoolExecutor(_THREADS) as pool:  # the search of scipy lets other threads run
        found = pool.map(lambda part: search.measured(points[part], rows[part]), parts)
        for part, distance_m in zip(parts, found, strict=True):
            yield Block(rows[part], distance_m)


@dataclass(frozen=True, eq=False)
class _Search:
    """The facilities in a tree, and what decides where the chord leaves it in doubt."""

    demand: tuple[Floats, Floats]
    facilities: tuple[Floats, Floats]
    sites: Positions
    tree: cKDTree
    threshold_m: float

    @property
    def chord_m(self) -> float:
        """A chord that no pair within the threshold exceeds."""
        reach_m = min(self.threshold_m + self._doubt_m, _HALF_WAY_M)
        return float(geodesy.arc_to_chord_m(reach_m))

    @property
    def _doubt_m(self) -> float:
        return _SHORT_DOUBT_M if self.threshold_m <= _SHORT_M else _LONG_DOUBT * self.threshold_m

    def measured(self, points: Floats, rows: Positions) -> sparse.csr_array:
        """Measure one block: (k, 3) points of (k,) demand rows."""
        from scipy import sparse
        from scipy.spatial import cKDTree

        shape = (len(rows), len(self.facilities[0]))
        if not len(points) or not self.tree.n:
            return sparse.csr_array(shape, dtype=np.float64)
        near = cKDTree(points).sparse_distance_matrix(
            self.tree, self.chord_m, output_type="ndarray"
        )
        row, site = near["i"].astype(np.int32), self.sites.astype(np.int32)[near["j"]]
        distance_m = np.asarray(geodesy.chord_to_arc_m(near["v"]))
        del near
        beyond = self._beyond(distance_m, rows[row], site)
        if beyond.size:
            row, site, distance_m = (np.delete(each, beyond) for each in (row, site, distance_m))
        matrix = sparse.coo_array((distance_m, (row, site)), shape=shape)
        matrix.has_canonical_format = True  # no pair stands twice: spares the sorting
        return matrix.tocsr()

    def _beyond(
        self, distance_m: Floats, rows: Positions, sites: npt.NDArray[np.int32]
    ) -> Positions:
        """Find the pairs beyond the threshold; what the chord leaves in doubt is measured."""
        doubtful = np.flatnonzero(distance_m > self.threshold_m - self._doubt_m)
        x, y = self.demand
        u, v = self.facilities
        i, j = rows[doubtful], sites[doubtful]
        exact_m = geodesy.geodesic_m(x[i], y[i], u[j], v[j])
        distance_m[doubtful] = np.minimum(exact_m, self.threshold_m)
        beyond: Positions = doubtful[exact_m > self.threshold_m + _ROUNDING_M]
        return beyond


def _together(lon: Floats, lat: Floats) -> Positions:
    """Order the rows that have a place so that neighbours stand together."""
    rows = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    cells = np.floor(np.column_stack([lon[rows], lat[rows]]) / _CELL_DEG)
    order: Positions = rows[np.lexsort((cells[:, 1], cells[:, 0]))]
    return order


def _parts(points: Floats, tree: cKDTree, chord_m: float) -> list[slice]:
    """Cut the ordered demand into stretches of a few million pairs, by counting at samples."""
    if not len(points) or not tree.n:
        return [slice(0, len(points))]
    edges = np.unique(np.linspace(0, len(points), _SAMPLES + 1).astype(np.intp))
    middles = (edges[:-1] + edges[1:]) // 2
    counts = tree.query_ball_point(points[middles], chord_m, return_length=True)
    pairs = np.asarray(counts, dtype=np.float64) * np.diff(edges)
    if pairs.sum() > MOST_PAIRS:
        raise TooLargeError(
            f"at most {MOST_PAIRS:,} pairs of demand and facility fit, got about"
            f" {pairs.sum():,.0f}: choose a smaller threshold or fewer demand rows"
        )
    numbers = np.floor(np.cumsum(pairs) / _BLOCK_PAIRS)
    starts = np.flatnonzero(np.diff(numbers, prepend=-1.0))
    ends = [*starts[1:], len(pairs)]
    return [slice(int(edges[a]), int(edges[b])) for a, b in zip(starts, ends, strict=True)]
