"""The Web Mercator tile grid: where a place stands on it, and Morton order along it.

World coordinates run from 0 to 1, x eastward from 180° W, y southward from 85.05° N; a tile
at zoom z is a square of side 2⁻ᶻ. Used to arrange pictures only, never to measure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geomap.errors import NotFoundError
from geomap.model.mercator import to_degrees, to_world

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The deepest zoom at which tiles are served.
MAX_ZOOM = 18
#: Bits of each axis in a Morton key: cells of 0.6 m at the equator.
KEY_BITS = 26
TILE_PX = 256
#: Steps that put a zero before each of 32 bits (Morton 1966; the magic numbers are the usual ones).
_SPREADING = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class Tile(NamedTuple):
    """A tile of the grid, y counted from the north."""

    z: int
    x: int
    y: int


def require_tile(z: int, x: int, y: int) -> Tile:
    """Make a tile of the grid.

    Raises
    ------
    NotFoundError : if the grid has no such tile.

    Examples
    --------
    >>> require_tile(1, 1, 0)
    Tile(z=1, x=1, y=0)
    >>> require_tile(1, 2, 0)
    Traceback (most recent call last):
    ...
    geomap.errors.NotFoundError: there is no tile 1/2/0: z is 0 to 18, x and y are 0 to 2^z - 1
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFoundError(
            f"there is no tile {z}/{x}/{y}: z is 0 to {MAX_ZOOM}, x and y are 0 to 2^z - 1"
        )
    return Tile(z, x, y)


def tile_bounds(tile: Tile, *, margin: float = 0.0) -> tuple[float, float, float, float]:
    """Give west, south, east, north of a tile in degrees, widened by `margin` tiles on each side.

    Examples
    --------
    >>> [round(v, 4) for v in tile_bounds(Tile(1, 1, 0))]
    [0.0, 0.0, 180.0, 85.0511]
    """
    side = 1 / (1 << tile.z)
    x = np.array([tile.x - margin, tile.x + 1 + margin]) * side
    y = np.array([tile.y + 1 + margin, tile.y - margin]) * side
    lon, lat = to_degrees(x, y)
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


def tile_at(lon: float, lat: float, z: int) -> Tile:
    """Find the tile that holds a place.

    Examples
    --------
    >>> tile_at(116.4, 39.9, 10)
    Tile(z=10, x=843, y=388)
    """
    x, y = to_world(lon, lat)
    return Tile(z, math.floor(float(x) * (1 << z)), math.floor(float(y) * (1 << z)))


def morton(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Interleave the bits of world coordinates into keys: any tile is one range of keys.

    Examples
    --------
    >>> keys = morton(np.array([0.0, 0.5, 0.0, 0.5]), np.array([0.0, 0.0, 0.5, 0.5]))
    >>> (keys >> np.uint64(2 * KEY_BITS - 2)).tolist()
    [0, 1, 2, 3]
    """
    scale = float(1 << KEY_BITS)
    return _spread((x * scale).astype(np.uint64)) | (
        _spread((y * scale).astype(np.uint64)) << np.uint64(1)
    )


def unmorton(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Give the cells of keys back: columns and lines of the grid of `KEY_BITS`.

    Examples
    --------
    >>> keys = morton(np.array([0.25, 0.5]), np.array([0.75, 0.0]))
    >>> [(cells / 2**KEY_BITS).tolist() for cells in unmorton(keys)]
    [[0.25, 0.5], [0.75, 0.0]]
    """
    return _gathered(keys), _gathered(keys >> np.uint64(1))


def _gathered(bits: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Invert :func:`_spread`."""
    masks = [0x00000000FFFFFFFF, *(mask for _, mask in _SPREADING)]
    bits = bits & np.uint64(masks.pop())
    for shift, _ in reversed(_SPREADING):
        bits = (bits | (bits >> np.uint64(shift))) & np.uint64(masks.pop())
    return bits.astype(np.uint32)


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero before each of 32 bits."""
    for shift, mask in _SPREADING:
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def tile_key(tile: Tile) -> int:
    """Give the Morton prefix of a tile: its keys shifted right by 2 × (KEY_BITS - z).

    Examples
    --------
    >>> tile_key(Tile(1, 1, 1)), tile_key(Tile(2, 2, 1))
    (3, 6)
    """
    spread = _spread(np.array([tile.x, tile.y], dtype=np.uint64))
    return int(spread[0]) | int(spread[1]) << 1
