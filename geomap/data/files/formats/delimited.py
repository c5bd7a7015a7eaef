"""Read delimited text: commas, tabs, semicolons or bars, found by what makes a header of it."""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import TYPE_CHECKING

import numpy as np

from geomap.data.files.columns.matching import count_known
from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.raw import (
    HEADER_WITHIN,
    FrameBuilder,
    RawTable,
    header_place,
    trimmed_header,
    undecodable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from geomap.data.files.formats.encoding import Decoded
    from geomap.model.table import Table

_DELIMITERS = (",", "\t", ";", "|")
#: Longest cell that is read: outlines written as text run to millions of characters.
_LONGEST_CELL = 64 * 2**20
#: Rows turned into columns at a time.
_BLOCK = 20_000
#: Characters split into lines at a time.
_PIECE = 2**20
_HEAD_CHARACTERS = 200_000
_HEAD_ROWS = 200
#: A line of its own after the last one: it comes back alone only if all quotes are closed.
_END = "\x03end\x03"


def read_delimited(
    decoded: Decoded, table: Table, findings: Sequence[Finding], *, suffix: str = ".csv"
) -> RawTable:
    """Read delimited text; a record with line breaks in quotes is one row, as in a spreadsheet.

    Parameters
    ----------
    decoded : the text and how it was read.
    table : the table whose names tell the header row and the delimiter.
    findings : what decoding found.
    suffix : ".tsv" prefers tabs where several delimiters are possible.

    Raises
    ------
    RefusedError : if a quotation mark is never closed, if there are no rows, or too many columns.
    """
    text, of_nuls = _without_nuls(decoded.text)
    text, delimiter, skipped = _declared(text)
    delimiter = delimiter or _delimiter(text, table, prefer="\t" if suffix == ".tsv" else ",")
    blocks = _blocks(text, delimiter)
    first = next(blocks, [])
    filled = [place for place, record in enumerate(first[:_HEAD_ROWS]) if "".join(record).strip()]
    if not filled:
        raise RefusedError("file_empty")
    head = filled[header_place([first[place] for place in filled], table)]
    number = head + 1 + skipped
    header = trimmed_header(first[head])
    body = itertools.chain([first[head + 1 :]], blocks)
    cells, rows, of_rows = _collect(header, body, number + 1)
    details = {
        "format": "csv",
        "encoding": decoded.name,
        "delimiter": delimiter,
        "header_row": number,
    }
    of_header = [Finding("header_row", values={"came": number})] if head > filled[0] else []
    broken = undecodable(cells, rows) if "\ufffd" in text else []
    found = (*findings, *of_nuls, *of_header, *broken, *of_rows)
    return RawTable(header, cells, rows, findings=found, details=details)


def all_records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    r"""Give every record that is not blank with its row number, those above the header too.

    Parameters
    ----------
    text : a whole file that :func:`read_delimited` accepted.
    delimiter : the one it was read with.

    Examples
    --------
    >>> list(all_records('sep=;\nname;beds\n\n"a\nb";05', ";"))
    [(1, ['sep=;']), (2, ['name', 'beds']), (4, ['a\nb', '05'])]
    """
    text, _ = _without_nuls(text)
    text, declared, number = _declared(text)
    if declared:
        yield 1, [f"sep={declared}"]
    for block in _blocks(text, delimiter):
        for record in block:
            number += 1
            if any(record):
                yield number, record


def _without_nuls(text: str) -> tuple[str, list[Finding]]:
    """Take NUL characters out, and say so."""
    nuls = text.count("\x00")
    if not nuls:
        return text, []
    return text.replace("\x00", ""), [Finding("nul_bytes", values={"came": nuls})]


def _declared(text: str) -> tuple[str, str | None, int]:
    """Obey the line ``sep=;`` that spreadsheets write; it is row 1 all the same."""
    match = re.match(r"sep=(.)\r?\n", text)
    return (text[match.end() :], match[1], 1) if match else (text, None, 0)


def _delimiter(text: str, table: Table, *, prefer: str) -> str:
    """Choose the delimiter whose header names most fields, else the one that splits evenly."""
    head = text[:_HEAD_CHARACTERS]
    scores = {}
    for delimiter in _DELIMITERS:
        rows = list(
            itertools.islice(_reader(head.splitlines(keepends=True), delimiter), HEADER_WITHIN)
        )
        rows = [row for row in rows if any(row)]
        known = max((count_known(row, table) for row in rows), default=0)
        widths = [len(row) for row in rows]
        even = min(widths, default=0) > 1 and len(set(widths)) == 1
        scores[delimiter] = (known, even, max(widths, default=0) > 1, delimiter == prefer)
    return max(_DELIMITERS, key=lambda each: scores[each])


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Read records; the limit on the length of a cell is the process's own."""
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter)


def _lines(text: str) -> Iterator[str]:
    """Give the lines with their ends; all at once would take four bytes a character more."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end


def _blocks(text: str, delimiter: str) -> Iterator[list[list[str]]]:
    """Give all records, blank ones too, in blocks.

    Raises
    ------
    RefusedError : if a quotation mark is never closed, or a cell is over the longest one read.
    """
    reader = _reader(itertools.chain(_lines(text), [_END]), delimiter)
    number = 0
    while True:
        try:
            block = list(itertools.islice(reader, _BLOCK))
        except csv.Error as error:
            raise RefusedError("unclosed_quote", line=number + 1) from error
        number += len(block)
        if len(block) < _BLOCK:
            break
        yield block
    last = block.pop() if block else [""]
    if last != [_END]:
        raise RefusedError("unclosed_quote", line=number)
    yield block


def _collect(
    header: tuple[str, ...], body: Iterable[list[list[str]]], start: int
) -> tuple[pd.DataFrame, NDArray[np.int64], list[Finding]]:
    """Turn records into columns, and say which have too many or too few cells."""
    width = len(header)
    builder = FrameBuilder(width)
    findings: list[Finding] = []
    count = 0
    for block in body:
        if set(map(len, block)) - {width}:
            findings.extend(_ragged(block, width, start + count))
            block = [[*record[:width], *[""] * (width - len(record))] for record in block]  # noqa: PLW2901
        if block:
            builder.add(zip(*block, strict=True))
        count += len(block)
    frame = builder.frame(count)
    filled = frame.notna().any(axis=1).to_numpy()
    if not filled.any():
        raise RefusedError("no_rows")
    rows = np.arange(start, start + count, dtype=np.int64)
    if filled.all():
        return frame, rows, findings
    return frame[filled].reset_index(drop=True), rows[filled], findings


def _ragged(block: Iterable[list[str]], width: int, start: int) -> Iterator[Finding]:
    """Say which rows have cells beyond the header, or fewer than it; blank rows have neither."""
    for number, record in enumerate(block, start):
        extra = any(cell.strip() for cell in record[width:])
        if extra or (len(record) < width and "".join(record).strip()):
            values = {"came": len(record), "expected": width}
            yield Finding("ragged_row" if extra else "short_row", number, values=values)
