"""Siting over HTTP: a job to poll, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint

from geomap.web.api.job_documents import job_answer, json_answer
from geomap.web.api.site_parameters import SiteParameters, SiteQuery
from geomap.web.media_types import GEOJSON
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.problems import ContradictionError
from geomap.web.siting.faults import faults_of
from geomap.web.siting.working import refusal_of, result_of, start
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Response

site_verb = APIBlueprint("site_verb", __name__, url_prefix="/api/v1", tag="planner")

#: The parameter by which a field of a question is asked.
_PARAMETERS = {"method": "minutes", "sites": "candidates", "by_type": "p",
               "time_limit_s": "time_limit"}  # fmt: skip


@site_verb.get("/site")
@site_verb.input(SiteParameters, location="query", unknown=None)
@site_verb.doc(summary="Where the next facilities should stand", responses=[200, 202, 400, 404])
def site(query_data: SiteQuery) -> Response:
    """Choose sites: first a job to poll, which tells the best so far; then the sites as GeoJSON.

    Each site says how many people it newly covers and what the next best in its place would lose.
    ``gap`` is 0 only where the choice is proven the best.
    """
    ask, revision = query_data.ask(), snapshot().revision
    found = result_of(desk(), ask, revision)
    if found is not None:
        return json_answer(found, 200, GEOJSON)
    faults = faults_of(ask, inputs())
    if not faults and (refusal := refusal_of(desk(), ask, revision)):
        faults = dict([refusal])
    if faults:
        raise ContradictionError([
            {"parameter": _PARAMETERS.get(name, name), "detail": str(error)}
            for name, error in faults.items()
        ])  # fmt: skip
    return job_answer(start(desk(), ask, revision))
