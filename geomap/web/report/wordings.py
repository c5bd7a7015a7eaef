"""Sentences that several parts of a report say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from flask_babel import gettext as _

if TYPE_CHECKING:
    from geomap.plan.review import Question


class Walking(Protocol):
    """A question that says whether the way is along the streets, and how fast."""

    @property
    def walks(self) -> bool:
        """Whether it is along the streets."""

    @property
    def speed_mps(self) -> float:
        """The pace."""


def standard_text(asked: Question) -> str:
    """Say the standard of a review in a line."""
    return _standard(asked.reach_m, asked.speed_mps if asked.minutes is not None else None)


def straight_or_walk(metres: float, asked: Walking) -> str:
    """Say a standard in a line, as a question measures it."""
    return _standard(metres, asked.speed_mps if asked.walks else None)


def _standard(metres: float, speed_mps: float | None) -> str:
    """Say metres in a straight line, or along the streets at a pace."""
    if speed_mps is None:
        return str(_("直线 %(n)s 米", n=f"{metres:,.0f}"))
    said = _("沿街道走 %(n)s 米（约 %(minutes)s 分钟，每秒 %(speed)s 米）") % {
        "n": f"{metres:,.0f}", "minutes": f"{math.ceil(metres / speed_mps / 60 - 1e-9)}",
        "speed": f"{speed_mps:g}",
    }  # fmt: skip
    return str(said)
