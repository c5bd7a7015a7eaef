"""A workspace in which every page of the list has something to show, and a reader of all of it."""

from __future__ import annotations

import fcntl
import io
import json
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import shapely
from bs4 import BeautifulSoup

from geomap.data.job_state import Job
from tests.web.plan.conftest import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from geomap.data.jobs import Jobs

#: A list to check: a home that is whole, and one without a name.
LIST = "编号,机构名称,地址\n0001,甲敬老院,\n0002,,\n".encode()
_SITING = "go=1&p=1&standard_m=1000"
_PATIENCE_S = 120
_DAYS = ("2024-01-01", "2025-07-01")
_AREAS = (("310106", 121.44, 121.5, 40), ("310115", 121.5, 121.7, 60))
_PEOPLE = ((121.452, 30), (121.48, 10), (121.6, 60))
_SHOPS = (121.481, 121.601)
_JOBS = (
    Job("failed", state="failed", said="out of memory", said_zh="内存不够"),
    Job("running", state="running", step="coverage", number=1, of_steps=3, share=0.46,
        began_at=1e9, seconds_left=20.0, best=(4e6, 2e6)),
)  # fmt: skip


def office(
    folder: Path, homes: Sequence[Mapping[str, object]], context: Callable[[str], object],
    *, called: Callable[[int], str] = "地点 {}".format, **settings: object,
) -> Flask:  # fmt: skip
    """Fill a workspace on the town's parallel: people, districts, shops, homes at two days, a dump.

    Parameters
    ----------
    folder : where the workspace is made.
    homes : rows of the facility table, with lon and lat where they have a location.
    context : reads a layer around them.
    called : names the district or shop of a number.
    """
    from geomap.data.dump import FOLDER
    from geomap.data.published import read_published
    from geomap.settings import Settings
    from geomap.web.app import create_app
    from geomap.web.open_data.writing import write_open_data
    from geomap.web.state import Service

    def row(number: int, shape: object, **more: object) -> dict[str, object]:
        return {"id": f"s{number}", "name": called(number), "geometry": shape, **more}

    areas = [row(n, shapely.box(west, 31.2, east, 31.25), level="county", adcode=code, aged_60=aged)
             | {"id": code} for n, (code, west, east, aged) in enumerate(_AREAS)]  # fmt: skip
    people = [row(n, shapely.Point(lon, 31.235), aged_60=count)
              for n, (lon, count) in enumerate(_PEOPLE)]  # fmt: skip
    shops = [row(n, shapely.Point(lon, 31.235), cost=100 * n) for n, lon in enumerate(_SHOPS, 1)]
    spots = [shapely.Point(each["lon"], each["lat"]) if "lon" in each else None for each in homes]
    placed = [{**each, "geometry": at} for each, at in zip(homes, spots, strict=True)]
    before = [each | {"beds_total": 100} for each in placed[:-1]]
    now = {"areas": areas, "demand": people, "candidates": shops}
    fill(folder, {**{name: [(_DAYS[1], rows)] for name, rows in now.items()},
                  "facilities": list(zip(_DAYS, (before, placed), strict=True))})  # fmt: skip
    write_open_data(read_published(folder), folder / FOLDER, stewards=False)
    app = create_app(folder, Settings(**settings))
    data = replace(app.extensions["geomap"].snapshot(), context=context, names=None)
    app.extensions["geomap"] = Service(lambda: data, lambda: data.revision)
    return app


def ask(client: FlaskClient, path: str, form: Mapping[str, str] | None = None) -> TestResponse:
    """Ask for an address, or send a form to it; its file is `LIST`, its token that of the page."""
    if form is None:
        return client.get(path)
    given: dict[str, object] = dict(form)
    if "file" in given:
        given["file"] = (io.BytesIO(LIST), form["file"])
    if "token" in given:
        page = BeautifulSoup(client.get(path).data, "html.parser")
        given["token"] = page.select_one("input[name=token]")["value"]
    return client.post(path, data=given)


@contextmanager
def furnished(
    client: FlaskClient, names: Mapping[str, str], *, called: str = "关一家"
) -> Iterator[dict[str, str]]:
    """Make scenarios, an answered siting question and jobs; give all names to fill in.

    Parameters
    ----------
    client : of an application over a workspace that may be written to.
    names : what the addresses call homes and places, but for what is made here.
    called : names the scenarios.
    """
    made = {**names, "siting": _SITING, **{job.id: job.id for job in _JOBS}}
    for name in ("scenario", "other"):
        path = _led(client.post("/plan/scenarios", data={"name": called})).partition("?")[0]
        made[name] = path.rpartition("/")[2]
    path = f"/plan/scenarios/{made['scenario']}"
    close = {"kind": "close", "facility_id": unquote(names["home"])}
    _led(client.post(f"{path}/changes?standard_m=1000", data=close))
    for address in (f"/plan/site?{_SITING}", f"{path}?go=1", "/plan?go=1&standard_m=1000"):
        _wait_for(client, address)
    jobs = client.application.extensions["geomap_plan"].jobs
    with ExitStack() as held:
        for job in _JOBS:
            held.enter_context(_laid(jobs, job))
        yield made


def _led(answer: TestResponse) -> str:
    """Where an answer leads."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def _wait_for(client: FlaskClient, address: str) -> None:
    """Ask, and look after the job that works it out, until the page itself answers."""
    answer, end = client.get(address), time.monotonic() + _PATIENCE_S
    while answer.status_code == 303 or "/jobs/" in answer.request.path:
        assert time.monotonic() < end, answer.request.path
        if answer.status_code == 303:
            answer = client.get(_led(answer))
            continue
        time.sleep(0.2)
        answer = client.get(answer.request.full_path)
    assert answer.status_code == 200, answer.get_data(as_text=True)


@contextmanager
def _laid(jobs: Jobs, job: Job) -> Iterator[None]:
    """Lay the folder of a job; hold its lock, as the process that does it would."""
    place = jobs.place(job.id)
    place.mkdir(parents=True)
    (place / "asked.json").write_text('{"site": {}}')
    (place / "state.json").write_text(json.dumps(asdict(job)))
    with (place / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
