"""The rows of a file as its office sees them: every row, in its order, with its number.

Reading looks for records below a header; this keeps what stands above and beside them too.
It reads the file again, so it belongs where the file was read: in the child process.
"""

from __future__ import annotations

import datetime as dt
import warnings
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from geomap.data.files.columns.headers import is_known_header
from geomap.data.files.formats.encoding import decode
from geomap.data.files.formats.sniff import MOST_COLUMNS
from geomap.data.files.formats.typed import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geomap.data.files.findings.report import Report

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
#: A row of the copy: its number there, the number that findings call it by, its cells.
Row = tuple[int, int, "Sequence[Cell]"]

#: Cells beyond these columns are not copied; no more are read.
WIDEST = 2 * MOST_COLUMNS


def is_sheet(report: Report) -> bool:
    """Whether a file has rows that an office knows by number, as spreadsheets and text have."""
    return report.details.get("format") in ("csv", "xlsx")


def read_grid(path: str | Path, report: Report, *, encoding: str | None = None) -> Iterator[Row]:
    """Give every row of a file that is not blank.

    Text is given as it stands; a workbook's numbers and dates as such, its formulas as their
    values. A format without row numbers is given as the table that was read from it: its names
    in row 1, then one row a feature, the feature's number first.

    Parameters
    ----------
    path : the file that `report` is on; not changed since.
    report : how it was read; not refused while opening.
    encoding : the text encoding that the office named.
    """
    kind = report.details.get("format")
    if kind == "csv":
        rows: Iterator[tuple[int, Sequence[Cell]]] = _text_rows(Path(path), report, encoding)
    elif kind == "xlsx":
        rows = _sheet_rows(Path(path), str(report.details["sheet"]))
    else:
        yield from _feature_rows(path, report, encoding)
        return
    for number, cells in rows:
        yield number, number, cells


def _text_rows(
    path: Path, report: Report, encoding: str | None
) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Give the records of delimited text."""
    from geomap.data.files.formats.delimited import all_records

    text = decode(path.read_bytes(), encoding=encoding, is_header=is_known_header).text
    for number, record in all_records(text, str(report.details["delimiter"])):
        yield number, record[:WIDEST]


def _sheet_rows(path: Path, sheet: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Give the rows of a sheet: values, never formulas."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles that geomap does not read
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            widest = min(book[sheet].max_column or WIDEST, WIDEST)
            rows = book[sheet].iter_rows(max_col=widest, values_only=True)
            for number, values in enumerate(rows, 1):
                cells = [_cell(value) for value in values]
                if any(cell is not None for cell in cells):
                    yield number, cells
        finally:
            book.close()


def _cell(value: object) -> Cell:
    """Keep what a cell can hold; anything else as the text that is read from it."""
    if value is None or isinstance(value, Cell):
        return value
    return cell_text(value)


def _feature_rows(path: str | Path, report: Report, encoding: str | None) -> Iterator[Row]:
    """Give what was read from a format without rows."""
    from geomap.data.files.formats.raw import read_raw
    from geomap.model.tables import TABLES

    raw = read_raw(path, TABLES[report.table], encoding=encoding)
    yield 1, 0, ["No.", *report.header]
    columns = [raw.cells[place].tolist() for place in raw.cells]
    for number, values in zip(raw.rows.tolist(), zip(*columns, strict=True), strict=True):
        cells = [cell if isinstance(cell, str) else None for cell in values]
        yield number + 1, number, [str(number), *cells]


def width_of(rows: Iterable[Row], *, within: int | None = None) -> int:
    """Tell how many columns the rows fill.

    Examples
    --------
    >>> width_of([(1, 1, ["a", "b", None]), (2, 2, ["c"])])
    2
    """
    return max((_filled(cells) for _, _, cells in islice(rows, within)), default=0)


def _filled(cells: Sequence[Cell]) -> int:
    """Count the cells up to the last that holds anything."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1] not in (None, "")), 0)
