"""The walking network: streets as long lines, and the nodes where they meet.

A street goes straight on through a junction where it can (a *stroke*: the pieces that follow
each other with the least turn), so that a network has few lines. Everything on it is a line and
a measure along it, in metres; a *node* is a vertex where lines meet or end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from geomap.errors import DataError, ParameterError
from geomap.model.geodesy import geodesic_m

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

Steps = Literal["avoid", "slow", "walk"]

#: A metre of stairs takes as long as this many on the level: people over 60 take stairs at
#: about half their pace (Fujiyama & Tyler 2010, doi:10.1080/03081060903429389).
STAIRS_SLOWNESS = 2.0
#: Streets that hang together over less than this are a fragment: a platform, a car park that
#: nobody joined to the street, the edge of an extract.
FRAGMENT_M = 1_000.0
_WEST_EAST, _SOUTH_NORTH = 180.0, 90.0


@dataclass(frozen=True, eq=False)
class Network:
    """Streets that can be walked, both ways.

    Parameters
    ----------
    lon, lat : (p,) vertices of all lines, one line after the other, WGS-84 degrees.
    node : (p,) number of the node at a vertex, -1 at one that only gives the shape. Both ends of
        a line are nodes; nodes are numbered from 0 without a gap.
    first : (s + 1,) position of each line's first vertex; last, p.
    steps : (s,) whether a line is stairs.
    slowness : (s,) how many metres on the level one metre of a line takes as long as, >= 1.
    counts : what reading found and left out, in numbers.

    Raises
    ------
    DataError : if the arrays do not make a network.
    """

    lon: Floats
    lat: Floats
    node: NDArray[np.int32]
    first: Ints
    steps: Bools
    slowness: Floats
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self._is_sound():
            raise DataError(
                "a network must be lines of two or more places on the globe with a node at both"
                " ends: read it again from its file"
            )

    def _is_sound(self) -> bool:
        """Whether the arrays fit together."""
        size, lines = len(self.lon), len(self.first) - 1
        columns = {len(self.lat), len(self.node)} == {size}
        rows = {len(self.steps), len(self.slowness)} == {max(lines, 0)}
        if not (columns and rows and lines >= 0 and self.first[0] == 0 and self.first[-1] == size):
            return False
        if size == 0:
            return lines == 0
        on_globe = (np.abs(self.lon) <= _WEST_EAST) & (np.abs(self.lat) <= _SOUTH_NORTH)
        ends = np.concatenate([self.first[:-1], self.first[1:] - 1])
        numbers = np.unique(self.node[self.node >= 0])
        return bool(
            on_globe.all()
            and (np.diff(self.first) >= 2).all()  # noqa: PLR2004 (a line has two ends)
            and (self.node[ends] >= 0).all()
            and numbers[-1] == len(numbers) - 1
            and (self.slowness >= 1).all()
            and np.isfinite(self.slowness).all()
        )

    @cached_property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.node.max(initial=-1)) + 1

    @cached_property
    def line(self) -> Ints:
        """(p,) the line of each vertex."""
        return np.repeat(np.arange(len(self.steps)), np.diff(self.first))

    @cached_property
    def along_m(self) -> Floats:
        """(p,) measure of each vertex: geodesic metres from the first vertex of all lines.

        A line goes on where the one before it ended, so that a measure tells the place on a line.
        """
        leg_m = np.zeros(len(self.lon))
        if len(leg_m):
            leg_m[1:] = geodesic_m(self.lon[:-1], self.lat[:-1], self.lon[1:], self.lat[1:])
            leg_m[self.first[:-1]] = 0
        return np.cumsum(leg_m)

    @cached_property
    def length_m(self) -> Floats:
        """(s,) geodesic length of each line."""
        return self.along_m[self.first[1:] - 1] - self.along_m[self.first[:-1]]

    @cached_property
    def stops(self) -> Ints:
        """Positions of the vertices that are nodes, line by line."""
        return np.flatnonzero(self.node >= 0)

    @cached_property
    def node_place(self) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of the nodes, (n,) each."""
        lon, lat = np.empty(self.nodes), np.empty(self.nodes)
        at = self.node[self.stops]
        lon[at], lat[at] = self.lon[self.stops], self.lat[self.stops]
        return lon, lat

    @cached_property
    def component(self) -> Ints:
        """(s,) which lines hang together: the number of the component of each line."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        one = self.node[self.first[:-1]][self.line[self.stops]]
        pairs = (np.ones(len(one), dtype=np.int8), (one, self.node[self.stops]))
        graph = coo_array(pairs, shape=(self.nodes, self.nodes))
        _, number = connected_components(graph, directed=False)
        return number[self.node[self.first[:-1]]].astype(np.int64)

    @cached_property
    def component_m(self) -> Floats:
        """Length of the streets of each component."""
        return np.bincount(self.component, weights=self.length_m).astype(np.float64)

    @cached_property
    def is_fragment(self) -> Bools:
        """(s,) whether a line belongs to a component of less than :data:`FRAGMENT_M`.

        Where no component is longer, none is a fragment.
        """
        longest_m = self.component_m.max(initial=0)
        least_m = FRAGMENT_M if longest_m >= FRAGMENT_M else 0.0
        small: Bools = (self.component_m < least_m)[self.component]
        return small

    def stepping(self, steps: Steps) -> Network:
        """Give the network for people who avoid stairs, take them slowly or as any other way.

        Parameters
        ----------
        steps : "avoid" leaves stairs out (wheelchairs, walking frames, bad knees); "slow" takes
            :data:`STAIRS_SLOWNESS` as long on them; "walk" takes them as level ground.

        Raises
        ------
        ParameterError : if it is none of these.
        """
        if steps not in get_args(Steps):
            raise ParameterError(f"steps must be avoid, slow or walk, got {steps!r}")
        if steps == "avoid":
            return self._lines(~self.steps)
        slowness = np.where(self.steps, STAIRS_SLOWNESS if steps == "slow" else 1.0, 1.0)
        return replace(self, slowness=slowness)

    def _lines(self, kept: Bools) -> Network:
        """Keep some lines, and number the nodes that are left."""
        if kept.all():
            return self
        vertices = kept[self.line]
        node = self.node[vertices]
        is_node = node >= 0
        _, node[is_node] = np.unique(node[is_node], return_inverse=True)
        size = np.diff(self.first)[kept]
        return replace(
            self,
            lon=self.lon[vertices],
            lat=self.lat[vertices],
            node=node,
            first=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            steps=self.steps[kept],
            slowness=self.slowness[kept],
        )

    def place(self, line: ArrayLike, at_m: ArrayLike) -> tuple[Floats, Floats]:
        """Give the longitudes and latitudes of places on lines.

        Parameters
        ----------
        line, at_m : (k,) lines and measures on them; a measure beyond its line is put on its end.
        """
        line, at_m = np.asarray(line), np.asarray(at_m, dtype=np.float64)
        low, high = self.first[line], self.first[line + 1] - 2
        before = np.searchsorted(self.along_m, at_m, side="right") - 1
        before = np.clip(before, low, high)
        leg_m = self.along_m[before + 1] - self.along_m[before]
        share = (at_m - self.along_m[before]) / np.where(leg_m > 0, leg_m, 1.0)
        share = np.clip(share, 0.0, 1.0)
        lon = self.lon[before] + share * (self.lon[before + 1] - self.lon[before])
        lat = self.lat[before] + share * (self.lat[before + 1] - self.lat[before])
        return lon, lat

    def vertices_of(self, line: Ints, from_m: Floats, to_m: Floats) -> tuple[Floats, Floats, Ints]:
        """Cut stretches out of lines, exactly at the measures.

        Parameters
        ----------
        line, from_m, to_m : (k,) each, from_m < to_m.

        Returns
        -------
        lon, lat, stretch : (v,) vertices of all stretches and the stretch of each.
        """
        low = np.searchsorted(self.along_m, from_m, side="right")
        high = np.searchsorted(self.along_m, to_m, side="left")
        low = np.clip(low, self.first[line] + 1, self.first[line + 1] - 1)
        inner = np.maximum(np.minimum(high, self.first[line + 1] - 1) - low, 0)
        stretch = np.repeat(np.arange(len(line)), inner + 2)
        begin = np.concatenate([[0], np.cumsum(inner + 2)])
        source = np.arange(len(stretch)) - begin[stretch] - 1 + low[stretch]
        lon, lat = np.empty(len(stretch)), np.empty(len(stretch))
        is_end = np.zeros(len(stretch), dtype=bool)
        for places, at_m in ((begin[:-1], from_m), (begin[1:] - 1, to_m)):
            lon[places], lat[places] = self.place(line, at_m)
            is_end[places] = True
        lon[~is_end], lat[~is_end] = self.lon[source[~is_end]], self.lat[source[~is_end]]
        return lon, lat, stretch

    def lines(self, line: Ints, from_m: Floats, to_m: Floats) -> NDArray[np.object_]:
        """Cut stretches out of lines; give (k,) lines in WGS-84 degrees."""
        import shapely

        lon, lat, stretch = self.vertices_of(line, from_m, to_m)
        return np.asarray(shapely.linestrings(lon, lat, indices=stretch), dtype=object)

    def walk_m(
        self, lon: float, lat: float, targets: ArrayLike, *, limit_m: float = 5_000.0
    ) -> Floats:
        """Measure the ways on foot from one place to others, door to door.

        Parameters
        ----------
        lon, lat : where the walk begins, degrees.
        targets : (k, 2) longitudes and latitudes.
        limit_m : longer ways are not looked for.

        Returns
        -------
        (k,) metres on the level, the straight line between a door and its street included;
        infinite where there is no way within the limit, NaN where a place is missing or further
        from any street than :data:`~geomap.model.footholds.MOST_OFF_M`.

        Raises
        ------
        ParameterError : if the targets are not pairs, or the limit is not positive.
        """
        from geomap.model.footholds import find_footholds
        from geomap.model.walks import walk_matrix

        ends = np.asarray(targets, dtype=np.float64).reshape(-1, 2)
        one = find_footholds(self, [lon], [lat])
        others = find_footholds(self, ends[:, 0], ends[:, 1])
        found = walk_matrix(self, one, others, limit_m=limit_m)
        walks = np.full(len(ends), np.inf)
        walks[found.row] = found.data
        walks[~others.is_on | ~one.is_on[0]] = np.nan
        return walks


__all__ = ["FRAGMENT_M", "STAIRS_SLOWNESS", "Network", "Steps"]
