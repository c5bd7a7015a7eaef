"""A report in plain words: what came of the file, what to look at, how it was read.

The page and the annotated copy say the same, so both take their words from here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from geomap.data.files.findings.asking import DATUM_CHOICES, Voice
from geomap.data.files.findings.messages import field_label, shown
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.data.files.findings.message import Level
    from geomap.data.files.findings.report import Finding, Report

#: The word that stands before every sentence: colour alone says nothing.
LEVEL_WORDS: Mapping[Level, Label] = {
    "error": Label("错误", "Error"),
    "warning": Label("请核对", "Please check"),
    "note": Label("说明", "Note"),
}
_FORMATS: Mapping[str, Label] = {
    "csv": Label("文本表格（CSV）", "delimited text (CSV)"),
    "xlsx": Label("Excel 工作簿", "Excel workbook"),
}
_DELIMITERS: Mapping[str, Label] = {
    ",": Label("逗号", "comma"),
    "\t": Label("制表符", "tab"),
    ";": Label("分号", "semicolon"),
    "|": Label("竖线", "vertical bar"),
}
#: The parts of a place, for a finding on the place as a whole; the first ones known are meant.
_PLACE_PARTS = (
    ("lon", "lat"), ("lon_lat",), ("lat_lon",), ("x", "y"), ("geometry",), ("address",),
)  # fmt: skip


def outcome_sentence(report: Report, language: str, *, voice: Voice = "form") -> str:
    """Say in a sentence or two what came of a file.

    Examples
    --------
    >>> from geomap.data.files.findings.report import Finding, Report
    >>> outcome_sentence(Report("a.csv", "facilities", rows=94, accepted=94), "zh")
    '全部 94 行可用，没有发现问题。'
    >>> late = Finding("bad_phone", 7, "phone")
    >>> report = Report("a.csv", "facilities", 94, 90, 2, findings=(late,))
    >>> outcome_sentence(report, "en")
    '90 of 94 rows can be used, 4 were not kept; 1 thing to check. 2 rows have no location yet.'
    """
    if report.outcome == "refused":
        return refusal(report, language, voice=voice)
    said = _usable(report, language)
    doubts = level_counts(report)["warning"]
    if doubts:
        said += Label(
            f"，{doubts:,} 处需要看看", f"; {_en(doubts, '1 thing', '{} things')} to check"
        ).of(language)
    elif report.outcome == "accepted":
        said += Label("，没有发现问题", "; nothing to correct").of(language)
    return said + Label("。", ".").of(language) + _unlocated(report, language)


def _usable(report: Report, language: str) -> str:
    """Say how many rows can be used."""
    kept, lost = report.accepted, report.rows - report.accepted
    if not lost:
        return Label(
            f"全部 {kept:,} 行可用", f"{_en(kept, 'The one row', 'All {} rows')} can be used"
        ).of(language)
    return Label(
        f"{report.rows:,} 行中有 {kept:,} 行可用，{lost:,} 行没有保留",
        f"{kept:,} of {report.rows:,} rows can be used, "
        f"{lost:,} {_en(lost, 'was', 'were')} not kept",
    ).of(language)


def refusal(report: Report, language: str, *, voice: Voice = "form") -> str:
    """Say why nothing of a file was kept."""
    errors = [each for each in report.findings if each.level == "error"] or list(report.findings)
    head = "This file cannot be used as it is." if language == "en" else "这个文件现在还不能用。"
    if not errors:
        return head
    return f"{head}{' ' if language == 'en' else ''}{errors[0].message(language, voice=voice)}"


def _unlocated(report: Report, language: str) -> str:
    """Say how many rows have no place."""
    count = report.needs_location
    if not count:
        return ""
    if language == "en":
        return f" {_en(count, '1 row has', '{} rows have')} no location yet."
    return f"有 {count:,} 行还没有位置。"


def _en(count: int, one: str, more: str) -> str:
    """Choose the English number."""
    return one if count == 1 else more.format(f"{count:,}")


def level_counts(report: Report) -> Counter[Level]:
    """Count what was found by level: a finding that stands for many rows counts as many."""
    counts: Counter[Level] = Counter()
    for each in report.findings:
        counts[each.level] += len(each.rows) or 1
    return counts


def reading_lines(report: Report, language: str) -> list[tuple[str, str]]:
    """Say how a file was opened, as pairs of a name and a value."""
    details = report.details
    lines = []

    def add(label: Label, value: object) -> None:
        if value not in (None, ""):
            lines.append((label.of(language), shown(value, language)))

    kind = str(details.get("format") or "")
    add(Label("格式", "Format"), _FORMATS.get(kind) or kind)
    add(Label("工作表", "Sheet"), details.get("sheet"))
    add(Label("列名所在行", "Row of column names"), details.get("header_row"))
    add(Label("文字编码", "Text encoding"), details.get("encoding"))
    delimiter = str(details.get("delimiter") or "")
    add(Label("分隔符", "Delimiter"), _DELIMITERS.get(delimiter) or delimiter)
    crs, datum = details.get("crs"), details.get("datum")
    add(Label("坐标系", "Coordinates"), crs or DATUM_CHOICES.get(str(datum)))
    return lines


def column_meanings(report: Report, language: str) -> list[tuple[str, str | None]]:
    """Say of every column what it was read as; None where no field was read from it."""
    joined = "、" if language == "zh" else ", "
    names = report.header or (*report.columns, *report.columns_unused)
    meanings: list[tuple[str, str | None]] = []
    for name in names:
        fields = report.columns.get(name)
        labels = [field_label(each, language) for each in fields.split(", ")] if fields else []
        meanings.append((name, joined.join(labels) or None))
    return meanings


def places_meant(finding: Finding, report: Report) -> tuple[int, ...]:
    """Tell in which columns, counted from 0, the cells stand that a finding means."""
    by_field: dict[str, list[int]] = {}
    for place, name in enumerate(report.header):
        for field in report.columns.get(name, "").split(", "):
            by_field.setdefault(field, []).append(place)
    if finding.field in by_field and finding.field != "geometry":
        return tuple(by_field[finding.field])
    if finding.values.get("column") in report.header:
        return (report.header.index(str(finding.values["column"])),)
    if finding.field in {"geometry", *(part for parts in _PLACE_PARTS[:-1] for part in parts)}:
        for parts in _PLACE_PARTS:
            found = [place for part in parts for place in by_field.get(part, ())]
            if found:
                return tuple(found)
    return ()
