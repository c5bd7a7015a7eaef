"""Mapbox vector tiles read back: lines and polygons of one layer, as shapes.

Source: Mapbox Vector Tile Specification 2.1, github.com/mapbox/vector-tile-spec.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geomap.errors import DataError
from geomap.model import protobuf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    Value = str | int | float | bool

_LAYER, _NAME, _FEATURE, _KEY, _VALUE = 3, 1, 2, 3, 4
_TAGS, _TYPE, _GEOMETRY = 2, 3, 4
_TEXT, _FLOAT, _DOUBLE, _WHOLE, _SIGNED, _YES_NO = 1, 2, 3, 4, 6, 7
_POLYGON = 3
_MOVE, _CLOSE = 1, 7
_LEAST_RING = 3


class Feature(NamedTuple):
    """What one feature is, and its parts: (n,) shapely lines or polygons, in units of the tile."""

    properties: Mapping[str, Value]
    parts: NDArray[np.object_]


def read_layers(tile: bytes, names: Collection[str]) -> dict[str, list[Feature]]:
    """Read some layers of lines or polygons; the others are passed over.

    Parameters
    ----------
    tile : not compressed.
    names : of the layers.

    Raises
    ------
    DataError : if the tile is damaged.
    """
    found: dict[str, list[Feature]] = {}
    for number, layer in protobuf.fields(tile):
        if number == _LAYER and isinstance(layer, bytes):
            fields = list(protobuf.fields(layer))
            name = next((_text(each) for key, each in fields if key == _NAME), "")
            if name in names:
                found.setdefault(name, []).extend(_features(fields))
    return found


def _features(fields: list[tuple[int, bytes | int]]) -> Iterator[Feature]:
    keys = [_text(each) for number, each in fields if number == _KEY]
    values = [_value(each) for number, each in fields if number == _VALUE]
    for number, each in fields:
        if number == _FEATURE and isinstance(each, bytes):
            own = dict(protobuf.fields(each))
            tags = protobuf.packed(_bytes(own.get(_TAGS, b"")))
            try:
                said = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
            except (IndexError, ValueError) as error:
                raise DataError("a tile names a value that it does not have") from error
            geometry = _bytes(own.get(_GEOMETRY, b""))
            yield Feature(said, _shapes(geometry, polygons=own.get(_TYPE) == _POLYGON))


def _shapes(content: bytes, *, polygons: bool) -> NDArray[np.object_]:
    """Make the parts of a feature: its lines, or its polygons with their holes."""
    parts = _parts(protobuf.packed_array(content))
    if not polygons:
        lines = [shapely.LineString(each) for each in parts if len(each) > 1]
        return np.array(lines, dtype=object)
    found: list[tuple[NDArray[np.int64], list[NDArray[np.int64]]]] = []
    for ring in (each for each in parts if len(each) >= _LEAST_RING):
        if _area(ring) > 0 or not found:
            found.append((ring, []))
        else:
            found[-1][1].append(ring)
    return np.array([shapely.Polygon(*each) for each in found], dtype=object)


def _parts(read: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Follow the commands of a geometry: each part with its (n, 2) points."""
    at, moved, begun, taken = 0, 0, [], np.zeros(len(read), dtype=bool)
    while at < len(read):
        command, count = int(read[at]) & 7, int(read[at]) >> 3
        at += 1
        if command == _CLOSE:
            continue
        if command == _MOVE:
            begun.append(moved)
        taken[at : at + 2 * count] = True
        at, moved = at + 2 * count, moved + count
    if at != len(read):
        raise DataError("a tile must be whole, got a geometry that does not end")
    zigzag = read[taken]
    steps = ((zigzag >> 1) ^ -(zigzag & 1)).reshape(-1, 2)
    return np.split(np.cumsum(steps, axis=0), begun[1:]) if begun else []


def _area(ring: NDArray[np.int64]) -> float:
    """Give twice the area of a ring, positive for outer ones: y runs downward."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _value(content: bytes | int) -> Value:
    """Read a value of a layer."""
    for number, each in protobuf.fields(_bytes(content)):
        if isinstance(each, int):
            return _whole(number, each)
        if number in (_FLOAT, _DOUBLE):
            return _decimal("<f" if number == _FLOAT else "<d", each)
        if number == _TEXT:
            return _text(each)
    return ""


def _decimal(form: str, read: bytes) -> float:
    try:
        return float(struct.unpack(form, read)[0])
    except struct.error as error:
        raise DataError("a tile has a decimal number that is too short or too long") from error


def _whole(number: int, read: int) -> int | bool:
    """Read a whole number as its field means it; negative ones stand at the end of 64 bits."""
    if number == _YES_NO:
        return bool(read)
    if number == _SIGNED:
        return (read >> 1) ^ -(read & 1)
    return read - (1 << 64) if number == _WHOLE and read >> 63 else read


def _text(content: bytes | int) -> str:
    return _bytes(content).decode("utf-8", errors="replace")


def _bytes(content: bytes | int) -> bytes:
    if isinstance(content, int):
        raise DataError("a tile has a number where there must be bytes")
    return content
