"""Write typed columns as the text cells that every format becomes.

Dates stand as ISO, whole numbers without ``.0``, lists joined by 、, one level of structures
unfolded to ``outer.inner``: as :mod:`geomap.data.files.formats.workbook` needs them too.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHOLE_BELOW = 1e15  # a float holds whole numbers exactly up to here
_TEXT = pa.large_string()
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$")
_SECONDS = re.compile(
    r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$"
)


def cell_text(value: object) -> str:
    """Write a cell as the text that a spreadsheet shows: dates as ISO, whole numbers whole.

    Examples
    --------
    >>> [cell_text(each) for each in (None, 12.0, 0.5, True, dt.datetime(2025, 7, 1))]
    ['', '12', '0.5', 'true', '2025-07-01']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_BELOW:
        return str(int(value))
    if isinstance(value, dt.datetime):
        whole_day = value.time() == dt.time.min
        return (value.date() if whole_day else value).isoformat(*(() if whole_day else (" ",)))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def moment_text(text: str) -> str:
    """Write a moment that is text already as a day, or as day and time where it has one.

    Examples
    --------
    >>> moment_text("2025-07-01T00:00:00.000Z"), moment_text("2025-07-01T08:30:00Z")
    ('2025-07-01', '2025-07-01 08:30:00')
    """
    match = _SECONDS.match(_MIDNIGHT.sub("", text))
    return f"{match[1]} {match[2]}" if match else _MIDNIGHT.sub("", text)


def text_columns(table: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Write every column of an Arrow table as text; binary ones are left out.

    Parameters
    ----------
    table : (n, k) of any types.

    Yields
    ------
    Name and (n,) large_string column; a structure gives one for each of its parts.

    Examples
    --------
    >>> table = pa.table({"beds": [1.0, None], "kinds": [["a", "b"], None]})
    >>> [(name, column.to_pylist()) for name, column in text_columns(table)]
    [('beds', ['1', None]), ('kinds', ['a、b', None])]
    """
    for name, column in zip(table.column_names, table.columns, strict=True):
        yield from _columns(name, column, unfold=True)


def _columns(
    name: str, column: pa.ChunkedArray, *, unfold: bool
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Write one column, or the parts of a structure."""
    kind = column.type
    if pt.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = column.type
    if pt.is_struct(kind) and unfold:
        for part in kind:
            inner = pc.struct_field(column, [part.name])
            yield from _columns(f"{name}.{part.name}", inner, unfold=False)
    elif not _is_binary(kind):
        yield name, _as_text(column, kind)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pt.is_binary(kind)
        or pt.is_large_binary(kind)
        or pt.is_fixed_size_binary(kind)
        or pt.is_binary_view(kind)
    )


def _as_text(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Write a column of one type as text."""
    if pt.is_boolean(kind):
        yes, no = pa.scalar("true", _TEXT), pa.scalar("false", _TEXT)
        return pc.if_else(column, yes, no)
    if pt.is_floating(kind):
        return _of_floats(column)
    if pt.is_timestamp(kind):
        return _of_moments(column)
    simple = pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind)
    if simple or pt.is_integer(kind) or pt.is_date(kind) or pt.is_time(kind) or pt.is_null(kind):
        return pc.cast(pc.cast(column, pa.string()) if pt.is_date64(kind) else column, _TEXT)
    return pa.chunked_array([pa.array([_other(each) for each in column.to_pylist()], _TEXT)])


def _of_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write floating numbers: whole ones whole, NaN as missing."""
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    near = pc.less(pc.abs(pc.cast(column, pa.float64())), _WHOLE_BELOW)
    whole = pc.and_(pc.equal(pc.floor(column), column), near)
    numbers = pc.cast(pc.if_else(whole, column, pa.scalar(None, column.type)), pa.int64())
    return pc.if_else(whole, pc.cast(numbers, _TEXT), pc.cast(column, _TEXT))


def _of_moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write moments: days alone where the clock says midnight, else to the second."""
    naive = pc.cast(column, pa.timestamp("s"), safe=False)
    text = pc.cast(naive, _TEXT)
    return pc.replace_substring_regex(text, " 00:00:00$", "")


def _other(value: Any) -> str | None:  # noqa: ANN401 (whatever Arrow holds)
    """Write what has no text of its own: lists of words joined, the rest as JSON."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value.is_finite() else None
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "、".join(value)
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cell_text(value)
