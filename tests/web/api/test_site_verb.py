"""Siting over HTTP: a job that tells how far it is, sites as GeoJSON, and refusals by name."""

from __future__ import annotations

import pytest

from tests.web.siting.conftest import make_planner, shop_folder, shops, solved  # noqa: F401 (fixtures)


def test_a_job_leads_to_the_best_site_with_its_reason(shops):  # noqa: F811 (the fixture)
    first = shops.get("/api/v1/site?p=1&standard_m=1000")
    assert first.status_code in (200, 202)
    told, found = solved(shops, "/api/v1/site?p=1&standard_m=1000")
    if told:
        assert told[-1]["state"] == "done"
        assert told[-1]["objective_of"] == "people_not_covered"
        assert "p=1" in told[-1]["result"]
    assert found["type"] == "FeatureCollection"
    assert (found["objective"], found["bound"], found["gap"]) == (90, 90, 0)
    assert found["status"] == "optimal"
    assert (found["covered_before"], found["newly_covered"], found["still_uncovered"]) == (
        30,
        60,
        10,
    )
    (site,) = found["features"]
    assert site["geometry"] == {"type": "Point", "coordinates": [105.151, 35.05]}
    told = site["properties"]
    assert (told["id"], told["new_people"]) == ("s2", 60)
    assert (told["next_best_id"], told["next_best_loses_people"]) == ("s1", 50)
    assert [(each["p"], each["value"]) for each in found["curve"]] == [(0, 30), (1, 90), (2, 100)]


@pytest.mark.parametrize(
    ("query", "ids", "objective"),
    [
        ("p=1&excluded=s2", ["s1"], 40),
        ("p=1&required=s1", ["s1"], 40),
        ("budget=150", ["s1"], 40),
        ("p=1&existing=ignore", ["s2"], 60),
        ("p=1&area=410102", ["s1"], 40),
        ("model=lscp&standard_m=1000", ["s2", "s1"], 2),
        ("p=1&type=community_center", ["s2"], 60),
    ],
)
def test_what_is_asked_is_kept(shops, query, ids, objective):  # noqa: F811 (the fixture)
    found = solved(shops, f"/api/v1/site?{query}")[1]
    assert [each["properties"]["id"] for each in found["features"]] == ids
    assert found["objective"] == objective


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "p"), ("p=0", "p"), ("p=1.5", "p"), ("p=3", "p"), ("model=lscp&p=2", "p"),
        ("p=1&model=voronoi", "model"), ("p=1&standard_m=0", "standard_m"),
        ("p=1&standard_m=nan", "standard_m"), ("p=1&minutes=15", "minutes"),
        ("p=1&minutes=15&standard_m=9", "minutes"), ("p=1&weight=aged_80", "weight"),
        ("p=1&required=s9", "required"), ("p=1&excluded=s9", "excluded"),
        ("p=1&required=s1&excluded=s1", "excluded"), ("p=1&required=s1,s2", "p"),
        ("p=1&type=hotel", "type"), ("p=1&budget=-1", "budget"), ("p=1&time_limit=0", "time_limit"),
        ("p=1&existing=some", "existing"), ("p=1&candidates=moon", "candidates"),
        ("p=1&candidates=demand&budget=5", "budget"), ("p=1&colour=red", "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_its_name(shops, query, parameter):  # noqa: F811 (the fixture)
    answer = shops.get(f"/api/v1/site?{query}")
    # 400: a parameter is wrong in itself; 409: it is at odds with others, or with the data
    assert answer.status_code in (400, 409), answer.text
    assert answer.mimetype == "application/problem+json"
    assert parameter in {each["parameter"] for each in answer.get_json()["errors"]}


def test_an_area_that_is_not_there_is_not_found(shops):  # noqa: F811 (the fixture)
    assert shops.get("/api/v1/site?p=1&area=999999").status_code == 404


def test_a_budget_that_does_not_do_ends_the_job_with_how_much_is_missing(shops):  # noqa: F811 (the fixture)
    told, found = solved(shops, "/api/v1/site?model=lscp&budget=250")
    assert found is None
    assert told[-1]["state"] == "failed"
    assert "50 more than the budget" in told[-1]["message"]


def test_a_job_can_be_cancelled(shops):  # noqa: F811 (the fixture)
    job = shops.get("/api/v1/site?p=1&standard_m=77").get_json()
    ended = shops.delete(f"/api/v1/jobs/{job['id']}").get_json()
    assert ended["state"] in ("cancelled", "done")
