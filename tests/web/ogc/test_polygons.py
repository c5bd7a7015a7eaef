"""Areas and gaps: made once, waited for where that is soon, described without waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import geopandas as gpd
import pytest
from shapely import box

from geomap.data.job_state import Job
from geomap.data.jobs import Jobs
from geomap.web.ogc import polygons
from geomap.web.plan.ask import Ask
from geomap.web.plan.working import Answer, PlanDesk, asked_of


@pytest.fixture
def slow_gaps(make_client, town, monkeypatch):
    """A client of a town whose gaps are a job's; and how the wait for it ends, to be set."""
    client = make_client(town)
    ends = {"state": "running"}
    really = PlanDesk.answer

    def answer(*given):
        done = ends["state"] == "done"
        return really(*given) if done else Answer(None, Job("1", state="running"))

    monkeypatch.setattr(PlanDesk, "answer", answer)
    monkeypatch.setattr(Jobs, "wait", lambda *_, **__: Job("1", **ends))
    return client, ends


def test_gaps_that_take_too_long_are_answered_with_when_to_ask_again(slow_gaps):
    client, ends = slow_gaps
    for method in (client.get, client.head):
        answer = method("/ogc/collections/gaps/items")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.mimetype == "application/problem+json"
    described = client.get("/ogc/collections/gaps")
    assert "extent" not in described.json
    assert "1,000 米以上" in described.json["description"]
    ends["state"] = "done"
    assert client.get("/ogc/collections/gaps/items").status_code == 200
    known = client.get(
        "/ogc/collections/gaps", headers={"If-None-Match": described.headers["ETag"]}
    )
    assert "extent" in known.json


def test_the_first_question_waits_for_gaps_that_are_soon_worked_out(slow_gaps, monkeypatch):
    client, ends = slow_gaps

    def wait(*_given, **_options):
        ends["state"] = "done"
        return Job("1", state="done")

    monkeypatch.setattr(Jobs, "wait", wait)
    assert client.get("/ogc/collections/gaps/items").status_code == 200


def test_while_some_threads_wait_for_the_gaps_the_others_answer(slow_gaps, monkeypatch):
    client, _ends = slow_gaps
    waiting, go_on = Semaphore(0), Event()

    def wait(*_given, **_options):
        waiting.release()
        assert go_on.wait(20)
        return Job("1", state="running")

    monkeypatch.setattr(Jobs, "wait", wait)

    def ask(path):
        return client.application.test_client().get(path).status_code

    with ThreadPoolExecutor(3) as pool:
        those = [pool.submit(ask, "/ogc/collections/gaps/items") for _ in range(3)]
        for _ in those:
            assert waiting.acquire(timeout=20)
        for path in ("/ogc/", "/ogc/collections", "/ogc/collections/areas/items"):
            assert ask(f"{path}?f=json") == 200
        assert ask("/ogc/collections/gaps/items") == 503
        go_on.set()
        assert {each.result() for each in those} == {503}


def test_much_is_worked_out_ahead_and_described_without_waiting(make_client, town, monkeypatch):
    client, begun = make_client(town), []
    monkeypatch.setattr(polygons, "MOST_FACILITIES", len(town) - 1)
    monkeypatch.setattr(PlanDesk, "ahead", lambda *given: begun.append(given[1:]))
    monkeypatch.setattr(polygons, "areas_of", None)  # nothing is made
    data = client.application.extensions["geomap"].snapshot()
    polygons.work_ahead(client.application, data)
    assert begun == [(Ask(), data.revision, ("gaps",))]
    told = client.get("/ogc/collections?f=json").json["collections"]
    assert ["extent" in each for each in told] == [True, False, False]
    monkeypatch.setattr(polygons, "MOST_FACILITIES", len(town))
    polygons.work_ahead(client.application, data)
    assert len(begun) == 1


def test_where_gaps_are_is_read_off_the_result_that_another_process_left(
    make_client, town, monkeypatch, tmp_path
):
    client = make_client(town)
    desk = client.application.extensions["geomap_plan"]
    monkeypatch.setattr(desk, "jobs", Jobs(tmp_path))
    revision = client.application.extensions["geomap"].snapshot().revision
    number = desk.jobs.id_of(asked_of(Ask(), revision, ("gaps",)))
    (tmp_path / number).mkdir()
    desk.jobs.states.write(Job(number, state="running"))
    frame = gpd.GeoDataFrame(geometry=[box(121, 31, 121.5, 31.25)], crs="EPSG:4326")
    frame.to_parquet(tmp_path / number / "gaps.parquet")
    assert "extent" not in client.get("/ogc/collections/gaps?f=json").json
    desk.jobs.states.write(Job(number, state="done"))
    extent = client.get("/ogc/collections/gaps?f=json").json["extent"]
    assert extent["spatial"]["bbox"] == [[121, 31, 121.5, 31.25]]


def test_what_was_begun_for_an_earlier_revision_is_given_up(tmp_path, monkeypatch):
    said = []

    def start(_jobs, asked, *_given, ends_with_server):
        assert ends_with_server
        said.append(asked["revision"])

    monkeypatch.setattr(Jobs, "start", start)
    monkeypatch.setattr(Jobs, "cancel", lambda _, number: said.append(number))
    desk = PlanDesk(None, Jobs(tmp_path), 5)
    for revision in ("one", "one", "two"):
        desk.ahead(Ask(), revision, ("gaps",))
    before = desk.jobs.id_of(asked_of(Ask(), "one", ("gaps",)))
    assert said == ["one", "one", before, "two"]


def test_many_threads_make_the_polygons_once(make_client, town, monkeypatch):
    client, made = make_client(town), []

    def counted(frame):
        made.append(len(frame))
        return areas_of(frame)

    areas_of = polygons.areas_of
    monkeypatch.setattr(polygons, "areas_of", counted)

    def ask(_):
        own = client.application.test_client()
        return own.get("/ogc/collections/areas/items?bbox=121.6,31,121.8,31.3").data

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(16)))
    assert (len(answers), len(made)) == (1, 1)
