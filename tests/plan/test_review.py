"""Everything about some areas: the parts agree with each other, and with a count by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from geomap.errors import ParameterError
from geomap.model.claims import Claim, Figure
from geomap.model.table import Label
from geomap.plan.review import STEPS, Question, review
from geomap.plan.scope import whole_of
from tests.plan.conftest import degrees, make_places

GEOD = Geod(ellps="WGS84")

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
    assert found.unbuilt["name"].tolist() == found.areas["name"].tolist()[1:]
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


def test_areas_without_ground_are_reviewed_by_their_codes(areas, homes, people):
    bare = areas.set_geometry(gpd.GeoSeries([None, None], crs=areas.crs))
    coded = people.assign(adcode=["410102", "410102", "410103"])
    found = review(bare, homes, coded, Question(standard_m=1000), whole=whole_of(bare))
    assert np.isnan(found.share)
    assert found.areas["facilities"].tolist() == [1, 0]
    assert found.areas["beds_per_1000"].tolist() == [250, 0]
    assert found.whole[["gap_km2", "gap_people"]].isna().all(axis=None)
    assert review(bare, homes, coded, Question(standard_m=1000)).share == 0.3


def test_a_home_far_from_the_drawn_areas_is_of_the_undrawn_one_of_its_code(areas, homes, people):
    half = areas.set_geometry(gpd.GeoSeries([areas.geometry[0], None], crs=areas.crs))
    far = homes.assign(status="open").set_geometry(
        gpd.points_from_xy([105.05, 109.0], [35.05, 36.0], crs=areas.crs)
    )
    found = review(half, far, people, Question(standard_m=1000))
    assert found.areas["facilities"].tolist() == [1, 1]
    assert found.areas["beds"].tolist() == [10, 99]


def test_people_in_gaps_are_unknown_where_nothing_is_known_of_people(areas, homes):
    found = review(areas, homes, None, Question(standard_m=1000))
    assert found.whole["gap_people"].isna().all()
    assert found.whole["gap_km2"].tolist() == pytest.approx([found.areas["gap_km2"].sum()])


@pytest.mark.parametrize("lat", [0.0, 20.0, 60.0])
@pytest.mark.parametrize("standard_m", [1000.0, 100_000.0])
def test_a_neighbour_just_within_the_standard_is_within_reach(
    areas, homes, people, lat, standard_m
):
    area = areas[:1].set_geometry([shapely.box(105, lat - 0.1, 105.1, lat)], crs=areas.crs)
    corner = [105.0999, lat - 0.00005]
    resident = people[:1].set_geometry([shapely.Point(corner)], crs=areas.crs)
    for azimuth in (0.0, 90.0):
        lon_lat = GEOD.fwd(*corner, azimuth, standard_m * 0.9999)[:2]
        home = homes[:1].set_geometry([shapely.Point(lon_lat)], crs=areas.crs)
        found = review(area, home, resident, Question(standard_m=standard_m), whole=area)
        assert found.covered == 30
        assert (found.demand["access"] > 0).all()


def test_people_may_be_of_a_column_of_the_areas_alone_even_before_they_are_counted(areas, homes):
    stated = areas.assign(aged_80=[20.0, 20.0])
    asked = Question(weight="aged_80")
    found = review(stated, homes, None, asked, steps=["indicators"])
    assert found.whole["beds_per_1000"].tolist() == [250]


def test_published_figures_are_counted_to_the_day_of_the_whole_review(areas, homes, people):
    """B's home was inspected in the year before; by its own latest day it would be this year."""
    days = pd.to_datetime(["2026-02-01", "2025-06-01"])
    inspected = homes.assign(status="open", inspected_on=days)
    claim = Claim("b", Label("乙", "B"), Label("乙", "B"), "410103", "inspected_share",
                  (Figure("numerator", 1.0),), "unverified")  # fmt: skip
    found = review(areas, inspected, people, Question(), claims=[claim])
    assert found.on.isoformat() == "2026-02-01"
    assert found.claims["verdict"].tolist() == ["does_not_hold"]
    assert "Data as of 2026-02-01" in found.claims["working_en"].iloc[0]


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


def test_gaps_that_there_is_no_time_for_are_unknown(areas, homes, people):
    looks = iter([False, True, True])  # before the step, then before each area
    found = review(
        areas, homes, people, Question(), steps=["gaps"], out_of_time=lambda: next(looks)
    )
    assert [(each.step, each.done, each.of) for each in found.cut] == [("gaps", 0, 2)]
    assert found.gaps.empty
    assert found.areas["gap_km2"].isna().all()


def walked(street, **more):
    """A street of 2 km with a home; people on it, and far from it; an area without any street."""
    lon, lat = (float(each[0]) for each in degrees(0, 0))
    boxes = [shapely.box(lon - 0.01, lat - 0.1, lon + 0.1, lat + 0.1),
             shapely.box(lon + 1, lat, lon + 1.1, lat + 0.1)]  # fmt: skip
    areas = gpd.GeoDataFrame({"id": ["A", "B"], "name": ["甲", "乙"]}, geometry=boxes, crs=4326)
    homes = make_places([(100, 0)], id=["h"], type=["other"], beds_total=[6])
    elsewhere = gpd.GeoSeries([shapely.Point(lon + 1.05, lat + 0.05)], crs=4326)
    people = make_places([(400, 10), (1900, 0), (300, 4000), None]).assign(aged_60=[3.0, 5, 7, 11])
    people.loc["f3", "geometry"] = elsewhere[0]
    asked = Question(standard_m=None, minutes=15)
    return review(areas, homes, people, asked, network=street, **more)


def test_on_foot_what_the_streets_tell_nothing_of_is_unknown_and_counted_apart(street):
    found = walked(street)
    assert (found.covered, found.uncovered) == (3.0, 5.0)
    assert found.counts["people_off_network"] == 7 + 11
    assert found.counts["areas_off_network"] == 1
    assert found.demand["fraction"].tolist() == pytest.approx([1, 0, np.nan, np.nan], nan_ok=True)
    access = found.demand["access"]
    assert access.isna().tolist() == [False, False, True, True]
    assert access["f1"] == 0
    assert access["f0"] * 3 == pytest.approx(6_000)
    assert found.equity["unknown"] == 2
    assert found.areas["gap_km2"].isna().tolist() == [False, True]
    assert set(found.gaps["area_id"]) == {"A"}


def test_a_walk_too_long_for_its_time_is_named_with_all_that_stands_on_it(street):
    up = iter([False])
    found = walked(street, out_of_time=lambda: next(up, True))
    assert [each.step for each in found.cut] == list(STEPS[1:])
    many = make_places([(30.0 * number, 0) for number in range(40)], id=range(40), type="other")
    looks = iter([False, False])
    box = shapely.box(116, 39, 117, 40)
    area = gpd.GeoDataFrame({"id": ["A"], "name": [""]}, geometry=[box], crs=4326)
    found = review(
        area, many, None, Question(standard_m=None, minutes=60), network=street,
        out_of_time=lambda: next(looks, True),
    )  # fmt: skip
    assert [(each.step, each.done) for each in found.cut] == [(step, 0) for step in STEPS]
    assert found.service is None


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
