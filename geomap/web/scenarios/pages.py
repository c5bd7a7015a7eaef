"""The pages of scenarios: the list, one with its map and files, several beside each other, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from apiflask import APIBlueprint
from flask import make_response, render_template, request

from geomap.errors import NotFoundError
from geomap.maps.page import ELEMENT_ID, STYLES
from geomap.web.language import current_language, own_arguments, page_url
from geomap.web.maps.map import map_scripts
from geomap.web.plan.plan_pages import desk
from geomap.web.plan.ways_on import REFRESH_S, ask_again, own_question, script_answer, see_other
from geomap.web.scenarios import compare as comparing
from geomap.web.scenarios.answer_page import EffectWriter, step_words
from geomap.web.scenarios.ask import question, read_ask
from geomap.web.scenarios.files import areas_frame, changes_frame, sent
from geomap.web.scenarios.listed import listed
from geomap.web.scenarios.shelf import may_change, shelf
from geomap.web.scenarios.shelf_page import show_shelf
from geomap.web.scenarios.view import KINDS, ask_choices, effect_or_job, named, show
from geomap.web.security import sent_from_elsewhere
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Response

    from geomap.data.job_state import Job
    from geomap.model.scenario import Scenario
    from geomap.web.scenarios.ask import AskForm
    from geomap.web.scenarios.working import Effect

scenario_pages = APIBlueprint("scenario_pages", __name__, enable_openapi=False)
scenario_pages.after_request(ask_again)

_SCRIPTS: Final = (
    "js/plan-layers.js", "js/scenario-math.js", "js/scenario-swipe.js", "js/scenario-editor.js",
    "js/scenario-map.js",
)  # fmt: skip


@scenario_pages.get("/plan/scenarios")
def scenarios() -> Response:
    """Show the scenarios that are kept, and the form that makes one."""
    return show_shelf()


@scenario_pages.get("/plan/scenarios/<number>")
def scenario(number: str) -> Response:
    """Show a scenario: what it changes, the map, its changes, the form to add one."""
    return show(shelf().store.get(number), read_ask(request.args))


@scenario_pages.get("/plan/scenarios/compare")
def compare() -> Response:
    """Show scenarios beside each other; what is not worked out yet is, one after the other."""
    form, chosen = read_ask(request.args), _chosen()
    columns, fault = [], ""
    for each in chosen:
        found, fault = effect_or_job(each, form)
        if found.job is not None:
            return see_other(page_url("scenario_pages.job", number=found.job.id, **own_question()))
        if found.effect is None:
            break
        columns.append(comparing.Column(each, found.effect.told))
    whole = columns if len(columns) == len(chosen) else []
    page = _compared(form, chosen, whole) | {"faults": {**form.faults, "effect": fault} if fault
                                            else form.faults}  # fmt: skip
    return make_response(render_template("plan_scenario_compare.html", page=page))


@scenario_pages.get("/plan/scenarios/jobs/<number>")
def job(number: str) -> Response:
    """Show how far a job is; when it is done, go to what it found."""
    return _job(number, "plan_job.html")


@scenario_pages.get("/plan/scenarios/jobs/<number>/part")
def job_part(number: str) -> Response:
    """Give the part of a job's page that changes, for its script."""
    return _job(number, "plan_job_part.html")


@scenario_pages.post("/plan/scenarios/jobs/<number>/cancel")
def cancel(number: str) -> Response:
    """End a job."""
    if not sent_from_elsewhere():
        desk().jobs.cancel(number)
    return see_other(page_url("scenario_pages.job", number=number, **own_arguments()))


@scenario_pages.get("/plan/scenarios/<number>/map")
def scenario_map(number: str) -> str:
    """Show the map of a scenario: alone, or as a part of its page."""
    own = shelf().store.get(number)
    given: dict[str, Any] = {**own_arguments(), "lang": [current_language()]}
    return render_template(
        "map.html", title=own.name, element_id=ELEMENT_ID, styles=(*STYLES, "css/scenario-map.css"),
        scripts=(*map_scripts(), *_SCRIPTS),
        script_src=page_url("scenario_pages.map_script", number=number, **given),
    )  # fmt: skip


@scenario_pages.get("/plan/scenarios/<number>/map/script.js")
def map_script(number: str) -> Response:
    """Give folium's script for the same question."""
    from geomap.web.scenarios.scenario_map import scenario_script

    own, form = shelf().store.get(number), read_ask(request.args)
    if form.ask is None:
        raise NotFoundError("this question cannot be asked: see the form")
    text = scenario_script(
        listed(own.changes, snapshot()), _known(own, form), form.ask, snapshot(),
        current_language(), edit=may_change(),
    )  # fmt: skip
    return script_answer(text)


@scenario_pages.get("/plan/scenarios/<number>/<rows>.<kind>")
def download(number: str, rows: str, kind: str) -> Response:
    """Give a table of a scenario as a file."""
    own, form = shelf().store.get(number), read_ask(request.args)
    if rows not in ("areas", "changes") or kind not in KINDS or form.ask is None:
        raise NotFoundError(f"there is no table {rows}.{kind} here")
    effect = _known(own, form)
    if rows == "changes":
        frame = changes_frame(own, None if effect is None else effect.told["changes"])
    elif effect is None:
        raise NotFoundError("this question is not worked out: open the scenario's page first",
                            zh="还没有算过：请先打开方案的页面算一次")  # fmt: skip
    else:
        outlines = kind in ("gpkg", "geojson")
        frame = areas_frame(effect.told["by_area"], form.ask, outlines=outlines)
    return sent(frame, rows, kind)


def _known(own: Scenario, form: AskForm) -> Effect | None:
    """Give what a scenario changes, if that is known or quickly worked out."""
    if form.ask is None:
        return None
    return effect_or_job(own, form, may_start=False)[0].effect


def _chosen() -> list[Scenario]:
    """Find the scenarios that the address names, each once; those that are gone are left out."""
    there = {each.id: each for each in shelf().all()}
    ids = list(dict.fromkeys(request.args.getlist("id")))
    return [there[each] for each in ids if each in there][: comparing.MOST]


def _compared(form: AskForm, chosen: list[Scenario], columns: list[Any]) -> dict[str, Any]:
    """Put the page of a comparison together."""
    language = current_language()
    ask = {} if form.ask is None else question(form.ask)
    answer = None
    if columns and form.ask is not None:
        writer = EffectWriter(columns[0].told, form.ask, language)
        answer = {"rows": comparing.rows(columns), "verdict": comparing.verdict(columns),
                  "by": writer.standard(), "cut": [e for c in columns for e in EffectWriter(
                      c.told, form.ask, language).cut()]}  # fmt: skip
    own = [named(each, language) | {"href": page_url(
        "scenario_pages.scenario", number=each.id, **ask)} for each in chosen]  # fmt: skip
    return {
        "chosen": own, "answer": answer, "given": form.values, "offered": ask_choices(language),
        "all": [named(each, language) for each in shelf().all()], "most": comparing.MOST,
        "list": page_url("scenario_pages.scenarios", **ask),
        "kept": [(name, value) for name, value in ask.items() if name != "lang"],
    }  # fmt: skip


def _job(number: str, template: str) -> Response:
    """Write how far a job is; where it is done, lead to what it found."""
    found, own = desk().jobs.find(number), own_arguments()
    back = own_question()
    of = back.pop("of", [""])[0]
    if found.ended and found.state != "done":
        back.pop("go", None)  # the form, to ask otherwise
    there = page_url("scenario_pages.scenario", number=of, **back) if of \
        else page_url("scenario_pages.compare", **back)  # fmt: skip
    if found.state == "done":
        return see_other(there)
    page = {
        "job": found, "steps": _steps(found), "back": there,
        "cancel": page_url("scenario_pages.cancel", number=number, **own),
        "part": page_url("scenario_pages.job_part", number=number, **own),
    }  # fmt: skip
    return make_response(render_template(template, page=page, refresh=REFRESH_S))


def _steps(found: Job) -> dict[str, Any]:
    """Write how far a job is."""
    left = found.seconds_left
    rounded = None if left is None else max(5, int(5 * round(left / 5)))
    return {"name": step_words().get(found.step, ""), "percent": int(found.share * 100),
            "left": rounded}  # fmt: skip
