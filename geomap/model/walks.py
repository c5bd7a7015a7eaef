"""Walks on the network: the least distances between places on it, by Dijkstra's algorithm.

The network is cut at the places that walks begin from, so that all ways are exact along the
streets. Distances are metres on the level; on slow lines (stairs) a metre counts as more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import ParameterError
from geomap.model.geodesy import metres_per_degree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from scipy.sparse import coo_array, csr_array

    from geomap.model.footholds import Footholds
    from geomap.model.network import Network

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

#: Ways that differ by less are equally long: the first place then has it.
SAME_M = 1e-6
#: Distances held at a time, and places that walks begin from.
_MOST_HELD, _MOST_AT_ONCE = 4_000_000, 16


@dataclass(frozen=True, eq=False)
class Cut:
    """A network cut at its nodes and at some places.

    Parameters
    ----------
    network : what is cut.
    places : (k,) where walks begin.
    line, begin_m, end_m : (c,) pieces, in the order of their lines and measures.
    start, end : (c,) the node at each end of a piece; place j is node ``network.nodes + j``.
    """

    network: Network
    places: Footholds
    line: Ints
    begin_m: Floats
    end_m: Floats
    start: Ints
    end: Ints

    @cached_property
    def slowness(self) -> Floats:
        """(c,) of each piece."""
        return self.network.slowness[self.line]

    @cached_property
    def cost_m(self) -> Floats:
        """(c,) metres on the level that a piece takes as long as."""
        return (self.end_m - self.begin_m) * self.slowness

    @cached_property
    def nodes(self) -> int:
        """Nodes of the network and places."""
        return self.network.nodes + len(self.places.line)

    @cached_property
    def node_place(self) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of all nodes; NaN for places that are on no street."""
        lon, lat = self.network.node_place
        on = self.places.is_on
        own_lon, own_lat = np.full(len(on), np.nan), np.full(len(on), np.nan)
        if on.any():
            placed = self.network.place(self.places.line[on], self.places.at_m[on])
            own_lon[on], own_lat[on] = placed
        return np.concatenate([lon, own_lon]), np.concatenate([lat, own_lat])

    @cached_property
    def graph(self) -> csr_array:
        """(nodes, nodes) the least cost of a piece between two nodes, both ways."""
        row = np.concatenate([self.start, self.end])
        column = np.concatenate([self.end, self.start])
        return _least(row, column, np.tile(self.cost_m, 2), self.nodes)

    def piece_of(self, places: Footholds) -> Ints:
        """(t,) the piece that each place lies on; any, where it is on no street."""
        # Lines go on where others end, so the last piece that begins before may be the next line's.
        after = np.searchsorted(self.begin_m, np.nan_to_num(places.at_m), side="right") - 1
        low = np.searchsorted(self.line, places.line, side="left")
        high = np.searchsorted(self.line, places.line, side="right") - 1
        return np.clip(np.clip(after, low, high), 0, max(len(self.line) - 1, 0))


def cut_at(network: Network, places: Footholds) -> Cut:
    """Cut a network at its nodes and at some places."""
    stops, on = network.stops, np.flatnonzero(places.is_on)
    line = np.concatenate([network.line[stops], places.line[on]])
    at_m = np.concatenate([network.along_m[stops], places.at_m[on]])
    node = np.concatenate([network.node[stops].astype(np.int64), network.nodes + on])
    # At one measure a line's first stop comes first and its last one last.
    rank = np.ones(len(line), dtype=np.int8)
    rank[: len(stops)][np.diff(network.line[stops], prepend=-1) > 0] = 0
    rank[: len(stops)][np.diff(network.line[stops], append=len(network.steps)) > 0] = 2
    order = np.lexsort((rank, at_m, line))
    line, at_m, node = line[order], at_m[order], node[order]
    piece = np.flatnonzero(np.diff(line) == 0)
    begin_m, end_m = at_m[piece], at_m[piece + 1]
    return Cut(network, places, line[piece], begin_m, end_m, node[piece], node[piece + 1])


def _least(row: Ints, column: Ints, cost_m: Floats, size: int) -> csr_array:
    """Make a graph; of several edges between two nodes the shortest is kept."""
    from scipy.sparse import csr_array

    apart = row != column
    row, column, cost_m = row[apart], column[apart], cost_m[apart]
    order = np.lexsort((cost_m, column, row))
    row, column, cost_m = row[order], column[order], cost_m[order]
    first = (np.diff(row, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0)
    row, column, cost_m = row[first], column[first], cost_m[first]
    begin = np.searchsorted(row, np.arange(size + 1))
    # Given as it is stored: a cost of 0 (two places in one) stays an edge.
    return csr_array((cost_m, column.astype(np.int32), begin.astype(np.int32)), shape=(size, size))


@dataclass(frozen=True, eq=False)
class Walked:
    """How far it is from some places to the nodes around them.

    Parameters
    ----------
    places : (b,) positions of the places.
    nodes : (v,) numbers of the nodes that lie within the limit in a straight line, ascending.
    distance_m : (b, v) from each place's door, infinite beyond the limit.
    """

    places: Ints
    nodes: Ints
    distance_m: Floats

    def touching(self, cut: Cut) -> Bools:
        """(c,) whether a piece begins or ends at one of the nodes."""
        is_there = np.zeros(cut.nodes, dtype=bool)
        is_there[self.nodes] = True
        touched: Bools = is_there[cut.start] | is_there[cut.end]
        return touched

    def at_ends(self, cut: Cut, piece: Ints) -> tuple[Floats, Floats]:
        """Give (b, t) the distances at both ends of pieces; infinite where no node is near."""
        place = np.full(cut.nodes, len(self.nodes))
        place[self.nodes] = np.arange(len(self.nodes))
        beyond = np.full((len(self.places), 1), np.inf)
        distance_m = np.hstack([self.distance_m, beyond])
        return distance_m[:, place[cut.start[piece]]], distance_m[:, place[cut.end[piece]]]


def walk_from_each(cut: Cut, *, limit_m: float) -> Iterator[Walked]:
    """Walk from each place of a cut by itself, some neighbours at a time.

    Parameters
    ----------
    limit_m : of the walk, from the door on.

    Raises
    ------
    ParameterError : if the limit is not positive.
    """
    from scipy.sparse.csgraph import dijkstra

    require_limit(limit_m)
    lon, lat = cut.node_place
    off_m = cut.places.off_m
    for places, nodes in _neighbourhoods(cut, lon, lat, limit_m):
        graph = cut.graph[nodes][:, nodes] if len(nodes) < cut.nodes else cut.graph
        own = np.searchsorted(nodes, cut.network.nodes + places)
        distance_m = dijkstra(graph, directed=True, indices=own, limit=limit_m)
        distance_m += off_m[places, None]
        distance_m[distance_m > limit_m] = np.inf
        yield Walked(places, nodes, distance_m)


def require_limit(limit_m: float) -> None:
    """Refuse a walk that is not positive."""
    if not limit_m > 0:
        raise ParameterError(f"limit_m must be positive, got {limit_m}")


def _neighbourhoods(
    cut: Cut, lon: Floats, lat: Floats, limit_m: float
) -> Iterator[tuple[Ints, Ints]]:
    """Gather places that lie together, with the nodes that are within the limit of any of them."""
    on = np.flatnonzero(cut.places.is_on & (cut.places.off_m <= limit_m))
    own = cut.network.nodes + on
    waiting = [on[np.argsort(_morton(lon[own], lat[own]), kind="stable")]]
    waiting = [some for each in waiting for some in _parts(each, _MOST_AT_ONCE)]
    while waiting:
        places = waiting.pop()
        nodes = _around(cut, places, lon, lat, limit_m)
        most = max(1, _MOST_HELD // max(len(nodes), 1))
        if most < len(places):
            waiting += _parts(places, most)
            continue
        yield places, nodes


def _parts(places: Ints, most: int) -> list[Ints]:
    return [places[begin : begin + most] for begin in range(0, len(places), most)]


def _around(cut: Cut, places: Ints, lon: Floats, lat: Floats, limit_m: float) -> Ints:
    """Select the nodes in the box around places, widened by the limit; no way leads further."""
    own = cut.network.nodes + places
    south, north = lat[own].min(), lat[own].max()
    # A straight line is never longer than the way, and 1 % covers the bend of the box.
    _, high_m = metres_per_degree(0.0)
    high = 1.01 * limit_m / high_m
    edge = min(max(abs(south - high), abs(north + high)), 89.0)
    wide = 1.01 * limit_m / metres_per_degree(edge)[0]
    is_near = (lon >= lon[own].min() - wide) & (lon <= lon[own].max() + wide)
    is_near &= (lat >= south - high) & (lat <= north + high)
    return np.flatnonzero(is_near)


def _morton(lon: Floats, lat: Floats) -> Ints:
    """Give numbers in whose order neighbours come one after another (Morton 1966)."""
    code = np.zeros(len(lon), dtype=np.int64)
    for axis, degrees in enumerate((lon, lat)):
        if not len(degrees):
            continue
        cell = ((degrees - degrees.min()) / 360 * (1 << 24)).astype(np.int64)
        for bit in range(24):
            code |= ((cell >> bit) & 1) << (2 * bit + axis)
    return code


def walk_matrix(
    network: Network,
    sources: Footholds,
    targets: Footholds,
    *,
    limit_m: float,
    progress: Callable[[int, int], None] | None = None,
) -> coo_array:
    """Measure the ways on foot from each source to each target within a limit.

    Parameters
    ----------
    sources : (m,) such as facilities.
    targets : (n,) such as demand.
    limit_m : longer ways are left out.
    progress : told how many sources of how many are done; may raise to stop the work.

    Returns
    -------
    (n, m) sparse metres, doors included; what is absent is out of the limit. A distance of 0
    (target and source are one place) is stored.

    Raises
    ------
    ParameterError : if the limit is not positive.
    """
    from scipy.sparse import coo_array

    cut = cut_at(network, sources)
    on = np.flatnonzero(targets.is_on & (targets.off_m <= limit_m))
    piece = cut.piece_of(targets)[on]
    rest_m = _to_ends(cut, piece, targets[on])
    rows, columns, data, done = [], [], [], 0
    for walked in walk_from_each(cut, limit_m=limit_m):
        near = walked.touching(cut)[piece]
        for some in _parts(np.flatnonzero(near), _MOST_HELD // _MOST_AT_ONCE):
            from_start, from_end = walked.at_ends(cut, piece[some])
            least_m = np.minimum(from_start + rest_m[0][some], from_end + rest_m[1][some])
            source, target = np.nonzero(least_m <= limit_m)
            rows.append(on[some[target]])
            columns.append(walked.places[source])
            data.append(least_m[source, target])
        done += len(walked.places)
        if progress is not None:
            progress(done, len(sources.line))
    empty = np.empty(0)
    row, column, metres = (np.concatenate([empty, *each]) for each in (rows, columns, data))
    shape = (len(targets.line), len(sources.line))
    return coo_array((metres, (row.astype(np.int64), column.astype(np.int64))), shape=shape)


def _to_ends(cut: Cut, piece: Ints, places: Footholds) -> tuple[Floats, Floats]:
    """Give the metres from the doors of places to the two ends of their pieces."""
    slowness = cut.slowness[piece]
    back_m = np.maximum(places.at_m - cut.begin_m[piece], 0) * slowness + places.off_m
    on_m = np.maximum(cut.end_m[piece] - places.at_m, 0) * slowness + places.off_m
    return back_m, on_m


@dataclass(frozen=True, eq=False)
class Nearest:
    """Which of the places of a cut is the nearest to each node.

    Parameters
    ----------
    place : (nodes,) position of the place, -1 where none is within the limit; of places that
        are equally near, to :data:`SAME_M`, the first.
    distance_m : (nodes,) from its door, infinite where there is none.
    """

    place: Ints
    distance_m: Floats

    def of(self, cut: Cut, places: Footholds, *, limit_m: float) -> tuple[Ints, Floats]:
        """Give the position of the nearest place for others, -1 where none, and the metres."""
        nearest, distance_m = np.full(len(places.line), -1), np.full(len(places.line), np.inf)
        on = np.flatnonzero(places.is_on)
        piece = cut.piece_of(places)[on]
        sides = (cut.start[piece], cut.end[piece])
        back_m, on_m = _to_ends(cut, piece, places[on])
        ways_m = self.distance_m[sides[0]] + back_m, self.distance_m[sides[1]] + on_m
        owners = self.place[sides[0]], self.place[sides[1]]
        is_first = ways_m[0] < ways_m[1]
        chosen = np.where(is_first, *owners)
        with np.errstate(invalid="ignore"):  # two infinite ways
            is_same = np.abs(ways_m[0] - ways_m[1]) <= SAME_M
        chosen = np.where(is_same, np.minimum(*owners), chosen)
        least_m = np.minimum(*ways_m)
        within = least_m <= limit_m
        nearest[on[within]], distance_m[on[within]] = chosen[within], least_m[within]
        return nearest, distance_m


def walk_from_all(cut: Cut, *, limit_m: float = np.inf) -> Nearest:
    """Walk from all places of a cut at once: which one is nearest to each node, and how far.

    Raises
    ------
    ParameterError : if the limit is not positive.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    require_limit(limit_m)
    on = np.flatnonzero(cut.places.is_on)
    if not len(on):
        return Nearest(np.full(cut.nodes, -1), np.full(cut.nodes, np.inf))
    # A door is a node of its own, so that the metres to the street count.
    graph, size = cut.graph, cut.nodes + len(on)
    begin = np.concatenate([graph.indptr, graph.indptr[-1] + np.arange(1, len(on) + 1)])
    column = np.concatenate([graph.indices, cut.network.nodes + on])
    cost_m = np.concatenate([graph.data, cut.places.off_m[on]])
    doors = csr_array((cost_m, column, begin), shape=(size, size))
    distance_m, _, source = dijkstra(
        doors,
        directed=True,
        indices=np.arange(cut.nodes, size),
        limit=limit_m,
        min_only=True,
        return_predecessors=True,
    )
    place = np.where(source < 0, -1, on[np.clip(source - cut.nodes, 0, len(on) - 1)])
    row = np.repeat(np.arange(size), np.diff(begin))
    return Nearest(
        _first_of_equal(place, distance_m, row, column, cost_m)[: cut.nodes],
        distance_m[: cut.nodes],
    )


def _first_of_equal(
    place: Ints, distance_m: Floats, row: Ints, column: Ints, cost_m: Floats
) -> Ints:
    """Where ways from several places are equally long, give the node to the first of them."""
    place = place.copy()
    with np.errstate(invalid="ignore"):
        tight = distance_m[row] + cost_m <= distance_m[column] + SAME_M
    tight &= np.isfinite(distance_m[row])
    row, column = row[tight], column[tight]
    changed = np.ones(len(place), dtype=bool)
    while changed.any():
        some = changed[row]
        before = place.copy()
        np.minimum.at(place, column[some], before[row[some]])
        changed = place != before
    return place
