"""A source as plain text cells with the row numbers that its office sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.columns.headers import is_known_header
from geomap.data.files.columns.matching import count_known
from geomap.data.files.findings.report import Finding, RefusedError, on_rows
from geomap.data.files.formats.encoding import Decoded, UndecodableError, decode
from geomap.data.files.formats.sniff import MOST_CELLS, MOST_COLUMNS, sniff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from geomap.data.files.formats.sniff import Source
    from geomap.model.table import Table

    Columns = Iterable[Sequence[str] | Sequence[str | None] | pa.ChunkedArray]

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
    path : CSV, TSV, XLSX, GeoJSON, GeoPackage, shapefile (plain or zipped), GeoParquet,
        FlatGeobuf, KML, KMZ or OpenStreetMap (XML or PBF).
    table : the table whose column names tell the header row and the sheet.
    encoding : the text encoding, where the office names one.

    Raises
    ------
    RefusedError : if the file cannot be read; the sentence says what to do.
    ParameterError : if `encoding` is unknown.
    """
    source = sniff(path)
    if source.format in ("csv", "xlsx"):
        return without_errors(_read_sheet(source, table, encoding))
    return without_empty(_read_features(source, table, encoding))


def _read_sheet(source: Source, table: Table, encoding: str | None) -> RawTable:
    """Read what a spreadsheet program writes."""
    if source.format == "xlsx":
        from geomap.data.files.formats.workbook import read_workbook

        return read_workbook(source.path, table)
    from geomap.data.files.formats.delimited import read_delimited

    text, findings = read_text(source.read_bytes(), encoding)
    return read_delimited(text, table, findings, suffix=source.path.suffix.lower())


def _read_features(source: Source, table: Table, encoding: str | None) -> RawTable:  # noqa: C901, PLR0911 (one branch a format)
    """Read what a geographic information system writes: one branch a format."""
    path = source.path
    match source.format:
        case "geojson":
            from geomap.data.files.formats.geojson import read_geojson

            return read_geojson(*read_text(source.read_bytes(), encoding))
        case "gpkg":
            from geomap.data.files.formats.geopackage import read_geopackage

            return read_geopackage(path, table)
        case "shp":
            from geomap.data.files.formats.shapefile import read_shapefile

            return read_shapefile(path, table, encoding=encoding)
        case "zip":
            from geomap.data.files.formats.shapefile import read_zipped_shapefile

            return read_zipped_shapefile(path, table, encoding=encoding)
        case "parquet":
            from geomap.data.files.formats.parquet import read_parquet

            return read_parquet(path)
        case "fgb":
            from geomap.data.files.formats.flatgeobuf import read_flatgeobuf

            return read_flatgeobuf(path)
        case "kml" | "kmz":
            from geomap.data.files.formats.kml import read_kml

            return read_kml(path, table, encoding=encoding)
        case "osm" | "pbf":
            from geomap.data.files.formats.osm import read_osm

            return read_osm(path, table)
    raise AssertionError(source.format)  # the branches above are all formats


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


def text_frame(columns: Columns, size: int) -> pd.DataFrame:
    """Make trimmed text columns, empty cells missing, from lists of strings or Arrow text."""
    columns = list(columns)
    builder = FrameBuilder(len(columns))
    builder.add(columns)
    return builder.frame(size)


class FrameBuilder:
    """Collects text columns part by part, so that a long file is never held as Python lists."""

    def __init__(self, width: int) -> None:
        self._parts: list[list[pa.Array]] = [[] for _ in range(width)]
        self._size = 0

    def add(self, columns: Columns) -> None:
        """Add some rows, given as columns.

        Raises
        ------
        RefusedError : if there are more cells than are read.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        for place, (parts, column) in enumerate(zip(self._parts, columns, strict=True)):
            array = column
            if not isinstance(column, pa.ChunkedArray):
                array = pa.chunked_array([pa.array(column, pa.large_string())])
            self._size += len(array) if place == 0 else 0
            if self._size * len(self._parts) > MOST_CELLS:
                values = {"came": self._size, "count": len(self._parts), "expected": MOST_CELLS}
                raise RefusedError("too_many_cells", **values)
            trimmed = pc.utf8_trim_whitespace(array)
            empty = pc.equal(trimmed, "")
            plain = pc.if_else(empty, pa.scalar(None, pa.large_string()), trimmed)
            parts.extend(plain.chunks)

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


def without_empty(raw: RawTable) -> RawTable:
    """Leave out features that hold nothing at all, and say which."""
    filled = raw.cells.notna().any(axis=1).to_numpy(dtype=bool, copy=True)
    if raw.geometry is not None:
        filled |= np.array([each is not None for each in raw.geometry], dtype=bool)
        told = [each.row for each in raw.findings if each.row is not None]
        filled |= np.isin(raw.rows, told)  # there is a geometry, though none that can be used
    if filled.all():
        return raw
    return replace(
        raw,
        cells=raw.cells[filled].reset_index(drop=True),
        rows=raw.rows[filled],
        geometry=None if raw.geometry is None else raw.geometry[filled],
        lost=raw.lost + int((~filled).sum()),
        findings=(*raw.findings, *on_rows("empty_feature", ~filled, raw.rows)),
    )


def read_text(data: bytes, encoding: str | None) -> tuple[Decoded, list[Finding]]:
    """Decode a file, and say what is doubtful about it.

    Raises
    ------
    RefusedError : if it is no text in that encoding, or in any known one.
    ParameterError : if `encoding` is unknown.
    """
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
