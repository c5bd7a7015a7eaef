"""The copy of an office's table to send back: every row where it was, and what is wrong beside it.

A row keeps its number and its cells; the last column says what was found in it, the cells meant
are coloured and carry a comment, and a sheet of its own says what to do. Nothing in the copy is
a formula: cells are written as text, or as the number or date that a workbook held, and text that
looks like a formula or a link stays text.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geomap.data.files.findings.annotated_summary import write_summary
from geomap.data.files.findings.grid import is_sheet, read_grid, width_of
from geomap.data.files.findings.messages import shown
from geomap.data.files.findings.summary import LEVEL_WORDS, places_meant
from geomap.data.files.formats.typed import cell_text
from geomap.errors import TooLargeError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.data.files.findings.asking import Voice
    from geomap.data.files.findings.grid import Cell
    from geomap.data.files.findings.message import Level
    from geomap.data.files.findings.report import Finding, Report

#: What the added column is called; a copy that comes back with one gets no second.
RESULT = Label("核对结果", "Check result")
#: Excel holds no more: rows, characters of a cell.
MOST_ROWS, LONGEST = 1_048_576, 32_767
#: Cells with a comment; Excel grows slow with thousands. The last column says it all the same.
MOST_COMMENTS = 500
#: A row's sentences are cut beyond this many characters.
_LONGEST_RESULT, _LONGEST_COMMENT = 5_000, 1_000
_HEAD_ROWS = 50
_GROUND = {"error": "#FCEBEA", "warning": "#FDF1D6", "note": "#E9EFFA"}
_INK = {"error": "#9C1B1B", "warning": "#6B4300", "note": "#123C8C"}
_ORDER: tuple[Level, ...] = ("error", "warning", "note")
_DATES = ((dt.datetime, "yyyy-mm-dd hh:mm:ss"), (dt.date, "yyyy-mm-dd"), (dt.time, "hh:mm:ss"))
#: What a workbook cannot hold: half characters and the two that are none.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FIRST_YEAR = 1900


def annotate(  # noqa: PLR0913 (a file, what was found, how to say it)
    path: str | Path,
    report: Report,
    out: str | Path,
    *,
    language: str = "zh",
    encoding: str | None = None,
    voice: Voice = "reply",
) -> None:
    """Write an .xlsx copy of an office's table that says in each row what was found there.

    Row 7 of the copy is row 7 of the file. A format without row numbers, such as GeoJSON, is
    given as the table that was read, with the number of each feature first. Memory does not
    grow with the rows of a text file; of a workbook, only the sheet that was read is copied.
    Reads the file again: for files that others made, call it in the child process that read it.

    Parameters
    ----------
    path : the file that `report` is on.
    report : from reading it; not one that was refused before its columns were known.
    out : where the copy goes.
    language : "zh" or "en".
    encoding : the text encoding that the office named, if any.
    voice : to whom the sentences speak: the office that gets the copy, or whoever checks.

    Raises
    ------
    TooLargeError : if the file has more rows than a sheet holds.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(Path(out).parent),
        "use_zip64": True,
    }
    with xlsxwriter.Workbook(str(out), options) as book:
        title, summary_title = _titles(report, language)
        sheet, summary = book.add_worksheet(title), book.add_worksheet(summary_title)
        copy = _Copy(report, _Formats.of(book), language, voice, _numbered(report))
        cut = _write_rows(sheet, copy, path, encoding)
        write_summary(book, summary, report, language=language, voice=voice, sheet=title, cut=cut)
        summary.activate()


@dataclass(frozen=True)
class _Formats:
    """The looks of cells."""

    text: Any
    dates: Mapping[type, Any]
    marked: Mapping[Level, Any]
    result: Mapping[Level, Any]
    head: Any

    @classmethod
    def of(cls, book: Any) -> _Formats:  # noqa: ANN401 (an XlsxWriter workbook)
        """Make them; "@" keeps a text a text when it is edited, leading zeros and all."""
        wrapped = {"text_wrap": True, "valign": "top", "num_format": "@"}
        looks = {
            level: {"bg_color": _GROUND[level], "font_color": _INK[level], "border": 1}
            for level in _ORDER
        }
        return cls(
            book.add_format({"num_format": "@"}),
            {kind: book.add_format({"num_format": shape}) for kind, shape in _DATES},
            {level: book.add_format({**look, "num_format": "@"}) for level, look in looks.items()},
            {level: book.add_format({**look, **wrapped}) for level, look in looks.items()},
            book.add_format({"bold": True, "bg_color": "#E6F0F1", "border": 1, "num_format": "@"}),
        )


@dataclass(frozen=True)
class _Copy:
    """What is written, and how."""

    report: Report
    formats: _Formats
    language: str
    voice: Voice
    numbered: Mapping[int, int]

    def words(self, finding: Finding, which: int) -> str:
        """Say a finding on one row, its level first; one of many that differ is looked up."""
        word = LEVEL_WORDS[finding.level].of(self.language)
        if finding.rows and "example" in finding.values:
            place = self.numbered[which]
            said = Label(f"见“说明”表第 {place} 条", f"see no. {place} of the sheet “Summary”")
            return f"【{word}】{said.of(self.language)}"
        return f"【{word}】{finding.of_row(self.language, voice=self.voice)}"


def _write_rows(sheet: Any, copy: _Copy, path: str | Path, encoding: str | None) -> int:  # noqa: ANN401 (an XlsxWriter sheet)
    """Write the table and its added column; give how many cells were too long."""
    report = copy.report
    offset = 0 if is_sheet(report) else 1
    header_row = int(str(report.details.get("header_row") or 1))
    last = _result_column(report, path, encoding, offset)
    marks = _Marks(report)
    cut = comments = row = 0
    for row, number, cells in read_grid(path, report, encoding=encoding):
        if row > MOST_ROWS:
            raise TooLargeError(f"a copy holds at most {MOST_ROWS:,} rows: split the file")
        found = marks.of(number)
        looks = _looks(copy, found, offset)
        cut += _write_cells(sheet, row - 1, cells[:last], copy.formats, looks)
        if row == header_row:
            sheet.write_string(row - 1, last, RESULT.of(copy.language), copy.formats.head)
        if found:
            _write_result(sheet, row - 1, last, found, copy)
        for place, (_, said) in list(looks.items())[: MOST_COMMENTS - comments]:
            sheet.write_comment(row - 1, place, "\n".join(said)[:_LONGEST_COMMENT], {"x_scale": 2})
            comments += 1
    _shape(sheet, header_row, max(row, header_row), last, report)
    return cut


def _looks(copy: _Copy, found: Sequence[int], offset: int) -> dict[int, tuple[Level, list[str]]]:
    """Tell how the cells of a row are marked: their worst level, and what is said of each."""
    looks: dict[int, tuple[Level, list[str]]] = {}
    for which in found:
        finding = copy.report.findings[which]
        for place in places_meant(finding, copy.report):
            level, said = looks.get(place + offset, (finding.level, []))
            said.append(copy.words(finding, which))
            looks[place + offset] = (min(level, finding.level, key=_ORDER.index), said)
    return looks


def _result_column(report: Report, path: str | Path, encoding: str | None, offset: int) -> int:
    """Find the column for what was found: at the right, or where an earlier copy had it."""
    if report.header and report.header[-1] in (RESULT.zh, RESULT.en):
        return len(report.header) - 1 + offset
    ragged = any(each.code == "ragged_row" for each in report.findings)
    rows = read_grid(path, report, encoding=encoding)
    filled = width_of(rows, within=None if ragged else _HEAD_ROWS)
    return max(len(report.header) + offset, filled)


def _write_cells(
    sheet: Any,  # noqa: ANN401 (an XlsxWriter sheet)
    row: int,
    cells: Sequence[Cell],
    formats: _Formats,
    looks: Mapping[int, tuple[Level, list[str]]],
) -> int:
    """Write one row as it was; give how many cells were too long."""
    cut = 0
    for place, cell in enumerate(cells):
        look = formats.marked[looks[place][0]] if place in looks else None
        if isinstance(cell, bool):
            sheet.write_boolean(row, place, cell, look)
        elif isinstance(cell, int | float) and float(f"{cell:.16G}") == cell:
            sheet.write_number(row, place, cell, look)
        elif isinstance(cell, dt.date | dt.time) and _has_excel_date(cell):
            sheet.write_datetime(row, place, _naive(cell), look or _date_format(cell, formats))
        elif cell not in (None, ""):
            text = _text(cell)
            cut += sheet.write_string(row, place, text, look or formats.text) != 0
        elif look is not None:
            sheet.write_blank(row, place, None, look)
    for place in (each for each in looks if each >= len(cells)):
        sheet.write_blank(row, place, None, formats.marked[looks[place][0]])
    return cut


def _text(cell: Cell) -> str:
    """Write a cell as text: a workbook has one kind of line end, and no half characters."""
    text = cell_text(cell)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else _NO_CHARACTER.sub("\ufffd", text)


def _has_excel_date(value: dt.date | dt.time) -> bool:
    """Whether Excel counts the day: it begins with 1900, and March of it to be right."""
    return isinstance(value, dt.time) or value.year > _FIRST_YEAR


def _naive(value: dt.date | dt.time) -> dt.date | dt.time:
    """Drop a time zone, which no cell holds."""
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime | dt.time) else value


def _date_format(value: dt.date | dt.time, formats: _Formats) -> object:
    """Show a date with its time only where it has one."""
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        return formats.dates[dt.date]
    return next(look for kind, look in formats.dates.items() if isinstance(value, kind))


def _write_result(sheet: Any, row: int, last: int, found: Sequence[int], copy: _Copy) -> None:  # noqa: ANN401 (an XlsxWriter sheet)
    """Write the sentences of a row, the worst first."""
    findings = copy.report.findings
    ordered = sorted(found, key=lambda which: _ORDER.index(findings[which].level))
    said = "\n".join(copy.words(findings[which], which) for which in ordered)
    text = said if len(said) <= _LONGEST_RESULT else said[: _LONGEST_RESULT - 1] + "…"
    sheet.write_string(row, last, text, copy.formats.result[findings[ordered[0]].level])


class _Marks:
    """Gives the findings of each row, asked in ascending order; two arrays, however many rows."""

    def __init__(self, report: Report) -> None:
        rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
        which: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
        for nth, each in enumerate(report.findings):
            meant = np.array(each.rows or ([] if each.row is None else [each.row]), dtype=np.int64)
            rows.append(meant)
            which.append(np.full(len(meant), nth, dtype=np.int64))
        all_rows, all_which = np.concatenate(rows), np.concatenate(which)
        order = np.argsort(all_rows, kind="stable")
        self._rows, self._which = all_rows[order], all_which[order]

    def of(self, number: int) -> list[int]:
        """Give the places of a row's findings among all findings."""
        low, high = np.searchsorted(self._rows, [number, number + 1])
        return [int(each) for each in self._which[low:high]]


def _numbered(report: Report) -> dict[int, int]:
    """Give the numbers that the summary lists findings on the file or on many rows by."""
    whole = [nth for nth, each in enumerate(report.findings) if each.row is None]
    return {which: place for place, which in enumerate(whole, 1)}


def _shape(sheet: Any, header_row: int, rows: int, last: int, report: Report) -> None:  # noqa: ANN401 (an XlsxWriter sheet)
    """Keep the header in sight, let rows be filtered, and leave texts of digits unmarked."""
    from xlsxwriter.utility import xl_col_to_name

    sheet.freeze_panes(header_row, 0)
    sheet.autofilter(header_row - 1, 0, rows - 1, last)
    sheet.set_column(last, last, 70)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(last)}{rows}"})
    for place, name in enumerate(report.header):
        if place < last and len(name) > 4:  # noqa: PLR2004 (what the usual width shows in Chinese)
            sheet.set_column(place, place, min(2.2 * len(name) + 2, 30))


def _titles(report: Report, language: str) -> tuple[str, str]:
    """Name the two sheets: the first as it was."""
    given = re.sub(r"[\[\]:*?/\\]", " ", shown(report.details.get("sheet") or "")).strip("' ")
    title = given[:31] or Label("名单", "List").of(language)
    summary = Label("说明", "Summary").of(language)
    return title, summary if title.casefold() != summary.casefold() else f"{summary} 2"
