"""The report as one HTML document that stands alone: styles and pictures in it, no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from geomap.settings import static_text
from geomap.web.language import current_language
from geomap.web.plan.ask import settled
from geomap.web.plan.form import View
from geomap.web.plan.measures import MEASURES
from geomap.web.plan.page import Writer, clause
from geomap.web.plan.working import with_beds
from geomap.web.report import methods, written
from geomap.web.report.comparison import then_and_now
from geomap.web.report.scenario_part import scenario_part
from geomap.web.report.siting_part import siting_part
from geomap.web.report.wordings import standard_text
from geomap.web.report.written import Told
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geomap.model.standards import RulePack
    from geomap.plan.review import PlanReview
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.report.comparison import Comparison
    from geomap.web.report.scenario_part import ScenarioAnswer
    from geomap.web.report.siting_part import SitingAnswer

_STYLES: Final = ("css/tokens.css", "css/alone.css", "css/report.css", "css/report_tables.css")


def report_file(  # noqa: PLR0913 (everything that a report says)
    ask: Ask,
    review: PlanReview,
    inputs: PlanInputs,
    packs: Mapping[str, RulePack],
    *,
    made_on: date,
    show: str = "share",
    by: str = "",
    comparison: Comparison | None = None,
    siting: SitingAnswer | None = None,
    scenario: ScenarioAnswer | None = None,
) -> str:
    """Write a report, in the language of the current request.

    Parameters
    ----------
    ask, review, inputs : the question, its answer, and the data it stands on.
    packs : the standards.
    made_on : the day that stands on it; nothing else in it depends on the clock.
    show : the measure of the map and of the first chart; another where nothing is known of it.
    by : who made it.
    comparison : with an earlier state.
    siting, scenario : a siting question and a scenario that were worked out on the same data.
    """
    language = current_language()
    show = _shown(show, review)
    ask = settled(ask, packs)
    names = snapshot().divisions
    writer = Writer(review, ask, View(show=show), language, names)
    told = Told(ask, review, inputs, writer, names, language, made_on, show, by, comparison)
    page = _page(told, packs) | _plans(told, siting, scenario)
    page["parts"] = _parts(page)
    document: str = render_template(
        "plan_report_file.html",
        report=page,
        styles=Markup("\n".join(map(static_text, _STYLES))),  # noqa: S704 (our own styles)
    )
    return document


def _shown(show: str, review: PlanReview) -> str:
    """Choose the measure that is shown: the asked one, else the first that anything is known of."""
    wanted = [each for each in (show, "share", "gap_share") if each in MEASURES]
    known = [each for each in wanted if np.isfinite(MEASURES[each].values(review.areas)).any()]
    return known[0] if known else "share"


def _page(told: Told, packs: Mapping[str, RulePack]) -> dict[str, Any]:
    """Put everything that the document says together."""
    ask, writer, review = told.ask, told.writer, told.review
    pack = with_beds(packs, ask).get(ask.pack)
    rule_pack, _dot, key = ask.rule.partition(".")
    rule = packs[rule_pack].rule(key) if key else None
    page: dict[str, Any] = {
        "place": told.place, "cover": written.cover(told), "by": told.by,
        "standard": standard_text(review.question), "made_on": told.day(told.made_on),
        "clause": None if rule is None else clause(rule, told.language),
        "rule": None if rule is None else rule.label.of(told.language),
        "synthetic": any(e.synthetic for e in told.inputs.published.layers.values()),
        "sample": told.inputs.folder is None,
        "figure": writer.figure(), "key": written.key_figures(told), "maps": written.maps(told),
        "charts": written.charts(told), "curve": written.curve(told), "table": writer.table(),
        "gaps": written.gaps(told), "far": writer.far(), "unbuilt": written.unbuilt(told),
        "indicators": writer.indicators(),
        "by_area": written.indicator_tables(told), "rows": len(review.areas),
        "most": written.MOST_ROWS, "claims": writer.claims(), "lists": writer.facilities(),
        "pack": None if pack is None else pack.label.of(told.language),
        "verdicts": [] if pack is None else writer.verdicts(pack),
        "comparison": told.comparison, "since": _since(told), "cut": writer.cut(),
        "methods": methods.methods(review), "caveats": written.caveats(told),
        "sources": written.sources(told), "program": written.program(),
    }  # fmt: skip
    return page


def _plans(
    told: Told, siting: SitingAnswer | None, scenario: ScenarioAnswer | None
) -> dict[str, Any]:
    """Write what is planned: new sites, and a scenario."""
    language, inputs = told.language, told.inputs
    return {
        "siting": None if siting is None else siting_part(siting, inputs, language),
        "scenario": None if scenario is None
        else scenario_part(scenario, inputs, snapshot(), told.names, language),
    }  # fmt: skip


def _since(told: Told) -> list[dict[str, str]]:
    """Write the key figures then and now."""
    asked = told.comparison
    return [] if asked is None or asked.then is None else then_and_now(asked.then, told.review)


def _parts(page: Mapping[str, Any]) -> dict[str, str]:
    """Name the parts of the report in their order; those with nothing to say are left out."""
    parts = {
        "summary": (_("结论"), True),
        "maps": (_("地图"), bool(page["maps"])),
        "charts": (_("图表"), bool(page["charts"] or page["curve"])),
        "areas": (_("各地区"), bool(page["table"]["rows"])),
        "gaps": (_("空白区"), bool(page["gaps"]["rows"])),
        "far": (_("建了但够不到"), True),
        "indicators": (_("各项指标"), bool(page["indicators"])),
        "standards": (_("对照标准"), bool(page["verdicts"])),
        "claims": (_("公布的数字，核对"), bool(page["claims"])),
        "siting": (_("下一家建在哪里"), page["siting"] is not None),
        "scenario": (_("如果这样改"), page["scenario"] is not None),
        "changes": (_("变化"), page["comparison"] is not None),
        "lists": (_("要办的事"), bool(page["lists"])),
        "methods": (_("方法和局限"), True),
        "sources": (_("数据来源"), True),
    }
    there = [key for key, (_name, wanted) in parts.items() if wanted]
    return {key: f"{number} {parts[key][0]}" for number, key in enumerate(there, 1)}
