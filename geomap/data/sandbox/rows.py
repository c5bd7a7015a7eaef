"""The rows that a reader gives back: the plain buffers of their columns, one after another.

Nothing here is decoded by whoever takes them: no compression, no dictionary and no schema comes
with the bytes, since the table says what each column is; a geometry is walked before it is built.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from geomap.data.store.bodies import GEOMETRY
from geomap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pyarrow as pa

    from geomap.model.table import Table

    #: Of one column: its length, where it begins, the size of each buffer (None where it has
    #: none), and the same of what a list holds.
    Shape = list[Any]

#: Buffers begin at a multiple of this, as Arrow likes them.
_ALIGNED = 64
_POINT, _POLYGON = 1, 3
#: Kinds of geometry that hold others, and which: a table's are flat and two-dimensional.
_HOLDS: Mapping[int, int] = {4: _POINT, 6: _POLYGON}
_KINDS = frozenset({_POINT, _POLYGON, *_HOLDS})
_LITTLE_ENDIAN = 1
_PAIR_BYTES = 16


def write_rows(path: Path, frame: gpd.GeoDataFrame, table: Table) -> list[Shape]:
    """Write the rows of a table; give the shapes of the columns, without which they say nothing."""
    from geomap.data.geoparquet import from_frame

    columns = [each.combine_chunks() for each in from_frame(frame, table).columns]
    with path.open("xb") as file:
        for buffer in (each for column in columns for each in column.buffers()):
            if buffer is not None:
                file.write(buffer)
                file.write(bytes(-buffer.size % _ALIGNED))
    return [_shape(each) for each in columns]


def _shape(array: pa.Array) -> Shape:
    """Describe one column."""
    import pyarrow as pa

    own = array.buffers()[: array.type.num_buffers]
    sizes = [None if each is None else each.size for each in own]
    held = [_shape(array.values)] if pa.types.is_list(array.type) else []
    return [len(array), array.offset, sizes, held]


def take_rows(data: bytes, shapes: list[Shape], table: Table) -> gpd.GeoDataFrame:
    """Make the rows of a table of bytes that nobody vouches for.

    Parameters
    ----------
    data : what :func:`write_rows` wrote.
    shapes : what it gave.
    table : whose columns they must be, with values that it allows.

    Raises
    ------
    DataError : if they are not.
    """
    import pyarrow as pa
    from pandera.errors import SchemaError
    from shapely.errors import GEOSException

    refused = (pa.ArrowException, GEOSException, SchemaError, ValueError, TypeError, OverflowError)
    try:
        return table.schema.validate(_frame(data, shapes, table))
    except refused as error:
        raise DataError(f"the rows cannot be those of {table.name}: {error}") from error


def _frame(data: bytes, shapes: list[Shape], table: Table) -> gpd.GeoDataFrame:
    """Make the rows, their geometries plain and finite."""
    import numpy as np
    import pyarrow as pa
    import shapely

    from geomap.data.geoparquet import arrow_schema, to_frame

    schema, take = arrow_schema(table), _cutter(data)
    pairs = zip(schema, shapes, strict=True)
    rows = pa.table([_column(field.type, shape, take) for field, shape in pairs], schema=schema)
    rows.validate(full=True)
    if not all(map(_is_flat, rows[GEOMETRY].drop_null().to_pylist())):
        raise DataError("a geometry is not one that a table holds")
    frame = table.conform(to_frame(rows, table))
    here = frame.geometry.dropna().to_numpy()
    if shapely.is_empty(here).any() or not np.isfinite(shapely.get_coordinates(here)).all():
        raise DataError("a geometry is nowhere")
    return frame


def _cutter(data: bytes) -> Callable[[int], pa.Buffer]:
    """Give what cuts the next buffer off."""
    import pyarrow as pa

    whole, at = pa.py_buffer(data), 0

    def take(size: int) -> pa.Buffer:
        nonlocal at
        if type(size) is not int or not 0 <= size <= len(data) - at:
            raise DataError("a column is longer than what was written")
        begin, at = at, at + size + -size % _ALIGNED
        return whole.slice(begin, size)

    return take


def _column(kind: pa.DataType, shape: Shape, take: Callable[[int], pa.Buffer]) -> pa.Array:
    """Make one column; Arrow looks whether its buffers are long enough."""
    import pyarrow as pa

    length, offset, sizes, held = shape
    buffers = [None if each is None else take(each) for each in sizes]
    kinds = [kind.field(place).type for place in range(kind.num_fields)]
    children = [_column(*pair, take) for pair in zip(kinds, held, strict=True)] or None
    return pa.Array.from_buffers(kind, length, buffers, offset=offset, children=children)


def _is_flat(blob: bytes) -> bool:
    """Whether well-known binary is of the kinds that tables hold, and exactly as long as it says.

    Examples
    --------
    >>> import shapely
    >>> point, polygon = shapely.Point(1, 2), shapely.box(0, 0, 1, 1)
    >>> _is_flat(shapely.to_wkb(point)), _is_flat(shapely.to_wkb(shapely.MultiPolygon([polygon])))
    (True, True)
    >>> _is_flat(shapely.to_wkb(shapely.GeometryCollection([point])))
    False
    """
    try:
        return _end(blob, 0, _KINDS) == len(blob)
    except struct.error:
        return False


def _end(blob: bytes, at: int, kinds: Container[int]) -> int:
    """Tell where the geometry that begins at `at` ends, without looking past the bytes.

    Raises
    ------
    struct.error : if it is of another kind, or the bytes end before.
    """
    order, kind = struct.unpack_from("<BI", blob, at)
    if order != _LITTLE_ENDIAN or kind not in kinds:
        raise struct.error
    at += 5
    if kind == _POINT:
        return at + _PAIR_BYTES
    (count,) = struct.unpack_from("<I", blob, at)
    at += 4
    for _ in range(count):
        if kind == _POLYGON:
            (pairs,) = struct.unpack_from("<I", blob, at)
            at += 4 + _PAIR_BYTES * pairs
        else:
            at = _end(blob, at, (_HOLDS[kind],))
    return at
