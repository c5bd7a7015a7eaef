"""Every indicator beside plain pandas, on invented cities and on a town checked by hand."""

from __future__ import annotations

import re
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box

import geomap as gm
from geomap.data.demos.samples import demonstration_city
from geomap.errors import DataError, ParameterError
from geomap.plan.indicators.answer import INDICATORS, study_of, working
from geomap.plan.indicators.lists import (
    crowding,
    not_built,
    overdue,
    unpaired,
)
from geomap.plan.indicators.study import Parameters, Subsidy

ON = date(2026, 3, 31)
PLACES = {
    "panjin": ("211100", "city"),
    "ningbo": ("330200", "city"),
    "henan": ("410000", "province"),
}


def whole(key):
    adcode, level = PLACES[key]
    return gpd.GeoDataFrame(
        {"id": [key], "name": [key], "level": [level], "adcode": [adcode]},
        geometry=gpd.GeoSeries([None], crs="EPSG:4326"),
    )


@pytest.fixture(scope="module", params=["panjin", "henan"])
def city(request):
    sample = demonstration_city(request.param, seed=3, today=ON)
    areas = pd.concat([whole(request.param), sample.areas], ignore_index=True)
    programmes = pd.DataFrame(
        {
            "adcode": [PLACES[request.param][0]],
            "demo_target": [300],
            "training_done": [90],
            "training_target": [120],
            "retrofit_done": [50],
            "retrofit_target": [200],
            "funding_yuan": [9e6],
        }
    )
    parameters = Parameters(programmes=programmes)
    found = gm.indicators(areas, sample.facilities, sample.demand, on=ON, parameters=parameters)
    return sample, found, programmes.iloc[0]


def plain(homes, people, areas, told):
    """Every indicator of one place, from the rows that are in it."""
    beds, nursing = homes["beds_total"].astype(float), homes["beds_nursing"].astype(float)
    residents = homes["residents"].astype(float)
    land, floor = homes["land_m2"], homes["floor_m2"]
    population, aged = people["population"].sum(), people["aged_60"].sum()
    rate = (residents / beds.where(beds > 0)).dropna()
    rated = homes["rating"].dropna().astype(float)
    days = homes["inspected_on"].dropna()
    takes = (
        homes["accepts"]
        .map(
            lambda each: (
                np.nan if each is None else bool({"disabled", "partly_disabled"} & set(each))
            )
        )
        .astype(float)
    )
    factor = homes["rating"].astype(float).map({1: 0.8, 2: 0.9, 3: 1.0, 4: 1.1, 5: 1.2}).fillna(0.8)
    new = homes["opened_on"] >= "2026-01-01"
    names = homes["steward_name"].dropna().map(lambda text: len(text.split("、")))

    def over(a, b):
        known = a.notna() & b.notna() & (b > 0)
        return a[known].sum() / b[known].sum()

    result = {
        "facilities": len(homes),
        "aged_60_share": aged / population * 100,
        "beds_per_1000_aged_60": beds.sum() / aged * 1000,
        "beds_short": max(0, aged * 0.04 - beds.sum()),
        "nursing_bed_share": over(nursing, beds) * 100,
        "medical_coverage": (homes["medical"].dropna() != "none").mean() * 100,
        "medical_inhouse_share": homes["medical"].dropna().isin(["inhouse", "both"]).mean() * 100,
        "medical_partner_share": homes["medical"].dropna().isin(["partner", "both"]).mean() * 100,
        "occupancy": over(residents, beds) * 100,
        "homes_over_95": (rate > 0.95).sum(),
        "homes_under_50": (rate < 0.5).sum(),
        "rating_participation": len(rated) / len(homes) * 100,
        "top_rated_share": (rated >= 4).mean() * 100,
        "inspected_share": (days.dt.year == 2026).mean() * 100,
        "risk_listed_share": homes["risk_listed"].dropna().astype(float).mean() * 100,
        "land_m2_per_inhabitant": land.sum() / population,
        "floor_m2_per_inhabitant": floor.sum() / population,
        "land_m2_per_bed": over(land, beds),
        "floor_m2_per_bed": over(floor, beds),
        "land_m2_per_resident": over(land, residents),
        "floor_m2_per_resident": over(floor, residents),
        "floor_m2_per_100_households": floor.sum() / people["households"].sum() * 100,
        "online_rate": people["enrolled"].sum() / aged * 100,
        "seniors_per_institution": aged / len(homes),
        "stewards_per_institution": names.sum() / len(homes),
        "subsidy_yuan": (residents * takes * (3000 + 4800 * factor)).sum(),
        "subsidy_per_resident_year": (
            np.nan
            if not (residents * takes).sum()
            else (residents * takes * (3000 + 4800 * factor)).sum() / (residents * takes).sum()
        ),
        "demonstration_share": homes["demo_tag"].notna().sum() / told["demo_target"] * 100,
        "training_share": told["training_done"] / told["training_target"] * 100,
        "retrofit_share": told["retrofit_done"] / told["retrofit_target"] * 100,
        "funding_per_new_bed": told["funding_yuan"] / beds[new].sum()
        if beds[new].sum()
        else np.nan,
    }
    codes = homes["adcode"]
    for tier, digits in (("county", 6), ("township", 9), ("community", 12)):
        tiers = areas.loc[areas["level"] == tier, "adcode"]
        have = set(codes[codes.str.len() >= digits].str.slice(0, digits))
        result[f"built_rate_{tier}"] = tiers.isin(have).mean() * 100 if len(tiers) else np.nan
    return result


def covered(people, homes):
    """Who has a home within 1000 m, by every geodesic nearby."""
    ellipsoid = Geod(ellps="WGS84")
    x, y = homes.geometry.x.to_numpy(), homes.geometry.y.to_numpy()
    inside = np.zeros(len(people), dtype=bool)
    for row, point in enumerate(people.geometry):
        near = np.flatnonzero((np.abs(y - point.y) < 0.012) & (np.abs(x - point.x) < 0.02))
        start = np.full(near.size, point.x), np.full(near.size, point.y)
        inside[row] = (ellipsoid.inv(*start, x[near], y[near])[2] <= 1000).any()
    aged = people["aged_60"].to_numpy()
    return aged[inside].sum() / aged.sum() * 100


def test_every_indicator_of_a_city_is_what_plain_pandas_gives(city):
    sample, found, told = city
    expected = plain(sample.facilities, sample.demand, sample.areas, told)
    expected["covered_share"] = covered(sample.demand, sample.facilities)
    own = found.iloc[0]
    assert set(expected) == set(INDICATORS)
    for key, value in expected.items():
        assert own[key] == pytest.approx(value, rel=1e-12, nan_ok=True), key


def test_every_indicator_of_its_counties_is_what_plain_pandas_gives(city):
    sample, found, told = city
    nothing = told.drop("adcode").astype(float) * np.nan
    counties = found[found["level"] == "county"].sample(4, random_state=1)
    for _, own in counties.iterrows():
        code = own["adcode"]
        frames = [
            each[each["adcode"].str.startswith(code)]
            for each in (sample.facilities, sample.demand, sample.areas)
        ]
        for key, value in plain(*frames, nothing).items():
            assert own[key] == pytest.approx(value, rel=1e-12, nan_ok=True), (code, key)


def test_base_and_unknown_are_counted(city):
    sample, found, _ = city
    homes, own = sample.facilities, found.iloc[0]
    for key, columns in {
        "beds_per_1000_aged_60": ["beds_total"],
        "occupancy": ["residents", "beds_total"],
        "medical_coverage": ["medical"],
        "inspected_share": ["inspected_on"],
        "risk_listed_share": ["risk_listed"],
        "land_m2_per_inhabitant": ["land_m2"],
    }.items():
        states = homes[columns].notna().all(axis=1)
        if key == "occupancy":
            states &= homes["beds_total"] > 0
        assert own[f"{key}_base"] == states.sum(), key
        assert own[f"{key}_unknown"] == (~states).sum(), key
    assert own["top_rated_share_unknown"] == homes["rating"].isna().sum()
    assert own["stewards_per_institution_unknown"] == homes["steward_name"].isna().sum()


def test_the_published_totals_of_the_cities_come_out(city):
    _, found, _ = city
    own = found.iloc[0]
    if own["id"] == "panjin":
        assert round(own["beds_per_1000_aged_60"], 1) == 17.9
        assert own["beds_short"] == pytest.approx(6831)
        assert round(own["aged_60_share"], 1) == 23.9
    else:
        assert [own[f"built_rate_{each}_base"] for each in ("county", "township", "community")] == [
            157, 673, 7334,
        ]  # fmt: skip
        assert own["stewards_per_institution"] == 26 / 16


def test_ningbo_has_medical_care_in_81_percent():
    sample = demonstration_city("ningbo", seed=5, today=ON)
    found = gm.indicators(whole("ningbo"), sample.facilities, sample.demand, on=ON)
    assert round(found["medical_coverage"].iloc[0]) == 81
    assert found["medical_coverage_base"].iloc[0] == 251


#   A, one county of two communities; B, one without code or facility; homes 1 to 5 (5 is closed).
@pytest.fixture
def town():
    areas = gpd.GeoDataFrame(
        {
            "id": ["A", "A1", "A2", "B"],
            "name": ["甲", "甲一", "甲二", "乙"],
            "level": ["county", "community", "community", "county"],
            "adcode": ["410102", "410102001001", "410102001002", None],
            "aged_60": [2000.0, np.nan, np.nan, 500.0],
            "population": [10000.0, np.nan, np.nan, np.nan],
        },
        geometry=[box(113, 34, 113.1, 34.1), None, None, box(113.1, 34, 113.2, 34.1)],
        crs="EPSG:4326",
        index=["a", "b", "c", "d"],
    )
    homes = gpd.GeoDataFrame(
        {
            "id": list("12345"),
            "adcode": ["410102", None, "410102001001", "410102", "410102001002"],
            "status": ["open", None, "open", "open", "closed"],
            "beds_total": pd.array([100, 20, None, 30, 500], dtype="Int64"),
            "residents": pd.array([98, 5, 7, None, 0], dtype="Int64"),
            "medical": ["both", "none", None, "partner", "inhouse"],
            "rating": pd.array([4, None, 2, None, 5], dtype="Int64"),
            "inspected_on": pd.to_datetime(["2026-02-01", "2025-11-30", None, "2027-01-01", None]),
            "steward_name": ["王明；李丽", " ", None, "赵强", "钱"],
            "accepts": [["disabled"], ["self_care"], None, ["disabled"], None],
        },
        geometry=[Point(113.02, 34.02), Point(113.05, 34.05), None, Point(113.08, 34.08), None],
        crs="EPSG:4326",
    )
    people = gpd.GeoDataFrame(
        {"aged_60": [300.0, 100.0, np.nan], "adcode": ["410102001001", "410102001002", None]},
        geometry=[Point(113.02, 34.02), Point(113.09, 34.01), Point(113.15, 34.05)],
        crs="EPSG:4326",
    )
    return areas, homes, people


def test_unknown_shrinks_the_base_and_is_never_no(town):
    found = gm.indicators(*town, on=ON)
    assert found.index.tolist() == ["a", "b", "c", "d"]
    own = found.loc["a"]
    assert (own["facilities"], own["facilities_unknown"]) == (4, 1)
    three = ["", "_base", "_unknown"]
    expected = {
        "beds_per_1000_aged_60": [75, 3, 1],
        "medical_coverage": [200 / 3, 3, 1],
        "occupancy": [103 / 120 * 100, 2, 2],
        "homes_over_95": [1, 2, 2],
        "homes_under_50": [1, 2, 2],
        "rating_participation": [50, 4, 2],
        "top_rated_share": [50, 2, 2],
        "inspected_share": [50, 2, 2],
        "stewards_per_institution": [0.75, 4, 2],
        "built_rate_community": [50, 2, 0],
        "built_rate_county": [100, 1, 0],
        "subsidy_yuan": [98 * (3000 + 4800 * 1.1), 2, 2],
    }
    for key, values in expected.items():
        assert [own[key + each] for each in three] == pytest.approx(values), key


def test_where_nothing_is_known_nothing_is_said(town):
    found = gm.indicators(*town, on=ON)
    keys = ["facilities", "beds_per_1000_aged_60", "built_rate_county"]
    assert found.loc["d", keys].tolist() == [0, 0, 0]
    for key in ("occupancy", "medical_coverage", "seniors_per_institution", "covered_share",
                "aged_60_share", "training_share"):  # fmt: skip
        assert np.isnan(found.loc["d", key]), key
    assert np.isnan(found.loc["b", "beds_per_1000_aged_60"])
    assert found.loc["b", "beds_per_1000_aged_60_unknown"] == 1


def test_frames_that_state_next_to_nothing_give_next_to_nothing():
    areas = gpd.GeoDataFrame({"id": ["a"], "name": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
    homes = gpd.GeoDataFrame(geometry=[Point(0.5, 0.5)], crs=4326)
    none = gpd.GeoDataFrame(geometry=[], crs=4326)
    found = gm.indicators(areas, homes, none).iloc[0]
    assert found["facilities"] == 1
    said = {key for key in INDICATORS if not np.isnan(found[key])}
    assert said == {"facilities"}
    empty = gm.indicators(areas[:0], homes, none)
    assert empty.empty
    assert "occupancy_base" in empty
    assert gm.indicators(areas, none, none)["facilities"].tolist() == [0]


def test_the_lists_name_the_homes_behind_the_numbers(town):
    study = study_of(*town, on=ON)
    assert overdue(study)["id"].tolist() == ["2", "3", "4"]
    assert overdue(study)["days_since"].tolist()[0] == (ON - date(2025, 11, 30)).days
    assert unpaired(study)["id"].tolist() == ["2", "3"]
    crowded = crowding(study).set_index("id")["crowding"].to_dict()
    assert crowded == {"1": "full", "2": "half_empty"}
    assert not_built(study)["id"].tolist() == ["A2", "B"]


def test_the_day_is_the_latest_of_the_data_where_none_is_given(town):
    areas, homes, people = town
    homes = homes.assign(inspected_on=homes["inspected_on"].where(homes["id"] != "4"))
    found = gm.indicators(areas, homes, people)
    assert found.attrs["on"] == date(2026, 2, 1)
    without = gm.indicators(areas, homes.drop(columns="inspected_on"), people)
    assert without.attrs["on"] is None
    assert np.isnan(without.loc["a", "inspected_share"])


def test_bounds_are_what_the_unknown_values_leave_possible(town):
    study = study_of(*town, on=ON)
    medical = working("medical_coverage", study).loc["a"]
    assert (medical["low"], medical["high"]) == (50, 75)
    beds = working("beds_per_1000_aged_60", study).loc["a"]
    assert (beds["low"], beds["high"]) == (75, 125)
    assert working("occupancy", study).loc["a", ["low", "high"]].tolist() == [-np.inf, np.inf]


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, None])
def test_a_disabled_resident_year_brings_what_zaozhuang_pays(town, level):
    areas, homes, people = town
    one = homes[:1].assign(residents=1, rating=pd.array([level], dtype="Int64"))
    own = gm.indicators(areas, one, people, on=ON, keys=["subsidy_yuan"]).loc["a", "subsidy_yuan"]
    factors = {1: 0.8, 2: 0.9, 3: 1.0, 4: 1.1, 5: 1.2, None: 0.8}
    assert own == pytest.approx(3000 + 4800 * factors[level])
    other = Parameters(subsidy=Subsidy(base_yuan=0, care_yuan=100, disabled_share=0.5, unrated=1.2))
    given = gm.indicators(areas, one, people, on=ON, parameters=other).loc["a", "subsidy_yuan"]
    assert given == pytest.approx(50 * (factors[level] if level else 1.2))


def test_what_makes_no_sense_is_refused(town):
    areas, homes, people = town
    with pytest.raises(ParameterError, match="indicator must be one of"):
        gm.indicators(areas, homes, people, keys=["happiness"])
    for standard in (0, -1, float("nan"), 1e6):
        with pytest.raises(ParameterError, match="standard_m"):
            gm.indicators(areas, homes, people, standard_m=standard)
    with pytest.raises(ParameterError, match="beds_norm"):
        gm.indicators(areas, homes, people, parameters=Parameters(beds_norm=0))
    with pytest.raises(DataError, match="aged_60"):
        gm.indicators(areas.assign(aged_60=-1.0), homes, people)
    twice = pd.DataFrame({"adcode": ["410102"] * 2, "demo_target": [1, 2]})
    with pytest.raises(DataError, match="one row an area"):
        gm.indicators(areas, homes, people, parameters=Parameters(programmes=twice))


def test_every_indicator_states_formula_and_source_in_both_languages():
    for key, each in INDICATORS.items():
        assert each.key == key
        for said in (each.label, each.formula, each.source, each.unit):
            assert said.zh
            assert said.en
        assert re.search(r"[一-龥]", each.formula.zh)
        assert not re.search(r"[一-龥]", each.formula.en + each.source.en + each.label.en)
        assert f"Formula: {each.formula.en}" in each.__doc__
        assert f"Source: {each.source.en}" in each.__doc__


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "spot": st.integers(0, 3),
            "beds_total": st.none() | st.integers(0, 300),
            "residents": st.none() | st.integers(0, 300),
            "medical": st.sampled_from(["inhouse", "none", None]),
            "risk_listed": st.sampled_from([True, False, None]),
            "status": st.sampled_from(["open", "closed", None]),
        }
    ),
    max_size=12,
)
SQUARES = [box(x, y, x + 1, y + 1) for x in (113, 114) for y in (34, 35)]


def given_homes(rows):
    table = pd.DataFrame(rows, columns=["spot", "beds_total", "residents", "medical",
                                        "risk_listed", "status"])  # fmt: skip
    kinds = {"beds_total": "Int64", "residents": "Int64", "risk_listed": "boolean",
             "medical": "str", "status": "str"}  # fmt: skip
    at = [SQUARES[int(spot)].centroid for spot in table["spot"]]
    return gpd.GeoDataFrame(table.astype(kinds), geometry=gpd.GeoSeries(at, crs="EPSG:4326"))


@settings(max_examples=20)
@given(ROWS, st.randoms())
def test_counties_add_up_to_the_province_and_order_does_not_matter(rows, random):
    homes = given_homes(rows)
    shapes = [*SQUARES, box(113, 34, 115, 36)]
    levels = ["county"] * 4 + ["province"]
    areas = gpd.GeoDataFrame({"level": levels, "aged_60": [100.0, 200, 300, 400, 1000]},
                             geometry=shapes, crs="EPSG:4326")  # fmt: skip
    keys = ["facilities", "beds_per_1000_aged_60", "medical_coverage", "risk_listed_share"]
    people = gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    study = study_of(areas, homes, people, on=ON)
    for key in keys:
        steps = working(key, study)
        for column in ("base", "unknown"):
            assert steps[column].iloc[:4].sum() == steps[column].iloc[4], (key, column)
        value = steps["value"].iloc[4]
        if steps["unknown"].iloc[4] == 0 and np.isfinite(value):
            assert steps["numerator"].iloc[:4].sum() == pytest.approx(steps["numerator"].iloc[4])
        if np.isfinite(value):
            assert steps["low"].iloc[4] - 1e-9 <= value <= steps["high"].iloc[4] + 1e-9
    mixed = homes.iloc[random.sample(range(len(homes)), len(homes))]
    first = gm.indicators(areas, homes, people, keys=keys)
    pd.testing.assert_frame_equal(first, gm.indicators(areas, mixed, people, keys=keys))


@settings(max_examples=20)
@given(ROWS, st.integers(0, 11), st.sampled_from(["inhouse", "none"]))
def test_learning_a_value_never_leaves_the_bounds(rows, which, answer):
    homes = given_homes(rows)
    unknown = np.flatnonzero(homes["medical"].isna())
    if not unknown.size:
        return
    areas = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(113, 34, 115, 36)], crs="EPSG:4326")
    people = gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    before = working("medical_coverage", study_of(areas, homes, people)).iloc[0]
    homes.loc[unknown[which % unknown.size], "medical"] = answer
    after = working("medical_coverage", study_of(areas, homes, people)).iloc[0]
    if np.isfinite(after["value"]) and np.isfinite(before["low"]):
        assert before["low"] - 1e-9 <= after["value"] <= before["high"] + 1e-9
        assert before["low"] - 1e-9 <= after["low"]
        assert after["high"] <= before["high"] + 1e-9
