"""The areas and gaps of a revision: made once, waited for where that is soon, worked out ahead.

The gaps of a whole country take half a minute and gigabytes: a process of its own works them out
when the server is warm, and leaves them as the result of a job, for all workers and the next start.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Final, cast

from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

from geomap.data.jobs import BusyError
from geomap.errors import GeomapError, NotFoundError
from geomap.web.ogc.collections import Described, Polygons, areas_of, gaps_of
from geomap.web.plan.ask import Ask
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.plan.working import MOST_FACILITIES, asked_of
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from geomap.plan.review import PlanReview
    from geomap.web.ogc.collections import Box
    from geomap.web.plan.working import Answer
    from geomap.web.recent import Recent
    from geomap.web.state import Snapshot

#: Programs such as OWSLib give up after half a minute.
WAIT_S: Final = 20.0
#: So many threads of a process wait at a time for a job; the others go on answering.
_MOST_WAITING: Final = 3
_RETRY_S: Final = 5
_GAPS: Final = ("gaps",)
_SAID = "the gaps are being worked out: ask again in a few seconds"
_CUT = "the gaps take longer than the time that the operator gives them: see plan_seconds"
#: One thread asks for the gaps, or makes the polygons of a revision ready, while the others wait.
_asking: Final = threading.Lock()
_making: Final = threading.Lock()
_waiting: Final = threading.BoundedSemaphore(_MOST_WAITING)
_log = logging.getLogger(__name__)


def polygons(name: str) -> Polygons:
    """Give the areas or the gaps of what is published.

    Raises
    ------
    ServiceUnavailable : if the gaps are being worked out, and that takes long.
    """
    found = _held(name)
    if found is not None:
        return found
    review = _review() if name == "gaps" else None
    with _making:
        found = _held(name)
        if found is None:
            found = areas_of(inputs().areas) if review is None else gaps_of(review.gaps)
            _kept().put(_key(name), found)
    return found


def described(name: str) -> Polygons | Described:
    """Give polygons to be described, without waiting: nothing is told of what takes long to make.

    Where they are stands in the files that hold them; of gaps, once they are worked out.
    """
    held = _held(name)
    if held is not None:
        return held
    box = _box(name)
    soon = name == "areas" and not _is_much(snapshot())
    return polygons(name) if box is None and soon else Described(name, box)


def _box(name: str) -> Box | None:
    """Tell where polygons are, by what their file says; None where there is no such file."""
    kept, key = _kept(), f"box {_key(name)}"
    box: Box | None = kept.get(key)
    if box is None:
        layer = inputs().layer("areas") if name == "areas" else None
        path = _result(f"{name}.parquet") if layer is None else layer.path
        box = None if path is None else _box_of(path)
        if box is not None:
            kept.put(key, box)
    return box


def _result(name: str) -> Path | None:
    """Find a file of the job that worked the gaps out; None while there is none."""
    jobs = desk().jobs
    number = jobs.id_of(asked_of(Ask(), snapshot().revision, _GAPS))
    try:
        done = jobs.find(number).state == "done"
    except NotFoundError:
        return None
    path = jobs.place(number) / name
    return path if done and path.is_file() else None


def _box_of(path: Path) -> Box | None:
    """Read where the shapes of a GeoParquet file are, without the shapes."""
    import pyarrow.parquet

    told = json.loads(pyarrow.parquet.read_schema(path).metadata[b"geo"])
    box = told["columns"][told["primary_column"]].get("bbox")
    return None if box is None else tuple(box)


def work_ahead(app: Flask, data: Snapshot) -> None:
    """Have the gaps of a revision worked out before anybody asks, where that takes long."""
    if not _is_much(data):
        return
    try:
        app.extensions["geomap_plan"].ahead(Ask(), data.revision, _GAPS)
    except (GeomapError, OSError) as error:
        _log.info("the gaps are not worked out ahead: %s", error)


def _is_much(data: Snapshot) -> bool:
    """Whether areas and gaps take longer than a reader is to wait."""
    return len(data.facilities) > MOST_FACILITIES


def _review() -> PlanReview:
    """Work the gaps of the usual standard out, or wait until a job has."""
    end = time.monotonic() + WAIT_S
    try:
        answer = _answer()
        if answer.job is not None and _waited(answer.job.id, end):
            answer = _answer()
    except BusyError as error:
        raise ServiceUnavailable(str(error), retry_after=_RETRY_S) from error
    if answer.review is None or answer.review.gaps is None:
        raise ServiceUnavailable(_SAID, retry_after=_RETRY_S)
    if answer.review.cut:
        raise ServiceUnavailable(_CUT, retry_after=_RETRY_S)
    return answer.review


def _answer() -> Answer:
    with _asking:
        return desk().answer(Ask(), snapshot().revision, inputs(), _GAPS)


def _waited(number: str, end: float) -> bool:
    """Wait for a job, unless many threads do already; tell whether it is done."""
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return desk().jobs.wait(number, seconds=end - time.monotonic()).state == "done"
    finally:
        _waiting.release()


def _held(name: str) -> Polygons | None:
    """Give polygons that were made for this revision."""
    return cast("Polygons | None", _kept().get(_key(name)))


def _key(name: str) -> str:
    return f"{name} {snapshot().revision}"


def _kept() -> Recent:
    return cast("Recent", current_app.extensions["geomap_ogc"])
