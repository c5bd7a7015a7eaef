"""Join the parts of ways to streets that go straight on through junctions.

OpenStreetMap cuts a street wherever a tag changes. Ends of parts that meet in a node go on in
each other where the turn is least, stairs only in stairs: strokes, after Thomson & Richardson
1999, "The good continuation principle". Every street is drawn as one line then, not as twenty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.geodesy import metres_per_degree
from geomap.model.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geomap.data.walking.extract import Parts

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: A street does not go on in one that turns by more.
_MOST_TURN_DEG: Final = 60.0
#: At a node with more ends than this nothing is joined: an open place, not a street.
_MOST_ENDS: Final = 12


def network_of(parts: Parts, counts: Mapping[str, int]) -> Network:
    """Make a network of parts of ways that meet where they have a vertex in common.

    Parameters
    ----------
    parts : lines of two vertices or more.
    counts : what is told with the network.
    """
    first = np.flatnonzero(np.diff(parts.part, prepend=-1))
    last = np.append(first[1:], len(parts.part)) - 1
    twin = _twins(parts, first, last)
    row, begins = _walked_along(first, last, twin)
    key, begin = parts.key[row], np.flatnonzero(begins)
    _, number, uses = np.unique(key, return_inverse=True, return_counts=True)
    is_node = (uses > 1)[number]
    is_node[begin] = True
    is_node[np.append(begin[1:], len(row)) - 1] = True
    node = np.full(len(row), -1, dtype=np.int32)
    node[is_node] = np.unique(number[is_node], return_inverse=True)[1]
    steps = parts.steps[parts.part[row[begin]]]
    return Network(
        lon=parts.lon[row],
        lat=parts.lat[row],
        node=node,
        first=np.append(begin, len(row)).astype(np.int64),
        steps=steps,
        slowness=np.ones(len(begin)),
        counts=dict(counts),
    )


def _twins(parts: Parts, first: Ints, last: Ints) -> Ints:
    """Give for each end of a part the end that it goes on in, -1 for none.

    End ``2 * part`` is where a part begins, ``2 * part + 1`` where it ends.
    """
    vertex = np.column_stack([first, last]).ravel()
    inner = np.column_stack([first + 1, last - 1]).ravel()
    east_m, north_m = metres_per_degree(parts.lat[vertex])
    away = np.degrees(
        np.arctan2(
            (parts.lat[inner] - parts.lat[vertex]) * north_m,
            (parts.lon[inner] - parts.lon[vertex]) * east_m,
        )
    )
    one, other = _meeting(parts.key[vertex], np.repeat(parts.steps, 2))
    turn = np.abs((away[one] - away[other] + 360) % 360 - 180)
    straight = turn <= _MOST_TURN_DEG
    one, other, turn = one[straight], other[straight], turn[straight]
    twin = np.full(len(vertex), -1)
    taken = twin.tolist()
    for nth in np.lexsort((other, one, turn)).tolist():
        left, right = int(one[nth]), int(other[nth])
        if taken[left] < 0 and taken[right] < 0:
            taken[left], taken[right] = right, left
    return np.array(taken, dtype=np.int64)


def _meeting(key: Ints, steps: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Pair the ends that meet in one vertex and are of one kind."""
    order = np.lexsort((steps, key))
    same = (np.diff(key[order]) == 0) & (np.diff(steps[order].astype(np.int8)) == 0)
    group = np.concatenate([[0], np.cumsum(~same)]) if len(order) else np.zeros(0, dtype=np.int64)
    size = np.bincount(group)[group] if len(order) else group
    ones, others = [], []
    for apart in range(1, _MOST_ENDS):
        begin = np.flatnonzero(group[apart:] == group[:-apart])
        begin = begin[size[begin] <= _MOST_ENDS]
        ones.append(order[begin])
        others.append(order[begin + apart])
    return np.concatenate(ones), np.concatenate(others)


def _walked_along(first: Ints, last: Ints, twin: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Join the parts one by one: positions of vertices in order, and where a street begins."""
    twins, done = twin.tolist(), bytearray(len(first))
    rows: list[Ints] = []
    sizes: list[int] = []
    free_ends = np.flatnonzero(twin < 0).tolist()
    for begin in (*free_ends, *range(0, len(twins), 2)):  # the rest are rings
        if done[begin >> 1]:
            continue
        end, size = begin, 0
        while end >= 0 and not done[end >> 1]:
            part = end >> 1
            done[part] = 1
            vertices = np.arange(first[part], last[part] + 1)
            vertices = vertices[::-1] if end & 1 else vertices
            rows.append(vertices[1:] if size else vertices)
            size += len(rows[-1])
            end = twins[end ^ 1]
        sizes.append(size)
    row = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    begins = np.zeros(len(row), dtype=bool)
    begins[np.cumsum([0, *sizes[:-1]])] = True
    return row, begins
