"""Reports at regular times: since when each compares, and what its file is called."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomap.data.history import DatedState

_MONTHS: Final = 12
_NOT_IN_NAMES: Final = re.compile(r"[^\w-]+")
_LONGEST: Final = 60


class Period(StrEnum):
    """How often a report is made; bimonthly is every two months."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    bimonthly = "bimonthly"


def start_of(period: Period, day: date) -> date:
    """Tell since when a report of a day compares: one period before it.

    Examples
    --------
    >>> [start_of(each, date(2026, 3, 31)).isoformat() for each in Period]
    ['2026-03-30', '2026-03-24', '2026-02-28', '2026-01-31']
    """
    if period is Period.daily:
        return day - timedelta(days=1)
    if period is Period.weekly:
        return day - timedelta(days=7)
    months = day.year * _MONTHS + day.month - 1 - (1 if period is Period.monthly else 2)
    year, month = divmod(months, _MONTHS)
    first = date(year, month + 1, 1)
    length = (date(year + (month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1) - first).days
    return first.replace(day=min(day.day, length))


def state_of(states: Sequence[DatedState], day: date) -> DatedState | None:
    """Choose the state that held on a day: the newest of that day or before, else the oldest.

    Parameters
    ----------
    states : the newest first.

    Returns
    -------
    None where there are no states.
    """
    held = [each for each in states if each.day <= day.isoformat()]
    return held[0] if held else (states[-1] if states else None)


def report_name(area: str, day: date, ending: str = ".html") -> str:
    """Name a report's file: the same for the same area and day, so that it is written over.

    Examples
    --------
    >>> report_name("310106", date(2026, 3, 1)), report_name("", date(2026, 3, 1))
    ('report-310106-2026-03-01.html', 'report-all-2026-03-01.html')
    >>> report_name("../x y", date(2026, 3, 1), ".pdf")
    'report-x_y-2026-03-01.pdf'
    """
    plain = _NOT_IN_NAMES.sub("_", area).strip("_")[:_LONGEST]
    return f"report-{plain or 'all'}-{day.isoformat()}{ending}"
