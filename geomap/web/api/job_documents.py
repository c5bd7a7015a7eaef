"""Jobs as programs see them: how far one is, and where its answer will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
from flask import Response

from geomap.web.addresses import here_address, plain_address
from geomap.web.api.site_parameters import parameters_of
from geomap.web.media_types import JSON
from geomap.web.plan.plan_pages import desk
from geomap.web.plan.working import STEPS_OF
from geomap.web.siting.ask import SiteAsk
from geomap.web.siting.working import fraction_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.data.job_state import Job

_RETRY_S: Final = "2"
#: What the numbers of a siting job that runs count; less is better, and nothing is below 0.
_BEST_OF: Final = {"lscp": "sites", "mclp": "people_not_covered", "p_median": "person_metres",
                   "p_center": "metres"}  # fmt: skip


def json_answer(document: object, status: int, kind: str = JSON) -> Response:
    """Write an answer that is asked for again each time."""
    response = Response(
        orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), status=status, content_type=kind
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def job_answer(job: Job) -> Response:
    """Say which job will answer this request, and where to look after it."""
    response = json_answer(job_document(job) | {"result": here_address()}, 202)
    response.headers["Location"] = plain_address("plan_verbs.get_job", number=job.id)
    response.headers["Retry-After"] = _RETRY_S
    return response


def job_document(job: Job) -> dict[str, object]:
    """Write how far a job is; `result` is where its answer is, once it is done."""
    left = job.seconds_left
    found: dict[str, object] = {
        "id": job.id, "state": job.state, "step": job.step, "step_number": job.number,
        "steps": job.of_steps, "share": round(job.share, 3),
        "seconds_left": None if left is None else round(left), "message": job.said or None,
    }  # fmt: skip
    asked = desk().jobs.asked(job.id)
    told = next((tell for kind, tell in _TELLS.items() if kind in asked), None)
    return found if told is None else found | told(job, asked)


def _of_review(_job: Job, asked: Mapping[str, Any]) -> dict[str, object]:
    """Tell where the answer of a verb is."""
    verb = next((name for name, steps in STEPS_OF.items() if list(steps) == asked["steps"]), None)
    if verb is None:  # a page's own question, which is several verbs in one
        return {}
    kept = _parameters(asked["ask"])
    return {"result": plain_address(f"plan_verbs.{verb}", **kept)}


def _of_scenario(_job: Job, asked: Mapping[str, Any]) -> dict[str, object]:
    """Tell where is what a scenario changes."""
    kept = _parameters(asked["ask"])
    there = plain_address("scenario_verb.get_effect", number=asked["scenario"], **kept)
    return {"result": there}


def _parameters(ask: Mapping[str, Any]) -> dict[str, Any]:
    """Write a planner's question as the parameters of a verb."""
    walks = ask["method"] == "walk"
    minutes = ask["standard_m"] / ask["speed_mps"] / 60
    parameters = {
        "area": ask["area"], "level": ask["level"], "type": ask["types"],
        "weight": ask["weight"], "minutes": f"{minutes:.12g}" if walks else None,
        "speed": f"{ask['speed_mps']:.12g}" if walks else None,
        "standard_m": None if walks else f"{ask['standard_m']:.12g}",
    }  # fmt: skip
    return {name: value for name, value in parameters.items() if value}


def _of_siting(job: Job, asked: Mapping[str, Any]) -> dict[str, object]:
    """Tell how good the best sites so far are, how good any could be, and where the answer is."""
    ask = SiteAsk.from_dict(asked["site"])
    best, bound = job.best or (None, None)
    share = fraction_done(job, ask) if job.state == "running" else job.share
    return {
        "objective": best if best is not None and np.isfinite(best) else None,
        # Nothing that is counted can be below 0, so that is a bound before any other is proven.
        "bound": None if best is None or bound is None else max(0.0, bound),
        "objective_of": _BEST_OF[ask.model], "share": round(share, 3),
        "result": plain_address("site_verb.site", **parameters_of(ask)),
    }  # fmt: skip


#: What else is told of a job, by what stands in its question.
_TELLS: Final = {"site": _of_siting, "scenario": _of_scenario, "ask": _of_review}
