"""What an answer on foot cannot tell: where the streets end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

if TYPE_CHECKING:
    from geomap.plan.review import PlanReview


def beyond_streets(found: PlanReview) -> list[str]:
    """Tell of the people and areas that the streets know nothing of."""
    people = found.counts.get("people_off_network", 0)
    areas = found.counts.get("areas_off_network", 0)
    lines = []
    if people:
        lines.append(
            _("另有 %(people)s 人附近没有路网数据，够不够得到未知，没有算进去。",
              people=f"{people:,}")
        )  # fmt: skip
    if areas:
        lines.append(_("%(n)s 个地区没有路网数据，走不走得到未知，没有算进去。", n=f"{areas:,}"))
    return lines
