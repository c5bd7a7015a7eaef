"""The planner's layers in an embed: read only, where the usual question is worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geomap.errors import DataError, NotFoundError, ParameterError
from geomap.web.plan.ask import Ask
from geomap.web.plan.plan_pages import desk, inputs

if TYPE_CHECKING:
    from geomap.web.embed.asked import EmbedAsk
    from geomap.web.state import Snapshot


def plan_of(ask: EmbedAsk, data: Snapshot, language: str) -> dict[str, Any] | None:
    """Write what the map draws of the usual question; None where it is not worked out.

    An embed starts no job: what takes long is worked out on the planner's page.
    """
    if not ask.layers or data.site.sample:
        return None
    from geomap.web.plan.form import View
    from geomap.web.plan.plan_map import plan_layers

    question = Ask(area=ask.query.filters.adcode or "", types=ask.query.types)
    try:
        found = desk().known(question, data.revision, inputs())
    except (DataError, NotFoundError, ParameterError):
        return None  # there are no such areas, or nothing to ask of them
    if found is None:
        return None
    drawn = plan_layers(found, question, View(), language)
    # Service areas are as heavy as the gaps, whose edges are theirs.
    hidden: dict[str, Any] = {"demand": [], "candidates": [], "notes": [], "service": []}
    if "gaps" not in ask.layers:
        hidden["gaps"] = []
    if "coverage" not in ask.layers:
        hidden["ramp"] = {**drawn["ramp"], "classes": []}
    return drawn | hidden
