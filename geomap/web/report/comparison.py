"""What changed since a day: the list of changes, and the key figures then and now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from flask_babel import gettext as _

from geomap.data.history import dated_states, read_state
from geomap.web.language import current_language
from geomap.web.plan.changes_page import Changes, changes_page
from geomap.web.plan.form import View
from geomap.web.plan.measures import number_text
from geomap.web.plan.working import work_out
from geomap.web.report.periods import state_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geomap.data.history import DatedState
    from geomap.model.standards import RulePack
    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs

_STEPS: Final = ("coverage", "indicators")
_PER_CENT = 100


@dataclass(frozen=True)
class Comparison:
    """What a report says of the time since a day.

    Parameters
    ----------
    since : the day that was asked for.
    state : what it is compared with; None where nothing else is kept.
    unchanged : what held on that day holds still: nothing was published since.
    changes : of the facilities, by kind.
    then : the key figures as of that state.
    """

    since: date
    state: DatedState | None
    changes: Changes = field(default_factory=Changes)
    then: PlanReview | None = None
    unchanged: bool = False

    @property
    def is_later(self) -> bool:
        """Whether nothing that old is kept, so that a younger state is compared with."""
        return self.state is not None and self.state.day > self.since.isoformat()


def compare(
    ask: Ask,
    inputs: PlanInputs,
    packs: Mapping[str, RulePack],
    *,
    since: date,
    figures: bool = True,
) -> Comparison:
    """Compare what is published with the state that held on a day.

    Parameters
    ----------
    figures : work the key figures of that state out too.

    Raises
    ------
    DataError, NotFoundError : if that state's file is missing or damaged.
    """
    states = dated_states(inputs.folder)
    state = state_of(states, since)
    if inputs.folder is None or state is None or state == states[0]:
        held = state is not None and state.day <= since.isoformat()
        return Comparison(since, None, unchanged=held)
    view = View(since=state.name, until=states[0].name)
    changes = changes_page(inputs.folder, inputs, ask, view, current_language())
    before = replace(inputs, held=read_state(inputs.folder, state))
    then = work_out(ask, before, packs, steps=_STEPS) if figures else None
    return Comparison(since, state, changes, then)


def then_and_now(then: PlanReview, now: PlanReview) -> list[dict[str, str]]:
    """Write the key figures of two states, and their difference."""
    rows: list[tuple[str, Any, str]] = [
        (_("在营机构"), lambda r: r.counts.get("inside", np.nan), ""),
        (_("床位"), lambda r: _first(r, "beds"), ""),
        (_("每千人床位"), lambda r: _first(r, "beds_per_1000"), ""),
        (_("够得到的人"), lambda r: round(r.covered) if np.isfinite(r.covered) else np.nan, ""),
        (_("够不到的人"), lambda r: round(r.uncovered) if np.isfinite(r.uncovered) else np.nan, ""),
        (_("够得到的人占比"), lambda r: r.share * _PER_CENT, "%"),
    ]
    found = []
    for label, value, unit in rows:
        was, is_now = float(value(then)), float(value(now))
        if np.isfinite(was) or np.isfinite(is_now):
            found.append({
                "label": str(label), "was": _shown(was, unit), "now": _shown(is_now, unit),
                "change": _difference(is_now - was, unit),
            })  # fmt: skip
    return found


def _first(found: PlanReview, column: str) -> float:
    return float(found.whole[column].iloc[0]) if column in found.whole else float("nan")


def _shown(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return str(_("未知"))
    return f"{value:.1f}{unit}" if unit else number_text(value)


def _difference(value: float, unit: str) -> str:
    """Write a difference with its sign; shares differ by percentage points."""
    if not np.isfinite(value):
        return ""
    if unit:
        return str(_("%(n)s 个百分点", n=f"{value:+.1f}"))
    return "0" if value == 0 else ("+" if value > 0 else "−") + number_text(abs(value))
