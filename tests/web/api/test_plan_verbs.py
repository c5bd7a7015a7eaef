"""The planner's verbs over HTTP: figures, polygons, and jobs to poll."""

from __future__ import annotations

import shutil
import time

import pytest
import shapely

from geomap.data.job_state import Job
from geomap.web.plan.plan_pages import desk
from tests.web.plan.conftest import make_planner, planner, town_folder  # noqa: F401 (fixtures)


def test_coverage_gives_the_people_in_all_and_by_area(planner):  # noqa: F811 (the fixture)
    found = planner.get("/api/v1/coverage?standard_m=1000").get_json()
    assert (found["share"], found["covered"], found["uncovered"]) == (0.3, 30.0, 70.0)
    assert [each["uncovered"] for each in found["by_area"]] == [10.0, 60.0]
    assert found["standard"]["standard_m"] == 1000
    assert found["cut"] == []


def test_gaps_are_valid_polygons_with_people_and_the_nearest_facility(planner):  # noqa: F811 (the fixture)
    found = planner.get("/api/v1/gaps?standard_m=1000&limit=1").get_json()
    assert found["type"] == "FeatureCollection"
    assert found["numberReturned"] == 1
    assert found["numberMatched"] >= 2
    worst = found["features"][0]
    assert shapely.geometry.shape(worst["geometry"]).is_valid
    assert worst["properties"]["population"] == 60
    assert worst["properties"]["nearest_id"] == "h"


def test_indicators_say_what_is_unknown(planner):  # noqa: F811 (the fixture)
    found = planner.get("/api/v1/indicators?area=410102").get_json()
    told = found["features"][0]["properties"]
    assert told["beds_per_1000_aged_60"] == 250
    assert told["occupancy"] is None
    assert told["occupancy_unknown"] == 1


@pytest.mark.parametrize("query", ["standard_m=0", "standard_m=nan", "standard_m=1e9", "minutes=0",
                                   "weight=names", "level=street", "type=hotel", "limit=0",
                                   "x=1"])  # fmt: skip
@pytest.mark.parametrize("verb", ["coverage", "gaps", "indicators"])
def test_what_cannot_be_asked_is_a_problem_document(planner, verb, query):  # noqa: F811 (the fixture)
    answer = planner.get(f"/api/v1/{verb}?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("query", ["minutes=15&standard_m=1000", "minutes=15"])
@pytest.mark.parametrize("verb", ["coverage", "gaps", "indicators"])
def test_what_contradicts_itself_or_the_data_is_a_conflict(planner, verb, query):  # noqa: F811 (the fixture)
    answer = planner.get(f"/api/v1/{verb}?{query}")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert [each["parameter"] for each in answer.get_json()["errors"]] == ["minutes"]


def test_an_area_and_a_job_that_are_not_there_are_not_found(planner):  # noqa: F811 (the fixture)
    assert planner.get("/api/v1/coverage?area=999999").status_code == 404
    assert planner.get("/api/v1/jobs/0123456789").status_code == 404


def test_a_job_whose_question_is_damaged_is_not_found(
    make_planner,  # noqa: F811 (the fixture)
    town_folder,  # noqa: F811 (the fixture)
    tmp_path,
):
    folder = tmp_path / "damaged"
    shutil.copytree(town_folder, folder)
    client = make_planner(folder)
    with client.application.app_context():
        jobs = desk().jobs
    jobs.place("0123456789").mkdir(parents=True)
    jobs.states.write(Job("0123456789"))
    (jobs.place("0123456789") / "asked.json").touch()
    answer = client.get("/api/v1/jobs/0123456789")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_long_one_answers_with_a_job_that_leads_to_the_answer(
    make_planner,  # noqa: F811 (the fixture)
    town_folder,  # noqa: F811 (the fixture)
    tmp_path,
    monkeypatch,
):
    folder = tmp_path / "slow"
    shutil.copytree(town_folder, folder)
    monkeypatch.setattr("geomap.web.plan.working.MOST_AREAS", 0)
    client = make_planner(folder)
    first = client.get("/api/v1/coverage?standard_m=1000.125")
    assert first.status_code == 202
    assert first.headers["Retry-After"] == "2"
    end = time.monotonic() + 60
    while (job := client.get(first.headers["Location"]).get_json())["state"] != "done":
        assert job["state"] in ("queued", "running"), job
        assert time.monotonic() < end
        time.sleep(0.2)
    assert "standard_m=1000.125" in job["result"]
    assert client.get(job["result"]).get_json()["share"] == 0.3
    other = client.get("/api/v1/gaps?standard_m=500").get_json()
    assert client.delete(f"/api/v1/jobs/{other['id']}").get_json()["state"] in ("cancelled", "done")
