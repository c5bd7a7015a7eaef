"""What a report on the web is to hold besides: what may be chosen, and what was worked out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _

from geomap.web.language import page_url
from geomap.web.plan.ask import Ask
from geomap.web.report.chosen import read_site, site_query
from geomap.web.report.scenario_part import ScenarioAnswer
from geomap.web.report.siting_part import SitingAnswer
from geomap.web.report.wordings import straight_or_walk
from geomap.web.scenarios.ask import question
from geomap.web.scenarios.shelf import shelf
from geomap.web.scenarios.working import answer as scenario_answer
from geomap.web.siting.ask import SiteAsk
from geomap.web.siting.site_form import model_words
from geomap.web.siting.working import asked_of, result_of, spots_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.model.scenario import Scenario
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.plan.working import PlanDesk

_MOST_OFFERED: Final = 20


@dataclass(frozen=True)
class Besides:
    """What else a report is asked to hold.

    Parameters
    ----------
    site : a siting question; None where none is.
    scenario : a scenario; None where none is.
    """

    site: SiteAsk | None = None
    scenario: Scenario | None = None

    def parameters(self) -> dict[str, str]:
        """Write it as parameters of the report's address."""
        site = {} if self.site is None else {"site": site_query(self.site)}
        return site | ({} if self.scenario is None else {"scenario": self.scenario.id})


@dataclass(frozen=True)
class Found:
    """The answers of what else is asked, or the page that works the first of them out."""

    siting: SitingAnswer | None = None
    scenario: ScenarioAnswer | None = None
    address: str = ""


def read_besides(args: Mapping[str, str], ask: Ask) -> Besides:
    """Read what else is asked.

    Raises
    ------
    ParameterError : if the siting question cannot be asked.
    NotFoundError : if there is no such scenario.
    """
    site, scenario = args.get("site", ""), args.get("scenario", "")
    return Besides(
        read_site(site, ask) if site else None, shelf().store.get(scenario) if scenario else None
    )


def find(desk: PlanDesk, besides: Besides, ask: Ask, revision: str, inputs: PlanInputs) -> Found:
    """Give the answers; where one is not worked out yet, lead to the page that does it.

    Raises
    ------
    BusyError : if too much waits already.
    ParameterError, NotFoundError, DataError : if a scenario cannot be judged by this question.
    """
    siting = scenario = None
    if besides.site is not None:
        told = result_of(desk, besides.site, revision)
        if told is None:
            own = {**besides.site.parameters(), "go": "1"}
            return Found(address=page_url("site_pages.site", **own))
        siting = SitingAnswer(besides.site, told, spots_of(desk, besides.site, revision))
    if besides.scenario is not None:
        judged = judging(ask)
        effect = scenario_answer(desk, judged, besides.scenario, revision, inputs).effect
        if effect is None:
            own = question(judged)
            there = page_url("scenario_pages.scenario", number=besides.scenario.id, **own)
            return Found(address=there)
        scenario = ScenarioAnswer(besides.scenario, judged, effect)
    return Found(siting, scenario)


def judging(ask: Ask) -> Ask:
    """Give what of a report's question judges a scenario: not the rules that areas are held to."""
    usual = Ask()
    return replace(ask, rule="", pack=usual.pack, beds=usual.beds)


def offered(
    desk: PlanDesk, besides: Besides, revision: str, areas: Mapping[str, str]
) -> dict[str, list[tuple[str, str, bool]]]:
    """List what may be chosen: value, words, and whether it is chosen.

    Parameters
    ----------
    areas : names of areas by their code or id.
    """
    asks = dict.fromkeys([*([besides.site] if besides.site else []), *worked_out(desk, revision)])
    own = None if besides.scenario is None else besides.scenario.id
    return {
        "sites": [(site_query(each), described(each, areas), each == besides.site)
                  for each in asks],
        "scenarios": [(each.id, each.name, each.id == own) for each in shelf().all()],
    }  # fmt: skip


def worked_out(desk: PlanDesk, revision: str) -> list[SiteAsk]:
    """List the siting questions that were worked out on what is published, the newest first."""
    found: list[SiteAsk] = []
    for job in desk.jobs.all():
        asked: dict[str, Any] = desk.jobs.asked(job.id) if job.state == "done" else {}
        if "site" not in asked or asked.get("revision") != revision:
            continue
        ask = SiteAsk.from_dict(asked["site"])
        if desk.jobs.id_of(asked_of(ask, revision)) == job.id:  # else of an earlier form
            found.append(ask)
    return found[:_MOST_OFFERED]


def described(ask: SiteAsk, areas: Mapping[str, str]) -> str:
    """Say a siting question in a line."""
    parts = [model_words()[ask.model][0]]
    if ask.number is not None and ask.model != "lscp":
        parts.append(str(_("%(n)s 处", n=f"{ask.number:,}")))
    if ask.standard_m is not None and not ask.by_type:
        parts.append(straight_or_walk(ask.standard_m, ask))
    parts.append(areas.get(ask.area, ask.area) or str(_("全部")))
    return str(_("，")).join(map(str, parts))
