"""The planner's layers in an embed: read only, light, where the usual question is worked out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import DataError, NotFoundError, ParameterError
from geomap.web.plan.ask import Ask
from geomap.web.plan.plan_pages import desk, inputs

if TYPE_CHECKING:
    from geomap.plan.review import PlanReview
    from geomap.web.embed.asked import EmbedAsk
    from geomap.web.state import Snapshot

#: More areas than these cannot be told apart in a frame: they are joined to cities, or provinces.
_MOST_AREAS: Final = 250


def plan_of(ask: EmbedAsk, data: Snapshot, language: str) -> dict[str, Any] | None:
    """Write what the map draws of the usual question; None where it is not worked out.

    An embed starts no job: what takes long is worked out on the planner's page, or ahead.
    """
    if not ask.layers or data.site.sample:
        return None
    from geomap.web.plan.plan_map import MOST_GAPS, light_layers

    question = Ask(area=ask.query.filters.adcode or "", types=ask.query.types)
    kept, name = desk().drawings, f"{data.revision} {language} {ask.layers} {question}"
    drawn: dict[str, Any] | None = kept.get(name)
    # One drawing serves whatever else is chosen; only how many facilities that leaves differs.
    count = {"facilities": int(ask.query.selection.mask(data.columns).sum())}
    if drawn is not None:
        return drawn | count
    most = MOST_GAPS + 1  # whether there are more is said
    try:
        found = desk().shown(question, data.revision, inputs(), ask.layers, most_gaps=most)
    except (DataError, NotFoundError, ParameterError):
        return None  # there are no such areas, or nothing to ask of them
    if found is None:
        return None
    drawn = light_layers(
        _joined(found, data), question, language,
        gaps="gaps" in ask.layers, coverage="coverage" in ask.layers,
    )  # fmt: skip
    kept.put(name, drawn)
    return drawn | count


def _joined(found: PlanReview, data: Snapshot) -> PlanReview:
    """Join the areas of an answer to cities, or provinces, where they are too many."""
    from geomap.web.plan.joined import joined_by_code

    if len(found.areas) <= _MOST_AREAS:
        return found
    codes = found.areas["adcode"].dropna().astype("str")
    digits = 4 if codes.str[:4].nunique() <= _MOST_AREAS else 2
    return replace(found, areas=joined_by_code(found.areas, digits, data.divisions))
