"""The parameter ``datetime``: a moment or an interval, open at either end (RFC 3339)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?",
    re.ASCII,
)
_OPEN: Final = ("", "..")
_YEAR: Final = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY: Final = (
    rf"{_YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|02-29)"
)
_TIME: Final = (
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_ONE: Final = f"{_DAY}(?:{_TIME})?"
#: What is taken, for the definition: it cannot say in which years February has 29 days, nor that
#: an interval begins before it ends.
PATTERN: Final = f"^(?:{_ONE}|{_ONE}/(?:{_ONE}|\\.\\.)?|(?:\\.\\.)?/{_ONE})$"
_FORMS: Final = (
    "must be a day such as 2026-01-31, a time such as 2026-01-31T00:00:00Z, or an interval of two"
    " with / between them, .. for an open end"
)


@dataclass(frozen=True)
class Days:
    """The first and the last day that are asked for, both included; None is open."""

    first: date | None
    last: date | None

    def hold(self, days: pd.Series) -> NDArray[np.bool_]:
        """Mark the days among these, and those that are not known.

        What has no time matches any: 17-069r4, /req/core/fc-time-response C.
        """
        import pandas as pd

        mask = np.ones(len(days), dtype=bool)
        if self.first is not None:
            mask &= np.asarray(days >= pd.Timestamp(self.first), dtype=bool)
        if self.last is not None:
            mask &= np.asarray(days <= pd.Timestamp(self.last), dtype=bool)
        mask |= np.asarray(days.isna(), dtype=bool)
        return mask


def read_days(text: str) -> Days:
    """Read the parameter; a time stands for its day (UTC).

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> read_days("2026-01-31/..")
    Days(first=datetime.date(2026, 1, 31), last=None)
    >>> read_days("2026-01-31T23:30:00-02:00").last
    datetime.date(2026, 2, 1)
    """
    parts = text.split("/")
    if len(parts) == 1:
        moment = _day(text)
        return Days(moment, moment)
    if len(parts) != 2 or all(each in _OPEN for each in parts):  # noqa: PLR2004 (from, to)
        raise ValueError(f"{_FORMS}, got {text[:60]!r}")
    first, last = (None if each in _OPEN else _day(each) for each in parts)
    if first is not None and last is not None and first > last:
        raise ValueError(f"must begin before it ends, got {text[:60]!r}")
    return Days(first, last)


def _day(text: str) -> date:
    """Read a day, or the day of a time."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{_FORMS}, got {text[:60]!r}")
    try:
        if "T" not in text.upper():
            return date.fromisoformat(text)
        return datetime.fromisoformat(text.upper()).astimezone(UTC).date()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{_FORMS}, got {text[:60]!r}") from error
