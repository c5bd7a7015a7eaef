"""The planner's verbs over HTTP: coverage, gaps, indicators; long ones answer with a job."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from apiflask import APIBlueprint

from geomap.errors import GeomapError
from geomap.model.geojson import geojson_shapes
from geomap.web.api.fields import NoParameters
from geomap.web.api.job_documents import job_answer, job_document, json_answer
from geomap.web.api.plan_parameters import PlanParameters, PlanQuery
from geomap.web.media_types import GEOJSON
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.plan.working import COVERED, STEPS_OF
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from flask import Response

    from geomap.plan.review import PlanReview

plan_verbs = APIBlueprint("plan_verbs", __name__, url_prefix="/api/v1", tag="planner")


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
    ask = query.ask(has_network=inputs().has_network)
    answer = desk().answer(ask, snapshot().revision, inputs(), STEPS_OF[verb])
    if answer.job is not None:
        return job_answer(answer.job)
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
    return json_answer(_collection(frame, query) | told, 200, GEOJSON)


def _collection(frame: gpd.GeoDataFrame, query: PlanQuery) -> dict[str, object]:
    """Write rows as an RFC 7946 FeatureCollection."""
    import shapely

    some = frame.iloc[query.offset : query.offset + query.limit]
    texts = shapely.to_geojson(geojson_shapes(some.geometry.to_numpy()))
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
