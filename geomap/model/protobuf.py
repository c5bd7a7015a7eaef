"""The wire format of protocol buffers: the little of it that vector tiles are made of.

Source: protobuf.dev/programming-guides/encoding. A varint has seven bits a byte, low ones first.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
_BITS, _ON = 7, 0x80
_FIXED = {FIXED_64: 8, FIXED_32: 4}
_MOST_BITS = 63


@lru_cache(maxsize=4096)  # lengths and small numbers come again and again
def varint(number: int) -> bytes:
    """Write one number that is not negative.

    Examples
    --------
    >>> varint(300).hex(" ")
    'ac 02'
    """
    written = bytearray()
    while number >= _ON:
        written.append(number & (_ON - 1) | _ON)
        number >>= _BITS
    return bytes((*written, number))


def field(number: int, content: bytes | int) -> bytes:
    r"""Write a field: a number, or bytes with their length.

    Examples
    --------
    >>> field(1, b"ab"), field(5, 300)
    (b'\n\x02ab', b'(\xac\x02')
    """
    if isinstance(content, int):
        return varint(number << 3 | VARINT) + varint(content)
    return varint(number << 3 | LENGTH) + varint(len(content)) + content


def varint_sizes(numbers: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Tell how many bytes each number takes as a varint.

    Examples
    --------
    >>> varint_sizes(np.array([0, 127, 128, 2**32 - 1], dtype=np.uint32)).tolist()
    [1, 1, 2, 5]
    """
    sizes = np.ones(numbers.shape, dtype=np.intp)
    for bits in range(_BITS, int(numbers.max(initial=0)).bit_length(), _BITS):
        sizes += numbers >> np.uint32(bits) > 0
    return sizes


def varints(
    numbers: NDArray[np.uint32], sizes: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Write numbers one after another; give the bytes and where each number ends.

    Parameters
    ----------
    numbers : (n,) whole numbers.
    sizes : (n,) what :func:`varint_sizes` gives, where that is known already.

    Examples
    --------
    >>> written, ends = varints(np.array([1, 300], dtype=np.uint32))
    >>> written.tobytes().hex(" "), ends.tolist()
    ('01 ac 02', [1, 3])
    """
    sizes = varint_sizes(numbers) if sizes is None else sizes
    ends = np.cumsum(sizes)
    written = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    at, rest, left = ends - sizes, numbers, sizes
    while len(at):
        more = left > 1
        written[at] = rest & np.uint32(_ON - 1) | np.where(more, np.uint32(_ON), np.uint32(0))
        at, rest, left = at[more] + 1, rest[more] >> np.uint32(_BITS), left[more] - 1
    return written, ends


def zigzag(numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Write signed numbers as unsigned ones, those near 0 as small ones.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint32)


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    r"""Read the fields of a message: number, and its value; fixed ones as bytes.

    Raises
    ------
    DataError : if it is cut off, or no such message.

    Examples
    --------
    >>> list(fields(b"\n\x02ab(\xac\x02"))
    [(1, b'ab'), (5, 300)]
    """
    at = 0
    while at < len(message):
        key, at = _read(message, at)
        wire = key & 7
        if wire == VARINT:
            number, at = _read(message, at)
            yield key >> 3, number
            continue
        if wire == LENGTH:
            length, at = _read(message, at)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise DataError(f"a message has no field of wire type {wire}")
        if at + length > len(message):
            raise DataError("a message must be whole, got one that is cut off")
        yield key >> 3, message[at : at + length]
        at += length


def packed(content: bytes) -> list[int]:
    r"""Read numbers that stand one after another.

    Raises
    ------
    DataError : if they are cut off.

    Examples
    --------
    >>> packed(b"\x01\xac\x02")
    [1, 300]
    """
    found, at = [], 0
    while at < len(content):
        number, at = _read(content, at)
        found.append(number)
    return found


def packed_array(content: bytes) -> NDArray[np.int64]:
    r"""Read many numbers that stand one after another, all at once.

    Raises
    ------
    DataError : if they are cut off, or one has more than 63 bits.

    Examples
    --------
    >>> packed_array(b"\x01\xac\x02").tolist()
    [1, 300]
    """
    read = np.frombuffer(content, dtype=np.uint8)
    if not len(read):
        return np.zeros(0, dtype=np.int64)
    ends = np.flatnonzero(read < _ON) + 1
    starts = np.append(0, ends[:-1])
    sizes = ends - starts
    if not len(ends) or ends[-1] != len(read) or sizes.max() * _BITS > _MOST_BITS:
        raise DataError("a message must be whole, got a number that does not end")
    places = np.arange(len(read)) - np.repeat(starts, sizes)
    shifted = (read & (_ON - 1)).astype(np.int64) << (_BITS * places)
    found: NDArray[np.int64] = np.add.reduceat(shifted, starts)
    return found


def _read(content: bytes, at: int) -> tuple[int, int]:
    """Read a number; give it and where the next byte is."""
    number, shift = 0, 0
    while shift <= _MOST_BITS and at < len(content):
        byte = content[at]
        number |= (byte & (_ON - 1)) << shift
        at, shift = at + 1, shift + _BITS
        if byte < _ON:
            return number, at
    raise DataError("a message must be whole, got a number that does not end")
