"""Read Excel workbooks: the sheet and the header that name most fields, merged cells among them."""

from __future__ import annotations

import itertools
import re
import warnings
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np

from geomap.data.files.columns.headers import SURE_RANK, readings
from geomap.data.files.columns.matching import count_known
from geomap.data.files.columns.tiers import Merge, Record, join_tiers
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.archive import heads, members
from geomap.data.files.formats.markup import root_element
from geomap.data.files.formats.raw import (
    HEADER_WITHIN,
    FrameBuilder,
    RawTable,
    header_place,
    trimmed_header,
)
from geomap.data.files.formats.sniff import MOST_COLUMNS
from geomap.data.files.formats.typed import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    OverflowError,
)
#: A formula without its value; one whose value is the empty text says t="str".
_NOT_COMPUTED = re.compile(
    rb'<c (?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>'
)
_PART_BYTES = 2**20
_BLOCK = 20_000
_NUMBER = re.compile(r"[\s\d.,，%+\-－￥¥元张人个]*")


@dataclass(frozen=True)
class _Header:
    """Where the header stands, and its names.

    Parameters
    ----------
    names : the column names.
    first, last : its first row and its last one, as the spreadsheet numbers them.
    above : whether filled rows stand above it.
    """

    names: tuple[str, ...]
    first: int
    last: int
    above: bool


def read_workbook(path: Path, table: Table) -> RawTable:
    """Read the sheet that names most fields of `table`; the values, never the formulas.

    Raises
    ------
    RefusedError : if the workbook is damaged, has no rows or too many columns, or an XML part of
        it declares a document type.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    for head in heads(path, members(path), (".xml", ".rels")):
        root_element(head)
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


def _read(book: Any, table: Table) -> RawTable:  # noqa: ANN401 (an openpyxl workbook)
    """Choose the sheet and read it."""
    first = {
        sheet.title: list(itertools.islice(_records(sheet, []), HEADER_WITHIN))
        for sheet in book.worksheets
    }
    filled = [title for title, head in first.items() if head]
    if not filled:
        raise RefusedError("file_empty")
    known = {
        title: max(count_known(each.cells, table) for each in first[title]) for title in filled
    }
    chosen = max(filled, key=lambda title: known[title])
    findings = []
    if len(filled) > 1:
        others = [title for title in filled if title != chosen]
        findings.append(Finding("sheet_chosen", values={"came": chosen, "expected": others}))
    merges: list[Merge] = []
    records = list(_records(book[chosen], merges))
    header = _header(records[:HEADER_WITHIN], merges, table)
    findings += _of_header(header)
    formulas = _not_computed(book, chosen)
    if formulas:
        findings.append(Finding("not_computed", values={"came": formulas}))
    body = [each for each in records if each.number > header.last]
    body, lost, of_merges = _spread(body, merges, header, table)
    details = {"format": "xlsx", "sheet": chosen, "header_row": header.last}
    return _collect(header, body, lost, (*findings, *of_merges), details)


def _records(sheet: Any, merges: list[Merge]) -> Iterator[Record]:  # noqa: ANN401 (an openpyxl sheet)
    """Give every row that is not blank, as its cells that stand somewhere; then the merges.

    The parser of openpyxl gives the cells that a file has; its sheets would fill a row up to the
    last column of the table, a million times where one stray cell stands in the last corner.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    with sheet._get_source() as source:  # openpyxl has no public name for it
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, row in parser.parse():
            texts = {each["column"]: cell_text(each["value"]) for each in row}
            filled = {column: text for column, text in texts.items() if text.strip()}
            if filled:
                last = max(filled)
                width = min(last, MOST_COLUMNS + 1)
                cells = [filled.get(column, "") for column in range(1, width + 1)]
                yield Record(number, cells, last)
        if parser.merged_cells is not None:
            for each in parser.merged_cells.mergeCell:
                merges.append(Merge(each.min_row, each.min_col, each.max_row, each.max_col))  # noqa: PERF401 (filled when the rows are through)


def _header(head: Sequence[Record], merges: Sequence[Merge], table: Table) -> _Header:
    """Find the header: the row that names most fields, with the row of groups over it or under."""
    place = header_place([each.cells for each in head], table)
    single = head[place]
    best = count_known(single.cells, table)
    for upper in (place - 1, place):
        if 0 <= upper < len(head) - 1:
            names = join_tiers(head[upper], head[upper + 1], merges, table)
            if names and count_known(names, table) >= max(best, 1):
                lower = head[upper + 1].number
                return _Header(trimmed_header(names), head[upper].number, lower, upper > 0)
    if single.last > MOST_COLUMNS:
        raise RefusedError("too_many_columns", came=single.last, expected=MOST_COLUMNS)
    return _Header(trimmed_header(single.cells), single.number, single.number, place > 0)


def _of_header(header: _Header) -> list[Finding]:
    """Say where the header was found, if not in one first row."""
    found = []
    if header.above:
        found.append(Finding("header_row", values={"came": header.first}))
    if header.last > header.first:
        came = f"{header.first}–{header.last}"
        joined = next((name for name in header.names if "/" in name), header.names[0])
        found.append(Finding("header_rows", values={"came": came, "expected": joined}))
    return found


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


def _spread(
    body: list[Record], merges: Sequence[Merge], header: _Header, table: Table
) -> tuple[list[Record], int, list[Finding]]:
    """Fill merged texts into the rows they cover; take headings across the table out.

    Numbers are not repeated, nor is the name: a total over two rows is one total, a name over two
    rows is one facility.
    """
    numbers = [each.number for each in body]
    named = {nth for nth, name in enumerate(header.names) if _is_name(name, table)}
    headings: dict[int, str] = {}
    covered: list[tuple[int, int]] = []
    for merge in merges:
        first = bisect_left(numbers, merge.top)
        if merge.top <= header.last or numbers[first : first + 1] != [merge.top]:
            continue
        column, text = merge.left - 1, body[first].cell(merge.left - 1)
        if merge.top == merge.bottom and _is_heading(body[first], merge, len(header.names)):
            headings[merge.top] = text
        elif column < len(header.names) and column not in named and not _NUMBER.fullmatch(text):
            for place in range(first + 1, bisect_right(numbers, merge.bottom)):
                if not body[place].cell(column):
                    body[place] = body[place].filled(column, text)
                    covered.append((numbers[place], column))
    findings = [
        Finding("no_record", number, "name", {"came": text})
        for number, text in sorted(headings.items())
    ]
    if covered:
        came = [header.names[column] for column in dict.fromkeys(column for _, column in covered)]
        values = {"came": came, "count": len({number for number, _ in covered})}
        findings.append(Finding("merged_cells", values=values))
    return [each for each in body if each.number not in headings], len(headings), findings


def _is_name(name: str, table: Table) -> bool:
    """Whether a column gives each row its name."""
    best = min(readings(name, table.name), default=None)
    return best is not None and best.target == "name" and best.rank <= SURE_RANK


def _is_heading(record: Record, merge: Merge, width: int) -> bool:
    """Whether a row holds one text only, merged over half of the table or more."""
    across = merge.right - merge.left + 1
    alone = sum(1 for cell in record.cells if cell.strip()) == 1
    return alone and across >= max(2, width / 2)


def _collect(
    header: _Header,
    body: Sequence[Record],
    lost: int,
    findings: Sequence[Finding],
    details: dict[str, object],
) -> RawTable:
    """Turn the rows below the header into columns."""
    if not body:
        raise RefusedError("no_rows")
    width = len(header.names)
    found = list(findings)
    for each in body:
        if each.last > width:
            values = {"came": each.last, "expected": width}
            found.append(Finding("ragged_row", each.number, values=values))
    builder = FrameBuilder(width)
    for block in _blocks(body):
        rows = [[*each.cells[:width], *[""] * (width - len(each.cells))] for each in block]
        builder.add(list(zip(*rows, strict=True)))
    numbers = np.array([each.number for each in body], dtype=np.int64)
    frame = builder.frame(len(body))
    return RawTable(header.names, frame, numbers, lost=lost, findings=tuple(found), details=details)


def _blocks(body: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Part the rows into blocks."""
    for start in range(0, len(body), _BLOCK):
        yield body[start : start + _BLOCK]
