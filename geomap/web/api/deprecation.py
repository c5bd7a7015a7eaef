"""What of the API is to go, and how answers announce it (RFC 9745, RFC 8594).

Nothing is removed from a version of the API. A route that another one replaces is named here at
least 12 months before it goes; its answers then say since when, until when, and what instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from werkzeug.http import http_date

from geomap.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flask import Response

NOTICE: Final = timedelta(days=365)


@dataclass(frozen=True)
class Deprecation:
    """The announcement that an operation is to go.

    Parameters
    ----------
    since, until : from which day it is not to be used, and on which it goes.
    instead : address of what is written about it.

    Raises
    ------
    ParameterError : if the notice is shorter than a year.
    """

    since: date
    until: date
    instead: str

    def __post_init__(self) -> None:
        if self.until - self.since < NOTICE:
            raise ParameterError(
                f"an operation is announced {NOTICE.days} days before it goes,"
                f" got {(self.until - self.since).days}"
            )

    def announce(self, response: Response) -> None:
        """Say it on an answer."""
        since, until = (_midnight(each) for each in (self.since, self.until))
        response.headers["Deprecation"] = f"@{int(since.timestamp())}"
        response.headers["Sunset"] = http_date(until)
        response.headers.add("Link", f'<{self.instead}>; rel="deprecation"; type="text/html"')


#: The routes that are to go, as the definition writes their paths; none so far.
DEPRECATED: Final[Mapping[str, Deprecation]] = {}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
