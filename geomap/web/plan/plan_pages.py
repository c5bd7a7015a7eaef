"""The planner's pages: form and answer, the map, jobs, downloads. They work without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from apiflask import APIBlueprint
from flask import Response, current_app, make_response, render_template, request, send_file
from flask_babel import gettext as _
from werkzeug.exceptions import ServiceUnavailable

from geomap.data.export import WRITERS, export_frame
from geomap.data.jobs import FOLDER, BusyError, Jobs
from geomap.data.temporary import private_folder
from geomap.errors import NotFoundError, ParameterError
from geomap.maps.page import ELEMENT_ID, STYLES
from geomap.settings import cache_dir
from geomap.web.language import current_language, own_arguments, page_url
from geomap.web.maps.map import map_scripts
from geomap.web.plan.changes_page import changes_page
from geomap.web.plan.form import choices, read_form
from geomap.web.plan.measures import MEASURES
from geomap.web.plan.page import Writer, clause
from geomap.web.plan.ways_on import (
    REFRESH_S,
    ask_again,
    own_question,
    script_answer,
    see_other,
    turned_away,
)
from geomap.web.plan.working import Answer, PlanDesk
from geomap.web.security import sent_from_elsewhere
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from geomap.data.job_state import Job
    from geomap.plan.review import PlanReview
    from geomap.settings import Settings
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.form import PlanForm, View
    from geomap.web.plan.inputs import PlanInputs

plan_pages = APIBlueprint("plan_pages", __name__, enable_openapi=False)
plan_pages.after_request(ask_again)

_TABLES: Final = ("areas", "gaps", "far", "overdue", "crowding", "unpaired", "changes")
_KINDS: Final = (".csv", ".xlsx", ".gpkg", ".geojson", ".parquet")
_SCRIPTS: Final = ("js/plan-layers.js", "js/plan-map.js")


def add_plan(app: Flask, folder: Path | None, settings: Settings) -> None:
    """Offer the planner on an application."""
    own = cache_dir() / FOLDER if folder is None else folder / FOLDER
    jobs = Jobs(own, at_once=settings.plan_jobs)
    app.extensions["geomap_plan"] = PlanDesk(folder, jobs, settings.plan_seconds)
    app.register_blueprint(plan_pages)


def desk() -> PlanDesk:
    """Give the desk of the current application."""
    return cast("PlanDesk", current_app.extensions["geomap_plan"])


def inputs() -> PlanInputs:
    """Give the data that the current request is answered from."""
    data = snapshot()
    return desk().inputs(data.revision, data.facilities)


@plan_pages.get("/plan")
def plan() -> Response:
    """Show the form, and the answer to what the address asks."""
    form = read_form(request.args, desk().packs)
    ask = form.ask
    if ask is None or (ask.walks and not inputs().has_network):
        said = _("还没有步行路网，不能沿街道算。请选直线，或先导入路网。")
        return _page(form, None, status=400, faults={} if ask is None else {"method": said})
    try:
        answer = _answer(ask) if form.asked or _is_quick(ask) else Answer(None, None)
    except BusyError as error:
        raise turned_away(error) from error
    except (NotFoundError, ParameterError) as error:
        lost = isinstance(error, NotFoundError)
        faults = {"area" if lost else "rule": error.said(current_language())}
        return _page(form, None, status=404 if lost else 400, faults=faults)
    if answer.job is not None:
        return to_job(answer.job, ask, form.view)
    return _page(form, answer.review)


@plan_pages.get("/plan/jobs/<number>")
def job(number: str) -> Response:
    """Show how far a job is; when it is done, go to what it found."""
    return _job(number, "plan_job.html")


@plan_pages.get("/plan/jobs/<number>/part")
def job_part(number: str) -> Response:
    """Give the part of a job's page that changes, for its script."""
    return _job(number, "plan_job_part.html")


@plan_pages.post("/plan/jobs/<number>/cancel")
def cancel(number: str) -> Response:
    """End a job."""
    if not sent_from_elsewhere():
        desk().jobs.cancel(number)
    return see_other(page_url("plan_pages.job", number=number, **own_arguments()))


@plan_pages.get("/plan/map")
def plan_map() -> str:
    """Show the map of an answer: alone, or as a part of the page."""
    given: dict[str, Any] = {**own_arguments(), "lang": [current_language()]}
    return render_template(
        "map.html", title=_("谁还没有被服务到"), element_id=ELEMENT_ID, styles=STYLES,
        scripts=(*map_scripts(), *_SCRIPTS), script_src=page_url("plan_pages.map_script", **given),
    )  # fmt: skip


@plan_pages.get("/plan/map/script.js")
def map_script() -> Response:
    """Give folium's script for the same question."""
    from geomap.web.plan.plan_map import plan_script

    form = read_form(request.args, desk().packs)
    if form.ask is None:
        raise NotFoundError("this question cannot be asked: see the form")
    answer = _answer(form.ask)
    if answer.review is None:
        raise ServiceUnavailable(retry_after=REFRESH_S)
    text = plan_script(
        answer.review, form.ask, form.view, snapshot(), inputs().candidates, current_language()
    )
    return script_answer(text)


@plan_pages.get("/plan/<rows>.<kind>")
def download(rows: str, kind: str) -> Response:
    """Give a table of an answer as a file."""
    form = read_form(request.args, desk().packs)
    if rows not in _TABLES or f".{kind}" not in _KINDS or form.ask is None:
        raise NotFoundError(f"there is no table {rows}.{kind} here")
    if rows == "changes":
        frame = changes_page(desk().folder, inputs(), form.ask, form.view, current_language()).rows
    else:
        answer = _answer(form.ask)
        if answer.job is not None:
            return to_job(answer.job, form.ask, form.view)
        frame = getattr(answer.review, rows)
    if frame is None:
        raise NotFoundError(f"there is no table {rows} in this answer")
    return _file(frame, rows, f".{kind}")


def _file(frame: Any, table: str, ending: str) -> Response:  # noqa: ANN401 (a frame)
    """Write a frame in a private folder and send it."""
    if ending not in WRITERS:
        raise NotFoundError(f"no file is written as {ending}")
    language = current_language()
    labels = {key: each.label.of(language) for key, each in MEASURES.items()}
    if ending == ".xlsx" and not frame.geom_type.dropna().eq("Point").all():
        # no cell of a sheet holds an outline
        frame = frame.set_geometry(frame.representative_point())
        labels |= {"lon": _("里面一点的经度"), "lat": _("里面一点的纬度")}
    with private_folder() as folder:
        path = folder / f"{table}{ending}"
        export_frame(frame, path, name=table, labels=labels)
        content = path.read_bytes()
    from io import BytesIO

    return send_file(BytesIO(content), as_attachment=True, download_name=f"geomap-{table}{ending}")


def _answer(ask: Ask) -> Answer:
    """Answer a question on what is published."""
    return desk().answer(ask, snapshot().revision, inputs())


def to_job(job: Job, ask: Ask, view: View) -> Response:
    """Lead to a job, and from there back to its question."""
    back = {**ask.parameters(), **view.parameters(), "go": "1"}
    return see_other(page_url("plan_pages.job", number=job.id, **back))


def _job(number: str, template: str) -> Response:
    """Write how far a job is; where it is done, lead to what it found."""
    found = desk().jobs.find(number)
    if found.state == "done":
        return see_other(_back())
    own = own_arguments()
    page = {
        "job": found, "steps": _steps(found), "back": _back(),
        "cancel": page_url("plan_pages.cancel", number=number, **own),
        "part": page_url("plan_pages.job_part", number=number, **own),
    }  # fmt: skip
    return make_response(render_template(template, page=page, refresh=REFRESH_S))


def _is_quick(ask: Ask) -> bool:
    """Whether a first visit is answered without being asked: it starts no job."""
    from geomap.web.plan.working import is_small

    return not snapshot().site.sample and is_small(ask, inputs())


def _steps(found: Job) -> dict[str, Any]:
    """Write how far a job is."""
    words = {
        "service": _("服务范围"), "coverage": _("数够得到的人"), "gaps": _("找空白区"),
        "indicators": _("算指标"), "access": _("算够得到的床位"), "claims": _("核对公布的数字"),
    }  # fmt: skip
    left = found.seconds_left
    rounded = None if left is None else max(5, int(5 * round(left / 5)))
    return {"name": words.get(found.step, ""), "percent": int(found.share * 100), "left": rounded}


def _back() -> str:
    """Give the address of the question that a job is of."""
    return page_url("plan_pages.plan", **own_question())


def _page(
    form: PlanForm, found: PlanReview | None, *, status: int = 200,
    faults: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """Write the page."""
    data, own, language = snapshot(), inputs(), current_language()
    page: dict[str, Any] = {
        "given": form.values, "faults": {**form.faults, **(faults or {})}, "view": form.view,
        "offered": choices(own, desk().packs, data.divisions, language),
        "measures": [(key, each.label.of(language)) for key, each in MEASURES.items()],
        "needs": {"demand": own.demand is None, "areas": not own.has_areas,
                  "ground": own.has_one_ground},
        "answer": None, "dates": _dates(own), "folder": desk().folder is not None,
    }  # fmt: skip
    if found is not None and form.ask is not None:
        page["answer"] = _written(form, found)
    return make_response(render_template("plan.html", page=page), status)


def _written(form: PlanForm, found: PlanReview) -> dict[str, Any]:
    """Write an answer."""
    ask, view, language = form.ask, form.view, current_language()
    if ask is None:
        raise ValueError("a question that was refused has no answer")
    from dataclasses import replace

    view = view if view.show in MEASURES else replace(view, show="share")
    writer = Writer(found, ask, view, language, snapshot().divisions)
    packs = desk().packs
    pack = packs.get(ask.pack)
    rule_pack, _dot, key = ask.rule.partition(".")
    arguments = {**ask.parameters(), **view.parameters(), "go": "1"}
    return {
        "figure": writer.figure(), "table": writer.table(), "gaps": writer.gaps(),
        "far": writer.far(), "indicators": writer.indicators(), "claims": writer.claims(),
        "verdicts": [] if pack is None else writer.verdicts(_changed(pack, ask)),
        "pack": None if pack is None else pack.label.of(language),
        "lists": writer.facilities(), "charts": writer.charts(), "equity": writer.equity(),
        "cut": writer.cut(), "counts": found.counts, "on": found.on,
        "clause": clause(packs[rule_pack].rule(key), language) if key else None,
        "shown": MEASURES[view.show].label.of(language), "show": view.show,
        "map": page_url("plan_pages.plan_map", **arguments),
        "report_href": page_url("report_pages.report", **arguments),
        "site_href": page_url("site_pages.site", area=ask.area, standard_m=f"{ask.standard_m:.12g}",
                              method=ask.method, weight=ask.weight, type=list(ask.types)),
        "scenarios_href": page_url(
            "scenario_pages.scenarios", go=1, area=ask.area, weight=ask.weight, method=ask.method,
            standard_m=f"{ask.standard_m:.12g}", speed_mps=f"{ask.speed_mps:.12g}",
            type=list(ask.types),
        ),
        "files": {table: _downloads(table, arguments) for table in _TABLES},
        "changes": changes_page(desk().folder, inputs(), ask, view, language),
        "kept": [(n, v) for n, v in arguments.items() if n not in ("since", "until")],
        "place": found.whole["name"].iloc[0] if ask.area else "",
    }  # fmt: skip


def _downloads(table: str, arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """Link a table in the kinds of file that offices open."""
    kinds = [each[1:] for each in _KINDS[:3]]
    return [(each, page_url("plan_pages.download", rows=table, kind=each, **arguments))
            for each in kinds]  # fmt: skip


def _changed(pack: Any, ask: Ask) -> Any:  # noqa: ANN401 (a rule pack)
    from geomap.web.plan.working import with_beds

    return with_beds({pack.key: pack}, ask)[pack.key]


def _dates(own: PlanInputs) -> list[tuple[str, str]]:
    """Tell the layers used: how many rows each has, and its day."""
    words = {
        "facilities": _("机构 %(n)s 家"), "demand": _("需求点 %(n)s 处"),
        "areas": _("行政区 %(n)s 个"), "candidates": _("候选地点 %(n)s 处"),
    }  # fmt: skip
    layers = [(word, own.layer(name)) for name, word in words.items()]
    return [(word % {"n": f"{each.rows:,}"}, each.data_date) for word, each in layers if each]
