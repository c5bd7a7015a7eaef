"""Which facilities lie within the coverage standard of which demand: sparse distances, in blocks.

Places stand in strips of latitude, from west to east, so that what may lie within reach of one
are a few runs of neighbours. Chords between geocentric points decide; where the length along the
ground that they stand for comes near the standard, the geodesic does. Demand is taken in blocks
that lie together, with about as many pairs each, and a block in pieces that fit into the cache.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.errors import TooLargeError
from geomap.model import geodesy
from geomap.plan.grid import LEAST_BEND_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from scipy import sparse

    Floats = npt.NDArray[np.float64]
    Positions = npt.NDArray[np.intp]
    Numbers = npt.NDArray[np.int32]

#: More pairs than this do not fit into 2 GB beside the tables.
MOST_PAIRS: Final = 150_000_000
_BLOCK_PAIRS, _PIECE_PAIRS = 2_000_000, 100_000
_THREADS = 2
_SAMPLES = 4096
#: Strips to a reach, and on either side; a disc has this share of the ground of its runs.
_STRIPS: Final = 3
_OF_RUNS: Final = np.pi / (np.pi + 2 / _STRIPS)
#: Degrees: no strip is lower, so that numbering them and adding a longitude errs by less than pad.
_LEAST_HIGH_DEG, _STRIP_APART_DEG, _PAD_DEG = 1e-4, 1024.0, 5e-7
#: A distance from a chord is right to 2 mm up to 50 km and to 0.03 % beyond.
_SHORT_M, _SHORT_DOUBT_M, _LONG_DOUBT = 50_000.0, 0.005, 4e-4
_ROUNDING_M = 1e-6
_HALF_WAY_M, _POLE_DEG = 20_003_931.0, 90.0


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
    search = _Search.of(demand, facilities, threshold_m)
    with ThreadPoolExecutor(_THREADS) as pool:  # numpy lets other threads run
        yield from pool.map(search.measured, search.parts())


@dataclass(frozen=True, eq=False)
class _Places:
    """Places in strips of latitude, each from west to east.

    Parameters
    ----------
    number : (k,) which of the given places.
    lon, lat : (k,) degrees.
    strip, key : (k,) the number of the strip; it and the longitude as one ascending number.
    xyz : (3, k) geocentric metres.
    """

    number: Positions
    lon: Floats
    lat: Floats
    strip: Floats
    key: Floats
    xyz: Floats

    @classmethod
    def of(cls, number: Positions, lon: Floats, lat: Floats, high_deg: float) -> _Places:
        """Put them in order."""
        strip = np.floor(lat / high_deg)
        key = strip * _STRIP_APART_DEG + lon
        order = np.argsort(key, kind="stable")
        number, lon, lat = number[order], lon[order], lat[order]
        xyz = np.ascontiguousarray(geodesy.ecef(lon, lat).T)
        return cls(number, lon, lat, strip[order], key[order], xyz)


@dataclass(frozen=True, eq=False)
class _Search:
    """Demand and facilities in strips, and what decides where the chord leaves it in doubt.

    Parameters
    ----------
    demand, sites : sites stand beyond 180 degrees too where demand may reach them there.
    threshold_m : greatest distance.
    high_deg : how high a strip is.
    shape : (n, m) of what was given.
    """

    demand: _Places
    sites: _Places
    threshold_m: float
    high_deg: float
    shape: tuple[int, int]

    @classmethod
    def of(
        cls, demand: tuple[Floats, Floats], facilities: tuple[Floats, Floats], threshold_m: float
    ) -> _Search:
        """Put demand and facilities in strips."""
        up_deg = _up_deg(threshold_m)
        high_deg = max(up_deg / _STRIPS, _LEAST_HIGH_DEG)
        people = _Places.of(*_known(*demand), high_deg)
        number, lon, lat = _known(*facilities)
        if len(people.lon) and len(number):
            edge = min(float(np.abs(people.lat).max()) + up_deg, _POLE_DEG)
            reach = np.degrees(_arc(_share(threshold_m) / np.cos(np.radians(edge)))) + _PAD_DEG
            lon, lat = np.concatenate([lon - 360, lon, lon + 360]), np.tile(lat, 3)
            near = (lon >= people.lon.min() - reach) & (lon <= people.lon.max() + reach)
            number, lon, lat = np.tile(number, 3)[near], lon[near], lat[near]
        sites = _Places.of(number, lon, lat, high_deg)
        return cls(people, sites, threshold_m, high_deg, (len(demand[0]), len(facilities[0])))

    def parts(self) -> list[slice]:
        """Cut the demand into stretches of a few million pairs, by counting at samples."""
        size = len(self.demand.lon)
        if not size or not len(self.sites.lon):
            return [slice(0, size)]
        edges = np.unique(np.linspace(0, size, _SAMPLES + 1).astype(np.intp))
        _, counts = self._runs((edges[:-1] + edges[1:]) // 2)
        pairs = counts.sum(axis=1) * _OF_RUNS * np.diff(edges)
        if pairs.sum() > MOST_PAIRS:
            raise TooLargeError(
                f"at most {MOST_PAIRS:,} pairs of demand and facility fit, got about"
                f" {pairs.sum():,.0f}: choose a smaller threshold or fewer demand rows"
            )
        numbers = np.floor(np.cumsum(pairs) / _BLOCK_PAIRS)
        starts = np.flatnonzero(np.diff(numbers, prepend=-1.0))
        ends = [*starts[1:], len(pairs)]
        return [slice(int(edges[a]), int(edges[b])) for a, b in zip(starts, ends, strict=True)]

    def _runs(self, rows: slice | Positions) -> tuple[Numbers, Numbers]:
        """Give the runs of sites that may lie within reach, strip by strip: (k, strips) each.

        From the first on so many. A chord c goes so far east along another latitude:
        c² >= (2 b sin(dlat / 2))² + 4 a² cos(lat) cos(lat2) sin²(dlon / 2), b the least radius
        of curvature and a that of the equator, which is greater.
        """
        lat, key = np.radians(self.demand.lat[rows]), self.demand.key[rows]
        south = np.radians(self.demand.strip[rows] * self.high_deg)
        high, share = np.radians(self.high_deg), _share(self.threshold_m)
        aside = int(np.ceil(_arc(share) / high))
        first, count = np.empty((2, len(lat), 2 * aside + 1), dtype=np.int32)
        for nth, strip in enumerate(range(-aside, aside + 1)):
            low = south + strip * high
            away = np.maximum(np.maximum(low - lat, lat - low - high), 0.0)
            edge = np.minimum(np.maximum(np.abs(low), np.abs(low + high)), np.pi / 2)
            squared = (share**2 - np.sin(away / 2) ** 2) / (np.cos(lat) * np.cos(edge))
            half = 2 * np.arcsin(np.sqrt(np.clip(squared, 0.0, 1.0)))
            half = np.degrees(half) + _PAD_DEG
            middle = key + strip * _STRIP_APART_DEG
            first[:, nth] = np.searchsorted(self.sites.key, middle - half)
            count[:, nth] = np.searchsorted(self.sites.key, middle + half) - first[:, nth]
        return first, count

    def measured(self, part: slice) -> Block:
        """Measure one block."""
        from scipy import sparse

        first, count = self._runs(part)
        so_far = np.cumsum(count.sum(axis=1))
        cuts = np.searchsorted(so_far, np.arange(0, so_far[-1] if len(so_far) else 0, _PIECE_PAIRS))
        edges = np.unique([0, *cuts, len(so_far)])
        ends, sites, metres = [np.zeros(1, np.int32)], [], []
        for begin, end in pairwise(edges.tolist()):
            some = slice(part.start + begin, part.start + end)
            found = self._within(some, first[begin:end], count[begin:end])
            ends.append(found[0] + ends[-1][-1])
            sites.append(found[1])
            metres.append(found[2])
        rows = self.demand.number[part]
        shape = (len(rows), self.shape[1])
        if not metres:
            return Block(rows, sparse.csr_array(shape, dtype=np.float64))
        stored = np.concatenate(metres), np.concatenate(sites), np.concatenate(ends)
        matrix = sparse.csr_array(stored, shape=shape)
        farthest_deg = float(np.abs(self.demand.lat[part]).max()) + 2 * _up_deg(self.threshold_m)
        return Block(rows, _once(matrix) if farthest_deg >= _POLE_DEG else matrix)

    def _within(
        self, rows: slice, first: Numbers, count: Numbers
    ) -> tuple[Numbers, Numbers, Floats]:
        """Measure runs: where each row ends, the sites in reach one row after the other, metres."""
        run, size = count.ravel(), count.sum(axis=1)
        site = np.repeat(first.ravel() - np.cumsum(run) + run, run)
        site += np.arange(len(site))
        squared = np.zeros(len(site))
        for ours, theirs in zip(self.demand.xyz, self.sites.xyz, strict=True):
            apart = theirs[site]
            apart -= np.repeat(ours[rows], size)
            apart *= apart
            squared += apart
        near = np.flatnonzero(squared <= _chord_m(self.threshold_m) ** 2)
        ends = np.searchsorted(near, np.cumsum(size))
        site, metres = site[near], self._length_m(squared[near])
        doubtful = np.flatnonzero(metres > self.threshold_m - _doubt_m(self.threshold_m))
        if doubtful.size:
            row = rows.start + np.searchsorted(ends, doubtful, side="right")
            beyond = doubtful[self._is_beyond(metres, doubtful, row, site[doubtful])]
            ends -= np.searchsorted(beyond, ends)
            site, metres = np.delete(site, beyond), np.delete(metres, beyond)
        return ends.astype(np.int32), self.sites.number[site].astype(np.int32), metres

    def _length_m(self, squared: Floats) -> Floats:
        """Turn squares of chords into lengths along the ground."""
        if self.threshold_m > _SHORT_M:
            return geodesy.chord_to_arc_m(np.sqrt(squared))
        # 2 R asin(c / 2R) by its series, ten times as fast and right to 1e-9 of a metre.
        longer = squared / (24 * geodesy.MEAN_RADIUS_M**2)
        longer += 2.7 * np.square(longer)
        longer += 1
        longer *= np.sqrt(squared)
        return longer

    def _is_beyond(
        self, metres: Floats, doubtful: Positions, row: Positions, site: Positions
    ) -> npt.NDArray[np.bool_]:
        """Measure pairs that the chord leaves in doubt, and tell which lie beyond the threshold."""
        people, sites = self.demand, self.sites
        exact_m = geodesy.geodesic_m(
            people.lon[row], people.lat[row], sites.lon[site], sites.lat[site]
        )
        metres[doubtful] = np.minimum(exact_m, self.threshold_m)
        beyond: npt.NDArray[np.bool_] = exact_m > self.threshold_m + _ROUNDING_M
        return beyond


def _known(lon: Floats, lat: Floats) -> tuple[Positions, Floats, Floats]:
    """Give the positions of places that are known, and their degrees, from -180 on."""
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    return known, (lon[known] + 180) % 360 - 180, lat[known]


def _doubt_m(threshold_m: float) -> float:
    return _SHORT_DOUBT_M if threshold_m <= _SHORT_M else _LONG_DOUBT * threshold_m


def _chord_m(threshold_m: float) -> float:
    """Give a chord that no pair within the threshold exceeds."""
    reach_m = min(threshold_m + _doubt_m(threshold_m), _HALF_WAY_M)
    return float(geodesy.arc_to_chord_m(reach_m))


def _share(threshold_m: float) -> float:
    """Give that chord by the diameter of the circle that bends most."""
    return _chord_m(threshold_m) / (2 * LEAST_BEND_M)


def _arc(share: float) -> float:
    """Give the angle, in radians, of a chord by its diameter."""
    return 2 * float(np.arcsin(min(share, 1.0)))


def _up_deg(threshold_m: float) -> float:
    """Give how many degrees of latitude a threshold goes at the most."""
    return float(np.degrees(_arc(_share(threshold_m))))


def _once(matrix: sparse.csr_array) -> sparse.csr_array:
    """Keep one of a site and its other self: around a pole a row reaches both."""
    from scipy import sparse

    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    pair = row * np.int64(matrix.shape[1]) + matrix.indices
    _, kept = np.unique(pair, return_index=True)
    stored = matrix.data[kept], (row[kept], matrix.indices[kept])
    return sparse.csr_array(stored, shape=matrix.shape)
