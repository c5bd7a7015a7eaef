"""Facilities grouped for the map: exact counts for any tile, from keys sorted once.

A tile is cut into 4 × 4 cells of 64 px. Points in Morton order make every cell one run of a
sorted array, so a tile costs a few binary searches whatever the number of points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geomap.errors import ParameterError
from geomap.maps.tilemath import KEY_BITS, MAX_ZOOM, TILE_PX, Tile, morton, tile_key
from geomap.model.mercator import to_degrees, to_world

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import ArrayLike, NDArray

CELL_PX = 64
_LEVELS = 2  # cells are tiles two zooms deeper
_CELLS = 1 << 2 * _LEVELS
_MOST_LISTED = 200

#: Diameter of a disc in pixels by the least count that has it.
DISC_PX = ((100, 56), (10, 50), (0, 44))


@dataclass(frozen=True)
class Cluster:
    """What stands in one cell.

    Parameters
    ----------
    lon, lat : where it is drawn, degrees: a single facility at its place, a disc at the mean
        place of its facilities but so near the middle of the cell that discs never overlap.
    count : number of facilities.
    zoom : the zoom at which it opens; None where it never does, since all are in one place.
    rows : positions of the facilities where `count` is 1 or `zoom` is None (at most 200).
    """

    lon: float
    lat: float
    count: int
    zoom: int | None
    rows: tuple[int, ...]


class _Run(NamedTuple):
    """The points of one type in Morton order, with running sums of their places."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.intp]
    sums: NDArray[np.float64]  # (2, n + 1)


class _Cells(NamedTuple):
    """Where each cell of a tile begins and ends in every run, and what is in it."""

    runs: Sequence[_Run]
    edges: list[NDArray[np.intp]]  # of each run, (17,)
    counts: NDArray[np.int64]  # (16,)
    sums: NDArray[np.float64]  # (2, 16)
    without: frozenset[int]

    def rows(self, cell: int) -> list[int]:
        """Positions of the facilities in a cell, sorted."""
        found = (
            int(row)
            for run, edge in zip(self.runs, self.edges, strict=True)
            for row in run.rows[edge[cell] : edge[cell + 1]]
        )
        return sorted(row for row in found if row not in self.without)

    def span(self, cell: int) -> tuple[int, int]:
        """Find the least and the greatest key in a cell."""
        pieces = [
            run.keys[edge[cell] : edge[cell + 1]][[0, -1]]
            for run, edge in zip(self.runs, self.edges, strict=True)
            if edge[cell + 1] > edge[cell]
        ]
        ends = np.array(pieces)
        return int(ends[:, 0].min()), int(ends[:, 1].max())


@dataclass(frozen=True, eq=False)
class ClusterIndex:
    """Located facilities, ready to be grouped for any tile and any choice of types.

    Parameters
    ----------
    lon, lat : (n,) degrees; NaN where a facility has no location: it is in no tile.
    types : (n,) facility types.
    keep : where the arrays are put that are made of them; as they are where it is not given.

    Examples
    --------
    >>> index = ClusterIndex([116.4, 116.4, 121.5], [39.9, 39.9, 31.2], ["other"] * 3)
    >>> [(c.count, c.zoom) for c in index.tile(Tile(0, 0, 0))]
    [(3, 3)]
    >>> [(c.count, c.zoom, c.rows) for c in index.tile(Tile(4, 13, 6))]
    [(2, None, (0, 1)), (1, None, (2,))]
    """

    lon: ArrayLike
    lat: ArrayLike
    types: Collection[str]
    keep: Callable[[Sequence[NDArray[Any]]], Sequence[NDArray[Any]]] = list

    @cached_property
    def count(self) -> int:
        """The number of located facilities."""
        return sum(len(run.keys) for run in self._runs.values())

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The located facilities in Morton order; those in one place as they came."""
        rows = np.flatnonzero(self._held)
        return self.keep([rows[np.argsort(self._keys[rows], kind="stable")]])[0]

    @cached_property
    def ranks(self) -> NDArray[np.intp]:
        """The (n,) place of each facility in `order`; -1 where it has no location."""
        ranks = np.full(len(self._keys), -1, dtype=np.intp)
        ranks[self.order] = np.arange(len(self.order))
        return self.keep([ranks])[0]

    def warm_up(self) -> None:
        """Sort the facilities, before the first tile is asked for."""
        _ = self._runs, self.ranks

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The Morton keys of `order`, ascending."""
        return self._keys[self.order]

    def held(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Mark those of some facilities that stand in any tile."""
        return self._held[rows]

    @cached_property
    def _names(self) -> NDArray[np.object_]:
        return np.asarray(self.types, dtype=object)

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        """The Morton key of every row, 0 where it has no location."""
        lon, lat = (np.nan_to_num(np.asarray(axis, dtype=float)) for axis in (self.lon, self.lat))
        return self.keep([morton(*to_world(lon, lat))])[0]

    @cached_property
    def _world(self) -> NDArray[np.float64]:
        """(2, n) world coordinates; NaN where a row has no location."""
        return self.keep([np.array(to_world(self.lon, self.lat))])[0]

    @cached_property
    def _held(self) -> NDArray[np.bool_]:
        """Mark the (n,) facilities that stand in any tile."""
        located: NDArray[np.bool_] = np.logical_and(*np.isfinite(self._world))
        return located

    @cached_property
    def _runs(self) -> dict[str, _Run]:
        names, located = self._names, self._held
        runs = {}
        for name in sorted(set(names.tolist())):
            rows = np.flatnonzero(located & (names == name))
            rows = rows[np.argsort(self._keys[rows], kind="stable")]
            sums = np.zeros((2, len(rows) + 1))
            np.cumsum(self._world[:, rows], axis=1, out=sums[:, 1:])
            runs[name] = _Run(*self.keep([self._keys[rows], rows, sums]))
        return runs

    def among(self, mask: NDArray[np.bool_]) -> ClusterIndex:
        """Give the index of some of the facilities, cut out of this one.

        Parameters
        ----------
        mask : (n,) the facilities to keep; rows keep their positions.
        """
        kept = ClusterIndex(self.lon, self.lat, self.types)
        shared = {name: getattr(self, name) for name in ("_names", "_keys", "_world")}
        runs = {name: _some(run, mask) for name, run in self._runs.items()}
        vars(kept).update(shared, _runs=runs, _held=self._held & mask)
        return kept

    def tile(
        self, tile: Tile, *, types: Collection[str] | None = None, without: Collection[int] = ()
    ) -> list[Cluster]:
        """Group the facilities of a tile by its cells.

        The counts of all tiles of one zoom add up to the located facilities of `types`.

        Parameters
        ----------
        tile : a tile of the grid.
        types : the types to show; all where None.
        without : positions of facilities that the map draws by itself.

        Returns
        -------
        One cluster for each cell that is not empty, in Morton order.
        """
        wanted = self._runs if types is None else {t: self._runs.get(t) for t in types}
        runs = [run for run in wanted.values() if run is not None]
        cells = self._cells(tile, runs, self._known(without, wanted))
        return [self._cluster(tile, cells, int(cell)) for cell in np.flatnonzero(cells.counts)]

    def _known(self, rows: Collection[int], types: Collection[str]) -> frozenset[int]:
        """Keep the rows that are in the chosen runs at all."""
        names = self._names
        if any(not 0 <= row < len(names) for row in rows):
            raise ParameterError(f"rows to leave out must be 0 to {len(names) - 1}")
        return frozenset(row for row in rows if names[row] in types and self._held[row])

    def _cells(self, tile: Tile, runs: Sequence[_Run], without: frozenset[int]) -> _Cells:
        """Find the cells of a tile in each run, and count them."""
        shift = 2 * (KEY_BITS - tile.z - _LEVELS)
        first = tile_key(tile) << 2 * _LEVELS
        bounds = (np.arange(_CELLS + 1, dtype=np.uint64) + np.uint64(first)) << np.uint64(shift)
        edges = [np.searchsorted(run.keys, bounds) for run in runs]
        counts = np.zeros(_CELLS, dtype=np.int64)
        sums = np.zeros((2, _CELLS))
        for run, edge in zip(runs, edges, strict=True):
            counts += np.diff(edge)
            sums += np.diff(run.sums[:, edge], axis=1)
        for row in without:
            cell = (int(self._keys[row]) >> shift) - first
            if 0 <= cell < _CELLS:
                counts[cell] -= 1
                sums[:, cell] -= self._world[:, row]
        return _Cells(runs, edges, counts, sums, without)

    def _cluster(self, tile: Tile, cells: _Cells, cell: int) -> Cluster:
        count = int(cells.counts[cell])
        if count == 1:
            row = cells.rows(cell)[0]
            lon, lat = to_degrees(*self._world[:, row])
            return Cluster(float(lon), float(lat), 1, None, (row,))
        low, high = cells.span(cell)
        zoom = _opening_zoom(low ^ high)
        rows = tuple(cells.rows(cell)[:_MOST_LISTED]) if zoom is None else ()
        x, y = _clear_of_others(tile, cell, cells.sums[:, cell] / count, disc_px(count))
        lon, lat = to_degrees(x, y)
        return Cluster(float(lon), float(lat), count, zoom, rows)


def _some(run: _Run, mask: NDArray[np.bool_]) -> _Run:
    """Keep the marked points of a run."""
    held = mask[run.rows]
    sums = np.zeros((2, np.count_nonzero(held) + 1))
    np.cumsum(np.diff(run.sums, axis=1)[:, held], axis=1, out=sums[:, 1:])
    return _Run(run.keys[held], run.rows[held], sums)


def disc_px(count: int) -> int:
    """Give the diameter of a cluster's disc.

    Examples
    --------
    >>> [disc_px(n) for n in (2, 9, 10, 99, 100)]
    [44, 44, 50, 50, 56]
    """
    return next(size for least, size in DISC_PX if count >= least)


def _opening_zoom(difference: int) -> int | None:
    """Find the zoom at which keys that differ in these bits part; None if too deep."""
    common = KEY_BITS - (difference.bit_length() + 1) // 2
    zoom = common + 1 - _LEVELS
    return max(zoom, 0) if difference and zoom <= MAX_ZOOM else None


def _clear_of_others(
    tile: Tile, cell: int, mean: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Move a mean place so near to the middle of its cell that a disc stays inside the cell."""
    side = CELL_PX / TILE_PX / (1 << tile.z)
    column = sum((cell >> 2 * bit & 1) << bit for bit in range(_LEVELS))
    line = sum((cell >> 2 * bit + 1 & 1) << bit for bit in range(_LEVELS))
    per_side = 1 << _LEVELS
    middle = np.array([tile.x * per_side + column + 0.5, tile.y * per_side + line + 0.5]) * side
    play = (CELL_PX - size) / 2 * side / CELL_PX
    return np.clip(mean, middle - play, middle + play)
