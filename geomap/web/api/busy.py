"""Too many calculations wait: who asks for one more is asked to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import TooManyRequests

from geomap.web.plan.ways_on import BUSY_S

if TYPE_CHECKING:
    from geomap.data.jobs import BusyError


def too_many(error: BusyError) -> TooManyRequests:
    """Make the refusal of one calculation too many: 429, and when to come back."""
    return TooManyRequests(error.said("en"), retry_after=BUSY_S)
