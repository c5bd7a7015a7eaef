"""What a report of the command line holds besides: new sites, and a scenario."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geomap.errors import NotFoundError
from geomap.web.report.asked import judging
from geomap.web.report.chosen import read_site
from geomap.web.report.scenario_part import ScenarioAnswer
from geomap.web.report.siting_part import SitingAnswer
from geomap.web.scenarios.shelf import shelf

if TYPE_CHECKING:
    from geomap.model.scenario import Scenario
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.siting.ask import SiteAsk

#: The choice of sites has so many seconds, however little is left.
_LEAST_S = 1.0


@dataclass(frozen=True)
class Plans:
    """A siting question and a scenario, as a command names them; None where it names none."""

    site: SiteAsk | None
    scenario: Scenario | None

    @classmethod
    def read(cls, site: str, scenario: str, ask: Ask) -> Plans:
        """Read what is asked beside a question whose rule is settled.

        Raises
        ------
        ParameterError, NotFoundError : naming what cannot be asked, or is not there.
        """
        return cls(
            read_site(site, ask) if site else None, scenario_of(scenario) if scenario else None
        )

    def work_out(
        self, ask: Ask, inputs: PlanInputs, end: float
    ) -> tuple[SitingAnswer | None, ScenarioAnswer | None]:
        """Work it out, until a time of the monotonic clock; what it cuts a scenario names.

        Raises
        ------
        GeomapError : if it cannot be asked of these data.
        """
        siting = None if self.site is None else _sited(self.site, inputs, end)
        return siting, None if self.scenario is None else _judged(self.scenario, ask, inputs, end)


def scenario_of(named: str) -> Scenario:
    """Find a scenario by its id, else by its name.

    Raises
    ------
    NotFoundError : if there is none, or several have the name.
    """
    kept = shelf().all()
    found = [each for each in kept if each.id == named] or [e for e in kept if e.name == named]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(f"{each.id} ({each.name})" for each in found or kept[:20])
    raise NotFoundError(
        f"there is no one scenario {named!r}; there are {ids or 'none'}",
        zh=f"没有唯一的方案 {named!r}；有：{ids or '没有方案'}",
    )


def cut_of(answer: ScenarioAnswer | None) -> list[str]:
    """Name what of a scenario the time budget left out."""
    from geomap.web.scenarios.answer_page import EffectWriter

    return [] if answer is None else EffectWriter(answer.effect.told, answer.ask, "").cut()


def _sited(ask: SiteAsk, inputs: PlanInputs, end: float) -> SitingAnswer:
    """Choose the sites."""
    from geomap.web.siting.document import document, spots
    from geomap.web.siting.working import work_out

    left = max(_LEAST_S, end - time.monotonic())
    ask = replace(ask, time_limit_s=min(ask.time_limit_s, left))
    solved = work_out(ask, inputs)
    return SitingAnswer(ask, document(solved), spots(solved))


def _judged(scenario: Scenario, ask: Ask, inputs: PlanInputs, end: float) -> ScenarioAnswer:
    """Work out what a scenario changes."""
    from geomap.web.scenarios.document import written
    from geomap.web.scenarios.working import weight_of, work_out

    asked = judging(ask)
    effect = work_out(asked, scenario.changes, inputs, out_of_time=lambda: time.monotonic() > end)
    return ScenarioAnswer(scenario, asked, written(effect, asked, weight_of(asked, inputs)))
