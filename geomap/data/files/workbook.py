"""Read Excel workbooks: the sheet and the header row that name most fields."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np

from geomap.data.files.columns import count_known
from geomap.data.files.raw import HEADER_WITHIN, RawTable, header_place, text_frame, trimmed_header
from geomap.data.files.report import Finding, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geomap.model.table import Table

#: What openpyxl raises on damaged workbooks.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
)
#: A formula without its value; one whose value is the empty text says t="str".
_NOT_COMPUTED = re.compile(
    rb'<c (?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>'
)
_PART_BYTES = 2**20
_WHOLE_BELOW = 1e15  # a float holds whole numbers exactly up to here


def read_workbook(path: Path, table: Table) -> RawTable:
    """Read the sheet that names most fields of `table`; the values, never the formulas.

    Raises
    ------
    RefusedError : if the workbook is damaged, has no rows or too many columns.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles that geomap does not read
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                return _read(book, table)
            finally:
                book.close()
        except InvalidFileException as error:
            raise RefusedError("invalid_xlsx", came=error) from error
        except _DAMAGED as error:
            if isinstance(error, RefusedError):
                raise
            raise RefusedError("invalid_xlsx", came=type(error).__name__) from error


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


def _read(book: Any, table: Table) -> RawTable:  # noqa: ANN401 (an openpyxl workbook)
    """Choose the sheet and read it."""
    heads = {
        sheet.title: list(itertools.islice(_records(sheet), HEADER_WITHIN))
        for sheet in book.worksheets
    }
    filled = [title for title, head in heads.items() if head]
    if not filled:
        raise RefusedError("file_empty")
    known = {title: max(count_known(cells, table) for _, cells in heads[title]) for title in filled}
    chosen = max(filled, key=lambda title: known[title])
    findings = []
    if len(filled) > 1:
        others = [title for title in filled if title != chosen]
        findings.append(Finding("sheet_chosen", values={"came": chosen, "expected": others}))
    place = header_place([cells for _, cells in heads[chosen]], table)
    number, names = heads[chosen][place]
    if place:
        findings.append(Finding("header_row", values={"came": number}))
    formulas = _not_computed(book, chosen)
    if formulas:
        findings.append(Finding("not_computed", values={"came": formulas}))
    details = {"format": "xlsx", "sheet": chosen, "header_row": number}
    return _collect(book[chosen], trimmed_header(names), number, findings, details)


def _not_computed(book: Any, chosen: str) -> int:  # noqa: ANN401 (an openpyxl workbook)
    """Count the formulas of a sheet that stand there without a value; openpyxl gives None."""
    path = book[chosen]._worksheet_path  # openpyxl has no public name for it
    count, rest = 0, b""
    with book._archive.open(path) as part:
        while piece := part.read(_PART_BYTES):
            whole, cut, after = (rest + piece).rpartition(b"</c>")
            count += sum(1 for _ in _NOT_COMPUTED.finditer(whole + cut))
            rest = after
    return count


def _records(sheet: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 (an openpyxl sheet)
    """Give every row that is not blank, with its number."""
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(value is not None for value in values):
            cells = [cell_text(value) for value in values]
            if "".join(cells).strip():
                yield number, cells


def _collect(
    sheet: Any,  # noqa: ANN401 (an openpyxl sheet)
    header: tuple[str, ...],
    header_number: int,
    findings: Iterable[Finding],
    details: dict[str, object],
) -> RawTable:
    """Turn the rows below the header into columns."""
    width = len(header)
    found = list(findings)
    rows: list[int] = []
    cells: list[list[str]] = []
    for number, record in _records(sheet):
        if number <= header_number:
            continue
        if any(cell.strip() for cell in record[width:]):
            values = {"came": len(record), "expected": width}
            found.append(Finding("ragged_row", number, values=values))
        rows.append(number)
        cells.append([*record[:width], *[""] * (width - len(record))])
    if not rows:
        raise RefusedError("no_rows")
    frame = text_frame(list(zip(*cells, strict=True)), len(rows))
    numbers = np.array(rows, dtype=np.int64)
    return RawTable(header, frame, numbers, findings=tuple(found), details=details)
