"""The planner's layers in an embed: as light as all else, whatever they are of, and truthful."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import shapely

from geomap.data.divisions import read_areas
from geomap.plan.review import PlanReview, Question
from geomap.web.plan.working import PlanDesk

#: An embed is no heavier than 150 kB: its page, styles, scripts and tiles take some 115 of them.
MOST_BYTES = 35_000


def review_of(areas, gaps) -> PlanReview:
    """An answer about some areas: every other person is within reach, more to the east."""
    east = np.linspace(0, 1, len(areas))
    people = np.full(len(areas), 1_000.0)
    table = areas[["id", "name", "level", "adcode", "geometry"]].assign(
        people=people, covered=people * east, uncovered=people * (1 - east), share=east
    )
    told = gaps[["geometry"]].assign(
        area_name="某县", area_km2=12.5, population=120.0, distance_m=1_500.0
    )
    return PlanReview(Question(), table, table[:1], gaps=told, counts={"serving": 9})


@pytest.fixture(scope="module")
def counties():
    return read_areas("county")


@pytest.fixture
def plan(client, monkeypatch):
    """Give what an embed draws of an answer, and how large its script is as it is sent."""

    def show(found, asked="layers=gaps,coverage&lang=zh"):
        monkeypatch.setattr(PlanDesk, "shown", lambda *_, **__: found)
        desk = client.application.extensions["geomap_plan"]
        monkeypatch.setattr(desk, "drawings", type(desk.drawings)(1))
        answers = [
            client.get(f"/embed/script.js?{asked}", headers={"Accept-Encoding": each})
            for each in ("gzip", "identity")
        ]
        return told(answers[1]), len(answers[0].data)

    return show


def told(answer) -> dict:
    """Read what a script draws of the planner's answer."""
    (config,) = re.findall(r'"geomap": ("(?:[^"\\]|\\.)*")', answer.get_data(as_text=True))
    return json.loads(json.loads(config))["plan"]


@pytest.mark.parametrize("codes", ["", "41", "4101", "410122"])
def test_of_a_county_a_province_and_the_whole_country_they_are_light(plan, counties, codes):
    areas = counties[counties["adcode"].str.startswith(codes)].reset_index(drop=True)
    holes = shapely.union_all(shapely.buffer(shapely.points(
        np.random.default_rng(1).uniform(areas.total_bounds[:2], areas.total_bounds[2:], (500, 2))
    ), 0.01, quad_segs=12))  # fmt: skip
    gaps = areas.assign(geometry=areas.geometry.difference(holes)).explode(ignore_index=True)
    found = review_of(areas, gaps)
    drawn, sent = plan(found)
    assert sent <= MOST_BYTES
    assert 0 < len(drawn["areas"]) <= 250
    assert {each["properties"]["lines"][1] for each in drawn["gaps"]} == {"12.5 平方公里"}
    print(f"{len(areas)} areas, {len(gaps)} gaps: {sent / 1000:.0f} kB")


def test_more_areas_than_can_be_told_apart_are_joined_and_lines_are_said_to_be_rough(
    plan, counties
):
    drawn, _sent = plan(review_of(counties, counties[:1]), "layers=coverage&lang=en")
    assert 30 <= len(drawn["areas"]) <= 250
    assert {each["properties"]["class"] for each in drawn["areas"]} == set(range(5))
    assert drawn["gaps"] == []
    assert "lines are drawn roughly" in drawn["notes"][-1]
    west, south, east, north = counties.total_bounds
    assert np.allclose(drawn["bounds"], [[south, west], [north, east]], atol=0.02)


def test_an_embed_of_gaps_alone_colours_nothing_and_is_exact_where_it_can_be(plan, counties):
    few = review_of(counties[:4], counties[:1])
    drawn, _sent = plan(few, "layers=gaps&lang=zh")
    assert (drawn["ramp"]["classes"], drawn["notes"]) == ([], [])
    assert drawn["words"]["gap"] == "空白区：直线 1,000 米内没有机构"
    assert plan(few)[0]["ramp"]["classes"]


def test_a_drawing_that_is_kept_counts_the_facilities_of_each_choice(plan, client, counties, town):
    asked = "layers=coverage&lang=zh"
    drawn, _sent = plan(review_of(counties[:4], counties[:1]), asked)
    fewer = told(client.get(f"/embed/script.js?{asked}&beds=free"))
    assert fewer["facilities"] < drawn["facilities"] == len(town)
    assert fewer["areas"] == drawn["areas"]
