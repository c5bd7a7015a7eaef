"""Join the tiles of extracts that meet: each layer once, with the features of all.

Source: Mapbox Vector Tile Specification 2.1; two layers of one name are not allowed in a tile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geomap.errors import DataError
from geomap.model import protobuf

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAYER, _NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 3, 1, 2, 3, 4, 5, 15
_TAGS = 2


@dataclass
class _Layer:
    """A layer while it is put together."""

    extent: int = 4096
    keys: dict[bytes, int] = field(default_factory=dict)
    values: dict[bytes, int] = field(default_factory=dict)
    features: list[bytes] = field(default_factory=list)

    def written(self, name: bytes) -> bytes:
        parts = [protobuf.field(_VERSION, 2), protobuf.field(_NAME, name), *self.features]
        parts += [protobuf.field(_KEY, key) for key in self.keys]
        parts += [protobuf.field(_VALUE, value) for value in self.values]
        parts.append(protobuf.field(_EXTENT, self.extent))
        return protobuf.field(_LAYER, b"".join(parts))


def merge_tiles(tiles: Iterable[bytes]) -> bytes:
    """Join tiles of one place.

    Parameters
    ----------
    tiles : as they are before compression.

    Raises
    ------
    DataError : if one is damaged.
    """
    layers: dict[bytes, _Layer] = {}
    for tile in tiles:
        for number, content in protobuf.fields(tile):
            if number == _LAYER and isinstance(content, bytes):
                _add(layers, content)
    return b"".join(layer.written(name) for name, layer in layers.items())


def _add(layers: dict[bytes, _Layer], content: bytes) -> None:
    """Add a layer to those there are: keys and values get new numbers."""
    parts: dict[int, list[bytes]] = {_NAME: [], _FEATURE: [], _KEY: [], _VALUE: []}
    for number, part in protobuf.fields(content):
        if number in parts and isinstance(part, bytes):
            parts[number].append(part)
    if not parts[_NAME]:
        raise DataError("a layer of a tile must have a name")
    layer = layers.setdefault(parts[_NAME][0], _Layer())
    keys = [layer.keys.setdefault(each, len(layer.keys)) for each in parts[_KEY]]
    values = [layer.values.setdefault(each, len(layer.values)) for each in parts[_VALUE]]
    layer.features += [_renumbered(each, keys, values) for each in parts[_FEATURE]]


def _renumbered(feature: bytes, keys: list[int], values: list[int]) -> bytes:
    """Write a feature whose attributes point to the new numbers."""
    written = []
    for number, content in protobuf.fields(feature):
        if number != _TAGS or not isinstance(content, bytes):
            written.append(protobuf.field(number, content))
            continue
        tags = protobuf.packed(content)
        try:
            pairs = [
                protobuf.varint(keys[key]) + protobuf.varint(values[value])
                for key, value in zip(tags[::2], tags[1::2], strict=True)
            ]
        except (IndexError, ValueError) as error:
            raise DataError("a feature of a tile points to no attribute") from error
        written.append(protobuf.field(_TAGS, b"".join(pairs)))
    return protobuf.field(_FEATURE, b"".join(written))
