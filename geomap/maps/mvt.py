"""Mapbox vector tiles of points, written whole columns at a time.

Source: Mapbox Vector Tile Specification 2.1, github.com/mapbox/vector-tile-spec. A point feature
is nothing but varints: so all features of a layer are one table of bytes, with gaps where a
feature lacks an attribute or a number is small, which is written column by column.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geomap.model.protobuf import varint, zigzag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

#: Units along each side of a tile.
EXTENT = 4096
_VERSION = 2
# A field is introduced by its number and its wire type: 0 for varints, 2 for what has a length.
_LAYER, _NAME, _FEATURE, _KEY, _VALUE = b"\x1a", b"\x0a", 0x12, b"\x1a", b"\x22"
_EXTENT_FIELD, _VERSION_FIELD = b"\x28", b"\x78"
_TAGS, _TYPE, _GEOMETRY = 0x12, 0x18, 0x22
_POINT, _MOVE_ONCE = 1, 9
_BITS, _LOW = 7, 0x7F
_TEXT, _DOUBLE, _WHOLE, _SIGNED, _YES_NO = b"\x0a", b"\x19", b"\x28", b"\x30", b"\x38"


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute of the features of a layer.

    Parameters
    ----------
    codes : (n,) the place in `values` of each feature's value; -1 where it has none.
    values : what occurs, each written as a Value message.
    """

    codes: NDArray[np.int64]
    values: Sequence[bytes]


def attribute(values: pa.Array) -> Attribute:
    r"""Take the values of one attribute, feature by feature.

    Parameters
    ----------
    values : (n,) texts, numbers, or yes and no; null where a feature has no value.

    Examples
    --------
    >>> import pyarrow as pa
    >>> found = attribute(pa.array(["a", None, "a", "b"]))
    >>> found.codes.tolist(), found.values
    ([0, -1, 0, 1], [b'\n\x01a', b'\n\x01b'])
    """
    if values.null_count == len(values):
        return Attribute(np.full(len(values), -1), ())
    coded = values.dictionary_encode(null_encoding="encode")
    found = coded.dictionary.to_pylist()
    own = [each for each in found if each is not None]
    known = iter(range(len(own)))
    numbers = np.array([-1 if each is None else next(known) for each in found], dtype=np.int64)
    return Attribute(numbers[coded.indices.to_numpy()], [value_message(each) for each in own])


def value_message(value: str | float) -> bytes:
    r"""Write a value; whole numbers as such, others as doubles.

    Examples
    --------
    >>> value_message("é"), value_message(True), value_message(300)
    (b'\n\x02\xc3\xa9', b'8\x01', b'(\xac\x02')
    """
    if isinstance(value, str):
        text = value.encode()
        return _TEXT + varint(len(text)) + text
    if isinstance(value, bool):
        return _YES_NO + varint(int(value))
    if isinstance(value, int):
        return _WHOLE + varint(value) if value >= 0 else _SIGNED + varint(-2 * value - 1)
    return _DOUBLE + struct.pack("<d", value)


def point_layer(
    name: str,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    attributes: Mapping[str, Attribute],
) -> bytes:
    """Write a layer of points; a tile is its layers one after another.

    Parameters
    ----------
    name : of the layer.
    x, y : (n,) places in units of the tile, from its north-western corner.
    attributes : by name; one that no feature has is left out.

    Returns
    -------
    A tile of one layer; nothing at all where there are no points, as the specification asks.

    Examples
    --------
    >>> point_layer("p", np.array([25]), np.array([17]), {}).hex(" ")
    '1a 11 78 02 0a 01 70 12 07 18 01 22 03 09 32 22 28 80 20'
    """
    if not len(x):
        return b""
    held = {key: each for key, each in attributes.items() if each.values}
    values: dict[bytes, int] = {}
    places = [_places(each, values) for each in held.values()]
    return layer_of(name, _features(x, y, places), held, values)


def layer_of(name: str, features: bytes, keys: Iterable[str], values: Iterable[bytes]) -> bytes:
    """Write a layer of features that are written already.

    Parameters
    ----------
    name : of the layer.
    features : one after another, each with its field.
    keys, values : what their tags number, in that order; values as Value messages.
    """
    body = b"".join(
        (
            _VERSION_FIELD + varint(_VERSION),
            _with_length(_NAME, name.encode()),
            features,
            *(_with_length(_KEY, key.encode()) for key in keys),
            *(_with_length(_VALUE, each) for each in values),
            _EXTENT_FIELD + varint(EXTENT),
        )
    )
    return _with_length(_LAYER, body)


def _places(one: Attribute, values: dict[bytes, int]) -> NDArray[np.int64]:
    """Give the place of each feature's value among those of the layer; -1 where it has none."""
    own = [values.setdefault(each, len(values)) for each in one.values]
    return np.array([*own, -1], dtype=np.int64)[one.codes]


class _Column(NamedTuple):
    """One byte of each feature, and which features have it."""

    byte: NDArray[np.integer] | int
    held: NDArray[np.bool_] | bool = True


def _features(
    x: NDArray[np.int64], y: NDArray[np.int64], places: Sequence[NDArray[np.int64]]
) -> bytes:
    """Write all features: a line of bytes for each, without those that it has not."""
    count = len(x)
    tags: list[_Column] = []
    for key, own in enumerate(places):
        told = own >= 0
        tags += [_Column(byte, told) for byte in varint(key)]
        tags += _varints(np.maximum(own, 0).astype(np.uint32), told)
    tagged = np.any([own >= 0 for own in places], axis=0) if places else False
    point = [_Column(_MOVE_ONCE), *_varints(zigzag(x)), *_varints(zigzag(y))]
    body = [
        *(_Column(_TAGS, tagged), *_varints(_sizes(tags, count), tagged), *tags),
        *(_Column(_TYPE), _Column(_POINT)),
        *(_Column(_GEOMETRY), *_varints(_sizes(point, count)), *point),
    ]
    columns = [_Column(_FEATURE), *_varints(_sizes(body, count)), *body]
    written = np.empty((count, len(columns)), dtype=np.uint8)
    held = np.empty(written.shape, dtype=bool)
    for at, column in enumerate(columns):
        written[:, at], held[:, at] = column
    return written[held].tobytes()


def _varints(numbers: NDArray[np.uint32], held: NDArray[np.bool_] | bool = True) -> list[_Column]:  # noqa: FBT001, FBT002 (a mask)
    """Write a number of each feature, its low seven bits first."""
    columns = []
    more = held & (numbers > _LOW)
    while np.any(more):
        columns.append(_Column(numbers & _LOW | more * np.uint32(_LOW + 1), held))
        numbers, held = numbers >> np.uint32(_BITS), more
        more = held & (numbers > _LOW)
    return [*columns, _Column(numbers, held)]


def _sizes(columns: Sequence[_Column], count: int) -> NDArray[np.uint32]:
    """Tell how many bytes some columns take in each feature."""
    sizes = np.zeros(count, dtype=np.uint32)
    for each in columns:
        sizes += each.held
    return sizes


def _with_length(field: bytes, content: bytes) -> bytes:
    """Write a field that has a length."""
    return field + varint(len(content)) + content
