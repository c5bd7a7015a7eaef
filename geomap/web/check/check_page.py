"""What the page says of a checked list, in rows and sentences, before a template writes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from geomap.data.files.findings.messages import field_label, shown
from geomap.data.files.findings.summary import (
    LEVEL_WORDS,
    column_meanings,
    level_counts,
    outcome_sentence,
    places_meant,
    reading_lines,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.data.files.findings.message import Level
    from geomap.data.files.findings.report import Finding, Report
    from geomap.data.reading import Reading
    from geomap.web.language import Language

#: Findings on the page; the annotated copy has them all.
MOST_SHOWN = 500
#: Rows without a place on the page.
MOST_UNLOCATED = 100
_MOST_CANDIDATES = 10
#: So many rows of one finding are named, more are counted.
_FEW_ROWS = 3
_ORDER: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class FindingLine:
    """One line of the table of findings."""

    where: str
    column: str
    level: Level
    word: str
    sentence: str


@dataclass(frozen=True)
class LevelCount:
    """How much was found of one level, and whether the table shows any."""

    level: Level
    word: str
    count: int
    listed: bool


@dataclass(frozen=True)
class Unlocated:
    """A row that needs a location: what it says of itself, and where it may be."""

    where: str
    name: str
    address: str
    candidates: Sequence[str]


@dataclass(frozen=True)
class CheckPage:
    """Everything on the page of a checked list.

    Attributes
    ----------
    good : every row was kept, and there is nothing to look at.
    by_column : column of the list -> places to look at, most first; notes left out.
    unshown : findings that the table leaves out.
    more_unlocated : rows without a place that the page leaves out.
    datum_hint : what to know about coordinates whose origin nobody stated.
    """

    file: str
    outcome: str
    sentence: str
    good: bool
    counts: Sequence[LevelCount]
    by_column: Sequence[tuple[str, int]]
    lines: Sequence[FindingLine]
    unshown: int
    unlocated: Sequence[Unlocated]
    more_unlocated: int
    columns: Sequence[tuple[str, str | None]]
    opened: Sequence[tuple[str, str]]
    datum_hint: str | None


def check_page(reading: Reading, language: Language, *, datum_known: bool) -> CheckPage:
    """Put a reading into words.

    Parameters
    ----------
    reading : of the list.
    language : the reader's.
    datum_known : whether the office said where its coordinates come from.
    """
    report = reading.report
    ordered = sorted(report.findings, key=lambda each: _ORDER.index(each.level))
    lines = [_line(each, report, language) for each in ordered[:MOST_SHOWN]]
    listed = {each.level for each in lines}
    counts = level_counts(report)
    return CheckPage(
        file=report.file,
        outcome=report.outcome,
        sentence=outcome_sentence(report, language),
        good=report.outcome == "accepted" and not counts["warning"] and not report.needs_location,
        counts=[
            LevelCount(level, LEVEL_WORDS[level].of(language), counts[level], level in listed)
            for level in _ORDER
            if counts[level]
        ],
        by_column=_by_column(report, language),
        lines=lines,
        unshown=len(ordered) - len(lines),
        unlocated=_unlocated(reading),
        more_unlocated=max(0, report.needs_location - MOST_UNLOCATED),
        columns=column_meanings(report, language),
        opened=reading_lines(report, language),
        datum_hint=None if datum_known else _datum_hint(report),
    )


def _line(finding: Finding, report: Report, language: Language) -> FindingLine:
    """Put one finding into a line."""
    return FindingLine(
        _where(finding, language),
        _columns_of(finding, report, language),
        finding.level,
        LEVEL_WORDS[finding.level].of(language),
        finding.message(language, voice="form"),
    )


def _where(finding: Finding, language: Language) -> str:
    """Say which rows a finding means: few are named, many are counted."""
    rows = finding.rows or (() if finding.row is None else (finding.row,))
    if not rows:
        return str(_("整个文件"))
    if len(rows) > _FEW_ROWS:
        return str(ngettext("%(num)s 行", "%(num)s 行", len(rows)))
    return _row(("、" if language == "zh" else ", ").join(map(str, rows)))


def _row(number: int | str) -> str:
    return str(_("第 %(row)s 行", row=number))


def _columns_of(finding: Finding, report: Report, language: Language) -> str:
    """Name the columns meant as the office calls them, else the field."""
    names = [shown(report.header[place]) for place in places_meant(finding, report)]
    if names:
        return ("、" if language == "zh" else ", ").join(names)
    return field_label(finding.field, language) if finding.field else ""


def _by_column(report: Report, language: Language) -> list[tuple[str, int]]:
    """Count what to look at by column."""
    counts: Counter[str] = Counter()
    for each in report.findings:
        if each.level != "note":
            counts[_columns_of(each, report, language)] += len(each.rows) or 1
    counts.pop("", None)
    return counts.most_common(12)


def _unlocated(reading: Reading) -> list[Unlocated]:
    """List the rows that need a location, with the places that each may be at."""
    frame, report = reading.frame, reading.report
    missing = frame[frame.geometry.isna()].head(MOST_UNLOCATED)
    candidates = {
        each.row: each.values["candidates"]
        for each in report.findings
        if "candidates" in each.values
    }
    found = []
    for row, name, address in zip(
        report.rows_unlocated, _texts(missing, "name"), _texts(missing, "address"), strict=False
    ):
        places = candidates.get(row)
        listed = places if isinstance(places, list | tuple) else []
        labels = [shown(each) for each in listed[:_MOST_CANDIDATES]]
        found.append(Unlocated(_row(row), shown(name), shown(address), labels))
    return found


def _texts(frame, column: str) -> list[str]:  # type: ignore[no-untyped-def]  # noqa: ANN001 (geopandas is untyped)
    """Give a column as texts, unknown as empty."""
    if column not in frame:
        return [""] * len(frame)
    return [each if isinstance(each, str) else "" for each in frame[column]]


def _datum_hint(report: Report) -> str | None:
    """Say what was assumed of coordinates, and whether it looks right."""
    if not report.accepted or report.needs_location == report.accepted or report.details.get("crs"):
        return None
    doubts = any(
        each.code.startswith("looks_like_") or each.code == "datum_in_header"
        for each in report.findings
    )
    if doubts:
        return str(
            _("您不知道坐标来自哪里。它们可能不是 GPS 坐标：请看“请核对”的几处，选好后再核对一次。")
        )
    return str(
        _(
            "您不知道坐标来自哪里，先按 GPS、天地图的坐标读取，没有看出不对。"
            "若取自高德、腾讯或百度地图，位置会偏几百米。"
        )
    )
