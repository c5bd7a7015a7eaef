"""The page of one scenario: figures before and after, the map, the changes, the form to add one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import make_response, render_template
from flask_babel import gettext as _

from geomap.data.jobs import BusyError
from geomap.errors import DataError, NotFoundError, ParameterError
from geomap.model.area import LEVELS
from geomap.model.facility import TYPES
from geomap.model.scenario import KIND_LABELS
from geomap.web.language import current_language, page_url
from geomap.web.plan.form import WHOM, common_choices
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.plan.ways_on import see_other, turned_away
from geomap.web.plan.working import is_small
from geomap.web.scenarios.answer_page import AreaTable, EffectWriter
from geomap.web.scenarios.ask import AskForm, question
from geomap.web.scenarios.change_form import ChangeForm
from geomap.web.scenarios.listed import listed
from geomap.web.scenarios.rows import change_rows, moment
from geomap.web.scenarios.shelf import may_change, who_asks
from geomap.web.scenarios.working import Answer, answer, known
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Response

    from geomap.model.scenario import Scenario
    from geomap.web.plan.ask import Ask
    from geomap.web.scenarios.listed import Listed
    from geomap.web.scenarios.working import Effect

KINDS: Final = ("csv", "xlsx", "gpkg", "geojson")
#: More facilities than this are not offered one by one in the field of the form.
_MOST_OFFERED: Final = 300


@dataclass(frozen=True)
class Told:
    """What the page says besides the scenario: after a press that was refused, or done.

    Parameters
    ----------
    form : of the change that was not taken.
    faults : by field of any form of the page.
    names : the texts of the form that renames.
    conflict : what the reader wanted, where somebody else changed the scenario meanwhile.
    """

    form: ChangeForm = field(default_factory=ChangeForm)
    faults: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] | None = None
    conflict: str = ""


def show(
    scenario: Scenario, form: AskForm, told: Told | None = None, *, status: int = 200
) -> Response:
    """Show a scenario; where its figures take long, lead to the job that works them out."""
    found, fault = effect_or_job(scenario, form, may_start=told is None)
    if found.job is not None and form.ask is not None:
        return to_job(scenario, form.ask, found.job.id)
    said = {**form.faults, **({"effect": fault} if fault else {})}
    page = _page(scenario, form, told or Told(), found.effect, said)
    return make_response(
        render_template("plan_scenario.html", page=page), 400 if form.faults else status
    )


def to_job(scenario: Scenario, ask: Ask, number: str) -> Response:
    """Lead to a job, and from there back to the scenario."""
    address = page_url("scenario_pages.job", number=number, of=scenario.id, **question(ask))
    return see_other(address)


def effect_or_job(
    scenario: Scenario, form: AskForm, *, may_start: bool = True
) -> tuple[Answer, str]:
    """Give what a scenario changes, or the job that works it out, or why that cannot be.

    A first look at large data starts no job; nor does what may not: a job would lead away from a
    page that must be read, such as one that says why a change was not taken.
    """
    ask, own, revision = form.ask, inputs(), snapshot().revision
    if ask is None:
        return Answer(None, None), ""
    if ask.walks and not own.has_network:
        return Answer(None, None), _("还没有步行路网，不能沿街道算。请选直线，或先导入路网。")
    try:
        if not is_small(ask, own) and not (may_start and form.asked):
            return Answer(known(desk(), ask, scenario, revision), None), ""
        return answer(desk(), ask, scenario, revision, own, may_start=may_start), ""
    except BusyError as error:
        raise turned_away(error) from error
    except (ParameterError, NotFoundError, DataError) as error:
        return Answer(None, None), error.said(current_language())


def _page(
    scenario: Scenario, form: AskForm, told: Told, effect: Effect | None, said: Mapping[str, str]
) -> dict[str, Any]:
    """Put the page together."""
    language, data = current_language(), snapshot()
    changes = listed(scenario.changes, data)
    ask = {} if form.ask is None else question(form.ask)
    return {
        "scenario": named(scenario, language), "open": may_change(),
        "given": form.values, "offered": ask_choices(language), "who": who_asks(),
        "kept": [(name, value) for name, value in ask.items() if name != "lang"],
        "faults": {**said, **told.form.faults, **told.faults}, "conflict": told.conflict,
        "answer": None if effect is None or form.ask is None
        else _answer(scenario, form, effect, language),
        "rows": change_rows(changes, None if effect is None else effect.told["changes"], language),
        "form": _form(told.form, changes, language),
        "names": told.names or {"name": scenario.name, "note": scenario.note},
        "urls": _urls(scenario, ask), "files": _files(scenario, "changes", ask),
        "no_demand": inputs().demand is None
        and (effect is None or effect.told["before"]["share"] is None),
    }  # fmt: skip


def named(scenario: Scenario, language: str) -> dict[str, Any]:
    """Write what a scenario is called, and when it was changed by whom."""
    return {
        "id": scenario.id, "name": scenario.name, "note": scenario.note, "who": scenario.who,
        "revision": scenario.revision, "count": len(scenario.changes),
        "can_undo": scenario.can_undo, "at": moment(scenario.changed_at, language),
        "href": page_url("scenario_pages.scenario", number=scenario.id),
    }  # fmt: skip


def ask_choices(language: str) -> dict[str, Any]:
    """List what the form of the question offers."""
    own = inputs()
    levels = set(own.areas["level"].dropna()) if "level" in own.areas else set()
    return common_choices(own, snapshot().divisions, language) | {
        "levels": [(key, label.of(language)) for key, label in LEVELS.items() if key in levels]
    }


def _form(form: ChangeForm, changes: Sequence[Listed], language: str) -> dict[str, Any]:
    """Write the form of a change: what was typed, and what may be chosen."""
    facilities = snapshot().facilities
    own = {each.change.facility_id: each.name for each in changes if each.change.kind == "add"}
    few = facilities[["id", "name"]] if len(facilities) <= _MOST_OFFERED else facilities[:0]
    offered = [*own.items(), *zip(few["id"].tolist(), few["name"].astype("str"), strict=True)]
    return {
        "given": form.values,
        "facilities": form.facilities,
        "places": form.places,
        "offered": [(str(key), str(name)) for key, name in offered],
        "kinds": [(key, label.of(language), _hints()[key]) for key, label in KIND_LABELS.items()],
        "types": [(key, label.of(language)) for key, label in TYPES.items()],
    }


def _hints() -> dict[str, str]:
    """Say what each kind of change needs."""
    return {
        "add": _("填类型和位置；名称、床位、费用可以不填。"),
        "move": _("填是哪一家，搬到哪里。"),
        "close": _("填是哪一家。"),
        "enlarge": _("填是哪一家，改完以后共有几张床位。"),
    }


def _answer(scenario: Scenario, form: AskForm, effect: Effect, language: str) -> dict[str, Any]:
    """Write what the scenario changes."""
    ask = form.ask
    if ask is None:
        raise ValueError("a question that was refused has no answer")
    writer = EffectWriter(effect.told, ask, language)

    def link(sort: str, order: str) -> str:
        more = {} if sort == "moved" else {"sort": sort, "order": order}
        address = page_url("scenario_pages.scenario", number=scenario.id, **question(ask), **more)
        return f"{address}#areas"

    label = WHOM.get(effect.told["weight"])
    whom = "" if label is None else label.of(language)
    areas = AreaTable(effect.told["by_area"], whom, form.sort, form.order, link)
    return {
        "figure": writer.figure(), "table": writer.table(),
        "areas": areas.written(snapshot().divisions) if areas.rows else None,
        "files": _files(scenario, "areas", question(ask)),
    }  # fmt: skip


def _files(scenario: Scenario, table: str, ask: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Link a table in the kinds of file that offices and map programs open."""
    return [
        (
            kind,
            page_url("scenario_pages.download", number=scenario.id, rows=table, kind=kind, **ask),
        )
        for kind in KINDS
    ]


def _urls(scenario: Scenario, ask: Mapping[str, Any]) -> dict[str, str]:
    """Give the addresses of what can be done with a scenario; they keep its question."""
    acts = ("change", "drop", "undo", "rename", "copy", "remove")
    done = {each: page_url(f"scenario_acts.{each}", number=scenario.id, **ask) for each in acts}
    return done | {
        "page": page_url("scenario_pages.scenario", number=scenario.id),
        "map": page_url("scenario_pages.scenario_map", number=scenario.id, **ask),
        "list": page_url("scenario_pages.scenarios"),
        "plan": page_url("plan_pages.plan", **ask),
        "report": page_url("report_pages.report", scenario=scenario.id, **ask),
        "compare": page_url("scenario_pages.compare", id=[scenario.id], **ask),
    }
