"""All located facilities as one small file, from which a browser groups the map by itself.

The file is read by ``static/js/map-grid.js``: 4 letters of format, the number of points as four
bytes, low first; then seven planes of one byte for each point, in Morton order: the difference
of its key from the one before in six bytes, low first, and its kind. Planes of equal bytes are
what makes it small: 400,000 points are 1.1 MB once compressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomap.maps.tilemath import KEY_BITS
from geomap.model.facility import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Bits of each axis that are sent: cells of 2.4 m at the equator, four pixels at the deepest zoom.
SENT_BITS = 24
FORMAT = b"gmp1"
_PLANES = 2 * SENT_BITS // 8
_CLOSED = 8
_NUMBERS = {name: number for number, name in enumerate(TYPES)}


def kinds_of(types: Sequence[str], closed: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Write type and state of facilities as one byte each: the type's number, plus 8 if closed.

    Parameters
    ----------
    types : (n,) facility types.
    closed : (n,) whether each is drawn hollow.

    Examples
    --------
    >>> kinds_of(["nursing_home", "other"], np.array([False, True])).tolist()
    [0, 13]
    """
    numbers = np.fromiter((_NUMBERS[each] for each in types), dtype=np.uint8, count=len(types))
    return numbers | (np.asarray(closed, dtype=np.uint8) * np.uint8(_CLOSED))


def pack_points(keys: NDArray[np.uint64], kinds: NDArray[np.uint8]) -> bytes:
    r"""Write points as a file for the browser.

    Parameters
    ----------
    keys : (n,) Morton keys, ascending.
    kinds : (n,) what :func:`kinds_of` gives.

    Returns
    -------
    8 + 7 n bytes, to be compressed.

    Examples
    --------
    >>> pack_points(np.array([], dtype=np.uint64), np.array([], dtype=np.uint8))
    b'gmp1\x00\x00\x00\x00'
    """
    sent = keys >> np.uint64(2 * (KEY_BITS - SENT_BITS))
    steps = np.diff(sent, prepend=np.uint64(0)).astype("<u8")
    planes = steps.view(np.uint8).reshape(-1, 8)[:, :_PLANES]
    count = len(keys).to_bytes(4, "little")
    return FORMAT + count + planes.T.tobytes() + kinds.astype(np.uint8).tobytes()


def pack_choice(chosen: NDArray[np.bool_]) -> bytes:
    """Write which points of the file are meant, one bit each, the first the lowest.

    Examples
    --------
    >>> pack_choice(np.array([True, False, True])).hex()
    '05'
    """
    return np.packbits(chosen, bitorder="little").tobytes()


def pack_names(ids: Sequence[str], names: Sequence[str]) -> bytes:
    r"""Write ids and names: their number, the length of each, then each as UTF-8 "id\0name".

    A browser keeps the file as it is and reads single names from it.

    Examples
    --------
    >>> pack_names(["a"], ["b"])
    b'\x01\x00\x00\x00\x03\x00\x00\x00a\x00b'
    """
    texts = [f"{one}\0{name}".encode() for one, name in zip(ids, names, strict=True)]
    lengths = np.array([len(texts), *map(len, texts)], dtype="<u4")
    return lengths.tobytes() + b"".join(texts)
