"""Beds per person within reach: against PySAL access, a loop, and the law that nothing is lost."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access import fca
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy import sparse

import geomap as gm
from geomap.errors import CRSError, DataError, ParameterError, TooLargeError
from geomap.plan import pairs
from geomap.plan.accessibility import measure_access
from geomap.plan.pairs import pairs_within

ELLIPSOID = Geod(ellps="WGS84")
S = 1000.0
STEPS = {400.0: 1.0, 700.0: 0.5, 1000.0: 0.2}


def frame(lon, lat, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))


def city(seed, demand=60, homes=15):
    """People and homes within some kilometres, and two demand rows far from everything."""
    random = np.random.default_rng(seed)
    lon, lat = random.uniform(121.40, 121.44, demand), random.uniform(31.20, 31.24, demand)
    lon[:2] += 1.0
    people = frame(lon, lat, population=random.integers(1, 900, demand))
    people.index = [f"d{row}" for row in range(demand)]
    lon, lat = random.uniform(121.40, 121.44, homes), random.uniform(31.20, 31.24, homes)
    beds = random.integers(1, 300, homes)
    return people, frame(lon, lat, beds_total=beds)


def distances(people, homes):
    """Every geodesic distance, by pyproj: (n, m)."""
    n, m = len(people), len(homes)
    x, y = (np.repeat(each, m) for each in (people.geometry.x, people.geometry.y))
    u, v = (np.tile(each, n) for each in (homes.geometry.x, homes.geometry.y))
    return ELLIPSOID.inv(x, y, u, v)[2].reshape(n, m)


def gaussian(distance):
    return (np.exp(-0.5 * (distance / S) ** 2) - np.exp(-0.5)) / (1 - np.exp(-0.5))


def stepped(distance):
    return next((weight for end, weight in STEPS.items() if distance <= end), 0.0)


def by_pysal(people, homes, function, method):
    """PySAL's answer from the same distances; it leaves out rows with nothing in reach."""
    apart = distances(people, homes)
    i, j = np.nonzero(apart <= S)
    cost = pd.DataFrame({"origin": people.index[i], "dest": j, "cost": apart[i, j]})
    demand = pd.DataFrame({"geoid": people.index, "demand": people["population"].to_numpy()})
    supply = pd.DataFrame({"supply": homes["beds_total"].to_numpy()})
    with warnings.catch_warnings():  # it drops columns in place, which pandas will not have
        warnings.simplefilter("ignore")
        answer = method(demand, supply, cost, max_cost=S, weight_fn=function)
    return answer.reindex(people.index).fillna(0.0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("options", "function", "method"),
    [
        ({"method": "2sfca"}, None, fca.two_stage_fca),
        ({"method": "e2sfca"}, gaussian, fca.two_stage_fca),
        ({"method": "e2sfca", "decay": "stepped", "steps": STEPS}, stepped, fca.two_stage_fca),
        ({"method": "3sfca"}, gaussian, fca.three_stage_fca),
        ({"method": "3sfca", "decay": "stepped", "steps": STEPS}, stepped, fca.three_stage_fca),
    ],
)
def test_all_methods_give_what_pysal_access_gives(seed, options, function, method):
    people, homes = city(seed)
    own = gm.accessibility(people, homes, threshold_m=S, **options)
    peer = by_pysal(people, homes, function, method)
    assert own.index.equals(people.index)
    assert own.iloc[:2].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(own, peer, rtol=1e-9, atol=1e-12)


def test_three_steps_equal_a_plain_loop():
    people, homes = city(7, demand=25, homes=8)
    apart = distances(people, homes)
    population, beds = people["population"].to_numpy(), homes["beds_total"].to_numpy()
    weight = np.where(apart <= S, gaussian(apart), 0.0)
    chosen = np.zeros_like(weight)
    for i in range(len(people)):
        for j in range(len(homes)):
            if weight[i].sum() > 0:
                chosen[i, j] = weight[i, j] / weight[i].sum()
    ratio = np.zeros(len(homes))
    for j in range(len(homes)):
        demand = sum(chosen[i, j] * weight[i, j] * population[i] for i in range(len(people)))
        ratio[j] = beds[j] / demand if demand else 0.0
    expected = [
        sum(chosen[i, j] * weight[i, j] * ratio[j] for j in range(len(homes)))
        for i in range(len(people))
    ]
    own = gm.accessibility(people, homes, threshold_m=S, method="3sfca")
    np.testing.assert_allclose(own, expected, rtol=1e-9)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    threshold=st.floats(50, 6000),
    method=st.sampled_from(["2sfca", "e2sfca", "3sfca"]),
    decay=st.sampled_from(["gaussian", "stepped"]),
)
def test_what_people_have_together_is_the_supply_in_reach(seed, threshold, method, decay):
    people, homes = city(seed, demand=20, homes=6)
    found = measure_access(people, homes, threshold_m=threshold, method=method, decay=decay)
    together = (people["population"] * found.per_demand).sum()
    assert together == pytest.approx(found.reached, rel=1e-9)
    assert found.reached + found.unreached == homes["beds_total"].sum()


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed):
    people, homes = city(seed, demand=20, homes=6)
    random = np.random.default_rng(seed)
    mixed, others = people.iloc[random.permutation(20)], homes.iloc[random.permutation(6)]
    first = gm.accessibility(people, homes, threshold_m=2000)
    second = gm.accessibility(mixed, others, threshold_m=2000)
    np.testing.assert_allclose(second.reindex(first.index), first, rtol=1e-9, atol=1e-15)


def test_a_facility_exactly_at_the_standard_is_in_reach():
    lon, lat, _ = ELLIPSOID.fwd([121.4] * 2, [31.2] * 2, [30.0] * 2, [1000.0, 1000.001])
    homes = frame(lon, lat, beds_total=[10, 20])
    people = frame([121.4], [31.2], population=[100])
    assert gm.accessibility(people, homes, threshold_m=S, method="2sfca").tolist() == [0.1]


def test_who_is_within_a_long_threshold_is_decided_by_the_geodesic():
    random = np.random.default_rng(2)
    people = frame(random.uniform(80, 120, 40), random.uniform(20, 50, 40), population=[1] * 40)
    homes = frame(random.uniform(80, 120, 40), random.uniform(20, 50, 40), beds_total=[1] * 40)
    apart = distances(people, homes)
    threshold = float(np.sort(apart.ravel())[800])
    at = [(each.geometry.x.to_numpy(), each.geometry.y.to_numpy()) for each in (people, homes)]
    (block,) = pairs_within(*at, threshold)
    own = np.full(apart.shape, np.nan)
    matrix = block.distance_m.tocoo()
    own[block.rows[matrix.coords[0]], matrix.coords[1]] = matrix.data
    assert np.array_equal(np.isfinite(own), apart <= threshold)
    inside = np.isfinite(own)
    np.testing.assert_allclose(own[inside], apart[inside], rtol=4e-4)


def test_blocks_together_hold_every_pair_once(monkeypatch):
    people, homes = city(3, demand=300, homes=40)
    whole = gm.accessibility(people, homes, threshold_m=S)
    monkeypatch.setattr(pairs, "_BLOCK_PAIRS", 50)
    np.testing.assert_allclose(gm.accessibility(people, homes, threshold_m=S), whole, rtol=1e-12)


def test_too_many_pairs_are_refused_before_they_are_made(monkeypatch):
    people, homes = city(3)
    monkeypatch.setattr(pairs, "MOST_PAIRS", 100)
    with pytest.raises(TooLargeError, match="smaller threshold"):
        gm.accessibility(people, homes, threshold_m=1e5)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_distances_along_a_network_take_the_place_of_straight_lines(kind):
    people = frame([121.4, 121.5, 121.6], [31.2] * 3, population=[10, 30, 5])
    homes = frame([0.0, 0.0], [0.0, 0.0], beds_total=[20, 6])
    cost = kind((np.array([0.0, 500.0, 1001.0, 1000.0]), ([0, 1, 1, 2], [0, 0, 1, 1])), (3, 2))
    own = gm.accessibility(people, homes, threshold_m=S, method="2sfca", cost=cost)
    assert own.tolist() == pytest.approx([0.5, 0.5, 1.2])
    decayed = gm.accessibility(people, homes, threshold_m=S, cost=cost)
    ratio = 20 / (10 + 30 * gaussian(500.0))
    assert decayed.tolist() == pytest.approx([ratio, ratio * gaussian(500.0), 0.0])
    assert cost.data.tolist() == [0.0, 500.0, 1001.0, 1000.0]


def test_who_has_no_place_has_no_answer_by_a_matrix_either():
    people = frame([121.4] * 3, [31.2] * 3, population=[10, 30, 5])
    people.geometry = [people.geometry[0], None, None]
    homes = frame([121.4], [31.2], beds_total=[20])
    cost = sparse.csr_array((np.array([900.0]), ([2], [0])), shape=(3, 1))
    own = gm.accessibility(people, homes, threshold_m=S, method="2sfca", cost=cost)
    assert own.tolist() == pytest.approx([0, np.nan, 4], nan_ok=True)
    assert own.attrs["left_out"]["demand_without_place"] == 1


def test_a_point_without_coordinates_has_no_answer():
    people = frame([121.4, np.nan], [31.2, np.nan], population=[10, 30])
    homes = frame([121.4], [31.2], beds_total=[20])
    own = gm.accessibility(people, homes, threshold_m=S, method="2sfca")
    assert own.tolist() == pytest.approx([2, np.nan], nan_ok=True)


def test_unknown_supply_and_people_are_left_out_and_counted():
    lon, lat = [121.4] * 5, [31.2] * 5
    homes = frame(lon, lat, beds_total=pd.array([10, None, 20, 40, 30], dtype="Int64"))
    homes["status"] = ["open", "open", "closed", None, "open"]
    homes.geometry = [*homes.geometry[:4], None]
    people = frame(lon[:4], lat[:4], population=[100, np.nan, 0, 50])
    people.geometry = [*people.geometry[:3], None]
    own = gm.accessibility(people, homes, threshold_m=S, method="2sfca")
    assert own.iloc[:3].tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert np.isnan(own.iloc[3])
    assert own.attrs["left_out"] == {
        "supply_unknown": 1,
        "not_in_service": 1,
        "facility_without_place": 1,
        "weight_unknown": 1,
        "demand_without_place": 1,
    }


def test_beds_that_cannot_be_read_are_unknown_and_counted():
    homes = frame([121.4] * 3, [31.2] * 3, beds_total=["x", "1,000", None])
    people = frame([121.4], [31.2], population=[500])
    own = gm.accessibility(people, homes, threshold_m=S, method="2sfca")
    assert own.tolist() == [2.0]
    assert own.attrs["left_out"]["supply_unknown"] == 2


def test_a_home_that_only_empty_places_reach_has_no_ratio():
    homes = frame([121.4], [31.2], beds_total=[10])
    people = frame([121.4], [31.2], population=[0])
    found = measure_access(people, homes, threshold_m=S)
    assert found.per_demand.tolist() == [0.0]
    assert np.isnan(found.per_facility[0])
    assert (found.reached, found.unreached) == (0.0, 10.0)


def test_without_facilities_or_without_demand_there_is_nothing_to_reach():
    people, homes = city(1)
    assert gm.accessibility(people, homes[:0], threshold_m=S).tolist() == [0.0] * 60
    assert gm.accessibility(people[:0], homes, threshold_m=S).empty


def test_polygons_and_other_systems_are_taken_at_a_point_inside():
    people, homes = city(4)
    cells = people.set_geometry(people.to_crs("EPSG:32651").buffer(1.0))
    assert cells.crs.to_epsg() == 32651
    own = gm.accessibility(cells, homes.to_crs("EPSG:4490"), threshold_m=S, method="2sfca")
    points = gm.accessibility(people, homes, threshold_m=S, method="2sfca")
    np.testing.assert_allclose(own, points, rtol=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold_m": 0},
        {"threshold_m": -1},
        {"threshold_m": 1e6},
        {"threshold_m": float("nan")},
        {"threshold_m": float("inf")},
        {"threshold_m": "1000"},
        {"threshold_m": True},
        {"method": "4sfca"},
        {"decay": "linear"},
        {"supply": "nothing"},
        {"weight": "nothing"},
        {"supply": "name"},
        {"steps": {500: 1.0}},
        {"decay": "stepped", "steps": {}},
        {"decay": "stepped", "steps": {0: 1.0}},
        {"decay": "stepped", "steps": {500: -1.0}},
        {"decay": "stepped", "steps": {500: 1.0}, "method": "2sfca"},
        {"cost": np.zeros((60, 15))},
        {"cost": sparse.csr_array((15, 60))},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong):
    people, homes = city(1)
    homes["name"] = "x"
    with pytest.raises(ParameterError):
        gm.accessibility(people, homes, **{"threshold_m": S, **wrong})


def test_negative_amounts_and_distances_are_refused():
    people, homes = city(1)
    with pytest.raises(DataError, match="position 3"):
        gm.accessibility(people, homes.assign(beds_total=[1, 1, 1, -2] + [1] * 11), threshold_m=S)
    with pytest.raises(DataError, match="population"):
        gm.accessibility(people.assign(population=-1.0), homes, threshold_m=S)
    for bad in (-1.0, np.nan):
        cost = sparse.csr_array((np.array([bad]), ([0], [0])), shape=(60, 15))
        with pytest.raises(DataError, match="cost"):
            gm.accessibility(people, homes, threshold_m=S, cost=cost)


def test_frames_without_a_system_are_refused():
    people, homes = city(1)
    with pytest.raises(CRSError):
        gm.accessibility(people.set_crs(None, allow_override=True), homes, threshold_m=S)
