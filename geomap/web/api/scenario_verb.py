"""Scenarios over HTTP: which are kept, what each is, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint

from geomap.web.addresses import plain_address
from geomap.web.api.fields import NoParameters
from geomap.web.api.job_documents import job_answer, json_answer
from geomap.web.api.plan_parameters import PlanParameters, PlanQuery
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.scenarios.shelf import shelf
from geomap.web.scenarios.working import answer
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from geomap.model.scenario import Scenario

scenario_verb = APIBlueprint("scenario_verb", __name__, url_prefix="/api/v1", tag="planner")


@scenario_verb.get("/scenarios")
@scenario_verb.input(NoParameters, location="query", unknown=None)
@scenario_verb.doc(summary="The scenarios that are kept", responses=[200])
def list_scenarios(query_data: Mapping[str, object]) -> Response:  # noqa: ARG001 (checked, none used)
    """List the scenarios, the one changed last first; none where there is no workspace."""
    found = [_summary(each) for each in shelf().all()]
    return json_answer({"numberReturned": len(found), "scenarios": found}, 200)


@scenario_verb.get("/scenarios/<number>")
@scenario_verb.input(NoParameters, location="query", unknown=None)
@scenario_verb.doc(summary="One scenario with its changes", responses=[200, 404])
def get_scenario(number: str, query_data: Mapping[str, object]) -> Response:  # noqa: ARG001 (checked, none used)
    """Give a scenario's changes in their order; what is not known is null."""
    found = shelf().store.get(number)
    changes = [each.as_dict() for each in found.changes]
    return json_answer(_summary(found) | {"changes": changes}, 200)


@scenario_verb.get("/scenarios/<number>/effect")
@scenario_verb.input(PlanParameters, location="query", unknown=None)
@scenario_verb.doc(
    summary="What a scenario changes: before, after, by area and by change",
    responses=[200, 202, 400, 404],
)
def get_effect(number: str, query_data: PlanQuery) -> Response:
    """Hold what would be against what is, or say which job will.

    Each change's `newly` and `lost` are people that it alone adds and loses, given all the others.
    """
    scenario = shelf().store.get(number)
    ask = query_data.ask(has_network=inputs().has_network)
    found = answer(desk(), ask, scenario, snapshot().revision, inputs())
    if found.effect is None:
        if found.job is None:
            raise ValueError("neither an answer nor a job")
        return job_answer(found.job)
    told: dict[str, Any] = dict(found.effect.told)
    areas = told.pop("by_area")
    some = areas[query_data.offset : query_data.offset + query_data.limit]
    told |= {"numberMatched": len(areas), "numberReturned": len(some), "by_area": some}
    return json_answer(_summary(scenario) | told, 200)


def _summary(scenario: Scenario) -> dict[str, object]:
    """Write what a scenario is called, and when it was changed by whom."""
    return {
        "id": scenario.id, "name": scenario.name, "note": scenario.note,
        "revision": scenario.revision, "changes_count": len(scenario.changes),
        "who": scenario.who, "made_at": scenario.made_at, "changed_at": scenario.changed_at,
        "href": plain_address("scenario_verb.get_scenario", number=scenario.id),
        "effect": plain_address("scenario_verb.get_effect", number=scenario.id),
    }  # fmt: skip
