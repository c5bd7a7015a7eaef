"""What is done to scenarios: made, changed, undone, renamed, copied, removed. By POST only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import ServiceUnavailable

from geomap.errors import (
    ConflictError,
    DataError,
    GeomapError,
    NotFoundError,
    ParameterError,
    TooLargeError,
)
from geomap.model.scenario import Change
from geomap.web.language import current_language, page_url
from geomap.web.plan.plan_pages import desk
from geomap.web.plan.ways_on import ask_again, see_other
from geomap.web.query import whole
from geomap.web.scenarios.ask import question, read_ask
from geomap.web.scenarios.change_form import MOST_NAME, ChangeForm, read_change
from geomap.web.scenarios.listed import listed
from geomap.web.scenarios.rows import described
from geomap.web.scenarios.shelf import now, read_who, remember, require_own_form, shelf
from geomap.web.scenarios.shelf_page import show_shelf
from geomap.web.scenarios.view import Told, show
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Response

    from geomap.model.scenario import Scenario
    from geomap.web.siting.ask import SiteAsk

scenario_acts = APIBlueprint("scenario_acts", __name__, enable_openapi=False)
scenario_acts.after_request(ask_again)
scenario_acts.before_request(require_own_form)


@scenario_acts.post("/plan/scenarios")
def create() -> Response:
    """Make a scenario, and lead to it."""
    name, note = _names()
    try:
        with _writing():
            made = shelf().store.create(name, who=read_who(request.form), at=now(), note=note)
    except (ParameterError, ConflictError, TooLargeError) as error:
        faults = {"name": error.said(current_language())}
        return show_shelf(faults=faults, given={"name": name, "note": note}, status=_status(error))
    return _to(made)


@scenario_acts.post("/plan/scenarios/<number>/changes")
def change(number: str) -> Response:
    """Add a change, unless somebody else changed the scenario since the form was opened."""
    scenario = shelf().store.get(number)
    form = read_change(request.form, scenario, snapshot())
    if form.change is None:
        return show(scenario, read_ask(request.args), Told(form), status=400)
    wanted = described(form.change, _name_of(form.change, scenario), current_language())
    if _expected() not in (None, scenario.revision):
        return show(scenario, read_ask(request.args), Told(form, conflict=wanted), status=409)
    try:
        _require_fit(scenario, form.change)
        with _writing():
            changed = shelf().store.change(
                number, [form.change], who=read_who(request.form), at=now(), expected=_expected()
            )
    except (ParameterError, TooLargeError) as error:
        told = Told(form, {"facility_id": error.said(current_language())})
        return show(scenario, read_ask(request.args), told, status=400)
    except ConflictError as error:
        return _conflict(number, wanted, error, form)
    return _to(changed, anchor="changes")


@scenario_acts.post("/plan/scenarios/<number>/drop")
def drop(number: str) -> Response:
    """Take one change out of the list, wherever it stands."""
    try:
        place = whole(request.form.get("n", ""), minimum=1) - 1
        with _writing():
            changed = shelf().store.drop(
                number, [place], who=read_who(request.form), at=now(), expected=_expected()
            )
    except ConflictError as error:
        return _conflict(number, str(_("去掉一项改动")), error)
    except ValueError as error:  # no number, or not of this list
        raise NotFoundError("there is no such change in the list") from error
    return _to(changed, anchor="changes")


@scenario_acts.post("/plan/scenarios/<number>/undo")
def undo(number: str) -> Response:
    """Take the last change back."""
    try:
        with _writing():
            changed = shelf().store.undo(
                number, who=read_who(request.form), at=now(), expected=_expected()
            )
    except ConflictError as error:
        return _conflict(number, str(_("撤销最后一步")), error)
    return _to(changed, anchor="changes")


@scenario_acts.post("/plan/scenarios/<number>/rename")
def rename(number: str) -> Response:
    """Give a scenario another name and note."""
    name, note = _names()
    try:
        with _writing():
            changed = shelf().store.rename(number, name, note, who=read_who(request.form), at=now())
    except ParameterError as error:
        told = Told(faults={"new-name": error.said(current_language())},
                    names={"name": name, "note": note})  # fmt: skip
        return show(shelf().store.get(number), read_ask(request.args), told, status=400)
    return _to(changed)


@scenario_acts.post("/plan/scenarios/<number>/copy")
def copy(number: str) -> Response:
    """Make a second scenario of the same changes, and lead to it."""
    scenario = shelf().store.get(number)
    name = _("%(name)s（副本）", name=scenario.name[:60])
    try:
        with _writing():
            made = shelf().store.copy(number, name, who=read_who(request.form), at=now())
    except (ConflictError, TooLargeError) as error:
        told = Told(faults={"keep": error.said(current_language())})
        return show(scenario, read_ask(request.args), told, status=409)
    return _to(made)


@scenario_acts.post("/plan/scenarios/<number>/remove")
def remove(number: str) -> Response:
    """Take a scenario off the list, which offers to put it back."""
    with _writing():
        shelf().store.remove(number, who=read_who(request.form), at=now())
    return see_other(page_url("scenario_pages.scenarios", removed=number))


@scenario_acts.post("/plan/scenarios/<number>/restore")
def restore(number: str) -> Response:
    """Put a scenario back on the list."""
    with _writing():
        back = shelf().store.restore(number, who=read_who(request.form), at=now())
    return _to(back)


@scenario_acts.post("/plan/scenarios/from-site")
def from_site() -> Response:
    """Make a scenario of a siting answer: each chosen site is a new facility."""
    from geomap.web.siting.site_form import read_site_form
    from geomap.web.siting.working import result_of

    asked = read_site_form(request.args)
    found = None if asked.ask is None else result_of(desk(), asked.ask, snapshot().revision)
    if asked.ask is None or found is None:
        raise NotFoundError(
            "this question is not worked out: ask it on /plan/site first",
            zh="这个问题还没有算过：请先在选址页上算一次",
        )
    kind, beds = request.form.get("new_type", ""), asked.ask.beds
    name = _("选址：新建 %(n)s 处", n=f"{len(found['features']):,}")
    with _writing():
        made = shelf().store.create(
            name, who=read_who(request.form), at=now(),
            changes=[_added(each, kind, beds) for each in found["features"]],
        )  # fmt: skip
    return remember(see_other(_judged(made, asked.ask)), read_who(request.form))


def _added(site: Mapping[str, Any], kind: str, beds: float | None) -> Change:
    """Make a change of a chosen site: of the type it was chosen for, else of a kind.

    Raises
    ------
    ParameterError : if the type is none of ours.
    """
    own = site["properties"]
    lon, lat = site["geometry"]["coordinates"]
    return Change(
        "add", "", name=str(own.get("name") or own["id"])[:MOST_NAME],
        type=own.get("type") or kind, lon=lon, lat=lat, cost=own.get("cost"),
        beds=beds if beds is not None else own.get("beds_fit"),
    ).checked()  # fmt: skip


def _judged(scenario: Scenario, ask: SiteAsk) -> str:
    """Give the address that judges a scenario as its siting was asked."""
    return page_url(
        "scenario_pages.scenario", number=scenario.id, go=1, area=ask.area, weight=ask.weight,
        method=ask.method, speed_mps=f"{ask.speed_mps:.12g}",
        standard_m=None if ask.standard_m is None else f"{ask.standard_m:.12g}",
    )  # fmt: skip


def _names() -> tuple[str, str]:
    """Read a name and a note."""
    note = request.form.get("note", "").replace("\r\n", "\n").strip()
    return request.form.get("name", "").strip(), note


def _expected() -> int | None:
    """Read at which revision the form was opened; None where it does not say."""
    try:
        return whole(request.form.get("revision", ""), minimum=0)
    except ValueError:
        return None


def _require_fit(scenario: Scenario, change: Change) -> None:
    """Refuse a change of what is not there, or is closed.

    Raises
    ------
    ParameterError : saying what is wrong.
    """
    from geomap.plan.scenarios.applying import match

    there = {each.facility_id for each in scenario.changes if each.kind == "add"}
    gone = [each for each in listed(scenario.changes, snapshot()) if not each.is_there]
    lost = {each.change.facility_id for each in gone} - there  # told beside each, to be undone
    kept = [each for each in scenario.changes if each.facility_id not in lost]
    match(snapshot().facilities, [*kept, change])


def _name_of(change: Change, scenario: Scenario) -> str:
    """Name the facility of a change."""
    return listed([*scenario.changes, change], snapshot())[-1].name


def _conflict(
    number: str, wanted: str, error: ConflictError, form: ChangeForm | None = None
) -> Response:
    """Show both versions, what stands now and what the reader wanted; or why it cannot be done."""
    scenario = shelf().store.get(number)
    if _expected() in (None, scenario.revision):  # nobody changed it: another reason
        told = Told(form or ChangeForm(), {"changes": error.said(current_language())})
    else:
        told = Told(form or ChangeForm(), conflict=wanted)
    return show(scenario, read_ask(request.args), told, status=409)


@contextmanager
def _writing() -> Iterator[None]:
    """Say that nothing can be kept now, where the folder cannot be written."""
    try:
        yield
    except DataError as error:
        raise ServiceUnavailable(error.said(current_language())) from error


def _status(error: GeomapError) -> int:
    return 400 if isinstance(error, ParameterError) else 409


def _to(scenario: Scenario, *, anchor: str | None = None) -> Response:
    """Lead to a scenario, with its question."""
    ask = read_ask(request.args).ask
    own = {} if ask is None else question(ask)
    address = page_url("scenario_pages.scenario", number=scenario.id, **own)
    there = f"{address}#{anchor}" if anchor else address
    return remember(see_other(there), read_who(request.form))
