"""Siting over HTTP: a job to poll, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import request, url_for
from werkzeug.exceptions import ServiceUnavailable

from geomap.data.jobs import BusyError
from geomap.web.api.plan_verbs import BUSY_S, RETRY_S, job_document, json_answer
from geomap.web.api.site_parameters import SiteParameters, SiteQuery
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.problems import RefusedParametersError
from geomap.web.siting.ground import faults_of
from geomap.web.siting.working import result_of, start
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Response

site_verb = APIBlueprint("site_verb", __name__, url_prefix="/api/v1", tag="planner")

_GEOJSON = "application/geo+json"
#: The parameter by which a field of a question is asked.
_PARAMETERS = {"method": "minutes", "sites": "candidates"}


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
        return json_answer(found, 200, _GEOJSON)
    faults = faults_of(ask, inputs())
    if faults:
        raise RefusedParametersError([
            {"parameter": _PARAMETERS.get(name, name), "detail": str(error)}
            for name, error in faults.items()
        ])  # fmt: skip
    try:
        job = start(desk(), ask, revision)
    except BusyError as error:
        raise ServiceUnavailable(str(error), retry_after=BUSY_S) from error
    response = json_answer(job_document(job) | {"result": request.url}, 202)
    response.headers["Location"] = url_for("plan_verbs.get_job", number=job.id, _external=True)
    response.headers["Retry-After"] = RETRY_S
    return response
