"""Scenarios over HTTP: what is kept, what each changes, refusals by name."""

from __future__ import annotations

import pytest

from tests.web.scenarios.conftest import (  # noqa: F401 (fixtures)
    at,
    changed,
    make_planner,
    planner,
    town_folder,
)
from tests.web.siting.conftest import solved


def test_a_scenario_is_listed_read_and_worked_out(planner, at):  # noqa: F811 (the fixtures)
    changed(planner, at, kind="add", type="other", lon="105.15", lat="35.05", cost="600", name="新")
    listed = planner.get("/api/v1/scenarios").get_json()
    assert listed["numberReturned"] == len(listed["scenarios"])
    own = next(each for each in listed["scenarios"] if each["id"] == at.rsplit("/", 1)[1])
    assert (own["name"], own["changes_count"]) == ("关一家，建一家", 1)
    (change,) = planner.get(own["href"]).get_json()["changes"]
    assert change["kind"] == "add"
    assert (change["lon"], change["lat"], change["beds"]) == (105.15, 35.05, None)
    found = solved(planner, f"{own['effect']}?standard_m=1000")[1]
    assert (found["newly_covered"], found["lost"]) == (60, 0)
    assert (found["before"]["covered"], found["after"]["covered"]) == (30, 90)
    assert found["changes"][0]["yuan_per_person"] == 10
    assert found["numberMatched"] == len(found["by_area"]) == 2
    one = solved(planner, f"{own['effect']}?standard_m=1000&limit=1&offset=1")[1]
    assert one["by_area"] == found["by_area"][1:]


def test_what_takes_long_is_a_job_that_leads_to_the_answer(planner, at, monkeypatch):  # noqa: F811 (the fixtures)
    from geomap.web.scenarios import working

    monkeypatch.setattr(working, "is_small", lambda *_: False)
    changed(planner, at, kind="close", facility_id="h")
    told, found = solved(planner, f"/api/v1{at.removeprefix('/plan')}/effect?standard_m=700")
    assert told[-1]["state"] == "done"
    assert "standard_m=700" in told[-1]["result"]
    assert found["lost"] == 30


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("?x=1", 400, "x"),
        ("/s9999", 404, "s9999"),
        ("/s9999/effect", 404, "s9999"),
        ("/s1/effect?standard_m=0", 400, "standard_m"),
        ("/s1/effect?standard_m=1&minutes=1", 409, "minutes"),
        ("/s1/effect?minutes=9", 409, "minutes"),
        ("/s1/effect?area=999999", 404, "999999"),
        ("/%0a", 404, ""),
    ],
)
def test_what_cannot_be_asked_is_a_problem_document(planner, at, path, status, words):  # noqa: F811 (the fixtures)
    assert at.startswith("/plan/scenarios/s")  # so that there is an s1
    answer = planner.get(f"/api/v1/scenarios{path}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert words in answer.text


def test_without_a_workspace_there_are_none(client):
    assert client.get("/api/v1/scenarios").get_json() == {"numberReturned": 0, "scenarios": []}
