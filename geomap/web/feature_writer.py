"""Facilities written as GeoJSON in a fraction of a millisecond.

To take ten rows out of a frame of fifty columns costs 20 ms, most of it spent on the columns of
the new frame. Here each column is prepared once: one of few different values becomes small
numbers beside those values as JSON; the texts of another are copied from where Arrow keeps them.

Where the disk has room, every facility is written once in the background, 1 to 2 KB each, into a
file that all processes share: what is asked for is then copied from there.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np
import orjson

from geomap.data.mapped import kept_in_file, room_bytes, written_in_file
from geomap.find.points import lon_lat
from geomap.model.crs import offered_points
from geomap.model.facility import FACILITIES
from geomap.model.geojson import DECIMALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from geomap.model.crs import Offered
    from geomap.model.table import Field

    Rows = NDArray[np.intp]
    #: Writes the member of a JSON object for each of some rows, in parts to be joined.
    Members = Callable[[Rows], list[Iterable[bytes | memoryview]]]

#: A column of more different values is not numbered, nor one whose first rows mostly differ.
_MOST_VALUES = 30_000
_LOOKED_AT, _MOST_SEEN = 4_096, 3_600
_NONE = np.empty(0, dtype=np.int16)
#: So many facilities are written at once: other threads need not wait long.
_BLOCK = 256
#: All facilities are written where they take no more than this share of the free disk.
_SHARE_OF_DISK = 4
_END = b"}}"
_log = logging.getLogger(__name__)
_QUOTE, _BACKSLASH, _SPACE = ord('"'), ord("\\"), ord(" ")


@dataclass(frozen=True, eq=False)
class _Numbered:
    """A column of few different values, which its rows name by number: -1 where unknown."""

    members: list[bytes]  # the last is that of an unknown value
    codes: NDArray[np.int16]

    def of(self, codes: list[int]) -> list[Iterable[bytes | memoryview]]:
        members = self.members
        return [[members[code] for code in codes]]


@dataclass(frozen=True, eq=False)
class _Texts:
    """A column of many different texts: where each begins among the bytes that Arrow keeps."""

    key: bytes
    starts: NDArray[np.int64]  # (n + 1,)
    content: memoryview
    known: NDArray[np.bool_]
    quote: Callable[[memoryview], bytes | memoryview]

    def __call__(self, rows: Rows) -> list[Iterable[bytes | memoryview]]:
        content, quote = self.content, self.quote
        spans = zip(self.starts[rows].tolist(), self.starts[rows + 1].tolist(), strict=True)
        texts = [quote(content[start:end]) for start, end in spans]
        known = self.known[rows]
        if known.all():
            return [repeat(self.key + b'"'), texts, repeat(b'"')]
        held = known.tolist()
        before = [b'"' if each else b"null" for each in held]
        after = [b'"' if each else b"" for each in held]
        texts = [text if each else b"" for text, each in zip(texts, held, strict=True)]
        return [repeat(self.key), before, texts, after]


@dataclass(frozen=True, eq=False)
class _Lists:
    """A column of lists of choices; which lists occur is found out on the way."""

    key: bytes
    lists: NDArray[np.object_]
    seen: dict[tuple[str, ...] | None, bytes] = field(default_factory=dict)

    def __call__(self, rows: Rows) -> list[Iterable[bytes | memoryview]]:
        return [[self._member(each) for each in self.lists[rows].tolist()]]

    def _member(self, value: object) -> bytes:
        known = tuple(value) if isinstance(value, list | np.ndarray) else None
        written = self.seen.get(known)
        if written is None:
            written = self.seen[known] = self.key + orjson.dumps(known)
        return written


@dataclass(frozen=True, eq=False)
class _Ready:
    """All features, written."""

    starts: NDArray[np.int64]  # (n + 1,)
    content: memoryview

    def __call__(self, rows: Rows) -> list[memoryview]:
        content = self.content
        spans = zip(self.starts[rows].tolist(), self.starts[rows + 1].tolist(), strict=True)
        return [content[start:end] for start, end in spans]


class FeatureWriter:
    """Writes facilities as RFC 7946 Features, as :func:`geomap.web.records.features` says them.

    Parameters
    ----------
    facilities : (n,) facility frame in degrees.
    """

    def __init__(self, facilities: gpd.GeoDataFrame) -> None:
        self._members = [_members(facilities[each.name], each) for each in FACILITIES.fields]
        self._codes = kept_in_file([self._gathered(len(facilities))])[0]
        self._axes = lon_lat(facilities)
        self._ready: _Ready | None = None

    def warm_up(self) -> None:
        """Write all facilities where there is room, so that they need only be copied.

        Of 400,000 these are 650 MB, which the kernel may drop and read again.
        """
        blocks = np.split(np.arange(len(self._codes)), range(_BLOCK, len(self._codes), _BLOCK))
        longest = max(map(len, self._written(blocks[0], None, None)), default=0)
        if longest * len(self._codes) * _SHARE_OF_DISK > room_bytes():
            return
        try:
            written = written_in_file(self._written(rows, None, None) for rows in blocks)
        except OSError as error:
            _log.warning("facilities are written each time they are asked for: %s", error)
            return
        self._ready = _Ready(*written)

    def _gathered(self, number: int) -> NDArray[np.int16]:
        """Put the numbers of each row's values side by side, where one look finds them."""
        numbered = [each for each in self._members if isinstance(each, _Numbered)]
        codes = np.empty((number, len(numbered)), dtype=np.int16)
        for column, each in enumerate(numbered):
            codes[:, column] = each.codes
        self._members = [
            replace(each, codes=_NONE) if isinstance(each, _Numbered) else each
            for each in self._members
        ]
        return codes

    def features(
        self,
        rows: Rows,
        *,
        distance_m: NDArray[np.float64] | None = None,
        system: Offered | None = None,
    ) -> orjson.Fragment:
        """Write some facilities as a JSON array.

        Parameters
        ----------
        rows : (m,) positions in the frame.
        distance_m : (m,) metres, the last property where given.
        system : of the coordinates; longitude and latitude where not given.
        """
        return orjson.Fragment(b"[%b]" % b",".join(self._given(rows, distance_m, system)))

    def each(self, rows: Rows, *, distance_m: NDArray[np.float64] | None = None) -> list[bytes]:
        """Write some facilities one by one; see :meth:`features`."""
        return [bytes(each) for each in self._given(rows, distance_m, None)]

    def feature(self, row: int) -> orjson.Fragment:
        """Write one facility."""
        return orjson.Fragment(self.each(np.array([row]))[0])

    def _given(
        self, rows: Rows, distance_m: NDArray[np.float64] | None, system: Offered | None
    ) -> Sequence[bytes | memoryview]:
        """Copy what is written already; what is not is written now."""
        if self._ready is None or system is not None:
            return self._written(rows, distance_m, system)
        ready = self._ready(rows)
        if distance_m is None:
            return ready
        pairs = zip(ready, _distances(distance_m), strict=True)
        return [b"".join((own[: -len(_END)], far, _END)) for own, far in pairs]

    def _written(
        self, rows: Rows, distance_m: NDArray[np.float64] | None, system: Offered | None
    ) -> list[bytes]:
        """Join the parts of each facility."""
        codes = iter(self._codes[rows].T.tolist())
        own_id, *others = (
            each.of(next(codes)) if isinstance(each, _Numbered) else each(rows)
            for each in self._members
        )
        east, north = (axis[rows] for axis in self._axes)
        axes = (east, north) if system is None else offered_points(east, north, system)
        x, y = (np.round(axis, DECIMALS).tolist() for axis in axes)
        parts = [
            repeat(b'{"type":"Feature",'),
            *own_id,
            map(_geometry, x, y),
            repeat(b',"properties":{'),
            *own_id,
            *chain.from_iterable(others),
            repeat(b"") if distance_m is None else _distances(distance_m),
            repeat(_END),
        ]
        return [b"".join(each) for each in zip(*parts, strict=False)]  # constants have no end


def _distances(distance_m: NDArray[np.float64]) -> list[bytes]:
    """Write the last property, to a centimetre."""
    return [b',"distance_m":%r' % round(each, 2) for each in distance_m.tolist()]


def _geometry(x: float, y: float) -> bytes:
    """Write a place; null where it is not known, or the system has no place for it."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return b',"geometry":null'
    return b',"geometry":{"type":"Point","coordinates":[%r,%r]}' % (x, y)


def _members(column: pd.Series, about: Field) -> Members | _Numbered:
    """Prepare a column."""
    import pyarrow as pa

    key = b'%b"%b":' % (b"" if about.name == "id" else b",", about.name.encode())
    if about.kind == "choices":
        return _Lists(key, column.to_numpy(dtype=object))
    values = pa.array(column.array, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if about.kind == "date":
        values = values.cast(pa.date32())
    return _numbered(values, about, key) or _others(values, about, key)


def _numbered(values: pa.Array, about: Field, key: bytes) -> _Numbered | None:
    """Give each different value of a column a number; None where there are too many."""
    if len(values.slice(0, _LOOKED_AT).unique()) > _MOST_SEEN:
        return None
    coded = values.dictionary_encode()
    if len(coded.dictionary) > _MOST_VALUES:
        return None
    codes = coded.indices.fill_null(-1).to_numpy().astype(np.int16)
    members = [_member(each, about, key) for each in coded.dictionary.to_pylist()]
    return _Numbered([*members, key + b"null"], codes)


def _others(values: pa.Array, about: Field, key: bytes) -> Members:
    """Point to the values of a column."""
    import pyarrow as pa

    if not pa.types.is_large_string(values.type) or about.name == "provenance":
        return lambda rows: [
            [_member(each, about, key) for each in values.take(pa.array(rows)).to_pylist()]
        ]
    _, starts, content = values.buffers()
    offsets = np.frombuffer(starts, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    known = values.is_valid().to_numpy(zero_copy_only=False)
    return _Texts(key, offsets, memoryview(content), known, _quoting(content))


def _quoting(content: pa.Buffer | None) -> Callable[[memoryview], bytes | memoryview]:
    """Choose how texts become JSON: as they are, if no character in any of them needs more."""
    written = np.frombuffer(content or b"", dtype=np.uint8)
    special = (written == _QUOTE) | (written == _BACKSLASH) | (written < _SPACE)
    return _escaped if special.any() else _as_it_is


def _as_it_is(text: memoryview) -> memoryview:
    return text


def _escaped(text: memoryview) -> bytes:
    return orjson.dumps(str(text, "utf-8"))[1:-1]


def _member(value: object, about: Field, key: bytes) -> bytes:
    """Write one member; unknown is null, and so is what JSON has no number for."""
    if about.name == "provenance" and isinstance(value, str):
        value = orjson.loads(value)
    return key + orjson.dumps(value)
