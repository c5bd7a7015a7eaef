from __future__ import annotations

import json
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.demos import demo, samples
from geomap.data.divisions import read_areas
from geomap.data.published import read_published
from geomap.data.store.workspace import Workspace
from geomap.errors import ConflictError, ParameterError
from geomap.model.tables import TABLES

TODAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def panjin():
    return samples.demonstration_city("panjin", seed=1, today=TODAY)


@pytest.fixture(scope="module")
def ningbo():
    return samples.demonstration_city("ningbo", seed=1, today=TODAY)


@pytest.fixture(scope="module")
def henan():
    return samples.demonstration_city("henan", seed=1, today=TODAY)


@pytest.fixture(scope="module")
def country():
    return samples.nationwide(30_000, seed=1, today=TODAY)


@pytest.fixture(params=["panjin", "ningbo", "henan", "country"])
def sample(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def panjin_folder(panjin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "panjin"
    demo.write_demo(folder, panjin, key="panjin", seed=1, today=TODAY)
    return folder


def test_panjin_keeps_its_published_totals(panjin):
    assert len(panjin.facilities) == 75
    assert panjin.facilities["beds_total"].sum() == 5_529
    assert panjin.demand[["population", "aged_60"]].sum().tolist() == [1_293_000, 309_000]
    assert panjin.areas["population"].sum() == 1_293_000
    assert sorted(panjin.areas["adcode"]) == ["211102", "211103", "211104", "211122"]


def test_ningbo_keeps_its_published_totals(ningbo):
    counts = ningbo.facilities["medical"].value_counts().to_dict()
    assert counts == {"inhouse": 59, "partner": 144, "none": 48}
    assert len(ningbo.facilities) == 251


def test_henan_keeps_its_published_totals(henan):
    homes = henan.facilities
    assert len(homes) == 16_000
    assert set(homes["type"]) == set(TABLES["facilities"].by_name["type"].choices)
    assert (homes["rating"] >= 4).sum() == 18
    assert homes["steward_name"].str.split("、").str.len().sum() == 26_000
    assert henan.demand["enrolled"].sum() == 17_180_000
    assert (henan.demand["enrolled"] <= henan.demand["aged_60"]).all()
    assert (homes["inspected_on"] >= pd.Timestamp(TODAY.year, 1, 1)).mean() >= 0.3


@pytest.mark.parametrize(
    ("type_", "level", "digits", "count"),
    [
        ("other", "county", 6, 157),
        ("street_center", "township", 9, 673),
        ("community_center", "community", 12, 7_334),
    ],
)
def test_every_area_of_henan_has_one_centre_with_its_code(henan, type_, level, digits, count):
    centres = henan.facilities[henan.facilities["type"] == type_]["adcode"]
    areas = henan.areas[henan.areas["level"] == level]
    assert len(centres) == len(areas) == count
    assert sorted(centres) == sorted(areas["adcode"])
    assert centres.str.len().eq(digits).all()
    known = set(henan.areas["adcode"])
    assert level == "county" or set(areas["parent_adcode"]) <= known


def test_every_point_is_in_the_county_of_its_code(sample):
    counties = read_areas("county")[["adcode", "geometry"]]
    for frame in (sample.facilities, sample.demand):
        points = gpd.GeoDataFrame({"code": frame["adcode"].str[:6]}, geometry=frame.geometry)
        inside = points.sjoin(counties, predicate="within")
        found = inside["code"].eq(inside["adcode"]).groupby(level=0).any()
        assert len(found) == len(frame)
        assert found.all()


def test_every_layer_fits_its_table(sample):
    for name in ("facilities", "demand", "areas"):
        TABLES[name].schema.validate(getattr(sample, name), lazy=True)


def test_values_agree_with_each_other(sample):
    homes = sample.facilities
    assert (homes["residents"] <= homes["beds_total"]).fillna(value=True).all()
    assert (homes["beds_nursing"] <= homes["beds_total"]).fillna(value=True).all()
    assert (homes["beds_available"] <= homes["beds_total"]).fillna(value=True).all()
    priced = homes.dropna(subset=["price_min", "price_max"])
    assert (priced["price_min"] <= priced["price_max"]).all()
    assert homes.loc[homes["rectified_on"].notna(), "risk_listed"].all()
    for name in ("opened_on", "inspected_on", "rectified_on", "verified_on", "beds_updated"):
        assert homes[name].max() < pd.Timestamp(TODAY)
    assert not (homes["inspected_on"] < homes["opened_on"]).any()


def test_everything_says_that_it_is_invented_and_no_number_can_ring(sample):
    homes = sample.facilities
    assert set(homes["source"]) == {"演示数据（虚构）"}
    for name in ("phone", "steward_phone"):
        assert homes[name].dropna().str.fullmatch(r"010-0\d{7}").all()
    for name in ("website", "photo", "source_url"):
        assert homes[name].dropna().str.startswith("https://demo.invalid/").all()


def test_some_values_of_cities_are_unknown_and_none_of_a_measured_country(panjin, country):
    for name in ("price_min", "rating", "phone", "services"):
        assert 0 < panjin.facilities[name].isna().sum() < 75
    missing = country.facilities.isna().sum()
    assert set(missing[missing > 0].index) == {"rectified_on", "parent_id"}


def test_a_country_is_clustered_like_people(country):
    # Half of all facilities stand in a tenth of the counties or fewer would if spread evenly.
    counts = country.facilities["adcode"].value_counts().to_numpy()
    assert counts[: 2_891 // 4].sum() > 0.5 * counts.sum()
    assert set(country.facilities["type"]) == set(TABLES["facilities"].by_name["type"].choices)


def test_the_same_seed_gives_the_same_again_and_another_does_not(panjin):
    again = samples.demonstration_city("panjin", seed=1, today=TODAY)
    for name in ("facilities", "demand", "areas"):
        assert_geodataframe_equal(getattr(again, name), getattr(panjin, name))
    other = samples.demonstration_city("panjin", seed=2, today=TODAY)
    assert not other.facilities.geometry.equals(panjin.facilities.geometry)
    small = [samples.nationwide(50, seed=3, today=TODAY).facilities for _ in range(2)]
    assert_geodataframe_equal(*small)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2028, 2, 29)])
def test_any_day_of_the_year_will_do(day):
    homes = samples.demonstration_city("panjin", seed=1, today=day).facilities
    assert homes["inspected_on"].max() <= pd.Timestamp(day)


@pytest.mark.parametrize("size", [0, -1, 400_001])
def test_sizes_out_of_range_are_refused(size):
    with pytest.raises(ParameterError, match="1 to 400000"):
        samples.nationwide(size, seed=1, today=TODAY)


def test_a_city_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="panjin, ningbo, henan"):
        samples.demonstration_city("beijing", seed=1, today=TODAY)


@given(
    total=st.integers(0, 10**8),
    weights=st.lists(st.floats(0.01, 1e6), min_size=1, max_size=50),
    least=st.integers(0, 3),
)
def test_parts_add_up_and_none_is_below_the_least(total, weights, least):
    if total < least * len(weights):
        with pytest.raises(ParameterError):
            samples.share_out(total, np.array(weights), least=least)
    else:
        parts = samples.share_out(total, np.array(weights), least=least)
        assert parts.sum() == total
        assert parts.min() >= least


def test_the_history_ends_with_the_sample_itself(panjin, panjin_folder):
    published = read_published(panjin_folder)
    found = published.read("facilities")
    expected = panjin.facilities.sort_values("id", ignore_index=True)
    assert_geodataframe_equal(found, expected)
    assert all(layer.synthetic for layer in published.layers.values())
    assert published.read("demand")["population"].sum() == 1_293_000


def test_every_stage_is_a_snapshot_and_homes_open_change_and_are_rated(panjin_folder):
    place = panjin_folder / "published"
    snapshots = [gpd.read_parquet(path) for path in place.glob("facilities-*.parquet")]
    assert len(snapshots) == 9
    assert json.loads((place / "current.json").read_text())["layers"]["facilities"]["rows"] == 75
    fields = set()
    workspace = Workspace.open(panjin_folder)
    for id_ in workspace.read("facilities")["id"]:
        fields |= set(workspace.history(id_)["field"])
    assert {"status", "opened_on", "beds_total", "rating", "inspected_on", "risk_listed"} <= fields


@pytest.mark.parametrize("city", ["panjin", "henan"])
def test_every_earlier_list_is_consistent(request, city):
    present = request.getfixturevalue(city).facilities
    past = demo.remember(present, seed=1, today=TODAY)
    before = 0
    for back in (730, 500, 250, 30, 0):
        day = TODAY - timedelta(days=back)
        frame = past.at(day, today=TODAY)
        TABLES["facilities"].schema.validate(frame, lazy=True)
        assert len(frame) >= before
        before = len(frame)
        for name in ("residents", "beds_nursing", "beds_available"):
            assert (frame[name] <= frame["beds_total"]).fillna(value=True).all()
            assert (frame[name] >= 0).fillna(value=True).all()
        for name in ("opened_on", "inspected_on", "rectified_on"):
            assert not (frame[name] > pd.Timestamp(day)).any()
        assert frame.loc[frame["rectified_on"].notna(), "risk_listed"].all()
        assert frame.loc[frame["status"] == "building", "opened_on"].isna().all()
    assert before == len(present)


def test_the_risk_list_is_entered_rectified_and_left(henan):
    past = demo.remember(henan.facilities, seed=1, today=TODAY)
    days = [TODAY - timedelta(days=back) for back in (400, 200, 0)]
    lists = [past.at(day, today=TODAY).set_index("id") for day in days]
    risk = [set(each.index[each["risk_listed"].fillna(value=False)]) for each in lists]
    assert risk[2] - risk[0]
    assert risk[0] - risk[2]
    assert lists[0]["rectified_on"].notna().sum() < lists[2]["rectified_on"].notna().sum()


def test_a_folder_that_holds_anything_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(ParameterError, match="new or empty"):
        demo.demo_of(tmp_path, city="panjin", size=None, seed=1, today=TODAY)
    assert [each.name for each in tmp_path.iterdir()] == ["letters.txt"]


def test_a_workspace_is_never_overwritten(tmp_path):
    demo.demo_of(tmp_path / "w", city=None, size=5, seed=1, today=TODAY)
    assert read_published(tmp_path / "w").layers["facilities"].rows == 5
    with pytest.raises(ConflictError, match="workspace already"):
        demo.demo_of(tmp_path / "w", city="panjin", size=None, seed=1, today=TODAY)


@pytest.mark.parametrize(("city", "size"), [(None, None), ("panjin", 5)])
def test_one_of_city_and_size_is_needed(tmp_path, city, size):
    with pytest.raises(ParameterError, match=r"city .* or size"):
        demo.demo_of(tmp_path, city=city, size=size, seed=1, today=TODAY)
