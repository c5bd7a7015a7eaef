"""Read dates as offices write them: ISO, Chinese, spreadsheet serials, Minguo and Japanese eras."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.data.files.values.values import Fault, Parsed, half_width
from geomap.data.files.values.words import ERAS, MONTHS
from geomap.model.table import Label

if TYPE_CHECKING:
    from datetime import date

_TIME = r"(?:[T\s].*)?"
_ERA = "|".join(ERAS)
#: Forms with named parts: y, m, d; e an era, b a month's English name.
_FORMS: tuple[str, ...] = (
    rf"(?P<y>[0-9]{{4}})\s*[-/.年]\s*(?P<m>[0-9]{{1,2}})\s*[-/.月]\s*(?P<d>[0-9]{{1,2}})日?{_TIME}",
    r"(?P<y>(?:18|19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
    r"(?P<y>[0-9]{4})\s*[-/.年]\s*(?P<m>[0-9]{1,2})月?",
    r"(?P<y>(?:18|19|20)[0-9]{2})年?",
    rf"(?P<e>{_ERA})\s*(?P<y>[0-9]{{1,3}}|元)\s*[年.\-/]\s*(?P<m>[0-9]{{1,2}})\s*(?:[月.\-/]\s*(?:(?P<d>[0-9]{{1,2}})日?)?)?",
    r"(?P<r>[0-9]{2,3})[年Y](?P<m>[0-9]{1,2})[月M](?:(?P<d>[0-9]{1,2})[日D]?)?",
    r"(?P<r>1[0-4][0-9])[./-](?P<m>[0-9]{1,2})(?:[./-](?P<d>[0-9]{1,2}))?",
    r"(?P<r>1[0-4][0-9])(?P<m>0[1-9]|1[0-2])(?P<d>[0-3][0-9])",
    r"(?P<d>[0-9]{1,2})[\s-]+(?P<b>[a-z]{3})[a-z]*\.?[\s,-]+(?P<y>[0-9]{4})",
    r"(?P<b>[a-z]{3})[a-z]*\.?\s+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>[0-9]{4})",
)
_EITHER = rf"(?P<one>[0-9]{{1,2}})[-/.](?P<two>[0-9]{{1,2}})[-/.](?P<y>[0-9]{{4}}){_TIME}"
#: Days counted by spreadsheets: 1954 to 2064, so that no other number is taken for a date.
_SERIAL = r"(?P<serial>[2-5][0-9]{4})(?:\.[0-9]+)?"
_SERIAL_START = "1899-12-30"
_EARLIEST = "1800-01-01"
_FIRST_MINGUO = 1911
_MOST_MONTHS = 12

_FORM = Label("写法不明", "form not understood")
_NO_DAY = Label("没有这一天", "there is no such day")
_FUTURE = Label("在将来", "in the future")
_EARLY = Label("早于 1800 年", "before 1800")
_ORDER = Label("月日先后不明", "day or month first?")


def parse_dates(texts: pd.Series, *, today: date, planned: bool = False) -> Parsed:
    """Read a column of dates.

    ``01/02/2025`` is read only if another cell of the column shows whether the day or the
    month stands first. A year or month alone becomes its first day, and says so.

    Parameters
    ----------
    texts : (n,) text, missing where unknown.
    today : later dates are faults.
    planned : dates to come are right here.

    Returns
    -------
    (n,) datetime64[s], NaT where missing or faulty.

    Examples
    --------
    >>> from datetime import date
    >>> cells = pd.Series(["2025年7月1日", "45839", "113年12月", "令和7年7月1日", "2025-02-30"])
    >>> parsed = parse_dates(cells, today=date(2026, 1, 1))
    >>> parsed.values.dt.strftime("%Y-%m-%d").tolist()
    ['2025-07-01', '2025-07-01', '2024-12-01', '2025-07-01', nan]
    >>> [(fault.code, fault.values["came"][fault.mask].tolist()) for fault in parsed.faults]
    [('bad_date', ['2025-02-30']), ('date_incomplete', ['113年12月'])]
    """
    parts, ambiguous = _parts(texts)
    understood = parts["y"].notna()
    whole = parts.fillna({"m": 1, "d": 1})[["y", "m", "d"]]
    days = _days(whole)
    faulty = [
        (_ORDER, ambiguous),
        (_FORM, texts.notna() & ~understood & ~ambiguous),
        (_NO_DAY, understood & days.isna()),
        (_EARLY, days < pd.Timestamp(_EARLIEST)),
        (_FUTURE, (days > pd.Timestamp(today)) & (not planned)),
    ]
    faults = [
        Fault("bad_date", mask, {"came": texts, "why": why}) for why, mask in faulty if mask.any()
    ]
    for _, mask in faulty:
        days = days.mask(mask)
    short = days.notna() & (parts["m"].isna() | parts["d"].isna())
    if short.any():
        kept = days.dt.strftime("%Y-%m-%d")
        faults.append(Fault("date_incomplete", short, {"came": texts, "expected": kept}))
    return Parsed(days.astype("datetime64[s]"), tuple(faults))


def _parts(texts: pd.Series) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Split dates into year, month and day by the first form that fits."""
    parts = pd.DataFrame(np.nan, index=texts.index, columns=["y", "m", "d"], dtype="float64")
    different = pd.Series(texts.dropna().unique(), dtype="str")
    plain = half_width(different).str.strip().str.lower()
    table = {
        text: _split(word) for text, word in zip(different.tolist(), plain.tolist(), strict=True)
    }
    either = {
        text: match
        for text, word in zip(different.tolist(), plain.tolist(), strict=True)
        if (match := re.fullmatch(_EITHER, word, re.IGNORECASE))
    }
    order = _day_first([(int(each["one"]), int(each["two"])) for each in either.values()])
    for text, match in either.items():
        if order is not None:
            month, day = (match["two"], match["one"]) if order else (match["one"], match["two"])
            table[text] = (float(match["y"]), float(month), float(day))
    for nth, name in enumerate("ymd"):
        meanings = {text: split[nth] for text, split in table.items()}
        parts[name] = texts.map(meanings).astype("float64")
    unclear = texts.isin(list(either)) & (order is None)
    return parts, unclear


def _split(word: str) -> tuple[float, float, float]:
    """Read one date; what it does not say is NaN."""
    serial = re.fullmatch(_SERIAL, word)
    if serial:
        day = pd.Timestamp(_SERIAL_START) + pd.Timedelta(days=int(serial["serial"]))
        return float(day.year), float(day.month), float(day.day)
    for form in _FORMS:
        match = re.fullmatch(form, word, re.IGNORECASE)
        if match:
            return _year(match.groupdict()), *_month_and_day(match.groupdict())
    return np.nan, np.nan, np.nan


def _year(found: dict[str, str | None]) -> float:
    """Give the Gregorian year."""
    if found.get("r"):
        return float(str(found["r"])) + _FIRST_MINGUO
    year = 1.0 if found["y"] == "元" else float(str(found["y"]))
    return year + ERAS[str(found["e"])] if found.get("e") else year


def _month_and_day(found: dict[str, str | None]) -> tuple[float, float]:
    """Give month and day, NaN where they are not stated."""
    month = MONTHS.get(str(found["b"]), np.nan) if found.get("b") else found.get("m")
    day = found.get("d")
    return (
        np.nan if month is None else float(month),
        np.nan if day is None else float(day),
    )


def _day_first(pairs: list[tuple[int, int]]) -> bool | None:
    """Tell from a whole column whether the day stands first; None if it does not show."""
    day_first = any(one > _MOST_MONTHS for one, _ in pairs)
    month_first = any(two > _MOST_MONTHS for _, two in pairs)
    return day_first if day_first != month_first else None


def _days(parts: pd.DataFrame) -> pd.Series:
    """Make days of year, month and day; NaT where there is no such day."""
    named = parts.rename(columns={"y": "year", "m": "month", "d": "day"})
    return pd.to_datetime(named, errors="coerce").astype("datetime64[s]")
