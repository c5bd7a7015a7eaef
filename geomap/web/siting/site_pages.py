"""The pages of siting: form and answer, the job, the map, downloads. They work without scripts."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request, send_file
from flask_babel import gettext as _

from geomap.data.export import export_frame
from geomap.data.jobs import BusyError
from geomap.data.temporary import private_folder
from geomap.errors import NotFoundError
from geomap.maps.page import ELEMENT_ID, STYLES
from geomap.model.crs import GEOGRAPHIC
from geomap.web.language import current_language, own_arguments, page_url
from geomap.web.maps.map import map_scripts
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.plan.ways_on import (
    REFRESH_S,
    ask_again,
    own_question,
    script_answer,
    see_other,
    turned_away,
)
from geomap.web.report.chosen import report_of_site
from geomap.web.scenarios.shelf import may_change
from geomap.web.security import sent_from_elsewhere
from geomap.web.siting.answer_page import SiteWriter
from geomap.web.siting.ask import DEMAND, SiteAsk
from geomap.web.siting.site_form import SiteForm, read_site_form, site_choices, told_faults
from geomap.web.siting.working import fraction_done, refusal_of, result_of, spots_of, start
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.data.job_state import Job

site_pages = APIBlueprint("site_pages", __name__, enable_openapi=False)
site_pages.after_request(ask_again)

_KINDS: Final = (".csv", ".xlsx", ".gpkg", ".geojson")
_SCRIPTS: Final = ("js/plan-layers.js", "js/site-map.js")


@site_pages.get("/plan/site")
def site() -> Response:
    """Show the form, and the answer to what the address asks."""
    form = read_site_form(request.args)
    if not form.asked:
        return _page(form, None, {})
    if form.ask is None:
        return _page(form, None, {}, status=400)
    found = result_of(desk(), form.ask, snapshot().revision)
    if found is not None:
        return _page(form, found, {})
    if faults := told_faults(form.ask, inputs()) or _refused(form.ask):
        return _page(form, None, faults, status=400)
    try:
        job = start(desk(), form.ask, snapshot().revision)
    except BusyError as error:
        raise turned_away(error) from error
    return see_other(page_url("site_pages.site_job", number=job.id, **own_question()))


@site_pages.get("/plan/site/jobs/<number>")
def site_job(number: str) -> Response:
    """Show how far a job is; when it is done, go to what it found."""
    return _job(number, "plan_job.html")


@site_pages.get("/plan/site/jobs/<number>/part")
def site_job_part(number: str) -> Response:
    """Give the part of a job's page that changes, for its script."""
    return _job(number, "plan_job_part.html")


@site_pages.post("/plan/site/jobs/<number>/cancel")
def cancel_site(number: str) -> Response:
    """End a job."""
    if not sent_from_elsewhere():
        desk().jobs.cancel(number)
    return see_other(page_url("site_pages.site_job", number=number, **own_arguments()))


@site_pages.get("/plan/site/map")
def site_map() -> str:
    """Show the map of an answer: alone, or as a part of the page."""
    given: dict[str, Any] = {**own_arguments(), "lang": [current_language()]}
    return render_template(
        "map.html", title=_("下一家建在哪里"), element_id=ELEMENT_ID, styles=STYLES,
        scripts=(*map_scripts(), *_SCRIPTS),
        script_src=page_url("site_pages.site_map_script", **given),
    )  # fmt: skip


@site_pages.get("/plan/site/map/script.js")
def site_map_script() -> Response:
    """Give folium's script for the same question."""
    from geomap.web.siting.site_map import site_script

    ask, found = _answered()
    spots = spots_of(desk(), ask, snapshot().revision)
    text = site_script(found, spots, ask, snapshot(), current_language())
    return script_answer(text)


@site_pages.get("/plan/site/sites.<kind>")
def download_sites(kind: str) -> Response:
    """Give the chosen sites as a file."""
    import geopandas as gpd

    ending = f".{kind}"
    if ending not in _KINDS:
        raise NotFoundError(f"no file is written as {ending}")
    _ask, found = _answered()
    frame = gpd.GeoDataFrame.from_features(found, crs=GEOGRAPHIC)
    with private_folder() as folder:
        path = folder / f"sites{ending}"
        export_frame(frame, path, name="sites")
        content = path.read_bytes()
    return send_file(BytesIO(content), as_attachment=True, download_name=f"geomap-sites{ending}")


def _refused(ask: SiteAsk) -> dict[str, str]:
    """Tell what only the solver found out cannot be, at its field."""
    refusal = refusal_of(desk(), ask, snapshot().revision)
    return {} if refusal is None else {refusal[0]: refusal[1].said(current_language())}


def _answered() -> tuple[SiteAsk, dict[str, Any]]:
    """Give the question of the address and its answer, which was worked out before."""
    form = read_site_form(request.args)
    found = None if form.ask is None else result_of(desk(), form.ask, snapshot().revision)
    if form.ask is None or found is None:
        raise NotFoundError(
            "this question is not worked out: ask it on /plan/site first",
            zh="这个问题还没有算过：请先在选址页上算一次",
        )
    return form.ask, found


def _job(number: str, template: str) -> Response:
    """Write how far a job is; where it is done, lead to what it found."""
    found, own = desk().jobs.find(number), own_arguments()
    back = own_question()
    ask = SiteAsk.from_dict(desk().jobs.asked(number).get("site", {}))
    if found.state == "done" or _refused(ask):
        return see_other(page_url("site_pages.site", **back))
    if found.ended:
        back.pop("go", None)  # the form, to ask otherwise
    page = {
        "job": found, "steps": _steps(found, ask), "best": _best(found, ask),
        "back": page_url("site_pages.site", **back),
        "cancel": page_url("site_pages.cancel_site", number=number, **own),
        "part": page_url("site_pages.site_job_part", number=number, **own),
    }  # fmt: skip
    return make_response(render_template(template, page=page, refresh=REFRESH_S))


def _steps(found: Job, ask: SiteAsk) -> dict[str, Any]:
    """Write how far a job is."""
    words = {"read": _("读数据"), "choose": _("选地点"), "reasons": _("算理由和取舍")}
    share = fraction_done(found, ask) if found.state == "running" else found.share
    return {"name": words.get(found.step, ""), "percent": int(share * 100), "left": None}


def _best(found: Job, ask: SiteAsk) -> str:
    """Say how good the best choice so far is, and how good any could be."""
    if found.best is None or not np.isfinite(found.best[0]) or found.state != "running":
        return ""
    # Nothing that is counted can be below 0: that is a bound before any other is proven.
    best, bound = (f"{max(0.0, each):,.0f}" for each in found.best)
    words = {
        "mclp": _("目前还有 %(best)s 人没有顾到；再好也至少有 %(bound)s 人。"),
        "lscp": _("目前要 %(best)s 处；再少也要 %(bound)s 处。"),
        "p_median": _("目前总距离 %(best)s 人·米；再短也有 %(bound)s。"),
        "p_center": _("目前最远 %(best)s 米；再近也有 %(bound)s 米。"),
    }
    return str(words[ask.model] % {"best": best, "bound": bound})


def _page(
    form: SiteForm, found: Mapping[str, Any] | None, faults: Mapping[str, str], *, status: int = 200
) -> Response:
    """Write the page."""
    own, language = inputs(), current_language()
    page: dict[str, Any] = {
        "given": form.values, "faults": {**form.faults, **faults},
        "offered": site_choices(own, snapshot().divisions, form.ask, language),
        "no_demand": own.demand is None, "answer": None,
        "plan": page_url("plan_pages.plan"),
    }  # fmt: skip
    if found is not None and form.ask is not None:
        page["answer"] = _written(form.ask, found, page["offered"]["from"])
    return make_response(render_template("plan_site.html", page=page), status)


def _written(ask: SiteAsk, found: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Write an answer."""
    writer, arguments = SiteWriter(found, ask, current_language()), {**ask.parameters(), "go": "1"}
    kinds, rows = [each[1:] for each in _KINDS], writer.rows()
    return {
        "figure": writer.figure(), "heads": writer.heads(), "rows": rows,
        "more_heads": writer.more_heads(), "struck": writer.struck(),
        "curve": writer.curve(), "money": writer.money_curve(), "demand": source == DEMAND,
        "typed": bool(ask.by_type),
        "more": max(0, len(found["features"]) - len(rows)),
        "report": page_url("report_pages.report", **report_of_site(ask)),
        "map": page_url("site_pages.site_map", **arguments),
        "files": [(each, page_url("site_pages.download_sites", kind=each, **arguments))
                  for each in kinds],
        "scenario": page_url("scenario_acts.from_site", **arguments) if may_change() else "",
    }  # fmt: skip
