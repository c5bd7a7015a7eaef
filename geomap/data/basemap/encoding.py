"""Write layers of a vector tile: lines, polygons and points, all numbers of a layer at once.

Source: Mapbox Vector Tile Specification 2.1, github.com/mapbox/vector-tile-spec. What looks alike
is one feature with many parts, so that a thousand houses cost little more than their corners.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geomap.model.protobuf import field, varint, varints, zigzag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: Units along each side of a tile.
EXTENT = 4096
_VERSION = 2
_MOVE, _LINE, _CLOSE = 1, 2, 15
POINT, LINE, POLYGON = 1, 2, 3
_LEAST_POINTS: Mapping[int, int] = {POINT: 1, LINE: 2, POLYGON: 3}


class _Parts(NamedTuple):
    """Parts of features in whole units: points, where each part begins, whose each is."""

    xy: NDArray[np.int64]
    starts: NDArray[np.int64]
    feature: NDArray[np.int64]

    @property
    def ends(self) -> NDArray[np.int64]:
        return np.append(self.starts[1:], len(self.xy))

    def keep(self, good: NDArray[np.bool_]) -> _Parts:
        """Keep some parts."""
        sizes = (self.ends - self.starts)[good]
        points = np.repeat(good, self.ends - self.starts)
        return _Parts(self.xy[points], np.cumsum(sizes) - sizes, self.feature[good])


def encode_layer(
    name: str,
    kind: int,
    geometry: NDArray[np.object_],
    feature: NDArray[np.int64],
    properties: Sequence[Mapping[str, str | int]],
) -> bytes:
    """Write one layer; a tile is its layers one after another.

    Parameters
    ----------
    name : of the layer.
    kind : POINT, LINE or POLYGON.
    geometry : (n,) shapely points, lines or polygons in units of the tile, y downward; not multi.
    feature : (n,) the feature that each belongs to, ascending, a place in `properties`.
    properties : of each feature; texts, and whole numbers that are not negative.

    Returns
    -------
    A tile of one layer; nothing where nothing is left in whole units, as the specification asks.

    Examples
    --------
    >>> point = np.array([shapely.Point(25, 17)])
    >>> encode_layer("p", POINT, point, np.array([0]), [{}]).hex(" ")
    '1a 11 78 02 0a 01 70 12 07 18 01 22 03 09 32 22 28 80 20'
    """
    if not len(geometry):
        return b""
    parts = _polygon_parts(geometry, feature) if kind == POLYGON else _plain(geometry, feature)
    parts = parts.keep(parts.ends - parts.starts >= _LEAST_POINTS[kind])
    if not len(parts.feature):
        return b""
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    written = [field(15, _VERSION), field(1, name.encode())]
    numbers, shapes = _shapes(parts, kind)
    for number, shape in zip(numbers, shapes, strict=True):
        tags = bytearray()
        for key, value in properties[number].items():
            tags += varint(keys.setdefault(key, len(keys)))
            tags += varint(values.setdefault(value, len(values)))
        said = field(2, bytes(tags)) if tags else b""
        written.append(field(2, said + field(3, kind) + field(4, shape)))
    written += [field(3, key.encode()) for key in keys]
    written += [field(4, value_message(value)) for value in values]
    return field(3, b"".join([*written, field(5, EXTENT)]))


def value_message(value: str | int) -> bytes:
    r"""Write the value of an attribute.

    Examples
    --------
    >>> value_message("a"), value_message(3)
    (b'\n\x01a', b'(\x03')
    """
    return field(1, value.encode()) if isinstance(value, str) else field(5, value)


def _plain(geometry: NDArray[np.object_], feature: NDArray[np.int64]) -> _Parts:
    """Take points or lines, without points that repeat the one before."""
    xy, part = shapely.get_coordinates(geometry, return_index=True)
    return _rounded(xy, part, feature)


def _rounded(
    xy: NDArray[np.float64], part: NDArray[np.int64], feature: NDArray[np.int64]
) -> _Parts:
    """Round to whole units; what is then twice the same point is once."""
    whole = np.rint(xy).astype(np.int64)
    first = np.ones(len(whole), dtype=bool)
    first[1:] = part[1:] != part[:-1]
    moved = np.ones(len(whole), dtype=bool)
    moved[1:] = (whole[1:] != whole[:-1]).any(axis=1)
    kept = first | moved
    starts = np.flatnonzero(first[kept])
    return _Parts(whole[kept], starts, feature[part[kept][starts]])


def _polygon_parts(geometry: NDArray[np.object_], feature: NDArray[np.int64]) -> _Parts:
    """Take the rings of polygons, outer ones clockwise on the screen, holes the other way."""
    rings, polygon = shapely.get_rings(geometry, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], [True])
    parts = _rounded(xy[~last], ring[~last], np.arange(len(rings)))
    parts = _open(parts)
    outer = np.append([True], polygon[1:] != polygon[:-1])
    areas = _areas(parts)
    gone = np.zeros(len(geometry), dtype=bool)  # a hole goes with what is around it
    gone[polygon[outer & _lost(parts, areas, len(rings))]] = True
    good = (areas != 0) & ~gone[polygon[parts.feature]]
    turned = np.where(outer[parts.feature], areas < 0, areas > 0)
    flipped = _flip(parts, turned)
    whose = feature[polygon[parts.feature]]
    return _Parts(flipped, parts.starts, whose).keep(good)


def _open(parts: _Parts) -> _Parts:
    """Leave out the last point of a ring where rounding made it the first once more."""
    ends = parts.ends
    again = (parts.xy[ends - 1] == parts.xy[parts.starts]).all(axis=1) & (ends - parts.starts > 1)
    kept = np.ones(len(parts.xy), dtype=bool)
    kept[ends[again] - 1] = False
    sizes = ends - parts.starts - again
    return _Parts(parts.xy[kept], np.cumsum(sizes) - sizes, parts.feature)


def _lost(parts: _Parts, areas: NDArray[np.int64], rings: int) -> NDArray[np.bool_]:
    """Tell which rings have no area left."""
    lost = np.ones(rings, dtype=bool)
    lost[parts.feature[areas != 0]] = False
    return lost


def _areas(parts: _Parts) -> NDArray[np.int64]:
    """Twice the signed area of each ring, positive if clockwise on the screen (y downward)."""
    following = np.arange(1, len(parts.xy) + 1)
    following[parts.ends - 1] = parts.starts
    x, y = parts.xy.T
    crossed = x * y[following] - x[following] * y
    return np.add.reduceat(crossed, parts.starts)


def _flip(parts: _Parts, turned: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Turn the order of the points of some rings round."""
    sizes = parts.ends - parts.starts
    place = np.arange(len(parts.xy))
    start, end = np.repeat(parts.starts, sizes), np.repeat(parts.ends, sizes)
    back = np.where(np.repeat(turned, sizes), start + end - 1 - place, place)
    return parts.xy[back]


def _shapes(parts: _Parts, kind: int) -> tuple[list[int], list[bytes]]:
    """Write the geometry of each feature: its number, and the commands as varints."""
    begins = np.append([True], parts.feature[1:] != parts.feature[:-1])
    first = np.zeros(len(parts.xy), dtype=bool)
    first[parts.starts[begins]] = True
    before = np.roll(parts.xy, 1, axis=0)
    before[first] = 0
    steps = zigzag(parts.xy - before)
    if kind == POINT:
        numbers, ends = _point_commands(steps, begins)
    else:
        numbers, ends = _line_commands(parts, steps, begins, closed=kind == POLYGON)
    written, bytes_to = varints(numbers)
    cuts = bytes_to[ends - 1].tolist()
    shapes = [
        written[start:end].tobytes() for start, end in zip([0, *cuts[:-1]], cuts, strict=True)
    ]
    return parts.feature[begins].tolist(), shapes


def _point_commands(
    steps: NDArray[np.uint32], begins: NDArray[np.bool_]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """All points of a feature are one move to each of them."""
    at = np.flatnonzero(begins)
    counts = np.diff(np.append(at, len(begins)))
    numbers = np.insert(steps.ravel(), at * 2, counts << 3 | _MOVE).astype(np.uint32)
    return numbers, np.cumsum(counts * 2 + 1)


def _line_commands(
    parts: _Parts, steps: NDArray[np.uint32], begins: NDArray[np.bool_], *, closed: bool
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Each part: a move, the lines after it, and for a ring the way back."""
    sizes = parts.ends - parts.starts
    lengths = 2 * sizes + 2 + closed
    ends = np.cumsum(lengths)
    starts = ends - lengths
    numbers = np.empty(int(ends[-1]), dtype=np.uint32)
    command = np.zeros(len(numbers), dtype=bool)
    command[starts] = command[starts + 3] = True
    numbers[starts], numbers[starts + 3] = 1 << 3 | _MOVE, (sizes - 1) << 3 | _LINE
    if closed:
        command[ends - 1] = True
        numbers[ends - 1] = _CLOSE
    numbers[~command] = steps.ravel()
    last = np.append(begins[1:], [True])
    return numbers, ends[last]
