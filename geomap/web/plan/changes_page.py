"""What changed between two dated states, for the planner's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from flask_babel import gettext as _

from geomap.data.history import dated_states, read_state
from geomap.model.facility import TYPES
from geomap.plan.changes import COLUMNS, KINDS, changes
from geomap.plan.placing import place
from geomap.web.language import page_url

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from geomap.web.plan.ask import Ask
    from geomap.web.plan.form import View
    from geomap.web.plan.inputs import PlanInputs

_MOST_LISTED = 20


@dataclass(frozen=True)
class Changes:
    """Two days, what changed between them, and what else may be chosen; rows None without two."""

    days: list[tuple[str, str]] = field(default_factory=list)
    since: str = ""
    until: str = ""
    groups: list[dict[str, Any]] = field(default_factory=list)
    rows: gpd.GeoDataFrame | None = None


def changes_page(
    folder: Path | None, inputs: PlanInputs, ask: Ask, view: View, language: str
) -> Changes:
    """Compare two states of the facilities in the asked area; the last two where none are named."""
    states = dated_states(folder)
    if folder is None or len(states) < 2:  # noqa: PLR2004 (two to compare)
        return Changes()
    by_name = {each.name: each for each in states}
    until = by_name.get(view.until, states[0])
    since = by_name.get(view.since, states[min(states.index(until) + 1, len(states) - 1)])
    if since.revision > until.revision:
        since, until = until, since
    read = (read_state(folder, each, columns=COLUMNS) for each in (since, until))
    found = changes(*(_chosen(each, inputs, ask) for each in read))
    return Changes(
        [(each.name, each.day) for each in states], since.name, until.name,
        [_group(kind, found, language) for kind in KINDS], found,
    )  # fmt: skip


def _chosen(frame: gpd.GeoDataFrame, inputs: PlanInputs, ask: Ask) -> gpd.GeoDataFrame:
    """Keep the asked types, in the asked area."""
    if ask.types:
        frame = frame[frame["type"].isin(ask.types)]
    if not ask.area:
        return frame
    inside = ~place(frame, inputs.scope(ask).areas).nowhere
    return frame[inside]


def _group(kind: str, found: gpd.GeoDataFrame, language: str) -> dict[str, Any]:
    words = {
        "opened": _("新开"), "closed": _("停办"), "beds": _("床位变化"), "rating": _("评级变化"),
        "listed": _("列入关注名单"), "delisted": _("移出关注名单"),
    }  # fmt: skip
    rows = found[found["kind"] == kind]
    net = float(np.nansum(rows["now"] - rows["was"])) if kind == "beds" else 0.0
    return {
        "kind": kind, "label": words[kind], "count": len(rows), "net": net,
        "rows": [
            {"name": str(row["name"]), "type": TYPES[row["type"]].of(language),
             "was": _shown(row["was"]), "now": _shown(row["now"]),
             "href": None if kind == "closed"
             else page_url("pages.facility", facility_id=row["id"])}
            for row in rows.head(_MOST_LISTED).to_dict("records")
        ],
        "more": max(0, len(rows) - _MOST_LISTED),
    }  # fmt: skip


def _shown(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else ""
