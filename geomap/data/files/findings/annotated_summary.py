"""The sheet that goes with an annotated copy: what was found, what to do, how it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geomap.data.files.findings.grid import is_sheet
from geomap.data.files.findings.messages import shown
from geomap.data.files.findings.summary import (
    LEVEL_WORDS,
    column_meanings,
    level_counts,
    outcome_sentence,
    reading_lines,
)
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.data.files.findings.asking import Voice
    from geomap.data.files.findings.message import Level
    from geomap.data.files.findings.report import Report

#: Findings on single rows that the sheet lists; the table itself has them all.
MOST_LISTED = 1_000
_LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_WIDTHS = (16, 24, 90)

_STEPS = (
    Label(
        "在“{sheet}”表里，从最右边的“核对结果”一列看起：有字的行就是要看的行，可以用筛选只留下它们。",
        "In the sheet “{sheet}”, begin with the last column, “Check result”: rows with text in it "
        "are the ones to look at. Filter by it to see only those.",
    ),
    Label(
        "有颜色的格子就是所指的地方，鼠标停在上面会显示原因。请直接在格子里改。",
        "Coloured cells are the ones meant; rest the pointer on one to read why. "
        "Correct them in place.",
    ),
    Label(
        "“错误”的行没有保留，要改；“请核对”的请看一看，对的不用动；“说明”只是告诉您，不用改。",
        "Rows marked “Error” were not kept and need correction. “Please check”: look, and leave "
        "what is right. “Note” only tells you something.",
    ),
    Label(
        "改完保存，把这个文件发回即可。“核对结果”一列和这张表不用删。",
        "Save it and send this file back. You need not delete the column “Check result” or "
        "this sheet.",
    ),
)
_STEPS_FEATURES = (
    Label(
        "“{sheet}”表是从文件里读到的内容，每行一个地点，“No.”是它在文件里的次序。",
        "The sheet “{sheet}” shows what was read from the file, one place a row; “No.” is its "
        "order in the file.",
    ),
    Label(
        "请在原来的软件里修改并重新导出；位置没有写进这份副本。",
        "Correct it in the program it comes from and export it again; "
        "the locations are not in this copy.",
    ),
)


def write_summary(  # noqa: PLR0913 (what the sheet is about)
    book: Any,  # noqa: ANN401 (an XlsxWriter workbook)
    page: Any,  # noqa: ANN401 (an XlsxWriter sheet)
    report: Report,
    *,
    language: str,
    voice: Voice,
    sheet: str,
    cut: int,
) -> None:
    """Write the sheet from top to bottom.

    Parameters
    ----------
    book, page : the workbook, and the sheet to write.
    report : on the file.
    language, voice : as in :func:`geomap.data.files.findings.annotated.annotate`.
    sheet : title of the sheet that holds the table.
    cut : cells that were too long for a workbook.
    """
    writer = _Page(book, page, language)
    file = shown(report.file, language)
    writer.title(Label(f"核对结果：{file}", f"Check result: {file}"))
    writer.line(outcome_sentence(report, language, voice=voice))
    if cut:
        writer.line(_cut(cut).of(language))
    writer.heading(Label("怎么改", "What to do"))
    steps = _STEPS if is_sheet(report) else _STEPS_FEATURES
    for number, step in enumerate(steps, 1):
        writer.row([str(number), step.of(language).format(sheet=sheet)], spread=True)
    _totals(writer, report, language)
    _on_the_file(writer, report, language, voice)
    _on_rows(writer, report, language, voice, sheet)
    writer.heading(Label("每一列读作什么", "What each column was read as"))
    unused = Label("（没有用到）", "(not used)").of(language)
    for name, meant in column_meanings(report, language):
        writer.row([shown(name, language), meant or unused])
    writer.heading(Label("怎样打开的", "How the file was opened"))
    for label, value in reading_lines(report, language):
        writer.row([label, value])


def _totals(writer: _Page, report: Report, language: str) -> None:
    """Write the totals."""
    writer.heading(Label("合计", "Totals"))
    counts = level_counts(report)
    for label, value in (
        (Label("文件里的行数", "Rows in the file"), report.rows),
        (Label("可用的行", "Rows that can be used"), report.accepted),
        (Label("其中还没有位置的", "of them without a location"), report.needs_location),
        *((LEVEL_WORDS[level], counts[level]) for level in _LEVELS),
    ):
        writer.row([label.of(language), f"{value:,}"])


def _on_the_file(writer: _Page, report: Report, language: str, voice: Voice) -> None:
    """List what was found on the file as a whole, or alike in many rows, each with a number."""
    whole = [each for each in report.findings if each.row is None]
    if not whole:
        return
    writer.heading(Label("整个文件，或许多行都有的", "On the whole file, or alike in many rows"))
    for number, each in enumerate(whole, 1):
        word = LEVEL_WORDS[each.level].of(language)
        writer.row(
            [f"{number} {word}", each.message(language, voice=voice)], each.level, spread=True
        )


def _on_rows(writer: _Page, report: Report, language: str, voice: Voice, sheet: str) -> None:
    """List what was found on single rows, each with a link to its row."""
    single = [each for each in report.findings if each.row is not None]
    if not single:
        return
    writer.heading(Label("逐行", "Row by row"))
    before = 0 if is_sheet(report) else 1
    for each in single[:MOST_LISTED]:
        word = LEVEL_WORDS[each.level].of(language)
        place = Label(f"第 {each.row} 行", f"row {each.row}").of(language)
        cells = [f"{place} {word}", each.message(language, voice=voice)]
        link = f"internal:'{sheet.replace(chr(39), chr(39) * 2)}'!A{(each.row or 0) + before}"
        writer.row(cells, each.level, spread=True, link=link)
    rest = len(single) - MOST_LISTED
    if rest > 0:
        writer.line(
            Label(f"另有 {rest:,} 处，见表。", f"{rest:,} more: see the table.").of(language)
        )


def _cut(count: int) -> Label:
    """Say that cells were too long."""
    return Label(
        f"有 {count:,} 格太长，这份副本里只写了前面的 32,767 个字符；请保留您的原文件。",
        f"{count:,} cells are too long and were cut at 32,767 characters in this copy; "
        "keep your own file.",
    )


class _Page:
    """Writes a sheet of three columns line by line; every text is written as text."""

    def __init__(self, book: Any, page: Any, language: str) -> None:  # noqa: ANN401 (XlsxWriter)
        self._page, self._language, self._next = page, language, 0
        base = {"text_wrap": True, "valign": "top", "num_format": "@"}
        self._plain = book.add_format(base)
        self._title = book.add_format({"bold": True, "font_size": 16})
        self._heading = book.add_format({"bold": True, "font_size": 13, "bottom": 2})
        inks = {"error": "#9C1B1B", "warning": "#6B4300", "note": "#123C8C"}
        self._inks = {
            level: book.add_format({**base, "bold": True, "font_color": ink})
            for level, ink in inks.items()
        }
        for place, width in enumerate(_WIDTHS):
            page.set_column(place, place, width)
        page.hide_gridlines(2)

    def title(self, label: Label) -> None:
        """Write the title."""
        self._page.write_string(self._next, 0, label.of(self._language), self._title)
        self._next += 1

    def heading(self, label: Label) -> None:
        """Write a heading, after a free line."""
        self._next += 1
        for place in range(len(_WIDTHS)):
            text = label.of(self._language) if place == 0 else ""
            self._page.write_string(self._next, place, text, self._heading)
        self._next += 1

    def line(self, text: str) -> None:
        """Write a sentence over the whole width."""
        self._page.merge_range(self._next, 0, self._next, 2, text, self._plain)
        self._fit(text, sum(_WIDTHS))

    def row(
        self,
        cells: Sequence[str],
        level: str | None = None,
        *,
        spread: bool = False,
        link: str | None = None,
    ) -> None:
        """Write a line of two cells; `spread` gives the second one the rest of the width."""
        look = self._inks[level] if level else self._plain
        if link:
            self._page.write_url(self._next, 0, link, look, cells[0])
        else:
            self._page.write_string(self._next, 0, cells[0], look)
        if spread:
            self._page.merge_range(self._next, 1, self._next, 2, cells[1], self._plain)
        else:
            self._page.write_string(self._next, 1, cells[1], self._plain)
        self._fit(cells[1], sum(_WIDTHS[1:]) if spread else _WIDTHS[1])

    def _fit(self, text: str, width: float) -> None:
        """Make the line as high as its text: Excel does not for cells that are joined."""
        wide = sum(2 if ord(each) > 0x2E80 else 1 for each in text)  # noqa: PLR2004 (CJK)
        self._page.set_row(self._next, 16.0 * max(1, -(-wide // int(width))))
        self._next += 1
