"""A facility of which nobody states the township may be in any: none known is not none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import geomap as gm
from geomap.plan.indicators.answer import study_of, working
from geomap.plan.indicators.lists import not_built

TIER = "built_rate_township"


#   County 410325 of three townships, of which nobody has drawn the ground.
def county():
    return pd.DataFrame(
        {
            "level": ["county", *["township"] * 3],
            "adcode": ["410325", "410325001", "410325002", "410325003"],
            "aged_60": [900.0, 300.0, 300.0, 300.0],
        }
    )


def homes(*codes, **columns):
    return pd.DataFrame({"adcode": pd.Series(codes, dtype=object), "beds_total": 10} | columns)


def given(areas, facilities):
    keys = ["facilities", "beds_per_1000_aged_60", TIER]
    return gm.indicators(areas, facilities, areas[:0], keys=keys)


def test_a_list_that_states_only_counties_says_nothing_of_townships():
    found = given(county(), homes("410325", "410325"))
    assert found["facilities"].tolist()[0] == 2
    assert found["facilities"].iloc[1:].isna().all()
    assert found["beds_per_1000_aged_60"].iloc[1:].isna().all()
    assert np.isnan(found[TIER].iloc[0])
    assert found[[f"{TIER}_base", f"{TIER}_unknown"]].iloc[0].tolist() == [0, 3]


def test_a_list_that_states_townships_too_says_which_have_none():
    found = given(county(), homes("410325", "410325001"))
    assert found["facilities"].tolist() == [2, 1, 0, 0]
    assert found[TIER].iloc[0] == pytest.approx(100 / 3)
    assert found[[f"{TIER}_base", f"{TIER}_unknown"]].iloc[0].tolist() == [3, 0]


def test_only_townships_that_are_known_to_have_no_home_are_listed_as_without():
    for codes, expected in (
        (["410325"], []), (["410325001"], ["410325002", "410325003"]), ([None], []),
        ([], ["410325", "410325001", "410325002", "410325003"]),
    ):  # fmt: skip
        study = study_of(county(), homes(*codes), county()[:0])
        assert not_built(study)["adcode"].tolist() == expected


def test_homes_without_any_place_refute_nothing():
    nowhere = given(county(), homes(None, None))
    assert nowhere["facilities"].isna().all()
    assert nowhere.attrs["outside"] == 2
    assert given(county(), homes()[:0])["facilities"].tolist() == [0, 0, 0, 0]
    study = study_of(county(), homes("410325001", None), county()[:0])
    steps = working(TIER, study).iloc[0]
    assert steps[["value", "low", "high"]].tolist() == pytest.approx([100 / 3, 100 / 3, 200 / 3])
    beds = working("beds_per_1000_aged_60", study).iloc[0]
    assert beds[["value", "high"]].tolist() == pytest.approx([10 / 0.9, 20 / 0.9])


def test_where_the_ground_is_drawn_a_home_outside_it_is_outside():
    shapes = gpd.GeoSeries([box(112, 34, 113, 35), box(113, 34, 114, 35)], crs="EPSG:4326")
    areas = gpd.GeoDataFrame({"level": ["county"] * 2}, geometry=shapes)
    at = gpd.GeoSeries([Point(112.5, 34.5), Point(120, 30)], crs="EPSG:4326")
    found = given(areas, gpd.GeoDataFrame({"beds_total": [3, 4]}, geometry=at))
    assert found["facilities"].tolist() == [1, 0]
    assert found.attrs["outside"] == 1


def test_an_area_drawn_in_several_rows_is_one():
    areas = pd.concat([county(), county().iloc[1:2]], ignore_index=True)
    found = given(areas, homes("410325001"))
    assert found[f"{TIER}_base"].iloc[0] == 3
    assert found[TIER].iloc[0] == pytest.approx(100 / 3)


def test_a_home_listed_twice_counts_once_and_two_of_one_id_are_two():
    twice = homes("410325001", "410325001", id=["a", "a"])
    found = given(county(), twice)
    assert (found["facilities"].iloc[0], found.attrs["copies"]) == (1, 1)
    found = given(county(), twice.assign(beds_total=[10, 20]))
    assert (found["facilities"].iloc[0], found.attrs["copies"]) == (2, 0)
