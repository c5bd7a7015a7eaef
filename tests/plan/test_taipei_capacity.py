"""Taipei, all real: beds per 1,000 and beds within reach, beside computations of their own."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import geomap as gm
from geomap.data.reading import read_table
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.plan.accessibility import measure_access
from geomap.plan.equity import equity
from geomap.plan.supply_ratio import supply_ratio

S = 720.0


@pytest.fixture(scope="module")
def taipei(data_folder):
    folder = data_folder / "taipei"
    homes = gm.read_facilities(folder / "homes.csv")
    villages = read_table(folder / "villages_population.geojson", DEMAND).frame
    districts = read_table(folder / "districts.geojson", AREAS).frame
    raw = (
        pd.read_csv(folder / "homes.csv"),
        gpd.read_file(folder / "villages_population.geojson"),
        gpd.read_file(folder / "districts.geojson"),
    )
    return homes, villages, districts, raw


def test_what_is_read_is_what_the_city_published(taipei):
    homes, villages, districts, _ = taipei
    assert (len(homes), homes["beds_total"].sum()) == (94, 5192)
    assert (len(villages), villages["aged_65"].sum(), len(districts)) == (456, 574_458, 12)


def test_beds_per_1000_of_each_district(taipei):
    homes, villages, districts, (raw_homes, raw_villages, raw_districts) = taipei
    own = supply_ratio(districts, homes, villages, weight="aged_65").set_axis(districts["name"])
    points = gpd.GeoDataFrame(
        raw_homes, geometry=gpd.points_from_xy(raw_homes.lon, raw_homes.lat, crs="EPSG:4326")
    )
    name = next(each for each in raw_districts if raw_districts[each].isin(own.index).all())
    joined = points.sjoin(raw_districts[[name, "geometry"]])
    beds = joined.groupby(name)["核定床數-核定總床位數"].sum()
    assert own["supply"].to_dict() == beds.reindex(own.index, fill_value=0).to_dict()
    aged = raw_villages.groupby("TOWN")["A65UP_CNT"].sum().reindex(own.index)
    # The two files draw the borders a little apart.
    np.testing.assert_allclose(own["people"], aged, rtol=6e-3)
    assert own["people"].sum() == pytest.approx(574_458, rel=1e-3)
    of_own = beds.reindex(own.index, fill_value=0)
    np.testing.assert_allclose(own["per_1000"], of_own / own["people"] * 1000)


def test_by_their_own_names_the_districts_sum_exactly(taipei):
    homes, villages, districts, (_, raw_villages, _) = taipei
    towns = raw_villages.groupby("TOWN")["A65UP_CNT"].sum()
    stated = districts.assign(aged_65=districts["name"].map(towns))
    own = supply_ratio(stated, homes, villages, weight="aged_65").set_axis(districts["name"])
    assert own["people"].to_dict() == towns.to_dict()


@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_beds_within_reach_of_each_village(taipei, method):
    homes, villages, _, (raw_homes, raw_villages, _) = taipei
    found = measure_access(villages, homes, threshold_m=S, method=method, weight="aged_65")
    beds = raw_homes["核定床數-核定總床位數"].to_numpy(dtype=float)
    aged = raw_villages["A65UP_CNT"].to_numpy()
    inner = raw_villages.geometry.make_valid().representative_point()
    n, m = len(aged), len(beds)
    x, y = np.repeat(inner.x.to_numpy(), m), np.repeat(inner.y.to_numpy(), m)
    apart = Geod(ellps="WGS84").inv(x, y, np.tile(raw_homes.lon, n), np.tile(raw_homes.lat, n))[2]
    apart = apart.reshape(n, m)
    weight = (apart <= S).astype(float)
    if method != "2sfca":
        decay = (np.exp(-0.5 * (apart / S) ** 2) - np.exp(-0.5)) / (1 - np.exp(-0.5))
        weight *= decay
    if method == "3sfca":
        weight *= weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    demand = aged @ weight
    ratio = np.divide(beds, demand, out=np.zeros(m), where=demand > 0)
    np.testing.assert_allclose(found.per_demand, weight @ ratio, rtol=1e-9, atol=1e-12)
    assert (aged * found.per_demand).sum() == pytest.approx(found.reached, rel=1e-9)
    assert found.reached + found.unreached == 5192
    assert (found.per_demand == 0).sum() == (weight.sum(axis=1) == 0).sum() > 0


def test_how_evenly_the_beds_are_within_reach(taipei):
    homes, villages, _, _ = taipei
    access = gm.accessibility(villages, homes, threshold_m=S, weight="aged_65")
    aged = villages["aged_65"]
    found = equity(access, aged)
    apart = np.abs(access.to_numpy()[:, None] - access.to_numpy()[None, :])
    pairs = aged.to_numpy()[:, None] * aged.to_numpy()[None, :]
    mean = (access * aged).sum() / aged.sum()
    assert found.gini == pytest.approx((apart * pairs).sum() / (2 * mean * aged.sum() ** 2))
    assert (found.worst_mean, found.worst_share) == (0, 0)
    assert access[found.worst_rows].max() == 0


def test_a_column_that_is_nowhere_is_refused(taipei):
    homes, villages, districts, _ = taipei
    with pytest.raises(ParameterError, match="supply"):
        supply_ratio(districts, homes, villages, supply="nothing")
    with pytest.raises(ParameterError, match="weight"):
        supply_ratio(districts, homes, villages, weight="nothing")
