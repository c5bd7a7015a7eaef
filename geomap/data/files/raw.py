"""A source as plain text cells with the row numbers that its office sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.columns import count_known
from geomap.data.files.encoding import Decoded, UndecodableError, decode
from geomap.data.files.headers import is_known_header
from geomap.data.files.report import Finding, RefusedError, on_rows
from geomap.data.files.sniff import MOST_COLUMNS, sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from geomap.model.table import Table

#: The header is looked for in this many rows.
HEADER_WITHIN = 20
#: What a spreadsheet shows where a formula failed; #N/A is how many say "not known".
_FORMULA_ERRORS = ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"]


@dataclass(frozen=True)
class RawTable:
    """What a file says, before anybody asks what it means.

    Parameters
    ----------
    header : (k,) column names as they stand in the source.
    cells : (n, k) text, columns 0..k-1, trimmed; empty cells are missing.
    rows : (n,) row numbers as a spreadsheet shows them; in GeoJSON the feature's number.
    geometry : (n,) shapely geometries or None; None where the format has none.
    crs : what the file says its coordinate system is.
    lost : rows that are there but hold no record at all.
    findings : what was found while reading.
    details : format, encoding, delimiter, sheet, header row.
    """

    header: tuple[str, ...]
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_] | None = None
    crs: str | None = None
    lost: int = 0
    findings: tuple[Finding, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)


def read_raw(path: str | Path, table: Table, *, encoding: str | None = None) -> RawTable:
    """Read a file as text cells, whatever its format.

    Parameters
    ----------
    path : CSV, TSV, XLSX or GeoJSON.
    table : the table whose column names tell the header row and the sheet.
    encoding : the text encoding, where the office names one.

    Raises
    ------
    RefusedError : if the file cannot be read; the sentence says what to do.
    ParameterError : if `encoding` is unknown.
    """
    source = sniff(path)
    if source.format == "xlsx":
        from geomap.data.files.workbook import read_workbook

        return without_errors(read_workbook(source.path, table))
    text, findings = _text(source.read_bytes(), encoding)
    if source.format == "geojson":
        from geomap.data.files.geojson import read_geojson

        return read_geojson(text, findings)
    from geomap.data.files.delimited import read_delimited

    raw = read_delimited(text, table, findings, suffix=source.path.suffix.lower())
    return without_errors(raw)


def header_place(records: Sequence[Sequence[str]], table: Table) -> int:
    """Find the header among the first records: the one that names most fields, else the first."""
    scores = [count_known(record, table) for record in records[:HEADER_WITHIN]]
    best = int(np.argmax(scores)) if scores else 0
    return best if scores and scores[best] > max(1, scores[0]) else 0


def trimmed_header(cells: Iterable[str]) -> tuple[str, ...]:
    """Take the header without the empty cells at its end.

    Raises
    ------
    RefusedError : if it has more columns than are read.
    """
    header = [" ".join(cell.split()) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=len(header), expected=MOST_COLUMNS)
    return tuple(header)


def text_frame(columns: Sequence[Sequence[str] | Sequence[str | None]], size: int) -> pd.DataFrame:
    """Make trimmed text columns, empty cells missing, from lists of strings."""
    builder = FrameBuilder(len(columns))
    builder.add(columns)
    return builder.frame(size)


class FrameBuilder:
    """Collects text columns part by part, so that a long file is never held as Python lists."""

    def __init__(self, width: int) -> None:
        self._parts: list[list[object]] = [[] for _ in range(width)]

    def add(self, columns: Iterable[Sequence[str] | Sequence[str | None]]) -> None:
        """Add some rows, given as columns."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for parts, column in zip(self._parts, columns, strict=True):
            trimmed = pc.utf8_trim_whitespace(pa.array(column, pa.large_string()))
            empty = pc.equal(trimmed, "")
            parts.append(pc.if_else(empty, pa.scalar(None, pa.large_string()), trimmed))

    def frame(self, size: int) -> pd.DataFrame:
        """Give what was collected as (size, k) text, columns 0..k-1."""
        import pandas as pd
        import pyarrow as pa

        columns = {
            place: pd.Series(pa.chunked_array(parts, pa.large_string()).to_pandas(), dtype="str")
            for place, parts in enumerate(self._parts)
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(size))


def undecodable(cells: pd.DataFrame, rows: NDArray[np.int64]) -> list[Finding]:
    """Say in which rows characters could not be read."""
    import pandas as pd

    broken = pd.Series(pd.NA, index=cells.index, dtype="str")
    for place in cells:
        hit = cells[place].str.contains("\ufffd", regex=False)
        broken = broken.mask(hit.astype(bool) & broken.isna(), cells[place])
    return on_rows("undecodable", broken.notna(), rows, came=broken)


def without_errors(raw: RawTable) -> RawTable:
    """Make cells that show the error of a formula unknown, and say in which rows."""
    import pandas as pd

    cells, came = raw.cells, pd.Series(pd.NA, index=raw.cells.index, dtype="str")
    for place in raw.cells:
        failed = raw.cells[place].isin(_FORMULA_ERRORS)
        if failed.any():
            came = came.mask(failed & came.isna(), raw.cells[place])
            cells = raw.cells.copy() if cells is raw.cells else cells
            cells[place] = cells[place].mask(failed)
    if cells is raw.cells:
        return raw
    told = on_rows("cell_error", came.notna(), raw.rows, came=came)
    return replace(raw, cells=cells, findings=(*raw.findings, *told))


def _text(data: bytes, encoding: str | None) -> tuple[Decoded, list[Finding]]:
    """Decode a file, and say what is doubtful about it."""
    try:
        decoded = decode(data, encoding=encoding, is_header=is_known_header)
    except UndecodableError as error:
        if encoding is None:
            tried = ["UTF-8", "GB18030", "Big5", "Shift-JIS", "Windows-1252"]
            raise RefusedError("encoding_unknown", expected=tried) from error
        came = error.looks_like or "?"
        raise RefusedError(
            "encoding_wrong", expected=encoding, line=error.line, came=came
        ) from error
    findings = []
    values: dict[str, object]
    if decoded.rivals:
        values = {"came": decoded.name, "expected": list(decoded.rivals)}
        findings.append(Finding("encoding_ambiguous", values=values))
    if decoded.contradicts:
        values = {"came": decoded.name, "expected": encoding}
        findings.append(Finding("encoding_contradicts", values=values))
    return decoded, findings
