"""How values read on a page, in Chinese and English: distances, dates, beds, prices, ratings.

Pure functions of the value, the reader's language and, where age matters, the date.
Unknown has its own word; it is never 0, a dash or "no".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from geomap.model.facility import ACCEPTS, MEDICAL
from geomap.model.rating import scheme_of
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterable

BedState = Literal["free", "stale", "full", "unknown"]

#: A number of free beds older than this may be out of date.
STALE_DAYS = 30

# Where the writing of a distance changes: below 10 m, from 1 km, from 20 km; and of a count.
_NEAREST_M, _KILOMETRE_M, _WHOLE_TENTHS, _WAN = 5, 995, 200, 10_000

_UNKNOWN = Label("未知", "Not known")
_NOT_RATED = Label("未参评", "Not rated")
_YES_NO = {True: Label("是", "Yes"), False: Label("否", "No")}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_ACCEPTS_SHORT = {
    "self_care": Label("自理", "independent"),
    "partly_disabled": Label("半失能", "some help"),
    "disabled": Label("失能", "bedridden"),
    "dementia": Label("失智", "dementia"),
    "extreme_poverty": Label("特困老人", "extreme poverty"),
}


@dataclass(frozen=True)
class BedChip:
    """What is known of free beds: its look, the words that count, and the day."""

    state: BedState
    text: str
    day: str


def unknown(language: str) -> str:
    """Name the unknown.

    Examples
    --------
    >>> unknown("zh"), unknown("en")
    ('未知', 'Not known')
    """
    return _UNKNOWN.of(language)


def distance(metres: float, language: str, *, rough: bool = False) -> str:
    """Write a distance: to the nearest 10 m, then 0.1 km, from 20 km on whole kilometres.

    Parameters
    ----------
    metres : distance, at least 0.
    language : "zh" or "en".
    rough : the place is known to the township or county only; then 约 and whole kilometres.

    Returns
    -------
    The amount with its unit; the kind of distance is said by the page.

    Examples
    --------
    >>> [distance(m, "zh") for m in (3, 324, 995, 1240, 19960)]
    ['不到 10 米', '320 米', '1 公里', '1.2 公里', '20 公里']
    >>> distance(2600, "zh", rough=True), distance(324, "en")
    ('约 3 公里', '320 m')
    """
    km = Label("公里", "km").of(language)
    if rough:
        return f"{Label('约', 'about').of(language)} {max(1, _half_up(metres / 1000)):,} {km}"
    if metres < _NEAREST_M:
        return Label("不到 10 米", "less than 10 m").of(language)
    if metres < _KILOMETRE_M:
        return f"{_half_up(metres / 10) * 10} {Label('米', 'm').of(language)}"
    tenths = _half_up(metres / 100)
    if tenths >= _WHOLE_TENTHS:
        return f"{_half_up(metres / 1000):,} {km}"
    return f"{tenths // 10} {km}" if tenths % 10 == 0 else f"{tenths / 10:.1f} {km}"


def day(value: date, language: str, *, today: date) -> str:
    """Write a date; the year is left out where it is this year.

    Examples
    --------
    >>> from datetime import date
    >>> day(date(2025, 7, 1), "zh", today=date(2025, 9, 9))
    '7月1日'
    >>> day(date(2025, 7, 1), "en", today=date(2026, 1, 1))
    '1 July 2025'
    """
    same = value.year == today.year
    if language == "en":
        text = f"{value.day} {_MONTHS[value.month - 1]}"
        return text if same else f"{text} {value.year}"
    text = f"{value.month}月{value.day}日"
    return text if same else f"{value.year}年{text}"


def stated_day(text: str, language: str, *, today: date) -> str:
    """Write a date as people do; what is no single day stays as its source states it.

    Examples
    --------
    >>> from datetime import date
    >>> today = date(2025, 9, 9)
    >>> stated_day("2025-07-01", "zh", today=today), stated_day("2024", "zh", today=today)
    ('7月1日', '2024')
    """
    try:
        stated = date.fromisoformat(text)
    except ValueError:
        return text
    return day(stated, language, today=today)


def compact(number: float, language: str) -> str:
    """Write a number on a card: in Chinese from 10,000 on in 万.

    Examples
    --------
    >>> compact(9800, "zh"), compact(12345, "zh"), compact(12345, "en")
    ('9,800', '1.2 万', '12,345')
    """
    if language == "zh" and number >= _WAN:
        tenths = _half_up(number / 1000)
        return f"{tenths // 10:,} 万" if tenths % 10 == 0 else f"{tenths / 10:,.1f} 万"
    return f"{_half_up(number):,}"


def beds(
    available: int | None,
    updated: date | None,
    language: str,
    *,
    today: date,
    reachable: bool = True,
) -> BedChip:
    """Say how many beds are free and as of when.

    A number without a date, or older than `STALE_DAYS`, may be out of date.

    Parameters
    ----------
    available : free beds, or None where unknown.
    updated : the day the number was true, or None where unknown.
    language : "zh" or "en".
    today : the day of reading.
    reachable : a telephone number is known, so that one can ask.

    Examples
    --------
    >>> from datetime import date
    >>> beds(6, date(2025, 7, 1), "zh", today=date(2025, 7, 20))
    BedChip(state='free', text='空床 6 张', day='7月1日更新')
    >>> beds(None, date(2025, 7, 1), "zh", today=date(2025, 7, 20)).text
    '空床未知，请电话询问'
    """
    if available is None:
        ask = Label("空床未知，请电话询问", "Free beds not known, please call")
        no_way = Label("空床未知", "Free beds not known")
        return BedChip("unknown", (ask if reachable else no_way).of(language), "")
    if available <= 0:
        return BedChip(
            "full", Label("已住满", "Full").of(language), _as_of(updated, language, today)
        )
    count = f"{available:,}"
    word = "bed" if available == 1 else "beds"
    text = Label(f"空床 {count} 张", f"{count} free {word}").of(language)
    if updated is not None and (today - updated).days <= STALE_DAYS:
        return BedChip("free", text, _as_of(updated, language, today))
    text += Label("，可能已过时", ", may be out of date").of(language)
    return BedChip("stale", text, _as_of(updated, language, today, aged=True))


def price(low: float | None, high: float | None, language: str, *, short: bool = False) -> str:
    """Write the monthly fee as a range, a single amount, or unknown.

    Examples
    --------
    >>> price(3200, 5600, "zh"), price(3200, 5600, "en")
    ('3,200–5,600 元', '¥3,200–5,600 a month')
    >>> price(3200, None, "zh"), price(None, None, "zh")
    ('3,200 元起', '未知')
    """
    known = [each for each in (low, high) if each is not None]
    # A range in one unit: 4,700–10,000, never 4,700–1 万.
    write = compact if short and known and min(known) >= _WAN else _whole
    amounts = [write(each, language) for each in known]
    if not amounts:
        return unknown(language)
    if low is not None and high is not None:
        text = amounts[0] if low == high else "–".join(amounts)
        return Label(f"{text} 元", f"¥{text} a month").of(language)
    if high is None:
        return Label(f"{amounts[0]} 元起", f"from ¥{amounts[0]} a month").of(language)
    return Label(f"最高 {amounts[0]} 元", f"up to ¥{amounts[0]} a month").of(language)


def accepts(kinds: Iterable[str] | None, language: str, *, short: bool = False) -> str:
    """List whom a home accepts.

    Examples
    --------
    >>> accepts(["self_care", "dementia"], "zh"), accepts(None, "en")
    ('生活能自理、失智', 'Not known')
    """
    labels = _ACCEPTS_SHORT if short else ACCEPTS
    return listed(kinds, labels, language)


def listed(kinds: Iterable[str] | None, labels: dict[str, Label], language: str) -> str:
    """List the labels of a set of choices in the order of the choices; none listed is unknown."""
    chosen = set(kinds or ())
    words = [label.of(language) for kind, label in labels.items() if kind in chosen]
    return ("、" if language == "zh" else ", ").join(words) if words else unknown(language)


def medical(kind: str | None, language: str) -> str:
    """Say what medical care there is.

    Examples
    --------
    >>> medical("inhouse", "zh"), medical(None, "zh"), medical("none", "en")
    ('院内有医院或医务室', '未知', 'No medical care')
    """
    return unknown(language) if kind is None else MEDICAL[kind].of(language)


def rating(level: int | None, scheme: str | None, language: str) -> str:
    """Write a rating with its scheme; levels of different schemes do not compare.

    Nothing known is "not known"; a scheme without level is "not rated".

    Examples
    --------
    >>> rating(4, "national", "zh"), rating(3, "北京", "zh")
    ('国标四级（共五级）', '北京三星（共五星）')
    >>> rating(None, None, "zh"), rating(4, None, "en")
    ('未知', 'Level 4 (scheme not known)')
    """
    if level is None:
        return unknown(language) if scheme is None else _NOT_RATED.of(language)
    if scheme is None:
        numeral = "零一二三四五"[level]
        return Label(f"{numeral}级（标准未知）", f"Level {level} (scheme not known)").of(language)
    return scheme_of(scheme).level(level, language)


def yes_no(value: bool | None, language: str) -> str:  # noqa: FBT001 (the value itself is yes, no or unknown)
    """Write yes, no or unknown.

    Examples
    --------
    >>> yes_no(None, "zh"), yes_no(False, "zh"), yes_no(True, "en")
    ('未知', '否', 'Yes')
    """
    return unknown(language) if value is None else _YES_NO[bool(value)].of(language)


def amount(number: float | None, unit: Label | None, language: str) -> str:
    """Write a number in full with its unit.

    Examples
    --------
    >>> from geomap.model.table import Label
    >>> amount(12345, Label("张", "beds"), "zh"), amount(None, None, "en")
    ('12,345 张', 'Not known')
    """
    if number is None:
        return unknown(language)
    text = f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
    return f"{text} {unit.of(language)}" if unit else text


def text_language(text: str) -> str | None:
    """Tell the language of a name for its ``lang`` attribute; None where only digits and marks.

    Examples
    --------
    >>> [text_language(t) for t in ("颐养院", "特別養護老人ホーム", "Sunrise Villa", "2024")]
    ['zh', 'ja', 'en', None]
    """
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja"
    if re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", text) else None


def _as_of(updated: date | None, language: str, today: date, *, aged: bool = False) -> str:
    """Write the day of a number, and its age where that matters."""
    if updated is None:
        return Label("更新日期未知", "date not known").of(language)
    written = day(updated, language, today=today)
    text = Label(f"{written}更新", f"as of {written}").of(language)
    if not aged:
        return text
    days = (today - updated).days
    return text + Label(f"，已过 {days:,} 天", f", {days:,} days ago").of(language)


def _whole(number: float, _language: str) -> str:
    """Write a number in full."""
    return f"{_half_up(number):,}"


def _half_up(number: float) -> int:
    """Round half up, as people do; Python rounds half to even."""
    return math.floor(number + 0.5)
