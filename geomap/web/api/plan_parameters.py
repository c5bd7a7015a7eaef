"""What the planner's verbs may be asked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import validates_schema

from geomap.model.area import LEVELS
from geomap.plan.review import WEIGHTS
from geomap.web.api.fields import (
    Query,
    limit_field,
    number,
    offset_field,
    one_of,
    types_field,
    words_field,
)
from geomap.web.plan.ask import FASTEST_MPS, LINE, MOST_MINUTES, SPEED_MPS, WALK, Ask
from geomap.web.problems import contradiction
from geomap.web.query import LARGEST_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_M, _DEFAULT_M = 100_000.0, 1_000.0


@dataclass(frozen=True)
class PlanQuery:
    """A planner's question, and which rows of the answer to give."""

    standard_m: float | None
    minutes: float | None
    speed: float
    area: str | None
    level: str | None
    type: tuple[str, ...]
    weight: str | None
    limit: int
    offset: int

    def ask(self, *, has_network: bool) -> Ask:
        """Ask it: by metres in a straight line, or by minutes along the streets.

        Raises
        ------
        ContradictionError : if it asks for minutes where there is no walking network.
        """
        walks = self.minutes is not None
        if walks and not has_network:
            raise contradiction(
                "there is no walking network here; give standard_m for a straight line", "minutes"
            )
        metres = (self.minutes or 0) * 60 * self.speed if walks else self.standard_m or _DEFAULT_M
        return Ask(
            area=self.area or "", level=self.level or "", types=self.type, rule="",
            standard_m=metres, method=WALK if walks else LINE, speed_mps=self.speed,
            weight=self.weight or "",
        )  # fmt: skip


class PlanParameters(Query):
    """Parameters of coverage, gaps and indicators."""

    result = PlanQuery
    standard_m = number(1, _LARGEST_M, "Coverage standard, straight-line metres; else 1000", None)
    minutes = number(0.1, MOST_MINUTES, "A walk along the streets instead; needs a network", None)
    speed = number(0.1, FASTEST_MPS, "Of the walk, metres a second", SPEED_MPS)
    area = words_field("Division code, or id of an area; else all", load_default=None)
    level = one_of(tuple(LEVELS), "The rows to report by")
    type = types_field()
    weight = one_of(WEIGHTS, "Whom to count; else the first that is known")
    limit = limit_field(100, LARGEST_LIMIT)
    offset = offset_field()

    @validates_schema
    def refuse_both(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a straight line and a walk at once."""
        if data.get("standard_m") is not None and data.get("minutes") is not None:
            raise contradiction("give standard_m or minutes, not both", "minutes")
