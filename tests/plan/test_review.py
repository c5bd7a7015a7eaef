"""Everything about some areas: the parts agree with each other, and with a count by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geomap.errors import ParameterError
from geomap.plan.review import STEPS, Question, review

#   A: 105-105.1° E              B: 105.1-105.2° E            35-35.1° N
#   home h (10 beds) with 30 people 500 m away; 10 farther   60 people, no home; one being built
#   0.01° of longitude is 912 m here
PLACES = {"near": (105.055, 35.05), "far": (105.09, 35.05), "b": (105.15, 35.05)}


@pytest.fixture
def areas():
    boxes = [shapely.box(105, 35, 105.1, 35.1), shapely.box(105.1, 35, 105.2, 35.1)]
    columns = {"id": ["A", "B"], "name": ["甲", "乙"], "level": "county",
               "adcode": ["410102", "410103"]}  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=boxes, crs="EPSG:4326")


@pytest.fixture
def homes():
    columns = {"id": ["h", "n"], "name": ["颐养院", "新院"], "type": "nursing_home",
               "status": ["open", "building"], "beds_total": [10, 99],
               "adcode": ["410102", "410103"]}  # fmt: skip
    at = gpd.points_from_xy([105.05, 105.15], [35.05, 35.05], crs="EPSG:4326")
    return gpd.GeoDataFrame(columns, geometry=at)


@pytest.fixture
def people():
    at = gpd.points_from_xy(*np.transpose(list(PLACES.values())), crs="EPSG:4326")
    return gpd.GeoDataFrame({"id": list(PLACES), "aged_60": [30.0, 10.0, 60.0]}, geometry=at)


def test_the_parts_of_a_review_agree_with_a_count_by_hand(areas, homes, people):
    found = review(areas, homes, people, Question(standard_m=1000))
    assert (found.covered, found.uncovered, found.share) == (30.0, 70.0, 0.3)
    assert found.areas["uncovered"].tolist() == [10.0, 60.0]
    assert found.areas["beds_per_1000"].tolist() == [250.0, 0.0]
    assert found.whole["share"].tolist() == [0.3]
    assert found.whole["facilities"].tolist() == [1.0]
    assert found.far["id"].tolist() == []  # 30 of 40 in A can walk there, and B has none
    assert found.counts["not_in_service"] == 1
    assert found.cut == ()


def test_gaps_and_served_ground_are_the_area(areas, homes, people):
    table = review(areas, homes, people, Question(standard_m=1000)).areas
    assert (table["gap_km2"] + table["served_km2"]).tolist() == pytest.approx(table["area_km2"])
    assert table["gap_people"].tolist() == pytest.approx(table["uncovered"])


def test_the_order_of_rows_does_not_matter(areas, homes, people):
    asked = Question(standard_m=1000)
    one, other = (review(*frames, asked) for frames in
                  ((areas, homes, people), (areas[::-1], homes[::-1], people[::-1])))  # fmt: skip
    columns = ["share", "gap_km2", "access", "occupancy"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.areas[columns]), pd.DataFrame(other.areas[columns][::-1]), rtol=1e-9
    )
    assert one.equity == pytest.approx(other.equity, nan_ok=True)


def test_asking_of_one_area_counts_the_neighbours_facilities(areas, homes, people):
    moved = homes.set_geometry(gpd.points_from_xy([105.101, 105.15], [35.05] * 2, crs=areas.crs))
    whole = areas[:1]
    found = review(areas[:1], moved, people, Question(standard_m=1100), whole=whole)
    assert (found.covered, found.uncovered) == (10.0, 30.0)


def test_without_demand_the_people_of_the_areas_live_evenly(areas, homes):
    found = review(areas.assign(aged_60=[100.0, 50.0]), homes, None, Question(standard_m=1000))
    assert found.evenly
    served = found.areas["served_km2"] / found.areas["area_km2"]
    assert found.areas["share"].tolist() == pytest.approx(served.tolist(), rel=1e-6)


def test_without_any_people_there_are_still_gaps(areas, homes):
    found = review(areas, homes, None, Question(standard_m=1000))
    assert np.isnan(found.share)
    assert found.demand is None
    assert len(found.gaps) >= 2


def test_no_facility_leaves_everybody_out_of_reach(areas, homes, people):
    found = review(areas, homes[:0], people, Question(standard_m=1000))
    assert (found.covered, found.share) == (0.0, 0.0)
    assert found.areas["gap_km2"].tolist() == pytest.approx(found.areas["area_km2"].tolist())


def test_what_there_is_no_time_for_is_named_and_what_is_done_is_kept(areas, homes, people):
    looks = iter([False, False, True, True, True, True])
    found = review(areas, homes, people, Question(standard_m=1000), out_of_time=lambda: next(looks))
    assert [each.step for each in found.cut] == list(STEPS[2:])
    assert found.covered == 30.0
    assert found.gaps is None


def test_it_tells_of_every_step(areas, homes, people):
    told = []
    review(areas, homes, people, Question(standard_m=1000), tell=lambda *each: told.append(each))
    assert list(dict.fromkeys(step for step, _, _ in told)) == list(STEPS)
    assert all(0 <= done <= of for _, done, of in told)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"standard_m": None}, "standard_m or minutes"),
        ({"standard_m": 500, "minutes": 10}, "standard_m or minutes"),
    ],
)
def test_a_question_has_one_standard(asked, said):
    with pytest.raises(ParameterError, match=said):
        Question(**asked)


def test_a_walk_needs_a_network_and_areas_are_needed_at_all(areas, homes, people):
    with pytest.raises(ParameterError, match="network"):
        review(areas, homes, people, Question(standard_m=None, minutes=15))
    with pytest.raises(ParameterError, match="at least one row"):
        review(areas[:0], homes, people, Question())
    with pytest.raises(ParameterError, match="standard_m"):
        Question(standard_m=float("nan"))


def test_taipei_is_as_the_plain_planar_count_says(data_folder):
    """94 homes and 456 villages: within 0.3 % of planar buffers in the island's own grid."""
    folder = data_folder / "taipei"
    villages = gpd.read_file(folder / "villages_population.geojson").to_crs(3826)
    table = pd.read_csv(folder / "homes.csv")
    spots = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    planar = gpd.GeoSeries(spots).to_crs(3826).buffer(1000, quad_segs=64).union_all()
    inside = villages.intersection(planar).area / villages.area
    by_hand = float((villages["A65UP_CNT"] * inside).sum())
    districts = gpd.read_file(folder / "districts.geojson")
    districts = districts.assign(id=districts["TNAME"], name=districts["TNAME"])[
        ["id", "name", "geometry"]
    ]
    homes = gpd.GeoDataFrame(
        {"id": table.index.astype(str), "name": table["機構名稱"], "type": "nursing_home",
         "beds_total": table["核定床數-核定總床位數"]}, geometry=spots,
    )  # fmt: skip
    people = villages.to_crs(4326)[["geometry"]].assign(aged_65=villages["A65UP_CNT"])
    found = review(districts, homes, people, Question(standard_m=1000, weight="aged_65"))
    assert found.people == pytest.approx(574_458)
    assert found.covered == pytest.approx(by_hand, rel=0.003)
    assert found.whole["beds"].tolist() == [5192.0]
    assert found.areas["beds"].sum() == 5192.0
