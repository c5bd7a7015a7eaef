"""The planner's verbs over HTTP: coverage, gaps, indicators; long ones answer with a job."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from apiflask import APIBlueprint
from flask import Response, request, url_for
from werkzeug.exceptions import ServiceUnavailable

from geomap.data.jobs import BusyError
from geomap.errors import GeomapError, ParameterError
from geomap.web.api.parameters import NoParameters
from geomap.web.api.plan_parameters import PlanParameters, PlanQuery
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.plan.working import COVERED, STEPS_OF
from geomap.web.siting.ask import SiteAsk
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geomap.data.jobs import Job
    from geomap.plan.review import PlanReview

plan_verbs = APIBlueprint("plan_verbs", __name__, url_prefix="/api/v1", tag="planner")

_GEOJSON, _JSON = "application/geo+json", "application/json"
RETRY_S, BUSY_S = "2", 60
_DECIMALS = 7
#: What the numbers of a siting job that runs count; less is better.
BEST_OF = {"lscp": "sites", "mclp": "people_not_covered", "p_median": "person_metres",
           "p_center": "metres"}  # fmt: skip


@plan_verbs.get("/coverage")
@plan_verbs.input(PlanParameters, location="query", unknown=None)
@plan_verbs.doc(summary="Who has a facility within the standard", responses=[200, 202, 400, 404])
def coverage(query_data: PlanQuery) -> Response:
    """Give the covered share of the people, in all and by area; the edge counts as covered."""
    return _answer("coverage", query_data)


@plan_verbs.get("/gaps")
@plan_verbs.input(PlanParameters, location="query", unknown=None)
@plan_verbs.doc(summary="Ground that no facility serves", responses=[200, 202, 400, 404])
def gaps(query_data: PlanQuery) -> Response:
    """List the gaps as polygons, those with the most people first."""
    return _answer("gaps", query_data)


@plan_verbs.get("/indicators")
@plan_verbs.input(PlanParameters, location="query", unknown=None)
@plan_verbs.doc(summary="Every indicator, area by area", responses=[200, 202, 400, 404])
def indicators(query_data: PlanQuery) -> Response:
    """List the areas with each indicator's value, its base and how many are unknown."""
    return _answer("indicators", query_data)


@plan_verbs.get("/jobs/<number>")
@plan_verbs.input(NoParameters, location="query", unknown=None)
@plan_verbs.doc(summary="How far a long calculation is", responses=[200, 404])
def get_job(number: str, query_data: Mapping[str, object]) -> Response:  # noqa: ARG001 (checked, none used)
    """Tell the state of a job; when it is done, `result` is where its answer is."""
    return json_answer(job_document(desk().jobs.find(number)), 200)


@plan_verbs.delete("/jobs/<number>")
@plan_verbs.input(NoParameters, location="query", unknown=None)
@plan_verbs.doc(summary="Cancel a long calculation", responses=[200, 404])
def cancel_job(number: str, query_data: Mapping[str, object]) -> Response:  # noqa: ARG001 (checked, none used)
    """End a job; one that has ended stays as it is."""
    return json_answer(job_document(desk().jobs.cancel(number)), 200)


def _answer(verb: str, query: PlanQuery) -> Response:
    """Answer a verb, or say which job will."""
    ask = query.ask()
    if ask.walks and not inputs().has_network:
        raise ParameterError(
            "minutes: there is no walking network here; give standard_m for a straight line"
        )
    try:
        answer = desk().answer(ask, snapshot().revision, inputs(), STEPS_OF[verb])
    except BusyError as error:
        raise ServiceUnavailable(str(error), retry_after=BUSY_S) from error
    if answer.job is not None:
        response = json_answer(job_document(answer.job) | {"result": request.url}, 202)
        response.headers["Location"] = url_for(
            "plan_verbs.get_job", number=answer.job.id, _external=True
        )
        response.headers["Retry-After"] = RETRY_S
        return response
    if answer.review is None:
        raise GeomapError("neither an answer nor a job")
    return _written(verb, answer.review, query)


def _written(verb: str, found: PlanReview, query: PlanQuery) -> Response:
    """Write an answer, with what was asked and what was left out."""
    told: dict[str, object] = {
        "standard": asdict(found.question),
        "cut": [asdict(each) for each in found.cut],
        "facilities": dict(found.counts),
    }
    if verb == "coverage":
        names = ("share", "covered", "uncovered", "unknown_rows", "without_place",
                 "without_place_rows", "evenly")  # fmt: skip
        rows = found.areas[[each for each in COVERED if each in found.areas]]
        some = rows.iloc[query.offset : query.offset + query.limit]
        told |= {name: getattr(found, name) for name in names}
        told |= {"numberMatched": len(rows), "numberReturned": len(some),
                 "by_area": _records(some)}  # fmt: skip
        return json_answer(told, 200)
    frame = found.areas if verb == "indicators" else found.gaps
    if frame is None:
        raise GeomapError("the gaps were not worked out")
    return json_answer(_collection(frame, query) | told, 200, _GEOJSON)


def _collection(frame: gpd.GeoDataFrame, query: PlanQuery) -> dict[str, object]:
    """Write rows as an RFC 7946 FeatureCollection."""
    import shapely

    some = frame.iloc[query.offset : query.offset + query.limit]
    shapes = shapely.set_precision(some.geometry.to_numpy(), 10**-_DECIMALS, mode="pointwise")
    texts = shapely.to_geojson(shapes)
    features = [
        {"type": "Feature", "geometry": None if text is None else orjson.Fragment(text),
         "properties": record}
        for text, record in zip(texts, _records(some.drop(columns="geometry")), strict=True)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "numberMatched": len(frame),
            "numberReturned": len(some), "features": features}  # fmt: skip


def _records(frame: Any) -> list[dict[str, object]]:  # noqa: ANN401 (a frame)
    """Write rows as records; unknown is None."""
    columns = {
        str(name): [None if _missing(each) else each for each in frame[name].tolist()]
        for name in frame
    }
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and not np.isfinite(value))


def job_document(job: Job) -> dict[str, object]:
    """Write a job for programs."""
    left = job.seconds_left
    found: dict[str, object] = {
        "id": job.id, "state": job.state, "step": job.step, "step_number": job.number,
        "steps": job.of_steps, "share": round(job.share, 3),
        "seconds_left": None if left is None else round(left), "message": job.said or None,
    }  # fmt: skip
    asked = desk().jobs.asked(job.id)
    if "site" in asked:
        return found | _site_document(job, SiteAsk.from_dict(asked["site"]))
    verb = next((name for name, steps in STEPS_OF.items() if list(steps) == asked["steps"]), None)
    if verb is not None:
        ask = asked["ask"]
        walks = ask["method"] == "walk"
        minutes = ask["standard_m"] / ask["speed_mps"] / 60
        parameters = {
            "area": ask["area"], "level": ask["level"], "type": ask["types"],
            "weight": ask["weight"], "minutes": f"{minutes:.12g}" if walks else None,
            "speed": f"{ask['speed_mps']:.12g}" if walks else None,
            "standard_m": None if walks else f"{ask['standard_m']:.12g}",
        }  # fmt: skip
        kept = {name: value for name, value in parameters.items() if value}
        found["result"] = url_for(f"plan_verbs.{verb}", _external=True, **kept)
    return found


def _site_document(job: Job, ask: SiteAsk) -> dict[str, object]:
    """Tell how good the best sites so far are, how good any could be, and where the answer is."""
    best, bound = (
        None if each is None or not np.isfinite(each) else each for each in job.best or (None, None)
    )
    seconds = ask.standard_m / ask.speed_mps if ask.walks and ask.standard_m else None
    parameters = {
        "model": ask.model, "p": ask.p, "standard_m": None if ask.walks else ask.standard_m,
        "minutes": None if seconds is None else f"{seconds / 60:.12g}",
        "speed": ask.speed_mps if ask.walks else None, "weight": ask.weight, "area": ask.area,
        "candidates": ask.sites, "existing": ask.existing, "type": ask.types,
        "required": ask.required, "excluded": ask.excluded, "budget": ask.budget,
        "time_limit": ask.time_limit_s,
    }  # fmt: skip
    kept: dict[str, Any] = {
        name: f"{value:.12g}" if isinstance(value, float) else value
        for name, value in parameters.items() if value not in (None, "", ())
    }  # fmt: skip
    return {
        "objective": best, "bound": bound, "objective_of": BEST_OF[ask.model],
        "result": url_for("site_verb.site", _external=True, **kept),
    }  # fmt: skip


def json_answer(document: object, status: int, kind: str = _JSON) -> Response:
    """Write an answer that is asked for again each time."""
    response = Response(
        orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), status=status, content_type=kind
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response
